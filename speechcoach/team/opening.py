"""How a store is opened: what its URL means, the driver that it needs, and its tables brought up to date.

A name without `://` is a SQLite file. A store that a newer speechcoach has written is refused, never changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from speechcoach.errors import StoreError

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
WAIT_S = 60.0  # for who else writes into the same SQLite file
_ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(7300514)"}  # a number of our own
_HERE = Path(__file__).parent / "migrations"


def opened(url: str, new: bool = True, wait_s: float = WAIT_S) -> Engine:
    """An engine of the store at `url`, its tables brought up to date, or made where there are none and `new` says so.

    Raises StoreError where the URL cannot be meant, the driver is missing, or what is there is no store of ours.
    """
    parsed = _parsed(url)
    if not new and parsed.drivername == "sqlite" and not Path(parsed.database or "").is_file():
        raise StoreError(f"{shown(parsed)}: there is no store; check the path")
    engine = _engine(parsed, wait_s)
    try:
        _migrate(engine, parsed, new)
    except StoreError:
        engine.dispose()
        raise
    except (DatabaseError, CommandError) as why:
        engine.dispose()
        cause = " ".join(str(getattr(why, "orig", why)).split())
        raise StoreError(f"{shown(parsed)}: no store can be opened there ({cause}); {_cure(parsed, why)}") from None
    return engine


def _parsed(url: str) -> URL:
    if "://" not in url:
        path = Path(url)
        if path.is_dir():
            raise StoreError(f"{url}: a folder is no store; name a file in it, such as {path / 'calls.db'}")
        if not path.absolute().parent.is_dir():
            raise StoreError(f"{url}: there is no folder {path.absolute().parent}; make it first")
        return URL.create("sqlite", database=str(path))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number
        raise StoreError(f"{url}: not a store's URL; name a file, or postgresql://user@host/database") from None
    kind = parsed.drivername.partition("+")[0]
    if kind not in _DRIVERS:
        raise StoreError(f"{shown(parsed)}: {kind!r} is no database known here; use sqlite or postgresql")
    return parsed.set(drivername=_DRIVERS[kind])


def _engine(parsed: URL, wait_s: float) -> Engine:
    try:
        engine = create_engine(parsed, pool_pre_ping=True)
    except (NoSuchModuleError, ModuleNotFoundError):
        raise StoreError(
            f"{shown(parsed)}: the driver of PostgreSQL is missing; install it: pip install 'speechcoach[postgres]'"
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda link, _record: _settle(link, wait_s))
    return engine


def _settle(link: Any, wait_s: float) -> None:
    """Many readers beside one writer, no half-written call after a power cut, and rows that go with their call."""
    for setting in (
        f"busy_timeout = {wait_s * 1000:.0f}",  # first: the next one may have to wait
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "secure_delete = ON",  # what is deleted is overwritten
    ):
        link.execute(f"PRAGMA {setting}")


def _migrate(engine: Engine, parsed: URL, new: bool) -> None:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    steps = ScriptDirectory.from_config(config)
    with engine.begin() as link:
        if _found(link, parsed, steps, new) == steps.get_current_head():
            return
    with engine.begin() as link:
        link.exec_driver_sql(_ALONE[engine.dialect.name])  # who opens it at the same moment waits, and finds it done
        _found(link, parsed, steps, new)
        config.attributes["connection"] = link
        command.upgrade(config, "head")


def _found(link: Connection, parsed: URL, steps: ScriptDirectory, new: bool) -> str | None:
    """The step that the tables there are at. Raises StoreError where they are not for us to change."""
    there = set(inspect(link).get_table_names())
    named = "alembic_version" in there
    found = link.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if named else None
    if found is not None and found not in {step.revision for step in steps.walk_revisions()}:
        raise StoreError(f"{shown(parsed)}: a newer speechcoach has written this store; install that one")
    if found is None and "call" in there:
        raise StoreError(f"{shown(parsed)}: a database of something else; name another one for the store")
    if found is None and not new:
        raise StoreError(f"{shown(parsed)}: the database holds no store yet; check its name")
    return found


def shown(parsed: URL) -> str:
    """A URL as it may be said: without the password, and a file as its path."""
    return parsed.database or "" if parsed.drivername == "sqlite" else parsed.render_as_string(hide_password=True)


def _cure(parsed: URL, why: Exception) -> str:
    if parsed.drivername == "sqlite":
        return "name another file, or check who may write there"
    if isinstance(why, OperationalError):
        return "check that the server runs, that the database exists, and the name and password"
    return "check the URL"
