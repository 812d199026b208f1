"""When each token was said, from the attention that the decoder paid while it wrote the token.

Conventions: attention is float32 `[heads, tokens, frames]` in logits; a frame is 20 ms. openai-whisper
runs the encoder and the decoder again to get it and compiles its time warping at first use; here the
queries are kept while decoding, and the warping is a cumulative minimum a row.

Source: `find_alignment` in openai-whisper's whisper/timing.py, whose numbers these are.
"""

from __future__ import annotations

import numpy as np

FRAME_S = 0.02
_MEDIAN_FRAMES = 7


def token_starts(attention: np.ndarray, lead: int = 0) -> np.ndarray:
    """Start of each token after `lead` tokens that are not text, seconds, never decreasing.

    A row is the attention paid when the token *after* it was looked for, so `[tokens]` rows beyond
    `lead` give the starts of as many tokens, and the last of them is the end of the text.
    """
    matrix = _sharpened(attention).mean(axis=0)[lead:]
    text, frames = warp(-matrix)
    first = np.searchsorted(text, np.arange(len(matrix)), side="left")
    return frames[first] * FRAME_S


def _sharpened(attention: np.ndarray) -> np.ndarray:
    weights = np.exp(attention - attention.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    spread = weights.std(axis=1, keepdims=True)
    weights = (weights - weights.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-12)
    return _median(weights)


def _median(weights: np.ndarray) -> np.ndarray:
    side = _MEDIAN_FRAMES // 2
    if weights.shape[-1] <= side:
        return weights
    padded = np.pad(weights, ((0, 0), (0, 0), (side, side)), mode="reflect")
    views = np.lib.stride_tricks.sliding_window_view(padded, _MEDIAN_FRAMES, axis=-1)
    return np.partition(views, side, axis=-1)[..., side]


def warp(cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cheapest monotone path through `cost` `[rows, columns]`: its row and column indices.

    Inside a row, `best[j] = cost[j] + min(above[j], best[j - 1])` unrolls to a running minimum of
    `above - (sum of the costs before it)`, so a row is three vector operations.
    """
    rows, columns = cost.shape
    best = np.full((rows + 1, columns + 1), np.inf)
    best[0, 0] = 0.0
    for row in range(rows):
        total = np.cumsum(cost[row], dtype=np.float64)
        above = np.minimum(best[row, :-1], best[row, 1:])
        before = np.concatenate(([0.0], total[:-1]))
        best[row + 1, 1:] = total + np.minimum.accumulate(above - before)
    return _walk_back(best)


def _walk_back(best: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    row, column = best.shape[0] - 1, best.shape[1] - 1
    path = []
    while row > 0 and column > 0:
        path.append((row - 1, column - 1))
        diagonal, up, left = best[row - 1, column - 1], best[row - 1, column], best[row, column - 1]
        if diagonal < up and diagonal < left:
            row, column = row - 1, column - 1
        elif up < left:
            row -= 1
        else:
            column -= 1
    path.reverse()
    return tuple(np.array(path).T)
