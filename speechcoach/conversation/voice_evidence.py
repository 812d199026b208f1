"""What timing and voice tell of a cut-in where the words do not: log-linear models of few features.

Features are small numbers about 0; weights are natural logarithms of odds for each. Unknown melody counts as 0. The
weights were fitted by `benchmarks/turns_fit.py` on the tuning half of the made calls: neural voices on a quiet line,
in noise and with a leak. How long both speak counts for less than it would there: in 11,530 changes of speaker of the
ICSI meetings (MRDA) the odds that the holder was cut grow 2-fold from 0.1 to 0.4 s of overlap, and 3-fold to 0.7 s.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from speechcoach.conversation.cut_ins import CutIn

STOPPED_S = 0.015  # a voice that fades in less was stopped
_LONGEST_S, _MOST_SYLLABLES = 1.0, 6  # the made calls hold few longer insertions: there the words have to tell
_LONG_OVERLAP_S = 0.8  # from there on, more overlap tells nothing more
AFTER_WEIGHT = 3.0  # log odds for each second of overlap

_CUT = {"offset": -0.53, "stopped": 0.82, "falls": -0.64, "slope": 0.53, "loud": 0.77}
_CUT_SILENTLY = {"offset": 0.06, "stopped": 0.74, "falls": -0.91, "slope": 0.59, "loud": 0.73}
_INSERTED: dict[str, dict[str, float]] = {
    "backchannel": {},
    "completion": {
        "offset": -0.27,
        "length": 1.2,
        "syllables": 0.71,
        "fade": 0.06,
        "change": 0.22,
        "high": 0.35,
        "loud": 1.19,
        "paused": 1.63,
    },
    "butting_in": {
        "offset": -0.81,
        "length": 1.64,
        "syllables": 2.39,
        "fade": -0.53,
        "change": 1.11,
        "high": 1.05,
        "loud": 1.18,
        "paused": -0.78,
    },
}


def holder_features(event: CutIn) -> dict[str, float]:
    """How the holder stopped."""
    last = event.holder.units[-1]
    return {
        "offset": 1.0,
        "stopped": float(last.release_s is not None and last.release_s < STOPPED_S),
        "falls": float(last.inflection == "fall"),
        "slope": _clipped(last.final_slope_st_s, 10.0),
        "loud": _clipped(event.above_usual_db(last), 4.0),
    }


def comer_features(event: CutIn) -> dict[str, float]:
    """What somebody said who did not take the floor."""
    first, last = event.comer.units[0], event.comer.units[-1]
    paused = event.holder.end_s < event.comer.end_s - 0.05
    syllables = sum(unit.syllables for unit in event.comer.units)
    return {
        "offset": 1.0,
        "length": math.log(min(max(event.length_s, 0.1), _LONGEST_S) / 0.5),
        "syllables": math.log1p(min(syllables, _MOST_SYLLABLES)) - 1.0,
        "fade": math.log(max(last.release_s or 0.0, 0.005) / 0.02),
        "change": _clipped(last.change_st, 4.0),
        "high": _clipped(first.pitch_st, 3.0),
        "loud": _clipped(max(map(event.above_usual_db, event.comer.units)), 4.0),
        "paused": float(paused),
    }


def _clipped(value: float | None, unit: float) -> float:
    return 0.0 if value is None else max(-2.0, min(2.0, value / unit))


def cut_by_voice(event: CutIn) -> float:
    """How likely the holder was cut off rather than done, 0-1, by melody, fade, loudness and overlap."""
    overlapped = event.start_s < event.end_s
    logit = _sum(_CUT if overlapped else _CUT_SILENTLY, holder_features(event))
    return 1 / (1 + math.exp(-logit - AFTER_WEIGHT * min(event.after_s, _LONG_OVERLAP_S)))


def inserted_by_voice(event: CutIn) -> dict[str, float]:
    """Shares, summing to 1, of what an insertion may be: backchannel, completion or butting_in."""
    features = comer_features(event)
    odds = {kind: math.exp(_sum(weights, features)) for kind, weights in _INSERTED.items()}
    return {kind: value / sum(odds.values()) for kind, value in odds.items()}


def _sum(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    return sum(weight * features[name] for name, weight in weights.items())
