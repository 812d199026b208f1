"""Fitness on pairs of channels whose defect is known by construction."""

from __future__ import annotations

import time

import numpy as np
import pytest
import soundfile as sf
from scipy.signal import butter, sosfilt

from speechcoach.channels import assess_channels, find_activity
from speechcoach.channels.likeness import likeness
from speechcoach.features import extract

from .made_calls import CALLS, RATE_HZ, heard, mask, mulaw, noise, silence, talk

LENGTH_S = 40.0
calls = pytest.mark.skipif(not CALLS.is_dir(), reason="the development recordings are not here")


def _leg(f0_hz: float, seed: int) -> np.ndarray:
    return talk(LENGTH_S, f0_hz, -20, seed)[0]


AGENT, CUSTOMER = _leg(120, 1), _leg(210, 2)


def _delayed(wave: np.ndarray, by_s: float) -> np.ndarray:
    shift = round(by_s * RATE_HZ)
    return np.concatenate([np.zeros(shift, np.float32), wave[: len(wave) - shift]])


def _line(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return mulaw(np.stack([left + noise(LENGTH_S, -62, 3), right + noise(LENGTH_S, -65, 4)]))


def _assessed(samples: np.ndarray, clipped=(0.0, 0.0)):
    samples = np.atleast_2d(samples)
    frames = extract(samples, RATE_HZ)
    return assess_channels(frames, samples, find_activity(frames, samples), clipped[: len(samples)])


def test_a_clean_call_has_no_problems():
    channels, unfit = _assessed(_line(AGENT, CUSTOMER))
    assert unfit == {}
    assert [channel.problems for channel in channels] == [(), ()]
    assert [channel.leak_db for channel in channels] == [None, None]
    assert channels[0].level_db == pytest.approx(-20, abs=2)
    assert channels[0].snr_db == pytest.approx(42, abs=4)


@pytest.mark.parametrize(
    "second",
    [AGENT + CUSTOMER, -(AGENT + CUSTOMER), 0.3 * (AGENT + CUSTOMER), _delayed(AGENT + CUSTOMER, 0.03)],
    ids=["same", "inverted", "softer", "late"],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_the_same_mix_twice_is_dual_mono(second, swapped):
    pair = _line(AGENT + CUSTOMER, second)
    pair = pair[::-1].copy() if swapped else pair
    channels, unfit = _assessed(pair)
    assert likeness(pair).correlation > 0.9
    assert [channel.problems[0] for channel in channels] == ["dual-mono", "dual-mono"]
    assert list(unfit) == ["speakers"]
    assert "same sound" in unfit["speakers"]


def test_a_folded_call_keeps_both_channel_records():
    pair = _line(AGENT + CUSTOMER, 0.5 * (AGENT + CUSTOMER))
    frames = extract(pair[:1], RATE_HZ)
    channels, unfit = assess_channels(frames, pair, find_activity(frames, pair[:1]), (0.0, 0.01))
    assert [channel.channel for channel in channels] == [0, 1]
    assert channels[1].problems == ("dual-mono", "clipped")
    assert "speakers" in unfit


def test_one_side_mixed_into_the_other_leaves_no_speakers():
    channels, unfit = _assessed(_line(AGENT, CUSTOMER + 0.6 * AGENT))
    assert "mixed" in channels[1].problems
    assert "mixed into" in unfit["speakers"]


@pytest.mark.parametrize("leak_db", [-18, -25, -32])
@pytest.mark.parametrize("delay_s", [0.0, 0.02, 0.2])
def test_a_leak_is_measured_and_taken_out(leak_db, delay_s):
    leak = 10 ** (leak_db / 20) * _delayed(AGENT, delay_s)
    pair = _line(AGENT, CUSTOMER + leak.astype(np.float32))
    channels, unfit = _assessed(pair)
    assert unfit == {}
    assert channels[0].problems == ()
    assert channels[1].problems == ("leak",)
    assert channels[1].leak_db == pytest.approx(leak_db, abs=2)
    alone = mask(heard(_line(AGENT, CUSTOMER)).speech[1], 4000)
    gated = mask(heard(pair).speech[1], 4000)
    assert (alone == gated).mean() > 0.97


def test_a_strong_leak_leaves_no_overlaps():
    channels, unfit = _assessed(_line(AGENT, CUSTOMER + 0.25 * AGENT))
    assert channels[1].leak_db == pytest.approx(-12, abs=2)
    assert list(unfit) == ["overlaps"]
    assert "12 dB" in unfit["overlaps"]


@pytest.mark.parametrize("leak", [0.0, 0.03])
def test_a_dead_channel_is_silent_even_if_it_hears_the_other(leak):
    channels, unfit = _assessed(_line(AGENT, leak * AGENT))
    assert channels[0].problems == ()
    assert "silent" in channels[1].problems
    assert "Channel 1 is silent" in unfit["speakers"]


def test_one_channel_has_no_speakers_and_none_has_speech():
    assert "one channel" in _assessed(_line(AGENT, CUSTOMER)[0])[1]["speakers"]
    channels, unfit = _assessed(np.zeros((2, 8000), np.float32))
    assert list(unfit) == ["recording"]
    assert [channel.problems for channel in channels] == [("silent",), ("silent",)]
    assert channels[0].level_db is None
    assert channels[0].snr_db is None


@pytest.mark.parametrize("count", [0, 1, 79, 400, 2400])
def test_very_short_recordings_are_without_speech(count):
    assert list(_assessed(np.zeros((2, count), np.float32))[1]) == ["recording"]
    assert likeness(np.zeros((2, count), np.float32)).correlation == 0


def test_clipping_and_noise_are_named():
    pair = mulaw(np.stack([AGENT + noise(LENGTH_S, -26, 5), CUSTOMER + noise(LENGTH_S, -60, 6)]))
    channels, _ = _assessed(pair, (0.0, 0.02))
    assert channels[0].problems == ("noisy",)
    assert channels[1].problems == ("clipped",)
    assert channels[1].clipped_share == 0.02


def test_an_hour_costs_little_more_to_compare_than_some_minutes():
    def least_s(pair) -> float:
        spent = []
        for _ in range(3):
            started = time.process_time()
            assert likeness(pair).correlation < 0.1
            spent.append(time.process_time() - started)
        return min(spent)

    line = _line(AGENT, CUSTOMER)
    assert least_s(np.tile(line, (1, 90))) < 6 * least_s(np.tile(line, (1, 6)))


@calls
@pytest.mark.parametrize("name", ["car-service-49.flac", "demo_call_8k_stereo_ulaw.wav"])
def test_real_stereo_calls_are_fit(name):
    """The first has 24 s of true overlap, which must not look like a leak."""
    channels, unfit = _assessed(sf.read(CALLS / name, dtype="float32")[0].T)
    assert unfit == {}
    assert [channel.problems for channel in channels] == [(), ()]


@calls
def test_the_fake_stereo_call_is_dual_mono():
    soxr = pytest.importorskip("soxr")
    wave, rate = sf.read(CALLS / "fake-stereo-hungarian.mp3", dtype="float32")
    pair = soxr.resample(wave, rate, RATE_HZ).T.astype(np.float32)
    assert likeness(pair).correlation > 0.9
    assert "dual-mono" in _assessed(pair)[0][0].problems


def test_silence_beside_speech_is_not_the_same_mix():
    channels, _ = _assessed(np.stack([AGENT, silence(LENGTH_S)]))
    assert not [channel for channel in channels if "dual-mono" in channel.problems]


def _hum(level_db: float) -> np.ndarray:
    time_s = np.arange(round(LENGTH_S * RATE_HZ)) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * 50 * place * time_s + place) for place in range(2, 9))
    return (10 ** (level_db / 20) * wave / np.sqrt(np.mean(wave**2))).astype(np.float32)


def test_hum_and_drop_outs_are_named_on_their_own_channel():
    pair = _line(AGENT + _hum(-50), CUSTOMER)
    speaking = np.flatnonzero(np.abs(CUSTOMER) > 0.05)
    for start in speaking[:: len(speaking) // 40]:
        pair[1, start : start + 400] = 0
    channels, unfit = _assessed(pair)
    assert [channel.problems for channel in channels] == [("hum",), ("drop-outs",)] and unfit == {}
    assert channels[0].hum_db > 10 > 2 > channels[1].hum_db
    assert channels[0].lost_s == 0 and channels[1].lost_s > 0.5


def test_hum_that_nobody_hears_is_no_problem():
    channels, _ = _assessed(_line(AGENT + _hum(-70), CUSTOMER))
    assert channels[0].problems == ()


def test_a_narrow_band_is_named():
    narrow = sosfilt(butter(8, 1800, fs=RATE_HZ, output="sos"), AGENT).astype(np.float32)
    pair = np.stack([narrow + noise(LENGTH_S, -80, 3), CUSTOMER + noise(LENGTH_S, -80, 4)])
    channels, _ = _assessed(pair)
    assert channels[0].problems == ("narrow band",) and channels[0].band_hz[1] < 2600
