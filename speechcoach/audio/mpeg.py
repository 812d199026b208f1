"""MP3 by its frames: where damage stands between them, and how much of the call it took.

Conventions: a frame (ISO/IEC 11172-3, 13818-3 and MPEG 2.5) holds 1152 or 576 samples. A decoder that meets damage
leaves it out, or gives up; here the damage is cut out before, and silence stands in its place. Its length is what
the count of frames in the file's first frame (Xing, Info) says, or so many frames as its bytes could have held.
"""

from __future__ import annotations

import itertools
import mmap
from dataclasses import dataclass
from pathlib import Path

from speechcoach.audio.splicing import Part

_KBITS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
}
_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_DECODER_DELAY = 529  # samples that any decoder adds (LAME's technical FAQ)
_SAME = 0xFFFE0C00  # bits of a header that all frames of a file share: sync, version, layer, rate
_BELIEVED = 4  # times as many frames as the damaged bytes could have held
_IN_A_ROW = 3  # frames that must follow one another where damage ends: two bytes of anything look like a header


@dataclass(frozen=True, slots=True)
class Frames:
    """`parts` are the whole frames; `holes` are (sample of the call, samples lost there)."""

    parts: tuple[Part, ...]
    holes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Info:
    """What the first frame says: frames that follow it, and samples of run-in that a decoder leaves out."""

    frames: int | None
    skipped: int


def frames_of(path: Path) -> Frames | None:
    """The frames, where some are damaged; None where the file is whole, or no MP3."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = _behind_tag(data)
        header = int.from_bytes(data[start : start + 4], "big")
        if not _size(header):
            return None
        runs = _runs(data, start, header & _SAME)
        if len(runs) == 1:
            return None
        samples = 1152 if header >> 19 & 3 == 3 else 576
        return _frames(runs, _info(data, start, samples), samples)


def _runs(data: mmap.mmap, start: int, same: int) -> list[tuple[int, int, int]]:
    """(first byte, byte behind the last, frames) of each stretch of whole frames."""
    runs, end, at = [], len(data), start
    first, count = start, 0
    while at + 4 <= end:
        header = int.from_bytes(data[at : at + 4], "big")
        size = _size(header) if header & _SAME == same else 0
        if size and at + size <= end:
            at += size
            count += 1
            continue
        runs.append((first, at, count))
        at = first = _next(data, at + 1, same)
        count = 0
    return runs + [(first, at, count)] * (count > 0)


def _next(data: mmap.mmap, at: int, same: int) -> int:
    """Where the next whole frames begin; the end of the file where none do."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 4 <= len(data):
        place = at
        for _ in range(_IN_A_ROW):
            header = int.from_bytes(data[place : place + 4], "big")
            size = _size(header) if header & _SAME == same else 0
            if not size:
                break
            place += size
        else:
            return at
        at += 1
    return len(data)


def _frames(runs: list[tuple[int, int, int]], info: _Info, samples: int) -> Frames | None:
    """Each hole's length: by its bytes, and all together by the count in the first frame."""
    mean = sum(stop - first for first, stop, _ in runs) / max(1, sum(count for *_, count in runs))
    guesses = [(after[0] - before[1]) / mean for before, after in itertools.pairwise(runs)]
    if info.frames is not None and guesses:
        missing = info.frames + 1 - sum(count for *_, count in runs)
        if 0 <= missing <= _BELIEVED * sum(guesses) + _IN_A_ROW:  # else the count is damaged, too
            guesses = [guess * missing / sum(guesses) for guess in guesses]
    holes, done, lost = [], 0, 0
    own = 0 if info.frames is None else 1  # the frame that says so is not played
    for (_, _, count), guess in zip(runs, guesses, strict=False):
        done += count
        holes.append(((done + lost - own) * samples - info.skipped, round(guess) * samples))
        lost += round(guess)
    parts = tuple((first, stop) for first, stop, _ in runs)
    return Frames(parts, tuple((max(at, 0), count) for at, count in holes if count))


def _info(data: mmap.mmap, start: int, samples: int) -> _Info:
    head = data[start : start + 256]
    at = max(head.find(b"Xing"), head.find(b"Info"))
    if at < 0:
        return _Info(None, 0)
    flags = int.from_bytes(head[at + 4 : at + 8], "big")
    frames = int.from_bytes(head[at + 8 : at + 12], "big") if flags & 1 else None
    lame = max(head.find(b"LAME", at), head.find(b"Lavc", at), head.find(b"Lavf", at))
    delay = int.from_bytes(head[lame + 21 : lame + 24], "big") >> 12 if lame >= 0 else 0
    return _Info(frames, delay + _DECODER_DELAY if delay else 0)


def _size(header: int) -> int:
    """Bytes of the frame with this header; 0 where it is none of layer III."""
    version, rate, bits = header >> 19 & 3, header >> 10 & 3, header >> 12 & 15
    if header >> 21 != 0x7FF or version == 1 or header >> 17 & 3 != 1 or rate == 3:
        return 0
    kbits = _KBITS[1 if version == 3 else 2][bits]
    return (144 if version == 3 else 72) * kbits * 1000 // _RATES_HZ[version][rate] + (header >> 9 & 1)


def _behind_tag(data: mmap.mmap) -> int:
    """Where the sound begins: behind an ID3v2 tag, if there is one."""
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return size + 10 + (10 if data[5] & 0x10 else 0)
