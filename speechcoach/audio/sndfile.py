"""What libsndfile reads, through soundfile: most recordings, whole or damaged.

WAV in PCM of 8 to 32 bits, float, mu-law, A-law, GSM and ADPCM, FLAC, MP3, Ogg Vorbis and Opus, and the same codings
without a header. A WAV that its recorder never finished is read with the sizes put right, an Ogg with lost pages run
by run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile as sf

from speechcoach.audio.headerless import Raw
from speechcoach.audio.mpeg import frames_of
from speechcoach.audio.ogg import Stream, stream_of
from speechcoach.audio.riff import Wav, wav_of
from speechcoach.audio.sound import BLOCK, DecodingFailed, Lost, NotDecodable, Sound, filled, silence
from speechcoach.audio.splicing import spliced

_NAME = "soundfile"
_Opener = Callable[[], sf.SoundFile]


def opened(path: Path, raw: Raw | None = None) -> Sound:
    """The recording as libsndfile reads it. Raises NotDecodable."""
    if raw is not None:
        return _sound(_opener(path, raw))
    wav = wav_of(path)
    if wav is not None and wav.is_unfinished:
        return _sound(lambda: sf.SoundFile(spliced(path, wav.mended())), _told(wav))
    if (frames := frames_of(path)) is not None:
        return _sound(lambda: sf.SoundFile(spliced(path, frames.parts)), (), frames.holes)
    sound = _sound(_opener(path))
    stream = stream_of(path) if sound.coding in ("VORBIS", "OPUS") else None
    if stream is None or (len(stream.runs) == 1 and not stream.starts_late):
        return sound
    return replace(sound, blocks=lambda lost: _by_runs(path, stream, sound, lost))


def _sound(opener: _Opener, notes: tuple[str, ...] = (), holes: tuple[tuple[int, int], ...] = ()) -> Sound:
    try:
        with opener() as file:
            shape = file.samplerate, file.channels, file.frames, file.subtype
    except (sf.SoundFileError, OSError, TypeError, ValueError) as why:
        raise NotDecodable(_short(why)) from None
    return Sound(*shape, _NAME, lambda lost: filled(_blocks(opener), holes, lost), notes)


def _opener(path: Path, raw: Raw | None = None) -> _Opener:
    if raw is None:
        return lambda: sf.SoundFile(os.fsencode(path))
    form = {"format": "RAW", "subtype": raw.subtype, "endian": raw.endian}
    return lambda: sf.SoundFile(os.fsencode(path), samplerate=raw.rate_hz, channels=raw.channels, **form)


def _blocks(opener: _Opener) -> Iterator[np.ndarray]:
    try:
        with opener() as file:
            while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
                yield block
    except (sf.SoundFileError, OSError) as why:
        raise DecodingFailed(_short(why)) from None


def _by_runs(path: Path, stream: Stream, sound: Sound, lost: Lost) -> Iterator[np.ndarray]:
    """Each run of whole pages where its granules say, and silence between."""
    at = 0
    for run in stream.runs:
        try:
            with sf.SoundFile(spliced(path, run.parts)) as file:
                start = stream.frame(run.end, sound.rate_hz) - file.frames
                if start > at:
                    lost.append((at, start - at))
                    yield from silence(start - at, sound.channels)
                    at = start
                while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
                    yield block
                    at += len(block)
        except (sf.SoundFileError, OSError):
            continue  # too short to be anything: the next run tells how much is lost


def _told(wav: Wav) -> tuple[str, ...]:
    """What the header says wrongly; a stream's largest number for a length is usual, and hides nothing."""
    if wav.is_streamed and wav.claimed:
        return ()
    told = f"tells of {wav.claimed:,} bytes of audio" if wav.claimed else "tells of no audio"
    return (f"the recorder did not finish the file: its header {told}, and all {wav.there:,} bytes there were read",)


def _short(why: BaseException) -> str:
    """The decoder's own words where they help; it calls damage a missing file, or an internal error."""
    text = str(why).rpartition(": ")[2].strip().rstrip(".")
    if not text or any(words in text for words in ("does not exist", "nternal error", "struct incomplete")):
        return "it is damaged, or no audio at all"
    return text[:1].lower() + text[1:]
