"""The command line as a user meets it: what is printed, what is written, which exit code."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import soundfile as sf
from click.testing import CliRunner

from speechcoach import cli
from speechcoach.pipeline import judge
from speechcoach.schema import load, to_json
from tests.judgement.calls import busy_call

RATE_HZ = 8000


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command in an empty folder; gives click's result."""
    monkeypatch.chdir(tmp_path)

    def _run(*arguments: object):
        return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])

    return _run


@pytest.fixture
def call(tmp_path):
    """Two voices that take turns: buzzes around 120 and 210 Hz that move as voices do, gated into syllables."""
    time_s = np.arange(RATE_HZ * 24) / RATE_HZ
    syllables = np.clip(np.sin(2 * np.pi * 4 * time_s) * 3, 0, 1)
    samples = np.random.default_rng(7).normal(0, 1e-4, (len(time_s), 2))
    melody = 2 ** (np.sin(2 * np.pi * 0.7 * time_s) * 3 / 12)
    for side, (f0_hz, on) in enumerate([(120, time_s % 8 < 3.5), (210, (time_s % 8 > 4) & (time_s % 8 < 7.5))]):
        phase = 2 * np.pi * np.cumsum(f0_hz * melody) / RATE_HZ
        buzz = sum(np.sin(k * phase) / k for k in range(1, 15))
        samples[:, side] += 0.1 * buzz * syllables * on
    path = tmp_path / "call.wav"
    sf.write(path, samples, RATE_HZ, subtype="ULAW")
    return path


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "stored.json"
    path.write_text(to_json(judge(busy_call())), "utf-8")
    return path


def test_analyze_prints_a_summary_and_writes_both_files(run, call, tmp_path):
    done = run("analyze", call, "--no-transcript", "--out", "reports", "--agent", "left")
    assert done.exit_code == 0, done.output
    assert "call.wav" in done.stdout
    assert "Not judged" in done.stdout
    assert "reports/call.html" in done.stdout
    facts = load(tmp_path / "reports" / "call.json").facts
    assert facts.speakers["agent"].pitch_hz == pytest.approx(120, rel=0.1)
    assert facts.speakers["customer"].pitch_hz == pytest.approx(210, rel=0.1)
    assert "<!doctype html>" in (tmp_path / "reports" / "call.html").read_text("utf-8").lower()
    assert not list((tmp_path / "reports").glob(".*")), "no half file is left"


def test_json_is_alone_on_standard_output_and_writes_nothing(run, call, tmp_path):
    done = run("analyze", call, "--no-transcript", "--json")
    assert json.loads(done.stdout)["call"]["file"] == "call.wav"
    assert not (tmp_path / "out").exists()


def test_json_of_several_is_one_line_each(run, call):
    done = run("analyze", call, call, "--no-transcript", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["call"]["file"] for line in lines] == ["call.wav", "call.wav"]


def test_two_recordings_of_one_name_do_not_overwrite_each_other(run, call, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "call.wav").write_bytes(call.read_bytes())
    run("analyze", call, other / "call.wav", "--no-transcript")
    assert sorted(path.name for path in (tmp_path / "out").glob("*.json")) == ["call-2.json", "call.json"]


def test_a_bad_recording_costs_only_itself(run, call, tmp_path):
    (tmp_path / "letter.wav").write_text("Dear customer")
    done = run("analyze", "gone.wav", call, "letter.wav", tmp_path, "--no-transcript")
    assert done.exit_code == 1
    errors = done.stderr.splitlines()
    assert len(errors) == 3
    for error, words in zip(errors, ("no such file", "not a recording", "a folder"), strict=True):
        assert error.startswith("error: ")
        assert words in error
    assert (tmp_path / "out" / "call.json").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["analyze"], "Missing argument"),
        (["analyze", "x.wav", "--agent", "middle"], "'middle' is not one of 'left', 'right'"),
        (["analyze", "x.wav", "--norms", "none.toml"], "none.toml: there is no such settings file"),
        (["analyze", "x.wav", "--rubric", "none.toml"], "none.toml: there is no such settings file"),
        (["analyze", "x.wav", "--model", "nonsense"], "nonsense"),
        (["judge", "stored.json", "--rubric", "bad.toml"], "unknown key 'yelling'"),
        (["analyse", "x.wav"], "No such command 'analyse'"),
    ],
)
def test_wrong_use_ends_with_2_and_one_sentence(run, stored, tmp_path, arguments, message):
    (tmp_path / "bad.toml").write_text("[scores.a]\ncosts = { yelling = 5 }")
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert message in done.stderr
    assert "Traceback" not in done.output


def test_an_out_folder_that_cannot_be_is_said(run, call, tmp_path):
    (tmp_path / "taken").write_text("")
    done = run("analyze", call, "--out", "taken", "--no-transcript")
    assert done.exit_code == 2
    assert "taken: cannot be a folder for reports" in done.stderr


def test_judge_needs_no_audio_and_obeys_the_norms(run, stored, tmp_path):
    (tmp_path / "patient.toml").write_text("[thresholds.dead_air]\nsilence_s = 60")
    before = run("judge", stored, "--json")
    after = run("judge", stored, "--json", "--norms", "patient.toml")
    flags = [
        [f["id"] for f in json.loads(done.stdout)["findings"] if f["cue"] == "dead_air"] for done in (before, after)
    ]
    assert flags[0]
    assert flags[1] == []


def test_judging_does_not_overwrite_what_it_judges(run, stored, tmp_path):
    before = stored.read_bytes()
    done = run("judge", stored, "--out", tmp_path)
    assert done.exit_code == 1
    assert "stored.json: would be overwritten; name another folder with --out" in done.stderr
    assert stored.read_bytes() == before


def test_an_unreadable_recording_costs_only_itself(run, call, tmp_path, monkeypatch):
    def forbidden(path, *_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.exists", forbidden)
    done = run("analyze", call, "--no-transcript", "--json")
    assert done.exit_code == 1
    assert "call.wav: cannot be opened (Permission denied); check its permissions" in done.stderr


def test_names_that_look_like_markup_or_commands_to_the_terminal_are_only_names(run, call, tmp_path):
    odd = tmp_path / "call [left]\x1b[31m.wav"
    odd.write_bytes(call.read_bytes())
    done = run("analyze", odd, "missing\n.wav", "--no-transcript")
    assert "call [left]" in done.stdout
    assert "\x1b" not in done.output
    assert len(done.stderr.splitlines()) == 1


def test_two_runs_into_one_folder_do_not_disturb_each_other(stored, tmp_path):
    command = [sys.executable, "-m", "speechcoach.cli", "judge", str(stored), "--out", str(tmp_path / "race")]
    runs = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    assert [(run.communicate()[1], run.returncode) for run in runs] == [("", 0)] * 4
    assert sorted(path.name for path in (tmp_path / "race").iterdir()) == ["stored.html", "stored.json"]


def test_judge_of_something_else_is_said(run, tmp_path):
    (tmp_path / "x.json").write_text("{}")
    done = run("judge", "x.json")
    assert done.exit_code == 1
    assert "x.json: not a speechcoach result" in done.stderr


def test_an_agent_is_addressed(run, stored):
    assert "Your voice rose" in run("judge", stored, "--for", "agent").stdout
    assert "The agent's voice rose" in run("judge", stored).stdout


def test_a_fault_of_ours_is_one_sentence_and_no_traceback(run, call, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("speechcoach.pipeline.open_recording", broken)
    done = run("analyze", call, "--no-transcript")
    assert done.exit_code == 1
    assert "a fault in speechcoach (ZeroDivisionError: division by zero); please report it" in done.stderr


def test_help_imports_no_model_and_no_arrays():
    """What makes a command line slow to answer is imports; so they are what is counted."""
    code = "import sys, speechcoach.cli; print([m for m in ('torch', 'whisper', 'numpy', 'rich') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_page_of_help_has_an_example(run):
    for command in ("analyze", "judge"):
        assert f"speechcoach {command} " in run(command, "--help").stdout
    assert run("--version").stdout.startswith("speechcoach ") or "version" not in run("--version").stdout
