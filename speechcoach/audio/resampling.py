"""Blocks of one sampling rate to one array, or to blocks, of another; block by block equals all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

Room = Callable[[tuple[int, int]], np.ndarray]
"""(channels, samples) -> an array float32 of this shape, whatever is in it."""


def _in_memory(shape: tuple[int, int]) -> np.ndarray:
    return np.empty(shape, np.float32)


def resample_blocks(
    blocks: Iterable[np.ndarray], channels: int, from_hz: int, to_hz: int, count: int = 0, room: Room = _in_memory
) -> np.ndarray:
    """Float32 `[channels, samples]` at `to_hz` from blocks `[samples, channels]` at `from_hz`.

    The band is kept up to the lower of the two Nyquist frequencies (soxr, "HQ"). `count` is how many samples a
    channel come, where that is known: an hour is then held once and not twice. `room` gives the array to fill.
    """
    whole, at = room((channels, _length(count, from_hz, to_hz))), 0
    for block in resampled(blocks, channels, from_hz, to_hz):
        end = at + len(block)
        if end > whole.shape[1]:
            longer = room((channels, at + end))
            longer[:, :at] = whole[:, :at]
            whole = longer
        whole[:, at:end] = block.T
        at = end
    return whole[:, :at]


def resampled(blocks: Iterable[np.ndarray], channels: int, from_hz: int, to_hz: int) -> Iterator[np.ndarray]:
    """As `resample_blocks`, in blocks float32 `[samples, channels]` as they come; some may be empty."""
    if from_hz == to_hz:
        yield from blocks
        return
    import soxr  # most recordings have the rate of the analysis already

    stream = soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32", quality="HQ")
    for block in blocks:
        yield stream.resample_chunk(_shaped(block)).reshape(-1, channels)
    yield stream.resample_chunk(_shaped(np.zeros((0, channels), np.float32)), last=True).reshape(-1, channels)


def _shaped(block: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(block[:, 0] if block.shape[1] == 1 else block)


def _length(count: int, from_hz: int, to_hz: int) -> int:
    """Of what `count` samples become."""
    return (count * to_hz + from_hz // 2) // from_hz
