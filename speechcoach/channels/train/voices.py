"""Voices that no package holds: hoarse, breathy, creaky, held, far from the microphone or pumped by a gain control.

Conventions: samples are float32 `[n]` at 8 kHz; every function keeps their number, `held` apart; all choices come from
a generator. Prompts are read by people with healthy voices; who calls may be hoarse, tired or across the room.
"""

from __future__ import annotations

import numpy as np

RATE_HZ = 8_000
WINDOW = 256  # 32 ms
STEP = 64
ENVELOPE_BINS = 5  # to each side, 150 Hz: the formants without the harmonics
FRAME = 200  # 25 ms, of stretching
REACH = 60


def strained(wave: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Some of jitter, shimmer, creak and breath, as in Kreiman & Gerratt (2005)."""
    if rng.random() < 0.5:
        wave = jittered(wave, rng)
    if rng.random() < 0.6:
        wave = wave * shimmer(len(wave), rng)
    if rng.random() < 0.6:
        wave = wave + 10 ** (rng.uniform(-18, 3) / 20) * whispered(wave, rng)
    return wave.astype(np.float32)


def jittered(wave: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each moment a little early or late: periods differ by some percent."""
    knots = np.arange(0, len(wave) + 80, int(rng.uniform(40, 100)))
    late = rng.normal(0, rng.uniform(0.3, 2.0), len(knots))
    place = np.arange(len(wave))
    return np.interp(place + np.interp(place, knots, late), place, wave)


def shimmer(count: int, rng: np.random.Generator) -> np.ndarray:
    """A gain that changes from period to period, or that beats at 30-90 Hz as a creaking voice does."""
    depth = rng.uniform(0.1, 0.7)
    if rng.random() < 0.5:
        knots = np.arange(0, count + 80, int(rng.uniform(40, 110)))
        return 1 + depth * np.clip(np.interp(np.arange(count), knots, rng.normal(0, 0.6, len(knots))), -1, 1)
    knots = np.arange(0, count + 800, 800)
    drift = np.interp(np.arange(count), knots, rng.normal(0, 6, len(knots)))
    return 1 + depth * np.sin(2 * np.pi * np.cumsum(rng.uniform(30, 90) + drift) / RATE_HZ)


def whispered(wave: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same formants on noise."""
    window = np.hanning(WINDOW + 1)[:-1]
    padded = np.pad(wave, WINDOW)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::STEP] * window
    power = np.abs(np.fft.rfft(frames)) ** 2
    width = 2 * ENVELOPE_BINS + 1
    total = np.cumsum(np.pad(power, ((0, 0), (ENVELOPE_BINS + 1, ENVELOPE_BINS)), mode="edge"), axis=1)
    smooth = np.sqrt(np.maximum(total[:, width:] - total[:, :-width], 0) / width)
    noise = rng.standard_normal(len(padded))
    carrier = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(noise, WINDOW)[::STEP] * window)
    made = np.fft.irfft(smooth * carrier, WINDOW) * window / np.sqrt(np.sum(window**2))
    found = np.zeros(len(padded) + WINDOW)
    for shift in range(WINDOW // STEP):  # frames of each residue touch without overlapping
        part = made[shift :: WINDOW // STEP].ravel()
        found[shift * STEP : shift * STEP + len(part)] += part
    found = found[WINDOW : WINDOW + len(wave)]
    return (found * np.sqrt(np.mean(np.square(wave)) / max(np.mean(found**2), 1e-12))).astype(np.float32)


def held(wave: np.ndarray, factor: float) -> np.ndarray:
    """The wave `factor` times as long at the same pitch: an "ummm" (WSOLA: Verhelst & Roelands 1993)."""
    step = FRAME // 2
    window = np.hanning(FRAME + 1)[:-1]
    padded = np.pad(wave, (REACH, FRAME + REACH))
    count = max(1, int((len(wave) * factor - FRAME) / step))
    found = np.zeros(count * step + FRAME)
    follow = padded[REACH : REACH + FRAME]
    for i in range(count):
        middle = REACH + int(i * step / factor)
        near = np.lib.stride_tricks.sliding_window_view(padded[middle - REACH : middle + REACH + FRAME], FRAME)
        start = middle - REACH + int((near @ follow).argmax())
        start = min(start, len(padded) - FRAME - step)
        found[i * step : i * step + FRAME] += window * padded[start : start + FRAME]
        follow = padded[start + step : start + step + FRAME]
    return found.astype(np.float32)


def far(wave: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """From across the room: first reflections, and a tail about as loud as the voice itself."""
    size = int(rng.uniform(0.25, 0.8) * RATE_HZ)
    tail = rng.standard_normal(size) * np.exp(-6.9 * np.arange(size) / size)
    tail[:20] = 0
    tail *= 10 ** (rng.uniform(-12, 4) / 20) / np.sqrt(np.sum(tail**2))
    width = 1 << (len(wave) + size).bit_length()
    late = np.fft.irfft(np.fft.rfft(wave, width) * np.fft.rfft(tail, width), width)
    return (wave + late[: len(wave)]).astype(np.float32)


def pumped(wave: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Through a gain control that pulls what is soft up and what is loud down, and clips what it is late for."""
    power = np.square(wave[: len(wave) // 80 * 80].reshape(-1, 80)).mean(axis=1)
    release = np.exp(-1 / rng.uniform(10, 80))
    level = np.empty(len(power))
    held_power = 0.0
    for i, value in enumerate(power.tolist()):
        held_power = max(value, release * held_power)
        level[i] = held_power
    loud = np.percentile(level, 95)
    gain = (np.maximum(level, 1e-4 * loud) / loud) ** (-rng.uniform(0.1, 0.4))
    return np.clip(wave * np.repeat(np.pad(gain, (0, 1), mode="edge"), 80)[: len(wave)], -0.9, 0.9).astype(np.float32)
