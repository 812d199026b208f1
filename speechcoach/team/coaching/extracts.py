"""What hangs on an agent's calls in the store's tables: the values of every metric, and the moments to listen to.

Conventions: a value that a call does not have is None; what a cue tells the agent alone is no moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select

from speechcoach.judgement.phrases import explain
from speechcoach.records import Finding, Span
from speechcoach.team import tables
from speechcoach.team.coaching.followed import Metric, metrics
from speechcoach.team.coaching.moments import BEGINNING_S, LONGEST_S, Moment, shown_to_all
from speechcoach.team.store import Store

_LEAST_S = 60.0  # a shorter call has no rate in ten minutes


class Extracts:
    """What hangs on an agent's calls, by call."""

    def __init__(self, store: Store, agent: str, known: Mapping[str, Mapping[str, Any]]) -> None:
        self._known = known
        self._scores = self._by_call(rows_of(store, tables.score, agent))
        voices = rows_of(store, tables.speaker, agent)
        self._voice = {row["call_id"]: row for row in voices if row["speaker"] == "agent"}
        own = [row for row in rows_of(store, tables.finding, agent) if row["speaker"] == "agent"]
        self._findings = self._by_call(own)
        self.moments = [
            self._moment(row) for rows in self._findings.values() for row in rows if shown_to_all(row["cue"])
        ]
        self.unjudged: dict[str, set[str]] = defaultdict(set)
        for row in rows_of(store, tables.abstention, agent):
            if row["call_id"] in known:
                self.unjudged[row["cue"]].add(row["call_id"])

    def values(self) -> dict[str, dict[str, float | None]]:
        """Every metric that the tables hold, by call."""
        return {call: {what.name: self._value(call, what) for what in metrics().values()} for call in self._known}

    def scores(self, call: str) -> dict[str, float | None]:
        """The scores of a call by name."""
        return {own["name"]: own["score"] for own in self._scores.get(call, ())}

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


def rows_of(store: Store, table: Table, agent: str) -> list[dict[str, Any]]:
    """The rows of a table that hang on the agent's calls."""
    call = tables.call
    asked = select(table) if table is call else select(table).join(call, call.c.id == table.c.call_id)
    with store.reading() as link:
        answer = link.execute(asked.where(call.c.agent == agent).order_by(*table.primary_key))
        return [dict(row) for row in answer.mappings()]
