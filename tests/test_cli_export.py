"""`speechcoach export` of results and of a store's calls: which files it writes, what it says where it cannot."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
from click.testing import CliRunner, Result

import speechcoach as sc
from speechcoach import cli
from speechcoach.audio import open_recording
from speechcoach.pipeline import judge
from speechcoach.team.rows import Entry, Found, Meta
from speechcoach.team.store import Store
from speechcoach.views import formats
from tests.judgement.calls import busy_call


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def _run(*arguments: object) -> Result:
        return CliRunner().invoke(cli.main, ["export", *map(str, arguments)])

    return _run


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A result as analyze writes it."""
    path = tmp_path / "call.json"
    path.write_text(sc.to_json(judge(busy_call())), "utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path, result = tmp_path / "calls.db", judge(busy_call())
    with Store(str(path)) as store:
        for place, name in enumerate(("one.wav", "two.wav")):
            store.keep(Entry(f"{place}{'a' * 63}", "key", Found(f"/c/{name}", name, 1, "1"), Meta(), result))
        store.keep(Entry("1b" + "c" * 62, "key", Found("/d/two.wav", "two.wav", 1, "1"), Meta(), result))
        store.keep(Entry("f" * 64, "key", Found("/c/bad", "bad.wav", 1, "1"), error_class="EmptyRecording", error="x"))
    return path


@pytest.mark.parametrize("name", formats.FORMATS)
def test_one_result_is_printed_or_written(run, made: Path, name: str) -> None:
    if formats.FORMATS[name].library:
        pytest.importorskip(formats.FORMATS[name].library)
    printed = run(made, "--format", name)
    assert printed.exit_code == 0, printed.output
    written = run(made, "--format", name, "--out", f"there{formats.FORMATS[name].suffix}")
    assert (written.exit_code, written.output) == (0, "")
    there = Path(f"there{formats.FORMATS[name].suffix}").read_text("utf-8")
    if name != "eaf":  # which says when it was written
        assert there == printed.stdout == formats.render(judge(busy_call()), name)


def test_several_results_are_a_file_each_and_a_bad_one_does_not_stop_the_rest(run, made: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "call.json"
    other.parent.mkdir()
    other.write_bytes(made.read_bytes())
    (tmp_path / "bad.json").write_text("{}", "utf-8")
    done = run(made, "bad.json", other, "--format", "vtt", "--out", "captions")
    assert done.exit_code == 1
    assert done.stderr.startswith("error: bad.json: not a speechcoach result") and done.stderr.count("\n") == 1
    assert sorted(path.name for path in Path("captions").iterdir()) == ["call-2.vtt", "call.vtt"]


def test_one_table_is_written_over_all_results(run, made: Path) -> None:
    turns = len(judge(busy_call()).facts.turns)
    done = run(made, made, "none.json", "--format", "csv")
    assert done.exit_code == 1 and "none.json" in done.stderr
    assert len(list(csv.DictReader(io.StringIO(done.stdout)))) == 2 * turns
    (Path.cwd() / "folder").mkdir()
    assert run(made, "--table", "findings", "--format", "jsonl", "--out", "folder").exit_code == 0
    lines = Path("folder/findings.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [item.id for item in judge(busy_call()).findings]


def test_a_table_of_results_is_parquet_too(run, made: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    assert run(made, "--table", "words", "--format", "parquet", "--out", "words.parquet").output == ""
    with duckdb.connect() as link:
        rows = link.read_parquet("words.parquet").fetchall()
    assert len(rows) == len(busy_call().words) > 0


@pytest.mark.parametrize("call", ["one.wav", "one", "/c/one.wav", "0aaaa"])
def test_a_call_of_a_store_by_its_name_or_its_id(run, store: Path, call: str) -> None:
    done = run("--store", store, "--call", call, "--format", "rttm")
    assert done.exit_code == 0, done.output
    assert done.stdout == formats.render(judge(busy_call()), "rttm") != ""


def test_several_calls_of_a_store_are_a_file_each(run, store: Path) -> None:
    done = run("--store", store, "--call", "one", "--call", "1aa", "--format", "ctm", "--out", "words")
    assert (done.exit_code, done.output) == (0, "")
    assert sorted(path.name for path in Path("words").iterdir()) == ["one.ctm", "two.ctm"]


def test_with_the_recording_pitch_and_level_lie_beside_the_grid(run, tmp_path: Path, samples_folder: Path) -> None:
    pytest.importorskip("praatio")
    sound, rate_hz = soundfile.read(samples_folder / "good_listener.wav", 20 * 8000, dtype="int16")
    soundfile.write(tmp_path / "call.wav", sound, rate_hz)
    result = sc.analyze(tmp_path / "call.wav", agent="left", transcript=False)
    assert result.facts.call.id == open_recording(tmp_path / "call.wav").sha256
    (tmp_path / "call.json").write_text(sc.to_json(result), "utf-8")
    done = run("call.json", "--frames", "call.wav", "--format", "textgrid", "--out", "call.TextGrid")
    assert (done.exit_code, done.output) == (0, "")
    beside = {path.name for path in tmp_path.glob("call.*Tier")}
    assert {"call.agent.PitchTier", "call.agent.IntensityTier", "call.customer.PitchTier"} <= beside
    scored = json.loads(run("call.json", "--frames", "call.wav", "--format", "contact-lens").stdout)
    assert all(50 < score < 100 for turn in scored["Transcript"] for score in turn["LoudnessScore"])
    other = replace(result, facts=replace(result.facts, call=replace(result.facts.call, id="0" * 64)))
    (tmp_path / "other.json").write_text(sc.to_json(other), "utf-8")
    said = run("other.json", "--frames", "call.wav", "--format", "contact-lens")
    assert said.exit_code == 2 and "is not the recording of this result" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("call.json", "call.json", "--format", "vtt"), "name a folder with --out"),
        (("call.json", "--format", "parquet"), "name a file with --out"),
        (("call.json", "--table", "turn"), "--table must be one of turns, words"),
        (("call.json", "--table", "turns", "--format", "vtt"), "--table goes with csv, jsonl, parquet, not with vtt"),
        (("call.json", "--store", "calls.db"), "not both"),
        (("call.json", "--format", "vtt", "--out", "call.json"), "would be overwritten"),
        (("call.json", "--format", "vtt", "--out", "none/call.vtt"), "none/call.vtt: cannot be written"),
        (("call.json", "--format", "csv", "--out", "none/call.csv"), "none/call.csv: cannot be written"),
        (("call.json", "--frames", "call.wav", "--format", "vtt"), "--frames goes with one call and textgrid or"),
        (("call.json", "--frames", "call.wav", "--format", "textgrid"), "the others lie beside it"),
        (("--store", "calls.db", "--format", "vtt"), "name a RESULT, or --store and --call"),
        (("--store", "calls.db", "--call", "three"), "holds no call 'three'"),
        (("--store", "calls.db", "--call", "two.wav"), "2 calls are 'two.wav'"),
        (("--store", "none.db", "--call", "two.wav"), "there is no store"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(run, made: Path, store: Path, arguments, says: str) -> None:
    pytest.importorskip("praatio")
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert says in done.stderr
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert sc.load(made) == judge(busy_call()), "the result is untouched"


def test_a_store_in_a_file_of_options_does_not_keep_results_from_being_named(run, made: Path) -> None:
    Path("speechcoach.toml").write_text('store = "calls.db"\n', "utf-8")
    done = run(made, "--format", "rttm")
    assert (done.exit_code, done.stdout) == (0, formats.render(judge(busy_call()), "rttm"))


def test_a_call_that_failed_is_one_sentence(run, store: Path) -> None:
    done = run("--store", store, "--call", "bad", "--format", "rttm")
    assert done.exit_code == 1 and "the call failed" in done.stderr and done.stderr.count("\n") == 1
