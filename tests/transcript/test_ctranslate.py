"""Truth: a small Whisper with random weights, written here in CTranslate2's format and read back."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from speechcoach.errors import WeightsError
from speechcoach.transcript import ctranslate
from speechcoach.transcript.weights import Weights
from speechcoach.transcript.whisper import from_checkpoint, from_ctranslate

STATE, MELS, VOCABULARY = 64, 80, 51_864
CODES = {np.dtype("f4"): 0, np.dtype("i1"): 1, np.dtype("i2"): 2, np.dtype("f2"): 4}


def text(value: str) -> bytes:
    return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"


def serialized(variables: dict[str, np.ndarray], version: int = 6, spec: str = "WhisperSpec") -> bytes:
    out = bytearray(struct.pack("<I", version) + text(spec) + struct.pack("<II", 3, len(variables)))
    for name, array in variables.items():
        out += text(name) + struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
        out += struct.pack("<BI", CODES[array.dtype], array.nbytes) + array.tobytes()
    out += struct.pack("<I", 1) + text("decoder/projection/weight") + text("decoder/embeddings/weight")
    return bytes(out)


def small_model() -> dict[str, np.ndarray]:
    """One layer a side, width 64: about 7 MB."""
    rng = np.random.default_rng(5)

    def some(*shape):
        return rng.normal(0, 0.1, shape).astype(np.float16)

    def linear(place, rows, columns):
        return {f"{place}/weight": some(rows, columns), f"{place}/bias": some(rows)}

    def norm(place):
        return {f"{place}/gamma": some(STATE), f"{place}/beta": some(STATE)}

    model = {f"{side}/num_heads": np.array(1, np.int16) for side in ("encoder", "decoder")}
    model |= {"encoder/conv1/weight": some(STATE, MELS, 3), "encoder/conv1/bias": some(STATE)}
    model |= {"encoder/conv2/weight": some(STATE, STATE, 3), "encoder/conv2/bias": some(STATE)}
    model |= {"encoder/position_encodings/encodings": some(1500, STATE)}
    model |= {"decoder/position_encodings/encodings": some(448, STATE)}
    model |= {"decoder/embeddings/weight": some(VOCABULARY, STATE)}
    for side in ("encoder", "decoder"):
        layer = f"{side}/layer_0"
        model |= norm(f"{side}/layer_norm")
        model |= norm(f"{layer}/self_attention/layer_norm") | norm(f"{layer}/ffn/layer_norm")
        model |= linear(f"{layer}/self_attention/linear_0", 3 * STATE, STATE)
        model |= linear(f"{layer}/self_attention/linear_1", STATE, STATE)
        model |= linear(f"{layer}/ffn/linear_0", 4 * STATE, STATE)
        model |= linear(f"{layer}/ffn/linear_1", STATE, 4 * STATE)
    model |= norm("decoder/layer_0/attention/layer_norm")
    model |= linear("decoder/layer_0/attention/linear_0", STATE, STATE)
    model |= linear("decoder/layer_0/attention/linear_1", 2 * STATE, STATE)
    return model | linear("decoder/layer_0/attention/linear_2", STATE, STATE)


@pytest.fixture(scope="module")
def variables():
    return small_model()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"alignment_heads": [[0, 0]]}))

    def write(content: bytes):
        (tmp_path / "model.bin").write_bytes(content)
        return tmp_path

    return write


def loaded(folder):
    return from_ctranslate(Weights("small", "ctranslate2", folder, False))


def test_a_written_model_is_read_back(folder, variables):
    model = loaded(folder(serialized(variables)))
    fused = variables["encoder/layer_0/self_attention/linear_0/weight"].astype(np.float32)
    attention = model.encoder.blocks[0].attn
    assert np.array_equal(attention.key.weight.detach().numpy(), fused[STATE : 2 * STATE])
    assert np.array_equal(attention.value.weight.detach().numpy(), fused[2 * STATE :])
    embedding = variables["decoder/embeddings/weight"].astype(np.float32)
    assert np.array_equal(model.decoder.token_embedding.weight.detach().numpy(), embedding)
    positions = variables["encoder/position_encodings/encodings"].astype(np.float32)
    assert np.array_equal(model.encoder.positional_embedding.numpy(), positions)
    assert model.dims.n_text_layer == 1 and not model.is_multilingual
    assert model.alignment_heads.indices().T.tolist() == [[0, 0]]


def test_int8_rows_are_scaled_back(folder, variables):
    name = "decoder/layer_0/ffn/linear_0/weight"
    whole = variables[name].astype(np.float32)
    scale = 127 / np.abs(whole).max(axis=1)
    quantized = {name: np.rint(whole * scale[:, None]).astype(np.int8), f"{name}_scale": scale.astype(np.float32)}
    model = loaded(folder(serialized(variables | quantized)))
    back = model.decoder.blocks[0].mlp[0].weight.detach().numpy()
    assert np.allclose(back, whole, atol=0.51 / scale.min())


def test_any_cut_is_named(folder, variables):
    content = serialized(variables)
    for share in (0.0, 0.00001, 0.3, 0.999):
        with pytest.raises(WeightsError, match=r"cut short|is empty"):
            ctranslate.read(folder(content[: int(len(content) * share)]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (serialized({}, version=5), "not a CTranslate2 file of version 6"),
        (b"PK\x03\x04" + bytes(4000), "not a CTranslate2 file"),
        (serialized({}, spec="TransformerSpec"), "holds a 'TransformerSpec'"),
        (struct.pack("<I", 6) + b"\xff" * 4000, "cut short|holds a"),
        (serialized({"x": np.zeros(2, np.float32)}).replace(b"\x08\0\0\0", b"\x09\0\0\0", 1), "is damaged at 'x'"),
        (serialized({"x": np.zeros(2, np.float32)}).replace(b"\0\x08\0\0\0", b"\x05\x08\0\0\0", 1), r"format \(5\)"),
    ],
)
def test_foreign_files_are_refused_in_one_sentence(folder, content, said):
    with pytest.raises(WeightsError, match=said) as caught:
        ctranslate.read(folder(content))
    assert "\n" not in str(caught.value)


def test_a_missing_variable_is_named(folder, variables):
    without = {k: v for k, v in variables.items() if k != "encoder/conv1/weight"}
    with pytest.raises(WeightsError, match="no variable 'encoder/conv1/weight'"):
        ctranslate.read(folder(serialized(without)))
    without = {k: v for k, v in variables.items() if not k.endswith("layer_0/ffn/linear_0/bias")}
    with pytest.raises(WeightsError, match="lacks 2 of Whisper's parameters"):
        loaded(folder(serialized(without)))


def test_a_strange_variable_is_named(folder, variables):
    strange = variables | {"encoder/layer_0/adapter/weight": np.zeros((2, 2), np.float16)}
    with pytest.raises(WeightsError, match="adapter"):
        loaded(folder(serialized(strange)))


def test_no_folder_and_bad_config(tmp_path, folder, variables):
    with pytest.raises(WeightsError, match=r"there is no model\.bin"):
        ctranslate.read(tmp_path)
    where = folder(serialized(variables))
    (where / "config.json").write_text("[]")
    with pytest.raises(WeightsError, match=r"config\.json"):
        ctranslate.read(where)


def test_a_file_that_is_no_checkpoint(tmp_path):
    (tmp_path / "base.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(WeightsError, match="cannot be loaded") as caught:
        from_checkpoint(Weights("base", "pt", tmp_path / "base.pt", True))
    assert "\n" not in str(caught.value)


def test_a_checkpoint_of_openai_whisper(folder, variables, tmp_path):
    import torch

    model = loaded(folder(serialized(variables)))
    torch.save({"dims": vars(model.dims), "model_state_dict": model.state_dict()}, tmp_path / "mine.pt")
    again = from_checkpoint(Weights("mine", "pt", tmp_path / "mine.pt", None))
    assert torch.equal(again.decoder.token_embedding.weight, model.decoder.token_embedding.weight)


def test_a_download_that_fails_names_the_other_ways(monkeypatch):
    import whisper

    def refuse(*_args, **_kwargs):
        raise OSError("no route to host")

    monkeypatch.setattr(whisper, "load_model", refuse)
    with pytest.raises(WeightsError, match=r"could not be downloaded \(OSError: no route to host\); name a file"):
        from_checkpoint(Weights("turbo", "named", None, True))
