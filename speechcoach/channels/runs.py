"""Runs of True in a mask of frames, and spans in seconds made of them.

Conventions: a mask is bool `[frames]`, one every hop; a run is a half-open pair of frame numbers.
Frame i covers i x hop to (i + 1) x hop seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from speechcoach.records import Span


def runs(mask: np.ndarray) -> np.ndarray:
    """First and past-last frame of each run of True, int `[runs, 2]`."""
    edges = np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8))
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], axis=1)


def from_runs(pairs: np.ndarray, count: int) -> np.ndarray:
    """The mask of `count` frames that is True inside the runs, which may overlap."""
    edges = np.zeros(count + 1, np.int32)
    np.add.at(edges, pairs[:, 0], 1)
    np.add.at(edges, pairs[:, 1], -1)
    return np.cumsum(edges[:-1]) > 0


def close_gaps(mask: np.ndarray, shorter: int) -> np.ndarray:
    """`mask` with the gaps of fewer than `shorter` frames filled; start and end of the call are no gaps."""
    gaps = runs(~mask)
    inside = (gaps[:, 0] > 0) & (gaps[:, 1] < len(mask)) & (gaps[:, 1] - gaps[:, 0] < shorter)
    return mask | from_runs(gaps[inside], len(mask))


def drop_short(mask: np.ndarray, shorter: int) -> np.ndarray:
    """`mask` without the runs of fewer than `shorter` frames."""
    pairs = runs(mask)
    return from_runs(pairs[pairs[:, 1] - pairs[:, 0] >= shorter], len(mask))


def widen(mask: np.ndarray, before: int, after: int) -> np.ndarray:
    """`mask` with each run begun `before` frames earlier and ended `after` frames later."""
    pairs = runs(mask)
    reach = np.stack([np.maximum(pairs[:, 0] - before, 0), np.minimum(pairs[:, 1] + after, len(mask))], axis=1)
    return from_runs(reach, len(mask))


def count_inside(pairs: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """How many frames of `mask` are True in each run, int `[runs]`."""
    total = np.concatenate([[0], np.cumsum(mask)])
    return total[pairs[:, 1]] - total[pairs[:, 0]]


def spans(mask: np.ndarray, hop_s: float) -> tuple[Span, ...]:
    """The runs of `mask` as spans; times rounded to whole microseconds."""
    return tuple(Span(round(a * hop_s, 6), round(b * hop_s, 6)) for a, b in runs(mask).tolist())


def from_spans(listed: Sequence[Span], count: int, hop_s: float) -> np.ndarray:
    """The mask of `count` frames that is True inside the spans."""
    pairs = np.array([(round(span.start_s / hop_s), round(span.end_s / hop_s)) for span in listed], int).reshape(-1, 2)
    return from_runs(np.minimum(pairs, count), count)
