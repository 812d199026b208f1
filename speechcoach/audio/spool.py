"""Samples of a call that is too long for the memory, in a temporary file that nobody else can open.

Conventions: arrays are float32 `[channels, samples]`. The file has no name, holds what the recording itself holds, and
goes with the array or the process, whatever ends it.
"""

from __future__ import annotations

import mmap
import tempfile
from dataclasses import dataclass, field

import numpy as np

# What is held in memory: a quarter of an hour of two channels at 8 kHz.
HELD_BYTES = 64_000_000


@dataclass(slots=True, eq=False)
class Spool:
    """Gives room for samples: in memory while they are few, else in a file of which only what is used is in memory."""

    maps: list[mmap.mmap] = field(default_factory=list)

    def room(self, shape: tuple[int, int]) -> np.ndarray:
        """An array of this shape; raises OSError where the disk has no room for it."""
        size = shape[0] * shape[1] * np.dtype(np.float32).itemsize
        if size <= HELD_BYTES:
            return np.empty(shape, np.float32)
        with tempfile.TemporaryFile(prefix="speechcoach-") as file:
            # written, not only sized: a full disk is an error here, and not a crash at some later sample
            for _ in range(-(-size // mmap.ALLOCATIONGRANULARITY)):
                file.write(bytes(mmap.ALLOCATIONGRANULARITY))
            file.flush()
            mapped = mmap.mmap(file.fileno(), size)
        self.maps.append(mapped)
        return np.frombuffer(mapped, np.float32).reshape(shape)

    def release(self) -> None:
        """Take from memory what lies in the file; it comes back where it is read again."""
        for mapped in self.maps:
            mapped.flush()
            if hasattr(mmap, "MADV_DONTNEED"):  # Linux and BSD
                mapped.madvise(mmap.MADV_DONTNEED)
