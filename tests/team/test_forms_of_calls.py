"""Calls in two files and without a header: manifest, folder and command line. Truth: cuts of a sample."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from click.testing import CliRunner, Result

from speechcoach import cli
from speechcoach.errors import SourceError
from speechcoach.team.manifest import read_forms, read_manifest
from speechcoach.team.rows import Form
from speechcoach.team.sources import content_id, content_of, find, listed
from tests.team.recordings import SAMPLE

RATE_HZ = 8_000
VOICES = ("--transcript", "none", "--jobs", "1", "--quiet")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def _run(*arguments: object) -> Result:
        return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])

    return _run


@pytest.fixture
def halves(tmp_path: Path) -> tuple[Path, Path]:
    """Four seconds of the sample, a file a side: what the agent says goes out."""
    samples = sf.read(SAMPLE, dtype="int16", frames=4 * RATE_HZ)[0]
    out, came = tmp_path / "17-out.wav", tmp_path / "17-in.wav"
    sf.write(out, samples[:, 0], RATE_HZ, subtype="ULAW")
    sf.write(came, samples[:, 1], RATE_HZ, subtype="ULAW")
    return out, came


def rows(run, *more: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run("export", "--store", "calls.db", "--table", "call", *more).stdout)))


def manifest(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "m.csv"
    path.write_text(text)
    return path


def test_a_manifest_names_the_files_their_delay_and_the_coding(tmp_path, halves):
    path = manifest(
        tmp_path,
        "agent_file,customer_file,customer_delay_s,file,raw,agent\n17-out.wav,17-in.wav,0.5,,,Ann\n,,,x.dat,ULAW,Bob\n",
    )
    out, came = map(str, halves)
    assert list(read_manifest(path)) == [out, str(tmp_path / "x.dat")]
    forms = read_forms(path)
    assert forms == {out: Form(came, True, 0.5), str(tmp_path / "x.dat"): Form(raw="ulaw:8000:1")}
    two, raw = listed(read_manifest(path), forms)
    assert (two.uri, two.name, two.size) == (out, "17.wav", sum(half.stat().st_size for half in halves))
    assert raw.form.raw == "ulaw:8000:1"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a.wav,b.wav,,,c.wav", "a call is one 'file', or has both"),
        (",b.wav,,,", "a call is one 'file', or has both|names no file"),
        ("a.wav,,,,", "a call is one 'file', or has both|names no file"),
        ("a.wav,b.wav,soon,,", "customer_delay_s must be a number of seconds, not 'soon'"),
        (",,,mp3,c.wav", "line 2: raw must be coding:rate:channels"),
    ],
)
def test_a_line_that_cannot_be_meant(tmp_path, line, says):
    path = manifest(tmp_path, f"agent_file,customer_file,customer_delay_s,raw,file\n{line}\n")
    with pytest.raises(SourceError, match=says):
        read_forms(path)


def test_the_content_of_two_files_is_of_both_and_of_how_they_are_read(halves):
    out, came = map(str, halves)
    of = {
        content_of(listed([out], {out: form})[0])
        for form in (Form(), Form(came), Form(came, customer_delay_s=1.0), Form(raw="ulaw:8000:1"))
    }
    assert len(of) == 4
    assert content_id(halves[0]) in of


def test_a_folder_of_asterisk_pairs_only_where_its_profile_is_named(tmp_path, halves):
    assert [item.name for item in find([str(tmp_path)])] == ["17-in.wav", "17-out.wav"]
    (found,) = find([str(tmp_path)], "asterisk")
    assert (Path(found.uri).name, found.name, found.form) == ("17-in.wav", "17.wav", Form(str(halves[0]), named=False))


def test_a_batch_of_two_files_is_done_once(run, tmp_path, halves):
    path = manifest(tmp_path, "agent_file,customer_file,agent\n17-out.wav,17-in.wav,Ann\n")
    for _ in range(2):
        done = run("batch", "--manifest", path, *VOICES)
        assert done.exit_code == 0, done.output
    (row,) = rows(run)
    assert (row["name"], row["channels"], row["roles_from"], row["agent"]) == ("17.wav", "2", "option", "Ann")


def test_analyze_two_files_as_the_user_names_them(run, tmp_path, halves):
    out, came = halves
    done = run("analyze", "--agent-file", out, "--customer-file", came, "--no-transcript", "--json", "--out", "o")
    assert done.exit_code == 0, done.output
    call = json.loads(done.stdout)["call"]
    assert (call["file"], call["roles"]) == ("17-out.wav + 17-in.wav", {"agent": 0, "customer": 1})
    assert (call["roles_from"], call["roles_why"]) == ("option", "the agent's file was named")
    assert (tmp_path / "o" / "17.html").exists()


def test_analyze_reads_a_stored_form_and_tells_what_was_lost(run, tmp_path):
    samples = sf.read(SAMPLE, dtype="int16", frames=30 * RATE_HZ)[0]
    with sf.SoundFile(tmp_path / "call.ogg", "w", RATE_HZ, 2, subtype="VORBIS") as file:
        for start in range(0, len(samples), RATE_HZ):
            file.write(samples[start : start + RATE_HZ])
    content = bytearray((tmp_path / "call.ogg").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "call.ogg").write_bytes(content)
    done = run("analyze", "call.ogg", "--no-transcript", "--json", "--profile", "connect")
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    (lost,) = result["call"]["lost"]
    assert 10 < lost["start_s"] < lost["end_s"] < 20
    assert all("lost audio at" in channel["problems"][-1] for channel in result["channels"])
    assert any("of the audio are lost at" in note for note in result["call"]["notes"])
    assert result["call"]["roles"]["agent"] == 1
    assert result["call"]["roles_from"] == "metadata"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--agent-file", "a.wav"], "a call in two files has both"),
        (["--agent-file", "a.wav", "--customer-file", "b.wav", "c.wav"], "are one call"),
        (["--agent-file", "a.wav", "--customer-file", "b.wav", "--agent", "left"], "leave --agent out"),
        (["c.wav", "--raw", "mp3"], "raw must be coding:rate:channels"),
        (["c.wav", "--channels", "one"], "must be one or two numbers"),
        (["c.wav", "--channels", "0,1"], "channels must be one or two numbers"),
        (["c.wav", "--profile", "acme"], "is not one of 'connect'"),
    ],
)
def test_what_cannot_be_meant_is_said_before_any_work(run, arguments, says):
    done = run("analyze", *arguments, "--no-transcript")
    assert done.exit_code == 2, done.output
    assert says in " ".join(done.stderr.split())


def test_an_empty_recording_costs_only_itself(run, tmp_path, halves):
    """FreeSWITCH's 44 bytes: one sentence, and the other call is done."""
    sf.write(tmp_path / "nobody.wav", np.zeros(0, np.int16), RATE_HZ)
    done = run("analyze", "nobody.wav", halves[0], "--no-transcript", "--profile", "freeswitch")
    assert done.exit_code == 1
    (line,) = done.stderr.strip().splitlines()
    assert "nobody.wav: an empty recording" in line
    assert (tmp_path / "out" / "17-out.json").exists()
