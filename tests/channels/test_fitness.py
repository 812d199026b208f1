"""Fitness on pairs of channels whose defect is known by construction."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
import soundfile as sf
from scipy.signal import butter, sosfilt

from speechcoach.channels import assess_channels, find_activity, overlaps_unjudged
from speechcoach.channels.likeness import likeness
from speechcoach.features import extract
from speechcoach.records import Span

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


# Leaks by window. Voices: the shipped samples' legs, which are by construction without a leak.


def _sample(folder, name: str, seconds: float = 60.0) -> np.ndarray:
    wave, rate = sf.read(folder / f"{name}.wav", dtype="float32")
    assert rate == RATE_HZ
    return np.ascontiguousarray(wave.T[:, : round(seconds * RATE_HZ)])


def _with_leak(legs: np.ndarray, level_db: float, delay_s: float, window_s=(0.0, 60.0), coder=None) -> np.ndarray:
    """The second leg hears the first, inside a window of time."""
    source = legs[0] if coder is None else _coded(legs[0], coder)
    leak = 10 ** (level_db / 20) * _delayed(source, delay_s)
    time_s = np.arange(legs.shape[1]) / RATE_HZ
    leak[(time_s < window_s[0]) | (time_s >= window_s[1])] = 0
    line = noise(legs.shape[1] / RATE_HZ, -75, 5)
    return mulaw(np.stack([legs[0] + line[::-1], legs[1] + leak.astype(np.float32) + line]))


def _coded(wave: np.ndarray, coder: str) -> np.ndarray:
    file = io.BytesIO()
    sf.write(file, wave, RATE_HZ, format="WAV", subtype=coder)
    file.seek(0)
    heard = sf.read(file, dtype="float32")[0]
    return np.pad(heard, (0, max(0, len(wave) - len(heard))))[: len(wave)]


@pytest.mark.parametrize(
    ("level_db", "delay_s", "coder"),
    [(-10, 0.0, None), (-20, 0.12, None), (-30, 0.5, None), (-40, 0.02, None), (-20, 0.25, "GSM610"),
     (-30, 0.05, "GSM610")],
)  # fmt: skip
def test_a_leak_has_its_level_and_its_delay(samples_folder, level_db, delay_s, coder):
    pair = _with_leak(_sample(samples_folder, "poor_listener"), level_db, delay_s, coder=coder)
    channels, _ = _assessed(pair)
    assert channels[0].leaks == ()
    assert channels[1].leaks
    for leak in channels[1].leaks:
        assert leak.level_db == pytest.approx(level_db, abs=1.5)
        assert leak.delay_s == pytest.approx(delay_s, abs=0.001)
    assert sum(leak.end_s - leak.start_s for leak in channels[1].leaks) >= 50


def test_a_leak_that_begins_in_the_middle_is_heard_from_there_on(samples_folder):
    pair = _with_leak(_sample(samples_folder, "poor_listener"), -25, 0.1, (30, 60))
    (leak,) = _assessed(pair)[0][1].leaks
    assert (leak.start_s, leak.end_s) == (30, 60)
    assert leak.level_db == pytest.approx(-25, abs=1.5)


def test_a_leak_that_grows_is_two_stretches_and_goes_from_both(samples_folder):
    legs = _sample(samples_folder, "poor_listener")
    pair = _with_leak(legs, -35, 0.1, (0, 30))
    louder = _with_leak(legs, -18, 0.1, (30, 60))
    pair[:, 30 * RATE_HZ :] = louder[:, 30 * RATE_HZ :]
    leaks = _assessed(pair)[0][1].leaks
    assert [(leak.start_s, leak.end_s) for leak in leaks] == [(0, 30), (30, 60)]
    assert [leak.level_db for leak in leaks] == pytest.approx([-35, -18], abs=1.5)
    alone, cleared = (mask(heard(both).speech[1], 6000) for both in (_with_leak(legs, -200, 0), pair))
    assert (alone == cleared).mean() > 0.97


def test_each_direction_has_its_own_leak(samples_folder):
    legs = _sample(samples_folder, "poor_listener")
    both = _with_leak(legs, -20, 0.1)
    both[0] = _with_leak(legs[::-1], -30, 0.3)[1]
    left, right = _assessed(both)[0]
    assert [leak.level_db for leak in left.leaks] == pytest.approx([-30] * len(left.leaks), abs=1.5)
    assert [leak.delay_s for leak in left.leaks] == pytest.approx([0.3] * len(left.leaks), abs=0.001)
    assert [leak.level_db for leak in right.leaks] == pytest.approx([-20] * len(right.leaks), abs=1.5)
    assert left.leaks and right.leaks


@pytest.mark.parametrize("shift_s", [0.0, 3.0, 7.0])
def test_double_talk_is_no_leak(samples_folder, shift_s):
    """One call's agent over another call's customer: they talk at the same time for much of it."""
    first, second = _sample(samples_folder, "good_listener"), _sample(samples_folder, "escalation")
    pair = _line_of(first[0], _delayed(second[0], shift_s))
    speech = [mask(row, 6000) for row in heard(pair).speech]
    assert (speech[0] & speech[1]).sum() > 0.15 * (speech[0] | speech[1]).sum()
    channels, unfit = _assessed(pair)
    assert unfit == {}
    assert [channel.leaks for channel in channels] == [(), ()]


def _line_of(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    seconds = len(left) / RATE_HZ
    return mulaw(np.stack([left + noise(seconds, -70, 3), right + noise(seconds, -72, 4)]))


def test_a_strong_leak_in_part_of_the_call_leaves_the_rest_to_be_judged(samples_folder):
    channels, unfit = _assessed(_with_leak(_sample(samples_folder, "poor_listener"), -10, 0.1, (20, 40)))
    assert unfit == {}
    assert overlaps_unjudged(channels) == (Span(20, 40),)


def test_how_strong_a_leak_is_does_not_depend_on_the_gains(samples_folder):
    pair = _with_leak(_sample(samples_folder, "poor_listener"), -10, 0.1, (20, 40))
    for gains in ([0.1, 1.0], [1.0, 0.1]):
        channels, _ = _assessed(pair * np.float32(gains)[:, None])
        assert overlaps_unjudged(channels) == (Span(20, 40),)


# Dual-mono after a coder


def _mp3(pair: np.ndarray, level: float) -> np.ndarray:
    """Through one MP3 file: libsndfile makes two channels a joint stereo one."""
    file = io.BytesIO()
    sf.write(file, pair.T, RATE_HZ, format="MP3", compression_level=level, bitrate_mode="CONSTANT")
    file.seek(0)
    return np.atleast_2d(sf.read(file, dtype="float32")[0].T)


CODERS = {
    "joint 64 kbit/s": lambda pair: _mp3(pair, 0.0),
    "joint 32 kbit/s": lambda pair: _mp3(pair, 0.6),
    "each side 16 kbit/s": lambda pair: np.concatenate([_mp3(row[None], 0.8) for row in pair]),
    "mu-law": lambda pair: np.stack([_coded(row, "ULAW") for row in pair]),
    "GSM": lambda pair: np.stack([_coded(row, "GSM610") for row in pair]),
}
FAKES = {
    "equal": lambda wave: np.stack([wave, wave]),
    "12 dB softer": lambda wave: np.stack([wave, 0.25 * wave]),
    "inverted": lambda wave: np.stack([wave, -wave]),
    "7 samples late": lambda wave: np.stack([wave, _delayed(wave, 7 / RATE_HZ)]),
}


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize("fake", FAKES)
def test_dual_mono_is_told_after_a_coder(samples_folder, fake, coder):
    pair = CODERS[coder](FAKES[fake](_sample(samples_folder, "poor_listener", 20).sum(axis=0))).astype(np.float32)
    channels, unfit = _assessed(pair)
    assert [channel.problems[0] for channel in channels] == ["dual-mono", "dual-mono"]
    assert [channel.leaks for channel in channels] == [(), ()]
    assert "same sound" in unfit["speakers"]


@pytest.mark.parametrize("coder", CODERS)
def test_two_people_are_not_dual_mono_after_a_coder(samples_folder, coder):
    legs = _sample(samples_folder, "poor_listener", 20)
    assert likeness(CODERS[coder](legs)).correlation < 0.3
