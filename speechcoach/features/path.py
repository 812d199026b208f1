"""The most likely course of the voice through the candidates of each hop.

A Viterbi search over four states a hop: the three candidates and silence. The call is cut into
stretches of 120 hops, each searched with 25 hops of context on both sides, all stretches in
lock-step: 170 steps in Python whatever the length of the call. Costs are in the unit of the peak
heights (0-1). Where hops are missing between two that are searched, the path is free.
"""

from __future__ import annotations

import numpy as np

from .config import FeatureConfig

STRETCH = 120
CONTEXT = 25  # beyond a quarter of a second two paths have met
VOICING_SLOPE = 12.0  # heights of 0.1 above the threshold are about 3 in 4 voiced


def best_path(
    f0_hz: np.ndarray, height: np.ndarray, index: np.ndarray, config: FeatureConfig
) -> tuple[np.ndarray, np.ndarray]:
    """F0 (NaN = unvoiced) and voicing of each hop, float32 `[hops]`, from candidates `[hops, n]`."""
    hops, count = f0_hz.shape
    octave = np.log2(f0_hz)
    merit = np.where(height > 0, height - config.voicing_threshold, -1)
    order, inside = _stretches(hops)
    free = np.diff(index, prepend=index[0] - 2) > 1
    states = _search(octave.T[:, order], merit.T[:, order], free[order] | ~inside, config)
    state = states[CONTEXT : CONTEXT + STRETCH].T.ravel()[:hops]
    voiced = state < count
    chosen = np.minimum(state, count - 1)[:, None]
    strength = np.take_along_axis(merit, chosen, 1)[:, 0]
    f0 = np.where(voiced, np.take_along_axis(f0_hz, chosen, 1)[:, 0], np.nan)
    voicing = 1 / (1 + np.exp(-VOICING_SLOPE * np.where(voiced, strength, merit.max(axis=1))))
    return f0, np.where(voiced, np.maximum(voicing, 0.5), np.minimum(voicing, 0.5))


def _stretches(hops: int) -> tuple[np.ndarray, np.ndarray]:
    """For each step and stretch the hop that is looked at, `[170, stretches]`, and whether it exists."""
    starts = np.arange(0, hops, STRETCH) - CONTEXT
    order = np.arange(STRETCH + 2 * CONTEXT)[:, None] + starts
    inside = (order >= 0) & (order < hops)
    return np.clip(order, 0, hops - 1), inside


def _search(octave: np.ndarray, merit: np.ndarray, free: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """States on the best path, `[steps, stretches]`; `octave` and `merit` are `[n, steps, stretches]`."""
    count, steps, stretches = octave.shape
    back = np.empty((steps, count + 1, stretches), np.uint8)
    cost = np.full((count + 1, count + 1, stretches), config.switch_cost, np.float32)
    cost[count, count] = 0
    score = np.zeros((count + 1, stretches), np.float32)
    local = np.zeros((count + 1, stretches), np.float32)
    for step in range(steps):
        if step:
            jump = np.abs(octave[:, step][:, None] - octave[:, step - 1][None])
            np.multiply(jump, config.jump_cost, out=cost[:count, :count])
        reached = score[None] - np.where(free[step], 0, cost)
        back[step] = reached.argmax(axis=1)
        local[:count] = merit[:, step]
        score = reached.max(axis=1) + local
    return _trace(back, score.argmax(axis=0))


def _trace(back: np.ndarray, last: np.ndarray) -> np.ndarray:
    states = np.empty((len(back), len(last)), np.intp)
    column = np.arange(len(last))
    for step in range(len(back) - 1, -1, -1):
        states[step] = last
        last = back[step, last, column]
    return states
