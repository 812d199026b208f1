"""Customer's questions and what became of them.

An answer shares content with its question, says yes or no, gives a number, or puts the answer off in words. What is
none of that is not yet `passed_over`: only a reply that shows it, or the customer's own words, make it so.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.wording import has_phrase
from speechcoach.judgement.content import content
from speechcoach.judgement.cue import CUSTOMER
from speechcoach.judgement.sentences import Sentence, replies, sentences, words_in
from speechcoach.records import Facts

_MIN_TOKENS = 4
_PUTS_OFF = ("hold_announcement", "check_understanding", "refusal", "blame")
_NOT_FOR_AN_ANSWER = ("check_help", "anything_else", "apology", "hold_announcement", "backchannel")
_SOON_S = 60.0


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """The phrases that tell an answer."""

    answer: tuple[str, ...] = ()
    yes_no: tuple[str, ...] = ()
    asks_quantity: tuple[str, ...] = ()
    deferral: tuple[str, ...] = ()
    not_answered: tuple[str, ...] = ()
    number_or_time: tuple[str, ...] = ()
    rhetorical: tuple[str, ...] = ()
    function_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, the agent's next turn, the sentence that answers it, and why it counts as passed over ("" = not).

    `answered`: a sentence shares content with it, says yes or no to what yes or no answers, or names the number that
    was asked for; and nothing was put off or refused.
    """

    question: Sentence
    reply: tuple[Sentence, ...]
    answer: Sentence | None
    passed_over: str
    answered: bool


def exchanges(facts: Facts, words: AnswerWords) -> list[Exchange]:
    """The customer's questions that ended a turn and that the agent came to speak after."""
    asked = [item for item in sentences(facts, CUSTOMER) if _asks(facts, item, words)]
    return [found for item in asked if (found := _exchange(facts, item, asked, words))]


def _asks(facts: Facts, item: Sentence, words: AnswerWords) -> bool:
    """A question of some length that the customer did not go on from at length."""
    rest = [other for other in sentences(facts, CUSTOMER) if other.place == item.place and other.start_s > item.start_s]
    whole = item.asks and item.sure and len(item.tokens) >= _MIN_TOKENS and words_in(rest) < _MIN_TOKENS
    return whole and not item.does(*_NOT_FOR_AN_ANSWER) and not has_phrase(item.tokens, words.rhetorical)


def _exchange(facts: Facts, question: Sentence, asked: list[Sentence], words: AnswerWords) -> Exchange | None:
    reply = replies(facts, question)
    if not reply:
        return None
    about = content(question.text, words.function_words)
    later = replies(facts, question, turns=2)
    put_off = next((item for item in later if _puts_off(item, words)), None)
    said_yes = (item for item in reply if has_phrase(item.tokens, words.answer, at_start=True))
    answer = next((item for item in later if _is_about(item, about, words)), None) or next(said_yes, None)
    passed_over = _passed_over(facts, question, reply, answer or put_off, asked, words)
    answered = not put_off and any(_in_substance(question, item, about, words) for item in reply if not item.asks)
    return Exchange(question, tuple(reply), answer or put_off, passed_over, answered)


def _in_substance(question: Sentence, item: Sentence, about: set[str], words: AnswerWords) -> bool:
    if has_phrase(question.tokens, words.asks_quantity):
        return _has_number(item, words)
    if question.does("closed_question") and has_phrase(item.tokens, words.yes_no, at_start=True):
        return True
    return bool(about & content(item.text, words.function_words))


def _has_number(item: Sentence, words: AnswerWords) -> bool:
    return not item.asks and any(token in words.number_or_time or token[0].isdigit() for token in item.tokens)


def _puts_off(item: Sentence, words: AnswerWords) -> bool:
    return item.does(*_PUTS_OFF) or has_phrase(item.tokens, words.deferral)


def _is_about(item: Sentence, about: set[str], words: AnswerWords) -> bool:
    return bool(about & content(item.text, words.function_words)) or _has_number(item, words)


def _passed_over(
    facts: Facts,
    question: Sentence,
    reply: list[Sentence],
    answer: Sentence | None,
    asked: list[Sentence],
    words: AnswerWords,
) -> str:
    protest = next((item for item in replies(facts, reply[-1]) if has_phrase(item.tokens, words.not_answered)), None)
    if protest:
        return f'the customer said: "{protest.text}"'
    if _asked_again(question, reply, asked, words):
        return "the customer asked it again"
    if answer:
        return ""
    if all(item.asks for item in reply) and words_in(reply) >= _MIN_TOKENS:
        return "the reply was another question"
    return ""


def _asked_again(question: Sentence, reply: list[Sentence], asked: list[Sentence], words: AnswerWords) -> bool:
    """The customer soon asks for all of it again, and the reply between had nothing of it."""
    about = content(question.text, words.function_words)
    soon = [item for item in asked if 0 < item.start_s - question.end_s <= _SOON_S and item.place != question.place]
    again = any(about and about <= content(item.text, words.function_words) for item in soon)
    return again and not any(
        _is_about(item, about, words) or _puts_off(item, words) or has_phrase(item.tokens, words.yes_no, at_start=True)
        for item in reply
    )
