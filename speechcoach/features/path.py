"""The most likely course of the voice through the candidates of each hop.

A Viterbi search over the candidates of a hop and silence. The call is cut into stretches of 60
hops, each searched with 13 hops of context on both sides, all stretches in lock-step: 86 steps in
Python whatever the length of the call. Costs are in the unit of log-odds. Where hops
are missing between two that are searched, the path is free.
"""

from __future__ import annotations

import numpy as np

from .config import FeatureConfig

STRETCH = 60
CONTEXT = 13  # a quarter of a second on, two paths have met


def best_path(f0_hz: np.ndarray, odds: np.ndarray, index: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """Which candidate of each hop is on the path, 0 to n - 1, n = silence; int `[hops]`.

    `f0_hz` and `odds` (log-odds of the candidate against no voice) are float32 `[hops, n]`, `index` is
    the place of each hop in the recording.
    """
    hops = len(f0_hz)
    order, inside = _stretches(hops)
    alone = (np.diff(index, prepend=index[0] - 2) > 1)[order] | ~inside
    alone[0] = True
    states = _search(np.log2(f0_hz).T[:, order], odds.T[:, order], alone, config)
    return states[CONTEXT : CONTEXT + STRETCH].T.ravel()[:hops]


def _stretches(hops: int) -> tuple[np.ndarray, np.ndarray]:
    """For each step and stretch the hop that is looked at, `[86, stretches]`, and whether it exists."""
    starts = np.arange(0, hops, STRETCH) - CONTEXT
    order = np.arange(STRETCH + 2 * CONTEXT)[:, None] + starts
    inside = (order >= 0) & (order < hops)
    return np.clip(order, 0, hops - 1), inside


def _search(octave: np.ndarray, odds: np.ndarray, alone: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """States on the best path, `[steps, stretches]`; `octave` and `odds` are `[n, steps, stretches]`.

    State n is silence. `alone` marks hops that nothing ties to the one before.
    """
    count, steps, stretches = octave.shape
    back = np.empty((steps, count + 1, stretches), np.uint8)
    cost = np.full((count + 1, count + 1, stretches), config.switch_cost, np.float32)
    cost[count, count] = 0
    score = np.zeros((count + 1, stretches), np.float32)
    tied = ~alone
    for step in range(steps):
        jump = np.abs(octave[:, step][:, None] - octave[:, step - 1][None])
        np.multiply(jump, config.jump_cost, out=cost[:count, :count])
        reached = score - cost * tied[step]
        back[step] = reached.argmax(axis=1)
        score = reached.max(axis=1)
        score[:count] += odds[:, step]
    return _trace(back, score.argmax(axis=0))


def _trace(back: np.ndarray, last: np.ndarray) -> np.ndarray:
    states = np.empty((len(back), len(last)), np.intp)
    column = np.arange(len(last))
    for step in range(len(back) - 1, -1, -1):
        states[step] = last
        last = back[step, last, column]
    return states
