"""The whole way on recordings of real people, which are not shipped: skipped where they are absent.

Truths: what a person hears at named seconds of a role-played service call; that a file is the same mix twice; that
a file is music; the script of one made call.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from speechcoach.pipeline import judge, measure_whole
from speechcoach.records import Result
from speechcoach.settings import Config


@cache
def heard(path: Path, transcript: bool = True) -> Result:
    return judge(measure_whole(path, Config(transcript=transcript)).facts)


@pytest.fixture
def calls(shared_data) -> Path:
    return shared_data / "calls"


class TestARealServiceCall:
    @pytest.fixture
    def result(self, calls) -> Result:
        return heard(calls / "car-service-49.flac")

    def test_both_channels_are_fit_and_the_agent_is_on_the_left(self, result):
        assert result.facts.unfit == {}
        assert [channel.problems for channel in result.facts.channels] == [(), ()]
        assert result.facts.call.roles == {"agent": 0, "customer": 1}

    def test_the_paraphrase_and_its_check_are_found(self, result):
        spans = {
            item.variant: item.spans[0] for item in result.findings if item.spans[0].start_s < 31 and item.strength
        }
        for variant in ("paraphrase", "checked"):
            assert 25.0 <= spans[variant].start_s <= spans[variant].end_s <= 31.0

    def test_the_agents_uh_huh_is_a_backchannel(self, result):
        (event,) = [item for item in result.facts.overlaps if abs(item.start_s - 19.6) < 0.3]
        assert (event.by, event.kind) == ("agent", "backchannel")

    def test_nobody_is_blamed_for_a_conversation_full_of_backchannels(self, result):
        kinds = [item.kind for item in result.facts.overlaps]
        assert kinds.count("backchannel") >= 15
        assert not [
            item
            for item in result.findings
            if item.cue in ("interruption", "butting_in") and item.speaker == "agent" and not item.strength
        ]

    def test_the_announced_wait_is_no_dead_air(self, result):
        assert not [item for item in result.findings if item.cue == "dead_air" and item.variant == "flag"]


def test_a_mix_on_both_channels_has_no_overlaps_and_says_why(calls):
    result = heard(calls / "fake-stereo-hungarian.mp3", transcript=False)
    assert result.facts.overlaps == ()
    assert result.findings == ()
    assert "Both channels carry the same sound" in result.facts.unfit["speakers"]


def test_hold_music_is_nobody_speaking(calls):
    result = heard(calls / "manolo_camp-morning_coffee.wav")
    assert result.facts.words == ()
    assert "No speech was found" in result.facts.unfit["recording"]


@pytest.mark.parametrize("name", ["car-dealer-mono", "sales-mono", "loan-mono", "talk-mono"])
def test_the_two_people_of_a_mono_call_are_told_apart_and_no_overlap_is_claimed(calls, name):
    result = heard(calls / f"{name}.wav", transcript=False)
    assert result.facts.speakers.keys() == {"agent", "customer"}
    assert result.facts.call.speakers_probability >= 0.7
    assert result.facts.call.roles_why.startswith("roles uncertain")
    assert result.facts.overlaps == ()
    assert {"interruption", "butting_in"} <= {item.cue for item in result.abstained}


def test_a_made_call_of_other_voices_is_cut_into_its_turns(calls):
    truth = json.loads((calls / "demo_call_truth.json").read_text("utf-8"))["turns"]
    facts = heard(calls / "demo_call_8k_stereo_ulaw.wav", transcript=False).facts
    edges = {"agent": [], "cust": []}
    for unit in facts.units:
        edges["agent" if unit.speaker == "agent" else "cust"] += [unit.start_s, unit.end_s]
    errors = [
        min(abs(edge - turn[side]) for edge in edges[turn["speaker"]]) for turn in truth for side in ("start", "end")
    ]
    assert np.median(errors) <= 0.05
    assert np.percentile(errors, 90) <= 0.15


class TestOtherLanguages:
    """Truth: what is spoken in the clips; one channel carries both sides, so nobody is judged."""

    def test_spanish_is_read_by_spanish_norms(self, calls):
        result = heard(calls / "es-ES_Narrowband_sample1.wav")
        assert result.facts.call.language == "es"
        assert result.settings.norms.startswith("es@")
        acts = [act.kind for turn in result.facts.turns for act in turn.acts]
        assert acts.count("closed_question") >= 3
        assert not set(acts) & {"blame", "hardship", "hold_announcement", "self_introduction", "restatement"}

    @pytest.mark.parametrize(("clip", "language"), [("de-DE_NarrowbandModel", "de"), ("fr-FR_Narrowband", "fr")])
    def test_a_language_without_norms_is_told_and_has_no_acts(self, calls, clip, language):
        result = heard(calls / f"{clip}_sample1.wav")
        assert result.facts.call.language == language
        assert len(result.facts.words) > 10
        assert not [act for turn in result.facts.turns for act in turn.acts if act.kind != "question"]
