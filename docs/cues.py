"""A page for each cue from the cue itself: its docstring, its sentences, its thresholds, what a flag costs.

`python docs/generate.py` writes docs/cues/*.md; a test fails where they are not what this makes.
"""

from __future__ import annotations

import re
from types import ModuleType

from speechcoach.judgement import all_cues
from speechcoach.settings import Norms, Rubric, ScoreRule

_DEMAND = re.compile(r"R-[A-Z]+(?:, R-[A-Z]+)*(?:; |\. ?)")  # ids of the demand that a cue meets: for its authors
_FOR = "*For everybody who reads this finding, or disputes it.* [All cues](README.md)."
_HEADS = ("What it sees", "Why it matters", "Source")
_NEEDED = {
    "speakers": "who speaks can be told",
    "overlaps": "who speaks at the same time can be told",
    "transcript": "a transcript",
    "phrases": "a language with phrases (English, Spanish)",
}
_MARKS = {"v": "read in the source", "m": "from memory", "d": "our default"}
_PEOPLE = {
    "who": "the speaker",
    "other": "the other",
    "customer": "the customer",
    "own": "the speaker's",
    "own_lower": "their",
    "value": "…",
    "limit": "…",
    "why": "…",
}


def pages() -> dict[str, str]:
    """Every page by its path under docs/: one a cue, and the list of all."""
    found = {f"cues/{name}.md": page(name, cue) for name, cue in all_cues().items()}
    return {"cues/README.md": overview(), **found}


def overview() -> str:
    """The list of all cues, with the score that each counts for."""
    rows = [
        f"| [{cue.TITLE}]({name}.md) | {opening(cue)} | {', '.join(rule.title for rule in scores(name)) or 'none'} |"
        for name, cue in all_cues().items()
    ]
    said = "*For everybody.* One page a cue, written from the code: what it sees, why, and where its numbers come from."
    head = ["# What is listened for", "", said, "", "| cue | what it is | counts for |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def page(name: str, cue: ModuleType) -> str:
    """One cue's page."""
    heads = sections(cue)
    parts = [f"# {cue.TITLE}", opening(cue), _FOR]
    parts += [f"**{head}.** {_capital(_DEMAND.sub('', heads[head]))}" for head in _HEADS if head in heads]
    needs = [_NEEDED[need] for need in _NEEDED if need in {item.value for item in cue.NEEDS}]
    parts.append(
        f"**Needs.** {_capital('; '.join(needs))}. Where one is missing it is not judged, and the report says why."
    )
    if getattr(cue, "AUDIENCES", None) == ("agent",):
        parts.append("**Who reads it.** The agent alone; reports for QA leave it out.")
    parts += ["## What it says", sentences(cue)]
    if thresholds := Norms.load("en").thresholds.get(name):
        rows = [
            f"| `{name}.{key}` | {entry.value:g} | {entry.source} ({_MARKS[entry.mark]}) |"
            for key, entry in thresholds.items()
        ]
        parts += ["## Thresholds", "\n".join(["| key | value | where it comes from |", "|---|---|---|", *rows])]
    parts += ["## What a flag costs", price(name)]
    return "\n\n".join(parts) + "\n"


def opening(cue: ModuleType) -> str:
    """The docstring's first paragraph."""
    return _line((cue.__doc__ or "").split("\n\n")[0])


def sections(cue: ModuleType) -> dict[str, str]:
    """The docstring's heads and what stands under them."""
    pieces = re.split(rf"^({'|'.join(_HEADS)}):", cue.__doc__ or "", flags=re.MULTILINE)
    return {head: _line(text) for head, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def sentences(cue: ModuleType) -> str:
    """What each variant says, and what it gives to try."""
    rows = [
        f"- {_filled(text)}" + (f" *{cue.ADVICE[variant]}*" if cue.ADVICE.get(variant) else "")
        for variant, text in cue.EXPLAIN.items()
    ]
    return "\n".join(rows)


def scores(name: str) -> list[ScoreRule]:
    """The scores of the shipped rubric that a flag of this cue costs."""
    return [rule for rule in Rubric.load().scores.values() if rule.costs.get(name)]


def price(name: str) -> str:
    """The points, by score, as the shipped rubric has them."""
    told = [
        f"{rule.costs[name]:g} of 100 points of “{rule.title}”"
        + (f", {rule.at_most[name]:g} at most" if name in rule.at_most else "")
        for rule in scores(name)
    ]
    return "; ".join(told) + "." if told else "Nothing: it is told, and no score rests on it."


def _filled(template: str) -> str:
    people = _PEOPLE | {key.capitalize(): _capital(text) for key, text in _PEOPLE.items()}
    return re.sub(r"\{(\w+)[^}]*\}", lambda place: people[place[1]], template)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _line(text: str) -> str:
    return " ".join(text.split())
