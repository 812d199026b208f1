"""Goals: one metric, a target among the agent's own good calls, a number of calls, and one look at the end.

Conventions: a goal is open until so many calls have been judged since it was set; then it is looked at once, so that no
lucky run of calls along the way can be taken for success. It is reached where the window's centre is at the target,
differs from the baseline by the minimum effect, and the difference is supported (`comparing.change`, one metric chosen
beforehand). Every function is pure: it returns records, and the caller keeps them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import NormalDist
from typing import Literal

import numpy as np

from speechcoach.errors import UsageError
from speechcoach.team.coaching.baselines import LEAST_CALLS, Baseline, NotEnough, baseline, one_kind, values_of
from speechcoach.team.coaching.comparing import POWER, Change, Windows, change, split
from speechcoach.team.coaching.estimates import LEVEL, Interval, centre
from speechcoach.team.coaching.followed import Metric, Observation, metric

State = Literal["open", "reached", "missed", "withdrawn"]
BEFORE_CALLS = 40  # of the agent's newest calls, that a goal starts from
MOST_CALLS = 60  # of a window: a goal that takes longer to judge is too small


@dataclass(frozen=True, slots=True)
class Goal:
    """What is aimed at, as the table `goal` keeps it; `minimum_effect` is a distance from the baseline, >= 0."""

    agent: str
    metric: str
    locale: str
    baseline: float
    target: float
    minimum_effect: float
    window_calls: int
    set_by: str
    set_at: datetime
    state: State = "open"


@dataclass(frozen=True, slots=True)
class GoalEvent:
    """A line of a goal's history: the state from then on, the window's centre where one is known, and why."""

    at: datetime
    state: State
    value: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an open goal is: calls judged since it was set, of those it takes, and their centre so far."""

    calls: int
    of: int
    value: float | None


def target_range(observations: Sequence[Observation]) -> Interval | NotEnough:
    """Where a target may lie: between the agent's own p75 and p90 (p25 and p10 where less is better).

    Where the agent's good calls are already as good as can be (a quarter of them at 100 points), the range begins
    halfway between the centre and there: to be perfect in every call is no goal. Raises UsageError for a metric that
    is no yardstick, and where there is no room left.
    """
    what, _, _ = one_kind(observations)
    _aimable(what)
    known = baseline(observations[-BEFORE_CALLS:])
    return known if isinstance(known, NotEnough) else _range(what, known)


def set_goal(
    observations: Sequence[Observation],
    *,
    target: float | None = None,
    window_calls: int | None = None,
    minimum_effect: float | None = None,
    set_by: str,
    set_at: datetime,
) -> tuple[Goal, GoalEvent]:
    """A new goal and the first line of its history.

    `observations`, of one metric in order of time, are the calls before `set_at`. What is not given is chosen: the near
    end of the range, half the way there as minimum effect, and as many calls as show such a step in 4 of 5 cases.
    Raises UsageError where the target is outside the agent's range (the sentence names it), or the calls are too few.
    """
    what, agent, locale = one_kind(observations)
    _aimable(what)
    listed = [item for item in observations if not item.recorded_at or item.recorded_at <= set_at][-BEFORE_CALLS:]
    known = baseline(listed) if listed else NotEnough(what.name, 0, LEAST_CALLS, "there are no calls before the goal")
    if isinstance(known, NotEnough):
        raise UsageError(f"{what.title}: no goal yet: {known.why}")
    wanted = _checked(what, known, target)
    step = abs(wanted - known.centre)
    least = step / 2 if minimum_effect is None else minimum_effect
    if not 0 < least <= step:
        raise UsageError(
            f"{what.title}: a minimum effect of {least:g} cannot be meant; the target is {step:.2g} from the baseline, "
            f"so choose more than 0 and at most {step:.2g}"
        )
    needed = window_for(listed, wanted)
    calls = needed if window_calls is None else window_calls
    if not LEAST_CALLS <= calls <= MOST_CALLS:
        raise UsageError(f"{calls} calls: a goal is judged on {LEAST_CALLS} to {MOST_CALLS} calls; choose among those")
    goal = Goal(agent, what.name, locale, known.centre, wanted, least, calls, set_by, set_at)
    why = f"from {what.shown(known.centre)} over {known.calls} calls to {what.shown(wanted)} over the next {calls}"
    if calls < needed or needed == MOST_CALLS:
        why += "; calls vary so much that such a step may stay hidden in so few"
    return goal, GoalEvent(set_at, "open", known.centre, why)


def newest(observations: Sequence[Observation]) -> Sequence[Observation]:
    """Where the agent stands now: the newer half of the calls, up to 20; all of them where that is too few.

    A goal begins from it: from calls before an improvement it would aim at what is reached already.
    """
    _, now = split(observations)
    return now if sum(item.value is not None for item in now) >= LEAST_CALLS else observations


def window_for(observations: Sequence[Observation], target: float) -> int:
    """Calls that show the step from the baseline to the target in 4 of 5 cases, in fives, as far as a goal may have."""
    values = values_of(observations[-BEFORE_CALLS:])
    step = abs(target - float(centre(values, metric(observations[0].metric).trim)))
    reach = NormalDist().inv_cdf((1 + LEVEL) / 2) + NormalDist().inv_cdf(POWER)
    room = (step / (reach * float(values.std(ddof=1)))) ** 2 - 1 / len(values) if values.std() > 0 else 1.0
    need = math.ceil(1 / room / 5) * 5 if room > 1 / MOST_CALLS else MOST_CALLS
    return min(max(need, LEAST_CALLS), MOST_CALLS)


def progress(goal: Goal, observations: Sequence[Observation]) -> Progress:
    """How far the goal is."""
    values = values_of(_since(goal, observations))
    value = float(centre(values, metric(goal.metric).trim)) if len(values) else None
    return Progress(len(values), goal.window_calls, value)


def assess(goal: Goal, observations: Sequence[Observation], at: datetime) -> GoalEvent | None:
    """What becomes of an open goal: a line of history that ends it, or None while its calls are not all there.

    `observations` are all of the agent's, of the goal's metric and language, from before and after it was set. Where
    the calls after cannot be compared with those before, the line's state stays "open" and says why.
    Raises UsageError where they are of another metric, agent or language.
    """
    if goal.state != "open" or len(_since(goal, observations)) < goal.window_calls:
        return None
    what, agent, locale = one_kind(observations)
    if (what.name, agent, locale) != (goal.metric, goal.agent, goal.locale):
        raise UsageError(
            f"the goal is of {goal.agent}, {goal.metric}, {goal.locale}; these calls are of "
            f"{agent}, {what.name}, {locale}"
        )
    window = _since(goal, observations)
    before = [item for item in observations if item.recorded_at and item.recorded_at < goal.set_at]
    seen = change([*before, *window], Windows(before_calls=BEFORE_CALLS, since=goal.set_at))
    value = float(centre(values_of(window), what.trim))
    if isinstance(seen, NotEnough):
        return GoalEvent(at, "open", value, f"the calls since then cannot be compared with those before: {seen.why}")
    return GoalEvent(at, *_judged(goal, what, value, seen))


def withdraw(goal: Goal, at: datetime, why: str) -> GoalEvent:
    """The line that ends an open goal without a judgement. Raises UsageError where it is not open, or `why` empty."""
    if goal.state != "open":
        raise UsageError(f"the goal is {goal.state} already; only an open one can be withdrawn")
    if not why.strip():
        raise UsageError("say why the goal is withdrawn, in a few words: its history keeps them")
    return GoalEvent(at, "withdrawn", None, why.strip())


def advanced(goal: Goal, event: GoalEvent) -> Goal:
    """The goal after a line of its history."""
    return replace(goal, state=event.state)


def _aimable(what: Metric) -> None:
    if not what.sign:
        raise UsageError(
            f"{what.title}: no goal can be set, for neither more nor less of it is better; it can be followed as your "
            "own habit"
        )


def _range(what: Metric, known: Baseline) -> Interval:
    best = (what.bounds or (0.0, math.inf))[1] if what.sign > 0 else 0.0
    near, far = (known.p75, known.p90) if what.sign > 0 else (known.p25, known.p10)
    if near == best:
        near, far = (known.centre + best) / 2, best
    if (near - known.centre) * what.sign <= 0:
        near = far
    if (far - known.centre) * what.sign <= 0:
        raise UsageError(
            f"{what.title}: your centre of {what.shown(known.centre)} is as good as your good calls; there is no room "
            "for a goal, so choose another metric"
        )
    return _whole(what, min(near, far), max(near, far))


def _whole(what: Metric, low: float, high: float) -> Interval:
    """The range in the steps in which it is told, so that its ends as told are inside it."""
    step = 10.0**-what.digits
    inner = Interval(*sorted((round(math.ceil(low / step) * step, 6), round(math.floor(high / step) * step, 6))))
    return inner if low <= inner.low and inner.high <= high else Interval(low, high)


def _checked(what: Metric, known: Baseline, target: float | None) -> float:
    allowed = _range(what, known)
    if target is None:
        return allowed.low if what.sign > 0 else allowed.high
    if not allowed.holds(round(target, 6)):
        low, high = what.shown(allowed.low), what.shown(allowed.high)
        raise UsageError(
            f"{what.title}: {what.shown(target)} is not among what your own good calls show; choose a target from "
            f"{low} to {high}"
        )
    return target


def _since(goal: Goal, observations: Sequence[Observation]) -> list[Observation]:
    """The judged calls of the goal's window, in order of time."""
    after = [item for item in observations if item.recorded_at and item.recorded_at >= goal.set_at]
    judged = sorted(
        (item for item in after if item.value is not None), key=lambda item: (item.recorded_at, item.call_id)
    )
    return judged[: goal.window_calls]


def _judged(goal: Goal, what: Metric, value: float, seen: Change) -> tuple[State, float, str]:
    at_target = (value - goal.target) * what.sign >= 0
    far_enough = (value - goal.baseline) * what.sign >= goal.minimum_effect
    said = f"{what.shown(value)} over {goal.window_calls} calls; the target was {what.shown(goal.target)}"
    if at_target and far_enough and seen.is_celebrated:
        return "reached", value, f"{said}, and the change is more than chance"
    if at_target and far_enough:
        return "missed", value, f"{said}, but calls vary so much that this may be chance: set it again for more calls"
    direction = "on the way from" if (value - goal.baseline) * what.sign > np.finfo(float).eps else "not beyond"
    return "missed", value, f"{said}; {direction} the {what.shown(goal.baseline)} that it began with"
