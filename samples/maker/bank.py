"""The story's phrases on one tape, and turns put together from them: no voice is needed to make the calls.

A phrase is one sentence in one reading. Its times in the index are seconds on the tape, its words' times seconds from
the phrase's start. The tape is mono at the telephone's rate and band, in Opus.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile

from maker.phonemes import sentences
from maker.problems import SampleError
from maker.prosody import FRAME_S
from maker.script import CallScript, TurnScript
from maker.timeline import RATE_HZ, Spoken
from maker.voices import SpokenWord

TAPE, INDEX = "bank.opus", "bank.json"
BLOCK_S = 60
MARGIN_S = 0.03  # around a phrase: Opus spreads its edges


@dataclass(frozen=True)
class Reading:
    """One sentence as one voice says it; `rate`, `pitch_st` and `contour` as of a speaker's manner."""

    voice: str
    text: str
    rate: float = 1.0
    pitch_st: float = 0.0
    contour: float = 1.0


@dataclass(frozen=True)
class Phrase:
    """Where a reading lies on the tape, and its words from its start."""

    start_s: float
    end_s: float
    words: tuple[SpokenWord, ...]


@dataclass(frozen=True, eq=False)
class Bank:
    """The tape, float32 [n] at 8 kHz, and what is on it."""

    samples: np.ndarray
    phrases: dict[Reading, Phrase]

    def say(self, turn: TurnScript, call: CallScript) -> Spoken:
        """A turn put together from its sentences, with its pause between them. Its F0 is not known: 0."""
        pause = np.zeros(round(turn.pause_s * RATE_HZ))
        parts: list[np.ndarray] = []
        words: list[SpokenWord] = []
        for reading in readings(turn, call):
            parts += [pause] * bool(parts)
            samples, own = self._phrase(reading)
            words += [word.shifted(sum(map(len, parts)) / RATE_HZ) for word in own]
            parts.append(samples)
        samples = np.concatenate(parts)
        return samples, tuple(words), np.zeros(len(samples) // round(FRAME_S * RATE_HZ) + 1)

    def _phrase(self, reading: Reading) -> tuple[np.ndarray, list[SpokenWord]]:
        """Samples with a margin on both sides, and words from their first sample."""
        try:
            phrase = self.phrases[reading]
        except KeyError:
            raise SampleError(
                f"{reading.voice} does not say {reading.text!r} in the bank; make it again: python samples/make_bank.py"
            ) from None
        first, last = round((phrase.start_s - MARGIN_S) * RATE_HZ), round((phrase.end_s + MARGIN_S) * RATE_HZ)
        return self.samples[first:last].astype(np.float64), [word.shifted(MARGIN_S) for word in phrase.words]


def readings(turn: TurnScript, call: CallScript) -> list[Reading]:
    """What a turn needs, sentence by sentence."""
    manner = call.speakers[turn.speaker]
    style = (manner.rate * turn.rate, manner.pitch_st + turn.pitch_st, manner.contour * turn.contour)
    return [Reading(manner.voice, text, *style) for text in sentences(turn.say)]


def readings_of(calls: Iterable[CallScript]) -> list[Reading]:
    """What all the calls need, each once, by voice."""
    needed = dict.fromkeys(reading for call in calls for turn in call.turns for reading in readings(turn, call))
    return sorted(needed, key=lambda reading: reading.voice)


def read_bank(folder: Path) -> Bank:
    """The tape and its index."""
    index = json.loads((folder / INDEX).read_text("utf-8"))
    phrases = {Reading(*entry[:5]): Phrase(*entry[5:7], _words(entry[1], entry[7])) for entry in index["phrases"]}
    with soundfile.SoundFile(folder / TAPE) as tape:
        if tape.samplerate != RATE_HZ:
            raise SampleError(f"{folder / TAPE} is at {tape.samplerate} Hz in place of {RATE_HZ}; make the bank again")
        samples = np.concatenate(list(tape.blocks(BLOCK_S * RATE_HZ, dtype="float32")))
    return Bank(samples, phrases)


def index_text(phrases: dict[Reading, Phrase], voices: dict[str, str]) -> str:
    """The index as JSON, one phrase a line: reading, start, end, and for each word start, end and syllables."""
    lines = [
        json.dumps([*asdict(reading).values(), phrase.start_s, phrase.end_s, _figures(phrase)], ensure_ascii=False)
        for reading, phrase in phrases.items()
    ]
    told = json.dumps(voices, ensure_ascii=False, indent=1)
    return f'{{"voices": {told},\n"phrases": [\n' + ",\n".join(lines) + "\n]}\n"


def _figures(phrase: Phrase) -> list[list[float]]:
    return [[round(word.start_s, 3), round(word.end_s, 3), word.syllables] for word in phrase.words]


def _words(text: str, figures: list[list[float]]) -> tuple[SpokenWord, ...]:
    return tuple(
        SpokenWord(word, int(syllables), start_s, end_s)
        for word, (start_s, end_s, syllables) in zip(text.split(), figures, strict=True)
    )
