"""Tables are what the result holds, whoever reads them: the csv module, DuckDB, pandas. Truth: the records."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

import speechcoach as sc
from speechcoach.errors import UsageError
from speechcoach.records import Facts, Finding, Frames, Result, Score, Turn, Voice, Word
from speechcoach.views.dataframes import frames_to_pandas, to_pandas
from speechcoach.views.formats import tables
from speechcoach.views.formats.timeline import clamped
from tests.views.formats.results import results

NAMES = pytest.mark.parametrize("name", tables.TABLES)
_SINGLE = {"turns": Turn, "words": Word, "findings": Finding, "scores": Score, "speakers": Voice}


def counts(result: Result) -> dict[str, int]:
    facts: Facts = result.facts
    own = {name: len(getattr(facts, name)) for name in ("turns", "words", "overlaps", "speakers")}
    return own | {"findings": len(result.findings), "scores": len(result.scores)}


def test_every_field_of_the_records_is_a_column_or_named_as_left_out() -> None:
    """A field that a later release adds is seen here."""
    for name, record in _SINGLE.items():
        missing = {item.name for item in fields(record)} - set(tables.columns(name))
        assert missing == {"turns": {"z"}, "speakers": {"trajectory", "level_rises"}}.get(name, set())


@NAMES
@settings(max_examples=30, deadline=None)
@given(result=results())
def test_csv_and_json_lines_say_the_same(name: str, result: Result) -> None:
    read = list(csv.DictReader(io.StringIO(tables.render(result, name, "csv"), newline="")))
    lines = [json.loads(line) for line in tables.render(result, name, "jsonl").split("\n")[:-1]]
    assert len(read) == len(lines) == counts(result)[name]
    for row, line in zip(read, lines, strict=True):
        assert list(row) == list(line) == list(tables.columns(name))
        assert not any(cell.startswith(("=", "+", "@")) for cell in row.values())
        for column, kind in tables.columns(name).items():
            value = line[column]
            assert value is None or isinstance(value, (int, float) if kind is float else kind)
            if kind is float:
                assert row[column] == "" if value is None else float(row[column].lstrip("'")) == value


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(result: Result, text: str) -> None:
    """CWE-1236: what a spreadsheet would compute gets an apostrophe before it; JSON Lines keep it."""
    said = replace(result.facts.turns[0], text=text)
    altered = replace(result, facts=replace(result.facts, turns=(said,)))
    (row,) = csv.DictReader(io.StringIO(tables.render(altered, "turns"), newline=""))
    assert row["text"] == f"'{text}"
    assert row["level_db"] == "-24.0", "a number is a number"
    assert json.loads(tables.render(altered, "turns", "jsonl"))["text"] == text


def test_what_is_not_a_number_is_unknown(result: Result) -> None:
    said = replace(result.facts.turns[0], rate_wpm=float("nan"))
    (row,) = tables.rows(replace(result, facts=replace(result.facts, turns=(said,))), "turns")
    assert row["rate_wpm"] is None


@settings(max_examples=30, deadline=None)
@given(result=results())
def test_times_and_texts_are_the_records(result: Result) -> None:
    turns = list(tables.rows(result, "turns"))
    facts = clamped(result).facts
    assert [(row["start_s"], row["end_s"], row["speaker"]) for row in turns] == [
        (turn.start_s, turn.end_s, turn.speaker) for turn in facts.turns
    ]
    kept = [turn.text.encode("utf-8", "replace").decode().replace("\0", "") for turn in facts.turns]
    assert [row["text"] for row in turns] == kept
    assert [row["acts"] for row in turns] == ["question"] * len(turns)
    assert [row["z_rate"] for row in turns] == [turn.z.rate if turn.z else None for turn in facts.turns]
    found = list(tables.rows(result, "findings"))
    assert [row["start_s"] for row in found] == [
        min((s.start_s for s in f.spans), default=None) for f in clamped(result).findings
    ]


@NAMES
@settings(max_examples=15, deadline=None)
@given(result=results())
def test_duckdb_reads_the_parquet(name: str, result: Result, tmp_path_factory) -> None:
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed (speechcoach[parquet])")
    path: Path = tmp_path_factory.mktemp("table") / "t.parquet"
    tables.write_parquet([result, result], name, path)
    with duckdb.connect() as link:
        read = link.read_parquet(str(path))
        types = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN"}
        assert dict(zip(read.columns, map(str, read.types), strict=True)) == {
            column: types[kind] for column, kind in tables.columns(name).items()
        }
        assert read.fetchall() == 2 * [tuple(row.values()) for row in tables.rows(result, name)]


@NAMES
@settings(max_examples=15, deadline=None)
@given(result=results())
def test_a_data_frame_has_the_same_types_whatever_it_holds(name: str, result: Result) -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed (speechcoach[pandas])")
    frame, empty = to_pandas([result, result], name), to_pandas([], name)
    assert list(frame.columns) == list(empty.columns) == list(tables.columns(name))
    assert [type(kind) for kind in frame.dtypes] == [type(kind) for kind in empty.dtypes]
    assert len(frame) == 2 * counts(result)[name]
    for column, kind in tables.columns(name).items():
        wanted = 2 * [row[column] for row in tables.rows(result, name)]
        assert [None if pd.isna(value) else kind(value) for value in frame[column]] == wanted
        if kind is float:
            assert frame[column].dtype == np.float64


def test_a_data_frame_is_one_call_away(result: Result) -> None:
    pd = pytest.importorskip("pandas")
    turns = sc.to_pandas(result, "turns")
    assert turns.groupby("speaker", observed=True)["words"].sum().to_dict() == {"agent": 16, "customer": 14}
    assert isinstance(turns["speaker"].dtype, pd.CategoricalDtype)
    assert [str(turns[name].dtype) for name in ("place", "words", "inserted", "start_s")] == [
        "Int64",
        "Int64",
        "boolean",
        "float64",
    ]
    assert sc.to_pandas(result, "findings")["strength"].tolist() == [True, False, False]
    assert np.isnan(sc.to_pandas(result, "scores").set_index("name")["score"]["voice"])


def test_frames_are_a_data_frame_too(frames: Frames) -> None:
    pytest.importorskip("pandas")
    read = frames_to_pandas(frames)
    assert list(read)[:4] == ["time_s", "channel", "f0_hz", "voicing"]
    assert len(read) == 2 * len(frames.time_s)
    own = read[read["channel"] == 1]
    np.testing.assert_array_equal(own["level_db"], frames.level_db[1])
    assert own["f0_hz"].isna().sum() == np.isnan(frames.f0_hz[1]).sum() > 0


def test_what_is_no_table_is_one_sentence(result: Result) -> None:
    with pytest.raises(UsageError, match=r"--table must be one of turns, words, .*, not 'turn'"):
        tables.render(result, "turn")
    with pytest.raises(UsageError, match="not 'pauses'"):
        to_pandas(result, "pauses")
