"""Who speaks in the made calls of `turns.py`: three neural voices for each half, and recorded prompts.

Conventions: sayings are at 8 kHz in the telephone band, at an active level of 0 dB, and begin and end with sound. Word
times are seconds from there: the voice's own for neural voices; for prompts spread over the sound by letters.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
import soxr
from turns_texts import PROMPTS, Texts

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
RATE_HZ = 8000
FADE_S = 0.03
TORN_LEAST_S = 0.06  # less of a word is not heard as one
SOUNDS = (Path("/usr/share/asterisk/sounds/en_US_f_Allison"), Path("/usr/share/asterisk/sounds/en"))
VOICES = {"tuning": ("heart", "joe", "nezumi"), "held_out": ("alpha", "kumo", "tebukuro")}
RECORDED = "Allison"


@dataclass(frozen=True, slots=True)
class Said:
    """A word from the start of its saying; `may_end` where the sentence could be over after it."""

    text: str
    start_s: float
    end_s: float
    may_end: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Saying:
    """Something said: samples float32 `[n]` and its words."""

    samples: np.ndarray
    words: tuple[Said, ...]

    @property
    def length_s(self) -> float:
        return len(self.samples) / RATE_HZ

    def upto(self, stop_s: float) -> Saying:
        """Broken off at `stop_s`: a short fade, and of a torn word the letters that were heard."""
        samples = self.samples[: round(stop_s * RATE_HZ)].copy()
        fade = min(round(FADE_S * RATE_HZ), len(samples))
        samples[len(samples) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
        return Saying(samples, tuple(_heard(word, stop_s) for word in self.words if _is_heard(word, stop_s)))

    def since(self, start_s: float) -> Saying:
        """The rest from the word that `start_s` lies in or before."""
        words = [word for word in self.words if word.end_s > start_s + 0.02]
        first_s = words[0].start_s
        moved = tuple(replace(w, start_s=w.start_s - first_s, end_s=w.end_s - first_s) for w in words)
        return Saying(self.samples[round(first_s * RATE_HZ) :], moved)

    def then(self, other: Saying, pause_s: float) -> Saying:
        """Both, with a silence between them."""
        silence = np.zeros(round(pause_s * RATE_HZ), np.float32)
        by_s = self.length_s + len(silence) / RATE_HZ
        moved = tuple(replace(w, start_s=w.start_s + by_s, end_s=w.end_s + by_s) for w in other.words)
        return Saying(np.concatenate([self.samples, silence, other.samples]), self.words + moved)

    def slower(self, factor: float) -> Saying:
        """Played slower, which also lowers the pitch: another speaker."""
        samples = soxr.resample(self.samples, RATE_HZ, RATE_HZ * factor).astype(np.float32)
        moved = tuple(replace(w, start_s=w.start_s * factor, end_s=w.end_s * factor) for w in self.words)
        return Saying(samples, moved)


def _is_heard(word: Said, stop_s: float) -> bool:
    return word.end_s <= stop_s + 0.02 or stop_s - word.start_s >= TORN_LEAST_S


def _heard(word: Said, stop_s: float) -> Said:
    if word.end_s <= stop_s + 0.02:
        return word
    share = (stop_s - word.start_s) / (word.end_s - word.start_s)
    letters = max(1, round(share * len(word.text.rstrip(".,?!"))))
    return Said(word.text[:letters], word.start_s, stop_s)


def split_marks(text: str) -> tuple[str, list[bool]]:
    """The text without its " / ", and for each word whether the sentence may end after it."""
    parts = text.split()
    words = [part for part in parts if part != "/"]
    after = [following == "/" for part, following in zip(parts, [*parts[1:], ""], strict=True) if part != "/"]
    return " ".join(words), [ends or word[-1] in ".?!" for word, ends in zip(words, after, strict=True)]


def spoken_of(texts: Texts) -> list[str]:
    """Every text of a half that a voice has to say."""
    plain = [*texts.statements, *texts.takers, *texts.questions, *texts.answers, *texts.tokens]
    plain += [part for search in texts.searches for part in search]
    plain += [part for statement, word in texts.checks for part in (statement, f"{word.capitalize()}?")]
    return [*plain, *texts.announced, *texts.waits]


def bank(half: str, texts: Texts, folder: Path) -> dict[str, dict[str, Saying]]:
    """Sayings by voice and text, spoken once and kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return {voice: _of_voice(voice, spoken_of(texts), folder / f"{half}-{voice}") for voice in VOICES[half]}


def _of_voice(voice: str, texts: list[str], stem: Path) -> dict[str, Saying]:
    kept = _read(stem)
    missing = [text for text in texts if text not in kept]
    if missing:
        print(f"{voice} says {len(missing)} texts ...", file=sys.stderr, flush=True)
        kept |= {text: _speak(voice, text) for text in missing}
        _write(stem, kept)
    return {text: kept[text] for text in texts}


def _speak(voice: str, text: str) -> Saying:
    sys.path[:0] = [] if str(SAMPLES) in sys.path else [str(SAMPLES)]
    from maker import engines
    from maker.timeline import active_rms, telephone_band
    from maker.voices import VOICES as SAMPLE_VOICES
    from maker.voices import Voice, speak

    who = SAMPLE_VOICES.get(voice) or Voice(engines.kokoro, f"jf_{voice}", "female", 240.0)
    plain, may_end = split_marks(text)
    speech = speak(plain, who, "en", 1.0, 0.3)
    samples = telephone_band(soxr.resample(speech.samples, speech.rate_hz, RATE_HZ).astype(np.float64))
    words = [Said(w.text, w.start_s, w.end_s, end) for w, end in zip(speech.words, may_end, strict=True)]
    return trimmed(samples / active_rms(samples, RATE_HZ), words)


def trimmed(samples: np.ndarray, words: list[Said]) -> Saying:
    """From the first to the last audible moment: 10 ms energy within 40 dB of its peak."""
    first, last = np.flatnonzero(audible(samples))[[0, -1]]
    by_s, length_s = first / RATE_HZ, (last + 1 - first) / RATE_HZ
    moved = [
        replace(
            w, start_s=float(np.clip(w.start_s - by_s, 0, length_s)), end_s=float(np.clip(w.end_s - by_s, 0, length_s))
        )
        for w in words
    ]
    return Saying(samples[first : last + 1].astype(np.float32), tuple(moved))


def audible(samples: np.ndarray) -> np.ndarray:
    """True where the 10 ms energy lies within 40 dB of its own peak; bool `[n]`."""
    width = round(0.01 * RATE_HZ)
    power = np.convolve(samples.astype(np.float64) ** 2, np.ones(width) / width, mode="same")
    return power > power.max() * 1e-4


def prompts(folder: Path | None) -> dict[str, Saying]:
    """Recorded prompts by their text; empty where Debian's recordings are not there."""
    home = folder or next((path for path in SOUNDS if path.is_dir()), None)
    if home is None:
        return {}
    return {text: _prompt(home / f"{name}.wav", text) for name, text in PROMPTS if (home / f"{name}.wav").exists()}


def _prompt(path: Path, text: str) -> Saying:
    samples, rate_hz = soundfile.read(path)
    samples = soxr.resample(samples, rate_hz, RATE_HZ)
    sound = audible(samples)
    plain, may_end = split_marks(text)
    edges = np.concatenate([[0.0], np.cumsum([len(word) + 1 for word in plain.split()])])
    heard = np.flatnonzero(sound)
    times_s = heard[np.minimum((edges / edges[-1] * len(heard)).astype(int), len(heard) - 1)] / RATE_HZ
    words = [
        Said(word, start_s, end_s, end)
        for word, start_s, end_s, end in zip(plain.split(), times_s[:-1], times_s[1:], may_end, strict=True)
    ]
    return trimmed(samples / np.sqrt(np.mean(samples[sound] ** 2)), words)


def _read(stem: Path) -> dict[str, Saying]:
    if not stem.with_suffix(".json").exists():
        return {}
    listed = json.loads(stem.with_suffix(".json").read_text("utf-8"))
    with np.load(stem.with_suffix(".npz")) as arrays:
        return {
            text: Saying(arrays[str(place)], tuple(Said(*word) for word in words))
            for place, (text, words) in enumerate(listed)
        }


def _write(stem: Path, sayings: dict[str, Saying]) -> None:
    np.savez_compressed(
        stem.with_suffix(".npz"), **{str(place): saying.samples for place, saying in enumerate(sayings.values())}
    )
    listed = [[text, [[w.text, w.start_s, w.end_s, w.may_end] for w in s.words]] for text, s in sayings.items()]
    stem.with_suffix(".json").write_text(json.dumps(listed), "utf-8")
