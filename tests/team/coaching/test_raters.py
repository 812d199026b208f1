"""Self, peer, machine; truth is the answers, which are chosen, and a published worked example of alpha."""

from __future__ import annotations

import numpy as np
import pytest

from speechcoach.errors import UsageError
from speechcoach.team.coaching import Rating, agreement, gaps
from speechcoach.team.coaching import raters as room
from speechcoach.team.coaching.raters import LEAST_UNITS

ITEMS = ("attending_room", "attending_present", "attending_signs")


def rated(call, rater, kind, value, items=ITEMS):
    return [Rating(f"{call}", rater, kind, item, value) for item in items]


def gap_of(found, one, other, dimension="attending"):
    return next(gap for gap in found if (gap.dimension, gap.one, gap.other) == (dimension, one, other))


def test_gaps_are_told_with_their_intervals():
    chance = np.random.default_rng(1)
    ratings, machine = [], {}
    for call in range(12):
        level = int(chance.integers(3, 6))
        ratings += (
            rated(call, "ana", "self", level + 2) + rated(call, "qa", "qa", level) + rated(call, "bo", "peer", level)
        )
        machine[f"{call}"] = {"attention": (level - 1) / 6 * 100}
    found = gaps(ratings, machine)
    assert len(found) == 15
    above = gap_of(found, "self", "peer")
    assert above.difference == pytest.approx(2.0) and above.is_supported and above.calls == 12
    level = gap_of(found, "peer", "machine")
    assert level.difference == pytest.approx(0.0, abs=1e-9) and not level.is_supported


def test_a_rater_with_many_answers_counts_once():
    one = rated(0, "a", "peer", 7) + rated(0, "b", "peer", 1, ITEMS[:1]) + rated(0, "ana", "self", 4)
    ratings = [Rating(f"{n}", r.rater, r.kind, r.item, r.value) for n in range(LEAST_UNITS) for r in one]
    assert gap_of(gaps(ratings, {}), "self", "peer").difference == 0.0


def test_below_enough_calls_nothing_is_shown():
    ratings = [r for n in range(LEAST_UNITS - 1) for r in rated(n, "ana", "self", 6) + rated(n, "qa", "qa", 2)]
    found = gap_of(gaps(ratings, {}), "self", "peer")
    assert (found.difference, found.interval) == (None, None)
    assert f"{LEAST_UNITS - 1} of the {LEAST_UNITS} calls" in found.why
    assert not found.is_supported
    assert agreement(ratings, "attending").alpha is None


def test_what_the_machine_did_not_judge_is_left_out():
    ratings = [r for n in range(10) for r in rated(n, "ana", "self", 4)]
    machine = {f"{n}": {"attention": 50.0 if n < 8 else None} for n in range(10)}
    assert gap_of(gaps(ratings, machine), "self", "machine").calls == 8


def test_alpha_is_the_published_one():
    """Truth: the worked example with ordinal alpha 0.815 (Krippendorff 2011, Computing Krippendorff's
    alpha-reliability, section D), four raters, twelve units, some answers missing."""
    o = np.nan
    table = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, o, o, o],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, o, 3],
        [o, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, o],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, o],
    ]
    assert room._alpha(np.array(table).T[:, :, None]) == pytest.approx(0.815, abs=0.001)


def test_people_who_agree_and_people_who_guess():
    chance = np.random.default_rng(2)
    alike, guessed = [], []
    for call in range(20):
        level = int(chance.integers(1, 8))
        for rater in ("qa", "bo"):
            alike += rated(call, rater, "peer", level)
            guessed += [r for item in ITEMS for r in rated(call, rater, "peer", int(chance.integers(1, 8)), (item,))]
    same, luck = agreement(alike, "attending"), agreement(guessed, "attending")
    assert same.alpha == pytest.approx(1.0)
    assert luck.interval.holds(0.0) and luck.interval.high < 0.6
    assert (same.calls, same.raters) == (20, 2)


def test_self_ratings_and_single_raters_are_no_agreement():
    ratings = [r for n in range(20) for r in rated(n, "ana", "self", 6) + rated(n, "qa", "qa", 6)]
    assert agreement(ratings, "attending").calls == 0
    flat = [r for n in range(20) for r in rated(n, "bo", "peer", 5) + rated(n, "qa", "qa", 5)]
    assert "all answers are alike" in agreement(flat, "attending").why


def test_answers_that_cannot_be_meant():
    with pytest.raises(UsageError, match="no such item of the form; the known ones are attending_room"):
        Rating("0", "qa", "qa", "charm", 4)
    with pytest.raises(UsageError, match="from 1 to 7"):
        Rating("0", "qa", "qa", ITEMS[0], 8)
    with pytest.raises(UsageError, match="self, qa, peer"):
        Rating("0", "qa", "boss", ITEMS[0], 4)
    with pytest.raises(UsageError, match="no such dimension"):
        agreement([], "charm")
