"""How the voice moves: the contour that ends a span, and its drift over the whole of it.

Conventions: F0 is Hz with NaN where unvoiced, on a regular grid of hops; slopes are semitones a
second, changes semitones; None = too little voice to tell. Slopes are the median over all pairs of
points (Theil 1950; Sen 1968, J. Am. Stat. Assoc. 63), which three outliers in ten do not move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from speechcoach.records import Inflection

GLISSANDO = 0.32  # a glide is heard as one above 0.32 / T^2 st/s in running speech ('t Hart, Collier & Cohen 1990)
SLOPE_S = 0.5  # of voiced speech, for the slope
SLOPE_WITHIN_S = 1.0  # of the call: what was said before that is no ending
CHANGE_S = 0.3  # the last accent or boundary tone: about one lengthened syllable
GLIDES_S = (0.3, 0.2)  # a glide is looked for in; where the end of a fall is too soft to be heard, its rest is short
LEAST_S = 0.1  # of voiced speech; a slope over less is jitter
GAP_S = 0.1  # without voice: what comes before it is another syllable, and a step up to the last one is no rise
DECLINATION_LEAST_S = 1.0  # shorter spans have an accent but no trend
DECLINATION_POINTS = 200  # of the span, evenly: pairs grow with the square


@dataclass(frozen=True, slots=True)
class Contour:
    """The end of a span: slope over 0.5 s in st/s, change over the last 0.3 s in st, and its name."""

    slope_st_s: float | None = None
    change_st: float | None = None
    inflection: Inflection | None = None


def final_contour(f0_hz: np.ndarray, hop_s: float) -> Contour:
    """How the voiced speech in `f0_hz` `[hops]` ends.

    It is a rise or a fall if its last 0.3 or 0.2 s move faster than can go unheard in that time, and level
    if not.
    """
    voiced = _before_end(np.flatnonzero(np.isfinite(f0_hz)), SLOPE_WITHIN_S, hop_s)[-round(SLOPE_S / hop_s) :]
    if len(voiced) < round(LEAST_S / hop_s):
        return Contour()
    slope = _slope(f0_hz, voiced, hop_s)
    last = _before_end(voiced, CHANGE_S, hop_s)
    if len(last) < round(LEAST_S / hop_s):
        return Contour(slope_st_s=slope)
    change_st = _slope(f0_hz, last, hop_s) * _length_s(last, hop_s)
    return Contour(slope, change_st, _name(f0_hz, voiced, hop_s))


def declination_st_s(f0_hz: np.ndarray, hop_s: float) -> float | None:
    """Trend of F0 over the whole of `f0_hz` `[hops]`, st/s; None below 1 s ('t Hart et al. 1990)."""
    voiced = np.flatnonzero(np.isfinite(f0_hz))
    if len(voiced) < round(LEAST_S / hop_s) or (voiced[-1] - voiced[0]) * hop_s < DECLINATION_LEAST_S:
        return None
    even = np.linspace(0, len(voiced) - 1, min(len(voiced), DECLINATION_POINTS)).round().astype(int)
    return _slope(f0_hz, voiced[even], hop_s)


def _name(f0_hz: np.ndarray, voiced: np.ndarray, hop_s: float) -> Inflection:
    strongest = 0.0  # glide as a multiple of its threshold
    for reach_s in GLIDES_S:
        last = _last_stretch(_before_end(voiced, reach_s, hop_s), hop_s)
        if len(last) >= round(LEAST_S / hop_s):
            glide = _slope(f0_hz, last, hop_s) * _length_s(last, hop_s) ** 2 / GLISSANDO
            strongest = max(strongest, glide, key=abs)
    if abs(strongest) <= 1:
        return "level"
    return "rise" if strongest > 0 else "fall"


def _last_stretch(voiced: np.ndarray, hop_s: float) -> np.ndarray:
    """The hops after the last long gap, if there are enough of them to tell a slope."""
    gaps = np.flatnonzero(np.diff(voiced) * hop_s > GAP_S)
    last = voiced[gaps[-1] + 1 :] if len(gaps) else voiced
    return last if len(last) >= round(LEAST_S / hop_s) else voiced


def _length_s(hops: np.ndarray, hop_s: float) -> float:
    return float((hops[-1] - hops[0] + 1) * hop_s)


def _before_end(voiced: np.ndarray, reach_s: float, hop_s: float) -> np.ndarray:
    return voiced[voiced > voiced[-1] - round(reach_s / hop_s)] if len(voiced) else voiced


def _slope(f0_hz: np.ndarray, hops: np.ndarray, hop_s: float) -> float:
    pitch_st = 12 * np.log2(f0_hz[hops].astype(np.float64))
    first, second = np.triu_indices(len(hops), 1)
    return float(np.median((pitch_st[second] - pitch_st[first]) / (hops[second] - hops[first])) / hop_s)
