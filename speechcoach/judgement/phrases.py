"""A finding as sentences a person can read: for QA in the third person, for the agent in the second.

The cue's own templates are filled here; nothing is judged. Placeholders: {who} and {other} are the two parties,
{own} is whose voice it is, {value}, {limit} and {why} come from the finding; capitals begin a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from speechcoach.judgement import all_cues
from speechcoach.records import Abstention, Finding, Result
from speechcoach.settings import Rubric

Audience = Literal["qa", "agent"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What happened, the words, the norm it was held against, what would have made it none, and one thing to try."""

    title: str
    happened: str
    quote: str
    norm: str
    unless: str
    advice: str


def told_to(result: Result, audience: Audience) -> Result:
    """The result without what is not this reader's business: some cues are the agent's own."""
    cues = {name for name, cue in all_cues().items() if audience in getattr(cue, "AUDIENCES", (audience,))}
    return replace(
        result,
        findings=tuple(item for item in result.findings if item.cue in cues),
        abstained=tuple(item for item in result.abstained if item.cue in cues),
    )


def stacked(findings: Sequence[Finding], least: int = 3) -> list[list[Finding]]:
    """Findings in order; those of one kind, where there are at least so many, together at the place of their first."""
    kinds: dict[tuple[str, str, str], list[Finding]] = {}
    for item in findings:
        kinds.setdefault((item.cue, item.variant, item.speaker), []).append(item)
    piles = [pile for pile in kinds.values() if len(pile) >= least]
    singles = [[item] for pile in kinds.values() if len(pile) < least for item in pile]
    place = {item.id: number for number, item in enumerate(findings)}
    return sorted(piles + singles, key=lambda pile: place[pile[0].id])


def explain(finding: Finding, audience: Audience = "qa") -> Sentence:
    """The finding in words."""
    cue = all_cues()[finding.cue]
    return Sentence(
        title=getattr(cue, "PRAISE", cue.TITLE) if finding.strength else cue.TITLE,
        happened=_filled(cue.EXPLAIN[finding.variant], finding, audience),
        quote=finding.quote.replace("Agent: ", "You: ") if audience == "agent" else finding.quote,
        norm=_norm(finding),
        unless=_addressed(f"No flag if {finding.unless}.", audience),
        advice=cue.ADVICE[finding.variant],
    )


def cue_title(name: str) -> str:
    """A cue's name for people."""
    return all_cues()[name].TITLE


def score_title(name: str, rubric: Rubric | None = None) -> str:
    """A score's name for people."""
    rules = (rubric or Rubric.load()).scores
    return rules[name].title if name in rules else name.replace("_", " ").capitalize()


def why_not(item: Abstention, audience: Audience = "qa") -> str:
    """Why a cue was not judged, as a sentence."""
    why = item.why.rstrip(".")
    return _addressed(f"{why[:1].upper()}{why[1:]}.", audience)


def bound(finding: Finding) -> str:
    """The limit and which side of it is flagged."""
    limit = _limit(finding)
    return f"at least {limit} expected" if finding.value < finding.limit else f"flagged from {limit}"


def held_against(finding: Finding) -> str:
    """The norm without what was measured, as a sentence."""
    return f"{_capital(bound(finding))} ({finding.cue}.{finding.threshold}: {finding.source})."


def measure(finding: Finding) -> str:
    """What was measured, with its unit."""
    return _amount(finding.value, finding.unit)


def _amount(value: float, unit: str) -> str:
    """A number with its unit; a "share of ..." reads as a percentage."""
    if unit == "probability":
        return f"{value:.0%} sure"
    share, _, whole = unit.partition("share of ")
    return f"{value:.0%} of {whole}" if whole and not share else f"{value:.3g} {unit}"


def _norm(finding: Finding) -> str:
    return f"Measured {measure(finding)}; {bound(finding)} ({finding.cue}.{finding.threshold}: {finding.source})."


def _limit(finding: Finding) -> str:
    return f"{finding.limit:.0%}" if finding.unit.startswith(("share of ", "probability")) else f"{finding.limit:g}"


def _filled(template: str, finding: Finding, audience: Audience) -> str:
    other = "customer" if finding.speaker == "agent" else "agent"
    names = {
        "who": f"the {finding.speaker}",
        "other": f"the {other}",
        "customer": "the customer",
        "own": "the agent's" if finding.speaker == "agent" else "the customer's",
        "own_lower": "your" if (audience, finding.speaker) == ("agent", "agent") else "their",
        "why": finding.why,
        "value": finding.value,
        "limit": finding.limit,
    }
    names |= {"Who": _capital(names["who"]), "Other": _capital(names["other"]), "Own": _capital(names["own"])}
    return _addressed(template.format(**names), audience)


def _addressed(text: str, audience: Audience) -> str:
    """Third person to second, for the agent; templates keep to the past tense, so verbs stay as they are."""
    if audience == "qa":
        return text
    for third, second in (("agent's", "your"), ("agent", "you")):
        text = text.replace(f"The {third}", second.capitalize()).replace(f"the {third}", second)
    return text.replace("you was", "you were")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
