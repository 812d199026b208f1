"""Telephone lines drawn at random: what lies between a mouth and a recording.

Conventions: samples are float32 or float64 at 8 kHz, `[n]`; nothing is delayed, so truths keep their
times. Levels are relative to the voice's own while it speaks. `others` are recordings of other people.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import scipy.signal
import soundfile

RATE_HZ = 8_000
NOISES = {"none": 0.25, "white": 0.25, "coloured": 0.22, "babble": 0.23, "crowd": 0.05}
CODECS = {"none": 0.2, "ULAW": 0.45, "ALAW": 0.1, "GSM610": 0.25}
SNR_DB = (0.0, 32.0)
CROSSTALK_DB = (-38.0, -18.0)
LEVEL_DB = (-38.0, -14.0)


def over_a_line(voice: np.ndarray, others: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """The voice as it is found in a recording, float32 `[n]`."""
    if rng.random() < 0.5:
        voice = scipy.signal.lfilter([1, rng.uniform(-0.6, 0.6)], [1], voice)  # a microphone's tilt
    if rng.random() < 0.12:
        voice = _in_a_room(voice, rng)
    band = _band(rng)
    heard = band(voice)
    kind = _draw(NOISES, rng)
    if kind != "none":
        heard = heard + _at(band(noise(kind, len(voice), others, rng)), -rng.uniform(*SNR_DB), heard)
    if rng.random() < 0.3:
        other = band(_piece(others[rng.integers(len(others))], len(voice), rng))
        heard = heard + _at(other, rng.uniform(*CROSSTALK_DB), heard, speech=True)
    if rng.random() < 0.05:
        heard = heard + _at(_hum(len(voice), rng), -rng.uniform(10, 30), heard)
    return _coded(heard, rng)


def _draw(shares: dict[str, float], rng: np.random.Generator) -> str:
    return str(rng.choice(list(shares), p=list(shares.values())))


def _at(sound: np.ndarray, level_db: float, voice: np.ndarray, speech: bool = False) -> np.ndarray:
    own = active_power(sound) if speech else np.mean(sound**2)
    return sound * np.sqrt(active_power(voice) / (own + 1e-12) * 10 ** (level_db / 10))


def active_power(samples: np.ndarray) -> float:
    """Mean power of the hops of 20 ms within 30 dB of the loudest."""
    hops = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    power = np.mean(hops**2, axis=1)
    return float(power[power >= power.max() * 1e-3].mean()) + 1e-12


def _in_a_room(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    count = int(rng.uniform(0.1, 0.4) * RATE_HZ)
    tail = rng.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)  # 60 dB down at its end
    tail *= 10 ** (-rng.uniform(3, 15) / 20) / np.sqrt((tail**2).sum())
    tail[0] = 1
    return scipy.signal.fftconvolve(samples, tail)[: len(samples)]


def _band(rng: np.random.Generator):
    """Four lines in five let only the telephone's band through, with edges of all sorts."""
    if rng.random() < 0.2:
        return lambda samples: samples
    edges, order = (rng.uniform(180, 400), rng.uniform(3000, 3650)), int(rng.integers(2, 9))
    filters = scipy.signal.butter(order, edges, "bandpass", fs=RATE_HZ, output="sos")
    return lambda samples: scipy.signal.sosfilt(filters, samples)


def noise(kind: str, count: int, others: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """`count` samples of white or coloured noise, of babble (3-9 voices) or of a crowd (40)."""
    if kind in ("babble", "crowd"):
        voices = 40 if kind == "crowd" else rng.integers(3, 10)
        chosen = rng.integers(len(others), size=voices)
        return sum(_piece(others[which], count, rng) * rng.uniform(0.5, 1.5) for which in chosen)
    white = rng.standard_normal(count)
    if kind == "white":
        return white
    coloured = scipy.signal.lfilter([1], [1, -rng.uniform(-0.5, 0.97)], white)
    if rng.random() < 0.5:
        return coloured
    swell_db = np.interp(np.arange(count) / 4000, np.arange(count // 4000 + 2), rng.uniform(-8, 8, count // 4000 + 2))
    return coloured * 10 ** (swell_db / 20)


def _piece(samples: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    return np.resize(np.roll(samples.astype(np.float32), int(rng.integers(len(samples)))), count)


def _hum(count: int, rng: np.random.Generator) -> np.ndarray:
    mains_hz = rng.choice([50, 60])
    time_s = np.arange(count) / RATE_HZ
    return sum(rng.random() / order * np.sin(2 * np.pi * mains_hz * order * time_s) for order in (1, 2, 3, 5))


def _coded(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    samples = samples / np.sqrt(active_power(samples)) * 10 ** (rng.uniform(*LEVEL_DB) / 20)
    if rng.random() < 0.04:
        top = np.abs(samples).max() * rng.uniform(0.2, 0.7)
        samples = np.clip(samples, -top, top)
    kind = _draw(CODECS, rng)
    if kind == "none":
        return samples.astype(np.float32)
    store = io.BytesIO()
    soundfile.write(store, np.clip(samples, -0.99, 0.99), RATE_HZ, format="WAV", subtype=kind)
    store.seek(0)
    return soundfile.read(store, dtype="float32")[0][: len(samples)]
