"""Goals: where a target may lie, and what becomes of one; truth is the values, which are chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speechcoach.errors import UsageError
from speechcoach.team.coaching import (
    NotEnough,
    advanced,
    assess,
    progress,
    set_goal,
    target_range,
    window_for,
    withdraw,
)
from tests.team.coaching.made import day, seen

BEFORE = [50.0, 60.0, 62.0, 64.0, 66.0, 68.0, 70.0, 72.0, 75.0, 85.0] * 4  # p75 71.5, p90 76
AT = day(40)


def goal_of(before=BEFORE, metric="attention", **options):
    goal, event = set_goal(seen(before, metric), set_by="Ana", set_at=AT, **options)
    assert event.state == "open"
    return goal


def later(values, metric="attention"):
    return seen(values, metric, first_day=41)


def test_a_target_lies_among_the_agents_own_good_calls():
    allowed = target_range(seen(BEFORE))
    assert (allowed.low, allowed.high) == (72.0, 76.0)
    assert goal_of().target == 72.0
    assert goal_of(target=75.0).target == 75.0
    for wrong in (71.0, 77.0, 100.0):
        with pytest.raises(UsageError, match=r"Attention: .* choose a target from 72 points to 76 points"):
            goal_of(target=wrong)


def test_where_less_is_better_the_good_calls_are_the_low_ones():
    cuts = [1.0, 2.0, 4.0, 5.0, 6.0, 6.0, 7.0, 8.0, 9.0, 12.0] * 4
    allowed = target_range(seen(cuts, "interruption_per_10_min"))
    assert np.quantile(cuts, 0.1) <= allowed.low < allowed.high <= np.quantile(cuts, 0.25)
    assert goal_of(cuts, "interruption_per_10_min").target == allowed.high


def test_to_be_perfect_in_every_call_is_not_asked_for():
    allowed = target_range(seen([60.0, 80.0, 100.0, 100.0] * 10))
    assert (allowed.low, allowed.high) == (94.0, 100.0)  # the centre is 87.5
    with pytest.raises(UsageError, match="no room for a goal"):
        target_range(seen([100.0] * 20))


def test_a_voice_is_no_goal_and_few_calls_have_none():
    with pytest.raises(UsageError, match="neither more nor less of it is better"):
        target_range(seen([160.0] * 20, "rate_wpm"))
    assert isinstance(target_range(seen(BEFORE[:9])), NotEnough)
    with pytest.raises(UsageError, match="no goal yet: 9 of the 10 calls"):
        set_goal(seen(BEFORE[:9]), set_by="Ana", set_at=AT)


def test_options_that_cannot_be_meant_are_named():
    with pytest.raises(UsageError, match="minimum effect of 40 cannot be meant"):
        goal_of(minimum_effect=40.0)
    with pytest.raises(UsageError, match="5 calls: a goal is judged on 10 to 60"):
        goal_of(window_calls=5)


def test_a_larger_step_takes_fewer_calls_and_a_hidden_one_is_told():
    listed = seen(BEFORE)
    assert window_for(listed, 90.0) < window_for(listed, 76.0)
    _, event = set_goal(listed, window_calls=10, set_by="Ana", set_at=AT)
    assert "may stay hidden" in event.why


def test_it_is_open_until_all_its_calls_are_there():
    goal = goal_of(window_calls=20)
    known = [*seen(BEFORE), *later([76.0, None] * 19)]
    assert assess(goal, known, day(90)) is None
    assert (progress(goal, known).calls, progress(goal, known).value) == (19, 76.0)
    assert progress(goal, seen(BEFORE)).value is None


def test_reached_missed_and_by_chance():
    goal = goal_of(target=76.0, window_calls=20)
    reached = assess(goal, [*seen(BEFORE), *later([80.0, 78.0, 84.0, 86.0] * 5)], day(90))
    assert (reached.state, advanced(goal, reached).state) == ("reached", "reached")
    assert "more than chance" in reached.why
    missed = assess(goal, [*seen(BEFORE), *later([70.0, 72.0, 74.0, 71.0] * 5)], day(90))
    assert missed.state == "missed" and "on the way" in missed.why
    worse = assess(goal, [*seen(BEFORE), *later([50.0, 52.0] * 10)], day(90))
    assert worse.state == "missed" and "not beyond" in worse.why
    lucky = assess(goal, [*seen(BEFORE), *later([5.0] * 4 + [100.0] * 16)], day(90))
    assert lucky.state == "missed" and "may be chance" in lucky.why


def test_only_the_first_calls_of_the_window_count():
    """Who waits for a lucky run does not get it."""
    goal = goal_of(target=76.0, window_calls=20)
    values = [66.0, 68.0] * 10 + [100.0] * 40
    assert assess(goal, [*seen(BEFORE), *later(values)], day(120)).state == "missed"


def test_where_the_queue_is_another_it_stays_open_and_says_why():
    goal = goal_of(window_calls=20)
    before = seen(BEFORE, queues=["old"] * 40)
    after = [replace(item, queue="new") for item in later([90.0, 92.0] * 10)]
    event = assess(goal, [*before, *after], day(90))
    assert event.state == "open" and "cannot be compared" in event.why


def test_a_goal_is_withdrawn_with_a_reason_and_once():
    goal = goal_of()
    event = withdraw(goal, day(50), " another team ")
    assert (event.state, event.why) == ("withdrawn", "another team")
    with pytest.raises(UsageError, match="say why"):
        withdraw(goal, day(50), " ")
    gone = advanced(goal, event)
    with pytest.raises(UsageError, match="withdrawn already"):
        withdraw(gone, day(51), "again")
    assert assess(gone, [*seen(BEFORE), *later([90.0] * 60)], day(120)) is None


def test_a_goal_of_one_language_is_not_judged_by_another():
    goal = replace(goal_of(window_calls=10), locale="es")
    with pytest.raises(UsageError, match="the goal is of Ana, attention, es"):
        assess(goal, [*seen(BEFORE), *later([90.0] * 20)], day(90))
