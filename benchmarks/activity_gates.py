"""What says where somebody speaks, ours and the peer, and how far it is right.

Conventions: samples are float32 `[channels, n]` at 8 kHz, masks bool `[hops]` of 10 ms. Hops within 50 ms of a true
edge are not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import soxr
from activity_material import HOP, RATE_HZ, closed, runs

from speechcoach.channels import find_activity
from speechcoach.features import extract

COLLAR_HOPS = 5

Gate = Callable[[np.ndarray], np.ndarray]
"""Samples `[channels, n]` -> speech, bool `[channels, hops]`."""


def ours(samples: np.ndarray) -> np.ndarray:
    samples = np.ascontiguousarray(np.atleast_2d(samples), np.float32)
    found = find_activity(extract(samples, RATE_HZ), samples)
    return np.stack([mask_of(spans, samples.shape[1] // HOP) for spans in found.speech])


def silero(samples: np.ndarray) -> np.ndarray:
    return np.stack([_silero(row) for row in np.atleast_2d(samples)])


def _silero(row: np.ndarray) -> np.ndarray:
    wide = soxr.resample(row, RATE_HZ, 16_000).astype(np.float32)
    said = _model()(np.pad(wide, (0, -len(wide) % 512))).ravel()
    hops = len(row) // HOP
    place = np.minimum(((np.arange(hops) + 0.5) * 0.01 / 0.032).astype(int), len(said) - 1)
    sure, likely = said[place] > 0.5, said[place] > 0.35
    kept = [(a, b) for a, b in runs(likely) if sure[a:b].any()]
    mask = np.zeros(hops, bool)
    for a, b in kept:
        mask[a:b] = True
    return closed(mask)


@cache
def _model():
    from faster_whisper.vad import get_vad_model

    return get_vad_model()


GATES: dict[str, Gate] = {"ours": ours, "silero": silero}


def mask_of(spans, hops: int) -> np.ndarray:
    mask = np.zeros(hops, bool)
    for span in spans:
        mask[round(span.start_s * 100) : round(span.end_s * 100)] = True
    return mask


def counted(truth: np.ndarray) -> np.ndarray:
    """Hops that are not within the collar of a true edge."""
    edge = np.flatnonzero(np.diff(truth.astype(np.int8), prepend=truth[0]))
    keep = np.ones(len(truth), bool)
    for at in edge:
        keep[max(0, at - COLLAR_HOPS) : at + COLLAR_HOPS] = False
    return keep


def score(truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Counts of hops: right, wanted and found, wanted, found, all; without the collar."""
    count = min(len(truth), len(found))
    keep = counted(truth[:count])
    truth, found = truth[:count][keep], found[:count][keep]
    return np.array([(truth == found).sum(), (truth & found).sum(), truth.sum(), found.sum(), len(truth)], float)


def accuracy(counts: np.ndarray) -> float:
    return counts[0] / counts[4]


def f1(counts: np.ndarray) -> float:
    return 2 * counts[1] / max(1, counts[2] + counts[3])


def edges_met(truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Of the true spans: onsets found within 50 ms, ends found within 50 ms, spans."""
    starts, ends = (np.array([run[side] for run in runs(found)] or [-999]) for side in (0, 1))
    met = [(np.abs(starts - a).min() <= 5, np.abs(ends - b).min() <= 5) for a, b in runs(truth)]
    return np.array([sum(one for one, _ in met), sum(two for _, two in met), len(met)], float)
