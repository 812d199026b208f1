"""Which calls are looked for: by what a team knows of them, by what was flagged, by what was said.

Conventions: what is asked for is told by one record, `Wanted`; an agent's own name is set by the server, never by who
asks. Sorted by "ear" the calls that deserve one come first: those that lost most points over all scores.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal_column, not_, or_, select, text

from speechcoach.team.review.folding import folded
from speechcoach.team.review.tables import QA, note, person, rating, scorecard, transcript, verdict
from speechcoach.team.rows import DONE
from speechcoach.team.store import Store
from speechcoach.team.tables import call, finding, score

SORTS = ("ear", "newest", "oldest", "longest", "name")
_PART = re.compile(r'"([^"]*)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Wanted:
    """What calls are looked for; None asks for nothing. `said` is words, "a phrase", or the begin of a word with *."""

    agent: str | None = None
    team: str | None = None
    queue: str | None = None
    language: str | None = None
    cue: str | None = None  # flagged by it at least once
    since: datetime | None = None
    until: datetime | None = None
    said: str = ""
    reviewed: bool | None = None  # by a person
    sort: str = "ear"


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the calls, and how many there are in all."""

    rows: tuple[dict[str, Any], ...]
    count: int


def phrases(said: str) -> list[str]:
    """What must be found, each as it is searched for; what ends with * is the begin of a word."""
    found = []
    for quoted, single in _PART.findall(said):
        words = folded(quoted or single)
        if words:
            found.append(words + "*" if single.endswith("*") and not quoted else words)
    return found


def calls(store: Store, wanted: Wanted, offset: int = 0, limit: int = 50) -> Page:
    """The calls that are looked for, in order, with what they lost and what people said of them."""
    lost = select(func.sum(100 - score.c.score)).where(score.c.call_id == call.c.id).scalar_subquery()
    with store.reading() as link:
        match = _matching(wanted, link.dialect.name)
        count = link.execute(select(func.count()).select_from(call).where(match)).scalar_one()
        asked = select(call, lost.label("lost"), _reviewed().label("reviewed")).where(match)
        rows = link.execute(_sorted(asked, wanted.sort, lost).offset(offset).limit(limit)).mappings().all()
    return Page(tuple(dict(row) for row in rows), count)


def choices(store: Store, agent: str | None = None) -> dict[str, list[str]]:
    """What there is to choose from: agents, teams, queues, languages, cues that flagged something."""
    own = call.c.agent == agent if agent is not None else call.c.id.is_not(None)
    with store.reading() as link:
        found = {
            name: list(
                link.execute(
                    select(call.c[name]).where(own, call.c[name].is_not(None)).distinct().order_by(call.c[name])
                ).scalars()
            )
            for name in ("agent", "team", "queue", "language")
        }
        flagged = (
            select(finding.c.cue)
            .join(call, call.c.id == finding.c.call_id)
            .where(own, not_(finding.c.strength), finding.c.speaker == "agent")
        )
        found["cue"] = list(link.execute(flagged.distinct().order_by(finding.c.cue)).scalars())
    return found


def kept_call(store: Store, call_id: str, agent: str | None = None) -> dict[str, Any] | None:
    """The row of a call that was finished; None where there is none, or it is not this agent's."""
    asked = select(call).where(call.c.id == call_id, call.c.state == DONE)
    if agent is not None:
        asked = asked.where(call.c.agent == agent)
    with store.reading() as link:
        row = link.execute(asked).mappings().first()
    return dict(row) if row else None


def _reviewed() -> ColumnElement[bool]:
    """Whether QA has said anything of it (verdict, note, score by hand), or anybody but the agent answered a form."""
    by_hand = [
        exists().where(table.c.call_id == call.c.id, table.c.person_id == person.c.id, person.c.role == QA)
        for table in (verdict, note, scorecard)
    ]
    return or_(*by_hand, exists().where(rating.c.call_id == call.c.id, rating.c.kind != "self"))


def _matching(wanted: Wanted, dialect: str) -> ColumnElement[bool]:
    same = [
        call.c[name] == value for name in ("agent", "team", "queue", "language") if (value := getattr(wanted, name))
    ]
    asked: list[ColumnElement[bool]] = [call.c.state == DONE, *same]
    if wanted.cue:
        flag = (finding.c.cue == wanted.cue) & not_(finding.c.strength) & (finding.c.speaker == "agent")
        asked.append(exists().where(finding.c.call_id == call.c.id, flag))
    if wanted.since:
        asked.append(call.c.recorded_at >= wanted.since)
    if wanted.until:
        asked.append(call.c.recorded_at < wanted.until)
    if wanted.reviewed is not None:
        asked.append(_reviewed() if wanted.reviewed else not_(_reviewed()))
    if wanted.said.strip():
        asked.append(call.c.id.in_(_said(phrases(wanted.said), dialect)))
    return and_(*asked)


def _said(parts: list[str], dialect: str) -> Select[tuple[str]]:
    """The calls in which all of it was said."""
    found = select(transcript.c.call_id)
    if not parts:  # only signs that no word holds
        return found.where(literal_column("1") == 0)
    if dialect == "sqlite":
        match = " ".join(f'"{part.rstrip("*")}"{"*" if part.endswith("*") else ""}' for part in parts)
        rows = text("SELECT rowid FROM transcript_index WHERE transcript_index MATCH :match").bindparams(match=match)
        return found.where(literal_column("transcript.rowid").in_(rows))
    vector = func.to_tsvector("simple", transcript.c.words)
    for part in parts:
        words = part.rstrip("*").split()
        query = " <-> ".join(words) + (
            ":*" if part.endswith("*") else ""
        )  # letters and digits alone: nothing to escape
        found = found.where(vector.bool_op("@@")(func.to_tsquery("simple", query)))
    return found


def _sorted(asked: Select[Any], sort: str, lost: ColumnElement[float]) -> Select[Any]:
    unknown_last = case((call.c.recorded_at.is_(None), 1), else_=0)
    order = {
        "newest": (unknown_last, call.c.recorded_at.desc()),
        "oldest": (unknown_last, call.c.recorded_at),
        "longest": (call.c.duration_s.desc(),),
        "name": (),
    }.get(sort, (func.coalesce(lost, 0).desc(),))
    return asked.order_by(*order, call.c.name, call.c.id)
