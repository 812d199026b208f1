"""What each sentence of a turn does: by a language's phrases, and by what was said before and after it.

A clause whose words are mostly guesses does nothing: what was not understood is neither held against anybody nor
credited. A clause may do several things ("I'm sorry, could you hold?"). What a phrase decides has no probability; what
evidence decides (a question, an acknowledgement, taking up what the other said) has one, and is told from the share at
which precision and recall balance best: who wants to be surer asks for more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from speechcoach.conversation import acknowledgements, questions, restatements
from speechcoach.conversation.context import Conversation, Phrases, Said, converse, without_lead_in
from speechcoach.conversation.courtesies import by_phrase
from speechcoach.conversation.scales import scales
from speechcoach.conversation.wording import Clause, certainty, has_phrase, only_phrases
from speechcoach.records import Act, Turn, Word

TAKING_UP = ("reformulation", "repeat", "taken_up", "reflection", "understanding_check")
_MAX_BACKCHANNEL_TOKENS = 5
# Below it lie 2 of 12 clauses of made calls of which most words were wrong, and 1 of 151 others.
_GUESSED = 0.4
_READ_BACK = 3  # numbers in a row that the other has just said
_DIGITS = 10  # the first names of numbers are those of the digits


def tag_turns(turns: Sequence[Turn], words: Sequence[Word], phrases: Phrases) -> tuple[Turn, ...]:
    """The turns with their acts; a turn without words has none."""
    talk = converse(turns, words, phrases)
    acts: list[list[Act]] = [[] for _ in turns]
    for said, found in zip(talk.said, _found(talk), strict=True):
        if not _is_guess(said.clause):
            acts[said.turn] += [_act(said.clause, *act) for act in found]
    return tuple(replace(turn, acts=tuple(own)) for turn, own in zip(turns, acts, strict=True))


def is_backchannel(said: Sequence[str], phrases: Phrases) -> bool:
    """Whether these tokens only say "I am listening"."""
    return len(said) <= _MAX_BACKCHANNEL_TOKENS and only_phrases(said, phrases["backchannel"])


def is_question(clause: Clause, phrases: Phrases) -> bool:
    """By its mark or its opening alone; `tag_turns` knows better, where the other's words are at hand."""
    said = without_lead_in(clause.tokens, phrases)
    return clause.asks or has_phrase(said, phrases["question_opener"], at_start=True)


Told = tuple[str, float | None, str]  # kind, probability, what decided it


def _act(clause: Clause, kind: str, probability: float | None, why: str) -> Act:
    known = None if probability is None else round(probability, 3)
    return Act(kind, round(clause.start_s, 3), round(clause.end_s, 3), clause.text, known, why)


def _is_guess(clause: Clause) -> bool:
    sure = certainty(clause.words)
    return sure is not None and sure < _GUESSED


@dataclass(frozen=True, slots=True)
class Evidence:
    """What every scale reads of one clause, as far as it is needed: acknowledgements are no summaries."""

    asks: float
    asking: dict[str, float]
    listening: dict[str, float]
    taking_up: dict[str, float]


def gather(talk: Conversation) -> Iterator[Evidence]:
    """The evidence of each clause, in order."""
    asked = 0.0
    scale = scales().get("question")
    for place, said in enumerate(talk.said):
        asking = questions.evidence(talk, place)
        asks = scale.probability(asking) if scale else 0.0
        listening = acknowledgements.evidence(talk, place, asked) if acknowledgements.may_acknowledge(said) else {}
        taking_up = {} if said.acknowledges else {**asking, **restatements.evidence(talk, place, asks, asked)}
        yield Evidence(asks, asking, listening, taking_up)
        asked = asks


def _found(talk: Conversation) -> list[list[Told]]:
    found = [_of_clause(talk, place, evidence) for place, evidence in enumerate(gather(talk))]
    for place, said in enumerate(talk.said):
        found[place] += _in_reply(talk, place, found) + _stacked(talk, place, said, found)
    return found


def _of_clause(talk: Conversation, place: int, evidence: Evidence) -> list[Told]:
    said, phrases = talk.said[place], talk.phrases
    told: list[Told] = [(kind, None, "phrase") for kind in by_phrase(said)]
    if not phrases["asking"]:  # the scales were set on English: what they weigh is worth something else elsewhere
        return told + _by_rule(said, phrases)
    told += _scaled(("question",), evidence.asking)
    if told and told[-1][0] == "question":
        told += [(kind, None, "form") for kind in _forms(said, phrases)]
    told += _scaled(("backchannel", "acknowledgement"), evidence.listening)
    told += _scaled(TAKING_UP, evidence.taking_up)
    if _reads_back(talk, place):
        told.append(("read_back", None, "the same numbers"))
    return told


def _by_rule(said: Said, phrases: Phrases) -> list[Told]:
    """The mark or the opening tells a question, a phrase an acknowledgement; where nothing else is known."""
    found: list[Told] = []
    if is_backchannel(said.clause.tokens, phrases):
        found.append(("backchannel", None, "phrase"))
    if is_question(said.clause, phrases):
        found.append(("question", None, "mark or opening"))
        found += [(kind, None, "form") for kind in _forms(said, phrases)] if phrases["question_word"] else []
    return found


def _scaled(kinds: Sequence[str], evidence: dict[str, float]) -> list[Told]:
    """Those of the kinds whose scale reaches the share from which it is told."""
    found: list[Told] = []
    for kind in kinds if evidence else ():
        scale = scales()[kind]
        probability = scale.probability(evidence)
        if probability >= scale.at:
            found.append((kind, probability, scale.why(evidence)))
    return found


def _forms(said: Said, phrases: Phrases) -> Iterator[str]:
    yield "open_question" if questions.is_open(said, phrases) else "closed_question"
    if "question_tag" in said.ends:
        yield "tag_question"
    if "leading" in said.holds:
        yield "leading_question"


def _in_reply(talk: Conversation, place: int, found: Sequence[Sequence[Told]]) -> list[Told]:
    """A yes or a correction to what the other asked or said back just before."""
    if not place or not talk.opens_turn(place):
        return []
    said = talk.said[place]
    before = {kind for kind, *_ in found[place - 1]}
    if not before & {*TAKING_UP, "question", "read_back", "check_understanding"}:
        return []
    if "confirmation" in said.begins:
        return [("confirmation", None, "phrase in reply")]
    no = "no" in said.begins and bool(before & {*TAKING_UP, "read_back"})
    corrects = "correction" in said.holds and bool(before & {*TAKING_UP, "read_back"})
    return [("correction", None, "phrase in reply")] if no or corrects else []


def _stacked(talk: Conversation, place: int, said: Said, found: Sequence[Sequence[Told]]) -> list[Told]:
    """A second question in one turn, before the first could be answered."""
    if not _asks(found[place]) or "question_tag" in said.ends:
        return []
    earlier = [at for at in range(max(0, place - 2), place) if talk.said[at].turn == said.turn and _asks(found[at])]
    return [("stacked_question", None, "a question before it waits for an answer")] if earlier else []


def _asks(told: Sequence[Told]) -> bool:
    return any(kind == "question" for kind, *_ in told)


def _reads_back(talk: Conversation, place: int) -> bool:
    """Whether it holds numbers in a row that the other has just said."""
    numbers = _numbers(talk.said[place], talk.phrases)
    if len(numbers) < _READ_BACK:
        return False
    heard = "".join(_numbers(one, talk.phrases) for one in talk.heard(place)[::-1])
    return any(numbers[at : at + _READ_BACK] in heard for at in range(len(numbers) - _READ_BACK + 1))


def _numbers(said: Said, phrases: Phrases) -> str:
    """The numbers of a clause, a character a digit or a number word."""
    signs = _signs(phrases["number_word"])
    return "".join(token if token.isdigit() else signs.get(token, "") for token in said.tokens)


@lru_cache(maxsize=8)
def _signs(names: tuple[str, ...]) -> dict[str, str]:
    return {name: str(at) if at < _DIGITS else chr(ord("A") + at) for at, name in enumerate(names)}
