"""What the coach reads from a store: one agent's calls, observations, moments, goals and ratings, in a few queries.

Conventions: calls that failed are left out, and so is what a cue tells the agent alone. Everything is of one language;
`History.locales` says which others there are. Documents are unpacked only where the voice of the edges is asked for.
"""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from speechcoach.errors import ResultError, UsageError
from speechcoach.team import tables
from speechcoach.team.coaching.aims import Goal, GoalEvent
from speechcoach.team.coaching.edges import edge_voice
from speechcoach.team.coaching.extracts import Extracts, rows_of
from speechcoach.team.coaching.followed import Observation, metrics
from speechcoach.team.coaching.forms import form
from speechcoach.team.coaching.moments import Moment
from speechcoach.team.coaching.raters import Rating
from speechcoach.team.review.tables import goal as goal_table
from speechcoach.team.review.tables import goal_event as event_table
from speechcoach.team.review.tables import rating as rating_table
from speechcoach.team.rows import DONE
from speechcoach.team.store import Store

_UNKNOWN = "und"
_EDGE_CALLS = 60  # as many as both windows of a page take
_NEAR = 3  # names that are offered for one that is not known


@dataclass(frozen=True, slots=True)
class CoachedCall:
    """A call of the agent's; `scores` by name, None where it was not judged."""

    id: str
    name: str
    queue: str | None
    recorded_at: datetime | None
    duration_s: float | None
    scores: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class History:
    """All that the coach knows of an agent in one language, in order of time.

    `observations` are by metric, one a call; `unjudged` maps a cue to the calls in which it abstained; `locales` counts
    calls by language; `notes` are sentences that a reader should know before trusting a comparison.
    """

    agent: str
    locale: str
    locales: Mapping[str, int]
    calls: tuple[CoachedCall, ...]
    observations: Mapping[str, tuple[Observation, ...]]
    moments: tuple[Moment, ...]
    unjudged: Mapping[str, frozenset[str]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptGoal:
    """A goal of the store with its id there, and its history."""

    id: int
    goal: Goal
    events: tuple[GoalEvent, ...]


def agents(store: Store) -> dict[str, int]:
    """How many finished calls each named agent has."""
    columns = tables.call.c
    with store.reading() as link:
        rows = link.execute(
            select(columns.agent, func.count().label("calls"))
            .where(columns.agent.is_not(None), columns.state == DONE)
            .group_by(columns.agent)
            .order_by(columns.agent)
        )
        return {row.agent: row.calls for row in rows}


def history(store: Store, agent: str, *, locale: str | None = None, edges: bool = False) -> History:
    """An agent's calls, in `locale` or the language that most of them are in.

    `edges` also reads the voice of the first and last 30 s of the newest 60 calls, whose documents are unpacked for it,
    which takes some milliseconds a call. Raises UsageError for an agent, or a language, that the store does not know:
    the sentence offers near names.
    """
    rows = rows_of(store, tables.call, agent)
    rows = [row for row in rows if row["state"] == DONE]
    if not rows:
        raise UsageError(_unknown(agent, store))
    counts = Counter(row["language"] or _UNKNOWN for row in rows)
    chosen = locale or counts.most_common(1)[0][0]
    if chosen not in counts:
        raise UsageError(f"{agent} has no calls in {chosen!r}; there are some in {', '.join(sorted(counts))}")
    rows = sorted((row for row in rows if (row["language"] or _UNKNOWN) == chosen), key=_in_time)
    parts = Extracts(store, agent, {row["id"]: row for row in rows})
    values = parts.values()
    if edges:
        for row in rows[-_EDGE_CALLS:]:
            values[row["id"]] |= _edges(store, row["id"])
    return History(
        agent,
        chosen,
        dict(counts),
        tuple(_call(row, parts.scores(row["id"])) for row in rows),
        {name: tuple(_observed(row, chosen, name, values[row["id"]].get(name)) for row in rows) for name in metrics()},
        tuple(parts.moments),
        {cue: frozenset(ids) for cue, ids in parts.unjudged.items()},
        _notes(rows),
    )


def goals(store: Store, agent: str) -> tuple[KeptGoal, ...]:
    """The agent's goals with their histories, the newest first."""
    columns = goal_table.c
    with store.reading() as link:
        kept = (
            link.execute(select(goal_table).where(columns.agent == agent).order_by(columns.id.desc())).mappings().all()
        )
        ids = [row["id"] for row in kept]
        lines = link.execute(
            select(event_table).where(event_table.c.goal_id.in_(ids)).order_by(event_table.c.id)
        ).mappings()
        events: dict[int, list[GoalEvent]] = defaultdict(list)
        for line in lines:
            events[line["goal_id"]].append(GoalEvent(line["at"], line["state"], line["value"], line["why"]))
    return tuple(
        KeptGoal(row["id"], Goal(**{name: row[name] for name in Goal.__slots__}), tuple(events[row["id"]]))
        for row in kept
    )


def ratings(store: Store, agent: str) -> tuple[Rating, ...]:
    """What anybody, the agent included, answered about the agent's calls, by the items that the form has."""
    known = form().items
    return tuple(
        Rating(row["call_id"], row["rater"], row["kind"], row["item"], row["value"], row["at"])
        for row in rows_of(store, rating_table, agent)
        if row["item"] in known
    )


def _call(row: Mapping[str, Any], scores: Mapping[str, float | None]) -> CoachedCall:
    return CoachedCall(row["id"], row["name"], row["queue"], row["recorded_at"], row["duration_s"], scores)


def _edges(store: Store, call_id: str) -> dict[str, float | None]:
    """Nothing where the document is damaged: the tables still tell of the call."""
    try:
        result = store.result(call_id)
    except ResultError:
        return {}
    return edge_voice(result.facts) if result else {}


def _observed(row: Mapping[str, Any], locale: str, name: str, value: float | None) -> Observation:
    return Observation(row["id"], row["agent"], locale, row["recorded_at"], row["queue"], name, value)


def _in_time(row: Mapping[str, Any]) -> tuple[bool, float, str]:
    at = row["recorded_at"]
    return at is not None, at.timestamp() if at else 0.0, row["id"]


def _notes(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What makes a comparison doubtful."""
    notes = []
    if len({(row["norms"], row["rubric"]) for row in rows}) > 1:
        notes.append(
            "These calls were judged under different norms or rubrics, so some change may come from the rules: "
            "`speechcoach judge --store` judges them all alike."
        )
    if len({bool(row["transcribed_by"]) for row in rows}) > 1:
        notes.append("Some calls have no transcript; what rests on words is known of the others only.")
    undated = sum(row["recorded_at"] is None for row in rows)
    if undated:
        notes.append(f"{undated} of these calls have no date and stand in no comparison over time.")
    return tuple(notes)


def _unknown(agent: str, store: Store) -> str:
    known = agents(store)
    folded = {name.casefold(): name for name in known}
    near = [folded[name] for name in difflib.get_close_matches(agent.casefold(), folded, _NEAR, 0.5)]
    if near:
        return f"{agent}: no calls of an agent of this name; near ones are {', '.join(near)}"
    if not known:
        return f"{agent}: no call of this store names an agent; name them with batch --manifest or --pattern"
    return f"{agent}: no calls of an agent of this name; the store knows {', '.join(sorted(known)[:10])}"
