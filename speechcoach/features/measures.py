"""What a stretch of speech sounds like: pitch, loudness, syllables and final contour of a span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from speechcoach.records import Frames, Inflection, Span

from .inflection import final_contour


@dataclass(frozen=True, slots=True)
class SpanVoice:
    """The voice in one span; None where there is too little to tell."""

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
    """One span of one channel."""
    return measure_spans(frames, channel, [span])[0]


def measure_spans(frames: Frames, channel: int, spans: Sequence[Span]) -> list[SpanVoice]:
    """All spans of one speaker on one channel."""
    column = {
        name: np.atleast_2d(getattr(frames, name))[channel] for name in ("f0_hz", "level_db", "active", "nucleus")
    }
    starts = np.searchsorted(frames.time_s, [span.start_s for span in spans])
    stops = np.searchsorted(frames.time_s, [span.end_s for span in spans])
    return [
        _voice(frames.time_s[i:j], frames.hop_s, **{name: values[i:j] for name, values in column.items()})
        for i, j in zip(starts, stops, strict=True)
    ]


def _voice(time_s, hop_s, f0_hz, level_db, active, nucleus) -> SpanVoice:
    voiced = f0_hz[np.isfinite(f0_hz)]
    pitch = spread = width = loud = wobble = None
    if len(voiced) >= 5:
        octaves = 12 * np.log2(voiced.astype(np.float64))
        low, middle, high = np.percentile(octaves, [10, 50, 90])
        pitch, spread, width = float(2 ** (middle / 12)), float(octaves.std()), float(high - low)
    if active.any():
        heard = level_db[active].astype(np.float64)
        loud, wobble = float(10 * np.log10(np.mean(10 ** (heard / 10)))), float(heard.std())
    contour = final_contour(time_s, f0_hz, hop_s)
    return SpanVoice(
        len(voiced) * hop_s, pitch, spread, width, loud, wobble, int(nucleus.sum()), contour.slope_st_s, contour.inflection
    )
