"""WAV by its chunks: what the header says of the audio, and what is there.

Conventions: sizes and places are bytes of the file. A recorder that streams writes a size that cannot be (0, or nearly
the largest of 32 bits) and comes back to mend it when the call ends, unless it is killed before.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from speechcoach.audio.splicing import Part

_UNKNOWN_FROM = 0x7FFF0000  # 0x7FFFFFFF, 0xFFFFFFFF, and what some recorders write for "nearly the largest"
_LARGEST = 0xFFFFFFF0
_LEAST_UNTOLD_S = 0.5  # less than that behind the audio is what some recorders append, in no chunk
_HEADER = 8  # of a chunk: its name and its size


@dataclass(frozen=True, slots=True)
class Wav:
    """`tag` is the coding (the wFormatTag of mmreg.h), `claimed` the size that the header gives to the audio.

    `there` is what follows up to the end of the file, or up to the chunks after the audio; `align` the bytes of one
    sample of all channels, or of one packet.
    """

    path: Path
    tag: int
    channels: int
    rate_hz: int
    bytes_a_second: int
    align: int
    data_at: int
    claimed: int
    there: int
    fact_at: int | None

    @property
    def is_streamed(self) -> bool:
        """The header's size is a placeholder."""
        return self.claimed == 0 or self.claimed >= _UNKNOWN_FROM

    @property
    def is_unfinished(self) -> bool:
        """There is audio that the header does not tell of."""
        more = self.there - (0 if self.is_streamed else self.claimed)
        return more > (0 if self.is_streamed else _LEAST_UNTOLD_S * self.bytes_a_second)

    @property
    def missing(self) -> int:
        """Bytes that a header which is no placeholder promises, and that are not there."""
        return 0 if self.is_streamed else max(0, self.claimed - self.there)

    def mended(self) -> list[Part]:
        """The file with the sizes in its header as they are in truth."""
        with self.path.open("rb") as file:
            head = bytearray(file.read(self.data_at))
        size = min(self.there - self.there % max(1, self.align), _LARGEST)
        head[4:8] = struct.pack("<I", min(self.data_at - 8 + size, 0xFFFFFFFF))
        head[self.data_at - 4 : self.data_at] = struct.pack("<I", size)
        if self.fact_at is not None:  # the count of samples: not known yet either
            head[self.fact_at - _HEADER : self.fact_at - _HEADER + 4] = b"JUNK"
        return [bytes(head), (self.data_at, self.data_at + size)]


def wav_of(path: Path) -> Wav | None:
    """What the chunks say; None where the file is no WAV, or one without a coding or audio."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        position, form, fact_at = 12, b"", None
        while position + _HEADER <= size:
            file.seek(position)
            name, length = struct.unpack("<4sI", file.read(_HEADER))
            position += _HEADER
            if name == b"fmt ":
                form = file.read(min(length, 40))
            elif name == b"fact":
                fact_at = position
            elif name == b"data" and len(form) >= 16:
                there = _audio_there(file, position, length, size)
                return _wav(path, form, position, length, there, fact_at)
            position += length + (length & 1)
    return None


def _wav(path: Path, form: bytes, data_at: int, claimed: int, there: int, fact_at: int | None) -> Wav:
    tag, channels, rate_hz, a_second, align = struct.unpack("<HHIIH", form[:14])
    if tag == 0xFFFE and len(form) >= 26:  # WAVE_FORMAT_EXTENSIBLE: the coding is the beginning of a GUID
        tag = struct.unpack("<H", form[24:26])[0]
    return Wav(path, tag, channels, rate_hz, a_second, align, data_at, claimed, there, fact_at)


def _audio_there(file, start: int, claimed: int, size: int) -> int:  # type: ignore[no-untyped-def]
    """Bytes of audio from `start` on: all up to the end, unless other chunks follow where the header says so."""
    end = start + claimed
    if end >= size:
        return size - start
    position = end + (claimed & 1)
    while position + _HEADER <= size:
        file.seek(position)
        name, length = struct.unpack("<4sI", file.read(_HEADER))
        if not name.isascii() or not name.decode().isprintable() or position + _HEADER + length > size + 1:
            return size - start
        position += _HEADER + length + (length & 1)
    return claimed
