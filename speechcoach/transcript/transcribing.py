"""From spans of speech to a transcript: pack, tell the language once, recognise, doubt, map back.

Conventions: `channels` is float32 `[channels, n]` at 16 kHz, or a callable (channel, Span) -> float32
`[n]` at 16 kHz for recordings too long to hold. It is asked in rising time, give or take two minutes,
once for the call and once more for the few spans in which nothing was heard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from speechcoach.records import Span, Word
from speechcoach.transcript.doubt import believable, is_speech
from speechcoach.transcript.engine import RATE_HZ, WINDOW_S, Engine, Heard, Passage
from speechcoach.transcript.packing import Read, Window, pack, samples, unpack

# Below this the language is not told, and words in a wrong language are worse than none: noise and
# hold music alone mostly stay under .6, speech of 20 s has .98 and more.
LANGUAGE_PROBABILITY = 0.6
# Windows recognised together, so that the decoder's weights are read from memory once for all.
BATCH = 4
# Spans in which nothing was heard are read again, among their like, unless shorter than any word.
AGAIN_S = 0.3

Progress = Callable[[float, float], None]
"""(seconds of speech done, seconds of speech in all); the second may grow once."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said: one tuple of words a channel, and `why` there are none where nothing was tried.

    `language_probability` is None where the language was given or the model knows only one.
    """

    language: str | None
    language_probability: float | None
    words: tuple[tuple[Word, ...], ...]
    engine: str
    why: str = ""


def transcribe(
    channels: np.ndarray | Read,
    spans: Sequence[Sequence[Span]],
    engine: Engine,
    *,
    speakers: Sequence[str],
    language: str | None = None,
    progress: Progress | None = None,
) -> Transcript:
    """The words in `spans` (one list a channel), said by `speakers` (one name a channel).

    `language` is a code such as "en"; None tells it once for the call, from its first windows that are
    speech. Raises `WeightsError` when the engine's model cannot be loaded.
    """
    if len(speakers) != len(spans):
        raise ValueError(f"{len(spans)} channels of spans need as many speakers, not {len(speakers)}")
    read = channels if callable(channels) else array_reader(channels)
    job = _Job(engine, read, progress or (lambda done_s, total_s: None), language)
    windows = [window for channel, of in enumerate(spans) for window in pack(of, channel, read)]
    if not windows:
        return Transcript(language, None, tuple(() for _ in spans), engine.name, "no speech was found")
    job.run(windows)
    if job.language is not None:
        job.run(job.postponed)
        job.run(job.again())
    words = tuple(job.words(channel, speaker) for channel, speaker in enumerate(speakers))
    if any(words):
        return Transcript(job.language, job.probability, words, engine.name)
    return Transcript(language, job.probability, words, engine.name, job.why or "nothing in the spans reads as speech")


def array_reader(channels: np.ndarray) -> Read:
    """A reader over float32 `[channels, n]` at 16 kHz held in memory."""

    def read(channel: int, span: Span) -> np.ndarray:
        return channels[channel, round(span.start_s * RATE_HZ) : round(span.end_s * RATE_HZ)]

    return read


@dataclass(slots=True)
class _Job:
    """One call on its way through the engine; what was heard, by channel and span."""

    engine: Engine
    read: Read
    progress: Progress
    language: str | None
    probability: float | None = None
    why: str = ""
    done_s: float = 0.0
    heard: dict[tuple[int, Span], list[Heard]] = field(default_factory=dict)
    unfinished: list[tuple[int, Span]] = field(default_factory=list)
    silent: list[tuple[int, Span]] = field(default_factory=list)
    postponed: list[Window] = field(default_factory=list)  # before the language was told: music, perhaps

    def run(self, windows: Sequence[Window]) -> None:
        """Recognise the windows; those in which the language is unclear are postponed."""
        windows = sorted(windows, key=lambda window: window.pieces[0].span)
        total_s = self.done_s + sum(window.speech_s for window in windows)
        for batch in _batches(windows):
            encoded = self.engine.encode([samples(window, self.read) for window in batch])
            language = self.language or self._told(self.engine.languages(encoded), batch)
            passages = self.engine.decode(encoded, language) if language else []
            if self.language is None and not any(map(is_speech, passages)):
                self.postponed += batch
                continue
            self.language = language
            for window, passage in zip(batch, passages, strict=True):
                self._keep(window, passage)
            self.done_s += sum(window.speech_s for window in batch)
            self.progress(self.done_s, total_s)

    def again(self) -> list[Window]:
        """Windows of what was not heard: in another company, and shorter where it was too much."""
        windows = []
        for again, longest_s in ((self.silent, WINDOW_S), (self.unfinished, WINDOW_S / 2)):
            for channel in sorted({where for where, _ in again}):
                windows += pack([span for where, span in again if where == channel], channel, self.read, longest_s)
        for key in self.unfinished:
            del self.heard[key]  # shorter windows may cut the span in others
        self.unfinished.clear()
        return windows

    def words(self, channel: int, speaker: str) -> tuple[Word, ...]:
        """The channel's words in order of time."""
        spans = sorted(span for where, span in self.heard if where == channel)
        return tuple(
            Word(speaker, word.start_s, word.end_s, word.text, word.probability, word.closes)
            for span in spans
            for word in self.heard[channel, span]
        )

    def _told(self, told: Sequence[Mapping[str, float]], windows: Sequence[Window]) -> str | None:
        """The language, by the mean over windows, each weighing as much as it holds speech."""
        codes = sorted({code for one in told for code in one})
        if not codes:
            return "en"  # the only language of a model that tells none
        seconds = [window.speech_s for window in windows]
        mean = np.average([[one.get(code, 0.0) for code in codes] for one in told], axis=0, weights=seconds)
        best, self.probability = codes[int(mean.argmax())], float(mean.max())
        if self.probability >= LANGUAGE_PROBABILITY:
            return best
        self.why = (
            f"the language is unclear ({best!r} has probability {self.probability:.2f}, and "
            f"{LANGUAGE_PROBABILITY} is needed): name it with --language if this is speech"
        )
        return None

    def _keep(self, window: Window, passage: Passage) -> None:
        spoken = is_speech(passage)
        for piece, words in zip(window.pieces, unpack(window, passage.words), strict=True):
            key = window.channel, piece.span
            self.heard[key] = words if spoken and believable(words, piece.span) else []
            if passage.unfinished:
                self.unfinished.append(key)
            elif spoken and not words and piece.span.duration_s >= AGAIN_S:
                self.silent.append(key)


def _batches(windows: Sequence[Window]) -> Iterator[Sequence[Window]]:
    for first in range(0, len(windows), BATCH):
        yield windows[first : first + BATCH]
