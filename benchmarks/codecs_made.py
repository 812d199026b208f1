"""Makes one call in every coding, and damages it: for `codecs.py`.

Conventions: a call is float32 `[samples, 2]` at 8 kHz; makers take (path, call). A coding that nothing installed can
write raises NoEncoder, whose text says what is missing.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import shutil
import struct
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr

RATE_HZ = 8_000
Make = Callable[[Path, np.ndarray], None]


class NoEncoder(Exception):
    """Nothing that is installed writes this coding."""


def by_soundfile(path: Path, call: np.ndarray, subtype: str, mono: bool = False) -> None:
    samples = call.mean(axis=1, keepdims=True) if mono else call
    form = "OGG" if path.suffix == ".opus" else None
    with sf.SoundFile(path, "w", RATE_HZ, samples.shape[1], subtype=subtype, format=form) as file:
        for start in range(0, len(samples), RATE_HZ):
            file.write(samples[start : start + RATE_HZ])


def headerless(path: Path, call: np.ndarray, subtype: str, rate_hz: int = RATE_HZ) -> None:
    samples = soxr.resample(call.mean(axis=1), RATE_HZ, rate_hz)
    with sf.SoundFile(path, "w", rate_hz, 1, subtype=subtype, format="RAW", endian="LITTLE") as file:
        file.write(samples)


def by_pyav(
    path: Path,
    call: np.ndarray,
    codec: str,
    rate_hz: int = RATE_HZ,
    mono: bool = False,
    bit_rate: int | None = None,
    picture: bool = False,
) -> None:
    """By FFmpeg's encoders as PyAV brings them; with `picture` a dark film is beside the sound."""
    try:
        import av

        av.Codec(codec, "w")
    except (ImportError, ValueError) as why:
        raise NoEncoder(f"PyAV with {codec}") from why
    samples = call.mean(axis=1, keepdims=True) if mono else call
    samples = np.round(np.clip(soxr.resample(samples, RATE_HZ, rate_hz), -1, 32_767 / 32_768) * 32_768).astype(np.int16)
    layout = "mono" if mono else "stereo"
    with av.open(str(path), "w") as out:
        film = out.add_stream("mpeg4", rate=5, width=64, height=64, pix_fmt="yuv420p") if picture else None
        stream = out.add_stream(codec, rate=rate_hz, layout=layout)
        if bit_rate:
            stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
        if film is not None:
            _filmed(out, film)


def _filmed(out, film) -> None:  # type: ignore[no-untyped-def]
    """Two seconds of dark."""
    import av

    for count in range(10):
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        frame.pts, frame.time_base = count, Fraction(1, 5)
        for packet in film.encode(frame):
            out.mux(packet)
    for packet in film.encode(None):
        out.mux(packet)


def by_ffmpeg(path: Path, call: np.ndarray, codec: str) -> None:
    """By Debian's ffmpeg, which has encoders that PyAV's wheel lacks; one channel."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise NoEncoder("Debian's ffmpeg")
    source = path.with_suffix(".source.wav")
    by_soundfile(source, call, "PCM_16", mono=True)
    quiet = [program, "-hide_banner", "-loglevel", "error", "-y"]
    subprocess.run([*quiet, "-i", str(source), "-c:a", codec, str(path)], check=True, stdin=subprocess.DEVNULL)
    source.unlink()


def wide_amr(path: Path, call: np.ndarray) -> None:
    """AMR-WB at 12.65 kbit/s by the library vo-amrwbenc, a frame of 20 ms after another (RFC 4867, section 5)."""
    name = ctypes.util.find_library("vo-amrwbenc")
    if name is None:
        raise NoEncoder("libvo-amrwbenc0")
    library = ctypes.CDLL(name)
    library.E_IF_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.E_IF_init())
    speech = np.round(soxr.resample(call.mean(axis=1), RATE_HZ, 16_000) * 32_767).astype(np.int16)
    out, mode, size = ctypes.create_string_buffer(500), 2, 320
    with path.open("wb") as file:
        file.write(b"#!AMR-WB\n")
        for start in range(0, len(speech) - size + 1, size):
            frame = np.ascontiguousarray(speech[start : start + size])
            count = library.E_IF_encode(state, mode, frame.ctypes.data_as(ctypes.c_void_p), out, 0)
            file.write(out.raw[:count])
    library.E_IF_exit(state)


def unfinished(path: Path, call: np.ndarray, size: int = 0) -> None:
    """A WAV as a recorder leaves it that was killed, or that writes into a pipe."""
    by_soundfile(path, call, "PCM_16")
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[4:8] = content[at : at + 4] = struct.pack("<I", size)
    path.write_bytes(content)


def damaged(path: Path, call: np.ndarray, make: Make, at: float, size: int) -> None:
    """`size` bytes of anything from the share `at` of the file on."""
    make(path, call)
    content = bytearray(path.read_bytes())
    start = round(at * len(content))
    content[start : start + size] = np.random.default_rng(9).integers(0, 256, size, np.uint8).tobytes()
    path.write_bytes(content)


def cut(path: Path, call: np.ndarray, make: Make, share: float = 0.6) -> None:
    make(path, call)
    content = path.read_bytes()
    path.write_bytes(content[: round(share * len(content))])
