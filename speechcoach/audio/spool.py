"""Samples of a call that is too long for the memory, in a temporary file that nobody else can open.

Conventions: arrays are float32 `[channels, samples]`. The file has no name, holds what the recording itself holds, and
goes with the array or the process, whatever ends it.
"""

from __future__ import annotations

import mmap
import tempfile
import threading
import weakref
from dataclasses import dataclass, field

import numpy as np

# What is held in memory: a quarter of an hour of two channels at 8 kHz.
HELD_BYTES = 64_000_000
_RELEASED_EACH_S = 0.05


@dataclass(slots=True, eq=False, weakref_slot=True)
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
        if len(self.maps) == 1:
            threading.Thread(target=_keep_small, args=(weakref.ref(self),), daemon=True).start()
        return np.frombuffer(mapped, np.float32).reshape(shape)

    def release(self) -> None:
        """Take from memory what lies in the file; it comes back where it is read again."""
        for mapped in self.maps:
            mapped.flush()
            _forget(mapped)


def _forget(mapped: mmap.mmap) -> None:
    if hasattr(mmap, "MADV_DONTNEED"):  # Linux and BSD
        mapped.madvise(mmap.MADV_DONTNEED)


def _keep_small(spool: weakref.ref[Spool]) -> None:
    """Release, for as long as the spool is there: rooms that read all of a call need not know where it lies."""
    while (own := spool()) is not None:
        for mapped in own.maps:
            _forget(mapped)
        del own
        threading.Event().wait(_RELEASED_EACH_S)
