"""PitchTier and IntensityTier of Praat: pitch and level of one channel, a point each 10 ms, to lie beside the TextGrid.

A point of pitch stands wherever the speaker's voice sounds, in Hz; one of level wherever the speaker speaks, in dB as
Praat counts it, re 2e-5 Pa for a sample of 1 Pa: 93.98 dB more than re full scale. What the channel carries while
its speaker is silent, such as the other side's leak, is left out.

Source: Praat manual, "PitchTier" and "IntensityTier" (Boersma and Weenink). Written by praatio.
"""

from __future__ import annotations

import math

import numpy as np

from speechcoach.records import Call, Facts, Frames
from speechcoach.views.formats.libraries import library
from speechcoach.views.formats.scratch import written

PRAAT_DB = -20 * math.log10(2e-5)


def render(frames: Frames, facts: Facts) -> dict[str, str]:
    """The files by how their names end, such as `.agent.PitchTier`; where there is no point of a kind, there is none.

    `frames` are those of the recording that the facts are about.
    """
    made, call = {}, facts.call
    for speaker, channel in call.roles.items():
        speaks = _speaks(frames, facts, speaker)
        pitch, level = (np.atleast_2d(column)[channel] for column in (frames.f0_hz, frames.level_db))
        made[f".{speaker}.PitchTier"] = _tier("PitchTier", frames.time_s, pitch, speaks & np.isfinite(pitch), call)
        made[f".{speaker}.IntensityTier"] = _tier("IntensityTier", frames.time_s, level + PRAAT_DB, speaks, call)
    return {name: text for name, text in made.items() if text}


def _speaks(frames: Frames, facts: Facts, speaker: str) -> np.ndarray:
    """The frames in which the speaker speaks, bool `[frames]`."""
    speaks = np.zeros(frames.time_s.shape, bool)
    for part in facts.units or facts.turns:
        if part.speaker == speaker:
            speaks |= (frames.time_s >= part.start_s) & (frames.time_s <= part.end_s)
    return speaks


def _tier(kind: str, time_s: np.ndarray, values: np.ndarray, known: np.ndarray, call: Call) -> str:
    within = known & (time_s <= call.duration_s)
    points = [(round(float(t), 6), round(float(v), 3)) for t, v in zip(time_s[within], values[within], strict=True)]
    if not points:
        return ""
    # the base class: praatio's own for two columns knows no IntensityTier, which is written in the same way
    tier = library("praatio.data_classes.data_point").PointObject(points, kind, 0.0, call.duration_s)
    return written(tier.save, f"call.{kind}")
