"""What people say of a call: verdicts on findings, findings by hand, replies, and scores by hand.

Conventions: a verdict is one person's on one finding; given again, it is replaced. What somebody wrote is theirs: only
they take it back. A reply belongs to a finding, to a finding by hand (`by_hand` names it), or, where the name is empty,
to the call. `role` tells what an agent says of their own call from what QA says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Table, delete, func, insert, select

from speechcoach.records import Finding
from speechcoach.team.review.people import Person
from speechcoach.team.review.tables import note, person, reply, scorecard, verdict
from speechcoach.team.rows import DONE, now
from speechcoach.team.store import Store
from speechcoach.team.tables import call, finding

OTHER = "other"
"""The cue of a finding by hand for which the machine has no name."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody thinks of a finding; a dispute has a reason."""

    finding_id: str
    person_id: int
    by: str
    role: str
    confirmed: bool
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """Something said about a finding."""

    id: int
    finding_id: str
    person_id: int
    by: str
    role: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A finding by hand: what the machine missed, in the judgement of `by`."""

    id: int
    person_id: int
    by: str
    role: str
    cue: str
    strength: bool
    start_s: float
    end_s: float
    text: str
    at: datetime

    @property
    def name(self) -> str:
        """What its replies belong to."""
        return by_hand(self.id)


@dataclass(frozen=True, slots=True)
class HandScore:
    """A score (0-100) that somebody gave."""

    name: str
    person_id: int
    by: str
    score: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Opinions:
    """All that people said of a call, in the order in which they said it."""

    verdicts: tuple[Verdict, ...]
    notes: tuple[Note, ...]
    replies: tuple[Reply, ...]
    scores: tuple[HandScore, ...]


T = TypeVar("T")


def by_hand(note_id: int) -> str:
    """The name of a finding by hand."""
    return f"note-{note_id}"


def of_call(store: Store, call_id: str) -> Opinions:
    """What people said of a call."""
    with store.reading() as link:

        def asked(kind: type[T], table: Table) -> tuple[T, ...]:
            rows = link.execute(_with_author(table).where(table.c.call_id == call_id)).mappings()
            return tuple(kind(**{item.name: row[item.name] for item in fields(kind)}) for row in rows)  # type: ignore[arg-type]

        return Opinions(asked(Verdict, verdict), asked(Note, note), asked(Reply, reply), asked(HandScore, scorecard))


@dataclass(frozen=True, slots=True)
class Line:
    """One verdict with the finding that it is about, as the store's tables hold it; `value` as it was measured."""

    call_id: str
    finding_id: str
    cue: str
    variant: str
    strength: bool
    value: float
    limit: float
    unit: str
    by: str
    role: str
    confirmed: bool


def of_team(store: Store, language: str | None) -> list[Line]:
    """Every verdict on what the machine finds today in calls of a language; what is an agent's own is not there."""
    names = ("call_id", "cue", "variant", "strength", "value", "unit")
    asked = (
        select(
            *(finding.c[name] for name in names),
            finding.c.id.label("finding_id"),
            finding.c.threshold_value.label("limit"),
            person.c.name.label("by"),
            person.c.role,
            verdict.c.confirmed,
        )
        .join(verdict, (verdict.c.call_id == finding.c.call_id) & (verdict.c.finding_id == finding.c.id))
        .join(person, person.c.id == verdict.c.person_id)
        .join(call, call.c.id == finding.c.call_id)
        .where(_spoken(language))
        .order_by(finding.c.call_id, finding.c.place, person.c.name)
    )
    with store.reading() as link:
        return [Line(**row) for row in link.execute(asked).mappings()]


def found(store: Store, language: str | None) -> dict[tuple[str, bool], int]:
    """How many findings the machine made in calls of a language, by cue and whether they praise."""
    key = (finding.c.cue, finding.c.strength)
    asked = select(*key, func.count()).join(call, call.c.id == finding.c.call_id).where(_spoken(language))
    with store.reading() as link:
        return {(cue, strength): count for cue, strength, count in link.execute(asked.group_by(*key))}


def missed(store: Store, language: str | None) -> dict[tuple[str, bool], int]:
    """How many findings people added by hand in calls of a language, by cue and whether they praise."""
    key = (note.c.cue, note.c.strength)
    asked = select(*key, func.count()).join(call, call.c.id == note.c.call_id).where(_spoken(language))
    with store.reading() as link:
        return {(cue, strength): count for cue, strength, count in link.execute(asked.group_by(*key))}


def languages(store: Store) -> list[str | None]:
    """The languages of finished calls, the most frequent first."""
    asked = select(call.c.language).where(call.c.state == DONE).group_by(call.c.language)
    with store.reading() as link:
        return list(link.execute(asked.order_by(func.count().desc(), call.c.language)).scalars())


def judge(store: Store, call_id: str, item: Finding, who: Person, confirmed: bool, reason: str) -> None:
    """Give a verdict, in place of the same person's earlier one."""
    row = {"call_id": call_id, "finding_id": item.id, "person_id": who.id, "cue": item.cue}
    with store.writing() as link:
        link.execute(delete(verdict).where(*_own(verdict, call_id, who), verdict.c.finding_id == item.id))
        link.execute(insert(verdict), [row | {"confirmed": confirmed, "reason": reason, "at": now()}])


def withdraw(store: Store, call_id: str, finding_id: str, who: Person) -> None:
    """Take a verdict back; nothing happens where there is none."""
    with store.writing() as link:
        link.execute(delete(verdict).where(*_own(verdict, call_id, who), verdict.c.finding_id == finding_id))


def answer(store: Store, call_id: str, finding_id: str, who: Person, text: str) -> None:
    """Say something about a finding."""
    row = {"call_id": call_id, "finding_id": finding_id, "person_id": who.id, "text": text, "at": now()}
    with store.writing() as link:
        link.execute(insert(reply), [row])


def take_back(store: Store, call_id: str, reply_id: int, who: Person) -> None:
    """Remove one's own reply; another's stays."""
    with store.writing() as link:
        link.execute(delete(reply).where(*_own(reply, call_id, who), reply.c.id == reply_id))


def add_note(
    store: Store, call_id: str, who: Person, cue: str, strength: bool, span_s: tuple[float, float], text: str
) -> int:
    """Add a finding by hand; returns its id."""
    row = {"call_id": call_id, "person_id": who.id, "cue": cue, "strength": strength, "text": text, "at": now()}
    with store.writing() as link:
        made = link.execute(insert(note).values(**row, start_s=span_s[0], end_s=span_s[1]))
        return int(made.inserted_primary_key[0])  # type: ignore[index]


def remove_note(store: Store, call_id: str, note_id: int, who: Person) -> None:
    """Remove one's own finding by hand, with what was said of it; another's stays."""
    with store.writing() as link:
        gone = link.execute(delete(note).where(*_own(note, call_id, who), note.c.id == note_id)).rowcount
        if gone:
            link.execute(delete(reply).where(reply.c.call_id == call_id, reply.c.finding_id == by_hand(note_id)))


def score(store: Store, call_id: str, who: Person, scores: Mapping[str, float]) -> None:
    """Give scores by hand, in place of the same person's earlier ones; none at all takes them back."""
    moment = now()
    rows = [
        {"call_id": call_id, "person_id": who.id, "name": name, "score": value, "at": moment}
        for name, value in scores.items()
    ]
    with store.writing() as link:
        link.execute(delete(scorecard).where(*_own(scorecard, call_id, who)))
        if rows:
            link.execute(insert(scorecard), rows)


def _spoken(language: str | None) -> ColumnElement[bool]:
    return call.c.language.is_(None) if language is None else call.c.language == language


def _own(table: Table, call_id: str, who: Person) -> tuple[Any, Any]:
    return table.c.call_id == call_id, table.c.person_id == who.id


def _with_author(table: Table) -> Select[Any]:
    """The rows of a table with who wrote them, in order."""
    whose = select(table, person.c.name.label("by"), person.c.role)
    return whose.join(person, person.c.id == table.c.person_id).order_by(table.c.at, *table.primary_key)
