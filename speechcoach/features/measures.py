"""What a stretch of speech sounds like: pitch, loudness, syllables and final contour of a span.

Conventions: a hop belongs to a span if its centre lies in `[start_s, end_s)`. Pitch spread is in
semitones, levels in dB re full scale; None = too little voice, or none, to tell.

F0 outside 0.75 x the first to 1.5 x the third quartile of the channel is left out as an octave
error (Hirst 2011, J. Speech Sciences 1), unless most of a span lies there: then it is another voice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from speechcoach.records import Frames, Inflection, Span

from .inflection import final_contour

LEAST_VOICED = 10  # hops: 0.1 s
LEAST_FOR_RANGE = 100  # hops: quartiles of less than a second of voice say nothing about a speaker
RANGE = (0.75, 1.5)  # x first and third quartile
ACTIVE_MARGIN_DB = 15.9  # below the active level a hop is a pause (ITU-T P.56)


@dataclass(frozen=True, slots=True)
class SpanVoice:
    """The voice in one span; None where there is too little of it to tell.

    `pitch_hz` is the median, `pitch_sd_st` the standard deviation, `pitch_range_st` the distance
    from the 10th to the 90th percentile. `level_db` is the mean energy of the active hops and
    `level_sd_db` their spread. `final_slope_st_s` covers the last 0.5 s of voiced speech.
    """

    voiced_s: float
    pitch_hz: float | None
    pitch_sd_st: float | None
    pitch_range_st: float | None
    level_db: float | None
    level_sd_db: float | None
    syllables: int
    final_slope_st_s: float | None
    inflection: Inflection | None


def measure_span(frames: Frames, channel: int, span: Span) -> SpanVoice:
    """The voice in one span of one channel; the same as `measure_spans` says of it among others."""
    return measure_spans(frames, channel, [span])[0]


def measure_spans(frames: Frames, channel: int, spans: Sequence[Span]) -> list[SpanVoice]:
    """The voice in each of `spans` on one channel, in their order.

    Raises ValueError for a channel that `frames` does not have.
    """
    f0_hz, level_db, active, nucleus = (
        _column(frames, name, channel) for name in ("f0_hz", "level_db", "active", "nucleus")
    )
    low_hz, high_hz = _speaker_range(f0_hz)
    starts = np.searchsorted(frames.time_s, [span.start_s for span in spans])
    stops = np.searchsorted(frames.time_s, [span.end_s for span in spans])
    syllables = np.concatenate([[0], np.cumsum(nucleus)])
    voices = []
    for start, stop in zip(starts, stops, strict=True):
        own = _own_voice(f0_hz[start:stop], low_hz, high_hz)
        voiced_s = float(np.isfinite(f0_hz[start:stop]).sum() * frames.hop_s)
        contour = final_contour(own, frames.hop_s)
        loudness = _loudness(level_db[start:stop][active[start:stop]])
        count = int(syllables[stop] - syllables[start])
        voices.append(SpanVoice(voiced_s, *_pitch(own), *loudness, count, contour.slope_st_s, contour.inflection))
    return voices


def _column(frames: Frames, name: str, channel: int) -> np.ndarray:
    column = np.atleast_2d(getattr(frames, name))
    if not 0 <= channel < len(column):
        raise ValueError(f"channel must be 0 to {len(column) - 1}, not {channel}")
    return column[channel]


def _speaker_range(f0_hz: np.ndarray) -> tuple[float, float]:
    voiced = f0_hz[np.isfinite(f0_hz)]
    if len(voiced) < LEAST_FOR_RANGE:
        return 0.0, np.inf
    first, third = np.percentile(voiced, [25, 75])
    return float(RANGE[0] * first), float(RANGE[1] * third)


def _own_voice(f0_hz: np.ndarray, low_hz: float, high_hz: float) -> np.ndarray:
    inside = (f0_hz >= low_hz) & (f0_hz <= high_hz)  # False for NaN
    if 2 * inside.sum() < np.isfinite(f0_hz).sum():
        return f0_hz
    return np.where(inside, f0_hz, np.nan)


def _pitch(f0_hz: np.ndarray) -> tuple[float | None, float | None, float | None]:
    voiced = f0_hz[np.isfinite(f0_hz)]
    if len(voiced) < LEAST_VOICED:
        return None, None, None
    pitch_st = 12 * np.log2(voiced.astype(np.float64))
    low, middle, high = np.percentile(pitch_st, [10, 50, 90])
    return float(2 ** (middle / 12)), float(pitch_st.std()), float(high - low)


def _loudness(level_db: np.ndarray) -> tuple[float | None, float | None]:
    if not len(level_db):
        return None, None
    level_db = level_db.astype(np.float64)
    heard = level_db[level_db >= _mean_energy_db(level_db) - ACTIVE_MARGIN_DB]
    return _mean_energy_db(heard), float(heard.std())


def _mean_energy_db(level_db: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(10 ** (level_db / 10))))
