"""What other programs read: a table of the store as CSV, JSON Lines or Parquet; the frame columns of a call as Parquet.

Moments are written as ISO 8601 in UTC. A CSV cell that a spreadsheet would take for a formula gets an apostrophe before
it (CWE-1236): what people said, and names of files, are not ours to trust.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from speechcoach.audio import open_recording
from speechcoach.errors import OutputError, UsageError
from speechcoach.features import extract_blocks
from speechcoach.team.store import Store
from speechcoach.team.tables import metadata
from speechcoach.views.formats.tables import spreadsheet_cell

TABLES = ("call", "finding", "score", "speaker", "abstention")
_ANALYSIS_HZ = 8_000  # as a recording is analysed


def check(table: str, kind: str, out: Path | None) -> None:
    """Raise UsageError for what cannot be meant."""
    if table not in TABLES:
        raise UsageError(f"--table must be one of {', '.join(TABLES)}, not {table!r}")
    if kind == "parquet" and out is None:
        raise UsageError("Parquet is no text: name a file with --out")


def exported(store: Store, table: str, kind: str, out: Path | None) -> None:
    """Write the table. Raises UsageError for what cannot be meant, OutputError where it cannot be written."""
    check(table, kind, out)
    if kind == "parquet" and out is not None:
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
    writer.writerows([spreadsheet_cell(_plain(value)) for value in row.values()] for row in store.rows(table))


def _jsonl(store: Store, table: str, paper: TextIO) -> None:
    for row in store.rows(table):
        paper.write(json.dumps({name: _plain(value) for name, value in row.items()}, ensure_ascii=False) + "\n")


def _parquet(store: Store, table: str, out: Path) -> None:
    """Through JSON Lines in a temporary file: the types are those of the store, whatever the first rows hold."""
    types = {column.name: _TYPES[type(column.type).__name__] for column in metadata.tables[table].columns}
    with _written(out) as (link, part), tempfile.TemporaryDirectory(prefix="speechcoach-") as folder:
        lines = Path(folder) / "rows.jsonl"
        with lines.open("w", encoding="utf-8") as paper:
            _jsonl(store, table, paper)
        rows = link.read_json(str(lines), format="newline_delimited", columns=types)
        rows.write_parquet(str(part), compression="zstd")


def exported_frames(recording: Path, out: Path | None) -> None:
    """Write what is measured every 10 ms of the recording, a row for each frame of each channel, as Parquet.

    Columns are those of `Frames`, after `time_s` and `channel` (from 0); null where nothing was measured, such as the
    pitch where nobody's voice sounds. Raises RecordingError, UsageError, or OutputError where it cannot be written.
    """
    if out is None:
        raise UsageError("Parquet is no text: name a file with --out")
    with _written(out) as (link, part):
        columns = _frame_columns(recording)
        link.register("frames", columns)
        wanted = [_nullable(name) if values.dtype.kind == "f" else f'"{name}"' for name, values in columns.items()]
        link.sql(f"SELECT {', '.join(wanted)} FROM frames").write_parquet(str(part), compression="zstd")


def _frame_columns(path: Path) -> dict[str, np.ndarray]:
    """The columns of all channels, one channel after the other."""
    recording = open_recording(path)
    try:
        frames = extract_blocks(recording.analysis_blocks(), _ANALYSIS_HZ)
    finally:
        recording.release()
    channels, count = frames.level_db.shape
    measured = {
        item.name: getattr(frames, item.name) for item in fields(frames) if item.name not in ("hop_s", "time_s")
    }
    return {
        "time_s": np.tile(frames.time_s, channels),
        "channel": np.repeat(np.arange(channels, dtype=np.uint8), count),
        **{name: values.ravel() for name, values in measured.items() if values is not None},
    }


def _nullable(name: str) -> str:
    return f'CASE WHEN isnan("{name}") THEN NULL ELSE "{name}" END AS "{name}"'


@contextmanager
def _written(out: Path) -> Iterator[tuple[Any, Path]]:
    """A connection to DuckDB and a file to write, which takes the place of `out` when it is whole."""
    try:
        import duckdb
    except ImportError:
        raise UsageError("Parquet needs DuckDB; install it: pip install 'speechcoach[parquet]'") from None
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with duckdb.connect() as link:
            yield link, part
        part.replace(out)
    except (duckdb.IOException, OSError) as why:
        cause = getattr(why, "strerror", None) or str(why).splitlines()[0]
        raise OutputError(f"{out}: cannot be written ({cause}); make room, or name another file with --out") from None
    finally:
        with suppress(OSError):
            part.unlink()


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
