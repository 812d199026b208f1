"""All that a coach would say to one agent, as one record: what a page, a terminal or an application shows.

Conventions: strengths come first, one thing to work on, and no other agent is spoken of. The scores are looked at
together (`comparing.changes`), whatever goals are open: setting one moves no verdict, and a goal is judged by itself,
once. Voice and the two half-minutes are told without a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from speechcoach.errors import UsageError
from speechcoach.judgement.phrases import cue_title, score_title
from speechcoach.settings import Rubric
from speechcoach.team.coaching.aims import MOST_CALLS, Goal, GoalEvent, Progress, newest, progress, set_goal
from speechcoach.team.coaching.baselines import Baseline, NotEnough, baseline
from speechcoach.team.coaching.comparing import Change, Windows, changes, split
from speechcoach.team.coaching.exercises import Drill, drills
from speechcoach.team.coaching.followed import Metric, Observation, metric, metrics
from speechcoach.team.coaching.forms import form
from speechcoach.team.coaching.moments import Moment, best, worst
from speechcoach.team.coaching.raters import Agreement, Gap, Rating, agreement, gaps
from speechcoach.team.coaching.reading import CoachedCall, History, KeptGoal
from speechcoach.team.coaching.spreads import Consistency, consistency
from speechcoach.team.coaching.weakness import Weakness, weakest

_STRENGTHS = 4
_CLIPS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One metric: where it stands, how it moved, how alike the calls are; `before` and `now` are its windows."""

    metric: Metric
    observations: tuple[Observation, ...]
    stands: Baseline | NotEnough
    change: Change | NotEnough
    before: Baseline | NotEnough | None
    now: Baseline | NotEnough | None
    alike: Consistency | NotEnough
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """The one thing to work on: what costs most, its drill, and where to hear it and its opposite.

    `model` is the agent's own call with the highest score of the skill, where no best moment is a clip.
    """

    weakness: Weakness
    title: str
    skill: str
    drill: Drill | None
    best: tuple[Moment, ...]
    worst: tuple[Moment, ...]
    model: CoachedCall | None


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal with its metric, its history, and how far it is."""

    goal: Goal
    metric: Metric
    events: tuple[GoalEvent, ...]
    progress: Progress


@dataclass(frozen=True, slots=True)
class Listeners:
    """What the agent, others and the machine heard, by dimension."""

    title: str
    gaps: tuple[Gap, ...]
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Coaching:
    """What is said to an agent; `calls` are those of `locale`, in order of time.

    Numbers are of the newest `looked_at` of them, the two windows: who calls for years is not told of the first week.
    """

    agent: str
    locale: str
    others: tuple[tuple[str, int], ...]  # other languages, and how many calls are in them
    calls: tuple[CoachedCall, ...]
    looked_at: int
    first_at: datetime | None
    last_at: datetime | None
    strengths: tuple[Moment, ...]
    work: Work | None
    lines: tuple[Line, ...]
    edges: tuple[Line, ...]
    habits: tuple[Line, ...]
    goals: tuple[GoalLine, ...]
    suggestion: GoalLine | None  # a goal that could be set, where none is open
    listeners: tuple[Listeners, ...]
    notes: tuple[str, ...]

    @property
    def celebrated(self) -> tuple[Line, ...]:
        """The lines that improved, as far as can be told."""
        return tuple(line for line in self.lines if isinstance(line.change, Change) and line.change.is_celebrated)


def coaching(
    known: History,
    kept: Sequence[KeptGoal] = (),
    answers: Sequence[Rating] = (),
    *,
    windows: Windows | None = None,
    rubric: Rubric | None = None,
) -> Coaching:
    """What to say about a history, with the goals and ratings that are kept beside it."""
    rules = rubric or Rubric.load(None)
    goals = [item for item in kept if item.goal.locale == known.locale]
    open_ = {item.goal.metric: item.goal.target for item in goals if item.goal.state == "open"}
    looked_at = [item.name for item in metrics().values() if item.kind == "score"]
    moved = changes({name: known.observations[name] for name in looked_at}, windows)
    dated = [call.recorded_at for call in known.calls if call.recorded_at]
    recent = _recent(known, windows)
    work = _work(known, recent, rules)
    lines = tuple(_line(known.observations[name], moved[name], windows, open_.get(name)) for name in looked_at)
    return Coaching(
        known.agent,
        known.locale,
        tuple(sorted((code, count) for code, count in known.locales.items() if code != known.locale)),
        known.calls,
        len(lines[0].observations),
        dated[0] if dated else None,
        dated[-1] if dated else None,
        tuple(best([m for m in known.moments if m.call_id in recent], count=_STRENGTHS)),
        work,
        lines,
        _told(known, "edge", windows),
        _told(known, "voice", windows),
        tuple(_goal(item, known) for item in goals),
        None if open_ or not dated else _suggestion(known, work, dated[-1]),
        _listeners(known, answers),
        known.notes,
    )


def _recent(known: History, windows: Windows | None) -> list[str]:
    """The ids of the calls of the current window, or of all where none is dated."""
    _, now = split(next(iter(known.observations.values())), windows)
    return [item.call_id for item in now] or [call.id for call in known.calls]


def _line(
    observations: Sequence[Observation], moved: Change | NotEnough, windows: Windows | None, target: float | None = None
) -> Line:
    parts = split(observations, windows)
    before, now = (baseline(window) if window else None for window in parts)
    known = tuple([*parts[0], *parts[1]] or observations)
    return Line(metric(known[0].metric), known, baseline(known), moved, before, now, consistency(known), target)


def _told(known: History, kind: str, windows: Windows | None) -> tuple[Line, ...]:
    """Metrics without a verdict, as far as anything is known of them."""
    own = [known.observations[item.name] for item in metrics().values() if item.kind == kind]
    judged = [listed for listed in own if any(entry.value is not None for entry in listed)]
    return tuple(_line(listed, NotEnough(listed[0].metric, 0, 0, "it is not compared"), windows) for listed in judged)


def _work(known: History, recent: Sequence[str], rules: Rubric) -> Work | None:
    """The weakness of the current window; of all calls where the window is too short for one."""
    for calls in (recent, [call.id for call in known.calls]):
        own = [item for item in known.moments if item.call_id in calls]
        found = weakest(own, calls, known.unjudged, rules)
        if found is not None:
            break
    else:
        return None
    drill = drills(known.locale).for_cue(found.cue)
    good = tuple(best(known.moments, (found.cue, *(drill.shows if drill else ())), _CLIPS))
    bad = tuple(worst(own, (found.cue,), _CLIPS))
    model = None if good else _model(known, found.score)
    return Work(found, cue_title(found.cue), score_title(found.score, rules), drill, good, bad, model)


def _model(known: History, score: str) -> CoachedCall | None:
    """The newest of the calls with the highest score."""
    judged = [call for call in known.calls if call.scores.get(score) is not None]
    return max(reversed(judged), key=lambda call: call.scores[score], default=None)


def _goal(item: KeptGoal, known: History) -> GoalLine:
    return GoalLine(
        item.goal, metric(item.goal.metric), item.events, progress(item.goal, known.observations[item.goal.metric])
    )


def _suggestion(known: History, work: Work | None, at: datetime) -> GoalLine | None:
    """A goal for the skill to work on; None where there are too few calls, or no room."""
    if work is None or work.weakness.score not in known.observations:
        return None
    own = newest(known.observations[work.weakness.score])
    try:
        goal, event = set_goal(own, set_by=known.agent, set_at=at)
    except UsageError:
        return None
    if goal.window_calls >= MOST_CALLS:  # the step may stay hidden in the noise: no advice to give
        return None
    return GoalLine(goal, metric(goal.metric), (event,), Progress(0, goal.window_calls, None))


def _listeners(known: History, answers: Sequence[Rating]) -> tuple[Listeners, ...]:
    """Nothing where nobody has answered a form yet."""
    own = {call.id: call.scores for call in known.calls}
    heard = [item for item in answers if item.call_id in own]
    if not heard:
        return ()
    apart = gaps(heard, own)
    return tuple(
        Listeners(d.title, tuple(gap for gap in apart if gap.dimension == d.name), agreement(heard, d.name))
        for d in form().dimensions
    )
