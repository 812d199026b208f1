"""What the activity net sees of a channel: bands, levels and pitch, a row every 20 ms.

Conventions: a look is 20 ms, two hops of 10 ms; look i covers the hops 2 i and 2 i + 1. Levels are dB re the
channel's own loud hops, or over the noise of each band, divided by 20: gain and a coloured line move nothing.

Power comes from a window of 30 ms around each look, as products of the folded window with cosines and sines of the
bins that matter (`features.spectrum` does the same, finer and only where a pitch is looked for). The noise of a band
is the tenth percentile of a block of 3 s, the least of five blocks around, as `features.level.noise_db` has it.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from speechcoach.features.frames import HOP, RATE_HZ, Signal, blocks

LOOK = 2 * HOP
WINDOW = 240  # 30 ms
HALF = WINDOW // 2
BINS_HZ = 80.0 + 40.0 * np.arange(92)  # to 3720 Hz
EDGES_HZ = (60, 180, 260, 340, 420, 500, 580, 700, 820, 980, 1140, 1340, 1540, 1780, 2020, 2300, 2620, 2980, 3340, 3740)
BANDS = len(EDGES_HZ) - 1
SCALE_DB = 20.0
LEAST_DB = -70.0  # re the loud hops: what is softer is silence, digital or not
LOUD_SHARE = 0.98
LOUD_HOPS = 5  # the level is smoothed over 50 ms before its loud hops are told
FLOOR_LOOKS = 150  # 3 s
FLOOR_SHARE = 0.1
FLOOR_REACH = 2  # blocks to each side
FLOOR_SMOOTH = 2  # looks of smoothing to each side, so that the floor is that of a mean
PITCH = 5  # of each hop: voiced, voicing, F0, its step over 20 ms, its distance from 60 ms before
COLUMNS = 2 * BANDS + 2 * 3 + 2 + 2 * PITCH
NOTHING = 1e-12
BLOCK = 3000  # looks


def seen(
    signal: Signal, f0_hz: np.ndarray, voicing: np.ndarray, level_db: np.ndarray, noise_db: np.ndarray
) -> np.ndarray:
    """What the net sees, float32 `[looks, COLUMNS]`; the columns of the extractor are `[frames]`.

    A last odd hop makes a look of its own.
    """
    looks = (signal.frames + 1) // 2
    rows = np.empty((looks, COLUMNS), np.float32)
    if not looks:
        return rows
    loud_db = _loud_db(level_db)
    bands = band_db(signal, looks) - np.float32(loud_db)
    np.maximum(bands, LEAST_DB, out=bands)
    floor = _floor(bands)
    rows[:, :BANDS] = bands
    rows[:, BANDS : 2 * BANDS] = bands - floor
    at = 2 * BANDS
    level = np.maximum(level_db - loud_db, LEAST_DB)
    noise = np.maximum(noise_db - loud_db, LEAST_DB)
    for column in (level, level - noise, noise):
        rows[:, at : at + 2] = _pairs(column, looks)
        at += 2
    rows[:, at] = floor.mean(axis=1)
    rows[:, at + 1] = bands.max(axis=1) - bands.mean(axis=1)
    at += 2
    rows[:, :at] *= np.float32(1 / SCALE_DB)
    for column in _pitch(f0_hz, voicing):
        rows[:, at : at + 2] = _pairs(column, looks)
        at += 2
    return rows


def band_db(signal: Signal, looks: int) -> np.ndarray:
    """Level of each band of each look, dB, float32 `[looks, bands]`."""
    cos, sin, sums = _tables()
    found = np.empty((looks, BANDS), np.float32)
    for cut in blocks(looks, BLOCK):
        frames = _windows(signal, cut)
        early, late = frames[:, :HALF], frames[:, : HALF - 1 : -1]
        power = (early + late) @ cos
        power *= power
        other = (early - late) @ sin
        other *= other
        power += other
        np.matmul(power, sums, out=found[cut])
    np.maximum(found, NOTHING, out=found)
    np.log10(found, out=found)
    found *= 10
    return found


def _windows(signal: Signal, cut: slice) -> np.ndarray:
    start = cut.start * LOOK - (WINDOW - LOOK) // 2
    block = signal.between(start, (cut.stop - 1) * LOOK - (WINDOW - LOOK) // 2 + WINDOW)
    return np.lib.stride_tricks.sliding_window_view(block, WINDOW)[::LOOK]


@cache
def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Half a Hann window x cosines and x sines, `[120, bins]`, and which bins make each band, `[bins, bands]`."""
    offset = np.arange(HALF) - (HALF - 0.5)
    window = (0.5 + 0.5 * np.cos(2 * np.pi * offset / WINDOW)) * np.sqrt(8 / 3) / WINDOW
    angle = 2 * np.pi * np.outer(offset, BINS_HZ) / RATE_HZ
    band = np.searchsorted(EDGES_HZ, BINS_HZ, side="right") - 1
    sums = band[:, None] == np.arange(BANDS)
    made = (window[:, None] * np.cos(angle), window[:, None] * np.sin(angle), sums)
    return tuple(table.astype(np.float32) for table in made)


def _loud_db(level_db: np.ndarray) -> float:
    """Level of the loud hops, dB: nearest rank of the level over 50 ms."""
    power = np.exp(level_db * np.float32(np.log(10) / 10))
    if len(power) > LOUD_HOPS:
        total = np.cumsum(power, dtype=np.float64)
        power = (total[LOUD_HOPS:] - total[:-LOUD_HOPS]) / LOUD_HOPS
    rank = int(LOUD_SHARE * (len(power) - 1))
    return 10 * float(np.log10(max(np.partition(power, rank)[rank], NOTHING)))


def _floor(bands: np.ndarray) -> np.ndarray:
    """The noise of each band under each look, `[looks, bands]`."""
    looks = len(bands)
    width = min(FLOOR_LOOKS, looks)
    smooth = bands.copy()
    for shift in range(1, FLOOR_SMOOTH + 1):
        smooth[shift:] += bands[:-shift]
        smooth[:shift] += bands[:shift]
        smooth[:-shift] += bands[shift:]
        smooth[-shift:] += bands[-shift:]
    smooth *= np.float32(1 / (2 * FLOOR_SMOOTH + 1))
    starts = np.minimum(np.arange(0, looks, width), looks - width)
    rank = int(FLOOR_SHARE * width)
    floor = np.stack([np.partition(smooth[start : start + width], rank, axis=0)[rank] for start in starts])
    padded = np.pad(floor, ((FLOOR_REACH, FLOOR_REACH), (0, 0)), mode="edge")
    least = np.min([padded[i : i + len(floor)] for i in range(2 * FLOOR_REACH + 1)], axis=0)
    return np.repeat(least, width, axis=0)[:looks]


def _pitch(f0_hz: np.ndarray, voicing: np.ndarray):
    """Columns that say whether and how a pitch moves, one value a hop: a voice's does, a note's does not."""
    voiced = np.isfinite(f0_hz)
    octave = np.where(voiced, np.log2(np.where(voiced, f0_hz, 128.0) / 128.0), np.float32(0)).astype(np.float32)
    yield voiced
    yield np.where(voiced, np.nan_to_num(voicing), np.float32(0))
    yield octave
    for reach in (2, 6):
        step = np.zeros(len(octave), np.float32)
        if len(octave) > reach:
            both = voiced[reach:] & voiced[:-reach]
            move = np.abs(octave[reach:] - octave[:-reach])
            step[reach:] = np.where(both, np.exp(move * np.float32(-60)), 0)  # 1: it holds, 0: it moves a semitone
        yield step


def _pairs(column: np.ndarray, looks: int) -> np.ndarray:
    """A column of hops as one of looks, `[looks, 2]`; a missing last hop is like the one before."""
    column = column.astype(np.float32, copy=False)
    if len(column) % 2:
        column = np.append(column, column[-1])
    return column.reshape(looks, 2)
