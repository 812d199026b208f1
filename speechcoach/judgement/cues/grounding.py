"""What became of what was said back.

What it sees: agent's restatements and checks of understanding that share content with what the customer said, and the
customer's next words: a yes, a correction, or neither. After a correction, whether the agent's next turn takes it up.
Why it matters: a summary is only common ground once the customer has agreed to it; a correction that is passed over
leaves both sides with different stories.
Source: R-GROUNDED; Clark & Brennan (1991) on grounding in communication.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.wording import has_phrase, tokens
from speechcoach.judgement.content import content, is_copy
from speechcoach.judgement.cue import AGENT, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import (
    SAYS_BACK,
    Sentence,
    before,
    by_turn,
    led_up,
    replies,
    sentences,
    text_of,
    words_in,
)
from speechcoach.records import Facts, Finding

TITLE = "Correction passed over"
PRAISE = "Common ground"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_HEARD_S = 60.0


@dataclass(frozen=True, slots=True)
class Norm:
    min_confirmed: float = 1
    min_correction_words: float = 5
    max_passed_over: float = 0
    confirmation: tuple[str, ...] = ()
    puts_right: tuple[str, ...] = ()
    taking_up: tuple[str, ...] = ()
    function_words: tuple[str, ...] = ()


EXPLAIN = {
    "confirmed": "{Other} said yes to what {who} had understood ({why}).",
    "mended": "{Other} corrected what {who} had understood, and {who} took it up.",
    "passed_over": "{Other} corrected what {who} had understood, and {own} next words did not take it up.",
}
ADVICE = {
    "confirmed": "Keep it: now both of you know that you mean the same.",
    "mended": "Keep it: a misunderstanding found this early costs one sentence.",
    "passed_over": 'After a "no", say the new version back before you go on: "So it is ..., thank you."',
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    summaries = [item for turn in by_turn(sentences(facts, AGENT)) if (item := _summary(facts, turn, norm))]
    if not summaries:
        raise Abstain("the agent said nothing back that could be confirmed")
    yes = [item for item in summaries if _agreed(facts, item, norm)]
    corrected = [item for item in summaries if item not in yes and _correction(facts, item, norm)]
    found = [_confirmed(facts, yes, len(summaries), norm)] if yes else []
    return sorted(found + [_outcome(facts, item, norm) for item in corrected], key=lambda item: item.spans[0])


def _summary(facts: Facts, turn: list[Sentence], norm: Norm) -> Sentence | None:
    """The last sentence of the turn that says back or checks; the turn shares content with what was heard, uncopied."""
    steps = [item for item in turn if item.sure and item.does("restatement", "check_understanding")]
    if not steps:
        return None
    heard = text_of(before(facts, steps[0], _HEARD_S))
    told = [item for item in turn if not is_copy(item.tokens, tokens(heard))]
    shared = content(text_of(told), norm.function_words) & content(heard, norm.function_words)
    return steps[-1] if shared else None


def _agreed(facts: Facts, item: Sentence, norm: Norm) -> bool:
    said = replies(facts, item, inserted=True)
    return bool(said) and has_phrase(said[0].tokens, norm.confirmation, at_start=True) and not _is_no(said[0], norm)


def _is_no(said: Sentence, norm: Norm) -> bool:
    return said.does("correction") or has_phrase(said.tokens, norm.puts_right, at_start=True)


def _correction(facts: Facts, item: Sentence, norm: Norm) -> list[Sentence]:
    """The customer's turn that puts the summary right; nothing where it does not."""
    said = replies(facts, item)
    wrong = bool(said) and _is_no(said[0], norm) and words_in(said) >= norm.min_correction_words
    return said if wrong else []


def _outcome(facts: Facts, item: Sentence, norm: Norm) -> Finding:
    correction = _correction(facts, item, norm)
    answer = replies(facts, correction[-1])
    new = content(text_of(correction), norm.function_words)
    shares = bool(new & content(text_of(answer), norm.function_words))
    taken_up = not answer or shares or any(_takes_up(said, norm) for said in answer)
    return finding(
        "grounding",
        [correction[0].span],
        value=1,
        norm=norm,
        threshold="min_confirmed" if taken_up else "max_passed_over",
        unit="correction taken up" if taken_up else "correction passed over",
        quote=" | ".join(
            f"{name}: {shortened(text)}"
            for name, text in (
                ("Agent", led_up(facts, item)),
                ("Customer", text_of(correction)),
                ("Agent", text_of(answer)),
            )
            if text
        ),
        variant="mended" if taken_up else "passed_over",
        strength=taken_up,
        unless="the agent had gone on as if nothing had been corrected" if taken_up else "the agent had taken it up",
    )


def _takes_up(said: Sentence, norm: Norm) -> bool:
    return said.does("apology", *SAYS_BACK) or has_phrase(said.tokens, norm.taking_up, at_start=True)


def _answer(facts: Facts, item: Sentence) -> str:
    return replies(facts, item, inserted=True)[0].text


def _confirmed(facts: Facts, yes: list[Sentence], summaries: int, norm: Norm) -> Finding:
    first = yes[0]
    return finding(
        "grounding",
        [item.span for item in yes],
        value=len(yes),
        norm=norm,
        threshold="min_confirmed",
        unit="summary confirmed" if len(yes) == 1 else "summaries confirmed",
        quote=f"Agent: {shortened(led_up(facts, first), 40)} | Customer: {shortened(_answer(facts, first))}",
        why=f"{len(yes)} of {summaries} {'time' if summaries == 1 else 'times'}",
        variant="confirmed",
        strength=True,
        unless="the customer had not agreed",
    )
