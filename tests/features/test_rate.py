"""Syllable nuclei: bursts at a known rate, and the peak picker against its definition (truth: analytic)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speechcoach.features import extract
from speechcoach.features.rate import peaks

RATE = 8000


def bursts(voice, per_second, seconds, depth=0.9):
    """A steady voice that swells `per_second` times a second, first at half a period."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    swell = 1 - depth * (0.5 + 0.5 * np.cos(2 * np.pi * per_second * time_s))
    return voice(np.full(len(time_s), 160.0)) * swell


@pytest.mark.parametrize("per_second", [2, 4, 6, 8])
def test_bursts_are_counted_and_placed(voice, padded, per_second):
    frames = extract(padded(bursts(voice, per_second, 4.0)).astype(np.float32), RATE)
    found = frames.time_s[frames.nucleus]
    assert len(found) == 4 * per_second
    np.testing.assert_allclose(found, 0.5 + (np.arange(4 * per_second) + 0.5) / per_second, atol=0.02)


@pytest.mark.parametrize("per_second", [3, 5])
def test_bursts_on_the_telephone_in_noise(voice, telephone, padded, per_second):
    samples = telephone(padded(bursts(voice, per_second, 4.0), 1.0), snr_db=15)
    assert extract(samples, RATE).nucleus.sum() == pytest.approx(4 * per_second, abs=1)


def test_noise_bursts_are_no_syllables():
    rng = np.random.default_rng(0)
    gate = np.sin(2 * np.pi * 4 * np.arange(4 * RATE) / RATE) > 0
    assert extract((0.1 * gate * rng.standard_normal(4 * RATE)).astype(np.float32), RATE).nucleus.sum() <= 1


def test_a_ripple_is_no_syllable(voice, padded):
    assert extract(padded(bursts(voice, 6, 2.0, depth=0.1)).astype(np.float32), RATE).nucleus.sum() <= 2


def test_peaks_of_a_known_curve():
    curve = np.array([0, 3, 2.8, 3.2, 1, 1.5, 1.2, 4, 0, 0.3, 0])
    assert peaks(curve, 0.6).tolist() == [3, 7]
    assert peaks(curve, 0.25).tolist() == [3, 5, 7, 9]
    assert peaks(curve, 0.0).tolist() == [1, 3, 5, 7, 9]


def prominent(curve, dip):
    """Peaks by walking: a peak counts once the curve has fallen by `dip` since it, and risen by `dip` before."""
    found = []
    rising, low, high, place = True, -np.inf, -np.inf, 0
    for i, value in enumerate([*curve, -np.inf]):
        if rising:
            if value > high:
                high, place = value, i
            elif high - value >= dip:
                found.append(place)
                rising, low = False, value
        else:
            low = min(low, value)
            if value - low >= dip:
                rising, high, place = True, value, i
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=40, unique=True), st.integers(1, 15))
def test_peaks_agree_with_a_walk(curve, dip):
    assert peaks(np.array(curve, float), dip).tolist() == prominent(curve, dip)
