"""From a made call to what a recorder would store, and to the words that a transcript of it would hold.

Conventions: samples are float32 `[2, n]` at 8 kHz after mu-law. Noise and leak are dB: noise re the speakers' active
level, a leak re the other side's level. Words are records of the product, without probabilities.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from turns_calls import Call
from turns_voices import RATE_HZ, SAMPLES

from speechcoach.records import Word

SPEAKERS = ("agent", "customer")
TAIL_S = 0.6
LEAK_DELAY_S = 0.012
MUSIC_DB = -12.0
WRONG_WORDS = 0.1


@dataclass(frozen=True, slots=True)
class Condition:
    """What the line does to a call."""

    name: str
    snr_db: float = 38.0
    leak_db: float | None = None
    dual_mono: bool = False


CONDITIONS = (
    Condition("SNR 20 dB", 20.0),
    Condition("quiet line"),
    Condition("SNR 10 dB", 10.0),
    Condition("leak -30 dB", leak_db=-30.0),
    Condition("leak -20 dB", leak_db=-20.0),
)


def mixed(call: Call, condition: Condition, chance: np.random.Generator) -> np.ndarray:
    """The recording."""
    levels_db = chance.uniform(-27.0, -20.0, 2)
    sides = np.zeros((2, round((call.end_s + TAIL_S) * RATE_HZ)))
    for item in call.placed:
        first = round(item.start_s * RATE_HZ)
        gain = 10 ** ((levels_db[item.channel] + item.level_db) / 20)
        sides[item.channel, first : first + len(item.saying.samples)] += gain * item.saying.samples
    for start_s, end_s in call.music:
        _add_music(sides[0], start_s, end_s, levels_db[0] + MUSIC_DB)
    if condition.leak_db is not None:
        late = np.pad(sides, ((0, 0), (round(LEAK_DELAY_S * RATE_HZ), 0)))[:, : sides.shape[1]]
        sides = sides + late[::-1] * 10 ** (condition.leak_db / 20)
    noise = chance.standard_normal(sides.shape)
    sides = sides + noise * (10 ** ((levels_db - condition.snr_db) / 20))[:, None]
    if condition.dual_mono:
        sides = np.repeat(sides.sum(0, keepdims=True), 2, axis=0)
    return mu_law(sides).astype(np.float32)


def _add_music(side: np.ndarray, start_s: float, end_s: float, level_db: float) -> None:
    sys.path[:0] = [] if str(SAMPLES) in sys.path else [str(SAMPLES)]
    from maker.music import hold_music

    tune = hold_music(end_s - start_s, RATE_HZ)
    first = round(start_s * RATE_HZ)
    side[first : first + len(tune)] += tune * 10 ** (level_db / 20) / np.sqrt(np.mean(tune**2))


def mu_law(samples: np.ndarray) -> np.ndarray:
    """Through G.711 mu-law's 256 steps."""
    pressed = np.sign(samples) * np.log1p(255 * np.minimum(np.abs(samples), 1)) / np.log(256)
    steps = np.round(pressed * 127) / 127
    return np.sign(steps) * (256 ** np.abs(steps) - 1) / 255


def true_words(call: Call) -> list[Word]:
    """Every word as it was said, with its marks; what was torn off is missing."""
    words = [
        Word(SPEAKERS[item.channel], item.start_s + word.start_s, item.start_s + word.end_s, word.text)
        for item in call.placed
        for word in item.saying.words
    ]
    return sorted(words, key=lambda word: (word.start_s, word.end_s))


def worse_words(words: list[Word], chance: np.random.Generator) -> list[Word]:
    """Without marks and capitals, and of ten words one is missing, doubled, or another one."""
    found = []
    for word in words:
        plain = word.text.strip(".,?!").lower()
        what = chance.random() / WRONG_WORDS
        if what < 0.4:
            continue
        if what < 0.8:
            plain = words[int(chance.integers(len(words)))].text.strip(".,?!").lower()
        middle_s = (word.start_s + word.end_s) / 2 if 0.8 <= what < 1 else word.end_s
        found.append(Word(word.speaker, word.start_s, middle_s, plain))
        if 0.8 <= what < 1:
            found.append(Word(word.speaker, middle_s, word.end_s, plain))
    return found
