"""From frames made by hand to Facts: what of the voice reaches units, turns and speakers (truth: analytic)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speechcoach.conversation import Foreign, Party, assemble, speech_only
from speechcoach.features.voice import TELEPHONE_LIMITED
from speechcoach.records import Call, Facts, Frames, Span, Word
from speechcoach.settings import Norms

TURNS, TURN_S, EVERY_S = 10, 2.0, 6.0
LEVELS_DB = tuple(-30.0 + step for step in range(TURNS))
LAST_HIGH_ST = 4.0


def spans(first_s: float) -> tuple[Span, ...]:
    return tuple(Span(first_s + EVERY_S * i, first_s + EVERY_S * i + TURN_S) for i in range(TURNS))


SPEECH = {"agent": spans(1.0), "customer": spans(4.0)}
DURATION_S = 65.0


@pytest.fixture
def frames() -> Frames:
    """Two speakers by turns, each turn 1 dB louder than the last; the last one of the agent 4 st higher."""
    count = round(DURATION_S * 100)
    time_s = (np.arange(count) + 0.5) * 0.01
    f0_hz, level_db = np.full((2, count), np.nan, np.float32), np.full((2, count), -60, np.float32)
    for channel, own in enumerate(SPEECH.values()):
        for place, span in enumerate(own):
            inside = slice(round(span.start_s * 100), round(span.end_s * 100))
            f0_hz[channel, inside] = 120 * 2 ** (LAST_HIGH_ST / 12 if place == TURNS - 1 and channel == 0 else 0)
            level_db[channel, inside] = LEVELS_DB[place]
    active = np.isfinite(f0_hz)
    nucleus = active & (np.arange(count) % 25 == 12)  # four a second
    quality = {name: np.full((2, count), value, np.float32) for value, name in enumerate(TELEPHONE_LIMITED, 1)}
    noise_db = np.full((2, count), -60, np.float32)
    return Frames(0.01, time_s, f0_hz, active.astype(np.float32), level_db, noise_db, active, nucleus, **quality)


def words(speaker: str) -> list[Word]:
    return [
        Word(speaker, span.start_s + 0.4 * i, span.start_s + 0.4 * i + 0.3, "well" if i else "So", 0.9)
        for span in SPEECH[speaker]
        for i in range(5)
    ]


def assembled(frames: Frames, names=("agent", "customer")) -> Facts:
    parties = [
        Party(name, channel, SPEECH[own], ()) for channel, (name, own) in enumerate(zip(names, SPEECH, strict=False))
    ]
    call = Call("0" * 64, "call.wav", DURATION_S, 8000, 2)
    said = words("agent") + words("customer") if len(names) == 2 else []
    return assemble(call, "made", frames, parties, said, Norms.load("en").phrases)


def test_z_of_each_turn_against_the_speakers_own(frames):
    own = [turn for turn in assembled(frames).turns if turn.speaker == "agent"]
    iqr_db = np.subtract(*np.percentile(LEVELS_DB, [75, 25]))
    expected = (np.array(LEVELS_DB) - np.median(LEVELS_DB)) / (iqr_db / 1.349)
    assert [turn.z.level for turn in own] == pytest.approx(expected, abs=1e-3)
    assert {turn.z.articulation for turn in own} == {None}  # all are alike: there is no spread to stand against


def test_pitch_of_a_turn_is_told_against_the_speaker(frames):
    own = [turn for turn in assembled(frames).turns if turn.speaker == "agent"]
    assert [turn.pitch_st for turn in own] == pytest.approx([0.0] * (TURNS - 1) + [LAST_HIGH_ST], abs=1e-3)
    assert own[-1].pitch_sd_st == pytest.approx(0, abs=1e-3)
    assert own[-1].declination_st_s == pytest.approx(0, abs=1e-3)
    assert own[-1].change_st == pytest.approx(0, abs=1e-3)


def test_units_carry_what_a_raised_voice_is_gated_by(frames):
    noisy = np.array(frames.noise_db)
    noisy[:, 3000:] = -45
    facts = assembled(Frames(**{name: getattr(frames, name) for name in Frames.__slots__} | {"noise_db": noisy}))
    assert {unit.noise_db for unit in facts.units if unit.end_s < 30} == {-60}
    assert {unit.noise_db for unit in facts.units if unit.start_s > 30} == {-45}


def test_speakers_have_medians_spreads_and_voice_quality(frames):
    voice = assembled(frames).speakers["agent"]
    assert voice.level_median_db == pytest.approx(np.median(LEVELS_DB), abs=1e-3)
    assert voice.level_iqr_db == pytest.approx(np.subtract(*np.percentile(LEVELS_DB, [75, 25])), abs=1e-3)
    assert (voice.articulation_median_sps, voice.articulation_iqr_sps) == (4.0, 0.0)
    assert voice.rate_median_wpm == pytest.approx(5 * 60 / TURN_S, abs=0.1)
    assert voice.telephone_limited == TELEPHONE_LIMITED
    assert [getattr(voice, name) for name in TELEPHONE_LIMITED] == [1, 2, 3, 4, 5]


def test_trajectory_runs_in_steps_of_30_s_of_the_call(frames):
    points = assembled(frames).speakers["agent"].trajectory
    assert [(point.start_s, point.end_s) for point in points] == [(0, 30), (30, 60), (60, 65)]
    assert [point.speech_s for point in points] == pytest.approx([10, 10, 0])
    assert [point.articulation_sps for point in points] == [4.0, 4.0, None]
    assert [point.rate_wpm for point in points] == [pytest.approx(150), pytest.approx(150), None]
    assert points[1].level_db > points[0].level_db + 4
    assert points[2].pitch_st is None and points[2].level_db is None


def test_a_rise_of_level_is_a_moment_of_the_speaker(frames):
    level_db = np.array(frames.level_db)
    level_db[0, 2500:2700] = -15  # the agent's fifth turn
    facts = assembled(Frames(**{name: getattr(frames, name) for name in Frames.__slots__} | {"level_db": level_db}))
    (rise,) = facts.speakers["agent"].level_rises
    assert (rise.start_s, rise.end_s) == (25, 27)
    assert facts.speakers["customer"].level_rises == ()


def test_two_voices_on_one_channel_have_nothing_of_their_own(frames):
    facts = assembled(frames, names=("mixed",))
    assert all(turn.z is None for turn in facts.turns)
    assert facts.speakers["mixed"].level_median_db is None
    assert facts.speakers["mixed"].level_rises == ()


def test_what_is_no_speech_has_no_voice(frames):
    party = Party("agent", 0, SPEECH["agent"][:1], ())
    kept = speech_only(frames, [party])
    inside = (frames.time_s > 1) & (frames.time_s < 3)
    for name in ("f0_hz", *TELEPHONE_LIMITED):
        assert np.isnan(getattr(kept, name)[0, ~inside]).all() and np.isfinite(getattr(kept, name)[0, inside]).all()
    assert np.isfinite(kept.hnr_db[1]).all()  # the other channel is somebody else's to empty


def test_frames_without_voice_quality_make_facts_without_it(frames):
    bare = {name: getattr(frames, name) for name in Frames.__slots__ if name not in TELEPHONE_LIMITED}
    facts = assembled(Frames(**bare))
    assert facts.speakers["agent"].hnr_db is None and facts.turns[0].jitter_pct is None
    assert facts.speakers["agent"].telephone_limited == ()
    assert facts.turns[0].pitch_st is not None


def test_a_turn_knows_how_sure_its_words_are_and_in_which_language_they_are(frames):
    parties = [Party(name, channel, SPEECH[name], ()) for channel, name in enumerate(SPEECH)]
    call = Call("0" * 64, "call.wav", DURATION_S, 8000, 2)
    said = [replace(word, probability=0.2) if word.start_s < 3 else word for word in words("agent")]
    foreign = [Foreign("agent", Span(12.5, 22.0), "es")]
    facts = assemble(call, "made", frames, parties, said, Norms.load("en").phrases, foreign)
    agent = [turn for turn in facts.turns if turn.speaker == "agent"]
    assert [turn.probability for turn in agent[:2]] == pytest.approx([0.2, 0.9])
    assert [turn.language for turn in agent[:5]] == [None, None, "es", "es", None]
    assert all(turn.language is None and turn.probability is None for turn in facts.turns if turn.speaker == "customer")
