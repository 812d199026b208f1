"""Reads a Whisper model that CTranslate2 converted, without CTranslate2.

Conventions: a *variable* is one named array of the file, seen through a memory map and never copied
here. Shapes are those of the file: linear weights `[out, in]`, convolutions `[out, in, width]`.

The file, little-endian, `str` being a u16 length and that many bytes with a closing NUL:

    u32 version (6), str spec, u32 revision, u32 n,
    n x (str name, u8 rank, u32 x rank shape, u8 dtype, u32 bytes, raw),
    u32 n, n x (str alias, str name)

Source: `serialize` in CTranslate2's python/ctranslate2/specs/model_spec.py.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from speechcoach.errors import WeightsError

VERSION = 6
SPEC = "WhisperSpec"
DTYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Whisper's own dimensions, under the names of `whisper.model.ModelDimensions`."""

    n_mels: int
    n_audio_ctx: int
    n_audio_state: int
    n_audio_head: int
    n_audio_layer: int
    n_vocab: int
    n_text_ctx: int
    n_text_state: int
    n_text_head: int
    n_text_layer: int


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """A converted model: its variables by name, and its heads `(layer, head)` that follow time."""

    variables: Mapping[str, np.ndarray]
    alignment_heads: tuple[tuple[int, int], ...]

    def dimensions(self) -> Dimensions:
        return _dimensions(self.variables)

    def parameters(self) -> Iterator[tuple[str, np.ndarray]]:
        """(name in Whisper's state dictionary, array), one at a time so that one is held at a time."""
        for name in self.variables:
            try:
                yield from _renamed(name, self.variables)
            except (KeyError, ValueError) as why:
                raise WeightsError(f"the variable {name[:60]!r} is not one of a Whisper model ({why})") from why


def read(folder: Path) -> Converted:
    """The model in `folder` (`model.bin`, `config.json`); raises `WeightsError` in one sentence."""
    path = Path(folder) / "model.bin"
    try:
        variables = _variables(path)
        _dimensions(variables)
    except FileNotFoundError:
        raise WeightsError(f"there is no model.bin in {folder}, so it is not a CTranslate2 model folder") from None
    except OSError as why:
        raise WeightsError(f"{path} cannot be read: {why.strerror or why}") from why
    except KeyError as why:
        raise WeightsError(f"{path} has no variable {why.args[0]!r}, so it is not a whole Whisper model") from why
    return Converted(variables, _alignment_heads(Path(folder) / "config.json"))


class _Cursor:
    """A place in the mapped file that refuses to step over its end."""

    def __init__(self, path: Path) -> None:
        if path.stat().st_size == 0:
            raise WeightsError(f"{path} is empty")
        # copy-on-write: torch takes only writable arrays, and the file must stay as it is
        self.bytes = np.memmap(path, np.uint8, mode="c")
        self.path, self.at = path, 0

    def take(self, count: int) -> np.ndarray:
        end = self.at + count
        if end > len(self.bytes):
            raise WeightsError(
                f"{self.path} is cut short: {len(self.bytes):,} bytes, and at least {end:,} are announced; copy it anew"
            )
        taken, self.at = self.bytes[self.at : end], end
        return taken

    def number(self, code: str) -> int:
        return struct.unpack("<" + code, self.take(struct.calcsize(code)).tobytes())[0]

    def text(self) -> str:
        return self.take(self.number("H")).tobytes().rstrip(b"\0").decode("utf-8", "replace")


def _variables(path: Path) -> dict[str, np.ndarray]:
    cursor = _Cursor(path)
    version = cursor.number("I")
    if version != VERSION:
        raise WeightsError(
            f"{path} is not a CTranslate2 file of version {VERSION} (its first number is {version}); "
            "convert the model anew with ct2-transformers-converter"
        )
    if (spec := cursor.text()) != SPEC:
        raise WeightsError(f"{path} holds a {spec[:40]!r}, not a {SPEC}: only Whisper models transcribe")
    cursor.number("I")  # the spec's revision only tells CTranslate2 which defaults to fill in
    variables = dict(_variable(cursor) for _ in range(cursor.number("I")))
    for _ in range(cursor.number("I")):
        alias, name = cursor.text(), cursor.text()
        variables[alias] = variables[name]
    return variables


def _variable(cursor: _Cursor) -> tuple[str, np.ndarray]:
    name = cursor.text()
    shape = [cursor.number("I") for _ in range(cursor.number("B"))]
    dtype = DTYPES.get(code := cursor.number("B"))
    size = cursor.number("I")
    if dtype is None:
        raise WeightsError(
            f"{cursor.path} stores {name[:60]!r} in a number format ({code}) that is not read here; convert the model "
            "anew with --quantization float16"
        )
    if size != int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize:
        raise WeightsError(f"{cursor.path} is damaged at {name[:60]!r}: {size} bytes do not fill {shape}")
    return name, np.ndarray(shape, dtype, cursor.take(size))


def _alignment_heads(path: Path) -> tuple[tuple[int, int], ...]:
    """From config.json; () when it is missing or has none, and Whisper's own default is then right."""
    try:
        pairs = json.loads(path.read_text("utf-8")).get("alignment_heads") or ()
        return tuple((int(layer), int(head)) for layer, head in pairs)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, AttributeError) as why:
        raise WeightsError(f"{path} is not the config.json of a CTranslate2 Whisper model: {why}") from why


def _dimensions(variables: Mapping[str, np.ndarray]) -> Dimensions:
    conv = variables["encoder/conv1/weight"]
    audio = variables["encoder/position_encodings/encodings"]
    text = variables["decoder/position_encodings/encodings"]

    def heads(side: str, width: int) -> int:
        # every published Whisper has heads of 64; older converters did not write the number down
        return int(variables[f"{side}/num_heads"]) if f"{side}/num_heads" in variables else width // 64

    def layers(side: str) -> int:
        found = (re.match(rf"{side}/layer_(\d+)/", name) for name in variables)
        return 1 + max((int(m[1]) for m in found if m), default=-1)

    return Dimensions(
        n_mels=conv.shape[1],
        n_audio_ctx=audio.shape[0],
        n_audio_state=audio.shape[1],
        n_audio_head=heads("encoder", audio.shape[1]),
        n_audio_layer=layers("encoder"),
        n_vocab=variables["decoder/embeddings/weight"].shape[0],
        n_text_ctx=text.shape[0],
        n_text_state=text.shape[1],
        n_text_head=heads("decoder", text.shape[1]),
        n_text_layer=layers("decoder"),
    )


_WHOLE = {
    "encoder/position_encodings/encodings": "encoder.positional_embedding",
    "decoder/position_encodings/encodings": "decoder.positional_embedding",
    "decoder/embeddings/weight": "decoder.token_embedding.weight",
    "encoder/layer_norm": "encoder.ln_post",
    "decoder/layer_norm": "decoder.ln",
}
# fused rows of CTranslate2 -> the linear layers of openai-whisper, in the order of the rows
_IN_LAYER = {
    "self_attention/layer_norm": ("attn_ln",),
    "self_attention/linear_0": ("attn.query", "attn.key", "attn.value"),
    "self_attention/linear_1": ("attn.out",),
    "attention/layer_norm": ("cross_attn_ln",),
    "attention/linear_0": ("cross_attn.query",),
    "attention/linear_1": ("cross_attn.key", "cross_attn.value"),
    "attention/linear_2": ("cross_attn.out",),
    "ffn/layer_norm": ("mlp_ln",),
    "ffn/linear_0": ("mlp.0",),
    "ffn/linear_1": ("mlp.2",),
}
_LEAF = {"gamma": "weight", "beta": "bias", "weight": "weight", "bias": "bias"}


def _renamed(name: str, variables: Mapping[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    place, _, leaf = name.rpartition("/")
    if name in _WHOLE:
        yield _WHOLE[name], _dequantized(name, variables)
    elif leaf not in _LEAF or name == "decoder/projection/weight":
        return  # flags, scales, and the projection that Whisper shares with its embedding
    elif place in _WHOLE:
        yield f"{_WHOLE[place]}.{_LEAF[leaf]}", variables[name]
    elif match := re.match(r"(encoder|decoder)/layer_(\d+)/(.+)", place):
        yield from _split(f"{match[1]}.blocks.{match[2]}", _IN_LAYER[match[3]], leaf, _dequantized(name, variables))
    else:
        yield f"{place.replace('/', '.')}.{leaf}", variables[name]


def _split(block: str, targets: tuple[str, ...], leaf: str, rows: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    for target, part in zip(targets, np.split(rows, len(targets)), strict=True):
        # the converter fills the key bias, which Whisper does not have, with zeros
        if not (leaf == "bias" and target.endswith(".key")):
            yield f"{block}.{target}.{_LEAF[leaf]}", part


def _dequantized(name: str, variables: Mapping[str, np.ndarray]) -> np.ndarray:
    array = variables[name]
    if array.dtype != np.int8:
        return array
    # int8 rows are the weights times a scale of their own, so that the largest is 127
    return array / variables[f"{name}_scale"].astype(np.float32)[:, None]
