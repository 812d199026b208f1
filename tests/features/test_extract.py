"""What holds whatever the signal: shapes, invariances, hard input (truth: analytic properties)."""

import numpy as np
import pytest

from speechcoach.features import extract
from speechcoach.features.frames import Signal

RATE = 8000
COLUMNS = ("f0_hz", "voicing", "level_db", "noise_db", "active", "nucleus")


def same_voicing(one, other):
    return np.mean(np.isnan(one) == np.isnan(other))


def test_shapes_and_clock(talk):
    samples = talk(3.217)
    mono, stereo = extract(samples, RATE), extract(np.stack([samples, samples[::-1]]), RATE)
    assert mono.hop_s == 0.01
    np.testing.assert_allclose(mono.time_s, 0.005 + 0.01 * np.arange(321))
    for name in COLUMNS:
        assert getattr(mono, name).shape == (321,)
        assert getattr(stereo, name).shape == (2, 321)


def test_each_channel_alone(talk):
    left, right = talk(6.0, seed=1), 0.2 * talk(6.0, seed=2)
    both = extract(np.stack([left, right]), RATE)
    for channel, samples in enumerate((left, right)):
        alone = extract(samples, RATE)
        for name in COLUMNS:
            np.testing.assert_array_equal(getattr(both, name)[channel], getattr(alone, name), err_msg=name)


@pytest.mark.parametrize("gain_db", [-12.0, 12.0])
def test_gain_moves_nothing_but_level(talk, gain_db):
    samples = 0.5 * talk()
    plain, louder = extract(samples, RATE), extract(samples * np.float32(10 ** (gain_db / 20)), RATE)
    np.testing.assert_allclose(louder.level_db - plain.level_db, gain_db, atol=0.01)
    np.testing.assert_allclose(louder.noise_db - plain.noise_db, gain_db, atol=0.01)
    np.testing.assert_allclose(louder.f0_hz, plain.f0_hz, rtol=1e-4)
    np.testing.assert_allclose(louder.voicing, plain.voicing, atol=1e-3)
    assert np.array_equal(louder.active, plain.active)
    assert np.array_equal(louder.nucleus, plain.nucleus)


def test_a_shift_in_time_shifts_the_columns(talk):
    samples, hops = talk(12.0), 300
    silence = 3e-4 * np.random.default_rng(9).standard_normal(hops * 80)
    early, late = extract(samples, RATE), extract(np.concatenate([silence, samples]).astype(np.float32), RATE)
    # The silence moves the mean that is taken off by a hair, which a hop of faint noise shows.
    np.testing.assert_allclose(late.level_db[hops:], early.level_db, atol=0.05)
    assert same_voicing(late.f0_hz[hops:], early.f0_hz) > 0.99
    moved = np.abs(late.f0_hz[hops:] / early.f0_hz - 1)
    assert np.mean(moved[np.isfinite(moved)] < 1e-3) > 0.995
    assert abs(int(late.nucleus[hops:].sum()) - int(early.nucleus.sum())) <= 1


@pytest.mark.parametrize("rate", [11025, 16000, 44100, 48000])
def test_rates_agree(voice, padded, rate):
    truth = lambda t: 140 * 2 ** (0.4 * np.sin(2 * np.pi * t))  # noqa: E731
    low, high = (extract(padded(voice(truth(np.arange(3 * r) / r), r), rate=r), r) for r in (RATE, rate))
    count = min(len(low.time_s), len(high.time_s))
    assert abs(len(low.time_s) - len(high.time_s)) <= 1
    assert same_voicing(low.f0_hz[:count], high.f0_hz[:count]) > 0.98
    assert np.nanmedian(np.abs(1200 * np.log2(high.f0_hz[:count] / low.f0_hz[:count]))) < 2
    inside = slice(60, 340)
    np.testing.assert_allclose(high.level_db[inside], low.level_db[inside], atol=0.3)


def test_same_input_same_output(talk):
    samples = talk()
    one, two = extract(samples, RATE), extract(samples, RATE)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_the_callers_samples_stay_as_they_are(talk):
    samples = talk(2.0)
    samples[100] = np.nan
    before = samples.copy()
    extract(samples, RATE)
    np.testing.assert_array_equal(samples, before)


@pytest.mark.parametrize("count", [0, 1, 79, 80, 81, 200, 800, 4000])
def test_short_input(count):
    noise = np.random.default_rng(0).standard_normal(count).astype(np.float32)
    frames = extract(0.1 * noise, RATE)
    assert frames.f0_hz.shape == frames.nucleus.shape == (count // 80,)


@pytest.mark.parametrize("rate", [RATE, 16000])
@pytest.mark.parametrize("shape", [(0,), (2, 0)])
def test_empty_input(shape, rate):
    assert extract(np.zeros(shape, np.float32), rate).level_db.shape == shape


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("rate", [RATE, 16000])
def test_samples_that_are_no_number_count_as_zero(voice, bad, rate):
    samples = voice(np.full(2 * rate, 180.0), rate)
    broken, zeroed = samples.copy(), samples.copy()
    broken[rate : rate + 500], zeroed[rate : rate + 500] = bad, 0
    one, two = extract(broken, rate), extract(zeroed, rate)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert np.isfinite(one.f0_hz).sum() > 150


def test_all_nan_is_silence():
    frames = extract(np.full(RATE, np.nan, np.float32), RATE)
    assert not frames.active.any()
    assert np.isnan(frames.f0_hz).all()


def test_clipping_keeps_the_pitch(voice, padded):
    samples = padded(np.clip(10 * voice(np.full(2 * RATE, 130.0)), -1, 1))
    f0_hz = extract(samples, RATE).f0_hz[60:240]
    assert np.nanmedian(np.abs(1200 * np.log2(f0_hz / 130))) < 3
    assert np.isfinite(f0_hz).mean() > 0.98


def test_columns_are_read_only(talk):
    with pytest.raises(ValueError, match="read-only"):
        extract(talk(1.0), RATE).f0_hz[0] = 1


@pytest.mark.parametrize(
    ("samples", "rate", "match"),
    [
        (np.zeros(10, np.float32), 7999, "at least 8000, not 7999"),
        (np.zeros(10, np.float32), np.nan, "not nan"),
        (np.zeros((2, 2, 2), np.float32), RATE, r"shape \(2, 2, 2\)"),
        (np.zeros((8000, 2), np.float32), RATE, r"not \(8000, 2\)"),
        (np.zeros((0, 80), np.float32), RATE, r"not \(0, 80\)"),
        (np.zeros(10, np.int16), RATE, "int16"),
    ],
)
def test_wrong_use_is_named(samples, rate, match):
    with pytest.raises(ValueError, match=match):
        extract(samples, rate)


def test_frames_over_the_ends_hold_zeros():
    samples = np.ones(80 * 100, np.float32)
    samples[::2] = -1  # without a mean
    signal = Signal(samples)
    frames = signal.windows(np.array([0, 50, 99]), 360)
    assert not frames[0, :140].any()
    assert np.abs(frames[0, 140:]).min() == 1
    np.testing.assert_array_equal(np.abs(frames[1]), np.ones(360))
    assert not frames[2, 220:].any()
    np.testing.assert_array_equal(signal.between(-2000, 3), [*np.zeros(2000), -1, 1, -1])
    np.testing.assert_array_equal(signal.between(9000, 9010), np.zeros(10))
