"""What each sentence of a turn does, by the phrases of a language: rules over words, nothing else.

A clause whose words are mostly guesses does nothing: what was not understood is neither held against anybody nor
credited. A clause may do several things ("I'm sorry, could you hold?"). Questions are found by the question mark
that a recogniser wrote or by how the clause opens, because neither alone can be trusted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from speechcoach.conversation.wording import Clause, certainty, clauses, has_phrase, only_phrases
from speechcoach.records import Act, Turn, Word

Phrases = Mapping[str, tuple[str, ...]]

BY_PHRASE = (
    "greeting",
    "self_introduction",
    "offer_of_help",
    "hold_announcement",
    "restatement",
    "check_understanding",
    "check_help",
    "apology",
    "empathy",
    "hardship",
    "thanks",
    "farewell",
    "anything_else",
    "blame",
    "interrupting_politely",
)
_MAX_BACKCHANNEL_TOKENS = 5
# Below it lie 2 of 12 clauses of made calls of which most words were wrong, and 1 of 151 others.
_GUESSED = 0.4


def tag_turns(turns: Sequence[Turn], words: Sequence[Word], phrases: Phrases) -> tuple[Turn, ...]:
    """The turns with their acts; a turn without words has none."""
    return tuple(replace(turn, acts=_acts(words_of(turn, words), phrases)) for turn in turns)


def words_of(turn: Turn, words: Sequence[Word]) -> list[Word]:
    """The words of the turn's speaker whose middle lies in the turn."""
    return [
        word
        for word in words
        if word.speaker == turn.speaker and turn.start_s <= (word.start_s + word.end_s) / 2 <= turn.end_s
    ]


def is_backchannel(said: Sequence[str], phrases: Phrases) -> bool:
    """Whether these tokens only say "I am listening"."""
    return len(said) <= _MAX_BACKCHANNEL_TOKENS and only_phrases(said, phrases["backchannel"])


def is_question(clause: Clause, phrases: Phrases) -> bool:
    """By its mark, or by its opening."""
    said = _without_lead_in(clause.tokens, phrases)
    return clause.asks or has_phrase(said, phrases["question_opener"], at_start=True)


def is_closed_question(clause: Clause, phrases: Phrases) -> bool:
    """A question that yes or no answers: it opens with an auxiliary, or ends with a tag."""
    said = _without_lead_in(clause.tokens, phrases)
    opens = has_phrase(said, phrases["closed_question_opener"], at_start=True)
    return opens or (clause.asks and has_phrase(clause.tokens, phrases["check_understanding"]))


def _without_lead_in(said: tuple[str, ...], phrases: Phrases) -> tuple[str, ...]:
    """Tokens after "okay, so ..." and the like, which hide how a question opens."""
    lead_ins = {phrase for phrase in phrases["lead_in"] if " " not in phrase}
    start = next((place for place, token in enumerate(said) if token not in lead_ins), len(said))
    return said[start:]


def _acts(words: Sequence[Word], phrases: Phrases) -> tuple[Act, ...]:
    return tuple(
        Act(kind, round(clause.start_s, 3), round(clause.end_s, 3), clause.text)
        for clause in clauses(words)
        if not _is_guess(clause)
        for kind in _kinds(clause, phrases)
    )


def _is_guess(clause: Clause) -> bool:
    sure = certainty(clause.words)
    return sure is not None and sure < _GUESSED


def _kinds(clause: Clause, phrases: Phrases) -> list[str]:
    said = clause.tokens
    kinds = [kind for kind in BY_PHRASE if has_phrase(said, phrases[kind])]
    if is_backchannel(said, phrases):
        kinds.append("backchannel")
    if is_question(clause, phrases):
        kinds.append("question")
        kinds.append("closed_question" if is_closed_question(clause, phrases) else "open_question")
    return kinds
