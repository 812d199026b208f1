"""Level, noise floor and activity against known powers (truth: analytic)."""

import numpy as np
import pytest

from speechcoach.features import extract

RATE = 8000


def tone(amplitude, seconds, hz=400.0):
    return amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)


@pytest.mark.parametrize("amplitude", [1.0, 0.1, 0.001])
def test_level_of_a_sine(amplitude):
    level_db = extract(tone(amplitude, 1.0).astype(np.float32), RATE).level_db
    np.testing.assert_allclose(level_db, 20 * np.log10(amplitude) - 3.0103, atol=0.01)


def test_steps_are_seen_at_their_place():
    steps_db = np.array([-50, -20, -35, -5, -60])
    samples = np.concatenate([tone(10 ** (db / 20), 0.3) for db in steps_db]).astype(np.float32)
    np.testing.assert_allclose(extract(samples, RATE).level_db, np.repeat(steps_db, 30) - 3.0103, atol=0.01)


def test_a_constant_offset_is_no_loudness():
    samples = tone(0.01, 2.0)
    plain, lifted = (extract((samples + dc).astype(np.float32), RATE) for dc in (0, 0.4))
    np.testing.assert_allclose(plain.level_db, lifted.level_db, atol=0.01)


def test_floor_is_the_noise_under_the_speech(talk):
    rng = np.random.default_rng(3)
    noise_rms = 10 ** (-50 / 20)
    samples = talk(30.0) + noise_rms * rng.standard_normal(30 * RATE)
    noise_db = extract(samples.astype(np.float32), RATE).noise_db
    assert np.all(np.abs(noise_db + 50) < 1.5)


def test_floor_follows_noise_that_changes(talk):
    rng = np.random.default_rng(3)
    rms = np.repeat([10 ** (-60 / 20), 10 ** (-40 / 20)], 30 * RATE)
    noise_db = extract((talk(60.0) + rms * rng.standard_normal(60 * RATE)).astype(np.float32), RATE).noise_db
    assert abs(noise_db[500] + 60) < 1.5
    assert abs(noise_db[-500] + 40) < 1.5


def test_active_is_where_something_is_heard():
    rng = np.random.default_rng(0)
    samples = 1e-3 * rng.standard_normal(10 * RATE)
    samples[4 * RATE : 5 * RATE] += tone(0.05, 1.0)
    active = extract(samples.astype(np.float32), RATE).active
    assert active[400:500].all()
    assert active[:390].mean() < 0.02
    assert active[510:].mean() < 0.02


def test_steady_noise_is_not_active_but_a_steady_tone_is():
    noise = 0.1 * np.random.default_rng(0).standard_normal(10 * RATE)
    assert extract(noise.astype(np.float32), RATE).active.mean() < 0.02
    assert extract(tone(0.1, 10.0, hz=200.0).astype(np.float32), RATE).active.mean() > 0.98


def test_digital_silence_reads_the_lowest_level():
    frames = extract(np.zeros(2 * RATE, np.float32), RATE)
    assert (frames.level_db == -120).all()
    assert not frames.active.any()


def test_floor_stays_under_a_long_turn_without_a_pause():
    noise = 10 ** (-60 / 20) * np.random.default_rng(0).standard_normal(30 * RATE)
    noise[10 * RATE : 20 * RATE] += tone(0.1, 10.0)
    noise_db = extract(noise.astype(np.float32), RATE).noise_db
    assert np.all(np.abs(noise_db + 60) < 1.5)
