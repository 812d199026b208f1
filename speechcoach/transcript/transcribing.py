"""From spans of speech to a transcript: pack, tell the language, recognise, doubt, map back.

Conventions: `channels` is float32 `[channels, n]` at 16 kHz, or a callable (channel, Span) -> float32
`[n]` at 16 kHz for recordings too long to hold. It is asked in rising time, give or take four minutes:
once for the speech that stands in sentences, once for what stands alone, and for the few spans in which nothing
was heard.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from speechcoach.records import Span, Word
from speechcoach.transcript import alone, wordless
from speechcoach.transcript.alone import Alone
from speechcoach.transcript.doubt import believable, is_speech
from speechcoach.transcript.engine import RATE_HZ, WINDOW_S, Engine, Heard, Passage
from speechcoach.transcript.leaks import leaks, level_db, once
from speechcoach.transcript.packing import Read, Window, apart, is_short, pack, samples, unpack

# Below this the language is not told, and words in a wrong language are worse than none: noise and
# hold music alone mostly stay under .6, speech of 20 s has .98 and more.
LANGUAGE_PROBABILITY = 0.6
# A stretch is in another language than the call where that is as sure as this, over so much speech.
OTHER_PROBABILITY, OTHER_S = 0.9, 8.0
# Windows recognised together, so that the decoder's weights are read from memory once for all.
BATCH = 8
# Spans in which nothing was heard are read again, among their like, unless shorter than any word.
AGAIN_S = 0.3
# Where a decoder went round in circles, it gets half a window, and then a quarter, and searches more thoroughly.
SHORTER_S = (WINDOW_S / 2, WINDOW_S / 4, WINDOW_S / 4)
# Nobody says nothing for as long as this: such a span is read a second and a third time.
SURELY_S = 2.0
# A channel without as many words has no listener, and what sounds like a token is none.
LEAST_WORDS = 2

Progress = Callable[[float, float], None]
"""(seconds of speech done, seconds of speech in all); the second may grow once."""


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """A stretch that `speaker` says in another language than the call's, and how sure that is (0-1)."""

    speaker: str
    start_s: float
    end_s: float
    language: str
    probability: float


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
    others: tuple[OtherLanguage, ...] = ()


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
    if not any(spans):
        return Transcript(language, None, tuple(() for _ in spans), engine.name, "no speech was found")
    job = _Job(engine, read, spans, progress or (lambda done_s, total_s: None), language)
    job.run_all()
    words = once([job.words(channel, name) for channel, name in enumerate(speakers)], job.level_db)
    if not any(words):
        why = job.why or "nothing in the spans reads as speech"
        return Transcript(language, job.probability, words, engine.name, why)
    others = (OtherLanguage(speakers[where], *what) for where, *what in sorted(job.others))
    return Transcript(job.language, job.probability, words, engine.name, others=tuple(others))


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
    spans: Sequence[Sequence[Span]]
    progress: Progress
    language: str | None
    probability: float | None = None
    why: str = ""
    done_s: float = 0.0
    total_s: float = 0.0
    heard: dict[tuple[int, Span], list[Heard]] = field(default_factory=dict)
    tokens: set[tuple[int, Span]] = field(default_factory=set)  # told by their sound
    unfinished: list[tuple[int, Span]] = field(default_factory=list)
    silent: list[tuple[int, Span]] = field(default_factory=list)
    postponed: list[Window] = field(default_factory=list)  # before the language was told: music, perhaps
    others: list[tuple[int, float, float, str, float]] = field(default_factory=list)
    longest_s: float = WINDOW_S  # of a window; less for what was too much at once
    named: bool = False  # the language was given, and is not asked for

    def __post_init__(self) -> None:
        self.named = self.language is not None

    def run_all(self) -> None:
        """Sentences first, since they tell the language; then what stands alone, and what was not heard."""
        sides = [apart(of) for of in self.spans]
        windows = pack([within for within, _ in sides], self.read)
        lone = [(group, channel) for channel, (_, groups) in enumerate(sides) for group in groups]
        self.total_s = sum(window.speech_s for window in windows) + sum(_speech_s(group) for group, _ in lone)
        self.run(windows)
        short = [key for key in self.silent if is_short(key[1:])]
        self.silent = [key for key in self.silent if key not in short]
        self.run_alone(sorted([*lone, *(((span,), channel) for channel, span in short)]))
        if self.language is not None:
            self.run(self.postponed)
            for self.longest_s in SHORTER_S:
                self.run(self.again())

    def run(self, windows: Sequence[Window]) -> None:
        """Recognise the windows; those in which the language is unclear are postponed."""
        for batch in _batches(windows):
            encoded = self.engine.encode([samples(window, self.read) for window in batch])
            told = [] if self.named else self.engine.languages(encoded)
            language = self.language or self._told(told, [window.speech_s for window in batch])
            passages = self._decoded(encoded, language, told, batch) if language else []
            if self.language is None and not any(map(is_speech, passages)):
                self.postponed += batch
                continue
            self.language = language
            for window, passage in zip(batch, passages, strict=True):
                self._keep(window, passage)
            self._done(sum(window.speech_s for window in batch))

    def run_alone(self, lone: Sequence[tuple[tuple[Span, ...], int]]) -> None:
        """Recognise groups of spans by themselves, each in its cell."""
        usual = [wordless.usual_shape(of, channel, self.read) for channel, of in enumerate(self.spans)]
        known = None
        for part in _batches(lone, alone.CELLS):
            seconds = sum(_speech_s(group) for group, _ in part)
            cells = [self._alone(group, channel, usual[channel]) for group, channel in part]
            encoded, cut = alone.encode(self.engine, cells, self.read)
            if self.language is None:
                self.language = self._told(self.engine.languages(encoded), [seconds])
            if self.language is not None:
                known = alone.answers(self.language) if known is None else known
                for cell, passage in zip(cells, self.engine.decode(cut, self.language, alone.TOKENS), strict=True):
                    self._keep_alone(cell, alone.heard_in(cell, passage, known))
            self._done(seconds)

    def again(self) -> list[Window]:
        """Windows of what was not heard: in another company, and shorter where it was too much."""
        windows = []
        for keys, longest_s in ((self.silent, WINDOW_S), (self.unfinished, self.longest_s)):
            spans = [[span for where, span in keys if where == channel] for channel in range(len(self.spans))]
            windows += pack(spans, self.read, longest_s)
        for key in self.unfinished:
            del self.heard[key]  # shorter windows may cut the span in others
        self.unfinished.clear()
        self.silent.clear()
        self.total_s += sum(window.speech_s for window in windows)
        return windows

    @property
    def first(self) -> bool:
        """What is read now was not read before."""
        return self.longest_s == WINDOW_S

    def words(self, channel: int, speaker: str) -> tuple[Word, ...]:
        """The channel's words in order of time; tokens only where words were heard too."""
        keys = sorted(key for key in self.heard if key[0] == channel)
        if sum(len(self.heard[key]) for key in keys if key not in self.tokens) < LEAST_WORDS:
            keys = [key for key in keys if key not in self.tokens]
        return tuple(
            Word(speaker, word.start_s, word.end_s, word.text, word.probability, word.closes)
            for key in keys
            for word in self.heard[key]
        )

    def level_db(self, channel: int, span: Span) -> float:
        return level_db(self.read(channel, span))

    def _done(self, seconds: float) -> None:
        self.done_s += seconds
        self.progress(self.done_s, max(self.total_s, self.done_s))

    def _told(self, told: Sequence[Mapping[str, float]], seconds: Sequence[float]) -> str | None:
        """The language, by the mean over windows that tell one, each weighing as much as it holds speech."""
        codes = sorted({code for one in told for code in one})
        if not codes:
            return "en"  # the only language of a model that tells none
        chances = np.array([[one.get(code, 0.0) for code in codes] for one in told])
        clear = chances.max(axis=1) >= LANGUAGE_PROBABILITY  # the others are music, perhaps
        weights = np.asarray(seconds) * (clear if clear.any() else 1.0)
        mean = np.average(chances, axis=0, weights=weights)
        best, self.probability = codes[int(mean.argmax())], float(mean.max())
        if self.probability >= LANGUAGE_PROBABILITY:
            return best
        self.why = (
            f"the language is unclear ({best!r} has probability {self.probability:.2f}, and "
            f"{LANGUAGE_PROBABILITY} is needed): name it with --language if this is speech"
        )
        return None

    def _decoded(
        self, encoded: Any, language: str, told: Sequence[Mapping[str, float]], windows: Sequence[Window]
    ) -> list[Passage]:
        """The passages; a window that is surely in another language is decoded once more, in that."""
        passages = list(self.engine.decode(encoded, language, thoroughly=not self.first))
        for place, (window, chances) in enumerate(zip(windows, told, strict=False)):
            best = max(chances, key=chances.__getitem__, default=language)
            if best == language or chances[best] < OTHER_PROBABILITY or window.speech_s < OTHER_S:
                continue
            (again,) = self.engine.decode(self.engine.encode([samples(window, self.read)]), best)
            if is_speech(again) and again.mean_logprob > passages[place].mean_logprob:
                passages[place] = again
                first, last = window.pieces[0].span, window.pieces[-1].span
                self.others.append((window.channel, first.start_s, last.end_s, best, chances[best]))
        return passages

    def _keep(self, window: Window, passage: Passage) -> None:
        spoken = is_speech(passage)
        for piece, words in zip(window.pieces, unpack(window, passage.words), strict=True):
            key = window.channel, piece.span
            sure = spoken and believable(words, piece.span) and not leaks(*key, self.spans, self.read)
            self.heard[key] = words if sure else []
            if passage.unfinished or (not spoken and not self.first):
                self.unfinished.append(key)
            elif spoken and not words and piece.span.duration_s >= (AGAIN_S if self.first else SURELY_S):
                self.silent.append(key)

    def _alone(self, group: tuple[Span, ...], channel: int, usual: np.ndarray) -> Alone:
        """The group with what is heard and known around it: who speaks next, and whether it sounds like a token."""
        own_s = _next_start(self.spans[channel], group[-1])
        listens = any(_next_voice(of, group[-1]) < own_s for other, of in enumerate(self.spans) if other != channel)
        tokens = (wordless.token_in(self.read(channel, span), usual) for span in group)
        return Alone(channel, group, listens, tuple(tokens))

    def _keep_alone(self, cell: Alone, heard: Sequence[list[Heard]]) -> None:
        for span, words, token in zip(cell.spans, heard, cell.tokens, strict=True):
            key = cell.channel, span
            self.heard[key] = [] if words and leaks(*key, self.spans, self.read) else words
            if token is not None and [word.text for word in words] == [token.text]:
                self.tokens.add(key)


def _speech_s(spans: Sequence[Span]) -> float:
    return sum(span.duration_s for span in spans)


def _next_start(spans: Sequence[Span], after: Span) -> float:
    place = bisect_left(spans, after.end_s, key=lambda span: span.start_s)
    return spans[place].start_s if place < len(spans) else np.inf


def _next_voice(spans: Sequence[Span], after: Span) -> float:
    """When the channel's voice is heard that is there after `after`: it may have begun before."""
    place = bisect_left(spans, after.end_s, key=lambda span: span.end_s)
    return spans[place].start_s if place < len(spans) else np.inf


def _batches(items: Sequence[Any], size: int = BATCH) -> Iterator[Sequence[Any]]:
    for first in range(0, len(items), size):
        yield items[first : first + size]
