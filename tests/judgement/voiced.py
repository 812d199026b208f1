"""A scripted call in which every cue of the voice, and of what happens between two voices, has something to see."""

from __future__ import annotations

from functools import cache

from speechcoach.records import Facts
from tests.talk import A, C, Line, talk

VOICED = ("reception",)
_STORY = " | ".join(["and then I called the shop again and they said no"] * 4)


def listening() -> list[Line]:
    """A story of twenty seconds with three pauses, and a word of attention in each."""
    story = Line(C, 1, 21, _STORY)
    return [story, *(Line(A, at_s, at_s + 0.4, "Mm-hmm.") for at_s in (5.9, 11.0, 16.1)), Line(A, 21.5, 24, "I see.")]


@cache
def voiced_call() -> Facts:
    return talk(*listening())
