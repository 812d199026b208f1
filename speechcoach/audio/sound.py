"""How a recording is read, whatever reads it: its shape, and its samples in blocks.

Conventions: blocks are float32 `[samples, channels]`, -1 to 1, at the recording's own rate, and without gaps: where
audio is lost there is silence of the same length, and the loss is told as (first sample, samples).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

BLOCK = 1 << 15  # samples; four seconds at 8 kHz: a damaged file loses no more than its damage

Lost = list[tuple[int, int]]
Blocks = Callable[[Lost], Iterator[np.ndarray]]
"""Opens the recording at its beginning; what is found lost on the way is put into the list."""


@dataclass(frozen=True, slots=True)
class Sound:
    """`promised` is how many samples the container tells of, None where it does not.

    `coding` is named as libsndfile or FFmpeg does, `read_by` is which of them reads it; `notes` are sentences on what
    was found in the header and mended.
    """

    rate_hz: int
    channels: int
    promised: int | None
    coding: str
    read_by: str
    blocks: Blocks
    notes: tuple[str, ...] = ()


class NotDecodable(Exception):
    """A decoder does not open the file; its text says why, as far as the decoder does."""


class DecodingFailed(Exception):
    """A decoder gives up in the middle."""


def filled(blocks: Iterator[np.ndarray], holes: tuple[tuple[int, int], ...], lost: Lost) -> Iterator[np.ndarray]:
    """The blocks with silence where samples are known to be lost; `holes` are in order of time."""
    at, ahead = 0, list(holes)
    for block in blocks:
        while ahead and ahead[0][0] < at + len(block):
            start, count = ahead.pop(0)
            before = max(start - at, 0)
            yield block[:before]
            yield from silence(count, block.shape[1])
            lost.append((at + before, count))
            block, at = block[before:], at + before + count
        yield block
        at += len(block)


def silence(samples: int, channels: int) -> Iterator[np.ndarray]:
    """Blocks of nothing, in place of what is lost."""
    for start in range(0, samples, BLOCK):
        yield np.zeros((min(BLOCK, samples - start), channels), np.float32)
