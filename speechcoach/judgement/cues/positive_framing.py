"""Saying what can be done rather than what cannot.

What it sees: agent's sentences that say what is possible ("I can", "you will have", "happy to") and those that say
what is not ("I can't", "unfortunately", "you have to"); the same sentence counts once.
Why it matters: the same fact sounds like help or like a wall by its first words, and customers remember which.
Source: R-ATTITUDE; framing effects (Tversky & Kahneman 1981); service training. The limits are our defaults.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.wording import has_phrase
from speechcoach.judgement.cue import AGENT, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import Sentence, sentences
from speechcoach.records import Facts, Finding

TITLE = "Negative framing"
PRAISE = "Positive framing"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_CLIPS = 5
_MIN_TOKENS = 3


@dataclass(frozen=True, slots=True)
class Norm:
    min_positive_share: float = 0.3
    good_positive_share: float = 0.8
    min_framed: float = 4
    positive_frame: tuple[str, ...] = ()
    negative_frame: tuple[str, ...] = ()


EXPLAIN = {
    "negative": "Of {own} sentences about what can be done, {value:.0%} said what is possible, the others what is not.",
    "positive": "{Who} said what can be done rather than what cannot ({why}).",
}
ADVICE = {
    "negative": 'Turn it round: "I can do that from Monday" says the same as "I cannot do that before Monday".',
    "positive": "Keep it.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    framed = _framed(facts, norm)
    negative = [item for item in framed if has_phrase(item.tokens, norm.negative_frame)]
    positive = [item for item in framed if item not in negative]
    if len(framed) < norm.min_framed:
        raise Abstain(f"the agent said fewer than {norm.min_framed:g} sentences about what can or cannot be done")
    share = len(positive) / len(framed)
    if share < norm.min_positive_share:
        return [_finding(negative, share, len(framed), norm, "negative", "min_positive_share")]
    if share >= norm.good_positive_share:
        return [_finding(positive, share, len(framed), norm, "positive", "good_positive_share")]
    return []


def _framed(facts: Facts, norm: Norm) -> list[Sentence]:
    """Sentences about what can and what cannot be done, each wording once."""
    framed: dict[tuple[str, ...], Sentence] = {}
    for item in sentences(facts, AGENT):
        whole = item.sure and not item.asks and len(item.tokens) >= _MIN_TOKENS
        if whole and has_phrase(item.tokens, norm.positive_frame + norm.negative_frame):
            framed.setdefault(item.tokens, item)
    return list(framed.values())


def _finding(places: list[Sentence], share: float, framed: int, norm: Norm, variant: str, threshold: str) -> Finding:
    good = variant == "positive"
    return finding(
        "positive_framing",
        [item.span for item in places[:_CLIPS]],
        value=share,
        norm=norm,
        threshold=threshold,
        unit="share of what was said about it",
        quote=" | ".join(shortened(item.text, 14) for item in places[:3]),
        why=f"{len(places)} of {framed} sentences",
        variant=variant,
        strength=good,
        unless="more of them had said what is not possible" if good else "more of them had said what is possible",
    )
