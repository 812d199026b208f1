"""Many calls on the command line: exit codes, one sentence for what is wrong, and what is printed where."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from speechcoach import cli
from speechcoach.pipeline import judge
from speechcoach.settings import Rubric
from speechcoach.team.rows import Entry, Found, Meta
from speechcoach.team.store import Store
from tests.judgement.calls import busy_call
from tests.team.recordings import cut

VOICES = ("--transcript", "none", "--jobs", "1")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run the command in an empty folder; gives click's result."""
    monkeypatch.chdir(tmp_path)

    def _run(*arguments: object) -> Result:
        return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])

    return _run


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A store of two judged calls and a failed one, whose names would like to be formulas."""
    path = tmp_path / "calls.db"
    result = judge(busy_call())
    with Store(str(path)) as store:
        for place, name in enumerate(('=HYPERLINK("x").wav', "two\nlines, 通話.wav")):
            store.keep(Entry(f"{place:064x}", "key", Found(f"/c/{name}", name, 1, "1"), Meta(agent="@Ann"), result))
        store.keep(Entry("f" * 64, "key", Found("/c/bad", "bad", 1, "1"), error_class="EmptyRecording", error="-bad"))
    return path


def one_sentence(done: Result, code: int) -> str:
    assert done.exit_code == code, done.output
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    return line


# batch


def test_a_batch_tells_its_progress_in_plain_lines_and_its_sum(run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for place in range(2):
        cut(folder / f"{place}.wav", 10 + place)
    done = run("batch", folder, *VOICES)
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert "calls: 1 of 2" in done.stderr and "calls: 2 of 2" in done.stderr
    assert "2 calls found: 0 finished before, 2 done now" in done.stderr
    assert "\x1b" not in done.stderr, "no terminal, no colours"
    again = run("batch", folder, *VOICES, "--quiet")
    assert (again.exit_code, again.output) == (0, "")


def test_one_bad_file_is_exit_code_1_and_the_others_are_kept(run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    cut(folder / "good.wav", 10)
    (folder / "two\nlines.wav").write_text("no recording", "utf-8")
    line = one_sentence(run("batch", folder, *VOICES, "--quiet"), 1)
    assert "lines.wav" in line
    with Store("calls.db") as store:
        assert store.counts() == {"done": 1, "failed": 1}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "nothing to analyse"),
        (("none",), "no such file or folder"),
        (("in",), "no recordings are there"),
        (("a.wav", "--manifest", "none.csv"), "check the path of the manifest"),
        (("a.wav", "--manifest", "bad.csv"), "unknown column 'agnet'"),
        (("a.wav", "--pattern", "{name}.wav"), "cannot stand there"),
        (("a.wav", "--jobs", "0"), "--jobs must be 1 or more"),
        (("a.wav", "--store", "mysql://host/calls"), "use sqlite or postgresql"),
        (("a.wav", "--store", "none/calls.db"), "make it first"),
        (("a.wav", "--store", "bad.csv"), "not a database"),
        (("a.wav", "--store", "postgresql://ann:geheim@127.0.0.1:1/calls"), "check that the server runs"),
        (("a.wav", "--norms", "none.toml"), "no such settings file"),
        (("a.wav", "--rubric", "bad.csv"), "not a readable TOML file"),
        (("a.wav", "--language", "english"), "language must be"),
        (("a.wav", "--reports", "bad.csv"), "cannot be a folder"),
    ],
)
def test_wrong_use_is_one_sentence_and_nothing_is_done(run, tmp_path: Path, arguments, says: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.wav").write_bytes(b"x")
    (tmp_path / "bad.csv").write_text("file,agnet\na.wav,Ann\n", "utf-8")
    line = one_sentence(run("batch", *arguments, "--transcript", "none"), 2)
    assert says in line
    assert "geheim" not in line
    assert not (tmp_path / "calls.db").exists()


def test_a_store_that_fills_its_disk_is_one_sentence(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for place in range(2):
        cut(folder / f"{place}.wav", 10 + place)
    with Store("calls.db"):
        pass
    from speechcoach.team import opening

    settle = opening._settle
    with sqlite3.connect("calls.db") as link:
        (pages,) = link.execute("PRAGMA page_count").fetchone()
    link.close()

    def small(link, wait_s) -> None:
        settle(link, wait_s)
        link.execute(f"PRAGMA max_page_count = {pages + 2}")

    monkeypatch.setattr(opening, "_settle", small)
    line = one_sentence(run("batch", folder, *VOICES, "--quiet"), 1)
    assert "full" in line and line.endswith("what was done is kept")


# judge


def test_a_store_is_judged_again_and_only_its_judgement_changes(run, kept: Path, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'name = "own"\n[scores.only]\ntitle = "Only"\ncosts = { interruption = 1 }\n', "utf-8"
    )
    done = run("judge", "--store", kept, "--rubric", "own.toml")
    assert done.exit_code == 0, done.output
    assert "2 calls judged again" in done.stderr
    own = judge(busy_call(), None, Rubric.load(tmp_path / "own.toml"))
    with Store(str(kept)) as store:
        assert {row["name"] for row in store.rows("score")} == {"only"}
        assert {row["score"] for row in store.rows("score")} == {own.scores[0].score}
        states = {row["id"][-1]: (row["state"], row["agent"], row["rubric"]) for row in store.rows("call")}
    assert states["f"] == ("failed", None, None)
    assert {states["0"], states["1"]} == {("done", "@Ann", own.settings.rubric)}


def test_what_a_store_gives_judged_again_is_what_a_fresh_judgement_gives(run, kept: Path) -> None:
    assert run("judge", "--store", kept, "--quiet").output == ""
    with Store(str(kept)) as store:
        fresh = judge(busy_call())
        back = store.result("0" * 64)
    assert back is not None
    assert [item.id for item in back.findings] == [item.id for item in fresh.findings]
    assert back.settings == fresh.settings


def test_a_damaged_result_is_one_sentence_and_the_others_are_judged(run, kept: Path) -> None:
    with sqlite3.connect(kept) as link:
        link.execute("UPDATE document SET facts = ? WHERE call_id = ?", [zlib.compress(b"{}"), "0" * 64])
    link.close()
    line = one_sentence(run("judge", "--store", kept, "--quiet"), 1)
    assert "a damaged speechcoach result" in line
    with sqlite3.connect(kept) as link:
        link.execute("UPDATE document SET facts = x'00'")
    link.close()
    done = run("judge", "--store", kept)
    assert done.exit_code == 1 and done.stderr.count("a damaged result") == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "nothing to judge"),
        (("--store", "none.db"), "there is no store"),
        (("--store", "calls.db", "call.json"), "leave out RESULT"),
        (("--store", "calls.db", "--out", "o"), "leave out RESULT"),
        (("--store", "calls.db", "--norms", "none.toml"), "no such settings file"),
    ],
)
def test_judging_what_is_not_there_is_one_sentence(run, kept: Path, arguments, says: str) -> None:
    assert says in one_sentence(run("judge", *arguments), 2)
    assert not Path("none.db").exists()


# export


@pytest.mark.parametrize("out", [None, "calls.csv"])
def test_csv_has_no_formulas_and_every_cell(run, kept: Path, out: str | None) -> None:
    done = run("export", "--store", kept, *(("--out", out) if out else ()))
    assert done.exit_code == 0, done.output
    text = Path(out).read_bytes().decode() if out else done.stdout_bytes.decode()
    first, second, failed = csv.DictReader(io.StringIO(text, newline=""))
    assert first["name"] == '\'=HYPERLINK("x").wav'
    assert first["agent"] == "'@Ann"
    assert second["name"] == "two\nlines, 通話.wav"
    assert (failed["error"], failed["error_class"], failed["duration_s"]) == ("'-bad", "EmptyRecording", "")
    assert not any(cell.startswith(("=", "+", "@", "-")) for row in (first, second, failed) for cell in row.values())


@pytest.mark.parametrize("out", [None, "findings.jsonl"])
def test_json_lines_say_what_the_result_says(run, kept: Path, out: str | None) -> None:
    options = ("--table", "finding", "--format", "jsonl", *(("--out", out) if out else ()))
    done = run("export", "--store", kept, *options)
    assert done.exit_code == 0, done.output
    lines = (Path(out).read_text("utf-8") if out else done.stdout).splitlines()
    findings = judge(busy_call()).findings
    assert [json.loads(line)["id"] for line in lines] == [item.id for item in findings] * 2


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--store", "none.db"), 2, "there is no store"),
        (("--store", "oracle://host/x"), 2, "use sqlite or postgresql"),
        (("--store", "calls.db", "--table", "document"), 2, "--table must be one of"),
        (("--store", "calls.db", "--format", "parquet"), 2, "--out"),
        (("--store", "calls.db", "--out", "none/calls.csv"), 2, "name another file with --out"),
    ],
)
def test_an_export_that_cannot_be_is_one_sentence(run, kept: Path, arguments, code: int, says: str) -> None:
    assert says in one_sentence(run("export", *arguments), code)
    assert not Path("none.db").exists()


def test_a_database_of_postgresql_without_a_store_is_said(run, server: str) -> None:
    from tests.team.conftest import fresh_database

    assert "holds no store yet" in one_sentence(run("export", "--store", fresh_database(server)), 2)


@pytest.mark.parametrize("jobs", ["257", "99999999999999999999"])
def test_more_processes_than_a_machine_has_use_for_are_refused(tmp_path: Path, jobs: str) -> None:
    (tmp_path / "calls").mkdir()
    copy = tmp_path / "calls" / "a.wav"
    copy.write_bytes(b"RIFF")
    answer = CliRunner().invoke(cli.main, ["batch", str(copy), "--store", str(tmp_path / "calls.db"), "--jobs", jobs])
    assert answer.exit_code == 2 and f"--jobs must be 256 or less, not {jobs}" in answer.output


def test_a_port_that_is_no_number_is_no_url(tmp_path: Path) -> None:
    answer = CliRunner().invoke(cli.main, ["coach", "Mia", "--store", "postgresql://u@host:port/calls"])
    assert answer.exit_code == 2 and "not a store's URL" in answer.output
