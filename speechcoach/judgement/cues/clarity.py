"""Plain words, few of them, without detours.

What it sees: words in the agent's informational turns, filler sounds in 100 words, and words from the house's own
jargon that the customer had not used. A recogniser drops many fillers, so that the count is a lower bound.
Why it matters: on the telephone nothing can be read again; what is short and plain arrives.
Source: R-CLARITY; plain-language guidance (ISO 24495-1:2023); speakers fill about 6 of 100 words with disfluencies of
all kinds (Fox Tree 1995; Bortfeld et al. 2001), so that only more of the sounds alone is a habit.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from speechcoach.conversation.wording import has_phrase
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import Sentence, by_turn, sentences, text_of, words_in
from speechcoach.records import Facts, Finding, Span

TITLE = "Clarity"
PRAISE = "Plain and short"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_CLIPS = 5
_NO_EXPLANATION = (
    "question", "greeting", "thanks", "farewell", "hold_announcement", "empathy", "apology", "restatement",
    "backchannel", "interrupting_politely",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Norm:
    max_fillers_per_100: float = 6.0
    max_words_per_turn: float = 80
    max_jargon: float = 1
    clear_words_per_turn: float = 45
    clear_fillers_per_100: float = 2.0
    informational_words: float = 12
    min_words: float = 60
    min_turns: float = 3
    filler: tuple[str, ...] = ()
    jargon: tuple[str, ...] = ()


EXPLAIN = {
    "fillers": "{value:.1f} of 100 of {own} words were filler sounds.",
    "long": "Half of {own} explanations had {value:.0f} words or more.",
    "jargon": "{Who} used {value:.0f} technical terms that {other} had not used: {why}.",
    "clear": "{Own} {value:.0f} explanations were short and plain: {why}.",
}
ADVICE = {
    "fillers": "Let the pause be a pause: breathe where the sound would have been.",
    "long": "One step, then a breath: let the customer say yes before the next.",
    "jargon": 'Say what it does instead of what it is called in the house ("your request", not "the ticket").',
    "clear": "Keep it: short sentences are remembered.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    own = [item for item in sentences(facts, AGENT) if item.sure]
    informing = [turn for turn in by_turn(own) if _informs(turn, norm)]
    words = words_in(own)
    if words < norm.min_words or len(informing) < norm.min_turns:
        raise Abstain(
            f"the agent explained something fewer than {norm.min_turns:g} times, or in too few words to count"
        )
    filled = [item for item in own if set(item.tokens) & set(norm.filler)]
    fillers = sum(token in norm.filler for item in filled for token in item.tokens)
    rate, length = 100 * fillers / words, median(words_in(turn) for turn in informing)
    jargon = _jargon(facts, own, norm)
    found = []
    if rate > norm.max_fillers_per_100:
        found.append(_finding(filled, rate, norm, "fillers", "max_fillers_per_100", "fillers in 100 words"))
    if length > norm.max_words_per_turn:
        longest = max(informing, key=words_in)
        found.append(_finding(longest, length, norm, "long", "max_words_per_turn", "words an explanation"))
    if len(jargon) > norm.max_jargon:
        places, terms = list(jargon.values()), ", ".join(jargon)
        found.append(_finding(places, len(jargon), norm, "jargon", "max_jargon", "technical terms", terms))
    if not found and not jargon and length <= norm.clear_words_per_turn and rate <= norm.clear_fillers_per_100:
        short = max((turn for turn in informing if words_in(turn) <= length), key=words_in)
        count, why = len(informing), f"about {length:.0f} words each"
        found.append(_finding(short, count, norm, "clear", "min_turns", "short explanations", why))
    return sorted(found, key=lambda item: item.spans[0])


def _informs(turn: list[Sentence], norm: Norm) -> bool:
    """A turn that tells something of some length, and does not only say back what was heard."""
    if any(item.does("restatement", "check_understanding") for item in turn):
        return False
    told = [item for item in turn if not item.does(*_NO_EXPLANATION)]
    return words_in(told) >= norm.informational_words


def _jargon(facts: Facts, own: list[Sentence], norm: Norm) -> dict[str, Sentence]:
    """Expressions of the list that the customer had not used, each with its first place."""
    theirs = [item.tokens for item in sentences(facts, CUSTOMER, inserted=True)]
    found: dict[str, Sentence] = {}
    for item in own:
        if has_phrase(item.tokens, norm.jargon):
            for term in (term for term in norm.jargon if has_phrase(item.tokens, (term,))):
                if not any(has_phrase(said, (term,)) for said in theirs):
                    found.setdefault(term, item)
    return found


def _finding(
    places: list[Sentence], value: float, norm: Norm, variant: str, threshold: str, unit: str, why: str = ""
) -> Finding:
    clear = variant == "clear"
    one_turn = variant in ("clear", "long")
    spans = [Span(places[0].start_s, places[-1].end_s)] if one_turn else [item.span for item in places[:_CLIPS]]
    return finding(
        "clarity",
        sorted(set(spans)),
        value=value,
        norm=norm,
        threshold=threshold,
        unit=unit,
        quote=shortened(text_of(places) if one_turn else places[0].text, 40),
        why=why,
        variant=variant,
        strength=clear,
        unless="there had been more words, fillers or jargon" if clear else "there had been fewer",
    )
