"""A scripted call in which every cue of the voice, and of what happens between two voices, has something to see."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from speechcoach.records import Facts, Window
from tests.talk import A, C, Line, talk

VOICED = ("arousal", "conflict", "energy", "entrainment", "reception", "words_against_voice")
_STORY = " | ".join(["and then I called the shop again and they said no"] * 4)


def listening() -> list[Line]:
    """A story of twenty seconds with three pauses, and a word of attention in each."""
    story = Line(C, 1, 21, _STORY)
    return [story, *(Line(A, at_s, at_s + 0.4, "Mm-hmm.") for at_s in (5.9, 11.0, 16.1)), Line(A, 21.5, 24, "I see.")]


def climbing(**answer: object) -> list[Line]:
    """A customer, calm for a minute, who climbs for two turns and comes down after the agent's answer."""
    calm = [Line(C, 30 + 6 * i, 33 + 6 * i, "and that is how it was", pitch_hz=200) for i in range(9)]
    replies = [Line(A, 33.3 + 6 * i, 35.5 + 6 * i, "I see what you mean there.") for i in range(9)]
    loud = Line(C, 84.5, 88, "I am completely fed up with this.", level_db=-15, pitch_hz=250)
    said = Line(A, 88.5, 93, "I can hear why. So they cut you off twice, is that right?")
    down = [Line(C, 94 + 3 * i, 96 + 3 * i, "and so on it went", pitch_hz=200) for i in range(3)]
    return [*calm, *replies, loud, replace(said, **answer), *down]


def in_step(order: tuple[int, ...] = tuple(range(16)), **reply: object) -> list[Line]:
    """Sixteen questions, louder, faster and longer by turns, each with a reply that moves with the one named."""
    moves = [(0, 2, 1, 3)[i % 4] for i in range(16)]
    lines = []
    for i, answered in enumerate(order):
        start_s = 130 + 9 * i
        own, other = moves[i], moves[answered]
        lines.append(_moving(C, start_s, own, "and what about the next one"))
        lines.append(replace(_moving(A, start_s + 4.5, other, "that one is on its way"), **reply))
    return lines


def _moving(speaker: str, start_s: float, step: int, text: str) -> Line:
    length_s = 1.5 + 0.8 * step
    return Line(speaker, start_s, start_s + length_s, text, level_db=-27 + 1.5 * step, syllables_per_s=4 + 0.6 * step)


FLAT = Line(A, 120, 122, "I'm happy to help you.", level_db=-30, pitch_sd_st=0.5)
PLAYED_DOWN = Line(C, 123, 124.5, "It's fine, never mind.", level_db=-31, pitch_hz=180)


def fading(fall_db: float = 4.0, flatter: float = 0.5, noise_db: float = -60.0) -> tuple[list[Line], list[Window]]:
    """Fifteen stretches of the agent's, of which the last five are quieter and flatter."""
    lines, windows = [], []
    for i in range(15):
        start_s, faded = 280.0 + 10 * i, i >= 10
        line = Line(A, start_s, start_s + 4.2, "and this is what we do", noise_db=noise_db if faded else -60.0)
        lines += [line, Line(C, start_s + 5, start_s + 6.5, "yes and then")]
        level_db, spread_st = -25 - fall_db * faded, 3.0 * (flatter if faded else 1.0)
        windows.append(Window(A, line.start_s, line.end_s, 3.0, spread_st, level_db, 4.5))
    return lines, windows


@cache
def voiced_call() -> Facts:
    lines, windows = fading()
    return talk(*listening(), *climbing(), FLAT, PLAYED_DOWN, *in_step(), *lines, windows=windows)
