"""What is known of an agent's calls in sentences, in the second person; no verdict that the numbers do not carry."""

from __future__ import annotations

from speechcoach.team.coaching.baselines import LEAST_CALLS, Baseline, NotEnough
from speechcoach.team.coaching.comparing import Change
from speechcoach.team.coaching.followed import Metric
from speechcoach.team.coaching.raters import Agreement, Gap
from speechcoach.team.coaching.summary import Coaching, GoalLine, Line, Work

LANGUAGES = {"en": "English", "es": "Spanish", "und": "an unknown language"}
STATES = {"open": "Open", "reached": "Reached", "missed": "Not reached", "withdrawn": "Withdrawn"}
VERDICTS = {
    "improved": "Better",
    "worsened": "Lower than before",
    "moved": "Another habit",
    "no supported change": "No change to tell",
}
_SIDES = {"self": "you", "peer": "others", "machine": "the machine"}
_SURE, _FAIRLY = 0.8, 0.5
_SHOWS = 0.1  # of an interval: a smaller difference between two ways of counting is not worth a sentence


def language(code: str) -> str:
    """A language's name, or its code where there is no name."""
    return LANGUAGES.get(code, code)


def stands(line: Line) -> str:
    """Where a metric stands."""
    known = line.stands
    if isinstance(known, NotEnough):
        return f"Not enough calls yet: {known.why}."
    what, low, high = line.metric, known.interval.low, known.interval.high
    if low == high:
        return f"{what.shown(known.centre)} in nearly every one of {known.calls} calls."
    if what.number(low) == what.number(high):
        return f"{what.shown(known.centre)} over {known.calls} calls."
    reach = f"very likely between {what.number(low)} and {what.number(high)}"
    return f"{what.shown(known.centre)}, {reach}, over {known.calls} calls."


def verdict(line: Line) -> str:
    """The short word for what became of a metric."""
    return "Not enough calls" if isinstance(line.change, NotEnough) else VERDICTS[line.change.verdict]


def moved(line: Line) -> str:
    """How a metric moved, and how much of it is more than chance."""
    if isinstance(line.change, NotEnough):
        return f"Not enough calls to compare: {line.change.why}."
    plain = [window.centre for window in (line.before, line.now) if isinstance(window, Baseline)]
    before, now = plain if len(plain) == 2 else (line.change.before, line.change.now)
    return _compared(line.metric, line.change, before, now) + _evened(line, before, now) + _left_out(line.change)


def _evened(line: Line, before: float, now: float) -> str:
    """Queues that came more often than before are evened out in the comparison; that is told where it shows."""
    what, found = line.metric, line.change
    if abs((now - before) - found.difference) <= (found.interval.high - found.interval.low) * _SHOWS:
        return ""
    return f" With your queues evened out it is {what.number(found.before)} and {what.number(found.now)}."


def _compared(what: Metric, found: Change, before_centre: float, now_centre: float) -> str:
    before, now = what.number(before_centre), what.shown(now_centre)
    widest = what.bounds[1] - what.bounds[0] if what.bounds else float("inf")  # no step is larger
    ends = [min(end, widest) for end in sorted((abs(found.interval.low), abs(found.interval.high)))]
    reach = f"between {what.number(ends[0])} and {what.number(ends[1])}"
    if found.verdict == "improved":
        return f"From {before} to {now}. That is more than chance: {reach} better."
    if found.verdict == "worsened":
        return (
            f"From {before} to {now}: more than chance, {reach}. Calls may have become harder; listen before you judge."
        )
    if found.verdict == "moved":
        return f"From {before} to {now}. Neither is better; it is only good to know."
    if found.detectable == 0:
        return f"{now} in nearly every call, before and now."
    return (
        f"{before} before, {now} now: nothing that can be told from chance. In so many calls a step of about "
        f"{what.number(found.detectable)} would show."
    )


def _left_out(found: Change) -> str:
    return f" Left out, for only one side has it: {', '.join(found.left_out)}." if found.left_out else ""


def alike(line: Line) -> str:
    """How alike the calls are."""
    if isinstance(line.alike, NotEnough):
        return f"Not enough calls yet: {line.alike.why}."
    return f"{line.alike.said}."


def why_this(work: Work) -> str:
    """Why this is the one thing."""
    found = work.weakness
    sure = "clearly" if found.sure >= _SURE else "probably" if found.sure >= _FAIRLY else "perhaps"
    return (
        f"It was flagged in {found.flagged} of your {found.calls} newest calls and cost about "
        f"{found.points:.0f} points a call: {sure} more than anything else."
    )


def no_work(it: Coaching) -> str:
    """Why nothing is named to work on."""
    count = len(it.calls)
    if count < LEAST_CALLS:
        there = f"{count} {'is' if count == 1 else 'are'} there"
        return f"After {LEAST_CALLS} calls one thing is named here, for fewer say too little; {there}."
    return "Nothing costs you as much as a point a call. Keep it, and choose what you would like to hear better."


def aim(line: GoalLine) -> str:
    """What a goal aims at."""
    goal, what = line.goal, line.metric
    return f"From {what.number(goal.baseline)} to {what.shown(goal.target)}, over {goal.window_calls} calls."


def goal_said(line: GoalLine) -> str:
    """What a goal aims at, and how far it is."""
    done = line.progress
    if line.goal.state != "open":
        return aim(line)
    if done.value is None:
        return f"{aim(line)} None of these calls has been made yet."
    so_far = line.metric.shown(done.value)
    return f"{aim(line)} {done.calls} of {done.of} calls so far, at {so_far}; it is judged when all are there."


def gap_said(gap: Gap) -> str:
    """How two listeners differ, on the form's scale."""
    if gap.difference is None or gap.interval is None:
        return f"{_sides(gap)}: {gap.why}."
    reach = f"between {_signed(gap.interval.low)} and {_signed(gap.interval.high)}"
    if not gap.is_supported:
        here = f"{_signed(gap.difference)}, {reach}; {gap.calls} calls"
        return f"{_sides(gap)}: no gap that can be told from chance ({here})."
    more = "higher" if gap.difference > 0 else "lower"
    return (
        f"{_SIDES[gap.one].capitalize()} rated {abs(gap.difference):.1f} points {more} than {_SIDES[gap.other]} "
        f"({reach}; {gap.calls} calls)."
    )


def agreement_said(found: Agreement) -> str:
    """How well those who rated agree."""
    if found.alpha is None or found.interval is None:
        return f"How well others agree: {found.why}."
    return (
        f"How well the {found.raters} others agree: {found.alpha:.2f}, very likely between {found.interval.low:.2f} "
        f"and {found.interval.high:.2f} (1 is perfect, 0 is chance; {found.calls} calls)."
    )


def tenths(known: Baseline, what: Metric) -> str:
    """Where single calls lie."""
    return f"{what.number(known.p10)} to {what.shown(known.p90)}"


def _signed(value: float) -> str:
    return f"{round(value, 1) + 0.0:+.1f}"


def _sides(gap: Gap) -> str:
    return f"{_SIDES[gap.one].capitalize()} and {_SIDES[gap.other]}"
