"""Two speakers on one channel. Truth: the samples, which were made, and two of their voices put on one channel here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speechcoach.channels import find_activity
from speechcoach.channels.embedding import BINS, embeddings, features, log_mel
from speechcoach.channels.speakers import Speakers, tell_apart
from speechcoach.features import extract
from speechcoach.records import Span

from .made_calls import RATE_HZ, mask, noise, seconds, silence, talk

SAMPLES = Path(__file__).parents[2] / "samples"
pytestmark = pytest.mark.skipif(not (SAMPLES / "mono_mix.wav").exists(), reason="the sample calls are not here")


def channel(name: str, which: int) -> np.ndarray:
    samples, _ = soundfile.read(SAMPLES / f"{name}.wav", dtype="float32", always_2d=True)
    return samples[:, which].copy()


def told(samples: np.ndarray) -> Speakers:
    frames = extract(samples, RATE_HZ)
    return tell_apart(frames, samples, find_activity(frames, samples).speech[0])


def turns(*voices: np.ndarray, turn_s: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    """Pieces of each voice in turn, half a second between; and whose each frame is, -1 nobody's."""
    speech = []
    for voice in voices:
        spans = find_activity(extract(voice, RATE_HZ), voice).speech[0]
        speech.append(np.concatenate([voice[round(s.start_s * 8000) : round(s.end_s * 8000)] for s in spans]))
    width = round(turn_s * RATE_HZ)
    parts, whose = [], []
    for start in range(0, min(map(len, speech)) - width, width):
        for who, said in enumerate(speech):
            parts += [said[start : start + width], silence(0.5)]
            whose += [np.full(width // 80, who), np.full(50, -1)]
    samples = np.concatenate(parts)
    return samples + noise(len(samples) / RATE_HZ, -60.0), np.concatenate(whose)


def wrong_share(split: Speakers, whose: np.ndarray) -> float:
    """Of the frames that are given to one of two, those given to the wrong one."""
    first, second = (mask(spans, len(whose)) for spans in split.spans)
    told_apart = (first ^ second) & (whose >= 0)
    wrong = float(np.mean(first[told_apart] != (whose[told_apart] == 0)))
    return min(wrong, 1 - wrong)


def test_the_sample_call_on_one_channel():
    truth = json.loads((SAMPLES / "mono_mix.truth.json").read_text("utf-8"))
    samples = channel("mono_mix", 0)
    agent, customer = (
        mask([Span(t["start_s"], t["end_s"]) for t in truth["turns"] if t["speaker"] == who], len(samples) // 80)
        for who in ("agent", "customer")
    )
    split = told(samples)
    whose = np.where(agent & ~customer, 0, np.where(customer & ~agent, 1, -1))
    assert split.count == 2
    assert split.probability > 0.7
    assert wrong_share(split, whose) < 0.03


@pytest.mark.parametrize(
    ("one", "other"),
    [(("escalation", 0), ("poor_listener", 0)), (("escalation", 1), ("poor_listener", 1))],
    ids=["two men", "two women"],
)
def test_two_of_a_sex(one, other):
    samples, whose = turns(channel(*one), channel(*other))
    split = told(samples)
    assert split.count == 2
    assert wrong_share(split, whose) < 0.03


@pytest.mark.parametrize(("name", "which"), [("good_listener", 0), ("escalation", 0), ("poor_listener", 1)])
def test_one_speaker_is_never_two(name, which):
    split = told(channel(name, which))
    assert split.count in (1, None)
    assert len(split.spans) == 1


def test_three_are_not_split_in_two():
    samples, _ = turns(channel("good_listener", 0), channel("poor_listener", 0), channel("poor_listener", 1))
    split = told(samples)
    assert split.count == 3
    assert len(split.spans) == 1


def test_undivided_speech_is_kept_whole():
    samples, speech = talk(30.0)
    frames = extract(samples, RATE_HZ)
    split = tell_apart(frames, samples, speech)
    if len(split.spans) == 1:
        assert split.spans[0] == tuple(speech)
    assert split.count != 3


def test_both_speakers_together_have_all_speech_once():
    samples = channel("mono_mix", 0)
    frames = extract(samples, RATE_HZ)
    speech = find_activity(frames, samples).speech[0]
    split = tell_apart(frames, samples, speech)
    assert split.spans[0][0].start_s <= split.spans[1][0].start_s
    assert sum(map(seconds, split.spans)) == pytest.approx(seconds(speech), abs=0.02)
    both = sum(mask(spans, len(samples) // 80).astype(int) for spans in split.spans)
    assert both.max() == 1


@pytest.mark.parametrize("gain_db", [-12.0, 12.0])
def test_gain_moves_nothing(gain_db):
    samples = channel("mono_mix", 0) * np.float32(0.2)
    speech = find_activity(extract(samples, RATE_HZ), samples).speech[0]
    louder = samples * np.float32(10 ** (gain_db / 20))
    first, second = (tell_apart(extract(sound, RATE_HZ), sound, speech) for sound in (samples, louder))
    assert second.count == first.count
    assert second.spans == first.spans


@pytest.mark.parametrize("speech", [(), (Span(1.0, 3.0),)])
def test_too_little_speech_is_not_judged(speech):
    samples = noise(10.0, -30.0)
    split = tell_apart(extract(samples, RATE_HZ), samples, speech)
    assert split.count == (None if speech else 0)
    assert sum(map(len, split.spans)) == len(speech)
    assert split.probability == 0


def test_a_tone_lies_in_its_mel_bin():
    time = np.arange(RATE_HZ) / RATE_HZ
    spectra = log_mel(np.sin(2 * np.pi * 1000 * time).astype(np.float32))
    edges = np.linspace(1127 * np.log1p(20 / 700), 1127 * np.log1p(8000 / 700), BINS + 2)
    assert spectra.shape == (100, BINS)
    assert np.all(spectra[10:-10].argmax(axis=1) == np.abs(edges[1:-1] - 1127 * np.log1p(1000 / 700)).argmin())


def test_nothing_is_claimed_above_4_khz():
    first = int(np.count_nonzero(np.any(log_mel(noise(1.0, -20.0)) != 0, axis=0)))
    high_hz = 700 * np.expm1(np.linspace(1127 * np.log1p(20 / 700), 1127 * np.log1p(8000 / 700), BINS + 2) / 1127)
    assert high_hz[first + 1] <= 4000 < high_hz[first + 2]


def test_a_frame_every_step_and_one_vector_a_window():
    steps = features(log_mel(noise(0.51, -20.0)))
    assert steps.shape == (26, 512)
    assert embeddings(steps.mean(0)[None], steps.std(0)[None]).shape == (1, 192)
