"""A scripted call in which every cue has something to see."""

from __future__ import annotations

from functools import cache

from speechcoach.judgement import judge_facts
from speechcoach.records import Facts, Finding, Window
from tests.talk import ENGLISH, A, C, Line, talk

BUSY = (
    "amount", "answered_own_question", "assertiveness", "before_solution", "blame", "butting_in", "check_question",
    "clarity", "dead_air", "empathy", "fast_speech", "grounding", "interruption", "monologue", "monotone",
    "opening_and_closing", "paraphrase", "phases", "positive_framing", "question_order", "raised_voice", "rapport",
    "re_asking", "read_back", "repair_requests", "slow_response", "talk_share", "unanswered_question",
)  # fmt: skip

_LONG = "and then you open the cover and press the left button and the light goes on and you wait for it " * 4

_INFORMATION = "The warehouse sends every parcel with a courier before Friday morning."
_OF_WORDS = (
    Line(A, 208, 210, "What is your account number?"),
    Line(C, 210.5, 214, "It is 4 4 7 2 1 9."),
    Line(A, 214.5, 217, "That is 4 4 7 2 1 9."),
    Line(C, 217.3, 218.5, "Yes, that's right."),
    Line(A, 219, 221, "What was your account number?"),
    Line(C, 221.5, 223, "I just told you that."),
    Line(A, 223.5, 227, "We do not offer that."),
    Line(C, 227.5, 229, "A pity."),
    Line(A, 229.5, 234, _INFORMATION),
    Line(C, 234.5, 236, "Well."),
    Line(A, 237, 242, _INFORMATION),
    Line(C, 242.5, 245, "When will the technician come to my house?"),
    Line(A, 245.5, 248, "Do you have a dog or a cat?"),
    Line(C, 248.5, 249.5, "No."),
    Line(A, 250, 255, "Have you tried another plug at your desk? Probably you did not."),
    Line(C, 255.5, 256.5, "Well."),
    Line(A, 257, 263, "Where is the modem? What colour is the lamp? How old is the cable?"),
    Line(C, 263.5, 264.5, "Sorry?"),
    Line(A, 265, 268, "Which colour does the small lamp show today?"),
    Line(C, 268.5, 270, "Green."),
    Line(A, 270.5, 277, "You need to check the cable, honey, and then we escalate it to tier two in the other house."),
    Line(C, 277.5, 279, "I see."),
    Line(
        A,
        279.5,
        286,
        "Unfortunately that has to stay so, and it is not possible to do it on any other day of the year.",
    ),
    Line(C, 286.5, 288, "I see."),
    Line(
        A,
        288.5,
        296,
        "I am afraid the date stays. We can not move it. Nothing before May is open, that is not allowed to us.",
    ),
    Line(C, 296.5, 299, "That is not good enough."),
    Line(A, 299.5, 302, "Then we are done."),
)


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
        *_OF_WORDS,
        windows=[Window(A, 8.0 * i, 8.0 * i + 8, 4.0, 0.8, -25.0, 4.5) for i in range(6)],
    )


def spoken(*said: str, gap_s: float = 0.4) -> Facts:
    """Facts of lines that begin with "A: " (agent) or "C: " (customer), at 2.7 words a second."""
    lines, at_s = [], 1.0
    for line in said:
        name, _, text = line.partition(": ")
        end_s = at_s + max(0.5, len(text.split()) / 2.7)
        lines.append(Line({"A": A, "C": C}[name], round(at_s, 2), round(end_s, 2), text))
        at_s = end_s + gap_s
    return talk(*lines)


def found(cue: str, facts: Facts) -> list[Finding]:
    """What the cue finds in the facts, under the English norms."""
    return [item for item in judge_facts(facts, ENGLISH)[0] if item.cue == cue]


def variants(cue: str, *said: str) -> list[str]:
    """The variants that the cue finds in the spoken lines."""
    return [item.variant for item in found(cue, spoken(*said))]


def why_not(cue: str, facts: Facts) -> str:
    """Why the cue abstains."""
    return next(item.why for item in judge_facts(facts, ENGLISH)[1] if item.cue == cue)
