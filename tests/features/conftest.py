"""Voices whose truth is known in closed form, and a telephone to send them through.

`pitch_hz` is F0 at each sample; a voice is a sum of its harmonics with the phase integrated from it.
"""

import numpy as np
import pytest

RATE = 8000


def _voice(pitch_hz, rate=RATE, low_hz=0.0, high_hz=3400.0, tilt=0.5, amplitude=0.3):
    """Harmonics of `pitch_hz` `[n]` between two frequencies, falling by their number to the power `tilt`."""
    phase = 2 * np.pi * np.cumsum(pitch_hz) / rate
    total = np.zeros(len(pitch_hz))
    for order in range(1, int(high_hz / pitch_hz.min()) + 1):
        inside = (order * pitch_hz >= low_hz) & (order * pitch_hz <= high_hz)
        total += np.where(inside, np.cos(order * phase + order**2), 0) / order**tilt
    return (amplitude * total / np.abs(total).max()).astype(np.float32)


def _telephone(samples, snr_db=None, seed=0):
    """300-3400 Hz, noise of that band, mu-law; the noise is relative to the mean power of all samples."""
    noise = np.random.default_rng(seed).standard_normal(len(samples))
    speech, noise = _band(samples), _band(noise)
    if snr_db is not None:
        speech = speech + noise * np.sqrt(np.mean(speech**2) / np.mean(noise**2) / 10 ** (snr_db / 10))
    small = np.sign(speech) * np.log1p(255 * np.minimum(np.abs(speech), 1)) / np.log1p(255)
    small = np.round(small * 127) / 127
    return (np.sign(small) * np.expm1(np.abs(small) * np.log1p(255)) / 255).astype(np.float32)


def _band(samples):
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    return np.fft.irfft(spectrum, len(samples))


def _padded(samples, seconds=0.5, rate=RATE):
    return np.pad(samples, round(seconds * rate)).astype(np.float32)


def _talk(seconds=8.0, rate=RATE, seed=0):
    """Something like speech: a wandering voice in bursts of a syllable, over faint noise."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * rate)) / rate
    pitch_hz = 150 * 2 ** (0.3 * np.sin(2 * np.pi * 0.4 * time_s + seed))
    beat_hz, turn_hz = 4 + 0.43 * seed, 0.3 + 0.07 * seed  # two people do not talk in step: that would be a leak
    gate = np.clip(np.sin(2 * np.pi * beat_hz * time_s), 0, 1) * (np.sin(2 * np.pi * turn_hz * time_s) > -0.5)
    return (_voice(pitch_hz, rate) * gate + 3e-4 * rng.standard_normal(len(gate))).astype(np.float32)


@pytest.fixture
def voice():
    return _voice


@pytest.fixture
def telephone():
    return _telephone


@pytest.fixture
def padded():
    return _padded


@pytest.fixture
def talk():
    return _talk
