"""Open a recording and say in one sentence what is wrong with it, if anything is.

Decoding is libsndfile's (soundfile): WAV in PCM of 8 to 32 bits, float, mu-law, A-law, GSM and ADPCM,
FLAC, MP3, Ogg Vorbis and Opus. Reads are looped and counted, because a damaged file gives short reads
without an error, and every later time would shift.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import soundfile as sf

from speechcoach.audio.containers import cut_short
from speechcoach.audio.reading import SpanReader
from speechcoach.audio.resampling import resample_blocks
from speechcoach.audio.spool import Spool
from speechcoach.errors import (
    ChannelCountError,
    EmptyRecording,
    MissingRecording,
    RecordingError,
    TruncatedRecording,
    UnreadableRecording,
)

SUPPORTED = "WAV (PCM, float, mu-law, A-law, GSM, ADPCM), FLAC, MP3, Ogg Vorbis and Opus"
_BLOCK_FRAMES = 1 << 15  # four seconds at 8 kHz: a damaged file loses no more than its damage
_RELEASED_BLOCKS = 256  # 64 MB of two channels at 8 kHz
_RATES_HZ = (4_000, 384_000)  # headers outside these open without an error, and mean damage
_CLIPPED_AT = 0.995  # of full scale; mu-law's own full scale reads 0.980, so see `_full_scale`
_POSSIBLE = 8.0  # a float file may run over full scale a little; a value beyond this is damage
_MAX_CHANNELS = 2
_PART = 60 * 8_000  # a minute at the rate of the analysis
_LEAST_S = 0.1
_MISSING_TOLERANCE_S = 0.5  # an MP3's length is an estimate, good to some frames


@dataclass(frozen=True)
class Recording:
    """A readable recording of one or two channels, checked whole: its samples were counted and hashed.

    `clipped` is the share of samples at full scale, per channel.
    """

    path: Path
    rate_hz: int
    channels: int
    frames: int
    sha256: str
    clipped: tuple[float, ...]
    _spool: Spool = field(default_factory=Spool, repr=False, compare=False)

    @property
    def duration_s(self) -> float:
        return self.frames / self.rate_hz

    def samples(self, rate_hz: int) -> np.ndarray:
        """Float32 `[channels, samples]` resampled to `rate_hz`."""
        return resample_blocks(self._blocks(), self.channels, self.rate_hz, rate_hz, self.frames)

    def reader(self, rate_hz: int) -> SpanReader:
        """Spans of what `samples` gives, without holding the whole of it."""
        return SpanReader(self._blocks, self.channels, self.rate_hz, rate_hz)

    def _blocks(self) -> Iterator[np.ndarray]:
        """The recording once more; it was read to its end before, so what fails now happened since."""
        try:
            yield from _blocks(self.path)
        except (sf.SoundFileError, OSError):
            raise UnreadableRecording(
                f"{self.path}: could be read before and no longer can; keep the file in its place while it is analysed"
            ) from None

    def _passing(self) -> Iterator[np.ndarray]:
        """The recording's blocks, while what was made of those before leaves the memory now and then."""
        for count, block in enumerate(self._blocks(), 1):
            yield block
            if count % _RELEASED_BLOCKS == 0:
                self.release()

    @cached_property
    def analysis(self) -> np.ndarray:
        """The samples at the rate of the analysis, 8 kHz, kept for the rooms that share them.

        Of a long call they lie in a temporary file. Raises `UnreadableRecording` where the disk has no room.
        """
        try:
            return resample_blocks(self._passing(), self.channels, self.rate_hz, 8_000, self.frames, self._spool.room)
        except OSError as why:
            raise UnreadableRecording(
                f"{self.path}: lasts {self.duration_s / 3600:.1f} hours, and there is no room for its samples in "
                f"{tempfile.gettempdir()} ({why.strerror}); make room there, or set TMPDIR to another folder"
            ) from None

    def analysis_blocks(self) -> Iterator[np.ndarray]:
        """`analysis` in parts of a minute, in order; of a long call only one is in memory."""
        for start in range(0, self.analysis.shape[1], _PART):
            yield self.analysis[:, start : start + _PART]
            self.release()

    def release(self) -> None:
        """Take from memory what of `analysis` lies in a file."""
        self._spool.release()


def open_recording(path: Path | str) -> Recording:
    """Decode `path` once from end to end and describe it.

    Raises a RecordingError of the fitting class, whose text names the file, the cause and the cure.
    """
    path = Path(path)
    _check_file(path)
    try:
        with sf.SoundFile(os.fsencode(path)) as file:
            rate_hz, channels, promised, subtype = file.samplerate, file.channels, file.frames, file.subtype
    except (sf.SoundFileError, OSError, TypeError) as why:
        raise UnreadableRecording(
            f"{path}: not a recording that can be decoded ({_short(why)}); readable are {SUPPORTED}"
        ) from None
    _check_header(path, rate_hz, channels, promised)
    digest, frames, clipped = _survey(path, rate_hz, channels, subtype)
    _check_length(path, frames, promised, rate_hz)
    return Recording(path, rate_hz, channels, frames, digest, clipped)


def _check_file(path: Path) -> None:
    try:
        if not path.exists():
            raise MissingRecording(f"{path}: there is no such file; check the path")
        if path.is_dir():
            raise MissingRecording(f"{path}: this is a folder; name the recordings in it, for example {path}/*.wav")
        if not path.is_file():
            raise MissingRecording(f"{path}: not a regular file; name a recording")
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as why:
        raise UnreadableRecording(f"{path}: cannot be opened ({why.strerror}); check its permissions") from None
    if size == 0:
        raise EmptyRecording(f"{path}: the file is empty (0 bytes); copy it again from the recorder")


def _check_header(path: Path, rate_hz: int, channels: int, promised: int) -> None:
    low, high = _RATES_HZ
    if not low <= rate_hz <= high:
        raise UnreadableRecording(
            f"{path}: its header claims {rate_hz} samples a second, outside {low} to {high}; the header is damaged"
        )
    if promised == 0:
        raise EmptyRecording(
            f"{path}: its header promises no audio (0 samples); the recorder may have stopped before it finished"
        )
    if channels > _MAX_CHANNELS:
        raise ChannelCountError(
            f"{path}: {channels} channels, and a call has one or two; choose two, for example with "
            f"`sox {path.name} call.wav remix 1 2`"
        )


def _check_length(path: Path, frames: int, promised: int, rate_hz: int) -> None:
    if frames == 0:
        raise EmptyRecording(f"{path}: no audio could be decoded from it; copy it again from the recorder")
    if frames < _LEAST_S * rate_hz:
        raise EmptyRecording(
            f"{path}: it lasts {1000 * frames / rate_hz:.1f} ms, too short to hold a voice; check the file"
        )
    if (promised - frames) / rate_hz > _MISSING_TOLERANCE_S:
        raise _truncated(path, f"its header promises {promised / rate_hz:.1f} s", frames / rate_hz)
    if cut := cut_short(path):
        raise _truncated(path, cut, frames / rate_hz)


def _truncated(path: Path, evidence: str, left_s: float) -> TruncatedRecording:
    return TruncatedRecording(
        f"{path}: the recording is cut short ({evidence}; {left_s:.1f} s can be read); copy it again from the "
        "recorder, or re-encode it to analyse what is left"
    )


def _blocks(path: Path) -> Iterator[np.ndarray]:
    """Float32 `[samples, channels]` blocks until the file gives no more.

    What is no sample at all (not a number, or far beyond full scale) is silence: one of them would drown the call.
    """
    with sf.SoundFile(os.fsencode(path)) as file:
        while len(block := file.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)):
            block[~(np.abs(block) <= _POSSIBLE)] = 0.0
            yield block


def _survey(path: Path, rate_hz: int, channels: int, subtype: str) -> tuple[str, int, tuple[float, ...]]:
    """The samples' sha256, their count, and the share at full scale in each channel."""
    digest = hashlib.sha256(f"{rate_hz} {channels} ".encode())
    frames, at_limit, limit = 0, np.zeros(channels), _full_scale(subtype)
    try:
        for block in _blocks(path):
            digest.update(np.ascontiguousarray(block, "<f4").tobytes())
            frames += len(block)
            at_limit += (np.abs(block) >= limit).sum(axis=0)
    except (sf.SoundFileError, OSError):
        raise _truncated(path, "decoding fails before its end", frames / rate_hz) from None
    return digest.hexdigest(), frames, tuple(float(share) for share in at_limit / max(frames, 1))


def _full_scale(subtype: str) -> float:
    """Where a coding clips: G.711's largest codes decode to 0.980 (mu-law) and 0.984 (A-law)."""
    return {"ULAW": 0.979, "ALAW": 0.983}.get(subtype, _CLIPPED_AT)


def _short(why: BaseException) -> str:
    """The decoder's own words where they help; it calls damage a missing file, or an internal error."""
    text = str(why).rpartition(": ")[2].strip().rstrip(".")
    if not text or any(words in text for words in ("does not exist", "nternal error", "struct incomplete")):
        return "it is damaged, or no audio at all"
    return text[:1].lower() + text[1:]


__all__ = ["SUPPORTED", "Recording", "RecordingError", "open_recording"]
