"""Turns spoken and put on the recording's clock, at the telephone's rate and band."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from math import gcd

import numpy as np
from scipy import signal

from maker.problems import SampleError
from maker.prosody import FRAME_S, PitchWish, impose_pitch
from maker.script import CallScript, Manner, TurnScript
from maker.voices import Speech, SpokenWord, sounding, speak, voice_named

RATE_HZ = 8000
BAND_HZ = (300.0, 3400.0)
BAND_TAPS = 161
FADE_S = 0.030
PAUSE_S = 0.2
F0_HOP_S = 0.010


@dataclass(frozen=True, eq=False)
class PlacedTurn:
    """One turn as it can be heard: its samples begin at `start_s` with its first audible moment.

    samples : float64 [n] at 8 kHz, telephone band, at its final level
    words : on the recording's clock
    sounding_spans : [(start_s, end_s)] of its audible stretches, parted by its pauses
    f0_hz : float64 [frames], frame k at start_s + k * F0_HOP_S, 0 = unvoiced
    """

    script: TurnScript
    start_s: float
    samples: np.ndarray
    words: tuple[SpokenWord, ...]
    sounding_spans: tuple[tuple[float, float], ...]
    f0_hz: np.ndarray

    @property
    def end_s(self) -> float:
        """Last audible moment."""
        return self.start_s + len(self.samples) / RATE_HZ

    @property
    def pauses(self) -> list[tuple[float, float]]:
        """Silences of more than 0.2 s inside the turn."""
        spans = self.sounding_spans
        return [(before[1], after[0]) for before, after in pairwise(spans)]

    def moved(self, to_s: float) -> "PlacedTurn":
        """The same turn with its first audible moment at `to_s`."""
        by_s = to_s - self.start_s
        spans = tuple((start_s + by_s, end_s + by_s) for start_s, end_s in self.sounding_spans)
        words = tuple(word.shifted(by_s) for word in self.words)
        return replace(self, start_s=to_s, words=words, sounding_spans=spans)


Spoken = tuple[np.ndarray, tuple[SpokenWord, ...], np.ndarray]  # at RATE_HZ in the telephone's band; F0 each FRAME_S


def by_voices(turn: TurnScript, call: CallScript) -> Spoken:
    """A turn in its speaker's manner, by the neural voices."""
    manner = call.speakers[turn.speaker]
    voice = voice_named(manner.voice)
    speech = speak(turn.say, voice, call.language, manner.rate * turn.rate, turn.pause_s)
    wish = PitchWish(manner.pitch_st + turn.pitch_st, manner.contour * turn.contour, turn.final_st)
    pitched = impose_pitch(speech, voice, wish)
    return at_telephone_rate(pitched.speech), speech.words, pitched.f0_hz


def perform(call: CallScript, say: Callable[[TurnScript, CallScript], Spoken] = by_voices) -> list[PlacedTurn]:
    """Speak every turn and place it: after the floor's last word, or inside the turn that it names."""
    placed: list[PlacedTurn] = []
    by_id: dict[str, PlacedTurn] = {}
    floor_end_s = call.lead_in_s
    for turn in call.turns:
        unplaced = _spoken_turn(turn, call, say)
        done = unplaced.moved(_on_grid(_start_s(turn, floor_end_s, by_id)))
        placed.append(done)
        by_id[turn.id] = done
        if not turn.into:
            floor_end_s = max(floor_end_s, done.end_s)
    return placed


def active_rms(samples: np.ndarray, rate_hz: int) -> float:
    """Root mean square of the audible part only."""
    return float(np.sqrt(np.mean(samples[sounding(samples, rate_hz)] ** 2)))


def telephone_band(samples: np.ndarray) -> np.ndarray:
    """Keep 300-3400 Hz of an 8 kHz signal, with no delay."""
    taps = signal.firwin(BAND_TAPS, BAND_HZ, pass_zero=False, fs=RATE_HZ)
    return signal.fftconvolve(samples, taps, mode="same")


def at_telephone_rate(speech: Speech) -> np.ndarray:
    """8 kHz, telephone band, as long as it was."""
    common = gcd(speech.rate_hz, RATE_HZ)
    return telephone_band(signal.resample_poly(speech.samples, RATE_HZ // common, speech.rate_hz // common))


def _start_s(turn: TurnScript, floor_end_s: float, by_id: dict[str, PlacedTurn]) -> float:
    if not turn.into:
        return floor_end_s + turn.offset_s
    if turn.into not in by_id:
        raise SampleError(f"{turn.say!r} goes into {turn.into!r}, which is no earlier turn's id")
    return _end_of_word(by_id[turn.into].words, turn.at_word) + turn.offset_s


def _end_of_word(words: tuple[SpokenWord, ...], number: int) -> float:
    """End of a turn's word, counted from 1."""
    if not 1 <= number <= len(words):
        text = " ".join(word.text for word in words)
        raise SampleError(f"there is no word {number} among the {len(words)} of {text!r}")
    return words[number - 1].end_s


def _on_grid(time_s: float) -> float:
    return round(time_s * RATE_HZ) / RATE_HZ


def _spoken_turn(turn: TurnScript, call: CallScript, say: Callable[[TurnScript, CallScript], Spoken]) -> PlacedTurn:
    """One turn at its level, starting at 0 s."""
    spoken, words, f0_hz = say(turn, call)
    samples, words = _cut(spoken, words, turn.cut_after_words)
    return _audible(at_level(samples, _level_db(call, call.speakers[turn.speaker], turn)), words, f0_hz, turn)


def _level_db(call: CallScript, manner: Manner, turn: TurnScript) -> float:
    return call.speech_db + manner.level_db + turn.level_db


def _cut(
    samples: np.ndarray, words: tuple[SpokenWord, ...], after_words: int
) -> tuple[np.ndarray, tuple[SpokenWord, ...]]:
    """Break off at the end of a word, with a short fade; 0 leaves the turn whole."""
    if not after_words:
        return samples, words
    stop = round(_end_of_word(words, after_words) * RATE_HZ)
    fade = round(FADE_S * RATE_HZ)
    cut = samples[:stop].copy()
    cut[-fade:] *= np.linspace(1.0, 0.0, fade)
    return cut, words[:after_words]


def at_level(samples: np.ndarray, level_db: float) -> np.ndarray:
    """Scale so that the audible part has `level_db` dBFS."""
    return samples * (10 ** (level_db / 20) / active_rms(samples, RATE_HZ))


def _audible(samples: np.ndarray, words: tuple[SpokenWord, ...], f0_hz: np.ndarray, turn: TurnScript) -> PlacedTurn:
    """Trim to the audible part and bring words, pauses and F0 to its clock."""
    heard = sounding(samples, RATE_HZ)
    first, last = np.flatnonzero(heard)[[0, -1]]
    lead_s, length_s = first / RATE_HZ, (last + 1 - first) / RATE_HZ
    times_s = lead_s + np.arange(0.0, length_s, F0_HOP_S)
    frames = np.minimum(np.round(times_s / FRAME_S).astype(int), len(f0_hz) - 1)
    spans = _spans(heard[first : last + 1])
    words = _fitted([word.shifted(-lead_s) for word in words], spans)
    return PlacedTurn(turn, 0.0, samples[first : last + 1], words, spans, f0_hz[frames])


def _fitted(words: list[SpokenWord], spans: tuple[tuple[float, float], ...]) -> tuple[SpokenWord, ...]:
    """Let the words beside each pause begin and end where sound does: a voice counts pauses into phonemes."""
    middles_s = np.array([(word.start_s + word.end_s) / 2 for word in words])
    fitted = list(words)
    for start_s, end_s in spans:
        inside = np.flatnonzero((middles_s >= start_s) & (middles_s <= end_s))
        if len(inside):
            first, last = inside[0], inside[-1]
            fitted[first] = replace(fitted[first], start_s=start_s)
            fitted[last] = replace(fitted[last], end_s=end_s)
    return tuple(fitted)


def _spans(heard: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Audible stretches in seconds; silences of up to 0.2 s do not part them."""
    edges = np.flatnonzero(np.diff(heard.astype(np.int8), prepend=0, append=0))
    spans: list[tuple[float, float]] = []
    for start_s, end_s in edges.reshape(-1, 2) / RATE_HZ:
        if spans and start_s - spans[-1][1] <= PAUSE_S:
            spans[-1] = (spans[-1][0], float(end_s))
        else:
            spans.append((float(start_s), float(end_s)))
    return tuple(spans)
