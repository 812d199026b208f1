"""Voice quality: harmonicity, band balance and tilt of voiced hops, jitter and shimmer of voiced stretches.

Conventions: columns are float32 `[frames]`, NaN where unvoiced or not measured. Jitter and shimmer stand at
the middle hop of the stretch that they were measured in, one value a stretch; periods are samples at 8 kHz.

All of it is telephone-limited (`TELEPHONE_LIMITED`). Between 300 and 3400 Hz there is neither the fundamental
that the textbooks put glottal tilt against nor the breath noise above 4 kHz, a sample is 1-5 % of a period, and
speech that moves has no sustained vowels, the only place where norms for jitter and shimmer hold. The columns
compare a speaker with the same speaker on the same line; they are no clinical measures.

Harmonicity, balance and tilt are read from the spectrum that the pitch stage has computed. Jitter and shimmer
match each period with the next in the samples (Titze & Liang 1993, J. Speech Hear. Res. 36), some periods of
each stretch, all stretches in lock-step: eight steps in Python however long the call.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .frames import HOP, RATE_HZ, Signal, blocks

TELEPHONE_LIMITED = ("hnr_db", "balance_db", "tilt_db_oct", "jitter_pct", "shimmer_db")
HNR_RANGE_DB = (0.0, 25.0)  # below, the period itself is in doubt; above, 45 ms of moving speech tell nothing more

# Heard part of each band in Hz and the bins of 20 Hz in it: a telephone leaves nothing of what is below 300 Hz.
BANDS_HZ = ((300.0, 920.0), (920.0, 1520.0), (1520.0, 2360.0))
BAND_BINS = (31, 30, 42)

CYCLES = 8  # periods in the middle of a stretch, each compared with the next
LEAST_CYCLES = 5  # four differences of neighbours; fewer tell no spread
REACH = 0.12  # of the period: how far from the tracked length the next period may begin
LEAD = 0.25  # of the period: how much of the compared window lies before the pulse
LEAST_ALIKE = 0.5  # correlation of neighbours; what is less alike was matched by chance
MOST_STEP_DB = 20 * np.log10(1.6)  # neighbours that differ by more are an onset or an end (Praat's factor)
WIDTHS = (16, 34, 68, 136)  # samples: stretches with periods between two of these are searched together
STRETCHES = 256  # at a time, so that memory does not grow with the call


@dataclass(frozen=True, slots=True, eq=False)
class Cycles:
    """Neighbouring periods in the middle of stretches, `[stretches, CYCLES]`; NaN where none was found.

    `period` is in samples, `level_db` the energy of one period from its start on, of any reference.
    """

    period: np.ndarray
    level_db: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Harmonicity:
    """Heights of the lag curve and what they say in dB at 150 Hz, and dB an octave of F0 above it."""

    height: np.ndarray
    hnr_db: np.ndarray
    db_per_octave: float


def voice_columns(
    signal: Signal, f0_hz: np.ndarray, height: np.ndarray, low_db: np.ndarray, mid_db: np.ndarray, high_db: np.ndarray
) -> dict[str, np.ndarray]:
    """The columns of `TELEPHONE_LIMITED`, float32 `[frames]`, from what the pitch stage says of each hop.

    `f0_hz` is NaN where unvoiced. `height` (0-1) is the interpolated peak of the lag curve at that period, divided
    by the window's lag response. The bands are sums of magnitudes below 930, to 1530 and to 2350 Hz, in dB.
    What stands in unvoiced hops does not matter.
    """
    jitter_pct, shimmer_db = perturbation(signal, f0_hz)
    voiced = np.flatnonzero(np.isfinite(f0_hz))
    bands = low_db[voiced], mid_db[voiced], high_db[voiced]
    columns = {
        "hnr_db": hnr_db(height[voiced], f0_hz[voiced]),
        "balance_db": bands[0] - bands[2],
        "tilt_db_oct": tilt_db_oct(*bands),
    }
    return {
        **{name: _spread_out(values, voiced, len(f0_hz)) for name, values in columns.items()},
        "jitter_pct": jitter_pct,
        "shimmer_db": shimmer_db,
    }


def _spread_out(values: np.ndarray, place: np.ndarray, count: int) -> np.ndarray:
    column = np.full(count, np.nan, np.float32)
    column[place] = values
    return column


def hnr_db(height: np.ndarray, f0_hz: np.ndarray) -> np.ndarray:
    """Harmonics-to-noise ratio in dB, 0 to 25 (`HNR_RANGE_DB`), any shape.

    The textbook takes 10 log10(r / (1 - r)) of the autocorrelation r (Boersma 1993, IFA Proceedings 17). The lag
    curve here is that of the compressed spectrum, in which weak bins count for more; a table fitted on
    harmonics of known noise (`train/harmonicity.py`) leads from the one to the other. On a single voice
    it is good to about 3 dB, for it cannot know whether the noise lies where the voice is strong. Noise of the
    line that has been taken off the spectrum counts for less than in the textbook.
    """
    table = harmonicity()
    at_150_hz = np.interp(height, table.height, table.hnr_db)
    return np.clip(at_150_hz + table.db_per_octave * np.log2(f0_hz / 150.0), *HNR_RANGE_DB)


@cache
def harmonicity() -> Harmonicity:
    """The shipped table."""
    stored = json.loads((files(__package__) / "weights" / "harmonicity.json").read_text("utf-8"))
    return Harmonicity(np.array(stored["height"]), np.array(stored["hnr_db"]), stored["db_per_octave"])


def tilt_db_oct(low_db: np.ndarray, mid_db: np.ndarray, high_db: np.ndarray) -> np.ndarray:
    """Slope of the spectrum over the three bands, dB per octave from 300 to 2350 Hz; falling is negative."""
    octaves = np.array([0.5 * np.log2(low_hz * high_hz) for low_hz, high_hz in BANDS_HZ])
    weights = (octaves - octaves.mean()) / np.sum((octaves - octaves.mean()) ** 2)
    flat = weights @ (20 * np.log10(BAND_BINS))
    return weights[0] * low_db + weights[1] * mid_db + weights[2] * high_db - flat


def perturbation(signal: Signal, f0_hz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Jitter in percent and shimmer in dB, both "local", float32 `[frames]`: one value a stretch, at its middle hop.

    A stretch needs six periods between two unvoiced hops. Both are means over neighbours of the absolute
    difference: of their lengths, over the mean length, and of their energies in dB.

    What else reads as such, through a telephone: noise, 0.2 % and 0.2 dB at 20 dB, 0.6 % and 0.5 dB at 10 dB; a
    glide of 10 semitones a second, 0.4 % and 0.2 dB. Jitter alone makes shimmer (1 % some 0.2 dB) and shimmer
    jitter (1 dB some 0.3 %), for the pulses overlap; above 200 Hz formants ring on, and one vowel with another
    reads 0.2 to 1.7 times the truth. Shimmer above 1.5 dB reads low, because steps of more than 4 dB are left out.
    """
    jitter, shimmer = np.full((2, len(f0_hz)), np.nan, np.float32)
    middle, hops = _stretches(f0_hz)
    period = RATE_HZ / f0_hz[middle].astype(np.float64)
    count = np.minimum(hops * HOP / period - 1, CYCLES).astype(int)
    for shortest, longest in pairwise(WIDTHS):
        fitting = np.flatnonzero((count >= LEAST_CYCLES) & (period > shortest) & (period <= longest))
        for cut in blocks(len(fitting), STRETCHES):
            some = fitting[cut]
            found = cycles(signal, middle[some], period[some], count[some], longest)
            jitter[middle[some]], shimmer[middle[some]] = jitter_pct(found), shimmer_db(found)
    return jitter, shimmer


def _stretches(f0_hz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middle hop and number of hops of each voiced stretch."""
    edges = np.flatnonzero(np.diff(np.isfinite(f0_hz), prepend=False, append=False))
    first, stop = edges[::2], edges[1::2]
    return (first + stop) // 2, stop - first


def cycles(signal: Signal, middle: np.ndarray, period: np.ndarray, count: np.ndarray, longest: int) -> Cycles:
    """`count` periods around each hop in `middle`, found from the tracked `period`, none above `longest` samples."""
    size = np.round(period).astype(int)
    samples = signal.windows(middle, 2 * (CYCLES // 2 + 2) * longest)
    place = _pulse(samples, (samples.shape[1] / 2 - (count + 1) / 2 * period).astype(int), size, longest)
    place -= (LEAD * period).astype(int)
    found = np.full((2, CYCLES, len(middle)), np.nan)
    for step in range(int(count.max())):
        length, alike, level_db = _next(samples, place, size, longest)
        sure = (alike > LEAST_ALIKE) & (step < count)
        found[:, step] = np.where(sure, (length, level_db), np.nan)
        place = place + np.round(length).astype(int)
    return Cycles(*found.transpose(0, 2, 1))


def _pulse(samples: np.ndarray, start: np.ndarray, size: np.ndarray, longest: int) -> np.ndarray:
    """Where in the period from `start` on the samples are largest."""
    near = np.abs(_cut(samples, start, longest))
    near[np.arange(longest) >= size[:, None]] = 0
    return start + near.argmax(axis=1)


def _next(samples: np.ndarray, place: np.ndarray, size: np.ndarray, longest: int) -> tuple[np.ndarray, ...]:
    """Length of the period at `place`, how alike the next one is (-1 to 1), and its level; each `[stretches]`.

    The next period is where the normalised cross-correlation has its top, between samples by a parabola.
    """
    reach = int(np.ceil(REACH * longest))
    own = _cut(samples, place, longest)
    own[np.arange(longest) >= size[:, None]] = 0
    ahead = _cut(samples, place + size - reach, longest + 2 * reach)
    energy = np.einsum("sw,sw->s", own, own)
    alike = np.einsum("sw,slw->sl", own, sliding_window_view(ahead, longest, axis=1))
    alike /= np.sqrt(energy[:, None] * _energies(ahead, size, longest)) + np.float32(1e-12)
    best = alike[:, 1:-1].argmax(axis=1) + 1
    left, top, right = (alike[np.arange(len(best)), best + side] for side in (-1, 0, 1))
    bend = left - 2 * top + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, -1), 0)
    inside = np.abs(shift) <= 0.5  # the top is no top where the search ended
    length = size - reach + best + np.clip(shift, -0.5, 0.5)
    return length, np.where(inside, top, -1), 10 * np.log10(energy + np.float32(1e-12))


def _cut(samples: np.ndarray, place: np.ndarray, width: int) -> np.ndarray:
    """`width` samples of each row from `place` on, as a copy; a place too far out is moved in."""
    views = sliding_window_view(samples, width, axis=1)
    return views[np.arange(len(samples)), np.clip(place, 0, views.shape[1] - 1)]


def _energies(ahead: np.ndarray, size: np.ndarray, longest: int) -> np.ndarray:
    """Energy of `size` samples of each row from each lag on, `[stretches, lags]`."""
    first = np.where(np.arange(longest) < size[:, None], ahead[:, :longest], 0)
    steps = ahead.shape[1] - longest
    energy = np.empty((len(ahead), steps + 1))
    energy[:, 0] = np.einsum("sw,sw->s", first, first)
    energy[:, 1:] = np.square(_cut(ahead, size, steps)) - np.square(ahead[:, :steps])
    return np.maximum(np.cumsum(energy, axis=1, out=energy), 0)


def jitter_pct(found: Cycles) -> np.ndarray:
    """Mean difference of neighbouring periods over the mean period, percent `[stretches]`."""
    change, sure = _changes(found, found.period)
    found_any = np.isfinite(found.period)
    mean_period = _mean(np.where(found_any, found.period, 0), found_any)
    return 100 * _mean(change, sure) / mean_period


def shimmer_db(found: Cycles) -> np.ndarray:
    """Mean difference of the levels of neighbouring periods, dB `[stretches]`."""
    return _mean(*_changes(found, found.level_db))


def _changes(found: Cycles, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Absolute difference of neighbours, and which are of one voice going on; `[stretches, CYCLES - 1]`."""
    return np.abs(np.diff(values, axis=1)), np.abs(np.diff(found.level_db, axis=1)) <= MOST_STEP_DB


def _mean(change: np.ndarray, sure: np.ndarray) -> np.ndarray:
    count = sure.sum(axis=1)
    return np.where(count >= LEAST_CYCLES - 1, np.where(sure, change, 0).sum(axis=1) / np.maximum(count, 1), np.nan)
