"""What other programs read back is what the store holds, with its types."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from speechcoach.cli import main
from speechcoach.errors import OutputError, UsageError
from speechcoach.features import extract
from speechcoach.pipeline import judge
from speechcoach.team.exports import TABLES, exported, exported_frames
from speechcoach.team.rows import Entry, Found, Meta
from speechcoach.team.store import Store
from tests.judgement.calls import busy_call

MOMENT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path):
    """A call with everything, and one that failed, whose name is a formula with a line break in it."""
    with Store(str(tmp_path / "calls.db")) as made:
        found = Found("/calls/one.wav", "one.wav", 10, "1")
        made.keep(Entry("a" * 64, "key", found, Meta(agent="Ana Müller", recorded_at=MOMENT), judge(busy_call())))
        bad = Found("/calls/bad.wav", '=1+1,"x"\n.wav', 10, "1")
        made.keep(Entry("b" * 64, "key", bad, error_class="EmptyRecording", error="bad.wav: is empty"))
        yield made


@pytest.fixture
def duckdb():
    return pytest.importorskip("duckdb", reason="DuckDB is not installed (speechcoach[parquet])")


@pytest.mark.parametrize("table", TABLES)
def test_parquet_holds_the_rows_of_the_store(duckdb, store: Store, tmp_path: Path, table: str) -> None:
    out = tmp_path / "it's [a] *.parquet"
    exported(store, table, "parquet", out)
    truth = list(store.rows(table))
    with duckdb.connect() as link:
        link.execute("SET TimeZone = 'UTC'")
        (tmp_path / "plain.parquet").write_bytes(out.read_bytes())
        read = link.read_parquet(str(tmp_path / "plain.parquet"))
        assert read.columns == list(truth[0])
        plain = ", ".join(
            f"epoch_ms({name})" if kind == "TIMESTAMP WITH TIME ZONE" else name
            for name, kind in zip(read.columns, map(str, read.types), strict=True)
        )
        rows = read.query("own", f"SELECT {plain} FROM own").fetchall()
    assert rows == [tuple(_in_ms(value) for value in row.values()) for row in truth]
    assert rows, "an empty table proves little"
    assert not list(tmp_path.glob(".*")), "nothing is left behind"


def _in_ms(value: object) -> object:
    return round(value.timestamp() * 1000) if isinstance(value, datetime) else value


def test_types_do_not_depend_on_the_rows(duckdb, store: Store, tmp_path: Path) -> None:
    """A column whose first rows are all null, and a table without rows, have their types all the same."""
    types = {}
    with Store(str(tmp_path / "empty.db")) as empty, duckdb.connect() as link:
        for name, of in (("full", store), ("empty", empty)):
            exported(of, "call", "parquet", tmp_path / f"{name}.parquet")
            read = link.read_parquet(str(tmp_path / f"{name}.parquet"))
            types[name] = dict(zip(read.columns, map(str, read.types), strict=True))
    assert types["full"] == types["empty"]
    assert types["full"]["recorded_at"] == types["full"]["analysed_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["full"]["duration_s"] == "DOUBLE"
    assert types["full"]["flags"] == "INTEGER"
    assert types["full"]["queue"] == "VARCHAR"


def test_csv_is_safe_in_a_spreadsheet(store: Store, tmp_path: Path) -> None:
    exported(store, "call", "csv", tmp_path / "calls.csv")
    with (tmp_path / "calls.csv").open(encoding="utf-8", newline="") as file:
        good, bad = csv.DictReader(file)
    assert bad["name"] == '\'=1+1,"x"\n.wav'
    assert (good["agent"], good["recorded_at"], good["queue"]) == ("Ana Müller", "2026-03-01T09:30:00+00:00", "")


def test_json_lines_are_exact(store: Store, tmp_path: Path) -> None:
    exported(store, "call", "jsonl", tmp_path / "calls.jsonl")
    good, bad = map(json.loads, (tmp_path / "calls.jsonl").read_text("utf-8").splitlines())
    assert bad["name"] == '=1+1,"x"\n.wav'
    assert (good["duration_s"], good["queue"]) == (busy_call().call.duration_s, None)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, samples_folder: Path) -> Path:
    """Six seconds, in which both sides speak, at the rate of the analysis: nothing lies between it and the features."""
    samples, rate_hz = soundfile.read(samples_folder / "good_listener.wav", 6 * 8000, dtype="int16")
    assert rate_hz == 8000
    path = tmp_path_factory.mktemp("recording") / "call.wav"
    soundfile.write(path, samples, rate_hz)
    return path


def test_frames_are_what_the_features_say(duckdb, recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "frames.parquet"
    exported_frames(recording, out)
    samples, rate_hz = soundfile.read(recording, dtype="float32", always_2d=True)
    frames = extract(samples.T, rate_hz)
    with duckdb.connect() as link:
        read = link.read_parquet(str(out))
        types = dict(zip(read.columns, map(str, read.types), strict=True))
        columns = read.fetchnumpy()
    assert list(types)[:5] == ["time_s", "channel", "f0_hz", "voicing", "level_db"]
    assert (types["time_s"], types["channel"], types["f0_hz"], types["active"]) == (
        "DOUBLE",
        "UTINYINT",
        "FLOAT",
        "BOOLEAN",
    )
    for channel in (0, 1):
        own = np.asarray(columns["channel"]) == channel
        assert np.asarray(columns["time_s"])[own] == pytest.approx(frames.time_s)
        assert np.asarray(columns["level_db"])[own] == pytest.approx(frames.level_db[channel], abs=1e-3)
        pitch = np.ma.filled(np.ma.asarray(columns["f0_hz"])[own], np.nan)
        np.testing.assert_allclose(pitch, frames.f0_hz[channel], rtol=1e-4)
    unvoiced = int(np.isnan(frames.f0_hz).sum())
    assert 0 < unvoiced == int(np.ma.getmaskarray(columns["f0_hz"]).sum()), "null, not NaN, where nobody's voice sounds"


def test_frames_by_the_command(duckdb, recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "frames.parquet"
    ran = CliRunner().invoke(main, ["export", "--frames", str(recording), "--out", str(out)])
    assert (ran.exit_code, ran.output) == (0, "")
    assert out.stat().st_size > 1000


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--frames", "none.wav", "--out", "f.parquet"], "none.wav"),
        (["--frames", "call.wav"], "name a file with --out"),
        (["--frames", "call.wav", "--format", "csv", "--out", "f.csv"], "--frames are written as Parquet, not csv"),
        (["--format", "parquet"], "name a file with --out"),
        (["--table", "calls"], "--table must be one of call, finding, score, speaker, abstention, not 'calls'"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(options: list[str], said: str, tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("duckdb")
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(main, ["export", *options])
    assert ran.exit_code == 2
    assert said in ran.output
    assert ran.output.startswith("error: ") and ran.output.count("\n") == 1


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_folder_that_is_not_there_is_one_sentence(store: Store, tmp_path: Path, kind: str) -> None:
    if kind == "parquet":
        pytest.importorskip("duckdb")
    with pytest.raises(OutputError, match=r"cannot be written .*; .*name another file with --out") as why:
        exported(store, "call", kind, tmp_path / "nowhere" / "calls")
    assert "\n" not in str(why.value)


def test_without_duckdb_it_says_what_to_install(store: Store, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UsageError, match=r"pip install 'speechcoach\[parquet\]'"):
        exported(store, "call", "parquet", tmp_path / "calls.parquet")
