"""A scripted call in which every cue of the voice, and of what happens between two voices, has something to see."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from speechcoach.records import Facts
from tests.talk import A, C, Line, talk

VOICED = ("arousal", "conflict", "reception", "words_against_voice")
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


FLAT = Line(A, 120, 122, "I'm happy to help you.", level_db=-30, pitch_sd_st=0.5)
PLAYED_DOWN = Line(C, 123, 124.5, "It's fine, never mind.", level_db=-31, pitch_hz=180)


@cache
def voiced_call() -> Facts:
    return talk(*listening(), *climbing(), FLAT, PLAYED_DOWN)
