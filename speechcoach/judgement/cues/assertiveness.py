"""Sure of the matter, and kind with it.

What it sees: two things apart. How direct the agent is: hedges ("I guess", "hopefully") against firm
statements ("I will", "you will have it by"). How respectful: whether a refusal comes with a reason or a way on.
Why it matters: a hedge on every promise makes the promise worthless; a bare no closes a door, and a no with a reason
and another way is accepted.
Source: R-ASSERT; assertiveness as directness together with respect for the other (Alberti & Emmons 1970); reasons and
alternatives soften refusals (Brown & Levinson 1987).
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.wording import has_phrase
from speechcoach.judgement.cue import AGENT, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import Sentence, sentences, text_of
from speechcoach.records import Facts, Finding

TITLE = "Assertiveness"
PRAISE = "Clear and kind no"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_CLIPS = 5
_REACH = 2  # sentences after the refusal in which a reason or a way on belongs to it


@dataclass(frozen=True, slots=True)
class Norm:
    max_hedges: float = 5
    min_hedged_share: float = 0.25
    hedges_per_firm: float = 2.0
    max_bare_refusals: float = 0
    min_sentences: float = 5
    hedging: tuple[str, ...] = ()
    firm: tuple[str, ...] = ()
    refusing: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    way_on: tuple[str, ...] = ()


EXPLAIN = {
    "hesitant": "{Who} hedged {value:.0f} statements; {why}.",
    "bare_refusal": "{Who} refused without a reason and without another way.",
    "kind_refusal": "{Who} said no with a reason or another way ({why}).",
}
ADVICE = {
    "hesitant": 'Say what is sure without a hedge: "I will call you by noon, whatever I find."',
    "bare_refusal": 'Give the no a reason and a way on: "That is not covered, because ... What I can do is ..."',
    "kind_refusal": "Keep it: a no that explains itself is respected.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    own = [item for item in sentences(facts, AGENT) if item.sure]
    if len(own) < norm.min_sentences:
        raise Abstain(f"the agent said fewer than {norm.min_sentences:g} sentences that were understood")
    hedged = [item for item in own if not item.asks and has_phrase(item.tokens, norm.hedging)]
    firm = [item for item in own if item not in hedged and has_phrase(item.tokens, norm.firm)]
    refused = list({item.tokens: item for item in reversed(own) if _refuses(item, norm)}.values())[::-1]
    found = [_bare(facts, item, norm) for item in refused if not _softened(own, item, norm)]
    kind = [item for item in refused if _softened(own, item, norm)]
    if kind and not found:
        found.append(_kind(own, kind, norm))
    many = len(hedged) > norm.max_hedges and len(hedged) >= norm.min_hedged_share * len(own)
    if many and len(hedged) > norm.hedges_per_firm * len(firm):
        found.append(_hesitant(hedged, len(firm), norm))
    return sorted(found, key=lambda item: item.spans[0])


def _refuses(item: Sentence, norm: Norm) -> bool:
    return (
        item.one_thing
        and not item.asks
        and not item.does("blame", "interrupting_politely")
        and has_phrase(item.tokens, norm.refusing)
    )


def _near(own: list[Sentence], item: Sentence) -> list[Sentence]:
    """The refusal with the sentence before it and those soon after it in the same turn."""
    place = own.index(item)
    return [other for other in own[max(0, place - 1) : place + 1 + _REACH] if other.place == item.place]


def _softened(own: list[Sentence], item: Sentence, norm: Norm) -> bool:
    near = _near(own, item)
    return any(has_phrase(other.tokens, norm.reason) for other in near) or any(
        other.does("check_help", "solution_offer", "hold_announcement") or has_phrase(other.tokens, norm.way_on)
        for other in near
    )


def _bare(facts: Facts, item: Sentence, norm: Norm) -> Finding:
    return finding(
        "assertiveness",
        [item.span],
        value=1,
        norm=norm,
        threshold="max_bare_refusals",
        unit="refusal without a reason",
        quote=item.text,
        variant="bare_refusal",
        unless="the agent had given a reason, or said what can be done instead",
    )


def _kind(own: list[Sentence], kind: list[Sentence], norm: Norm) -> Finding:
    return finding(
        "assertiveness",
        [item.span for item in kind[:_CLIPS]],
        value=len(kind),
        norm=norm,
        threshold="max_bare_refusals",
        unit="refusal with a reason or a way on" if len(kind) == 1 else "refusals with a reason or a way on",
        quote=shortened(text_of(_near(own, kind[0])), 40),
        why="once" if len(kind) == 1 else f"{len(kind)} times",
        variant="kind_refusal",
        strength=True,
        unless="the no had stood alone",
    )


def _hesitant(hedged: list[Sentence], firm: int, norm: Norm) -> Finding:
    return finding(
        "assertiveness",
        [item.span for item in hedged[:_CLIPS]],
        value=len(hedged),
        norm=norm,
        threshold="max_hedges",
        unit="hedged statements",
        quote=" | ".join(shortened(item.text, 14) for item in hedged[:3]),
        why=f"{firm} were firm",
        variant="hesitant",
        unless="there had been fewer hedges, or firm statements beside them",
    )
