"""Every coding a recorder may write: what opens it, how much of the call is read, and whether its clock is right.

    python benchmarks/codecs.py                 # prints the tables, and writes them into benchmarks/README.md
    python benchmarks/codecs.py --data FOLDER   # makes the small files of tests/audio/data

A minute of one shipped call is written in each coding: by soundfile, by PyAV, or by ffmpeg and sox where Debian's are
installed (`apt-get install ffmpeg sox libvo-amrwbenc0`); a coding without an encoder here is told so. Truth: the call
before it was coded. The shift is where the cross-correlation is largest; closeness is the part of the energy that
correlates there, against the rest, in dB, so neither a gain nor the shift counts.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import codecs_made as made
import numpy as np
import soundfile as sf
import tables

from speechcoach.audio import open_recording
from speechcoach.errors import RecordingError
from speechcoach.settings import Config

ROOT = Path(__file__).resolve().parent.parent
CALL = ROOT / "samples" / "escalation.wav"
SECONDS = 60
DATA_S = (52.0, 54.2)  # of the call, for the files of the tests: an interruption, both speak
REACH_S = 0.5


@dataclass(frozen=True, slots=True)
class Coding:
    """A row: what it is, the file's name, how it is made, and what the command line is told."""

    name: str
    file: str
    make: Callable[[Path, np.ndarray], None]
    raw: str | None = None


def codings() -> list[Coding]:
    wav = [("PCM_U8", "8 bits"), ("PCM_16", "16 bits"), ("PCM_24", "24 bits"), ("FLOAT", "float"), ("ULAW", "mu-law"),
           ("ALAW", "A-law"), ("IMA_ADPCM", "IMA ADPCM"), ("MS_ADPCM", "Microsoft ADPCM")]  # fmt: skip
    return [
        *(Coding(f"WAV, {name}", f"{tag}.wav", partial(made.by_soundfile, subtype=tag)) for tag, name in wav),
        Coding("WAV, GSM 6.10 (WAV49)", "gsm.wav", partial(made.by_soundfile, subtype="GSM610", mono=True)),
        Coding("WAV, MP3", "mp3.wav", partial(made.by_pyav, codec="libmp3lame")),
        Coding("WAV, G.722", "g722.wav", partial(made.by_pyav, codec="g722", rate_hz=16_000, mono=True)),
        Coding("WAV, G.726", "g726.wav", partial(made.by_pyav, codec="g726", mono=True, bit_rate=32_000)),
        Coding("WAV, G.723.1", "g723.wav", partial(made.by_pyav, codec="g723_1", mono=True, bit_rate=6_300)),
        Coding("WAV, the recorder died (size 0)", "died.wav", made.unfinished),
        Coding("WAV, streamed (size 2^32-1)", "streamed.wav", partial(made.unfinished, size=0xFFFFFFFF)),
        Coding("FLAC", "call.flac", partial(made.by_soundfile, subtype="PCM_16")),
        Coding("MP3", "call.mp3", partial(made.by_soundfile, subtype="MPEG_LAYER_III")),
        Coding("Ogg, Vorbis", "vorbis.ogg", partial(made.by_soundfile, subtype="VORBIS")),
        Coding("Ogg, Opus", "call.opus", partial(made.by_soundfile, subtype="OPUS")),
        Coding("WebM, Opus", "call.webm", partial(made.by_pyav, codec="libopus", rate_hz=48_000)),
        Coding("Matroska, Opus", "call.mka", partial(made.by_pyav, codec="libopus", rate_hz=48_000)),
        Coding("MP4, Opus", "opus.mp4", partial(made.by_pyav, codec="libopus", rate_hz=48_000)),
        Coding("M4A, AAC", "call.m4a", partial(made.by_pyav, codec="aac")),
        Coding("MP4 with a picture, AAC", "video.mp4", partial(made.by_pyav, codec="aac", picture=True)),
        Coding("M4A, Apple Lossless", "alac.m4a", partial(made.by_pyav, codec="alac")),
        Coding("AAC without a container", "call.aac", partial(made.by_pyav, codec="aac")),
        Coding("WMA 2", "call.wma", partial(made.by_pyav, codec="wmav2", bit_rate=32_000)),
        Coding("AMR, narrow band", "call.amr", partial(made.by_pyav, codec="libopencore_amrnb", mono=True)),
        Coding("3GP, AMR", "call.3gp", partial(made.by_pyav, codec="libopencore_amrnb", mono=True)),
        Coding("AMR, wide band", "call.awb", made.wide_amr),
        Coding("Ogg, Speex", "call.spx", partial(made.by_ffmpeg, codec="libspeex")),
        Coding("headerless mu-law", "call.ulaw", partial(made.headerless, subtype="ULAW")),
        Coding("headerless A-law", "call.al", partial(made.headerless, subtype="ALAW")),
        Coding("headerless sln16", "call.sln16", partial(made.headerless, subtype="PCM_16", rate_hz=16_000)),
        Coding("headerless GSM", "call.gsm", partial(made.headerless, subtype="GSM610")),
        Coding("headerless VOX", "call.vox", partial(made.headerless, subtype="VOX_ADPCM")),
        Coding("headerless G.722", "call.g722", partial(made.by_pyav, codec="g722", rate_hz=16_000, mono=True)),
        Coding("headerless, any name", "call.dat", partial(made.headerless, subtype="ULAW"), raw="ulaw:8000:1"),
    ]


def damaged() -> list[Coding]:
    whole = {item.file: item.make for item in codings()}
    return [
        Coding("Ogg Opus, one page", "page.opus", partial(made.damaged, make=whole["call.opus"], at=0.5, size=4)),
        Coding(
            "Ogg Vorbis, 9,000 bytes", "pages.ogg", partial(made.damaged, make=whole["vorbis.ogg"], at=0.3, size=9_000)
        ),
        Coding("MP3, 3,000 bytes", "bytes.mp3", partial(made.damaged, make=whole["call.mp3"], at=0.5, size=3_000)),
        Coding("FLAC, 4,000 bytes", "bytes.flac", partial(made.damaged, make=whole["call.flac"], at=0.5, size=4_000)),
        Coding("M4A, 2,000 bytes", "bytes.m4a", partial(made.damaged, make=whole["call.m4a"], at=0.5, size=2_000)),
        Coding("WebM, 3,000 bytes", "bytes.webm", partial(made.damaged, make=whole["call.webm"], at=0.5, size=3_000)),
        Coding("WAV, cut in the middle", "cut.wav", partial(made.cut, make=whole["PCM_16.wav"])),
        Coding("MP3, cut in the middle", "cut.mp3", partial(made.cut, make=whole["call.mp3"])),
        Coding("Ogg Opus, cut in the middle", "cut.opus", partial(made.cut, make=whole["call.opus"])),
        Coding("WebM, cut in the middle", "cut.webm", partial(made.cut, make=whole["call.webm"])),
        Coding("M4A, the recorder died", "cut.m4a", partial(made.cut, make=whole["call.m4a"])),
    ]


def read(item: Coding, call: np.ndarray, folder: Path) -> Iterator[str]:
    """The cells of a row after its name."""
    path = folder / item.file
    try:
        item.make(path, call)
    except made.NoEncoder as why:
        yield from ["", "", "", "", "", f"no encoder here ({why})"]
        return
    begun = time.perf_counter()
    try:
        recording = open_recording(path, Config(raw=item.raw, partial=item.file.startswith("cut")))
    except RecordingError as why:
        yield from ["", "", "", "", "", str(why).removeprefix(f"{path}: ")]
        return
    took_s = time.perf_counter() - begun
    left = recording.samples(8_000)[0]
    truth = call[:, 0] if recording.channels == 2 else call.mean(axis=1)
    shift_s, close_db = compared(truth, left)
    told = [f"{recording.duration_s:.2f}", f"{1000 * shift_s:+.1f}", f"{close_db:.0f}"]
    speed = f"{recording.duration_s / took_s:,.0f}"
    yield from [recording.read_by, *told, speed, "; ".join(recording.notes)]


def compared(truth: np.ndarray, found: np.ndarray) -> tuple[float, float]:
    """By how many seconds `found` is late, and how close it is there, dB; both float32 `[n]` at 8 kHz."""
    size = 1 << int(np.ceil(np.log2(len(truth) + len(found))))
    cross = np.fft.irfft(np.fft.rfft(found, size) * np.conj(np.fft.rfft(truth, size)))
    reach = round(REACH_S * 8_000)
    near = np.concatenate([cross[-reach:], cross[: reach + 1]])
    best = int(np.argmax(near))
    energies = float(np.sum(truth.astype(np.float64) ** 2) * np.sum(found.astype(np.float64) ** 2))
    likeness = min(float(near[best]) / max(np.sqrt(energies), 1e-12), 1 - 1e-7)
    return (best - reach) / 8_000, 10 * float(np.log10(likeness**2 / (1 - likeness**2)))


def page(call: np.ndarray, folder: Path) -> str:
    """The text for the README."""
    head = ["coding", "opened by", "seconds", "shift, ms", "closeness, dB", "times real time", "what is told"]
    rows = [[item.name, *read(item, call, folder)] for item in codings()]
    worst = [[item.name, *read(item, call, folder)] for item in damaged()]
    return "\n\n".join(
        [
            f"{SECONDS} s of `samples/{CALL.name}`, two channels at 8 kHz (one in what holds one). Opening reads the "
            "whole call, counts and hashes it; one thread, on a machine that does other things, too.",
            tables.table(head, rows),
            "Late are codings whose own delay stands in the file and nowhere in its header (MP3 in WAV, AAC without a "
            "container, WMA); it moves both sides alike. A closeness of 67 is the same to 1 in 10^7.",
            "What was damaged after it was made, and what is told of it (`--partial` for those that are cut):",
            tables.table(head, worst),
        ]
    )


def data(folder: Path) -> None:
    """The small files of the tests."""
    call = sample(*DATA_S)
    wanted = {"call.m4a": 32_000, "call.webm": 24_000, "g722.wav": None, "call.amr": None, "call.awb": None}
    wanted |= {"call.spx": None, "call.wma": 24_000}
    for item in codings():
        if item.file in wanted:
            rate = {} if wanted[item.file] is None else {"bit_rate": wanted[item.file]}
            item.make(folder / item.file, call, **rate)  # type: ignore[call-arg]
            print(f"{item.file}: {(folder / item.file).stat().st_size:,} bytes")


def sample(start_s: float, end_s: float) -> np.ndarray:
    """Float32 `[samples, 2]` at 8 kHz."""
    start, stop = round(start_s * 8_000), round(end_s * 8_000)
    return sf.read(CALL, dtype="float32", always_2d=True, start=start, stop=stop)[0]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = page(sample(0, SECONDS), Path(folder))
    print(text)
    tables.write("codecs", text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="make the small files of the tests there")
    wanted_folder = parser.parse_args().data
    data(wanted_folder) if wanted_folder else main()
