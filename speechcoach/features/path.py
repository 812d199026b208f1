"""The most likely course of the voice through the candidates of each hop.

A Viterbi search over the candidates of a hop and silence. The call is cut into stretches of 120
hops, each searched with 25 hops of context on both sides, all stretches in lock-step: 170 steps in
Python whatever the length of the call. Costs are in the unit of the peak heights (0-1). Where hops
are missing between two that are searched, the path is free.
"""

from __future__ import annotations

import numpy as np

from .config import FeatureConfig

STRETCH = 120
CONTEXT = 25  # a quarter of a second on, two paths have met
VOICING_SLOPE = 8.0  # log-odds for a height of 1 above the threshold, from a logistic fit on the same files


def best_path(
    f0_hz: np.ndarray, excess: np.ndarray, index: np.ndarray, config: FeatureConfig
) -> tuple[np.ndarray, np.ndarray]:
    """F0 (NaN = unvoiced) and voicing 0-1 of each hop, float32 `[hops]`.

    `f0_hz` and `excess` (height over the voicing threshold) are float32 `[hops, n]`, `index` is the
    place of each hop in the recording.
    """
    hops, count = f0_hz.shape
    order, inside = _stretches(hops)
    alone = (np.diff(index, prepend=index[0] - 2) > 1)[order] | ~inside
    alone[0] = True
    states = _search(np.log2(f0_hz).T[:, order], excess.T[:, order], alone, config)
    state = states[CONTEXT : CONTEXT + STRETCH].T.ravel()[:hops]
    voiced = state < count
    chosen = np.minimum(state, count - 1)[:, None]
    strength = np.where(voiced, np.take_along_axis(excess, chosen, 1)[:, 0], excess.max(axis=1))
    chance = 1 / (1 + np.exp(-VOICING_SLOPE * strength))
    voicing = np.where(voiced, np.maximum(chance, 0.5), np.minimum(chance, 0.5))
    return np.where(voiced, np.take_along_axis(f0_hz, chosen, 1)[:, 0], np.nan), voicing


def _stretches(hops: int) -> tuple[np.ndarray, np.ndarray]:
    """For each step and stretch the hop that is looked at, `[170, stretches]`, and whether it exists."""
    starts = np.arange(0, hops, STRETCH) - CONTEXT
    order = np.arange(STRETCH + 2 * CONTEXT)[:, None] + starts
    inside = (order >= 0) & (order < hops)
    return np.clip(order, 0, hops - 1), inside


def _search(octave: np.ndarray, excess: np.ndarray, alone: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """States on the best path, `[steps, stretches]`; `octave` and `excess` are `[n, steps, stretches]`.

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
        score[:count] += excess[:, step]
    return _trace(back, score.argmax(axis=0))


def _trace(back: np.ndarray, last: np.ndarray) -> np.ndarray:
    states = np.empty((len(back), len(last)), np.intp)
    column = np.arange(len(last))
    for step in range(len(back) - 1, -1, -1):
        states[step] = last
        last = back[step, last, column]
    return states
