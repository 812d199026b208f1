"""What libsndfile does not read, through PyAV (FFmpeg's decoders; the extra `codecs`).

AAC in M4A and MP4 (the sound of a video, too), WebM and Matroska, WMA, Speex, AMR, G.722, G.726 and more in WAV.
PyAV is imported only where a file needs it. Samples are scaled exactly: an integer of n bits by 2^(n-1).

Packets carry the time at which they are played. Where one is missing or cannot be decoded the next one's time tells
how much is lost, and there is silence instead; what stands before the clock's 0 (a codec's run-in) is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from speechcoach.audio.headerless import Raw
from speechcoach.audio.sound import Lost, NotDecodable, Sound, silence

INSTALL = "pip install 'speechcoach[codecs]'"
_NAME = "PyAV"
# Only containers of sound and film: others (playlists, say) would have FFmpeg open what they name.
_CONTAINERS = "aac,ac3,aiff,amr,amrnb,amrwb,asf,au,avi,caf,flac,flv,g722,matroska,mov,mp3,mpegts,ogg,w64,wav"
_KEEP_TIME = {"mov", "matroska", "asf", "ogg", "flac"}  # of these the length stands in the file; others' is a guess
_ROUNDED_S = 0.04  # Matroska tells times in ms, ASF in packets: a smaller step is none
_RUN_IN_S = 0.2  # with nothing before it, a decoder's first packet: no audio was there
_LONGEST_LOSS_S = 600.0  # beyond it the time stamps are damaged, and not the audio
_PROTECTED = {b"drms", b"enca"}  # sample entries of protected sound (ISO/IEC 14496-12, 8.12)
_SCALES = {"u8": 7, "s16": 15, "s32": 31, "s64": 63}


@dataclass(frozen=True, slots=True)
class _Shape:
    rate_hz: int
    channels: int


def is_installed() -> bool:
    from importlib.util import find_spec

    return find_spec("av") is not None


def opened(path: Path, raw: Raw | None = None) -> Sound:
    """The recording as FFmpeg reads it. Raises NotDecodable, whose text says why."""
    import av

    demuxer = None if raw is None else raw.demuxer
    options = {"format_whitelist": _CONTAINERS} if raw is None else {"sample_rate": str(raw.rate_hz)}
    with _file(path, demuxer, options) as container:
        if not container.streams.audio:
            raise NotDecodable(
                "it holds a video without sound; name the file with the sound"
                if container.streams.video
                else "it holds no sound"
            )
        stream = container.streams.audio[0]
        if stream.codec_context is None:
            raise NotDecodable("its sound is in a coding that is not known")
        if _tag(stream) in _PROTECTED:
            raise NotDecodable(
                "its sound is protected (DRM), and only its vendor's player opens it; export it without protection"
            )
        first = next(_frames(container, stream, av), None)
        if first is None:
            raise NotDecodable(f"its sound ({stream.codec_context.name}) cannot be decoded")
        shape = _Shape(first.sample_rate, first.layout.nb_channels)
        promised = _promised(container, stream, shape.rate_hz)
        coding, notes = stream.codec_context.name, _notes(container)
    return Sound(
        shape.rate_hz,
        shape.channels,
        promised,
        coding,
        _NAME,
        lambda lost: _blocks(path, demuxer, options, shape, lost),
        notes,
    )


class _Read:
    """A file for FFmpeg: a place that damage points to, and that no file has, is told and not raised."""

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.tell, self._file = file.read, file.tell, file

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError):
            return -1


@contextmanager
def _file(path: Path, demuxer: str | None, options: dict[str, str]) -> Iterator[Any]:
    """The container, opened as a file of Python's: a name may be any bytes."""
    import av

    with path.open("rb") as file:
        try:
            container = av.open(_Read(file), format=demuxer, options=options)
        except (av.FFmpegError, OSError, ValueError) as why:
            raise NotDecodable(_short(why)) from None
        with container:
            yield container


def _frames(container: Any, stream: Any, av: Any) -> Iterator[Any]:
    """What can be decoded, in order; a damaged packet is left out, and its time is seen to be missing."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.FFmpegError, OSError):
            return
        if packet is None:
            return
        try:
            frames = packet.decode()
        except (av.FFmpegError, OSError, ValueError):
            continue
        yield from frames


def _blocks(
    path: Path, demuxer: str | None, options: dict[str, str], shape: _Shape, lost: Lost
) -> Iterator[np.ndarray]:
    import av

    with _file(path, demuxer, options) as container:
        stream = container.streams.audio[0]
        origin_s = _origin_s(container)
        at = usual = 0  # samples given; how far the times stand from their count, by the second frame
        for count, frame in enumerate(_frames(container, stream, av)):
            if (frame.sample_rate, frame.layout.nb_channels) != (shape.rate_hz, shape.channels):
                continue  # damage: what it stands for is missing
            block, start = _samples(frame), _start(frame, origin_s, at)
            if start < 0:
                block, start = block[-start:], 0
            if count == 1 and abs(start - at) <= _ROUNDED_S * shape.rate_hz:
                usual = start - at
            missing = start - at - usual
            if missing > _ROUNDED_S * shape.rate_hz:
                if at or missing > _RUN_IN_S * shape.rate_hz:
                    lost.append((at, missing))
                yield from silence(missing, shape.channels)
                at += missing
            yield block
            at += len(block)


def _start(frame: Any, origin_s: float, at: int) -> int:
    """The sample at which a frame is played; `at`, the next one, where it does not tell."""
    if frame.pts is None or frame.time_base is None:
        return at
    start = round((float(frame.pts * frame.time_base) - origin_s) * frame.sample_rate)
    near = abs(start - at) <= _LONGEST_LOSS_S * frame.sample_rate
    return start if near and (start >= 0 or at == 0) else at


def _origin_s(container: Any) -> float:
    """The container's time at which the clock begins: 0 but in broadcast streams, which count from anywhere."""
    streamed = container.format.name in ("mpegts", "flv")
    return (container.start_time or 0) / 1e6 if streamed else 0.0


def _samples(frame: Any) -> np.ndarray:
    """Float32 `[samples, channels]`."""
    name, values = frame.format.name, frame.to_ndarray()
    values = values.T if name.endswith("p") else values.reshape(-1, frame.layout.nb_channels)
    bits = _SCALES.get(name.removesuffix("p"))
    if bits is None:
        return values.astype(np.float32)
    scaled = values.astype(np.float32 if bits <= 15 else np.float64) / 2**bits
    return (scaled - 1 if name.startswith("u8") else scaled).astype(np.float32)


def _promised(container: Any, stream: Any, rate_hz: int) -> int | None:
    names = set(container.format.name.split(","))
    if not names & _KEEP_TIME or "mp3" in stream.codec_context.name:
        return None
    if stream.duration and stream.time_base:
        return round(float(stream.duration * stream.time_base) * rate_hz)
    return round(container.duration / 1e6 * rate_hz) if container.duration else None


def _tag(stream: Any) -> bytes:
    try:
        return stream.codec_context.codec_tag.encode("latin-1")
    except UnicodeDecodeError:  # WAV's tags are numbers, and PyAV takes them for letters
        return b""


def _notes(container: Any) -> tuple[str, ...]:
    tracks = len(container.streams.audio)
    return (f"the file holds {tracks} tracks of sound, and the first one was read",) if tracks > 1 else ()


def _short(why: BaseException) -> str:
    text = getattr(why, "strerror", None) or str(why)
    if "nvalid data" in text:
        return "it is damaged, or no audio at all"
    return text[:1].lower() + text[1:]
