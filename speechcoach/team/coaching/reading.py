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

from sqlalchemy import Table, func, select

from speechcoach.errors import UsageError
from speechcoach.judgement.phrases import explain
from speechcoach.records import Finding, Span
from speechcoach.team import tables
from speechcoach.team.coaching.aims import Goal, GoalEvent
from speechcoach.team.coaching.edges import edge_voice
from speechcoach.team.coaching.followed import Metric, Observation, metrics
from speechcoach.team.coaching.moments import BEGINNING_S, LONGEST_S, Moment, shown_to_all
from speechcoach.team.coaching.raters import Rating
from speechcoach.team.review.tables import goal as goal_table
from speechcoach.team.review.tables import goal_event as event_table
from speechcoach.team.review.tables import rating as rating_table
from speechcoach.team.rows import DONE
from speechcoach.team.store import Store

_LEAST_S = 60.0  # a shorter call has no rate in ten minutes
_UNKNOWN = "und"
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

    `edges` also reads the voice of the first and last 30 s, which unpacks every call's document. Raises UsageError
    for an agent, or a language, that the store does not know; the sentence offers near names.
    """
    rows = _rows(store, tables.call, agent)
    rows = [row for row in rows if row["state"] == DONE]
    if not rows:
        raise UsageError(_unknown(agent, store))
    counts = Counter(row["language"] or _UNKNOWN for row in rows)
    chosen = locale or counts.most_common(1)[0][0]
    if chosen not in counts:
        raise UsageError(f"{agent} has no calls in {chosen!r}; there are some in {', '.join(sorted(counts))}")
    rows = sorted((row for row in rows if (row["language"] or _UNKNOWN) == chosen), key=_in_time)
    parts = _Parts(store, agent, {row["id"]: row for row in rows})
    values = parts.values()
    if edges:
        for row in rows:
            values[row["id"]] |= _edges(store, row["id"])
    return History(
        agent,
        chosen,
        dict(counts),
        tuple(parts.call(row) for row in rows),
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
    """What anybody, the agent included, answered about the agent's calls."""
    return tuple(
        Rating(row["call_id"], row["rater"], row["kind"], row["item"], row["value"], row["at"])
        for row in _rows(store, rating_table, agent)
    )


class _Parts:
    """What hangs on an agent's calls, by call."""

    def __init__(self, store: Store, agent: str, known: Mapping[str, Mapping[str, Any]]) -> None:
        self._known = known
        self._scores = self._by_call(_rows(store, tables.score, agent))
        self._voice = {row["call_id"]: row for row in _rows(store, tables.speaker, agent) if row["speaker"] == "agent"}
        own = [row for row in _rows(store, tables.finding, agent) if row["speaker"] == "agent"]
        self._findings = self._by_call(own)
        self.moments = [
            self._moment(row) for rows in self._findings.values() for row in rows if shown_to_all(row["cue"])
        ]
        self.unjudged: dict[str, set[str]] = defaultdict(set)
        for row in _rows(store, tables.abstention, agent):
            if row["call_id"] in known:
                self.unjudged[row["cue"]].add(row["call_id"])

    def values(self) -> dict[str, dict[str, float | None]]:
        """Every metric that the tables hold, by call."""
        return {call: {what.name: self._value(call, what) for what in metrics().values()} for call in self._known}

    def call(self, row: Mapping[str, Any]) -> CoachedCall:
        scores = {own["name"]: own["score"] for own in self._scores.get(row["id"], ())}
        return CoachedCall(row["id"], row["name"], row["queue"], row["recorded_at"], row["duration_s"], scores)

    def _by_call(self, rows: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            if row["call_id"] in self._known:
                found[row["call_id"]].append(row)
        return found

    def _moment(self, row: Mapping[str, Any]) -> Moment:
        """A finding as a moment; of one that spreads over the call the beginning."""
        call, told = self._known[row["call_id"]], explain(_finding(row), "agent")
        start_s, end_s = row["start_s"], row["end_s"]
        if start_s is not None and end_s - start_s > LONGEST_S:
            end_s = start_s + BEGINNING_S
        return Moment(
            finding_id=row["id"],
            call_id=row["call_id"],
            call=call["name"],
            recorded_at=call["recorded_at"],
            start_s=start_s,
            end_s=end_s,
            quote=told.quote,
            title=told.title,
            said=told.happened,
            certainty=row["value"] if row["unit"] == "probability" else 1.0,
            **{name: row[name] for name in ("cue", "variant", "strength", "why", "value")},
        )

    def _value(self, call: str, what: Metric) -> float | None:
        if what.kind == "score":
            return next((row["score"] for row in self._scores.get(call, ()) if row["name"] == what.name), None)
        if what.kind == "voice":
            return self._voice.get(call, {}).get(what.column)
        own = [row for row in self._findings.get(call, ()) if row["cue"] in what.cues]
        if what.name in ("opening_parts", "closing_parts"):
            return next(
                (row["value"] for row in own if what.name.startswith(row["variant"].removeprefix("good_"))), None
            )
        if any(call in self.unjudged[cue] for cue in what.cues):
            return None
        return self._rate(call, own) if what.kind == "rate" else _share(own)

    def _rate(self, call: str, own: Sequence[Mapping[str, Any]]) -> float | None:
        length_s = self._known[call]["duration_s"] or 0.0
        return sum(not row["strength"] for row in own) * 600 / length_s if length_s >= _LEAST_S else None


def _finding(row: Mapping[str, Any]) -> Finding:
    """The record that a row was made of, as far as its sentence needs it."""
    same = ("id", "cue", "speaker", "value", "unit", "quote", "unless", "why", "source", "variant", "strength")
    spans = () if row["start_s"] is None else (Span(row["start_s"], row["end_s"]),)
    return Finding(spans=spans, limit=row["threshold_value"], **{name: row[name] for name in same})


def _share(own: Sequence[Mapping[str, Any]]) -> float | None:
    done = sum(row["strength"] for row in own)
    return 100 * done / len(own) if own else None


def _rows(store: Store, table: Table, agent: str) -> list[dict[str, Any]]:
    """The rows of a table that hang on the agent's calls."""
    call = tables.call
    asked = select(table) if table is call else select(table).join(call, call.c.id == table.c.call_id)
    with store.reading() as link:
        answer = link.execute(asked.where(call.c.agent == agent).order_by(*table.primary_key))
        return [dict(row) for row in answer.mappings()]


def _edges(store: Store, call_id: str) -> dict[str, float | None]:
    result = store.result(call_id)
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
