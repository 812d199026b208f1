"""Tables of one or several results: a row a turn, a word, a finding, an overlap, a score, a speaker.

Columns are the fields of the records, after `call` (the recording's id) and `file`; their types do not depend on the
rows. A field that holds several things is one column of text, parts joined by "; ". Times are seconds of the call;
unknown is an empty cell in CSV, null elsewhere. A CSV cell that a spreadsheet would take for a formula gets an
apostrophe before it (CWE-1236): what people said, and names of files, are not ours to trust.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, TextIO, get_args, get_origin, get_type_hints

from speechcoach.errors import UsageError
from speechcoach.records import Act, Finding, Overlap, Result, Score, Turn, Voice, Word, ZScores
from speechcoach.views.formats.libraries import library
from speechcoach.views.formats.timeline import clamped, utf8

Cell = str | int | float | bool | None
Row = dict[str, Cell]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DUCKDB = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN"}
_ELSEWHERE = ("trajectory", "level_rises", "z")  # of several values each: those of `z` are columns of their own


@dataclass(frozen=True, slots=True)
class Table:
    """The record that a row is, where the rows are, and columns before those of the record."""

    record: type
    rows: Callable[[Result], Iterable[tuple[Row, Any]]]
    before: Mapping[str, type]


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "turns": Table(Turn, lambda result: _counted(result.facts.turns), {"place": int}),
        "words": Table(Word, lambda result: _counted(result.facts.words), {"place": int}),
        "findings": Table(Finding, lambda result: (({}, item) for item in result.findings), {}),
        "overlaps": Table(Overlap, lambda result: _counted(result.facts.overlaps), {"place": int}),
        "scores": Table(Score, lambda result: (({}, item) for item in result.scores), {}),
        "speakers": Table(
            Voice,
            lambda result: (({"speaker": n}, item) for n, item in result.facts.speakers.items()),
            {"speaker": str},
        ),
    }
)


def _counted(items: Iterable[Any]) -> Iterator[tuple[Row, Any]]:
    """The items with their place in the result, from 0."""
    return (({"place": place}, item) for place, item in enumerate(items))


@cache
def columns(name: str) -> Mapping[str, type]:
    """The columns of a table in order, each with its type: str, int, float or bool; every one may be unknown.

    Raises UsageError for an unknown table.
    """
    if name not in TABLES:
        raise UsageError(f"--table must be one of {', '.join(TABLES)}, not {name!r}")
    table = TABLES[name]
    return MappingProxyType({"call": str, "file": str, **table.before, **_of_record(table.record)})


def _of_record(record: type) -> dict[str, type]:
    hints = get_type_hints(record)
    made: dict[str, type] = {}
    for item in fields(record):
        if item.name == "spans":
            made |= {"start_s": float, "end_s": float, "spans": str}
        elif item.name == "z":
            made |= {f"z_{part.name}": float for part in fields(ZScores)}
        elif item.name not in _ELSEWHERE:
            made[item.name] = _plain_type(hints[item.name])
    return made


def _plain_type(hint: Any) -> type:
    """The type of a cell for a field of this type."""
    if get_origin(hint) is Literal:
        return str
    if isinstance(hint, UnionType) or (get_origin(hint) is not None and NoneType in get_args(hint)):
        return next(_plain_type(part) for part in get_args(hint) if part is not NoneType)
    return hint if hint in _DUCKDB else str


def rows(result: Result, name: str) -> Iterator[Row]:
    """The rows of a table, in the order of the result, every column in each; ranges clamped to the call."""
    wanted, result = columns(name), clamped(result)
    call = {"call": result.facts.call.id, "file": result.facts.call.file}
    for before, item in TABLES[name].rows(result):
        cells = call | before | dict(_cells(item))
        yield {column: _plain(cells.get(column)) for column in wanted}


def _cells(item: Any) -> Iterator[tuple[str, Cell]]:
    for part in fields(item):
        value = getattr(item, part.name)
        if part.name == "spans":
            yield "start_s", min((span.start_s for span in value), default=None)
            yield "end_s", max((span.end_s for span in value), default=None)
            yield "spans", "; ".join(f"{span.start_s:.3f}-{span.end_s:.3f}" for span in value)
        elif part.name == "z":
            yield from ((f"z_{each.name}", getattr(value, each.name)) for each in fields(ZScores) if value)
        elif isinstance(value, tuple):
            yield part.name, "; ".join(each.kind if isinstance(each, Act) else str(each) for each in value)
        else:
            yield part.name, value


def _plain(value: Any) -> Cell:
    """The value as every format can hold it: NaN is unknown, and text is UTF-8 without NUL."""
    if isinstance(value, str):
        return utf8(value)
    return None if value != value else value


def write_csv(results: Iterable[Result], name: str, paper: TextIO) -> None:
    """Write the table with a line of column names, as RFC 4180 has it; open `paper` with `newline=""`."""
    writer = csv.writer(paper)
    writer.writerow(columns(name))
    writer.writerows(
        [spreadsheet_cell(value) for value in row.values()] for result in results for row in rows(result, name)
    )


def write_jsonl(results: Iterable[Result], name: str, paper: TextIO) -> None:
    """Write a JSON object a row."""
    columns(name)
    for result in results:
        for row in rows(result, name):
            paper.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")


def write_parquet(results: Iterable[Result], name: str, path: Path) -> None:
    """Write the table as Parquet. Raises UsageError where DuckDB is not installed, OSError where it cannot write."""
    duckdb, types = library("duckdb"), {column: _DUCKDB[kind] for column, kind in columns(name).items()}
    with tempfile.TemporaryDirectory(prefix="speechcoach-") as folder, duckdb.connect() as link:
        lines, whole = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        with lines.open("w", encoding="utf-8") as paper:
            write_jsonl(results, name, paper)
        link.read_json(str(lines), format="newline_delimited", columns=types).write_parquet(
            str(whole), compression="zstd"
        )
        path.write_bytes(whole.read_bytes())


def render(result: Result, name: str, kind: str = "csv") -> str:
    """The table of one result as text, CSV or JSON Lines ("jsonl")."""
    paper = io.StringIO(newline="")
    (write_csv if kind == "csv" else write_jsonl)([result], name, paper)
    return paper.getvalue()


def spreadsheet_cell(value: Cell) -> Cell:
    """The value as a CSV cell that no spreadsheet runs."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
