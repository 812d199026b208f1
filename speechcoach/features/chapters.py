"""A recording in chapters: pieces long enough to tell what is loud and what is noise, short enough for any memory.

Conventions: samples are float32 `[channels, n]`; hops are counted from the start of the recording.
A chapter is ten minutes, the last one five to fifteen, so whatever the length of a call, what is in
flight is bounded. Each comes with some seconds of what lies before and after, so that its edges are
like its middle; what is found in these margins is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import soxr

from .frames import HOP, RATE_HZ, finite

CHAPTER = 60_000  # hops: ten minutes
REST = 30_000  # hops that must follow before a chapter is closed: no last chapter is shorter
DAY = 24 * 360_000  # hops
MARGIN = 900  # hops: the noise floor looks 6 s and a cell of 3 s around


@dataclass(frozen=True, slots=True, eq=False)
class Chapter:
    """`samples` `[channels, n]` at 8 kHz with margins; hops `start` to `stop` of them are the chapter's own."""

    samples: np.ndarray
    start: int
    stop: int


class Columns:
    """The columns of a result as it grows by chapters, each `[channels, frames]`.

    From the second chapter on, room is reserved for a day at once: only what is written to takes memory, and
    nothing is ever there twice, as it would be if chapters were kept and joined at the end.
    """

    def __init__(self) -> None:
        self.frames = 0
        self._room: dict[str, np.ndarray] = {}

    def add(self, chapter: Mapping[str, np.ndarray]) -> None:
        """Append a chapter; all have the same columns and channels."""
        stop = self.frames + next(iter(chapter.values())).shape[1]
        for name, column in chapter.items():
            room = self._room.setdefault(name, column)
            if stop > room.shape[1]:
                room = np.empty((len(column), max(DAY, 2 * stop)), column.dtype)
                room[:, : self.frames] = self._room[name][:, : self.frames]
                self._room[name] = room
            room[:, self.frames : stop] = column
        self.frames = stop

    def all(self) -> dict[str, np.ndarray]:
        """Every column, by name."""
        return {name: room[:, : self.frames] for name, room in self._room.items()}


def in_chapters(blocks: Iterable[np.ndarray], rate_hz: float) -> Iterator[Chapter]:
    """Chapters of a recording that comes in `blocks` of any length, float32 `[channels, n]` at `rate_hz`."""
    margin = 0
    held: list[np.ndarray] = []
    count = 0
    for block in at_8_khz(blocks, rate_hz):
        held.append(block)
        count += block.shape[1]
        while count // HOP >= margin + CHAPTER + REST:
            samples = _joined(held)
            yield Chapter(samples[:, : (margin + CHAPTER + MARGIN) * HOP], margin, margin + CHAPTER)
            held = [samples[:, (margin + CHAPTER - MARGIN) * HOP :]]
            count = held[0].shape[1]
            margin = MARGIN
    if held:
        samples = _joined(held)
        yield Chapter(samples, margin, samples.shape[1] // HOP)


def at_8_khz(blocks: Iterable[np.ndarray], rate_hz: float) -> Iterator[np.ndarray]:
    """The blocks at 8 kHz, NaN and infinite samples as zero."""
    if rate_hz == RATE_HZ:
        yield from (finite(block) for block in blocks)
        return
    streams = None
    for block in blocks:
        streams = streams or [soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality="MQ") for _ in block]
        for cut in range(0, block.shape[1], RESAMPLE_BLOCK):
            piece = finite(block[:, cut : cut + RESAMPLE_BLOCK])
            yield np.stack(
                [stream.resample_chunk(np.ascontiguousarray(row)) for stream, row in zip(streams, piece, strict=True)]
            )
    if streams:
        yield np.stack([stream.resample_chunk(np.zeros(0, np.float32), last=True) for stream in streams])


RESAMPLE_BLOCK = 1 << 19  # samples; what is in flight at once


def _joined(held: list[np.ndarray]) -> np.ndarray:
    return held[0] if len(held) == 1 else np.concatenate(held, axis=1)
