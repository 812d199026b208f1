"""Activity on made signals, whose edges are known by construction, and on prompts and hold music."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from speechcoach.channels import find_activity
from speechcoach.features import extract

from .made_calls import (
    CALLS,
    DTMF,
    MUSIC,
    PROMPTS,
    RATE_HZ,
    chords,
    heard,
    hum_of_voice,
    levels,
    mask,
    mulaw,
    noise,
    placed,
    ring,
    scaled,
    seconds,
    silence,
    talk,
    tone,
)

prompts = pytest.mark.skipif(not PROMPTS.is_dir(), reason="asterisk-core-sounds-en-wav is not installed")
music = pytest.mark.skipif(not MUSIC.is_dir(), reason="asterisk-moh-opsound-wav is not installed")
calls = pytest.mark.skipif(not CALLS.is_dir(), reason="the development recordings are not here")


@pytest.mark.parametrize("f0_hz", [95, 130, 210])
def test_a_short_mm_in_noise_is_kept_with_its_edges(f0_hz):
    starts = np.arange(1.0, 19.0, 1.5)
    bits = [(at, hum_of_voice(0.15, f0_hz, -20, seed)) for seed, at in enumerate(starts)]
    found = heard(placed(20, *bits) + noise(20, -40)).speech[0]
    assert len(found) == len(starts)
    assert np.abs([span.start_s - at for span, at in zip(found, starts, strict=True)]).max() <= 0.05
    assert np.abs([span.end_s - at - 0.15 for span, at in zip(found, starts, strict=True)]).max() <= 0.05


@pytest.mark.parametrize("noise_db", [-80, -40, -35])
def test_talk_is_found_within_50_ms(noise_db):
    wave, truth = talk(40)
    found = heard(mulaw(wave + noise(40, noise_db))).speech[0]
    assert len(found) == len(truth)
    edges = [(a.start_s - b.start_s, a.end_s - b.end_s) for a, b in zip(found, truth, strict=True)]
    assert np.abs(edges).max() <= 0.05


def test_gaps_of_less_than_180_ms_are_closed():
    bits = (2.0, hum_of_voice(0.3)), (2.45, hum_of_voice(0.3)), (3.05, hum_of_voice(0.3))
    found = heard(placed(6, *bits) + noise(6, -60)).speech[0]
    assert len(found) == 2


def test_clicks_and_breaths_are_no_speech():
    wave, truth = talk(20)
    clicks = [(0.05 + 0.5 * i, noise(0.004, -8, i)) for i in range(38)]
    breaths = [(span.start_s - 0.35, noise(0.05, -40)) for span in truth]
    found = heard(placed(20, (0, wave), *clicks, *breaths) + noise(20, -60)).speech[0]
    alone = mask(heard(wave + noise(20, -60)).speech[0], 2000)
    assert (mask(found, 2000) & ~alone).sum() <= 60


@pytest.mark.parametrize(
    "sound",
    [
        chords(20),
        ring(5, (440, 480), 2, 4),
        ring(5, (425,), 1, 4),
        ring(20, (480, 620), 0.5, 0.5),
        np.concatenate([np.concatenate([tone(pair, 0.1), silence(0.1)]) for pair in DTMF * 5]),
        tone((50, 100, 150), 20),
        noise(20, -20),
    ],
    ids=["chords", "ring-us", "ring-eu", "busy", "dtmf", "hum", "noise"],
)
@pytest.mark.parametrize("noise_db", [-90, -40])
def test_other_sounds_are_no_speech(sound, noise_db):
    length = len(sound) / RATE_HZ + 4
    found = heard(mulaw(placed(length, (2, sound)) + noise(length, noise_db)))
    assert seconds(found.speech[0]) == 0


def test_long_sounds_are_named_music():
    found = heard(mulaw(placed(24, (2, chords(20))) + noise(24, -60))).music[0]
    assert len(found) == 1
    assert found[0].start_s == pytest.approx(2, abs=0.5)
    assert found[0].end_s == pytest.approx(22, abs=1)


@pytest.mark.parametrize("shape", [(2, 0), (2, 1), (2, 100), (2, 800), (1, 2400), (5,), (2, 8000)])
@pytest.mark.parametrize("fill", [0.0, 0.1])
def test_nothing_in_nothing_out(shape, fill):
    found = heard(np.full(shape, fill, np.float32))
    assert not any(found.speech)
    assert not any(found.music)
    channels = shape[0] if len(shape) == 2 else 1
    assert len(found.speech) == len(found.music) == len(found.leaks) == channels


def test_samples_of_another_recording_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        find_activity(extract(silence(2), RATE_HZ), silence(1))


@settings(max_examples=8, deadline=None)
@given(gain_db=st.floats(-12, 12), seed=st.integers(0, 99))
def test_gain_moves_nothing(gain_db, seed):
    wave = talk(8, level_db=-30, seed=seed)[0] + noise(8, -60, seed)
    plain, louder = (mask(heard(x).speech[0], 800) for x in (wave, wave * np.float32(10 ** (gain_db / 20))))
    assert (plain != louder).sum() <= 1


@pytest.mark.parametrize("offset", [-0.5, 0.02, 0.5])
def test_an_offset_of_the_recorder_moves_nothing_and_is_no_leak(offset):
    pair = 0.4 * np.stack([talk(30, seed=1)[0] + noise(30, -55, 1), talk(30, 200, seed=2)[0] + noise(30, -60, 2)])
    plain, shifted = heard(pair), heard((pair + offset).astype(np.float32))
    assert shifted.speech == plain.speech
    assert shifted.leaks == plain.leaks == ((), ())


def test_swapping_the_channels_swaps_the_spans():
    pair = np.stack([talk(15, seed=1)[0] + noise(15, -55, 1), talk(15, 200, seed=2)[0] + noise(15, -60, 2)])
    one, two = heard(pair), heard(pair[::-1].copy())
    assert one.speech == two.speech[::-1]
    assert one.music == two.music[::-1]


@pytest.mark.parametrize("shift_s", [0.5, 3.0, 7.25])
def test_a_later_start_moves_the_spans(shift_s):
    wave = talk(20)[0] + noise(20, -60)
    lead = noise(shift_s, -60, 7)
    plain, late = heard(wave).speech[0], heard(np.concatenate([lead, wave])).speech[0]
    assert [s.start_s + shift_s for s in plain] == pytest.approx([s.start_s for s in late], abs=0.03)
    assert [s.end_s + shift_s for s in plain] == pytest.approx([s.end_s for s in late], abs=0.03)


def test_other_people_in_the_room_are_not_the_speaker():
    wave, truth = talk(40)
    room = sum(np.roll(talk(40, 100 + 7 * seed, -20, seed)[0], 16000 * seed) for seed in range(3, 23))
    found = mask(heard(mulaw(wave + scaled(room, -33) + noise(40, -60))).speech[0], 4000)
    assert (found == mask(truth, 4000)).mean() > 0.9


@prompts
@pytest.mark.parametrize(("snr_db", "least"), [(40, 0.97), (20, 0.93), (10, 0.85)])
def test_prompts_are_found(snr_db, least):
    wave, truth = _session(sorted(PROMPTS.glob("*.wav"))[1::29])
    loud = 10 * np.log10(np.mean(10 ** (levels(wave)[truth] / 10)))
    found = mask(heard(mulaw(wave + noise(len(wave) / RATE_HZ, loud - snr_db))).speech[0], len(truth))
    near_edge = np.convolve(np.abs(np.diff(truth.astype(int), prepend=0)), np.ones(11), "same") > 0
    assert (found == truth)[~near_edge].mean() >= least


@music
@pytest.mark.parametrize("name", ["macroform-cold_day", "reno_project-system", "macroform-the_simplicity"])
def test_hold_music_is_no_speech(name):
    wave = sf.read(MUSIC / f"{name}.wav", dtype="float32", frames=60 * RATE_HZ)[0]
    found = heard(mulaw(placed(64, (2, wave)) + noise(64, -65)))
    assert seconds(found.speech[0]) < 1
    assert seconds(found.music[0]) > 50


@music
@prompts
def test_speech_around_and_over_music_is_kept():
    tune = sf.read(MUSIC / "macroform-cold_day.wav", dtype="float32", frames=30 * RATE_HZ)[0]
    words, truth = _session(sorted(PROMPTS.glob("v*.wav"))[:6], 0.4)
    length = 40 + 2 * len(words) / RATE_HZ
    after = 2 + 30.2
    wave = placed(length, (2, scaled(tune, -30)), (10, scaled(words, -18)), (after, scaled(words, -18)))
    found = mask(heard(mulaw(wave + noise(length, -65))).speech[0], len(wave) // 80)
    for start in (10, after):
        assert found[round(start * 100) :][: len(truth)][truth].mean() > 0.9
    assert found[300:900].sum() == 0


@calls
def test_speech_of_a_hoarse_caller_is_found():
    """Truth: the draft turns, which people did not check; backchannels of a voice that has hardly any pitch."""
    wave = sf.read(CALLS / "car-service-49.flac", dtype="float32")[0].T
    found = mask(heard(wave).speech[1], wave.shape[1] // 80)
    lines = [line.split("\t") for line in (CALLS / "car-service-49.draft-turns.tsv").read_text().splitlines()[1:]]
    turns = [(float(a), float(b)) for a, b, who, _ in lines if who == "caller"]
    short = [found[round(a * 100) : round(b * 100)].mean() > 0.3 for a, b in turns if b - a < 0.9]
    assert np.mean(short) > 0.9


def _session(files, pause_s: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
    """Prompts with pauses between them, and where they are: within 35 dB of their loud frames."""
    waves, truth = [], []
    for file in files:
        wave = sf.read(file, dtype="float32")[0]
        wave = np.concatenate([silence(pause_s), scaled(wave[: len(wave) // 80 * 80], -20)])
        smooth = 10 * np.log10(np.convolve(10 ** (levels(wave) / 10), np.ones(3) / 3, "same"))
        near = np.convolve(smooth > np.percentile(smooth[round(pause_s * 100) :], 95) - 35, np.ones(17), "same") > 0
        waves.append(wave)
        truth.append(np.convolve(near, np.ones(17), "same") > 16)
    return np.concatenate(waves), np.concatenate(truth)
