"""Turns, pauses, offsets and silences found against those of the made calls.

Conventions: seconds. A true turn is what a speaker said without a change of floor or 3 s of silence between;
what did not take the floor is an inserted turn. A pause lies inside a true turn, a gap between two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from turns_calls import Call, Silence
from turns_mixing import SPEAKERS

from speechcoach.conversation.turns import floor_transfers
from speechcoach.records import Facts, Pause, Turn

_LAPSE_S = 3.0
_LEAST_PAUSE_S = 0.2


@dataclass(frozen=True, slots=True)
class TrueTurn:
    speaker: str
    spans: tuple[tuple[float, float], ...]
    inserted: bool

    @property
    def start_s(self) -> float:
        return self.spans[0][0]

    @property
    def end_s(self) -> float:
        return self.spans[-1][1]


@dataclass(slots=True)
class Quality:
    """Sums over calls."""

    edges_s: list[float] = field(default_factory=list)
    wrongly_inserted: Counter[tuple[bool, bool]] = field(default_factory=Counter)  # (true, found)
    offsets_s: list[float] = field(default_factory=list)
    transfers: Counter[str] = field(default_factory=Counter)  # "happened", "found", "reported"
    silences: Counter[tuple[str, str]] = field(default_factory=Counter)  # pause or gap: (true, found)
    long: Counter[tuple[str, str]] = field(default_factory=Counter)  # silences of 3 s and more: (true, found)


def add(quality: Quality, call: Call, facts: Facts) -> None:
    """Compare one call."""
    turns = true_turns(call)
    for turn in turns:
        found = max((item for item in facts.turns if item.speaker == turn.speaker), key=lambda t: _shared(t, turn))
        if _shared(found, turn) <= 0:
            continue
        quality.wrongly_inserted[turn.inserted, found.inserted] += 1
        quality.edges_s += [abs(found.start_s - turn.start_s), abs(found.end_s - turn.end_s)]
    _add_offsets(quality, turns, facts)
    _add_silences(quality, turns, facts)
    for silence in call.silences:
        quality.long[silence.kind, _type_of(silence, facts)] += 1


def true_turns(call: Call) -> list[TrueTurn]:
    """In order of their start."""
    floor: list[TrueTurn] = []
    inserted: list[TrueTurn] = []
    for item in sorted(call.placed, key=lambda item: item.start_s):
        turn = TrueTurn(SPEAKERS[item.channel], tuple(item.spans), item.inserted)
        last = floor[-1] if floor else None
        if item.inserted:
            inserted.append(turn)
        elif last and last.speaker == turn.speaker and turn.start_s - last.end_s < _LAPSE_S:
            floor[-1] = TrueTurn(turn.speaker, last.spans + turn.spans, False)
        else:
            floor.append(turn)
    return sorted([*floor, *inserted], key=lambda turn: turn.start_s)


def _shared(found: Turn | Pause, true: TrueTurn | Silence) -> float:
    return min(found.end_s, true.end_s) - max(found.start_s, true.start_s)


def _add_offsets(quality: Quality, turns: Sequence[TrueTurn], facts: Facts) -> None:
    floor = [turn for turn in turns if not turn.inserted]
    true = [(b.speaker, b.start_s, b.start_s - a.end_s) for a, b in pairwise(floor) if a.speaker != b.speaker]
    found = [(after.speaker, after.start_s, offset_s) for _, after, offset_s in floor_transfers(facts.turns)]
    quality.transfers["happened"] += len(true)
    quality.transfers["reported"] += len(found)
    for speaker, start_s, offset_s in true:
        near = [o for who, when_s, o in found if who == speaker and abs(when_s - start_s) <= 0.2]
        if near:
            quality.transfers["found"] += 1
            quality.offsets_s.append(abs(near[0] - offset_s))


def _add_silences(quality: Quality, turns: Sequence[TrueTurn], facts: Facts) -> None:
    """Mutual silences of 0.2-3 s: in a turn, or between two."""
    for start_s, end_s in _mutual(turns):
        if not _LEAST_PAUSE_S + 0.05 <= end_s - start_s < _LAPSE_S:
            continue
        inside = any(t.start_s < start_s and end_s < t.end_s for t in turns if not t.inserted)
        near = [p for p in facts.pauses if min(p.end_s, end_s) - max(p.start_s, start_s) >= 0.5 * (end_s - start_s)]
        quality.silences["pause" if inside else "gap", near[0].kind if near else "-"] += 1


def _mutual(turns: Sequence[TrueTurn]) -> list[tuple[float, float]]:
    spans = sorted(span for turn in turns for span in turn.spans)
    found, heard_s = [], spans[0][1]
    for start_s, end_s in spans[1:]:
        if start_s > heard_s:
            found.append((heard_s, start_s))
        heard_s = max(heard_s, end_s)
    return found


def _type_of(silence: Silence, facts: Facts) -> str:
    """The product's type of it, "-" where it found no such silence."""
    near = [p for p in facts.pauses if _shared(p, silence) >= 0.5 * (silence.end_s - silence.start_s)]
    if not near or near[0].kind not in ("hold", "dead_air"):
        return "-"
    pause = near[0]
    if pause.music:
        return "music"
    if pause.announced:
        return "announced"
    before = [t for t in facts.turns if t.speaker == "agent" and not t.inserted and t.start_s < pause.start_s]
    asked = bool(before) and any(act.kind == "question" for act in before[-1].acts)
    if (pause.before, pause.after) == SPEAKERS and (asked or not facts.words):
        return "thinking"
    return "unannounced"


def median_and_p95(errors_s: Sequence[float]) -> str:
    """In milliseconds."""
    return f"{1000 * np.median(errors_s):.0f} / {1000 * np.percentile(errors_s, 95):.0f}" if errors_s else "-"
