"""faster-whisper as an engine: the same weights in CTranslate2, in 8-bit integers, at a fraction of the cost.

Conventions: times are seconds from a window's start; log probabilities are natural. faster_whisper is imported by
the first use of an engine, not by this module, and torch never is.

Its feature extractor, tokenizer and model are used, and its model's own CTranslate2 calls in place of its
`transcribe`: windows hold packed speech, and are decoded greedily, without timestamps and without the text before
them (see `decoding`). One thing CTranslate2 does not tell: where its attention lay. So a word's peak is where it
is loudest in the last second before its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from speechcoach.errors import SettingsError, WeightsError
from speechcoach.transcript import ctranslate
from speechcoach.transcript.alignment import FRAME_S, Alignment
from speechcoach.transcript.decoding import Line, line_of, never_written, sentence_ends
from speechcoach.transcript.engine import RATE_HZ, TELLING, TOKENS, WINDOW_S, Passage, encoded_s
from speechcoach.transcript.weights import WAYS, Weights, resolve
from speechcoach.transcript.words import passage

INSTALL = 'pip install "speechcoach[fast]"'
BEAM = 5  # Whisper's own width
_FRAME = round(FRAME_S * RATE_HZ)
_SAMPLES = round(WINDOW_S * RATE_HZ)


class FasterEngine:
    """Recognises speech with faster-whisper on the CPU; the model is loaded at first use.

    `compute_type` is one of CTranslate2's: "int8" is the fastest, "float32" gives openai-whisper's words.
    `threads` is CTranslate2's number of threads; None leaves it to the machine. Raises `SettingsError` where
    faster-whisper is not installed, `WeightsError` for weights that it cannot read.
    """

    def __init__(self, weights: Weights | str = "auto", threads: int | None = 1, compute_type: str = "int8") -> None:
        if not installed():
            raise SettingsError(f"faster-whisper is not installed: {INSTALL}, or name --engine openai-whisper")
        self.weights = resolve(weights, ("ctranslate2",)) if isinstance(weights, str) else weights
        if self.weights.kind != "named":
            _check_folder(self.weights)
        self.threads, self.compute_type = threads, compute_type
        self.name = f"faster-whisper {self.weights.name} {compute_type}"

    @property
    def model(self) -> Any:
        """The `faster_whisper.WhisperModel`, one a process for the same weights."""
        return load(self.weights, self.threads, self.compute_type)

    def encode(self, windows: Sequence[np.ndarray], seconds: float | None = None) -> _Encoded:
        """Each window, float32 `[n]` at 16 kHz, filled up to `seconds` and run through the encoder."""
        import ctranslate2

        model, frames = self.model, round(encoded_s(windows, seconds) / FRAME_S)
        mels = (model.feature_extractor(_padded(window), padding=0)[:, : 2 * frames] for window in windows)
        # one by one: together they cost as much time, and more memory
        states = [
            np.array(model.model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(mel[None]))))
            for mel in mels
        ]
        return _Encoded(np.concatenate(states), tuple(_loudness(window) for window in windows))

    def cut(self, encoded: _Encoded, parts: int) -> _Encoded:
        """Each window's states, cut into `parts`; whoever was next to a part has been seen, and only that."""
        count, frames, width = encoded.features.shape
        features = encoded.features.reshape(count * parts, frames // parts, width)
        loudness = [np.pad(own, (0, max(frames - len(own), 0)))[:frames].reshape(parts, -1) for own in encoded.loudness]
        return _Encoded(features, tuple(np.concatenate(loudness)))

    def languages(self, encoded: _Encoded) -> list[dict[str, float]]:
        """Probability of each language for each window; {} for a model that knows English only."""
        model = self.model.model
        if not model.is_multilingual:
            return [{} for _ in encoded.loudness]
        some = _Encoded(np.ascontiguousarray(encoded.features[:, :TELLING]), encoded.loudness)
        return [{code[2:-2]: chance for code, chance in told} for told in model.detect_language(some.view)]

    def decode(
        self, encoded: _Encoded, language: str | None, most: int = TOKENS, thoroughly: bool = False
    ) -> list[Passage]:
        """One passage a window, of `most` tokens: the likeliest at each step, or the likeliest row of five."""
        model = self.model
        known = model.supported_languages
        if language is not None and language not in known:
            raise SettingsError(
                f"the model {self.weights.name} knows no language {language!r}; it knows {', '.join(sorted(known))}"
            )
        tokenizer = _tokenizer(model, language)
        lines = (_searched if thoroughly else _greedy)(model, tokenizer, encoded, most)
        aligned = _aligned(model.model, tokenizer, encoded, lines)
        return [passage(tokenizer, language, line, at) for line, at in zip(lines, aligned, strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class _Encoded:
    features: np.ndarray  # float32 [windows, frames, state]
    loudness: tuple[np.ndarray, ...]  # mean square of each 20 ms of each window

    @property
    def view(self) -> Any:
        """The features as CTranslate2 takes them, of the same memory."""
        import ctranslate2

        return ctranslate2.StorageView.from_array(self.features)


def installed() -> bool:
    """Whether the extra `[fast]` is installed; nothing is imported."""
    return find_spec("faster_whisper") is not None


def readable(weights: Weights) -> bool:
    """Whether faster-whisper has all it needs of weights that are here."""
    return weights.kind == "ctranslate2" and (weights.path / "tokenizer.json").is_file()


def _check_folder(weights: Weights) -> None:
    if weights.kind == "pt":
        raise WeightsError(
            f"{weights.path} is a checkpoint of openai-whisper, which faster-whisper cannot read: name a CTranslate2 "
            "folder, or take --engine openai-whisper"
        )
    if not readable(weights):
        raise WeightsError(
            f"{weights.path} has no tokenizer.json, and faster-whisper would fetch one: copy it from the model that "
            "was converted, or take --engine openai-whisper"
        )


@lru_cache(maxsize=1)
def load(weights: Weights, threads: int | None, compute_type: str) -> Any:
    """The model of these weights; kept, since loading costs a second. Raises `WeightsError`."""
    from faster_whisper import WhisperModel
    from faster_whisper.feature_extractor import FeatureExtractor

    source = weights.name if weights.kind == "named" else str(weights.path)
    try:
        model = WhisperModel(
            source,
            device="cpu",
            compute_type=compute_type,
            cpu_threads=threads or 0,
            # a folder is here; a bare name that is not was the user's own wish
            local_files_only=weights.kind != "named",
        )
    except Exception as why:  # the hub, CTranslate2 and the tokenizer have no error in common
        raise _unusable(weights, why) from why
    # older conversions do not say how many mel bands they want, and the model itself knows
    model.feature_extractor = FeatureExtractor(feature_size=model.model.n_mels)
    return model


def _unusable(weights: Weights, why: Exception) -> WeightsError:
    said = f"{type(why).__name__}: {why}".splitlines()[0][:200]
    if weights.kind == "named":
        return WeightsError(f"the model {weights.name} was not found here and could not be downloaded ({said}); {WAYS}")
    ctranslate.read(weights.path)  # says better what is wrong with the file, if it is the file
    return WeightsError(f"the weights {weights.path} cannot be loaded by faster-whisper ({said}): convert them anew")


def _tokenizer(model: Any, language: str | None) -> Any:
    from faster_whisper.tokenizer import Tokenizer

    return Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language or "en")


def _padded(window: np.ndarray) -> np.ndarray:
    out = np.zeros(_SAMPLES, np.float32)
    heard = window[:_SAMPLES]
    out[: len(heard)] = heard
    return out


def _loudness(window: np.ndarray) -> np.ndarray:
    frames = max(min(len(window), _SAMPLES) // _FRAME, 1)
    return np.square(_padded(window)[: frames * _FRAME]).reshape(frames, _FRAME).mean(axis=1)


def _greedy(model: Any, tokenizer: Any, encoded: _Encoded, most: int) -> list[Line]:
    start = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    results = model.model.generate(
        encoded.view,
        [start] * len(encoded.features),
        beam_size=1,
        max_length=2 * most,  # of which CTranslate2 gives half to the text
        suppress_tokens=never_written(tokenizer, model.hf_tokenizer.get_vocab_size()),
        suppress_blank=True,
        return_logits_vocab=True,
        return_no_speech_prob=True,
    )
    ends = sentence_ends(tokenizer)
    return [_line(result, ends, tokenizer.eot) for result in results]


def _searched(model: Any, tokenizer: Any, encoded: _Encoded, most: int) -> list[Line]:
    """The likeliest of five rows of tokens (beam search); each token counts as likely as the row is on average.

    CTranslate2 tells nothing about single tokens here, nor how likely a sentence ends.
    """
    start = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    results = model.model.generate(
        encoded.view,
        [start] * len(encoded.features),
        beam_size=BEAM,
        max_length=2 * most,
        suppress_tokens=never_written(tokenizer, model.hf_tokenizer.get_vocab_size()),
        suppress_blank=True,
        return_scores=True,
        return_no_speech_prob=True,
    )
    found = []
    for result in results:
        tokens = [*result.sequences_ids[0], tokenizer.eot]
        logprobs = np.full(len(tokens), result.scores[0])
        found.append(
            line_of(np.array(tokens), logprobs, np.full(len(tokens), np.nan), result.no_speech_prob, tokenizer.eot)
        )
    return found


def _line(result: Any, ends: list[int], eot: int) -> Line:
    tokens, steps = list(result.sequences_ids[0]), result.logits[0]
    if len(steps) > len(tokens):
        tokens.append(eot)
    logprobs, closing = np.empty(len(tokens)), np.empty(len(tokens))
    for step, token in enumerate(tokens):
        # a step at a time: log probabilities of all would take as much memory again
        logits = np.asarray(steps[step])
        top = float(logits.max())
        total = top + np.log(np.exp(logits - top).sum())
        logprobs[step] = logits[token] - total
        closing[step] = np.exp(logits[ends] - total).sum()
    return line_of(np.array(tokens), logprobs, closing, result.no_speech_prob, eot)


def _aligned(model: Any, tokenizer: Any, encoded: _Encoded, lines: Sequence[Line]) -> list[Alignment | None]:
    """Times of each line's tokens, by CTranslate2's own warping; None for a line without one."""
    import ctranslate2

    found: list[Alignment | None] = [None] * len(lines)
    some = [place for place, line in enumerate(lines) if line.tokens]
    if not some:
        return found
    features = np.ascontiguousarray(encoded.features[some])
    frames = [2 * len(encoded.loudness[place]) for place in some]  # of 10 ms
    results = model.align(
        ctranslate2.StorageView.from_array(features),
        tokenizer.sot_sequence,
        [lines[place].tokens for place in some],
        frames,
    )
    for place, result in zip(some, results, strict=True):
        found[place] = _alignment(result.alignments, len(lines[place].tokens), encoded.loudness[place])
    return found


def _alignment(path: Sequence[tuple[int, int]], count: int, loudness: np.ndarray) -> Alignment:
    text, frames = np.array(path).T
    first = np.searchsorted(text, np.arange(count + 1), side="left")
    return Alignment(
        frames[np.minimum(first, len(frames) - 1)] * FRAME_S, np.broadcast_to(loudness, (count + 1, len(loudness)))
    )
