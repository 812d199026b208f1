"""Numbers read back.

What it sees: numbers that the customer gave and the agent read back, and whether the customer said yes; and how
often the agent had to correct own words. Whether a number was right cannot be told from a call: a number that was not
read back is no finding.
Why it matters: one wrong digit costs a second call; reading back costs three seconds.
Source: R-ACCURACY; read-back as in air traffic control and prescribing by telephone (Barenfanger et al. 2004).
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.wording import has_phrase
from speechcoach.judgement.content import digits
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import Sentence, by_turn, replies, sentences, text_of
from speechcoach.records import Facts, Finding

TITLE = "Self-corrections"
PRAISE = "Read back"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_CLIPS = 5


@dataclass(frozen=True, slots=True)
class Norm:
    min_digits: float = 4
    same_share: float = 0.75
    min_read_back: float = 1
    max_self_corrections: float = 3
    digit_word: tuple[str, ...] = ()
    confirmation: tuple[str, ...] = ()
    self_correction: tuple[str, ...] = ()


EXPLAIN = {
    "read_back": "{Who} read a number back that {other} had given; {why}.",
    "self_corrected": "{Who} corrected what had just been said {value:.0f} times.",
}
ADVICE = {
    "read_back": "Keep it, in groups of three or four, and wait for the yes.",
    "self_corrected": "Look it up, then say it: a silence of two seconds costs less than a correction.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    given = [turn for turn in by_turn(sentences(facts, CUSTOMER)) if len(_number(turn, norm)) >= norm.min_digits]
    back = [(turn, item) for turn in given if (item := _read_back(facts, turn, norm))]
    corrected = [item for item in sentences(facts, AGENT) if has_phrase(item.tokens, norm.self_correction)]
    found = [_praise(facts, back, norm)] if len(back) >= norm.min_read_back else []
    if len(corrected) > norm.max_self_corrections:
        found.append(_corrected(corrected, norm))
    if not found and not given:
        raise Abstain("the customer gave no number, and whether the agent's words were correct cannot be told")
    return sorted(found, key=lambda item: item.spans[0])


def _number(said: list[Sentence], norm: Norm) -> str:
    """The digits of the sentences in order, whether written as digits or as words."""
    figures = {word: str(place % 10) for place, word in enumerate(norm.digit_word)}
    spoken = [figures.get(token, digits(token)) for item in said for token in item.tokens]
    return "".join(spoken)


def _read_back(facts: Facts, turn: list[Sentence], norm: Norm) -> Sentence | None:
    """The agent's sentence that has most of the number again, in the same order."""
    number = _number(turn, norm)
    least = max(norm.min_digits - 1, norm.same_share * len(number))
    for item in replies(facts, turn[-1], turns=2, inserted=True):
        if item.sure and _common(_number([item], norm), number) >= least:
            return item
    return None


def _common(one: str, other: str) -> int:
    """Length of the longest piece that both have."""
    lengths = (
        length
        for start in range(len(one))
        for length in range(len(one) - start, 0, -1)
        if one[start : start + length] in other
    )
    return max(lengths, default=0)


def _praise(facts: Facts, back: list[tuple[list[Sentence], Sentence]], norm: Norm) -> Finding:
    yes = [item for _, item in back if _confirmed(facts, item, norm)]
    turn, item = back[0]
    return finding(
        "read_back",
        [said.span for _, said in back[:_CLIPS]],
        value=len(back),
        norm=norm,
        threshold="min_read_back",
        unit="number read back" if len(back) == 1 else "numbers read back",
        quote=f"Customer: {shortened(text_of(turn))} | Agent: {shortened(item.text)}",
        why="the customer said yes to it" if yes else "no yes to it was heard",
        variant="read_back",
        strength=True,
        unless="the agent had gone on without saying it again",
    )


def _confirmed(facts: Facts, item: Sentence, norm: Norm) -> bool:
    said = replies(facts, item, inserted=True)
    return bool(said) and has_phrase(said[0].tokens, norm.confirmation, at_start=True)


def _corrected(corrected: list[Sentence], norm: Norm) -> Finding:
    return finding(
        "read_back",
        [item.span for item in corrected[:_CLIPS]],
        value=len(corrected),
        norm=norm,
        threshold="max_self_corrections",
        unit="self-corrections",
        quote=" | ".join(shortened(item.text, 14) for item in corrected[:3]),
        variant="self_corrected",
        unless="there had been fewer",
    )
