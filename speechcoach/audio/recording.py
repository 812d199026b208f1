"""Open a recording and say in one sentence what is wrong with it, if anything is.

A recording is read to its end once: its samples are counted and hashed, and what a damaged file lost is known with its
seconds. What is lost in the middle is silence of the same length, so that no later time shifts.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from speechcoach.audio import decoding, opening
from speechcoach.audio.containers import cut_short
from speechcoach.audio.profiles import other_half
from speechcoach.audio.reading import SpanReader
from speechcoach.audio.resampling import resample_blocks
from speechcoach.audio.sides import Sides, both
from speechcoach.audio.sound import DecodingFailed, NotDecodable, Sound
from speechcoach.audio.spool import Spool
from speechcoach.audio.surveying import Survey, blocks_of, surveyed
from speechcoach.errors import EmptyRecording, TruncatedRecording, UnreadableRecording
from speechcoach.records import Channel, Span
from speechcoach.settings import Config

_RELEASED_BLOCKS = 256  # 64 MB of two channels at 8 kHz
_PART = 60 * 8_000  # a minute at the rate of the analysis
_LEAST_S = 0.1
_MOST_LOST = 0.5  # of a call: what is left then is no call any more, or was never decoded rightly
_LOSSES_TOLD = 5  # one by one; the rest as a sum
_MISSING_TOLERANCE_S = 0.5  # an MP3's length is an estimate, good to some frames


@dataclass(frozen=True)
class Recording:
    """A readable recording of one or two channels, checked whole: its samples were counted and hashed.

    `clipped` is the share of samples at full scale, per channel. `notes` are sentences on what was found in the file
    and how it was read, `lost` where audio is missing: silence stands there. Of a call in two files `path` is the
    left side's, and `sides` are both.
    """

    path: Path
    rate_hz: int
    channels: int
    frames: int
    sha256: str
    clipped: tuple[float, ...]
    _sound: Sound = field(repr=False, compare=False)
    notes: tuple[str, ...] = ()
    lost: tuple[Span, ...] = ()
    sides: Sides | None = None
    _spool: Spool = field(default_factory=Spool, repr=False, compare=False)

    @property
    def name(self) -> str:
        """What to call it: the file's name, or both."""
        return self.path.name if self.sides is None else self.sides.name

    @property
    def read_by(self) -> str:
        """The decoder, and the coding as it names it."""
        return f"{self._sound.read_by} ({self._sound.coding})"

    @property
    def duration_s(self) -> float:
        return self.frames / self.rate_hz

    def samples(self, rate_hz: int) -> np.ndarray:
        """Float32 `[channels, samples]` resampled to `rate_hz`."""
        return resample_blocks(self.blocks(), self.channels, self.rate_hz, rate_hz, self.frames)

    def reader(self, rate_hz: int) -> SpanReader:
        """Spans of what `samples` gives, without holding the whole of it."""
        return SpanReader(self.blocks, self.channels, self.rate_hz, rate_hz)

    def blocks(self) -> Iterator[np.ndarray]:
        """The recording once more; it was read to its end before, so what fails now happened since."""
        try:
            yield from blocks_of(self._sound, [])
        except (DecodingFailed, NotDecodable, OSError):
            raise UnreadableRecording(
                f"{self.path}: could be read before and no longer can; keep the file in its place while it is analysed"
            ) from None

    def _passing(self) -> Iterator[np.ndarray]:
        """The recording's blocks, while what was made of those before leaves the memory now and then."""
        for count, block in enumerate(self.blocks(), 1):
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


def open_recording(path: Path | str | Sides, config: Config | None = None) -> Recording:
    """Decode a file once from end to end and describe it; or two files, one of each side.

    Raises a RecordingError of the fitting class, whose text names the file, the cause and the cure.
    """
    config = config or Config()
    if isinstance(path, Sides):
        return _of_sides(path, config)
    recording = _of_file(Path(path), config)
    hint = other_half(recording.path) if recording.channels == 1 else None
    return replace(recording, notes=(*recording.notes, hint)) if hint else recording


def with_losses(channels: Sequence[Channel], recording: Recording) -> tuple[Channel, ...]:
    """The channels with the audio that the file lost told among their problems, with its seconds."""
    if not recording.lost:
        return tuple(channels)
    told = [f"{span.start_s:.1f}-{span.end_s:.1f} s" for span in recording.lost[:_LOSSES_TOLD]]
    more = len(recording.lost) - len(told)
    problem = f"lost audio at {', '.join(told)}{f' and {more} other places' if more else ''}"
    return tuple(replace(channel, problems=(*channel.problems, problem)) for channel in channels)


def _of_file(path: Path, config: Config) -> Recording:
    sound, survey = _surveyed(path, opening.opened(path, config), config.partial)
    _check_rest(path, survey, sound.rate_hz)
    notes = [*sound.notes, *_check_length(path, survey, sound, config.partial)]
    return _recording(path, sound, survey, notes)


def _of_sides(sides: Sides, config: Config) -> Recording:
    """The call as one recording: its id is of both files' ids, the left one's first, and of the delay."""
    left, right = (_of_file(path, config) for path in (sides.left, sides.right))
    joined = both(sides, left, right, config.customer_delay_s)
    survey = surveyed(joined.sound)
    text = f"two files {left.sha256} {right.sha256} {joined.delay_s:.6f}"
    own = {"clipped": (*left.clipped, *right.clipped), "lost": joined.lost}
    survey = replace(survey, sha256=hashlib.sha256(text.encode()).hexdigest(), **own)
    return replace(_recording(sides.left, joined.sound, survey, joined.notes), sides=sides)


def _recording(path: Path, sound: Sound, survey: Survey, notes: list[str]) -> Recording:
    spans = [Span(start / sound.rate_hz, (start + count) / sound.rate_hz) for start, count in survey.lost]
    told = [*notes, *map(_lost, spans[:_LOSSES_TOLD])]
    if len(spans) > _LOSSES_TOLD:
        rest_s = sum(span.duration_s for span in spans[_LOSSES_TOLD:])
        told.append(f"{rest_s:.1f} s more of the audio are lost at {len(spans) - _LOSSES_TOLD} other places")
    return Recording(
        path,
        sound.rate_hz,
        sound.channels,
        survey.frames,
        survey.sha256,
        survey.clipped,
        sound,
        tuple(told),
        tuple(spans),
    )


def _lost(span: Span) -> str:
    return (
        f"{span.duration_s:.1f} s of the audio are lost at {span.start_s:.1f}-{span.end_s:.1f} s: silence stands there"
    )


def _surveyed(path: Path, sound: Sound, partial: bool) -> tuple[Sound, Survey]:
    """The sound read to its end, by another decoder where the first one gives up at damage."""
    survey = surveyed(sound)
    if survey.whole:
        return sound, survey
    if (other := decoding.otherwise(path, sound)) is not None:
        again = surveyed(other)
        if again.frames > survey.frames and other.channels == sound.channels:
            return replace(other, promised=sound.promised or other.promised), again
    if not partial:
        raise _truncated(path, "decoding fails before its end", survey.frames / sound.rate_hz)
    return sound, survey


def _check_rest(path: Path, survey: Survey, rate_hz: int) -> None:
    """Raise where what could be decoded is the smaller part: it may be anything."""
    lost = sum(count for _, count in survey.lost)
    if lost > _MOST_LOST * survey.frames:
        raise UnreadableRecording(
            f"{path}: {lost / rate_hz:.0f} of its {survey.frames / rate_hz:.0f} s cannot be decoded; copy it again "
            "from the recorder, or export it as WAV"
        )


def _check_length(path: Path, survey: Survey, sound: Sound, partial: bool) -> list[str]:
    """What is missing at the end, as a note where the user takes the rest."""
    frames, rate_hz, promised = survey.frames, sound.rate_hz, sound.promised or 0
    if frames == 0:
        raise EmptyRecording(f"{path}: no audio could be decoded from it; copy it again from the recorder")
    if frames < _LEAST_S * rate_hz:
        raise EmptyRecording(
            f"{path}: it lasts {1000 * frames / rate_hz:.1f} ms, too short to hold a voice; check the file"
        )
    evidence = None
    if (promised - frames) / rate_hz > _MISSING_TOLERANCE_S:
        evidence = f"its header promises {promised / rate_hz:.1f} s"
    elif cut := cut_short(path):
        evidence = cut
    elif not survey.whole:
        evidence = "decoding fails before its end"
    if evidence is None:
        return []
    if not partial:
        raise _truncated(path, evidence, frames / rate_hz)
    return [f"the recording is cut short ({evidence}): only its first {frames / rate_hz:.1f} s are judged"]


def _truncated(path: Path, evidence: str, left_s: float) -> TruncatedRecording:
    return TruncatedRecording(
        f"{path}: the recording is cut short ({evidence}; {left_s:.1f} s can be read); copy it again from the "
        "recorder, or analyse what is left with --partial"
    )
