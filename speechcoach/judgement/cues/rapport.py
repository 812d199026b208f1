"""Near, but not too near.

What it sees: whether the agent calls the customer by the name that the customer gave, thanks, and has a word for the
person beside the matter; and over-familiar words, or the name in every other sentence.
Why it matters: a name and a thank-you make a caller a person; endearments from a stranger make many uncomfortable.
Source: R-RAPPORT; rapport as attention, positivity and coordination (Tickle-Degnen & Rosenthal 1990). Which words are
too near is a team's to change in the norms file.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.wording import has_phrase, tokens
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import Sentence, replies, sentences
from speechcoach.records import Facts, Finding

TITLE = "Too familiar"
PRAISE = "Rapport"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_CLIPS = 5
_NAME_WORDS = 2


@dataclass(frozen=True, slots=True)
class Norm:
    max_familiar: float = 0
    max_name_uses_per_min: float = 2.0
    min_name_uses: float = 6
    min_signs: float = 2
    min_turns: float = 4
    familiar: tuple[str, ...] = ()
    gives_name: tuple[str, ...] = ()
    asks_name: tuple[str, ...] = ()
    small_talk: tuple[str, ...] = ()
    backchannel: tuple[str, ...] = ()
    function_words: tuple[str, ...] = ()


EXPLAIN = {
    "familiar": "{Who} used words that can feel too near for a stranger ({why}).",
    "name_too_often": "{Who} said {other}'s name {value:.1f} times a minute.",
    "warm": "{Who} spoke to {other} as a person: {why}.",
}
ADVICE = {
    "familiar": "Use the name that the customer gave you: it is as warm, and nobody minds it.",
    "name_too_often": "Once at the start, once at the turning point, once at the end: a name wears out.",
    "warm": "Keep it.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    own = [item for item in sentences(facts, AGENT) if item.sure]
    if len({item.place for item in own}) < norm.min_turns or not sentences(facts, CUSTOMER):
        raise Abstain(f"the agent spoke fewer than {norm.min_turns:g} times, or to nobody")
    theirs = [item.tokens for item in sentences(facts, CUSTOMER, inserted=True)]
    near = [item for item in own if has_phrase(item.tokens, norm.familiar)]
    near = [item for item in near if not any(_shares(item.tokens, said, norm.familiar) for said in theirs)]
    if len(near) > norm.max_familiar:
        return [_familiar(near, norm)]
    called = _called(own, _names(facts, norm))
    minutes = max(1.0, facts.call.duration_s / 60)
    if len(called) >= norm.min_name_uses and len(called) / minutes > norm.max_name_uses_per_min:
        return [_too_often(called, len(called) / minutes, norm)]
    return _warm(own, called, norm)


def _shares(said: tuple[str, ...], other: tuple[str, ...], phrases: tuple[str, ...]) -> bool:
    """Whether a word of the list stands in both: who is called so may call so."""
    return any(has_phrase(said, (phrase,)) and has_phrase(other, (phrase,)) for phrase in phrases)


def _names(facts: Facts, norm: Norm) -> set[str]:
    """The customer's name as the customer gave it: after its opening, or as the answer to the question for it."""
    found: set[str] = set()
    for item in sentences(facts, CUSTOMER):
        if has_phrase(item.tokens, norm.gives_name):
            found |= _capitalised(item.text.split(), norm)
    for item in sentences(facts, AGENT):
        if has_phrase(item.tokens, norm.asks_name):
            found |= {name for reply in replies(facts, item)[:2] for name in _capitalised(reply.text.split()[:4], norm)}
    return found - _own_names(facts)


def _own_names(facts: Facts) -> set[str]:
    return {token for item in sentences(facts, AGENT) if item.does("self_introduction") for token in item.tokens}


def _capitalised(words: list[str], norm: Norm) -> set[str]:
    """Words written with a capital that are no ordinary words."""
    names = {token for word in words if word[:1].isupper() for token in tokens(word)}
    return {name for name in names if name.isalpha() and len(name) > 2} - set(norm.function_words + norm.backchannel)


def _called(own: list[Sentence], names: set[str]) -> list[Sentence]:
    return [item for item in own if names & set(item.tokens) and not item.does("self_introduction")]


def _warm(own: list[Sentence], called: list[Sentence], norm: Norm) -> list[Finding]:
    signs = {
        "by name": called,
        "with thanks": [item for item in own if item.does("thanks") and not item.does("greeting")],
        "with a personal word": [item for item in own if has_phrase(item.tokens, norm.small_talk)],
    }
    there = {name: places[0] for name, places in signs.items() if places}
    if len(there) < norm.min_signs:
        return []
    praise = finding(
        "rapport",
        sorted({item.span for item in there.values()}),
        value=len(there),
        norm=norm,
        threshold="min_signs",
        unit="signs of rapport",
        quote=" | ".join(dict.fromkeys(shortened(item.text, 14) for item in there.values())),
        why=", ".join(there),
        variant="warm",
        strength=True,
        unless="there had been fewer",
    )
    return [praise]


def _familiar(near: list[Sentence], norm: Norm) -> Finding:
    said = [phrase for phrase in norm.familiar if any(has_phrase(item.tokens, (phrase,)) for item in near)]
    return finding(
        "rapport",
        [item.span for item in near[:_CLIPS]],
        value=len(near),
        norm=norm,
        threshold="max_familiar",
        unit="over-familiar expressions",
        quote=near[0].text,
        why=", ".join(f'"{phrase}"' for phrase in said),
        variant="familiar",
        unless="the customer had used the same word first",
    )


def _too_often(called: list[Sentence], rate: float, norm: Norm) -> Finding:
    return finding(
        "rapport",
        [item.span for item in called[:_CLIPS]],
        value=rate,
        norm=norm,
        threshold="max_name_uses_per_min",
        unit="times a minute",
        quote=shortened(called[0].text),
        variant="name_too_often",
        unless="the name had been said less often",
    )
