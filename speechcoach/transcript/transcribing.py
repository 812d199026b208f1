"""From spans of speech to a transcript: pack, tell the language once, recognise, doubt, map back.

Conventions: `channels` is float32 `[channels, n]` at 16 kHz, or a callable (channel, Span) -> float32
`[n]` at 16 kHz for recordings too long to hold. It is asked in rising time, give or take a window a
channel, so a reader over a stream needs to keep about a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from speechcoach.records import Span, Word
from speechcoach.transcript.doubt import believable
from speechcoach.transcript.engine import RATE_HZ, Engine
from speechcoach.transcript.packing import Read, Window, pack, samples, unpack

# Below this the language is not told, and words in a wrong language are worse than none: noise and
# hold music come out as "nn" or "jw" at .1 to .5, speech of 30 s at .9 and more.
LANGUAGE_PROBABILITY = 0.6
# Windows recognised together: the decoder's weights are read once for all of them.
BATCH = 4

Progress = Callable[[float, float], None]
"""(seconds of speech done, seconds of speech in all)"""


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

    `language` is a code such as "en"; None tells it once for the call, from its first windows. Raises
    `WeightsError` when the engine's model cannot be loaded.
    """
    if len(speakers) != len(spans):
        raise ValueError(f"{len(spans)} channels of spans need as many speakers, not {len(speakers)}")
    read = channels if callable(channels) else array_reader(channels)
    windows = [window for channel, of in enumerate(spans) for window in pack(of, channel, read)]
    windows.sort(key=lambda window: window.pieces[0].span)
    words: list[list[Word]] = [[] for _ in spans]
    if not windows:
        return Transcript(language, None, _frozen(words), engine.name, "no speech was found")

    total_s, done_s, probability = sum(window.speech_s for window in windows), 0.0, None
    for batch in _batches(windows):
        encoded = engine.encode([samples(window, read) for window in batch])
        if language is None:
            language, probability = _language(engine.languages(encoded), batch)
            if probability is not None and probability < LANGUAGE_PROBABILITY:
                why = f"the language is unclear: {language} at {probability:.2f}, {LANGUAGE_PROBABILITY} is needed"
                return Transcript(None, probability, _frozen(words), engine.name, why)
        for window, passage in zip(batch, engine.decode(encoded, language), strict=True):
            for piece, heard in zip(window.pieces, unpack(window, passage.words), strict=True):
                for h in believable(heard, piece.span, passage):
                    words[window.channel].append(
                        Word(speakers[window.channel], h.start_s, h.end_s, h.text, h.probability)
                    )
            done_s += window.speech_s
        if progress:
            progress(done_s, total_s)
    return Transcript(language, probability, _frozen(words), engine.name)


def array_reader(channels: np.ndarray) -> Read:
    """A reader over float32 `[channels, n]` at 16 kHz held in memory."""

    def read(channel: int, span: Span) -> np.ndarray:
        return channels[channel, round(span.start_s * RATE_HZ) : round(span.end_s * RATE_HZ)]

    return read


def _batches(windows: Sequence[Window]) -> Iterator[Sequence[Window]]:
    for first in range(0, len(windows), BATCH):
        yield windows[first : first + BATCH]


def _language(told: Sequence[Mapping[str, float]], windows: Sequence[Window]) -> tuple[str, float | None]:
    """The language of the call: the mean over windows, each weighing as much as it holds speech."""
    codes = {code for one in told for code in one}
    if not codes:
        return "en", None  # an English-only model
    seconds = np.array([window.speech_s for window in windows])
    mean = {code: float(np.average([one.get(code, 0.0) for one in told], weights=seconds)) for code in codes}
    best = max(mean, key=mean.__getitem__)
    return best, mean[best]


def _frozen(words: Sequence[Sequence[Word]]) -> tuple[tuple[Word, ...], ...]:
    return tuple(tuple(one) for one in words)
