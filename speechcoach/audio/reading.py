"""Spans of a recording that is too long to hold.

Conventions: blocks are float32 `[samples, channels]` at the recording's own rate, what is read float32 `[n]` at
`rate_hz`. The recording is decoded in order from its beginning, because no coding but plain PCM can be entered in
the middle and give the same samples. Each channel is a stream of its own: what is packed for one channel may
reach minutes beyond what the other is asked for next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import numpy as np

from speechcoach.audio.resampling import resampled
from speechcoach.records import Span

# How far back a stream can be asked without decoding from the beginning: 19 MB a channel at 16 kHz.
KEEP_S = 300.0

Blocks = Callable[[], Iterator[np.ndarray]]
"""Opens the recording at its beginning."""


class SpanReader:
    """(channel, span of the call) -> float32 `[n]`: the very samples that one array of the whole call would hold.

    What is asked in rising time, give or take `KEEP_S`, is decoded once. A span beyond the end is cut.
    """

    def __init__(self, blocks: Blocks, channels: int, from_hz: int, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._streams = [_Stream(_one(blocks, channel), from_hz, rate_hz) for channel in range(channels)]

    def __call__(self, channel: int, span: Span) -> np.ndarray:
        start, stop = (round(edge_s * self.rate_hz) for edge_s in (span.start_s, span.end_s))
        return self._streams[channel].read(start, stop)


class _Stream:
    """One channel, decoded as far as it was asked for; holds `[first, last)` of its samples."""

    def __init__(self, blocks: Blocks, from_hz: int, rate_hz: int) -> None:
        self._open = lambda: resampled(blocks(), 1, from_hz, rate_hz)
        self._keep = round(KEEP_S * rate_hz)
        self._rewind()

    def read(self, start: int, stop: int) -> np.ndarray:
        if start < self._first:
            self._rewind()
        while self._last < stop and (block := next(self._ahead, None)) is not None:
            self._held.append(block[:, 0])
            self._last += len(block)
            self._forget(min(start, self._last - self._keep))
        return self._cut(start, stop)

    def _rewind(self) -> None:
        self._ahead, self._held = self._open(), deque[np.ndarray]()
        self._first = self._last = 0

    def _forget(self, before: int) -> None:
        while self._held and self._first + len(self._held[0]) <= before:
            self._first += len(self._held.popleft())

    def _cut(self, start: int, stop: int) -> np.ndarray:
        parts, at = [np.zeros(0, np.float32)], self._first
        for block in self._held:
            if at < stop and start < at + len(block):
                parts.append(block[max(start - at, 0) : stop - at])
            at += len(block)
        return np.concatenate(parts)


def _one(blocks: Blocks, channel: int) -> Blocks:
    return lambda: (block[:, channel : channel + 1] for block in blocks())
