"""What a voice sounds like, as a vector: CAM++ on telephone speech.

Conventions: samples float32 `[n]` at 8 kHz; spectra are log mel `[frames, 80]` every 10 ms, frame i centred at
(i + 0.5) x 10 ms; features `[steps, 512]` every 20 ms; an embedding is `[192]`, and two are compared by their cosine
after `centre()` is taken off, which is what all voices share.

The net (Wang et al. 2023, Interspeech, "CAM++") was trained at 16 kHz. A telephone has nothing above 4 kHz: those mel
bins stay at their mean, which is 0 here. The features before the net's pooling over time are kept, so that embeddings
of any number of windows of one stretch cost one run of the net. Its weights are made by `train/campplus.py`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

HOP = 80
STEP_S = 0.02
BINS = 80
BLOCKS = ((12, 1), (24, 2), (16, 2))  # layers and dilation of each dense block
CONTEXT = 100  # steps that a mask looks at
_WIDTH, _FFT = 200, 256  # 25 ms, as Kaldi frames them
_LOW_HZ, _HIGH_HZ, _NYQUIST_HZ = 20.0, 8000.0, 4000.0
_EMPHASIS = 0.97
_LEAST_POWER = 1e-16  # full scale is 1
_BLOCK = 6000  # frames: spectra of a whole call of an hour would take 2 GB on their way
_WEIGHTS = Path(__file__).parent / "weights" / "campplus.npz"


def is_available() -> bool:
    """Whether there is torch to run the net with."""
    try:
        import torch  # noqa: F401
    except ImportError:
        return False
    return True


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Log mel powers as Kaldi makes them, float32 `[frames, 80]`; bins above 4 kHz are 0."""
    count = len(samples) // HOP
    padded = np.pad(np.asarray(samples, np.float32), ((_WIDTH - HOP) // 2, _WIDTH))
    cut = np.lib.stride_tricks.sliding_window_view(padded, _WIDTH)[: count * HOP : HOP]
    found = np.zeros((count, BINS), np.float32)
    for first in range(0, count, _BLOCK):
        found[first : first + _BLOCK, : len(_bank())] = _log_bank(cut[first : first + _BLOCK])
    return found


def _log_bank(cut: np.ndarray) -> np.ndarray:
    """Frames of samples `[frames, 200]` to log powers `[frames, bins]`."""
    cut = cut - cut.mean(axis=1, keepdims=True)
    first = cut[:, :1] * (1 - _EMPHASIS)
    cut = np.concatenate([first, cut[:, 1:] - _EMPHASIS * cut[:, :-1]], axis=1) * _window()
    powers = np.abs(np.fft.rfft(cut, _FFT)[:, : _FFT // 2]).astype(np.float32) ** 2
    return np.log(powers @ _bank().T + _LEAST_POWER)


def features(spectra: np.ndarray) -> np.ndarray:
    """What the net makes of one stretch of speech, float32 `[ceil(frames / 2), 512]`.

    `spectra` float32 `[frames, 80]` are log mel powers with their mean taken off; at least one frame.
    """
    import torch

    with torch.inference_mode():
        return _net(torch.from_numpy(np.ascontiguousarray(spectra.T))[None])[0].numpy().T


def embeddings(mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Embeddings float32 `[windows, 192]` from mean and standard deviation of the features, both `[windows, 512]`."""
    weights = _weights()
    matrix = weights["dense"][:, :, 0].numpy()
    return np.concatenate([mean, deviation], axis=1) @ matrix.T + weights["dense.bias"].numpy()


def centre() -> np.ndarray:
    """The mean embedding of many voices, `[192]`: what says nothing about whose voice it is."""
    return _weights()["centre"].numpy()


@cache
def _window() -> np.ndarray:
    """Povey's: a Hann window to the power of .85."""
    return ((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WIDTH) / (_WIDTH - 1))) ** 0.85).astype(np.float32)


@cache
def _bank() -> np.ndarray:
    """Triangles of the mel bins that end below 4 kHz, float32 `[bins, 128]`."""
    edges = np.linspace(_mel(_LOW_HZ), _mel(_HIGH_HZ), BINS + 2)
    places = _mel(np.arange(_FFT // 2) * 2 * _NYQUIST_HZ / _FFT)
    low, middle, high = (edges[i : BINS + i, None] for i in range(3))
    bank = np.maximum(0, np.minimum((places - low) / (middle - low), (high - places) / (high - middle)))
    return bank[edges[2:] <= _mel(_NYQUIST_HZ)].astype(np.float32)


def _mel(hz: np.ndarray | float) -> np.ndarray:
    return 1127 * np.log1p(np.asarray(hz) / 700)


@cache
def _weights() -> dict[str, torch.Tensor]:
    import torch

    with np.load(_WEIGHTS) as stored:
        tensors = {name: stored[name] for name in stored.files}
    found = {}
    for name, values in tensors.items():
        if name.endswith(".int8"):
            found[name.removesuffix(".int8")] = values * tensors[name.removesuffix("int8") + "step"]
        elif not name.endswith(".step"):
            found[name] = values
    return {name: torch.from_numpy(values.astype(np.float32)) for name, values in found.items()}


def _net(spectra: torch.Tensor) -> torch.Tensor:
    """`[1, 80, frames]` to `[1, 512, steps]`."""
    from torch.nn.functional import conv1d

    weights = _weights()
    x = _head(spectra[:, None], weights)
    x = conv1d(x, weights["tdnn"], weights["tdnn.bias"], stride=2, padding=2).relu_()
    for block, (layers, dilation) in enumerate(BLOCKS, 1):
        for layer in range(1, layers + 1):
            x = _dense_layer(x, weights, f"block{block}.{layer}", dilation)
        x = conv1d(_activated(x, weights, f"transit{block}"), weights[f"transit{block}"])
    return _activated(x, weights, "out")


def _head(x: torch.Tensor, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    """Two-dimensional residual convolutions that halve the frequency three times."""
    from torch.nn.functional import conv2d

    def conv(x: torch.Tensor, name: str, stride: int = 1) -> torch.Tensor:
        side = weights[name].shape[-1] // 2
        return conv2d(x, weights[name], weights[f"{name}.bias"], stride=(stride, 1), padding=side)

    x = conv(x, "head.conv1").relu_()
    for layer in (1, 2):
        for part in (0, 1):
            name, stride = f"head.{layer}.{part}", 2 - part
            inner = conv(conv(x, f"{name}.conv1", stride).relu_(), f"{name}.conv2")
            x = (inner + (x if part else conv(x, f"{name}.shortcut", stride))).relu_()
    return conv(x, "head.conv2", 2).relu_().flatten(1, 2)


def _dense_layer(x: torch.Tensor, weights: dict[str, torch.Tensor], name: str, dilation: int) -> torch.Tensor:
    """The input and, beside it, 32 new channels under a mask that sees the whole stretch and its part of 2 s."""
    import torch
    from torch.nn.functional import avg_pool1d, conv1d

    inner = conv1d(_activated(x, weights, f"{name}.in"), weights[f"{name}.in"], weights[f"{name}.in.bias"]).relu_()
    local = conv1d(inner, weights[f"{name}.local"], padding=dilation, dilation=dilation)
    parts = avg_pool1d(inner, CONTEXT, CONTEXT, ceil_mode=True)
    context = inner.mean(-1, keepdim=True) + parts
    for step in ("linear1", "linear2"):
        context = conv1d(context, weights[f"{name}.{step}"], weights[f"{name}.{step}.bias"])
        context = context.relu() if step == "linear1" else context.sigmoid()
    mask = context.repeat_interleave(CONTEXT, dim=-1)[..., : inner.shape[-1]]
    return torch.cat([x, local * mask], dim=1)


def _activated(x: torch.Tensor, weights: dict[str, torch.Tensor], name: str) -> torch.Tensor:
    return (x * weights[f"{name}.scale"][:, None]).add_(weights[f"{name}.shift"][:, None]).relu_()
