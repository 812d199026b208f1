"""Where the results of many calls are kept: a SQLite file, or a PostgreSQL server, by URL; one code for both.

A call is what its file holds (sha256): kept again, it is replaced with all that hangs on it, in one transaction. So
nothing is doubled, and nothing is half there, whenever a batch is stopped. Tables and columns are in `tables`.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError

from speechcoach import schema
from speechcoach.errors import ResultError, StoreError
from speechcoach.judgement.phrases import told_to
from speechcoach.records import Facts, Result
from speechcoach.team import tables
from speechcoach.team.opening import WAIT_S, opened, shown
from speechcoach.team.review.tables import transcript
from speechcoach.team.rows import (
    FAILED,
    Entry,
    Found,
    Made,
    Meta,
    call_row,
    document_row,
    finding_rows,
    judged_packed,
    speaker_rows,
    told,
    transcript_rows,
)

_UPSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_TRIES, _FIRST_WAIT_S = 6, 0.5  # a server that restarts is back within half a minute
_REWRITTEN = (  # deleted words leave the index, and then the file
    "INSERT INTO transcript_index (transcript_index) VALUES ('optimize')",
    "VACUUM",
    "PRAGMA wal_checkpoint(TRUNCATE)",
)
_PAGE = 200  # calls at a time, so that memory does not grow with their number
_IN_ONE_QUERY = 500  # SQLite takes 32,766 parameters, older ones 999


class Store:
    """The store at a URL; use it in a `with` block. `new` makes it where there is none.

    `wait_s` is how long a SQLite file that somebody else writes into is waited for. Raises StoreError where it cannot
    be used, or is not there and must be.
    """

    def __init__(self, url: str, *, new: bool = True, wait_s: float = WAIT_S) -> None:
        self._engine: Engine = opened(url, new, wait_s)
        self.shown = shown(self._engine.url)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    # What a batch writes

    def keep(self, entry: Entry) -> None:
        """Write the call and all that hangs on it, in place of what was kept of it before."""
        with self.writing() as link:
            self._upsert(link, tables.call, ("id",), [call_row(entry)])
            for table in (*tables.OF_CALL, transcript):
                link.execute(delete(table).where(table.c.call_id == entry.id))
            if entry.result is not None:
                link.execute(insert(tables.document), [document_row(entry.id, entry.result)])
                self._judgement(link, entry.id, entry.result)
                _insert(link, tables.speaker, speaker_rows(entry.id, entry.result.facts))
                _insert(link, transcript, transcript_rows(entry.id, entry.result.facts))
            self._replace_source(link, entry.found, entry.id)

    def describe(self, known: Mapping[str, tuple[Found, Meta]]) -> int:
        """Write what is known of kept calls, by id, where it differs; how many differed."""
        changed = 0
        with self.writing() as link:
            for ids in _chunks(list(known), _IN_ONE_QUERY):
                columns = tables.call.c
                kept = link.execute(
                    select(columns.id, *(columns[name] for name in tables.META)).where(columns.id.in_(ids))
                )
                for row in kept.mappings().all():
                    fresh = {name: value for name, value in asdict(known[row["id"]][1]).items() if value is not None}
                    if any(row[name] != value for name, value in fresh.items()):
                        link.execute(update(tables.call).where(columns.id == row["id"]).values(fresh))
                        changed += 1
        return changed

    def remember(self, found: Found, call_id: str) -> None:
        """Note what a file's content was, so that it need not be read again to be known."""
        with self.writing() as link:
            self._replace_source(link, found, call_id)

    def forget(self, ids: Sequence[str]) -> None:
        """Delete calls with all that hangs on them, and where their recordings lay; SQLite's file is rewritten without.

        The audit log keeps that somebody looked at them.
        """
        with self.writing() as link:
            for some in _chunks(ids, _IN_ONE_QUERY):
                link.execute(delete(tables.source).where(tables.source.c.call_id.in_(some)))
                link.execute(delete(tables.call).where(tables.call.c.id.in_(some)))
        if self._engine.dialect.name == "sqlite":
            with self.reading() as link:
                alone = link.execution_options(isolation_level="AUTOCOMMIT")
                for step in _REWRITTEN:
                    alone.exec_driver_sql(step)

    # What a batch asks

    def contents(self) -> dict[tuple[str, int, str], str]:
        """The id of each file that was read, by where it lies, its size and its stamp."""
        columns = tables.source.c
        with self.reading() as link:
            rows = link.execute(select(columns.uri, columns.size, columns.stamp, columns.call_id))
            return {(uri, size, stamp): call_id for uri, size, stamp, call_id in rows}

    def made_by(self) -> dict[str, Made]:
        """What made each kept call, and what became of it, by id."""
        columns = tables.call.c
        with self.reading() as link:
            rows = link.execute(select(columns.id, columns.key, columns.state, columns.screening, columns.error_class))
            return {row.id: Made(row.key, row.state, row.screening, row.error_class) for row in rows}

    def points_lost(self) -> dict[str, float]:
        """What the flags of each call cost it, in points of all its scores together, by id."""
        columns = tables.score.c
        with self.reading() as link:
            rows = link.execute(select(columns.call_id, func.sum(100 - columns.score)).group_by(columns.call_id))
            return {call_id: float(points or 0.0) for call_id, points in rows}

    def screened(self, decided: Mapping[str, tuple[str, str]]) -> None:
        """Note, by id, whether calls that were screened by voice deserve a transcript, and why."""
        rows = [{"of": call_id, "how": how, "said": why} for call_id, (how, why) in decided.items()]
        said = {"screening": bindparam("how"), "screening_why": bindparam("said")}
        with self.writing() as link:
            if rows:
                link.execute(update(tables.call).where(tables.call.c.id == bindparam("of")).values(said), rows)

    # What readers ask

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """The rows of a table, in order of its key."""
        what = tables.metadata.tables[table]
        with self.reading() as link:
            answer = link.execution_options(yield_per=1000).execute(select(what).order_by(*what.primary_key))
            yield from (dict(row) for row in answer.mappings())

    def counts(self) -> dict[str, int]:
        """How many calls are in each state."""
        with self.reading() as link:
            rows = link.execute(select(tables.call.c.state, func.count().label("calls")).group_by(tables.call.c.state))
            return {row.state: row.calls for row in rows}

    def result(self, call_id: str) -> Result | None:
        """The whole result of a call, or None where none is kept."""
        with self.reading() as link:
            row = link.execute(select(tables.document).where(tables.document.c.call_id == call_id)).one_or_none()
        if row is None:
            return None
        return schema.result_of(_unpacked(row.facts, call_id), _unpacked(row.judged, call_id), call_id)

    def facts(self, damaged: Callable[[ResultError], None] | None = None) -> Iterator[tuple[str, Facts]]:
        """Every call's facts, some at a time, in order of their ids.

        Damaged facts raise ResultError, or are handed to `damaged` and passed over where it is given.
        """
        columns, last = tables.document.c, ""
        while True:
            with self.reading() as link:
                page = link.execute(
                    select(columns.call_id, columns.facts)
                    .where(columns.call_id > last)
                    .order_by(columns.call_id)
                    .limit(_PAGE)
                ).all()
            for call_id, packed in page:
                try:
                    facts = schema.facts_of(_unpacked(packed, call_id), call_id)
                except ResultError as why:
                    if damaged is None:
                        raise
                    damaged(why)
                    continue
                yield call_id, facts
            if len(page) < _PAGE:
                return
            last = page[-1][0]

    def judged(self, fresh: Sequence[tuple[str, Result]]) -> None:
        """Put the judgements of kept calls in place of the old ones; their facts stay as they are."""
        ids = [call_id for call_id, _ in fresh]
        with self.writing() as link:
            for table in (tables.finding, tables.abstention, tables.score):
                link.execute(delete(table).where(table.c.call_id.in_(ids)))
            for call_id, result in fresh:
                self._judgement(link, call_id, result)
                packed = judged_packed(result)
                link.execute(update(tables.document).where(tables.document.c.call_id == call_id).values(judged=packed))
                link.execute(update(tables.call).where(tables.call.c.id == call_id).values(told(result)))

    # How it is done

    def _judgement(self, link: Connection, call_id: str, result: Result) -> None:
        """The tables are everybody's: what is the agent's alone stays in the document."""
        result = told_to(result, "qa")
        _insert(link, tables.finding, finding_rows(call_id, result))
        _insert(link, tables.abstention, ({"call_id": call_id, "cue": a.cue, "why": a.why} for a in result.abstained))
        _insert(link, tables.score, ({"call_id": call_id, "name": s.name, "score": s.score} for s in result.scores))

    def _replace_source(self, link: Connection, found: Found, call_id: str) -> None:
        """Note what lies there now; a failure that lay there before is gone with the file, a finished call is not."""
        columns, before = tables.call.c, select(tables.source.c.call_id).where(tables.source.c.uri == found.uri)
        gone = columns.id.in_(before) & (columns.id != call_id) & (columns.state == FAILED)
        link.execute(delete(tables.call).where(gone))
        row = {"uri": found.uri, "size": found.size, "stamp": found.stamp, "call_id": call_id}
        self._upsert(link, tables.source, ("uri",), [row])

    def _upsert(self, link: Connection, table: Table, key: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
        fresh = _UPSERT[link.dialect.name](table)
        rest: dict[str, Any] = {
            column.name: fresh.excluded[column.name] for column in table.c if column.name not in key
        }
        if table is tables.call:  # what a team once said of a call is not forgotten where it says nothing now
            rest |= {name: func.coalesce(fresh.excluded[name], table.c[name]) for name in tables.META}
        link.execute(fresh.on_conflict_do_update(index_elements=list(key), set_=rest), rows)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to ask with. Raises StoreError where the store is lost."""
        try:
            with self._engine.connect() as link:
                yield link
        except DBAPIError as why:
            raise StoreError(_said(self.shown, why)) from None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction; a lost connection is opened again before it begins, for as long as a server takes to start.

        In SQLite it is the only one from its first question on, so what is asked holds until it is written.
        """
        link = self._begun()
        try:
            with link, link.begin():
                if link.dialect.name == "sqlite":
                    link.exec_driver_sql("BEGIN IMMEDIATE")  # the driver would begin at the first change alone
                yield link
        except DBAPIError as why:
            raise StoreError(_said(self.shown, why)) from None

    def _begun(self) -> Connection:
        for attempt in range(_TRIES):
            try:
                return self._engine.connect()
            except OperationalError as why:
                if attempt == _TRIES - 1:
                    raise StoreError(_said(self.shown, why)) from None
                time.sleep(_FIRST_WAIT_S * 2**attempt)
        raise AssertionError("unreachable")


def _said(place: str, why: DBAPIError) -> str:
    cause = " ".join(str(why.orig).split())
    return f"{place}: the store cannot be used ({cause}); check that it runs and has room, and start again"


def _unpacked(packed: bytes, call_id: str) -> bytes:
    try:
        return zlib.decompress(packed)
    except zlib.error as why:
        raise ResultError(f"{call_id}: a damaged result in the store ({why}); analyse the recording again") from None


def _insert(link: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    listed = list(rows)
    if listed:
        link.execute(insert(table), listed)


def _chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
