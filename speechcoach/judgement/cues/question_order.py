"""Questions that can be answered, in an order that helps.

What it sees: agent's questions in a row without room between them; questions that put the answer into the customer's
mouth ("you did not restart it, did you?"); and whether an open question came early and a check late.
Why it matters: of three questions at once the last one is answered; a leading question gets the answer it asks for.
An open question early lets the customer set the matter out, and a check late makes sure that nothing is left.
Source: R-QUESTIONS; survey methodology on double-barrelled and leading questions (Schuman & Presser 1981).
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.wording import has_phrase
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import Sentence, room_s, sentences, text_of
from speechcoach.records import Facts, Finding, Span

TITLE = "Questions"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_RITUAL = ("offer_of_help", "greeting", "anything_else", "check_help", "check_understanding", "hold_announcement")
_LATE = ("check_help", "check_understanding", "anything_else")
_MIN_TOKENS = 3
_EARLY_SHARE, _LATE_SHARE = 0.4, 0.6


@dataclass(frozen=True, slots=True)
class Norm:
    questions_in_a_row: float = 3
    max_leading: float = 0
    min_questions: float = 2
    min_call_s: float = 60.0
    puts_answer: tuple[str, ...] = ()
    question_opener: tuple[str, ...] = ()
    second_person: tuple[str, ...] = ()
    serving: tuple[str, ...] = ()


EXPLAIN = {
    "stacked": "{Who} asked {value:.0f} questions in a row without leaving room for an answer.",
    "leading": "{Who} asked in a way that suggested the answer.",
    "good_order": "{Who} asked an open question early and checked late in the call.",
}
ADVICE = {
    "stacked": "One question, one answer. Keep the second question for after the reply.",
    "leading": 'Ask without the answer in it: "What happened after that?" instead of "That worked, didn\'t it?"',
    "good_order": "Keep it: wide at the start, narrow at the end.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    if not sentences(facts, CUSTOMER, inserted=True):
        raise Abstain("the customer does not speak")
    asked = [item for item in sentences(facts, AGENT) if item.asks and item.sure]
    if len(asked) < norm.min_questions:
        raise Abstain(f"the agent asked fewer than {norm.min_questions:g} questions")
    found = [_stacked(row, norm) for row in _rows(facts, asked, norm) if len(row) >= norm.questions_in_a_row]
    found += [_leading(item, norm) for item in asked if has_phrase(item.tokens, norm.puts_answer)]
    return sorted(found or _order(facts, asked, norm), key=lambda item: item.spans[0])


def _rows(facts: Facts, asked: list[Sentence], norm: Norm) -> list[list[Sentence]]:
    """Questions of some length that follow each other in one turn before the customer has spoken."""
    rows: list[list[Sentence]] = []
    for item in asked:
        opens = has_phrase(item.tokens, norm.question_opener)
        if len(item.tokens) < _MIN_TOKENS or not opens or item.does(*_RITUAL):
            continue
        last = rows[-1][-1] if rows else None
        if last and last.place == item.place and not room_s(facts, last)[1]:
            rows[-1].append(item)
        else:
            rows.append([item])
    return rows


def _stacked(row: list[Sentence], norm: Norm) -> Finding:
    return finding(
        "question_order",
        [Span(row[0].start_s, row[-1].end_s)],
        value=len(row),
        norm=norm,
        threshold="questions_in_a_row",
        unit="questions in a row",
        quote=shortened(text_of(row), 50),
        variant="stacked",
        unless="the customer had had room to answer each",
    )


def _leading(item: Sentence, norm: Norm) -> Finding:
    return finding(
        "question_order",
        [item.span],
        value=1,
        norm=norm,
        threshold="max_leading",
        unit="leading question",
        quote=item.text,
        variant="leading",
        unless="the question had left the answer open",
    )


def _order(facts: Facts, asked: list[Sentence], norm: Norm) -> list[Finding]:
    """An open question to the customer in the first part of the talk, and a check in the last."""
    first_s, last_s = facts.turns[0].start_s, max(turn.end_s for turn in facts.turns)
    length_s = last_s - first_s
    early = [item for item in asked if _is_open(item, norm) and item.start_s - first_s <= _EARLY_SHARE * length_s]
    late = [item for item in asked if item.does(*_LATE) and item.start_s - first_s >= _LATE_SHARE * length_s]
    if length_s < norm.min_call_s or not early or not late:
        return []
    praise = finding(
        "question_order",
        [early[0].span, late[-1].span],
        value=len(early) + len(late),
        norm=norm,
        threshold="min_questions",
        unit="questions in their place",
        quote=f"{early[0].text} | {late[-1].text}",
        variant="good_order",
        strength=True,
        unless="the open question had come late, or no check had followed",
    )
    return [praise]


def _is_open(item: Sentence, norm: Norm) -> bool:
    whole = item.does("open_question") and len(item.tokens) > _MIN_TOKENS and not item.does(*_RITUAL)
    return whole and has_phrase(item.tokens, norm.second_person) and not has_phrase(item.tokens, norm.serving)
