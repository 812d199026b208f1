"""A call as its sentences, each with what it does: what the cues of the words read.

Sentences stand in order of time. A sentence that was mostly guessed by the recogniser is `sure=False`: it is
neither held against anybody nor credited. `asks` is careful: where the recogniser wrote question marks at all, a
question has one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from speechcoach.conversation.wording import Clause, certainty, clauses
from speechcoach.records import Facts, Span, Turn, Word

# What says back what was heard: announced by a phrase, checked, or told by what it shares.
SAYS_BACK = ("restatement", "check_understanding", "reformulation", "understanding_check")
_GUESSED = 0.5  # a mean word probability below it is more likely wrong than right
_MIN_MARKS = 2
_ONE_SENTENCE = 40  # words; longer ones are several without full stops
_OVERLAPPED_S = 0.3  # an answer may begin on the question's last syllable


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a turn. `kinds` are the acts in it, `place` the number of its turn in the call."""

    speaker: str
    start_s: float
    end_s: float
    text: str
    tokens: tuple[str, ...]
    kinds: frozenset[str]
    asks: bool
    sure: bool
    turn: Turn
    place: int

    def does(self, *kinds: str) -> bool:
        """Whether the sentence does any of these things."""
        return not self.kinds.isdisjoint(kinds)

    @property
    def one_thing(self) -> bool:
        """Whether it is short enough to be one sentence: without punctuation a whole turn may look like one."""
        return len(self.tokens) <= _ONE_SENTENCE

    @property
    def span(self) -> Span:
        return Span(self.start_s, self.end_s)


class _Same:
    """Facts never change: what is read off one record may be kept while it is judged. Equal means identical."""

    __slots__ = ("facts",)

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def __hash__(self) -> int:
        return id(self.facts)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, _Same) and self.facts is other.facts


def sentences(facts: Facts, speaker: str | None = None, inserted: bool = False) -> tuple[Sentence, ...]:
    """The sentences of one speaker or of both; those that did not take the floor only if asked for."""
    return _chosen(_Same(facts), speaker, inserted)


def words_said(facts: Facts, speaker: str, start_s: float, end_s: float) -> list[Word]:
    """The speaker's words whose middle lies between the two times."""
    own, middles = _lanes(_Same(facts)).get(speaker, ((), ()))
    return list(own[bisect_left(middles, start_s) : bisect_right(middles, end_s)])


def by_turn(said: Iterable[Sentence]) -> list[list[Sentence]]:
    """Sentences in groups, one a turn."""
    groups: dict[int, list[Sentence]] = {}
    for item in said:
        groups.setdefault(item.place, []).append(item)
    return list(groups.values())


def replies(facts: Facts, to: Sentence, turns: int = 1, inserted: bool = False) -> list[Sentence]:
    """The other's sentences in the next turns after this sentence; a turn under way counts from here on."""
    after = [
        item
        for item in sentences(facts, inserted=inserted)
        if item.speaker != to.speaker and item.end_s > to.end_s and item.start_s > to.start_s
    ]
    return [item for group in by_turn(after)[:turns] for item in group]


def before(facts: Facts, item: Sentence, seconds: float) -> list[Sentence]:
    """What the other said in the seconds before this sentence."""
    return [
        other
        for other in sentences(facts, inserted=True)
        if other.speaker != item.speaker and item.start_s - seconds <= other.end_s <= item.start_s + _OVERLAPPED_S
    ]


def room_s(facts: Facts, after: Sentence) -> tuple[float, bool]:
    """Seconds until its speaker went on (or the call ended), and whether the other spoke first."""
    starts = _starts(_Same(facts))
    own, other = (starts.get(name, ()) for name in _both(facts, after.speaker))
    again_s = _next(own, after.end_s, facts.call.duration_s)
    other_s = _next(other, after.end_s - _OVERLAPPED_S, facts.call.duration_s)
    return again_s - after.end_s, other_s <= again_s and other_s < facts.call.duration_s


def led_up(facts: Facts, item: Sentence) -> str:
    """The sentence with the one before it in the turn: a check alone does not tell what was checked."""
    own = [other for other in sentences(facts, item.speaker) if other.place == item.place]
    place = own.index(item) if item in own else 0
    return text_of(own[max(0, place - 1) : place + 1]) or item.text


def text_of(said: Iterable[Sentence]) -> str:
    """The sentences as running text."""
    return " ".join(item.text for item in said)


def words_in(said: Iterable[Sentence]) -> int:
    """How many words the sentences have."""
    return sum(len(item.tokens) for item in said)


def _both(facts: Facts, speaker: str) -> tuple[str, str]:
    others = [name for name in facts.call.roles if name != speaker]
    return speaker, others[0] if others else ""


def _next(starts: tuple[float, ...], after_s: float, none_s: float) -> float:
    place = bisect_left(starts, after_s - 1e-6)
    return starts[place] if place < len(starts) else none_s


@lru_cache(maxsize=12)
def _chosen(same: _Same, speaker: str | None, inserted: bool) -> tuple[Sentence, ...]:
    return tuple(
        item for item in _sentences(same) if speaker in (None, item.speaker) and (inserted or not item.turn.inserted)
    )


@lru_cache(maxsize=2)
def _starts(same: _Same) -> dict[str, tuple[float, ...]]:
    found: dict[str, list[float]] = {}
    for word in same.facts.words:
        found.setdefault(word.speaker, []).append(word.start_s)
    return {speaker: tuple(sorted(starts)) for speaker, starts in found.items()}


@lru_cache(maxsize=2)
def _sentences(same: _Same) -> tuple[Sentence, ...]:
    facts = same.facts
    cut = [
        (place, turn, clauses(words_said(facts, turn.speaker, turn.start_s, turn.end_s)))
        for place, turn in enumerate(facts.turns)
    ]
    marked = sum(clause.asks for _, _, found in cut for clause in found) >= _MIN_MARKS
    said = [_sentence(clause, turn, place, marked) for place, turn, found in cut for clause in found]
    return tuple(sorted(said, key=lambda item: (item.start_s, item.end_s)))


@lru_cache(maxsize=2)
def _lanes(same: _Same) -> dict[str, tuple[tuple[Word, ...], tuple[float, ...]]]:
    lanes: dict[str, list[Word]] = {}
    for word in same.facts.words:
        lanes.setdefault(word.speaker, []).append(word)
    ordered = {speaker: sorted(own, key=_middle) for speaker, own in lanes.items()}
    return {speaker: (tuple(own), tuple(map(_middle, own))) for speaker, own in ordered.items()}


def _middle(word: Word) -> float:
    return (word.start_s + word.end_s) / 2


def _sentence(clause: Clause, turn: Turn, place: int, marked: bool) -> Sentence:
    text, middle_s = clause.text, (clause.start_s + clause.end_s) / 2
    kinds = frozenset(act.kind for act in turn.acts if act.start_s - 0.01 <= middle_s <= act.end_s + 0.01)
    sure = certainty(clause.words)
    asks = clause.asks if marked else "question" in kinds
    return Sentence(
        speaker=turn.speaker,
        start_s=clause.start_s,
        end_s=clause.end_s,
        text=text,
        tokens=clause.tokens,
        kinds=kinds,
        asks=asks and "backchannel" not in kinds,
        sure=sure is None or sure >= _GUESSED,
        turn=turn,
        place=place,
    )
