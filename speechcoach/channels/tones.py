"""Ring-back, busy, DTMF and other line tones: one or two spectral lines that hold all the power.

Conventions: samples are float32 `[n]` at 8 kHz, levels dB re full scale every 10 ms, lines are Hz.

A voiced "mm" through a telephone may have nearly all its power in two harmonics too, and hold them
for a tenth of a second. So a short burst is a tone only where its lines are those of a keypad, or
where one line above any voice's pitch is alone; other tones must be held for a quarter of a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

RATE_HZ = 8000
HOP = 80
WINDOW = 512  # 64 ms: the shortest keypad burst that a receiver must accept lasts 40-65 ms (ITU-T Q.24)
STEP = 160
LINE_BINS = 2  # a line of a Hann window is spread over this many bins to each side
KEYPAD_HZ = ((697, 770, 852, 941), (1209, 1336, 1477, 1633))  # ITU-T Q.23


@dataclass(frozen=True, slots=True)
class ToneConfig:
    """When lines are a tone."""

    share: float = 0.93  # of the power, noise taken off, in the lines
    keypad: float = 0.025  # how far a line may lie from the keypad's, as a share: Q.24 asks for 1.8 %
    alone_hz: float = 600.0  # a single line above any voice's F0
    hold_windows: int = 12  # 240 ms
    move_hz: float = 6.0  # how far the lines of a held tone may move in that time
    least_windows: float = 0.6  # share of a burst's loud windows that must be tones
    loud_db: float = 6.0  # the loud part of a burst, without its ramps


def tones(
    pairs: np.ndarray,
    samples: np.ndarray,
    level_db: np.ndarray,
    noise_db: np.ndarray,
    config: ToneConfig | None = None,
) -> np.ndarray:
    """Which of the runs (first and past-last frame, `[runs, 2]`) are tones, bool `[runs]`."""
    config = config or ToneConfig()
    found = [_is_tone(samples, level_db[a:b], int(a), float(noise_db[a]), config) for a, b in pairs.tolist()]
    return np.array(found, bool)


def _is_tone(samples: np.ndarray, level_db: np.ndarray, start: int, noise_db: float, config: ToneConfig) -> bool:
    if len(level_db) * HOP < WINDOW:
        return False
    power = _spectra(samples[start * HOP : (start + len(level_db)) * HOP])
    loudness = 10 * np.log10(np.maximum(power.sum(axis=1), 1e-12))
    power = power[loudness > loudness.max() - config.loud_db]
    shares, lines = _lines(power, 10 ** (noise_db / 10))
    alone = (shares[:, 0] > config.share) & (lines[:, 0] > config.alone_hz)
    paired = shares.sum(axis=1) > config.share
    lines = np.sort(lines, axis=1)
    tonal = alone | (paired & (_keypad(lines, config) | _held(lines, config)))
    return bool(tonal.mean() > config.least_windows)


def _keypad(lines: np.ndarray, config: ToneConfig) -> np.ndarray:
    """Is the lower line one of the keypad's rows and the upper one of its columns?"""
    return np.all(
        [
            (np.abs(lines[:, i, None] / np.array(keys) - 1) < config.keypad).any(axis=1)
            for i, keys in enumerate(KEYPAD_HZ)
        ],
        axis=0,
    )


def _held(lines: np.ndarray, config: ToneConfig) -> np.ndarray:
    """Windows whose lines are still there a quarter of a second later, or were before."""
    wait = config.hold_windows
    held = np.zeros(len(lines), bool)
    if len(lines) > wait:
        same = np.abs(lines[wait:] - lines[:-wait]).max(axis=1) < config.move_hz
        held[wait:] |= same
        held[:-wait] |= same
    return held


def _spectra(block: np.ndarray) -> np.ndarray:
    """Power of each bin, `[windows, bins]`; a row sums to the mean square of its window."""
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    scale = 2 / (WINDOW * np.square(window).sum())
    return np.abs(np.fft.rfft(sliding_window_view(block, WINDOW)[::STEP] * window, axis=1)) ** 2 * scale


def _lines(power: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Share of the power in the two strongest lines, and their Hz, the stronger first; each `[windows, 2]`."""
    total = np.maximum(power.sum(axis=1) - noise, 1e-12)
    hz = np.arange(power.shape[1]) * (RATE_HZ / WINDOW)
    rest, shares, lines = power.copy(), [], []
    for _ in range(2):
        place = rest.argmax(axis=1)
        near = np.where(np.abs(np.arange(power.shape[1]) - place[:, None]) <= LINE_BINS, rest, 0)
        held = near.sum(axis=1)
        lines.append((near * hz).sum(axis=1) / np.maximum(held, 1e-30))
        shares.append(held / total)
        rest -= near
    return np.stack(shares, axis=1), np.stack(lines, axis=1)
