"""A table of the store as a file that other programs read: CSV, JSON Lines, or Parquet.

Moments are written as ISO 8601 in UTC. A CSV cell that a spreadsheet would take for a formula gets an apostrophe before
it (CWE-1236): what people said, and names of files, are not ours to trust.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from speechcoach.errors import OutputError, UsageError
from speechcoach.team.store import Store
from speechcoach.team.tables import metadata

TABLES = ("call", "finding", "score", "speaker", "abstention")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def exported(store: Store, table: str, kind: str, out: Path | None) -> None:
    """Write the table. Raises UsageError for what cannot be meant, OutputError where it cannot be written."""
    if table not in TABLES:
        raise UsageError(f"--table must be one of {', '.join(TABLES)}, not {table!r}")
    if kind == "parquet":
        if out is None:
            raise UsageError("Parquet is no text: name a file with --out")
        _parquet(store, table, out)
        return
    with _paper(out) as paper:
        (_csv if kind == "csv" else _jsonl)(store, table, paper)


def columns(table: str) -> list[str]:
    """The columns of a table, in order."""
    return [column.name for column in metadata.tables[table].columns]


def _csv(store: Store, table: str, paper: TextIO) -> None:
    writer = csv.writer(paper)
    writer.writerow(columns(table))
    writer.writerows([_cell(value) for value in row.values()] for row in store.rows(table))


def _jsonl(store: Store, table: str, paper: TextIO) -> None:
    for row in store.rows(table):
        paper.write(json.dumps({name: _plain(value) for name, value in row.items()}, ensure_ascii=False) + "\n")


def _parquet(store: Store, table: str, out: Path) -> None:
    """Through JSON Lines in a temporary file: the types are those of the store, whatever the first rows hold."""
    try:
        import duckdb
    except ImportError:
        raise UsageError("Parquet needs DuckDB; install it: pip install 'speechcoach[parquet]'") from None
    types = {column.name: _TYPES[type(column.type).__name__] for column in metadata.tables[table].columns}
    with tempfile.TemporaryDirectory(prefix="speechcoach-") as folder:
        lines = Path(folder) / "rows.jsonl"
        with lines.open("w", encoding="utf-8") as paper:
            _jsonl(store, table, paper)
        with duckdb.connect() as link:
            rows = link.read_json(str(lines), format="newline_delimited", columns=types)
            try:
                rows.write_parquet(str(out), compression="zstd")
            except duckdb.IOException as why:
                raise OutputError(f"{out}: cannot be written ({why}); name another file with --out") from None


_TYPES = {
    "String": "VARCHAR",
    "Text": "VARCHAR",
    "Line": "VARCHAR",
    "Integer": "INTEGER",
    "BigInteger": "BIGINT",
    "Float": "DOUBLE",
    "Boolean": "BOOLEAN",
    "Moment": "TIMESTAMPTZ",
}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _cell(value: Any) -> Any:
    value = _plain(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


@contextmanager
def _paper(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        if hasattr(sys.stdout, "reconfigure"):  # data is UTF-8, whatever the terminal is
            sys.stdout.reconfigure(encoding="utf-8")
        yield sys.stdout
        return
    try:
        with out.open("w", encoding="utf-8", newline="") as paper:
            yield paper
    except OSError as why:
        raise OutputError(f"{out}: cannot be written ({why.strerror}); name another file with --out") from None
