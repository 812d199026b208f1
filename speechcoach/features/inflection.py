"""How the voice ends: slope and change of the last voiced stretch, in semitones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from speechcoach.records import Inflection

GLISSANDO = 0.32  # st/s x s^2 ('t Hart, Collier & Cohen 1990)
SLOPE_S = 0.5
CHANGE_S = 0.3


@dataclass(frozen=True, slots=True)
class Contour:
    """The end of a span: slope in st/s, change in st, and what a listener would call it; None = unknown."""

    slope_st_s: float | None
    change_st: float | None
    inflection: Inflection | None


def theil_sen(time_s: np.ndarray, pitch_st: np.ndarray) -> float:
    """Median slope over all pairs of points, st/s (Sen 1968); at least two different times."""
    first, second = np.triu_indices(len(time_s), 1)
    return float(np.median((pitch_st[second] - pitch_st[first]) / (time_s[second] - time_s[first])))


def final_contour(time_s: np.ndarray, f0_hz: np.ndarray, hop_s: float = 0.01) -> Contour:
    """The last 0.5 s of voiced speech in `f0_hz` (NaN = unvoiced)."""
    voiced = np.flatnonzero(np.isfinite(f0_hz))[-round(SLOPE_S / hop_s) :]
    if len(voiced) < 10:
        return Contour(None, None, None)
    pitch_st = 12 * np.log2(f0_hz[voiced].astype(np.float64))
    slope = theil_sen(time_s[voiced], pitch_st)
    last = voiced > voiced[-1] - round(CHANGE_S / hop_s)
    length = float(np.ptp(time_s[voiced[last]])) + hop_s
    late = theil_sen(time_s[voiced[last]], pitch_st[last]) if last.sum() > 1 else slope
    kind: Inflection = "level"
    if abs(late) > GLISSANDO / length**2:
        kind = "rise" if late > 0 else "fall"
    return Contour(slope, late * length, kind)
