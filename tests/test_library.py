"""The library as a program uses it: `import speechcoach as sc`."""

from __future__ import annotations

import subprocess
import sys

import pytest

import speechcoach as sc
from speechcoach.errors import MissingRecording, SettingsError


def test_a_stored_result_is_judged_as_the_fresh_one(tmp_path, samples_folder):
    fresh = sc.analyze(samples_folder / "poor_listener.wav", agent="left", transcript=False)
    path = tmp_path / "stored.json"
    path.write_text(sc.to_json(fresh), "utf-8")
    stored = sc.load(path)
    assert stored == fresh
    assert sc.judge(stored.facts) == fresh


def test_options_reach_the_measurement(samples_folder):
    left = sc.measure(samples_folder / "good_listener.wav", agent="left", transcript=False)
    right = sc.measure(samples_folder / "good_listener.wav", agent="right", transcript=False)
    assert (left.call.roles, right.call.roles) == ({"agent": 0, "customer": 1}, {"agent": 1, "customer": 0})
    assert left.speakers["agent"].pitch_hz == right.speakers["customer"].pitch_hz
    assert left.config != right.config


def test_norms_and_rubric_may_be_paths_or_records(tmp_path, samples_folder):
    facts = sc.measure(samples_folder / "good_listener.wav", agent="left", transcript=False)
    path = tmp_path / "strict.toml"
    path.write_text("[thresholds.monologue]\nturn_s = 5")
    assert sc.judge(facts, path) == sc.judge(facts, sc.Norms.load(None, path))
    assert sc.judge(facts, rubric=sc.Rubric.load()) == sc.judge(facts)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: sc.analyze("gone.wav"), MissingRecording, "there is no such file"),
        (lambda: sc.analyze("gone.wav", agents="left"), SettingsError, "unknown key 'agents'"),
        (lambda: sc.analyze("gone.wav", agent="middle"), SettingsError, "must be one of left, right"),
    ],
)
def test_what_cannot_be_done_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_importing_the_package_imports_no_room_until_it_is_used():
    code = "import sys, speechcoach; print(sorted(m for m in sys.modules if m.startswith('speechcoach')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['speechcoach']\n"


def test_every_public_name_is_there_and_no_other():
    for name in sc.__all__:
        assert getattr(sc, name) is not None
        assert name in dir(sc)
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        sc.analyse  # noqa: B018
