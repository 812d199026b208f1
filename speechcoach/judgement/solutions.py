"""Whether a sentence proposes what to do: by a phrase ("I can send you"), or by the form of advice.

Advice has a form in any language: a word of duty or ability that speaks to the customer ("you should", "tiene que"),
at the beginning of a sentence, and then what to do. Where the form begins inside a sentence it mostly depends on
something ("if you can", "what you should"), and what follows is often no deed ("you can see", "you should have
asked"). Its words stand in the norms: `advising`, what may stand before it and beside the verb, and what is no deed;
where a language's infinitives have endings, `action_ending` lists them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from speechcoach.conversation.wording import has_phrase, written_out
from speechcoach.judgement.sentences import Sentence

_WAITS = ("hold_announcement", "offer_of_help", "interrupting_politely")
_LEAST_AFTER = 2  # words: the deed and what it is done to; "you can try" alone says nothing


@dataclass(frozen=True, slots=True)
class Proposing:
    """The groups of phrases that tell a proposal: part of the `Norm` of a cue that asks for it."""

    solution: tuple[str, ...] = ()
    advising: tuple[str, ...] = ()
    before_advice: tuple[str, ...] = ()
    beside_action: tuple[str, ...] = ()
    no_action: tuple[str, ...] = ()
    action_ending: tuple[str, ...] = ()


def proposes(item: Sentence, norm: Proposing) -> bool:
    """Whether the sentence offers or advises something; what only announces a wait, or asks, does not."""
    if item.asks or item.does(*_WAITS):
        return False
    return item.does("solution_offer") or has_phrase(item.tokens, norm.solution) or advises(item.tokens, norm)


def advises(said: Sequence[str], norm: Proposing) -> bool:
    """Whether these tokens have the form of advice."""
    plain = written_out(tuple(said), norm.advising)
    said = _after(plain, norm.before_advice)
    return any(_names_deed(said[size:], norm) for size in _heads(said, norm.advising))


def _after(said: tuple[str, ...], phrases: tuple[str, ...]) -> tuple[str, ...]:
    """What is left when as many of the phrases as possible are taken off the beginning."""
    while size := max(_heads(said, phrases), default=0):
        said = said[size:]
    return said


def _heads(said: tuple[str, ...], phrases: tuple[str, ...]) -> list[int]:
    """How many tokens each of the phrases takes that the tokens begin with."""
    parts = (tuple(phrase.split()) for phrase in phrases)
    return [len(part) for part in parts if said[: len(part)] == part]


def _names_deed(after: tuple[str, ...], norm: Proposing) -> bool:
    """What follows begins with a verb that somebody can act on."""
    rest = _after(after, norm.beside_action)
    if len(rest) < _LEAST_AFTER or has_phrase(rest, norm.no_action, at_start=True):
        return False
    return not norm.action_ending or rest[0].endswith(norm.action_ending)
