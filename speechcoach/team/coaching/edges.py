"""The voice in the first and the last half-minute against the rest of the call: the first impression is also the last.

Conventions: from Facts alone, the agent's units only. A value is part less rest: levels in dB, pitch in semitones, pace
in syllables a second; None where the part has less than 3 s of the agent's speech, or the rest less than 15 s. A quiet
greeting is no fault: these are habits to know, without a better or worse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from speechcoach.records import Facts, Unit

PART_S = 30.0
_LEAST_S = 3.0
_LEAST_REST_S = 15.0


def edge_voice(facts: Facts) -> dict[str, float | None]:
    """`first_30_s_level_db` and its kin, by the names of the metrics.

    Parts run from the first and to the last sound of anybody, as in the cue opening_and_closing. Empty where the call
    cannot be judged for who speaks.
    """
    own = [unit for unit in facts.units if unit.speaker == "agent"]
    if not own or "speakers" in facts.unfit or "recording" in facts.unfit:
        return {}
    first_s, last_s = min(u.start_s for u in facts.units), max(u.end_s for u in facts.units)
    first = [unit for unit in own if unit.end_s <= first_s + PART_S]
    last = [unit for unit in own if unit.start_s >= last_s - PART_S]
    rest = [unit for unit in own if unit not in first and unit not in last]
    found = {}
    for edge, part in (("first_30_s", first), ("last_30_s", last)):
        for column, of in _MEASURES.items():
            found[f"{edge}_{column}"] = _apart(part, rest, of)
    return found


def _apart(part: Sequence[Unit], rest: Sequence[Unit], of: Callable[[Sequence[Unit]], float | None]) -> float | None:
    if _speech_s(part) < _LEAST_S or _speech_s(rest) < _LEAST_REST_S:
        return None
    here, there = of(part), of(rest)
    return None if here is None or there is None else round(here - there, 3)


def _speech_s(units: Sequence[Unit]) -> float:
    return sum(unit.end_s - unit.start_s for unit in units)


def _pace(units: Sequence[Unit]) -> float | None:
    return sum(unit.syllables for unit in units) / _speech_s(units)


def _weighted(name: str) -> Callable[[Sequence[Unit]], float | None]:
    def mean(units: Sequence[Unit]) -> float | None:
        known = [unit for unit in units if getattr(unit, name) is not None]
        if not known:
            return None
        lengths = [unit.end_s - unit.start_s for unit in known]
        return float(np.average([getattr(unit, name) for unit in known], weights=lengths)) if sum(lengths) else None

    return mean


_MEASURES = {"articulation_sps": _pace, "level_db": _weighted("level_db"), "pitch_st": _weighted("pitch_st")}
