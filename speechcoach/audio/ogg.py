"""Ogg by its pages: where some are lost, and the runs of whole ones between.

Conventions: a granule position counts samples, of Opus always at 48 kHz and with the pre-skip, up to the end of the
last packet that ends on the page (RFC 3533, RFC 7845; Vorbis I, A.2). Decoders leave lost pages out without a word,
and all that follows comes too early: a run is decoded by itself, and its end stands where its granule says.
"""

from __future__ import annotations

import itertools
import mmap
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from speechcoach.audio.splicing import Part

OPUS_HZ = 48_000
_HEAD = 27
_END_OF_STREAM = 0x04
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_NONE = -1  # the granule of a page on which no packet ends


@dataclass(frozen=True, slots=True)
class Page:
    at: int
    size: int
    flags: int
    granule: int
    serial: int
    number: int


@dataclass(frozen=True, slots=True)
class Run:
    """Pages with none missing between them, behind the stream's headers; `end` is the last one's granule."""

    parts: tuple[Part, ...]
    end: int


@dataclass(frozen=True, slots=True)
class Stream:
    """The sound of an Ogg file: its runs (one, where nothing is lost), and what its granules count."""

    runs: tuple[Run, ...]
    granules_hz: int | None  # None: those of the coding's own rate
    pre_skip: int
    starts_late: bool = False  # the first page of sound is lost

    def frame(self, granule: int, rate_hz: int) -> int:
        """The sample of the call at which a granule stands."""
        return round((granule - self.pre_skip) * rate_hz / (self.granules_hz or rate_hz))


def stream_of(path: Path) -> Stream | None:
    """The first stream of an Ogg file; None where the file is none, or has no whole page of sound."""
    with path.open("rb") as file:
        if file.read(4) != b"OggS":
            return None
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            pages = list(_pages(data))
            own = [page for page in pages if page.serial == pages[0].serial]
            first = next((place for place, page in enumerate(own) if page.granule > 0), None)
            if first is None:
                return None
            return _stream(data, own[:first], own[first:])


def _stream(data: mmap.mmap, head: list[Page], sound: list[Page]) -> Stream:
    headers = b"".join(data[page.at : page.at + page.size] for page in head)
    opus = headers.find(b"OpusHead")
    skip = struct.unpack_from("<H", headers, opus + 10)[0] if opus >= 0 else 0
    late = sound[0].number != head[-1].number + 1
    runs = [[sound[0]]]
    for before, page in itertools.pairwise(sound):
        if page.number == before.number + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    later = headers if opus < 0 else _without_skip(headers, opus)
    made = [_run(later if place or late else headers, run) for place, run in enumerate(runs)]
    return Stream(tuple(made), OPUS_HZ if opus >= 0 else None, skip, late)


def _run(headers: bytes, pages: list[Page]) -> Run:
    parts: list[Part] = [headers]
    for page in pages:
        last = parts[-1]
        if isinstance(last, tuple) and last[1] == page.at:
            parts[-1] = (last[0], page.at + page.size)
        else:
            parts.append((page.at, page.at + page.size))
    return Run(tuple(parts), max(page.granule for page in pages))


def _without_skip(headers: bytes, opus: int) -> bytes:
    """The headers of a stream that is entered in the middle: there is nothing to skip at its beginning."""
    changed = bytearray(headers)
    changed[opus + 10 : opus + 12] = bytes(2)
    size = _HEAD + changed[26] + sum(changed[_HEAD : _HEAD + changed[26]])
    changed[22:26] = bytes(4)
    changed[22:26] = struct.pack("<I", checksum(bytes(changed[:size])))
    return bytes(changed)


def _pages(data: mmap.mmap) -> Iterator[Page]:
    """The pages whose checksum is right; what lies between them is damage."""
    at = 0
    while (at := data.find(b"OggS", at)) >= 0 and at + _HEAD <= len(data):
        _, flags, granule, serial, number, check, segments = struct.unpack("<BBqIIIB", data[at + 4 : at + _HEAD])
        size = _HEAD + segments + sum(data[at + _HEAD : at + _HEAD + segments])
        page = data[at : at + size]
        if len(page) == size and checksum(page[:22] + bytes(4) + page[26:]) == check:
            yield Page(at, size, flags, granule, serial, number)
            at += size
        else:
            at += 4


def checksum(page: bytes) -> int:
    """Ogg's CRC-32: the usual polynomial with the bits the other way round, begun at 0 and not inverted (RFC 3533)."""
    return int(f"{zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF:032b}"[::-1], 2)
