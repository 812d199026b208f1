"""Features: samples in, one column a quantity out, a row every 10 ms. The hot path of the product.

Conventions: times are seconds from the start of the recording, levels dB re full scale, F0 Hz with
NaN where unvoiced. `extract` makes the columns, `measure_spans` turns them into what a listener
hears in a stretch of speech.
"""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np

from speechcoach.records import Frames

from . import level, pitch, rate
from .config import FeatureConfig
from .frames import HOP_S, RATE_HZ, Signal
from .measures import SpanVoice, measure_span, measure_spans

__all__ = ["FeatureConfig", "SpanVoice", "extract", "measure_span", "measure_spans"]

_MOST_HZ = 1_000_000
COLUMNS = ("f0_hz", "voicing", "level_db", "noise_db", "active", "nucleus")
MOST_CHANNELS = 64  # more means that the axes are the wrong way round


def extract(samples: np.ndarray, rate_hz: float, config: FeatureConfig | None = None) -> Frames:
    """Measure pitch, voicing, level, noise floor, activity and syllable nuclei every 10 ms.

    `samples` is floating point in -1..1, `[n]` or `[channels, n]`, at `rate_hz` >= 8000; NaN and
    infinite samples count as zero. Each channel is measured by itself. The columns of the result
    are `[frames]` for `[n]` and `[channels, frames]` otherwise, with `frames = floor(n / rate x 100)`;
    zero frames are allowed. The work runs on one thread: use processes to do several calls at once.

    Raises ValueError for a rate below 8000 Hz, samples that are integers, or a shape that is
    neither of the two.
    """
    samples = _checked(samples, rate_hz)
    config = config or FeatureConfig()
    with _one_thread():
        channels = [_channel(Signal(row, rate_hz), config) for row in np.atleast_2d(samples)]
    columns = {name: np.stack([row[name] for row in channels]) for name in COLUMNS}
    if samples.ndim == 1:
        columns = {name: column[0] for name, column in columns.items()}
    frames = columns["level_db"].shape[-1]
    return Frames(hop_s=HOP_S, time_s=(np.arange(frames) + 0.5) * HOP_S, **columns)


def _channel(signal: Signal, config: FeatureConfig) -> dict[str, np.ndarray]:
    loudness = level.level_db(signal)
    steady = level.smooth(loudness)
    floor = level.noise_db(steady)
    active, look = level.active(steady, floor, config)
    f0_hz, voicing = pitch.track(signal, look, config)
    active = active | np.isfinite(f0_hz)
    nucleus = rate.nuclei(signal, f0_hz, active, config)
    return dict(zip(COLUMNS, (f0_hz, voicing, loudness, floor, active, nucleus), strict=True))


def _checked(samples: np.ndarray, rate_hz: float) -> np.ndarray:
    samples = np.asarray(samples)
    if not RATE_HZ <= rate_hz <= _MOST_HZ:
        raise ValueError(f"rate_hz must be at least {RATE_HZ}, not {rate_hz}")
    if samples.ndim not in (1, 2):
        raise ValueError(f"samples must be [n] or [channels, n], not of shape {samples.shape}")
    if samples.ndim == 2 and not 1 <= len(samples) <= MOST_CHANNELS:
        raise ValueError(f"samples must be [channels, n] with 1 to {MOST_CHANNELS} channels, not {len(samples)}")
    if samples.dtype.kind != "f":
        raise ValueError(f"samples must be floating point in -1..1, not {samples.dtype}")
    return samples.astype(np.float32, copy=False)


def _one_thread():
    """One BLAS thread: these products are small, and a second thread on a busy machine costs 3-5 times."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    return threadpool_limits(1, user_api="blas")
