"""What timing and voice tell of a cut-in where the words do not: log-linear models of few features.

Features are small numbers about 0; weights are natural logarithms of odds for each. Unknown melody counts as 0. The
weights were fitted by `benchmarks/turns_fit.py` on the tuning half of the made calls: neural voices on a quiet line,
in noise and with a leak. How often people cut each other at all is no part of them: see `cut_offs`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from speechcoach.conversation.cut_ins import CutIn

STOPPED_S = 0.025  # a voice that fades in less was stopped
_LONGEST_S, _MOST_SYLLABLES = 1.0, 6  # the made calls hold few longer insertions: there the words have to tell

_CUT = {"offset": -0.35, "stopped": 0.92, "falls": -0.58, "level": 0.57, "slope": 0.42, "loud": 0.83}
_INSERTED: dict[str, dict[str, float]] = {
    "backchannel": {},
    "completion": {
        "offset": -0.65,
        "length": 1.53,
        "syllables": 0.72,
        "fade": -0.05,
        "steady": -0.98,
        "voiced": 1.4,
        "loud": 1.29,
        "paused": 1.64,
        "stopped": 0.34,
    },
    "butting_in": {
        "offset": -0.78,
        "length": 0.59,
        "syllables": 3.1,
        "fade": -0.6,
        "steady": -1.04,
        "voiced": -1.34,
        "loud": 1.51,
        "paused": -0.9,
        "stopped": -0.41,
    },
}


def holder_features(event: CutIn) -> dict[str, float]:
    """How the holder stopped."""
    last = event.holder.units[-1]
    return {
        "offset": 1.0,
        "stopped": float(last.release_s is not None and last.release_s < STOPPED_S),
        "falls": float(last.inflection == "fall"),
        "level": float(last.inflection == "level"),
        "slope": _clipped(last.final_slope_st_s, 10.0),
        "loud": _clipped(event.above_usual_db(last), 4.0),
    }


def comer_features(event: CutIn) -> dict[str, float]:
    """What somebody said who did not take the floor."""
    last = event.comer.units[-1]
    paused = event.holder.end_s < event.comer.end_s - 0.05
    stopped = paused and (event.holder.units[-1].release_s or 0.0) < STOPPED_S
    voiced_s = sum(unit.voiced_s for unit in event.comer.units)
    syllables = sum(unit.syllables for unit in event.comer.units)
    return {
        "offset": 1.0,
        "length": math.log(min(max(event.length_s, 0.1), _LONGEST_S) / 0.5),
        "syllables": math.log1p(min(syllables, _MOST_SYLLABLES)) - 1.0,
        "fade": math.log(max(last.release_s or 0.0, 0.005) / 0.02),
        "steady": 0.0 if last.level_sd_db is None else 1.5 - _clipped(last.level_sd_db, 4.0),
        "voiced": voiced_s / max(event.length_s, 0.1) - 0.5,
        "loud": _clipped(max(map(event.above_usual_db, event.comer.units)), 4.0),
        "paused": float(paused),
        "stopped": float(stopped),
    }


def _clipped(value: float | None, unit: float) -> float:
    return 0.0 if value is None else max(-2.0, min(2.0, value / unit))


def cut_by_voice(event: CutIn) -> float:
    """Likelihood ratio of a holder who was cut off against one who was done, by melody, fade and loudness."""
    return math.exp(_sum(_CUT, holder_features(event)))


def inserted_by_voice(event: CutIn) -> dict[str, float]:
    """Shares, summing to 1, of what an insertion may be: backchannel, completion or butting_in."""
    features = comer_features(event)
    odds = {kind: math.exp(_sum(weights, features)) for kind, weights in _INSERTED.items()}
    return {kind: value / sum(odds.values()) for kind, value in odds.items()}


def _sum(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    return sum(weight * features[name] for name, weight in weights.items())
