"""Features: samples in, one column a quantity out, a row every 10 ms. The hot path of the product.

Conventions: times are seconds from the start of the recording, levels dB re full scale, F0 Hz with
NaN where unvoiced. `extract` makes the columns, `measure_spans` turns them into what a listener
hears in a stretch of speech.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from speechcoach.records import Frames

from . import gate, level, net, pitch, rate, voice
from .chapters import Chapter, Columns, in_chapters
from .config import FeatureConfig
from .frames import HOP_S, RATE_HZ, Signal
from .measures import SpanVoice, measure_span, measure_spans

__all__ = ["FeatureConfig", "SpanVoice", "extract", "extract_blocks", "measure_span", "measure_spans"]

_MOST_HZ = 1_000_000
COLUMNS = ("f0_hz", "voicing", "level_db", "noise_db", "active", "nucleus", *voice.TELEPHONE_LIMITED)
MOST_CHANNELS = 64  # more means that the axes are the wrong way round
EDGE = 50  # hops: outside a chapter by more than this no pitch is searched; two paths have met by then


def extract(samples: np.ndarray, rate_hz: float, config: FeatureConfig | None = None) -> Frames:
    """Measure pitch, voicing, level, noise floor, activity, syllable nuclei and voice quality every 10 ms.

    `samples` is floating point in -1..1, `[n]` or `[channels, n]`, at `rate_hz` >= 8000; NaN and
    infinite samples count as zero. Each channel is measured by itself, but of two channels each is
    cleared of what is only the other one leaking into it (`gate`). The columns of the result are
    `[frames]` for `[n]` and `[channels, frames]` otherwise, with `frames = floor(n / rate x 100)`;
    zero frames are allowed. The work runs on one thread: use processes to do several calls at once.

    Raises ValueError for a rate below 8000 Hz, samples that are integers, or a shape that is
    neither of the two.
    """
    samples = np.asarray(samples)
    if samples.ndim not in (1, 2):
        raise ValueError(f"samples must be [n] or [channels, n], not of shape {samples.shape}")
    frames = extract_blocks([np.atleast_2d(samples)], rate_hz, config)
    if samples.ndim == 2:
        return frames
    return Frames(hop_s=HOP_S, time_s=frames.time_s, **{name: getattr(frames, name)[0] for name in COLUMNS})


def extract_blocks(blocks: Iterable[np.ndarray], rate_hz: float, config: FeatureConfig | None = None) -> Frames:
    """As `extract`, for a recording of any length that comes in blocks of any length, `[channels, n]` each.

    What is in flight is bounded: a ten-hour call takes no more memory than a quarter of an hour of it,
    but for the columns of the result. What is loud and what is noise is told by chapters of ten minutes.

    Raises ValueError as `extract` does, and where there is no block or blocks differ in their channels.
    """
    if not RATE_HZ <= rate_hz <= _MOST_HZ:
        raise ValueError(f"rate_hz must be at least {RATE_HZ}, not {rate_hz}")
    config = config or FeatureConfig()
    columns = Columns()
    with _one_thread():
        for chapter in in_chapters(_checked(blocks), rate_hz):
            columns.add(_chapter(chapter, config))
    if not columns.all():
        raise ValueError("there must be at least one block of samples")
    return Frames(hop_s=HOP_S, time_s=(np.arange(columns.frames) + 0.5) * HOP_S, **columns.all())


def _chapter(chapter: Chapter, config: FeatureConfig) -> dict[str, np.ndarray]:
    signals = [Signal(row) for row in chapter.samples]
    loud = [level.loudness(signal, config) for signal in signals]
    keep, _ = gate.own_hops(
        *(np.stack([getattr(one, name) for one in loud]) for name in ("level_db", "noise_db", "active"))
    )
    rows = [_channel(*each, chapter, config) for each in zip(signals, loud, keep, strict=True)]
    own = slice(chapter.start, chapter.stop)
    return {name: np.stack([row[name][own] for row in rows]) for name in COLUMNS}


def _channel(
    signal: Signal, loud: level.Loudness, keep: np.ndarray, chapter: Chapter, config: FeatureConfig
) -> dict[str, np.ndarray]:
    look = loud.look & keep
    look[: max(0, chapter.start - EDGE)] = False
    look[chapter.stop + EDGE :] = False
    levels = net.levels(loud.steady_db, loud.noise_db, loud.loud_db)
    heard = pitch.track(signal, look, ~loud.look, levels, config)
    active = (loud.active & keep) | np.isfinite(heard.f0_hz)
    nucleus = rate.nuclei(signal, heard.f0_hz, active, config)
    columns = (heard.f0_hz, heard.voicing, loud.level_db, loud.noise_db, active, nucleus)
    quality = voice.voice_columns(signal, heard.f0_hz, heard.height, *heard.bands_db())
    return dict(zip(COLUMNS, columns, strict=False)) | quality


def _checked(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    channels = None
    for block in blocks:
        block = np.asarray(block)
        if block.ndim != 2 or not 1 <= len(block) <= MOST_CHANNELS:
            raise ValueError(f"samples must be [channels, n] with 1 to {MOST_CHANNELS} channels, not {block.shape}")
        if block.dtype.kind != "f":
            raise ValueError(f"samples must be floating point in -1..1, not {block.dtype}")
        if channels not in (None, len(block)):
            raise ValueError(f"a block has {len(block)} channels, the ones before it {channels}")
        channels = len(block)
        yield block.astype(np.float32, copy=False)


def _one_thread() -> AbstractContextManager[Any]:
    """One BLAS thread: these products are small, and a second thread on a busy machine costs 3-5 times."""
    limited: AbstractContextManager[Any] = _libraries().limit(limits=1, user_api="blas")
    return limited


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()  # looks through all loaded libraries: once is enough
