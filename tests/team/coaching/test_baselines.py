"""Where an agent stands; truth is analytic, or the distribution that values were drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from speechcoach.errors import UsageError
from speechcoach.team.coaching import LEAST_CALLS, Baseline, NotEnough, baseline, consistency, metric, metrics
from speechcoach.team.coaching.estimates import centre, squared_error, student, widened_tail
from tests.team.coaching.made import day, seen


def test_the_centre_is_the_mean_without_the_outer_tenths():
    values = [0.0, *range(50, 58), 100.0]
    assert centre(np.array(values), 0.1) == np.mean(range(50, 58))
    assert baseline(seen(values)).centre == 53.5


def test_one_odd_call_hardly_moves_it():
    plain, odd = (baseline(seen([*range(150, 169), last], "rate_wpm")).centre for last in (169, 900))
    assert abs(plain - odd) < 1.0


def test_the_error_without_trimming_is_the_textbooks():
    values = np.array([3.0, 5.0, 8.0, 13.0])
    assert squared_error(values, 0.0) == pytest.approx(values.var(ddof=1) / 4)


@pytest.mark.parametrize(("freedom", "value"), [(7, 2.365), (9, 2.262), (19, 2.093), (39, 2.023), (1000, 1.962)])
def test_students_quantile_is_the_tables(freedom, value):
    """Truth: printed tables of Student's t."""
    assert student(0.975, freedom) == pytest.approx(value, abs=0.005)
    assert widened_tail(freedom + 1) < 0.025


def test_the_interval_holds_the_true_centre_as_often_as_it_says():
    """Truth: the centre of what the values are drawn from, a score with many at 100, exact."""
    chance, held, rounds = np.random.default_rng(3), 0, 300
    population = np.repeat([40.0, 70.0, 85.0, 100.0], [10, 20, 30, 40])
    for _ in range(rounds):
        known = baseline(seen(chance.choice(population, 15)))
        held += known.interval.low - 1e-9 <= centre(population, 0.1) <= known.interval.high + 1e-9
    assert held / rounds > 0.92


def test_too_few_calls_say_how_many_it_takes():
    known = baseline(seen([80.0] * 9 + [None] * 4))
    assert isinstance(known, NotEnough)
    assert (known.have, known.need) == (9, LEAST_CALLS)
    assert "4 more could not be judged" in known.why
    assert isinstance(baseline(seen([80.0] * 10)), Baseline)


def test_what_was_not_judged_is_no_zero():
    known = baseline(seen([90.0, None] * 12))
    assert (known.centre, known.calls, known.unjudged) == (90.0, 12, 12)


def test_languages_agents_and_metrics_are_not_mixed():
    with pytest.raises(UsageError, match="calls in en and es are not compared"):
        baseline([*seen([80.0] * 10), *seen([80.0] * 10, locale="es")])
    with pytest.raises(UsageError, match="agents are not compared"):
        baseline([*seen([80.0] * 10), *seen([80.0] * 10, agent="Ben")])
    with pytest.raises(UsageError, match="one metric"):
        baseline([*seen([80.0] * 10), *seen([80.0] * 10, "voice")])
    with pytest.raises(UsageError, match="no calls"):
        baseline([])


def test_the_same_calls_give_the_same_numbers():
    values = np.random.default_rng(1).uniform(50, 100, 30)
    assert baseline(seen(values)) == baseline(seen(values))
    known = baseline(seen(values))
    assert (known.first_at, known.last_at) == (day(0), day(29))


def test_consistency_is_the_distance_of_the_quartiles():
    known = consistency(seen([60.0] * 5 + [70.0] * 10 + [80.0] * 5))
    assert (known.low, known.high) == (67.5, 72.5)
    assert known.interval.holds(known.spread)
    assert known.said == "Half of your calls lie between 68 and 72 points"
    assert consistency(seen([100.0] * 12)).said == "At least half of your calls are at 100 points"
    assert isinstance(consistency(seen([100.0] * 9)), NotEnough)


def test_more_scatter_is_a_wider_spread():
    chance = np.random.default_rng(2)
    narrow, wide = (consistency(seen(chance.normal(80, scatter, 60))) for scatter in (3, 12))
    assert narrow.interval.high < wide.interval.low


def test_every_metric_says_what_it_is_and_no_voice_is_a_yardstick():
    for name, what in metrics().items():
        assert what.name == name and what.title and what.source
        assert len(name) <= 64, "the store's column is so wide"
        if what.kind == "voice" or what.column:
            assert what.direction == "none", name
    assert [name for name, what in metrics().items() if what.kind == "score"][:2] == ["attention", "understanding"]
    with pytest.raises(UsageError, match="no such metric; the known ones are attention"):
        metric("charm")


def test_a_number_for_people_has_no_minus_zero():
    assert metric("first_30_s_level_db").number(-0.04) == "0.0"
