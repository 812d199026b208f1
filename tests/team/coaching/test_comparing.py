"""Did it change? Truth is planted: values are drawn from one distribution, or from two."""

from __future__ import annotations

import numpy as np
import pytest

from speechcoach.errors import UsageError
from speechcoach.team.coaching import Change, NotEnough, Windows, change, changes, metrics, split
from tests.team.coaching.made import day, seen

SCORES = [name for name, what in metrics().items() if what.kind == "score"]
POINTS = np.array([40.0, 55.0, 70.0, 85.0, 100.0])
USUAL = (0.1, 0.15, 0.2, 0.2, 0.35)  # bounded, skewed, a third at 100


def drawn(chance: np.random.Generator, calls: int, shares=USUAL) -> np.ndarray:
    return chance.choice(POINTS, calls, p=shares)


def test_pages_on_which_nothing_changed_celebrate_by_chance_in_five_of_a_hundred_at_most():
    chance, pages = np.random.default_rng(5), 60
    false = 0
    for _ in range(pages):
        found = changes({name: seen(drawn(chance, 40), name) for name in SCORES})
        false += any(item.is_celebrated for item in found.values())
    assert false / pages <= 0.05


def test_neighbouring_calls_that_resemble_each_other_do_not_make_progress():
    """A slow wave through all scores: a test that knows nothing of it celebrates far more often."""
    chance, pages, false = np.random.default_rng(6), 40, 0
    for _ in range(pages):
        wave = np.zeros(40)
        for place in range(1, 40):
            wave[place] = 0.4 * wave[place - 1] + chance.normal(0, 8)
        found = changes({name: seen(np.clip(75 + wave + chance.normal(0, 4, 40), 0, 100), name) for name in SCORES})
        false += any(item.is_celebrated for item in found.values())
    assert false / pages <= 0.1


def test_a_large_step_is_seen_among_eight_scores():
    """Planted: from 77 to 95 points, about one standard deviation of a call; power 0.8 with 40 calls each."""
    chance, pages, seen_ = np.random.default_rng(7), 25, 0
    better = (0.0, 0.02, 0.08, 0.2, 0.7)
    for _ in range(pages):
        series = {name: seen(drawn(chance, 80), name) for name in SCORES}
        series["attention"] = seen([*drawn(chance, 40), *drawn(chance, 40, better)])
        found = changes(series, Windows(40, 40))
        seen_ += found["attention"].is_celebrated
        assert found["attention"].detectable < 20
    assert seen_ / pages >= 0.8


def test_less_is_better_where_the_metric_says_so():
    cuts = seen([6.0, 7.0, 8.0, 7.5, 6.5] * 4 + [1.0, 2.0, 0.0, 1.5, 0.5] * 4, "interruption_per_10_min")
    found = change(cuts)
    assert found.verdict == "improved" and found.difference < 0
    assert change(list(reversed_in_time(cuts))).verdict == "worsened"


def test_a_voice_moves_and_is_never_better():
    found = change(seen([160.0, 162.0, 158.0, 161.0] * 5 + [180.0, 182.0, 178.0, 181.0] * 5, "rate_wpm"))
    assert found.verdict == "moved"
    assert not found.is_celebrated


def reversed_in_time(observations):
    from dataclasses import replace

    values = [item.value for item in observations][::-1]
    return (replace(item, value=value) for item, value in zip(observations, values, strict=True))


def test_an_easier_queue_is_no_progress():
    """Planted: the hard queue falls from 15 to 5 of 20 calls, and neither queue changes."""
    chance = np.random.default_rng(8)
    queues = [*(["hard", "hard", "easy", "hard"] * 5), *(["easy", "hard", "easy", "easy"] * 5)]
    values = [float(chance.normal(60 if queue == "hard" else 90, 3)) for queue in queues]
    assert change(seen(values)).verdict == "improved", "who does not look at queues is taken in"
    found = change(seen(values, queues=queues))
    assert found.verdict == "no supported change"
    assert abs(found.difference) < 5


def test_a_queue_of_one_side_only_is_left_out_and_told():
    queues = ["old"] * 20 + ["old"] * 12 + ["new"] * 8
    found = change(seen([80.0, 90.0] * 20, queues=queues))
    assert (found.before_calls, found.now_calls, found.left_out) == (20, 12, ("new",))
    moved = change(seen([80.0, 90.0] * 20, queues=["old"] * 20 + ["new"] * 20))
    assert isinstance(moved, NotEnough)


def test_too_few_calls_of_one_metric_leave_the_others_alone():
    few = [None] * 31 + [90.0] * 9
    found = changes({"attention": seen([80.0, 90.0] * 20), "clarity": seen(few, "clarity")})
    assert isinstance(found["attention"], Change)
    assert isinstance(found["clarity"], NotEnough)
    assert found["clarity"].have == 0
    assert list(found) == ["attention", "clarity"]


def test_each_further_metric_widens_the_intervals():
    """Calls go up and down, so that neighbours share nothing that would widen them too."""
    chance, turn = np.random.default_rng(9), np.tile([1, -1], 20)
    series = {name: seen(80 + turn * np.abs(chance.normal(0, 8, 40)), name) for name in SCORES}
    alone, among = change(series["attention"]).interval, changes(series)["attention"].interval
    assert among.high - among.low > 1.1 * (alone.high - alone.low)


def test_calls_that_are_all_alike_are_no_change():
    found = change(seen([100.0] * 40))
    assert (found.verdict, found.difference, found.detectable) == ("no supported change", 0.0, 0.0)


def test_the_newest_calls_are_now_and_the_day_of_a_training_divides():
    listed = seen(range(70))
    before, now = split(list(reversed(listed)))
    assert [item.value for item in now] == list(range(50, 70))
    assert [item.value for item in before] == list(range(10, 50))
    before, now = split(seen(range(24)))
    assert (len(before), len(now)) == (12, 12)
    before, now = split(listed, Windows(since=day(60)))
    assert (len(before), len(now)) == (40, 10)


def test_languages_are_not_compared():
    with pytest.raises(UsageError, match="are not compared"):
        changes({"attention": [*seen([80.0] * 20), *seen([80.0] * 20, locale="es", first_day=20)]})
