"""Syllable nuclei: bursts at a known rate, bands of known tones, and the peak picker against its definition.

Truth: analytic, but for the made calls, whose syllables were synthesised.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from speechcoach.features import extract
from speechcoach.features.frames import Signal
from speechcoach.features.rate import BANDS, EDGES_HZ, REACH, STEP, band_power, look_bands, peaks, seen

RATE = 8000
SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def bursts(voice, per_second, seconds, depth=0.9):
    """A steady voice that swells `per_second` times a second, first at half a period."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    swell = 1 - depth * (0.5 + 0.5 * np.cos(2 * np.pi * per_second * time_s))
    return voice(np.full(len(time_s), 160.0)) * swell


@pytest.mark.parametrize("per_second", [4, 6, 8])
def test_bursts_are_counted_and_placed(voice, padded, per_second):
    frames = extract(padded(bursts(voice, per_second, 4.0)).astype(np.float32), RATE)
    found = frames.time_s[frames.nucleus]
    assert len(found) == 4 * per_second
    np.testing.assert_allclose(found, 0.5 + (np.arange(4 * per_second) + 0.5) / per_second, atol=0.02)


@pytest.mark.parametrize("per_second", [4, 5])
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


@pytest.mark.parametrize("band", range(BANDS))
def test_a_tone_is_in_its_band_alone(band):
    """A cosine with a whole number of half periods in a hop is one cosine of the table; its energy is 40 a hop."""
    hz = 50 * round(np.mean(EDGES_HZ[band : band + 2]) / 50)
    tone = np.cos(np.pi * hz / 50 * (np.arange(80) + 0.5) / 80)
    power = band_power(Signal(np.tile(tone, 20).astype(np.float32)), np.ones(20, bool))
    expected = 40 * (np.arange(BANDS) == band)
    np.testing.assert_allclose(power, np.tile(expected, (20, 1)), atol=0.05)


def test_bands_of_unwanted_hops_are_not_computed(talk):
    signal = Signal(talk(1.0))
    wanted = np.arange(signal.frames) % 3 == 0
    some, whole = band_power(signal, wanted), band_power(signal, np.ones(100, bool))
    np.testing.assert_allclose(some[wanted], whole[wanted], rtol=1e-4)
    assert not some[~wanted].any()


def test_what_the_net_sees_is_what_lies_around(talk):
    signal = Signal(talk(1.0))
    looks = look_bands(signal, np.zeros(signal.frames, bool), np.ones(signal.frames, bool))
    rows = np.array([0, 3, 57, 99])
    for row, shown in zip(rows, seen(looks, rows), strict=True):
        np.testing.assert_array_equal(shown.reshape(BANDS + 1, -1), looks[row : row + 2 * REACH + 1 : STEP].T)


def test_gain_moves_no_nucleus(talk):
    samples = talk(8.0)
    quiet, loud = (extract((gain * samples).astype(np.float32), RATE).nucleus for gain in (0.1, 1.0))
    assert quiet.sum() == loud.sum() == np.sum(quiet & loud)


@pytest.mark.parametrize("name", ["good_listener", "escalation", "spanish"])
def test_made_calls_have_the_syllables_that_were_synthesised(name):
    """Voices that nothing was tuned on; each side within a tenth of its syllables in turns without cuts."""
    truth = json.loads((SAMPLES / f"{name}.truth.json").read_text("utf-8"))
    samples, rate = soundfile.read(SAMPLES / f"{name}.wav", dtype="float32")
    frames = extract(np.ascontiguousarray(samples.T), rate)
    for who, about in truth["speakers"].items():
        found_s = frames.time_s[frames.nucleus[about["channel"]]]
        own = [turn for turn in truth["turns"] if turn["speaker"] == who and turn["syllables"] >= 8]
        found = sum(np.sum((found_s >= turn["start_s"]) & (found_s <= turn["end_s"] + 0.05)) for turn in own)
        assert found == pytest.approx(sum(turn["syllables"] for turn in own), rel=0.1), who
