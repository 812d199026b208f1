"""A file as it should be: parts of the real one, and bytes in place of what is wrong in it.

Conventions: a part is bytes, or `(start, stop)` of the real file. What decodes reads it as a file; nothing is copied.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Part = bytes | tuple[int, int]
_BUFFER = 1 << 18


def spliced(path: Path, parts: Sequence[Part]) -> io.BufferedReader:
    """The parts, one after another, as a file opened for reading."""
    return io.BufferedReader(_Spliced(path, parts), _BUFFER)


class _Spliced(io.RawIOBase):
    def __init__(self, path: Path, parts: Sequence[Part]) -> None:
        self._file = path.open("rb", buffering=0)
        self._places: list[tuple[int, int, Part]] = []  # where each begins and ends
        end = 0
        for part in parts:
            size = len(part) if isinstance(part, bytes) else part[1] - part[0]
            self._places.append((end, end + size, part))
            end += size
        self._at, self._end = 0, end

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        """As far as the part goes in which the reader stands."""
        for start, end, part in self._places:
            if start <= self._at < end:
                count = min(len(buffer), end - self._at)
                buffer[:count] = content = self._content(part, self._at - start, count)
                self._at += len(content)
                return len(content)
        return 0

    def _content(self, part: Part, start: int, count: int) -> bytes:
        if isinstance(part, bytes):
            return part[start : start + count]
        self._file.seek(part[0] + start)
        content = self._file.read(count) or b""
        return content + bytes(count - len(content))  # the file became shorter while it was read

    def close(self) -> None:
        self._file.close()
        super().close()
