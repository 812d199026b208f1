"""A customer's question that gets no answer.

What it sees: customer's questions, and the agent's next turns: an answer shares content with the question, says yes or
no, gives a number, or says who will find out and when. A question counts as unanswered only if the agent
answers it with another question that has nothing to do with it, or if the customer says that it was not answered.
Why it matters: a question that is passed over was heard and not listened to; the customer has to ask twice or gives up.
Source: R-CONTINGENT; contingent replies as a mark of listening (Bodie 2011).
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.judgement.answers import AnswerWords, Exchange, exchanges
from speechcoach.judgement.cue import Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import text_of
from speechcoach.records import Facts, Finding

TITLE = "Unanswered question"
PRAISE = "Questions answered"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})


@dataclass(frozen=True, slots=True)
class Norm(AnswerWords):
    max_unanswered: float = 0
    min_answered: float = 2


EXPLAIN = {
    "flag": "{Other} asked a question, and {own} reply did not answer it ({why}).",
    "answered": "{Who} answered all {value:.0f} questions that {other} asked.",
}
ADVICE = {
    "flag": 'Answer first, then ask: "Tomorrow by noon. One question from my side: ..."',
    "answered": "Keep it: what is asked gets an answer, even if the answer is no.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    asked = exchanges(facts, norm)
    if not asked:
        raise Abstain("no question of the customer was recognised")
    open_ones = [item for item in asked if item.passed_over]
    if open_ones:
        return [_flag(item, norm) for item in open_ones]
    answered = [item for item in asked if item.answered]
    return [_praise(answered, norm)] if len(answered) == len(asked) >= norm.min_answered else []


def _flag(item: Exchange, norm: Norm) -> Finding:
    return finding(
        "unanswered_question",
        [item.question.span],
        value=1,
        norm=norm,
        threshold="max_unanswered",
        unit="question without an answer",
        quote=f"Customer: {shortened(item.question.text)} | Agent: {shortened(text_of(item.reply))}",
        why=item.passed_over,
        unless="the agent had answered it, or said who would",
    )


def _praise(answered: list[Exchange], norm: Norm) -> Finding:
    first = answered[0]
    return finding(
        "unanswered_question",
        [item.question.span for item in answered],
        value=len(answered),
        norm=norm,
        threshold="min_answered",
        unit="questions answered",
        quote=f"Customer: {shortened(first.question.text)} | Agent: {shortened(first.answer.text)}",
        variant="answered",
        strength=True,
        unless="one of them had been passed over",
    )
