"""A scripted call in which every cue has something to see."""

from __future__ import annotations

from functools import cache

from speechcoach.records import Facts, Window
from tests.talk import A, C, Line, talk

BUSY = (
    "blame", "butting_in", "check_question", "dead_air", "empathy", "fast_speech", "interruption", "monologue",
    "monotone", "opening_and_closing", "paraphrase", "raised_voice", "slow_response", "talk_share",
)  # fmt: skip

_LONG = "and then you open the cover and press the left button and the light goes on and you wait for it " * 4


@cache
def busy_call() -> Facts:
    """About five minutes; the agent does nearly everything that a coach would speak about."""
    return talk(
        Line(A, 1, 4, "Good morning, this is Sam speaking."),
        Line(
            C,
            4.5,
            14,
            "My router was declined by the new modem and I am really frustrated because it failed twice this week.",
        ),
        Line(A, 14.5, 20, "If I understand it right, the modem refused your router twice. Is that correct?"),
        Line(C, 20.3, 22.4, "Yes, and on Friday I had to", inflection="level"),
        Line(A, 22, 27, "You should have read the manual, that would have helped you."),
        Line(C, 27.5, 36, "I did read all of it from the first page to the last page."),
        Line(A, 30, 31, "But did anybody"),
        Line(C, 36.2, 39, "How long will it take?"),
        Line(A, 42, 46, "It takes about two days from now on.", syllables_per_s=8.0),
        Line(C, 46.4, 48, "That is long."),
        Line(A, 54, 104, _LONG, level_db=-25),
        Line(C, 104.5, 106, "All right."),
        Line(A, 107, 112, "Now listen to me please, that is all I have.", level_db=-15, pitch_hz=190),
        Line(C, 112.5, 114, "Okay."),
        *(Line(A, 116 + 10 * i, 124 + 10 * i, "and that is the next part of the thing that matters") for i in range(8)),
        Line(C, 200, 203, "Fine, I will do that."),
        Line(A, 203.5, 206, "Then we are done."),
        windows=[Window(A, 8.0 * i, 8.0 * i + 8, 4.0, 0.8, -25.0, 4.5) for i in range(6)],
    )
