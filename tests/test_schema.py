"""The result format: written whole, read back equal, validated by its published schema."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import speechcoach
from speechcoach.errors import ResultError
from speechcoach.pipeline import judge
from speechcoach.records import Frames, LevelRise, Result, Settings, Span, TrajectoryPoint, ZScores
from speechcoach.schema import from_json, json_schema, load, to_dict, to_json
from tests.judgement.calls import busy_call
from tests.talk import talk

PUBLISHED = Path(speechcoach.__file__).parent / "schema" / "result-1.json"


def validate(content: dict) -> None:
    jsonschema.validate(content, json.loads(PUBLISHED.read_text("utf-8")), cls=jsonschema.Draft202012Validator)


@pytest.fixture(scope="module")
def result() -> Result:
    return judge(busy_call())


def test_the_published_schema_is_that_of_the_records():
    assert json.loads(PUBLISHED.read_text("utf-8")) == json_schema(), "run: python -m speechcoach.schema"


def test_a_result_is_valid_and_comes_back_equal(result):
    text = to_json(result)
    validate(json.loads(text))
    assert from_json(text) == result


def test_what_lies_deep_in_turns_and_speakers_comes_back_equal(result):
    facts = result.facts
    turn = replace(facts.turns[0], z=ZScores(level=2.5))
    voice = replace(
        facts.speakers["agent"],
        hnr_db=12.0,
        telephone_limited=("hnr_db",),
        trajectory=(TrajectoryPoint(0.0, 30.0, 12.0, 150.0, None, 0.5, -24.0),),
        level_rises=(LevelRise(3.0, 4.0, 8.0, 0.5),),
    )
    facts = replace(facts, turns=(turn, *facts.turns[1:]), speakers={**facts.speakers, "agent": voice})
    deep = replace(result, facts=facts)
    validate(to_dict(deep))
    assert from_json(to_json(deep)) == deep


def test_a_result_written_before_a_key_was_added_still_loads(result):
    """Every key with a default may be missing: the measures that release 0.1 did not have."""
    facts = replace(
        result.facts,
        units=tuple(replace(unit, noise_db=None, pitch_st=None) for unit in result.facts.units),
        turns=tuple(replace(turn, z=None) for turn in result.facts.turns),
    )
    result = replace(result, facts=facts)
    content = to_dict(result)
    for unit in content["units"]:
        del unit["noise_db"], unit["pitch_st"]
    for turn in content["turns"]:
        del turn["z"], turn["hnr_db"], turn["declination_st_s"]
    for voice in content["speakers"].values():
        del voice["trajectory"], voice["level_rises"], voice["telephone_limited"], voice["jitter_pct"]
    assert from_json(json.dumps(content)) == result


def test_an_empty_call_is_valid_and_comes_back_equal():
    empty = judge(talk())
    validate(to_dict(empty))
    assert from_json(to_json(empty)) == empty


def test_the_keys_of_the_design_are_there_and_unknown_is_null(result):
    content = to_dict(result)
    assert list(content)[:4] == ["schema", "speechcoach", "call", "settings"]
    wanted = {"channels", "words", "turns", "overlaps", "pauses", "speakers", "findings", "abstained", "scores"}
    assert wanted <= content.keys()
    assert content["channels"][0]["leak_db"] is None
    assert all(
        isinstance(edge, float | int) for finding in content["findings"] for span in finding["spans"] for edge in span
    )


def test_a_key_that_a_later_release_added_is_ignored(result):
    content = to_dict(result) | {"mood": "sunny"}
    assert from_json(json.dumps(content)) == result


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "not JSON"),
        ("[1]", "no key 'schema'"),
        ('{"schema": 7}', "version 7, and this release reads version 1"),
        ('{"schema": 1}', "damaged speechcoach result .*missing required field"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_what_is_no_result_is_said_with_the_file(tmp_path, text, message):
    path = tmp_path / "x.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ResultError, match=f"x.json: .*{message}"):
        load(path)


def test_a_missing_or_unreadable_result_is_said(tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(ResultError, match="cannot be read"):
            load(path)


def test_a_time_that_runs_backwards_is_damage(result):
    content = to_dict(result)
    content["turns"][0]["end_s"] = -1.0
    with pytest.raises(ResultError, match="damaged"):
        from_json(json.dumps(content))


def test_records_refuse_what_cannot_be():
    with pytest.raises(ValueError, match="0 <= start <= end"):
        Span(2.0, 1.0)
    with pytest.raises(ValueError, match="0 <= start <= end"):
        Span(-1.0, 1.0)
    with pytest.raises(ValueError, match="0 <= start <= end"):
        Span(float("nan"), 1.0)


def test_frames_have_columns_of_one_length_and_are_read_only():
    import numpy as np

    column = np.zeros(3, np.float32)
    frames = Frames(0.01, column, column, column, column, column, column > 0, column > 0)
    with pytest.raises(ValueError, match="read-only"):
        frames.f0_hz[0] = 1
    with pytest.raises(ValueError, match="voicing has 2 frames, time_s has 3"):
        replace(frames, voicing=np.zeros(2))


def test_judging_leaves_the_settings_of_the_measurement(result):
    assert isinstance(result.settings, Settings)
    assert result.settings.config == "scripted"
    assert result.settings.norms.startswith("en@")
    assert result.settings.rubric.startswith("default@")
