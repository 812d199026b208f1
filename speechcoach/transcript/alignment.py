"""When each token was said, from the attention that the decoder paid while it wrote the token.

Conventions: attention is float32 `[heads, tokens, frames]` in logits; a frame is 20 ms. openai-whisper
runs the encoder and the decoder again to get it and compiles its time warping at first use; here the
queries are kept while decoding, and the warping is a cumulative minimum a row.

Source: `find_alignment` in openai-whisper's whisper/timing.py, whose numbers these are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FRAME_S = 0.02
_MEDIAN_FRAMES = 7
_LONGEST_S = 1.0  # hardly a word takes longer
# The decoder looks for a word before it begins, and the longer that word and the one before it take, the earlier:
# shares of the word, of its way to its peak and of the token before, fitted (least absolute error) to 1,330 words of
# five made calls whose word times are known. Each call judged by the other four, half of the starts come within 33 ms
# and 95 % within 137 ms; without this, 113 and 240.
_OF_WORD, _OF_PEAK, _OF_BEFORE, _AT_MOST_S = 0.33, 0.17, 0.13, 0.6
_EARLY_END_S = 0.06


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Where tokens lie in a window: `start_s` `[tokens + 1]`, the last being the end of the text.

    `attention` `[tokens + 1, frames]` is large where a token was looked for; an engine that does not tell gives the
    loudness of the window in its place.
    """

    start_s: np.ndarray
    attention: np.ndarray

    def times_s(self, first: int, last: int) -> tuple[float, float, float]:
        """Start, end and peak of the tokens `first` to `last` (exclusive).

        The peak is where the word was looked for most. A word after a pause, or after what is no
        speech, seems to start where that does; only its end can be relied on.
        """
        start_s, end_s = float(self.start_s[first]), float(self.start_s[last])
        left, right = round(max(start_s, end_s - _LONGEST_S) / FRAME_S), round(end_s / FRAME_S)
        seen = self.attention[first:last, left : max(right, left + 1)].sum(axis=0)
        peak_s = min((left + int(seen.argmax()) + 0.5) * FRAME_S, end_s)
        before_s = start_s - float(self.start_s[first - 1]) if first else 0.0
        taken_s = np.minimum([end_s - start_s, max(peak_s - start_s, 0.0), before_s], _AT_MOST_S)
        early_s = float(taken_s @ (_OF_WORD, _OF_PEAK, _OF_BEFORE))
        return start_s + early_s, max(end_s, start_s + early_s) + _EARLY_END_S, max(peak_s, start_s + early_s)


def align(attention: np.ndarray, lead: int = 0) -> Alignment:
    """Times of the tokens after `lead` tokens that are not text, never decreasing.

    A row of `attention` is what was paid when the token *after* it was looked for.
    """
    matrix = _sharpened(attention).mean(axis=0)[lead:]
    text, frames = warp(-matrix)
    first = np.searchsorted(text, np.arange(len(matrix)), side="left")
    return Alignment(frames[first] * FRAME_S, matrix)


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
