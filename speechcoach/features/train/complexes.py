"""Sounds whose pitch is known in closed form: what no recording of people holds enough of.

Harmonics in chirps and vibrato, with missing fundamentals, few or one, at all pitches alike; and bursts of
noise, which have none. Samples are at 8 kHz; truth is F0 every 10 ms, 0 in noise and pauses.
"""

from __future__ import annotations

import numpy as np
import scipy.signal

RATE_HZ = 8_000
HOP = 80
CLIP_HOPS = 500
F0_HZ = (58.0, 515.0)
BURSTS = 0.3  # share of the sounds that are noise


def made_clip(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Five seconds of harmonic sounds and pauses: samples, and F0 a hop."""
    samples, f0_hz = [], []
    while sum(map(len, f0_hz)) < CLIP_HOPS:
        hops = int(rng.integers(12, 150))
        pause = int(rng.integers(5, 60))
        if rng.random() < BURSTS:
            samples += [_burst(hops, rng), np.zeros(pause * HOP)]
            f0_hz += [np.zeros(hops), np.zeros(pause)]
            continue
        contour_hz = _contour(hops, rng)
        samples += [_sound(contour_hz, rng), np.zeros(pause * HOP)]
        f0_hz += [contour_hz, np.zeros(pause)]
    return np.concatenate(samples).astype(np.float32), np.concatenate(f0_hz)


def _contour(hops: int, rng: np.random.Generator) -> np.ndarray:
    first, last = np.exp(rng.uniform(*np.log(F0_HZ), 2))
    time_s = (np.arange(hops) + 0.5) / 100
    share = time_s / time_s[-1]
    if rng.random() < 0.5:
        last = first * 2 ** rng.uniform(-0.3, 0.3)
    swing = rng.uniform(0, 0.08) * (rng.random() < 0.5) * np.sin(2 * np.pi * rng.uniform(3, 7) * time_s)
    return np.clip(first * (last / first) ** share * 2**swing, *F0_HZ)


def _sound(contour_hz: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    count = len(contour_hz) * HOP
    pitch_hz = np.interp((np.arange(count) + 0.5) / HOP, np.arange(len(contour_hz)) + 0.5, contour_hz)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    orders = np.arange(1, int(3800 / pitch_hz.min()) + 1)
    gains = _gains(orders * np.median(pitch_hz), rng)
    total = sum(
        gain * np.where(order * pitch_hz < 3800, np.cos(order * phase + start), 0)
        for order, gain, start in zip(orders, gains, rng.uniform(0, 2 * np.pi, len(orders)), strict=True)
    )
    ramp = np.minimum(1, np.minimum(np.arange(count) + 1, count - np.arange(count)) / rng.uniform(40, 240))
    return total * ramp / np.sqrt(np.mean(total**2)) * 10 ** (rng.uniform(-12, 0) / 20)


def _burst(hops: int, rng: np.random.Generator) -> np.ndarray:
    """Noise of a colour of its own: breath, a knock, a rustle; long ones come and go."""
    count = hops * HOP
    noise = scipy.signal.lfilter([1, rng.uniform(-1, 1)], [1, -rng.uniform(-0.6, 0.95)], rng.standard_normal(count))
    time_s = np.arange(count) / RATE_HZ
    shape = np.exp(-time_s * rng.choice([0.0, 3.0, 30.0]))
    if rng.random() < 0.5:
        shape = shape * np.clip(np.sin(2 * np.pi * rng.uniform(1, 8) * time_s), 0, 1)
    noise = noise * shape
    return noise / np.sqrt(np.mean(noise**2)) * 10 ** (rng.uniform(-15, 0) / 20)


def _gains(hz: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A falling spectrum with three resonances; now and then a single tone, or no fundamental."""
    if rng.random() < 0.1:
        return (hz == hz[0]).astype(float)
    gain_db = -rng.uniform(0, 12) * np.log2(hz / hz[0])
    for low_hz, high_hz in ((250, 900), (800, 2400), (2200, 3500)):
        gain_db = gain_db + 15 / (1 + ((hz - rng.uniform(low_hz, high_hz)) / rng.uniform(60, 200)) ** 2)
    if rng.random() < 0.4:
        gain_db = gain_db - 60 * (hz < rng.uniform(250, 700)) * (len(hz) > 4)
    return 10 ** (gain_db / 20)
