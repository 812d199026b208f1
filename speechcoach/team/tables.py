"""The tables of the store, as SQLAlchemy describes them; `migrations/` makes them, and a test holds the two together.

Conventions: a call is one recording's content, by the sha256 of its file; everything else hangs on it and goes with it.
Times in a call are seconds, moments in the world UTC. Names of columns are those of the result format, so that what a
query finds can be looked up there; `limit` is called `threshold_value`, for it is a word of SQL.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, get_type_hints

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

from speechcoach.records import Voice

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

META = ("agent", "team", "queue", "recorded_at", "language")
"""What a team knows of a call that the recording does not say; `language` is the call's where nobody says another."""


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; what comes back says so, also from SQLite, which knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Line(TypeDecorator[str]):
    """Text that others gave, such as names of files: what no database takes (bytes outside UTF-8, NUL) is spelt out."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text as a `Line` keeps it."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def measure_names() -> tuple[str, ...]:
    """The measures of a speaker that are single numbers, in the order of the record."""
    hints = get_type_hints(Voice)
    return tuple(item.name for item in fields(Voice) if hints[item.name] in (float, float | None))


def _of_call() -> Column:
    return Column("call_id", String(64), ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)


call = Table(
    "call",
    metadata,
    Column("id", String(64), primary_key=True),  # sha256 of the file
    Column("uri", Line, nullable=False),  # where it was found last
    Column("name", Line, nullable=False),
    Column("state", String(8), nullable=False),  # done | failed
    Column("key", Text, nullable=False),  # what made it: fingerprint of the configuration, version of speechcoach
    Column("error_class", String(64)),
    Column("error", Line),
    Column("agent", Line, index=True),
    Column("team", Line, index=True),
    Column("queue", Line, index=True),
    Column("recorded_at", Moment, index=True),
    Column("language", String(16)),
    Column("duration_s", Float),
    Column("channels", Integer),
    Column("roles_from", String(16)),
    Column("transcribed_by", Text),
    Column("screening", String(8)),  # flagged | sampled | skipped; null where every call is treated alike
    Column("screening_why", Text),
    Column("flags", Integer),
    Column("strengths", Integer),
    Column("norms", Text),
    Column("rubric", Text),
    Column("analysed_at", Moment, nullable=False),
)

document = Table(  # apart from the call, so that tables of calls are light
    "document",
    metadata,
    _of_call(),
    Column("facts", LargeBinary, nullable=False),  # as `schema.facts_bytes` writes them, compressed by zlib
    Column("judged", LargeBinary, nullable=False),  # as `schema.judged_bytes` writes it, compressed by zlib
)

finding = Table(
    "finding",
    metadata,
    _of_call(),
    Column("place", Integer, primary_key=True),  # in the order of the result
    Column("id", Text, nullable=False),
    Column("cue", String(64), nullable=False),
    Column("variant", String(64), nullable=False),
    Column("speaker", String(16), nullable=False),
    Column("strength", Boolean, nullable=False),
    Column("start_s", Float),
    Column("end_s", Float),
    Column("value", Float, nullable=False),
    Column("threshold_value", Float, nullable=False),
    Column("unit", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("unless", Text, nullable=False),
    Column("source", Text, nullable=False),
    Index("ix_finding_cue", "cue", "strength"),
)

abstention = Table(
    "abstention",
    metadata,
    _of_call(),
    Column("cue", String(64), primary_key=True),
    Column("why", Text, nullable=False),
)

score = Table(
    "score",
    metadata,
    _of_call(),
    Column("name", String(64), primary_key=True),
    Column("score", Float),  # null: nothing that it rests on could be judged
)

speaker = Table(
    "speaker",
    metadata,
    _of_call(),
    Column("speaker", String(16), primary_key=True),
    *(Column(name, Float) for name in measure_names()),
)

source = Table(  # what a recording's content was when it was last read: it need not be read again to be known
    "source",
    metadata,
    Column("uri", Line, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("stamp", Line, nullable=False),  # time of the last change, or the server's tag
    Column("call_id", String(64), nullable=False, index=True),
)

OF_CALL = (document, finding, abstention, score, speaker)
"""Tables whose rows are written and removed with their call."""
