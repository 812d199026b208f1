"""What every cue shares: what it may need, how it abstains, how it writes a finding.

A cue is one file in `cues/`. Its docstring has the heads *What it sees*, *Why it matters*, *Source*. It holds

    TITLE     a name for people
    PRAISE    the name of its strength, where that is another
    NEEDS     what must be there for it to judge at all
    Norm      a frozen record of its thresholds, the unit in each name; values come from the norms file
    EXPLAIN   by variant: what happened, in words with {placeholders}
    ADVICE    by variant: one thing to try
    AUDIENCES who may read it, where that is not everybody
    detect    (facts, norm) -> findings, in order of time; raises Abstain where the facts do not allow a judgement
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

from speechcoach.conversation.wording import join
from speechcoach.judgement.doubts import unjudged
from speechcoach.judgement.sentences import words_said
from speechcoach.records import Facts, Finding, Span, Turn
from speechcoach.settings import Norms

AGENT, CUSTOMER = "agent", "customer"


class Need(Enum):
    """What a cue rests on."""

    SPEAKERS = "speakers"  # it can be told who speaks
    OVERLAPS = "overlaps"  # and when both do
    WORDS = "transcript"  # there is a transcript
    PHRASES = "phrases"  # in a language that has a norms file


class Abstain(Exception):
    """This cannot be judged, or not wholly; the text says why, `findings` is what could be."""

    def __init__(self, why: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(why)
        self.findings = findings


def missing(needs: Iterable[Need], facts: Facts, norms: Norms) -> str | None:
    """Why a cue with these needs cannot judge these facts; None where it can."""
    if "recording" in facts.unfit:
        return facts.unfit["recording"]
    if not facts.units:
        return "nobody speaks in the recording"
    for need in (Need.SPEAKERS, Need.OVERLAPS, Need.WORDS, Need.PHRASES):
        if need in needs and (why := _lack(need, facts, norms)):
            return why
    return None


def _lack(need: Need, facts: Facts, norms: Norms) -> str | None:
    if need is Need.PHRASES:
        return None if norms.has_phrases else f"there are no phrases yet for the language {norms.language!r}"
    if need is Need.WORDS and not facts.words:
        return facts.unfit.get("transcript", "no words were recognised")
    return facts.unfit.get(need.value)


def overlaps_judged(facts: Facts, findings: Sequence[Finding]) -> list[Finding]:
    """The findings; raises Abstain, with them, where the overlaps of some seconds could not be judged."""
    if facts.overlaps_unjudged:
        raise Abstain(unjudged(facts), findings)
    return list(findings)


def finding(
    cue: str,
    spans: Iterable[Span],
    *,
    value: float,
    norm: Any,
    threshold: str,
    unit: str,
    unless: str,
    quote: str = "",
    why: str = "",
    speaker: str = AGENT,
    variant: str = "flag",
    strength: bool = False,
) -> Finding:
    """A finding with an id that is the same whenever the same moment is found again."""
    spans = tuple(spans)
    place = f"{spans[0].start_s:.2f}" if spans else "call"
    return Finding(
        id=f"{cue}-{variant}-{speaker}-{place}",
        cue=cue,
        speaker=speaker,
        spans=spans,
        value=round(float(value), 3),
        limit=float(getattr(norm, threshold)),
        unit=unit,
        quote=quote,
        unless=unless,
        why=why,
        threshold=threshold,
        variant=variant,
        strength=strength,
    )


def span_of(record: Any) -> Span:
    """The span of anything with `start_s` and `end_s`."""
    return Span(record.start_s, record.end_s)


def floor_turns(facts: Facts, speaker: str | None = None) -> list[Turn]:
    """Turns that had the floor, of one speaker or of both, in order of time."""
    return [turn for turn in facts.turns if not turn.inserted and speaker in (None, turn.speaker)]


def does(turn: Turn, *kinds: str) -> bool:
    """Whether the turn does any of these things."""
    return any(act.kind in kinds for act in turn.acts)


def quote_of(turn: Turn, *kinds: str) -> str:
    """The first sentence of the turn that does one of these things, or "" if none does."""
    return next((act.text for act in turn.acts if act.kind in kinds), "")


def said_around(facts: Facts, speaker: str, start_s: float, end_s: float) -> str:
    """What the speaker said between the two times."""
    return join(words_said(facts, speaker, start_s, end_s))


def shortened(text: str, words: int = 24) -> str:
    """The first words of a text, with an ellipsis where some are left out."""
    said = text.split()
    return text if len(said) <= words else " ".join(said[:words]) + " ..."


def last_words(text: str, words: int = 10) -> str:
    """The last words of a text, with an ellipsis where some are left out."""
    said = text.split()
    return text if len(said) <= words else "... " + " ".join(said[-words:])


def other_than(speaker: str) -> str:
    """The other party of a two-party call."""
    return CUSTOMER if speaker == AGENT else AGENT
