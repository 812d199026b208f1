"""What a stretch of speech sounds like: pitch, loudness, syllables, contour and voice quality of a span.

Conventions: a hop belongs to a span if its centre lies in `[start_s, end_s)`. Pitch spread is in
semitones, levels in dB re full scale; None = too little voice, or none, to tell.

F0 outside 0.75 x the first to 1.5 x the third quartile of the channel is left out as an octave
error (Hirst 2011, J. Speech Sciences 1), unless most of a span lies there: then it is another voice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from speechcoach.records import Frames, Inflection, LevelRise, Span

from .inflection import declination_st_s, final_contour

LEAST_VOICED = 10  # hops: 0.1 s
LEAST_FOR_RANGE = 100  # hops: quartiles of less than a second of voice say nothing about a speaker
RANGE = (0.75, 1.5)  # x first and third quartile
ACTIVE_MARGIN_DB = 15.9  # below the active level a hop is a pause (ITU-T P.56)
# Voice quality, and how many hops a span needs; of jitter and shimmer, which a stretch has one each of, three.
QUALITY = dict.fromkeys(("hnr_db", "balance_db", "tilt_db_oct"), LEAST_VOICED) | {"jitter_pct": 3, "shimmer_db": 3}
COLUMNS = ("f0_hz", "level_db", "noise_db", "active", "nucleus", *QUALITY)
LEAST_FOR_SPREAD = 8  # values: quartiles of fewer move with each of them
IQR_OF_SD = 1.349  # distance of the quartiles of a normal distribution

RISE_MEAN_S = 0.4  # level is taken over two syllables, for within one it moves by 20 dB
RISE_DB = 6.0  # over the speaker's own median: what is heard as clearly louder; norms may ask for more
RISE_LEAST_S = 0.6
RISE_BRIDGE_S = 0.3
LOMBARD_DB = 3.0  # the most that the noise may have risen as well (Junqua 1993, J. Acoust. Soc. Am. 93)


@dataclass(frozen=True, slots=True)
class SpanVoice:
    """The voice in one span; None where there is too little of it to tell.

    `pitch_hz` is the median, `pitch_st` the same re the channel's own median, `pitch_sd_st` the standard deviation,
    `pitch_range_st` the distance from the 10th to the 90th percentile. `level_db` is the mean energy of the active
    hops, `level_sd_db` their spread, `noise_db` the median noise floor. `final_slope_st_s` covers the last 0.5 s of
    voiced speech, `change_st` the last 0.3 s, `declination_st_s` the whole span if it has 1 s. From `hnr_db` on
    it is voice quality, telephone-limited: the median over the hops or stretches measured.
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
    pitch_st: float | None = None
    noise_db: float | None = None
    change_st: float | None = None
    declination_st_s: float | None = None
    hnr_db: float | None = None
    balance_db: float | None = None
    tilt_db_oct: float | None = None
    jitter_pct: float | None = None
    shimmer_db: float | None = None


@dataclass(frozen=True, slots=True)
class _Range:
    """The lowest and the highest F0 that is the speaker's own, and the median of what lies between."""

    low_hz: float = 0.0
    high_hz: float = math.inf
    middle_hz: float | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and distance of the quartiles of `count` values; None where there are too few."""

    count: int
    median: float | None = None
    iqr: float | None = None

    def z(self, value: float | None) -> float | None:
        """How many robust standard deviations (IQR / 1.349) `value` stands over the median."""
        return (value - self.median) / self.iqr * IQR_OF_SD if self.iqr and value is not None else None


def spread(values: Sequence[float | None]) -> Spread:
    """Median and IQR of the values that are known, if they are eight or more."""
    known = sorted(value for value in values if value is not None)
    if len(known) < LEAST_FOR_SPREAD:
        return Spread(len(known))
    first, middle, third = _quantiles(np.array(known, np.float64), 0.25, 0.5, 0.75)
    return Spread(len(known), middle, third - first)


def measure_span(frames: Frames, channel: int, span: Span) -> SpanVoice:
    """The voice in one span of one channel; the same as `measure_spans` says of it among others."""
    return measure_spans(frames, channel, [span])[0]


def measure_spans(frames: Frames, channel: int, spans: Sequence[Span]) -> list[SpanVoice]:
    """The voice in each of `spans` on one channel, in their order.

    Raises ValueError for a channel that `frames` does not have.
    """
    columns = {name: _column(frames, name, channel) for name in COLUMNS if getattr(frames, name) is not None}
    own_range = _speaker_range(columns["f0_hz"])
    edges_s = np.array([(span.start_s, span.end_s) for span in spans]).reshape(-1, 2)
    edges = np.searchsorted(frames.time_s, edges_s).tolist()
    return [
        _span_voice({name: column[start:stop] for name, column in columns.items()}, own_range, frames.hop_s)
        for start, stop in edges
    ]


def _span_voice(hops: dict[str, np.ndarray], own_range: _Range, hop_s: float) -> SpanVoice:
    f0_hz = _own_voice(hops["f0_hz"], own_range)
    pitch_hz, pitch_sd_st, pitch_range_st = _pitch(f0_hz)
    level_db, level_sd_db = _loudness(hops["level_db"][hops["active"]])
    contour = final_contour(f0_hz, hop_s)
    return SpanVoice(
        voiced_s=float(np.isfinite(hops["f0_hz"]).sum() * hop_s),
        pitch_hz=pitch_hz,
        pitch_sd_st=pitch_sd_st,
        pitch_range_st=pitch_range_st,
        level_db=level_db,
        level_sd_db=level_sd_db,
        syllables=int(hops["nucleus"].sum()),
        final_slope_st_s=contour.slope_st_s,
        inflection=contour.inflection,
        pitch_st=_semitones(pitch_hz, own_range.middle_hz),
        noise_db=_middle(hops["noise_db"]),
        change_st=contour.change_st,
        declination_st_s=declination_st_s(f0_hz, hop_s),
        **{name: _middle(hops[name], least) for name, least in QUALITY.items() if name in hops},
    )


def level_rises(frames: Frames, channel: int, least_db: float = RISE_DB) -> list[LevelRise]:
    """Moments of 0.6 s or more in which the speech on a channel stands `least_db` over its own median level.

    Level is the mean energy of the active hops within 0.4 s; only active hops count, and what is up to 0.3 s
    apart is one moment. Hops whose noise floor stands 3 dB or more over its own median are left out: in noise
    everybody speaks up. Raises ValueError for a channel that `frames` does not have.
    """
    level_db, noise_db, active = (_column(frames, name, channel) for name in ("level_db", "noise_db", "active"))
    hops = np.flatnonzero(active)
    if not len(hops):
        return []
    loud_db = _running_level_db(level_db, active, round(RISE_MEAN_S / frames.hop_s))[hops]
    above_db, noise_rise_db = (values - np.median(values) for values in (loud_db, noise_db[hops]))
    high = np.flatnonzero((above_db >= least_db) & (noise_rise_db < LOMBARD_DB))
    apart = np.flatnonzero(np.diff(hops[high]) * frames.hop_s > RISE_BRIDGE_S) + 1
    moments = [some for some in np.split(high, apart) if len(some)]
    found = [_rise(frames, hops[some], above_db[some], noise_rise_db[some]) for some in moments]
    return [rise for rise in found if rise.end_s - rise.start_s >= RISE_LEAST_S]


def _rise(frames: Frames, hops: np.ndarray, above_db: np.ndarray, noise_rise_db: np.ndarray) -> LevelRise:
    return LevelRise(
        start_s=round(float(frames.time_s[hops[0]] - frames.hop_s / 2), 6),
        end_s=round(float(frames.time_s[hops[-1]] + frames.hop_s / 2), 6),
        above_db=float(above_db.max()),
        noise_rise_db=float(np.median(noise_rise_db)),
    )


def _running_level_db(level_db: np.ndarray, active: np.ndarray, width: int) -> np.ndarray:
    """Mean energy of the active hops among the `width` around each hop, dB `[frames]`; -inf where none is."""
    power = np.where(active, 10 ** (level_db.astype(np.float64) / 10), 0)
    start = np.clip(np.arange(len(power)) - width // 2, 0, None)
    stop = np.clip(start + width, None, len(power))
    total, count = (np.concatenate([[0], np.cumsum(values)]) for values in (power, active))
    with np.errstate(divide="ignore"):
        mean = (total[stop] - total[start]) / np.maximum(count[stop] - count[start], 1)
        return 10 * np.log10(np.maximum(mean, 0))


def _column(frames: Frames, name: str, channel: int) -> np.ndarray:
    column = np.atleast_2d(getattr(frames, name))
    if not 0 <= channel < len(column):
        raise ValueError(f"channel must be 0 to {len(column) - 1}, not {channel}")
    return column[channel]


def _speaker_range(f0_hz: np.ndarray) -> _Range:
    voiced = np.sort(f0_hz[np.isfinite(f0_hz)])
    if len(voiced) < LEAST_FOR_RANGE:
        return _Range()
    first, third = _quantiles(voiced, 0.25, 0.75)
    low_hz, high_hz = RANGE[0] * first, RANGE[1] * third
    return _Range(low_hz, high_hz, _quantiles(voiced[(voiced >= low_hz) & (voiced <= high_hz)], 0.5)[0])


def _own_voice(f0_hz: np.ndarray, own_range: _Range) -> np.ndarray:
    inside = (f0_hz >= own_range.low_hz) & (f0_hz <= own_range.high_hz)  # False for NaN
    if 2 * inside.sum() < np.isfinite(f0_hz).sum():
        return f0_hz
    return np.where(inside, f0_hz, np.nan)


def _pitch(f0_hz: np.ndarray) -> tuple[float | None, float | None, float | None]:
    voiced = f0_hz[np.isfinite(f0_hz)]
    if len(voiced) < LEAST_VOICED:
        return None, None, None
    pitch_st = np.sort(12 * np.log2(voiced.astype(np.float64)))
    low, middle, high = _quantiles(pitch_st, 0.1, 0.5, 0.9)
    return 2 ** (middle / 12), float(pitch_st.std()), high - low


def _semitones(pitch_hz: float | None, reference_hz: float | None) -> float | None:
    return 12 * math.log2(pitch_hz / reference_hz) if pitch_hz and reference_hz else None


def _quantiles(ascending: np.ndarray, *shares: float) -> tuple[float, ...]:
    """Linear quantiles of sorted values, as NumPy's own, at a tenth of the cost for a short array."""
    places = [share * (len(ascending) - 1) for share in shares]
    pairs = [(int(place), min(int(place) + 1, len(ascending) - 1), place - int(place)) for place in places]
    return tuple(float(ascending[i] + (ascending[j] - ascending[i]) * part) for i, j, part in pairs)


def _middle(values: np.ndarray, least: int = 1) -> float | None:
    known = np.sort(values[np.isfinite(values)])
    return _quantiles(known, 0.5)[0] if len(known) >= least else None


def _loudness(level_db: np.ndarray) -> tuple[float | None, float | None]:
    if not len(level_db):
        return None, None
    level_db = level_db.astype(np.float64)
    heard = level_db[level_db >= _mean_energy_db(level_db) - ACTIVE_MARGIN_DB]
    return _mean_energy_db(heard), float(heard.std())


def _mean_energy_db(level_db: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(10 ** (level_db / 10))))
