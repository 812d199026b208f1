"""What a container says of its own length, where the decoder does not: a cut file that opens without an error.

libsndfile shortens the promised length of a cut WAV to what is there, and takes the last whole page of a
cut Ogg for its end. Both would pass for a shorter call.
"""

from __future__ import annotations

import struct
from pathlib import Path

_UNKNOWN_SIZES = {0, 0x7FFFFFFF, 0xFFFFFFFF}  # written by recorders that stream and never come back
_SIZE_SLACK = 0x7FFF0000  # some recorders write "nearly the largest" for unknown
_LAST_PAGES = 1 << 17  # an Ogg page holds at most 65,307 bytes
_OGG_END_OF_STREAM = 0x04


def cut_short(path: Path) -> str | None:
    """How the file shows that its end is missing, in words; None where it does not."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:] == b"WAVE":
            return _riff_cut(file, path.stat().st_size)
        if head[:4] == b"OggS":
            return _ogg_cut(file, path.stat().st_size)
    return None


def _riff_cut(file, size: int) -> str | None:  # type: ignore[no-untyped-def]
    """Walk the chunks to `data` and compare its size with the file's."""
    position = 12
    while position + 8 <= size:
        file.seek(position)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"data":
            missing = position + 8 + length - size
            streamed = length in _UNKNOWN_SIZES or length >= _SIZE_SLACK
            return None if streamed or missing <= 1 else _missing(length, length - missing)
        position += 8 + length + (length & 1)
    return None


def _ogg_cut(file, size: int) -> str | None:  # type: ignore[no-untyped-def]
    file.seek(max(0, size - _LAST_PAGES))
    tail = file.read()
    page = tail.rfind(b"OggS")
    if page < 0 or page + 5 >= len(tail) or not tail[page + 5] & _OGG_END_OF_STREAM:
        return "its last page does not end the stream"
    return None


def _missing(promised: int, present: int) -> str:
    return f"its header promises {promised:,} bytes of audio and {present:,} are there"
