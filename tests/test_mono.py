"""Calls with both sides on one channel, the whole way. Truth: the samples, which were made, mixed down here.

Bounds: words where one speaks alone, because the speech of two at once goes to one of them; a talk share within 0.05,
because overlaps are counted once.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from speechcoach import transcript
from speechcoach.channels import embedding
from speechcoach.errors import TranscriptError
from speechcoach.pipeline import judge, measure, measure_whole
from speechcoach.records import Facts, Result
from speechcoach.settings import Config
from speechcoach.views import html, text
from tests.transcript import exported

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
NAMES = ("good_listener", "escalation", "poor_listener", "spanish")


@cache
def truth(name: str) -> dict:
    return json.loads((SAMPLES / f"{name}.truth.json").read_text("utf-8"))


def sound(name: str) -> tuple[np.ndarray, int]:
    """Both channels `[n, 2]`, and the rate."""
    return sf.read(SAMPLES / f"{name}.wav", dtype="float32", always_2d=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The samples on one channel, and as the same mix on two."""
    made = tmp_path_factory.mktemp("mono")
    for name in NAMES:
        samples, rate_hz = sound(name)
        mix = samples.mean(axis=1)
        sf.write(made / f"{name}.wav", mix, rate_hz)
        sf.write(made / f"{name}-twice.wav", np.stack([mix, 0.7 * mix], axis=1), rate_hz)
        sf.write(made / f"{name}-agent.wav", samples[:, 0], rate_hz)
    return made


@pytest.fixture(scope="module")
def heard(folder):
    """Results by name; each call is measured once, with Whisper."""
    return cache(lambda name: judge(measure_whole(folder / f"{name}.wav", Config()).facts))


def spoken(name: str, speaker: str) -> np.ndarray:
    """What one of them says, without the silences between the turns."""
    samples, rate_hz = sound(name)
    own = samples[:, truth(name)["speakers"][speaker]["channel"]]
    turns = [turn for turn in truth(name)["turns"] if turn["speaker"] == speaker]
    return np.concatenate([own[round(t["start_s"] * rate_hz) : round(t["end_s"] * rate_hz)] for t in turns])


def speakers_at(name: str, time_s: float) -> set[str]:
    return {turn["speaker"] for turn in truth(name)["turns"] if turn["start_s"] <= time_s <= turn["end_s"]}


def share_right(name: str, facts: Facts) -> float:
    """Of the words said while one of the two speaks alone, those given to that one."""
    told = [(word.speaker, speakers_at(name, (word.start_s + word.end_s) / 2)) for word in facts.words]
    alone = [(speaker, who) for speaker, who in told if len(who) == 1]
    assert len(alone) > 0.7 * len(truth(name)["words"])
    return float(np.mean([speaker in who for speaker, who in alone]))


def true_share(name: str) -> float:
    seconds = dict.fromkeys(("agent", "customer"), 0.0)
    for turn in truth(name)["turns"]:
        seconds[turn["speaker"]] += turn["end_s"] - turn["start_s"]
    return seconds["agent"] / sum(seconds.values())


@pytest.mark.parametrize("name", NAMES)
class TestTwoVoices:
    def test_words_talk_share_and_roles_are_the_right_ones(self, heard, name):
        facts = heard(name).facts
        assert share_right(name, facts) >= 0.95
        assert facts.speakers["agent"].talk_share == pytest.approx(true_share(name), abs=0.05)
        assert facts.call.roles == {"agent": 0, "customer": 0}
        sure = float(re.search(r"probability (0\.\d+)", facts.call.roles_why)[1])
        assert facts.call.roles_why.startswith("roles uncertain") == (sure < 0.9)
        assert sure > 0.8
        assert facts.call.speakers_probability >= 0.9

    def test_who_has_the_higher_voice_on_two_channels_has_it_on_one(self, heard, name):
        apart = measure(SAMPLES / f"{name}.wav", transcript=False, agent="left").speakers
        for role, voice in heard(name).facts.speakers.items():
            assert voice.pitch_hz == pytest.approx(apart[role].pitch_hz, rel=0.06)

    def test_nothing_is_said_of_overlaps_but_why_not(self, heard, name):
        result = heard(name)
        assert result.facts.overlaps == ()
        assert {"interruption", "butting_in"} <= {item.cue for item in result.abstained}
        assert not {"interruption", "butting_in"} & {item.cue for item in result.findings}
        assert "speakers" not in result.facts.unfit
        assert "one channel" in result.facts.unfit["overlaps"]


def test_an_answer_under_the_agents_words_is_no_missing_answer(heard):
    """ "Yes" begins on the last word of the agent's question: on one channel it sounds like the agent's."""
    found = [item.variant for item in heard("good_listener").findings if item.cue == "check_question"]
    assert "checked" in found
    assert "not_waited" not in found


def test_the_poor_listener_is_found_poor_on_one_channel_too(heard):
    found = {(item.cue, item.variant) for item in heard("poor_listener").findings}
    assert {("monotone", "flag"), ("dead_air", "flag"), ("slow_response", "flag"), ("empathy", "missed")} <= found
    assert not [item for item in heard("good_listener").findings if not item.strength]


def test_the_same_mix_on_two_channels_is_told_apart_as_well(folder):
    once, twice = (measure(folder / f"escalation{which}.wav", transcript=False) for which in ("", "-twice"))
    assert twice.channels[0].problems[0] == "dual-mono"
    assert twice.call.speakers_probability == pytest.approx(once.call.speakers_probability, abs=0.05)
    assert [turn.speaker for turn in twice.turns] == [turn.speaker for turn in once.turns]
    assert twice.overlaps == ()


class TestNotTold:
    def test_one_voice_stays_mixed_and_says_so(self, folder):
        result = judge(measure(folder / "good_listener-agent.wav", transcript=False))
        self.check(result)
        assert "one voice is heard" in result.facts.unfit["speakers"]

    def test_three_voices_stay_mixed_and_say_so(self, tmp_path):
        voices = [
            spoken("good_listener", "agent"),
            spoken("good_listener", "customer"),
            spoken("poor_listener", "customer"),
        ]
        rounds = zip(*(np.split(voice[: 24 * 8000], 6) for voice in voices), strict=True)  # turns of 4 s
        gap = np.zeros(4000, np.float32)
        samples = np.concatenate([part for turns in rounds for turn in turns for part in (turn, gap)])
        sf.write(tmp_path / "three.wav", samples, 8000)
        result = judge(measure(tmp_path / "three.wav", transcript=False))
        self.check(result)
        assert "more than two voices" in result.facts.unfit["speakers"]

    def test_without_torch_nothing_breaks(self, folder, monkeypatch):
        monkeypatch.setattr(embedding, "is_available", lambda: False)
        result = judge(measure(folder / "spanish.wav", transcript=False))
        self.check(result)
        assert "torch" in result.facts.unfit["speakers"]

    @staticmethod
    def check(result: Result) -> None:
        assert set(result.facts.speakers) == {"mixed"}
        assert result.findings == ()
        assert {score.score for score in result.scores} == {None}
        assert all("one channel" in item.why for item in result.abstained)
        assert result.facts.call.speakers_why == ""


def test_a_file_whose_sides_do_not_fit_the_voices_is_dealt_out_by_voice(folder, tmp_path, monkeypatch):
    """Words of a mono call were never refused for who says them; the refusal is made here."""
    path = tmp_path / "words.json"
    path.write_text(exported.whisperx(truth("escalation")), "utf-8")
    whole = transcript.import_words

    def refused(files, spans, *others, **named):
        if len(spans) == 2:
            raise TranscriptError("its words are where their side is silent")
        return whole(files, spans, *others, **named)

    monkeypatch.setattr(transcript, "import_words", refused)
    assert share_right("escalation", measure(folder / "escalation.wav", words=path)) >= 0.97


class TestTheAgentAsGiven:
    @pytest.fixture
    def call(self, folder):
        return lambda agent: measure(folder / "escalation.wav", transcript=False, agent=agent)

    def test_by_who_speaks_first(self, call):
        first, second = call("first"), call("second")
        assert first.turns[0].speaker == "agent"
        assert second.turns[0].speaker == "customer"
        assert first.call.roles_from == second.call.roles_from == "option"

    def test_by_a_channel_that_is_not_there(self, call):
        made = call("right").call
        assert made.roles_from == "default"
        assert made.roles_why.startswith("roles uncertain")
        assert "right" in made.roles_why


class TestViews:
    def test_the_summary_says_how_the_two_were_told(self, heard):
        said = " ".join(text.render(heard("good_listener")).split())
        assert "two speakers told apart by their voices on one channel, p = 0.9" in said
        assert "agent: the voice heard first offers help" in said
        assert "agent left" not in said

    def test_the_page_says_so_and_offers_no_side_to_hear(self, folder, heard):
        result = heard("good_listener")
        page = html.render(result, audio_src="good_listener.wav")
        assert "<strong>Two speakers told apart by their voices on one channel, p = 0.9" in page
        data = json.loads(page.split('<script type="application/json" id="data">')[1].split("</script>")[0])
        assert data["roles"] == {"agent": 0, "customer": 0}
        assert [name for _, name in data["speakers"]] == ["Agent", "Customer"]
