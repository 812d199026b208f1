"""Blocks of one sampling rate to one array of another; block by block equals all at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import soxr


def resample_blocks(blocks: Iterable[np.ndarray], channels: int, from_hz: int, to_hz: int) -> np.ndarray:
    """Float32 `[channels, samples]` at `to_hz` from blocks `[samples, channels]` at `from_hz`.

    The band is kept up to the lower of the two Nyquist frequencies (soxr, "HQ").
    """
    if from_hz == to_hz:
        return _joined(list(blocks), channels)
    stream = soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32", quality="HQ")
    parts = [stream.resample_chunk(_shaped(block)) for block in blocks]
    parts.append(stream.resample_chunk(_shaped(np.zeros((0, channels), np.float32)), last=True))
    return _joined([part.reshape(-1, channels) for part in parts], channels)


def _shaped(block: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(block[:, 0] if block.shape[1] == 1 else block)


def _joined(parts: list[np.ndarray], channels: int) -> np.ndarray:
    whole = np.concatenate(parts) if parts else np.zeros((0, channels), np.float32)
    return np.ascontiguousarray(whole.T)
