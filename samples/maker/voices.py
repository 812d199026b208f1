"""The voices by name, and a turn's words spoken by one of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from maker import engines
from maker.phonemes import phonemize, sentences, syllables
from maker.problems import SampleError

EDGE_DB = -40.0
EDGE_WINDOW_S = 0.010


@dataclass(frozen=True)
class Voice:
    """One speaker that can be cast.

    reference_hz : its usual median F0, the point about which its pitch contour is widened or flattened
    size : pitch and formants times this: the same voice in a smaller person (above 1) or a larger one
    """

    engine: Callable[[str, str, float], engines.Utterance]
    style: str
    sex: str
    reference_hz: float
    size: float = 1.0


VOICES = {
    "heart": Voice(engines.hibari, "heart", "female", 200.0),
    "joe": Voice(engines.piper, "joe", "male", 90.0),
    "alpha": Voice(engines.kokoro, "jf_alpha", "female", 260.0),
    "kumo": Voice(engines.kokoro, "jm_kumo", "male", 90.0),
    "gon": Voice(engines.kokoro, "jf_gongitsune", "female", 230.0),
    "clara": Voice(engines.hibari, "heart", "female", 180.0, size=0.9),
    "june": Voice(engines.hibari, "heart", "female", 222.0, size=1.11),
    "walt": Voice(engines.piper, "joe", "male", 82.0, size=0.91),
    "brian": Voice(engines.piper, "joe", "male", 101.0, size=1.12),
}


@dataclass(frozen=True)
class SpokenWord:
    """A word, its syllables, and its time from the start of the speech that holds it."""

    text: str
    syllables: int
    start_s: float
    end_s: float

    def shifted(self, by_s: float) -> "SpokenWord":
        """The same word later, or earlier where `by_s` is negative."""
        return SpokenWord(self.text, self.syllables, self.start_s + by_s, self.end_s + by_s)


@dataclass(frozen=True, eq=False)
class Speech:
    """What a voice said: mono samples and its words in order."""

    samples: np.ndarray
    rate_hz: int
    words: tuple[SpokenWord, ...]


def voice_named(name: str) -> Voice:
    """Look a voice up; an unknown name is an error that lists the known ones."""
    try:
        return VOICES[name]
    except KeyError:
        raise SampleError(f"voice {name!r} is unknown; known: {', '.join(VOICES)}") from None


def speak(text: str, voice: Voice, language: str, speed: float, pause_s: float) -> Speech:
    """Speak a turn sentence by sentence, with exactly `pause_s` of silence between two sentences."""
    parts = [_speak_sentence(sentence, voice, language, speed) for sentence in sentences(text)]
    rate_hz = parts[0].rate_hz
    silence = np.zeros(round(pause_s * rate_hz), np.float32)
    samples, words = parts[0].samples, list(parts[0].words)
    for part in parts[1:]:
        samples = np.concatenate([samples, silence])
        words += [word.shifted(len(samples) / rate_hz) for word in part.words]
        samples = np.concatenate([samples, part.samples])
    return Speech(samples, rate_hz, tuple(words))


def sounding(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """True where the 10 ms energy lies above -40 dB re its own peak. Shape: bool [n]."""
    width = round(EDGE_WINDOW_S * rate_hz)
    power = np.convolve(samples.astype(np.float64) ** 2, np.ones(width) / width, mode="same")
    return power > power.max() * 10 ** (EDGE_DB / 10)


def _speak_sentence(sentence: str, voice: Voice, language: str, speed: float) -> Speech:
    spoken = phonemize(sentence, language)
    utterance = voice.engine(" ".join(spoken), voice.style, speed / voice.size)
    words = _word_times(sentence.split(), spoken, utterance.symbol_end_s / voice.size)
    return _trimmed(Speech(utterance.samples, round(utterance.rate_hz * voice.size), words))


def _word_times(texts: list[str], spoken: list[str], symbol_end_s: np.ndarray) -> tuple[SpokenWord, ...]:
    """Time of each word: from its first symbol to its last one that is no punctuation."""
    words = []
    first = 0
    for text, phonemes in zip(texts, spoken, strict=True):
        last = first + len(phonemes.rstrip(".,!?;:"))
        words.append(SpokenWord(text, syllables(phonemes), symbol_end_s[first], symbol_end_s[last]))
        first += len(phonemes) + 1
    return tuple(words)


def _trimmed(speech: Speech) -> Speech:
    """Without the silence that the voice leaves before and after the sentence."""
    heard = np.flatnonzero(sounding(speech.samples, speech.rate_hz))
    first, stop = heard[0], heard[-1] + 1
    length_s = (stop - first) / speech.rate_hz
    words = tuple(_clipped(word.shifted(-first / speech.rate_hz), length_s) for word in speech.words)
    return Speech(speech.samples[first:stop], speech.rate_hz, words)


def _clipped(word: SpokenWord, length_s: float) -> SpokenWord:
    start_s, end_s = np.clip([word.start_s, word.end_s], 0.0, length_s)
    return SpokenWord(word.text, word.syllables, float(start_s), float(end_s))
