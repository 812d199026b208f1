"""Recordings that somebody made to practise: kept in the store, and asked for in their owner's name only.

Conventions: every question names the person, so that nobody else's recording can come back, whatever its number. What
a recording is called is the exercise it is a take of; takes of one exercise are told apart by when they were made.
Nothing of it is in the tables of the calls, in an export, or in the audit log.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, insert, select, update

from speechcoach import schema
from speechcoach.errors import UsageError
from speechcoach.records import Result
from speechcoach.team.review.tables import practice
from speechcoach.team.rows import PACKED, now
from speechcoach.team.store import Store

WAITING, DONE, FAILED = "waiting", "done", "failed"
MOST_TAKES, MOST_BYTES, LONGEST_S = 50, 60_000_000, 15 * 60.0
_MOST_NAME = 80  # characters


@dataclass(frozen=True, slots=True)
class Take:
    """One recording, without its sound; `error` is why it could not be analysed."""

    id: int
    name: str
    made_at: datetime
    state: str
    error: str | None
    duration_s: float | None


_SHOWN = [practice.c[name] for name in Take.__slots__]


def keep(store: Store, person_id: int, name: str, audio: bytes, duration_s: float) -> int:
    """Keep a recording; the number of the take. Raises UsageError where it has no name, or there is no room."""
    called = " ".join(name.split())[:_MOST_NAME]
    if not called:
        raise UsageError("Say what you practised: takes of the same exercise are shown side by side.")
    row = {"person_id": person_id, "name": called, "made_at": now(), "state": WAITING, "duration_s": duration_s}
    with store.writing() as link:
        own = select(func.count()).select_from(practice).where(practice.c.person_id == person_id)
        if link.execute(own).scalar_one() >= MOST_TAKES:
            raise UsageError(f"There are {MOST_TAKES} recordings already: delete one that you no longer need.")
        made = link.execute(insert(practice).returning(practice.c.id), [row | {"audio": audio}])
        return int(made.scalar_one())


def takes(store: Store, person_id: int) -> list[Take]:
    """A person's recordings, the newest first."""
    return _takes(store, select(*_SHOWN).where(practice.c.person_id == person_id).order_by(practice.c.id.desc()))


def take(store: Store, person_id: int, number: int) -> Take | None:
    """A person's recording, or None where it is not theirs or not there."""
    found = _takes(store, select(*_SHOWN).where(practice.c.person_id == person_id, practice.c.id == number))
    return found[0] if found else None


def sound(store: Store, person_id: int, number: int) -> bytes | None:
    """The file as it was given."""
    asked = select(practice.c.audio).where(practice.c.person_id == person_id, practice.c.id == number)
    with store.reading() as link:
        return link.execute(asked).scalar_one_or_none()


def result(store: Store, person_id: int, number: int) -> Result | None:
    """What was found in it, once it is done."""
    asked = select(practice.c.facts, practice.c.judged)
    with store.reading() as link:
        row = link.execute(asked.where(practice.c.person_id == person_id, practice.c.id == number)).one_or_none()
    if row is None or row.facts is None:
        return None
    return schema.result_of(zlib.decompress(row.facts), zlib.decompress(row.judged), f"recording {number}")


def wait(store: Store, person_id: int, number: int) -> bool:
    """Note that it is to be analysed once more; whether it is there and theirs."""
    fresh = update(practice).values(state=WAITING, error=None, facts=None, judged=None)
    with store.writing() as link:
        return bool(link.execute(fresh.where(practice.c.person_id == person_id, practice.c.id == number)).rowcount)


def done(store: Store, number: int, result: Result) -> None:
    """Keep what was found; where the recording was deleted meanwhile, nothing."""
    facts, judged = schema.facts_bytes(result.facts), schema.judged_bytes(result)
    values = {"facts": zlib.compress(facts, PACKED), "judged": zlib.compress(judged, PACKED)}
    with store.writing() as link:
        link.execute(update(practice).where(practice.c.id == number).values(state=DONE, error=None, **values))


def failed(store: Store, number: int, why: str) -> None:
    """Keep why nothing was found."""
    with store.writing() as link:
        link.execute(update(practice).where(practice.c.id == number).values(state=FAILED, error=why))


def forget(store: Store, person_id: int, number: int) -> bool:
    """Delete a recording and all that was found in it; whether there was one.

    SQLite otherwise leaves deleted bytes in the file, and in its journal, until something else is written over them.
    """
    with store.writing() as link:
        sqlite = link.dialect.name == "sqlite"
        if sqlite:
            link.exec_driver_sql("PRAGMA secure_delete = ON")
        own = delete(practice).where(practice.c.person_id == person_id, practice.c.id == number)
        gone = bool(link.execute(own).rowcount)
    if sqlite and gone:
        with store.reading() as link:
            link.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return gone


def _takes(store: Store, asked: Select[tuple[object, ...]]) -> list[Take]:
    with store.reading() as link:
        return [Take(**row) for row in link.execute(asked).mappings()]
