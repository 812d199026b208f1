"""Understanding before answering.

What it sees: whether the agent asked about the matter, or said back what was told, between the customer's first
account of it and the agent's first solution or advice. Questions for a name or a number are no such step. A solution
that the customer had just asked for needs none.
Why it matters: a solution that comes before the problem is understood is often the solution to another problem, and
the customer hears that the rest need not be told.
Source: R-BEFORE; active-listening training: understand before you offer a response.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.wording import has_phrase
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import SAYS_BACK, Sentence, sentences, words_in
from speechcoach.judgement.solutions import Proposing, proposes
from speechcoach.records import Facts, Finding

TITLE = "Solution before understanding"
PRAISE = "Understanding before solution"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_NOT_ABOUT_IT = (
    "offer_of_help",
    "greeting",
    "hold_announcement",
    "check_help",
    "anything_else",
    "interrupting_politely",
)
_JUST_ASKED_S = 12.0
_MIN_QUESTION_TOKENS = 3


@dataclass(frozen=True, slots=True)
class Norm(Proposing):
    min_steps: float = 1
    min_problem_words: float = 15
    serving: tuple[str, ...] = ()


EXPLAIN = {
    "solution_first": "{Who} offered the first solution without asking about the matter and without saying it back.",
    "understood_first": "{Who} found out what the matter was before the first solution.",
}
ADVICE = {
    "solution_first": 'Ask one question before you solve ("What happened just before?"), or say back what you heard.',
    "understood_first": "Keep the order: ask, say back, then solve.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    told, offered = _first_solution(facts, norm)
    steps = [
        item
        for item in sentences(facts, AGENT)
        if told[0].start_s < item.start_s < offered.start_s and _finds_out(item, norm)
    ]
    if not steps:
        return [_flag(facts, told, offered, norm)]
    open_ones = [item for item in steps if item.does("restatement", "check_understanding", "open_question")]
    return [_praise(open_ones, offered, norm)] if open_ones else []


def _first_solution(facts: Facts, norm: Norm) -> tuple[list[Sentence], Sentence]:
    """What the customer had told, and the first solution after it."""
    told: list[Sentence] = []
    for item in sentences(facts):
        if item.speaker == CUSTOMER:
            told.append(item)
        elif words_in(told) >= norm.min_problem_words and item.sure and _solves(item, norm):
            return told, item
    if words_in(told) < norm.min_problem_words:
        raise Abstain(f"the customer says fewer than {norm.min_problem_words:g} words about the matter")
    raise Abstain("no solution was recognised in the agent's words")


def _solves(item: Sentence, norm: Norm) -> bool:
    return item.one_thing and not item.does("check_understanding") and proposes(item, norm)


def _finds_out(item: Sentence, norm: Norm) -> bool:
    if item.does("restatement", "check_understanding"):
        return True
    asks = item.does("question", *SAYS_BACK) and len(item.tokens) >= _MIN_QUESTION_TOKENS
    return asks and not item.does(*_NOT_ABOUT_IT) and not has_phrase(item.tokens, norm.serving)


def _flag(facts: Facts, told: list[Sentence], offered: Sentence, norm: Norm) -> Finding:
    near = [item for item in told if offered.start_s - item.end_s <= _JUST_ASKED_S]
    if any(item.does("question") for item in near):
        raise Abstain("the customer had just asked for what the agent offered")
    return finding(
        "before_solution",
        [offered.span],
        value=0,
        norm=norm,
        threshold="min_steps",
        unit="questions or summaries before the solution",
        quote=f"Customer: {shortened(told[-1].text)} | Agent: {shortened(offered.text)}",
        variant="solution_first",
        unless="the agent had asked about the matter or said it back before",
    )


def _praise(steps: list[Sentence], offered: Sentence, norm: Norm) -> Finding:
    return finding(
        "before_solution",
        [steps[0].span, offered.span],
        value=len(steps),
        norm=norm,
        threshold="min_steps",
        unit="steps before the solution" if len(steps) > 1 else "step before the solution",
        quote=f"{shortened(steps[0].turn.text, 40)} | {shortened(offered.text)}",
        variant="understood_first",
        strength=True,
        unless="the solution had come before it",
    )
