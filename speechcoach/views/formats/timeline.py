"""What lies on the clock of a call, ready to be written by any format.

Conventions: times are seconds of the call, within it; text stands on one line, without characters that XML, Praat or a
subtitle file cannot hold; a turn without words, as calls have that were analysed without a transcript, reads `SPEECH`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from speechcoach.records import Facts, Finding, Result, Turn

SPEECH = "(speech)"
NAMES = {"agent": "Agent", "customer": "Customer", "mixed": "Speaker"}
_PER_SPEAKER = ("words", "turns", "units")
_ON_THE_CLOCK = (*_PER_SPEAKER, "overlaps", "pauses", "windows", "overlaps_unjudged")
_NO_TEXT = ("Cc", "Cs")  # control characters and lone surrogates

Ranged = TypeVar("Ranged", bound=Any)


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """A stretch of the call, or a moment where both times are one, and what is written there."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Track:
    """Items of one kind, in order of time; `speaker` is who they are about, None where they are about both."""

    name: str
    speaker: str | None
    items: tuple[Item, ...]


def clamped(result: Result) -> Result:
    """The result with every range inside the call; what lay beyond its end lies on its end."""
    end_s = result.facts.call.duration_s
    ranges: dict[str, Any] = {
        name: tuple(_within(item, end_s) for item in getattr(result.facts, name)) for name in _ON_THE_CLOCK
    }
    findings = tuple(
        replace(item, spans=tuple(_within(span, end_s) for span in item.spans)) for item in result.findings
    )
    return replace(result, facts=replace(result.facts, **ranges), findings=findings)


def _within(item: Ranged, end_s: float) -> Ranged:
    if item.end_s <= end_s:
        return item
    return replace(item, start_s=min(item.start_s, end_s), end_s=end_s)


def one_line(text: str) -> str:
    """The text with single spaces for all white space, without what no file format can hold."""
    kept = (c for c in " ".join(text.split()) if unicodedata.category(c) not in _NO_TEXT and not _is_noncharacter(c))
    return "".join(kept).strip()


def utf8(text: str) -> str:
    """The text as it is, but for NUL and for what UTF-8 cannot hold, which becomes "?"."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _is_noncharacter(character: str) -> bool:
    """The 66 code points that Unicode keeps free of characters; XML forbids two of them."""
    code = ord(character)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def speakers(facts: Facts) -> list[str]:
    """Who speaks, the agent first."""
    found = {item.speaker for name in _PER_SPEAKER for item in getattr(facts, name)}
    return [name for name in NAMES if name in found] + sorted(found - NAMES.keys())


def tracks(result: Result) -> list[Track]:
    """Everything that is written on the clock, of a result that is `clamped`; kinds without items are left out."""
    facts = result.facts
    made = [track for speaker in speakers(facts) for track in _of_speaker(facts, speaker)]
    made.append(_track("overlaps", None, [Item(o.start_s, o.end_s, f"{o.by}: {o.kind}") for o in facts.overlaps]))
    made.append(_track("pauses", None, [Item(p.start_s, p.end_s, p.kind) for p in facts.pauses]))
    made += _findings(result)
    return [track for track in made if track.items]


def _of_speaker(facts: Facts, speaker: str) -> list[Track]:
    turns = [turn for turn in facts.turns if turn.speaker == speaker]
    words = [word for word in facts.words if word.speaker == speaker]
    said = [Item(turn.start_s, turn.end_s, one_line(turn.text) or SPEECH) for turn in turns]
    heard = [Item(word.start_s, word.end_s, one_line(word.text)) for word in words]
    voice = [Item(turn.start_s, turn.end_s, _voice(turn)) for turn in turns]
    return [
        _track(f"{speaker} turns", speaker, said),
        _track(f"{speaker} words", speaker, [item for item in heard if item.text]),
        _track(f"{speaker} voice", speaker, [item for item in voice if item.text]),
    ]


def _voice(turn: Turn) -> str:
    """Pitch, level and rate of the turn, as `name=value` with the names of the result."""
    names = ("pitch_hz", "pitch_st", "pitch_range_st", "level_db", "rate_wpm", "articulation_sps", "inflection")
    known = [(name, getattr(turn, name)) for name in names if getattr(turn, name) is not None]
    return " ".join(f"{name}={value if isinstance(value, str) else format(value, '.1f')}" for name, value in known)


def _findings(result: Result) -> list[Track]:
    """A track for each speaker, and one for what is about the whole call and has no place of its own."""
    made = []
    for speaker in dict.fromkeys(item.speaker for item in result.findings):
        items = [
            Item(span.start_s, span.end_s, said(item))
            for item in result.findings
            if item.speaker == speaker
            for span in item.spans
        ]
        made.append(_track(f"{speaker} findings", speaker, items))
    whole = [f"{item.speaker} {said(item)}" for item in result.findings if not item.spans]
    everywhere = [Item(0.0, result.facts.call.duration_s, " | ".join(whole))] if whole else []
    return [*made, _track("call findings", None, everywhere)]


def said(finding: Finding) -> str:
    """What a finding is, in its own names: the cue, its variant where it has several, and whether it is praise."""
    variant = "" if finding.variant == "flag" else f".{finding.variant}"
    return one_line(f"{'+' if finding.strength else ''}{finding.cue}{variant}")


def _track(name: str, speaker: str | None, items: Iterable[Item]) -> Track:
    return Track(name, speaker, tuple(sorted(items)))


def layers(items: Sequence[Item]) -> list[list[Item]]:
    """The items in as few rows as possible in which none overlaps the next: what one tier of an editor can hold."""
    rows: list[list[Item]] = []
    for item in sorted(items):
        row = next((row for row in rows if row[-1].end_s <= item.start_s), None)
        if row is None:
            rows.append([item])
        else:
            row.append(item)
    return rows


def milliseconds(time_s: float) -> int:
    return round(time_s * 1000)
