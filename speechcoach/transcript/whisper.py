"""openai-whisper as an engine: its model, tokenizer and filters, with word times for free.

Conventions: times are seconds from a window's start; log probabilities are natural. torch and whisper
are imported by the first use of an engine, not by this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from speechcoach.errors import SettingsError, WeightsError
from speechcoach.transcript import alignment, ctranslate
from speechcoach.transcript.decoding import Line, greedy
from speechcoach.transcript.engine import RATE_HZ, TELLING, TOKENS, Passage, encoded_s
from speechcoach.transcript.weights import WAYS, Weights, resolve
from speechcoach.transcript.words import passage


class WhisperEngine:
    """Recognises speech with openai-whisper on the CPU in float32; the model is loaded at first use.

    `threads` is torch's number of threads, for the whole process; None leaves it alone. One process
    uses the engine from one thread at a time.
    """

    def __init__(self, weights: Weights | str = "auto", threads: int | None = 1) -> None:
        self.weights = resolve(weights) if isinstance(weights, str) else weights
        self.threads = threads
        self.name = f"openai-whisper {self.weights.name}"

    @property
    def model(self) -> Any:
        """The `whisper.model.Whisper`, one a process for the same weights."""
        return load(self.weights, self.threads)

    def encode(self, windows: Sequence[np.ndarray], seconds: float | None = None) -> _Encoded:
        """Each window, float32 `[n]` at 16 kHz, filled up to `seconds` and run through the encoder."""
        import torch
        from whisper.audio import N_SAMPLES, log_mel_spectrogram, pad_or_trim

        model, length_s = self.model, encoded_s(windows, seconds)
        bands = 2 * round(length_s / alignment.FRAME_S)  # a frame is made of two bands' columns
        mels = [
            log_mel_spectrogram(pad_or_trim(np.ascontiguousarray(w, np.float32), N_SAMPLES), model.dims.n_mels)
            for w in windows
        ]
        with torch.inference_mode():
            # one by one: together they cost as much time, and four times the memory
            features = torch.cat([_states(model.encoder, mel[None, :, :bands]) for mel in mels])
        return _Encoded(features, tuple(min(len(w) / RATE_HZ, length_s) for w in windows))

    def cut(self, encoded: _Encoded, parts: int) -> _Encoded:
        """Each window's states, cut into `parts`; whoever was next to a part has been seen, and only that."""
        count, frames, width = encoded.features.shape
        features = encoded.features.reshape(count * parts, frames // parts, width)
        return _Encoded(features, (frames // parts * alignment.FRAME_S,) * len(features))

    def languages(self, encoded: _Encoded) -> list[dict[str, float]]:
        """Probability of each language for each window; {} for a model that knows English only."""
        import torch
        from whisper.tokenizer import get_tokenizer

        model = self.model
        if not model.is_multilingual:
            return [{} for _ in encoded.seconds]
        tokenizer = get_tokenizer(True, num_languages=model.num_languages)
        start = torch.tensor([[tokenizer.sot]] * len(encoded.features))
        with torch.inference_mode():
            # `model.detect_language` takes only what was encoded as 30 s
            logits = model.logits(start, encoded.features[:, :TELLING])[:, 0, tokenizer.all_language_tokens]
        codes = tokenizer.all_language_codes
        return [dict(zip(codes, chances, strict=True)) for chances in logits.softmax(-1).tolist()]

    def decode(
        self, encoded: _Encoded, language: str | None, most: int = TOKENS, thoroughly: bool = False
    ) -> list[Passage]:
        """One passage a window, of the likeliest token at each of `most` steps; there is no wider search here."""
        from whisper.tokenizer import LANGUAGES, get_tokenizer

        model = self.model
        known = list(LANGUAGES)[: model.num_languages]
        if language is not None and language not in known:
            raise SettingsError(
                f"the model {self.weights.name} knows no language {language!r}; it knows {', '.join(sorted(known))}"
            )
        tokenizer = get_tokenizer(model.is_multilingual, num_languages=model.num_languages, language=language)
        lines = greedy(model, tokenizer, encoded.features, most)
        return [
            passage(tokenizer, language, line, _aligned(tokenizer, line, seconds))
            for line, seconds in zip(lines, encoded.seconds, strict=True)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class _Encoded:
    features: Any  # float32 [windows, frames, state]
    seconds: tuple[float, ...]


def _states(encoder: Any, mel: Any) -> Any:
    """The encoder's own layers over fewer than 30 s, which its `forward` refuses: `[1, frames, state]`."""
    from torch.nn.functional import gelu

    states = gelu(encoder.conv2(gelu(encoder.conv1(mel)))).permute(0, 2, 1)
    states = (states + encoder.positional_embedding[: states.shape[1]]).to(mel.dtype)
    for block in encoder.blocks:
        states = block(states)
    return encoder.ln_post(states)


@lru_cache(maxsize=1)
def load(weights: Weights, threads: int | None) -> Any:
    """The Whisper model of these weights; kept, since loading costs seconds. Raises `WeightsError`."""
    import torch

    if threads is not None:
        torch.set_num_threads(threads)
    model = from_ctranslate(weights) if weights.kind == "ctranslate2" else from_checkpoint(weights)
    return model.float().eval()


def from_ctranslate(weights: Weights) -> Any:
    import torch
    from whisper.model import ModelDimensions, Whisper

    converted = ctranslate.read(weights.path)
    model = Whisper(ModelDimensions(**asdict(converted.dimensions())))
    places = {**dict(model.named_parameters()), "encoder.positional_embedding": model.encoder.positional_embedding}
    with torch.no_grad():
        for name, array in converted.parameters():
            if name not in places or places[name].shape != array.shape:
                raise WeightsError(f"{weights.path} does not fit Whisper at {name}")
            # converts while it copies: no second array of the model's size
            places.pop(name).copy_(torch.from_numpy(array))
    if places:
        raise WeightsError(f"{weights.path} lacks {len(places)} of Whisper's parameters, such as {min(places)}")
    if converted.alignment_heads:
        heads = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
        heads[tuple(zip(*converted.alignment_heads, strict=True))] = True
        model.register_buffer("alignment_heads", heads.to_sparse(), persistent=False)
    return model


def from_checkpoint(weights: Weights) -> Any:
    import whisper

    source = weights.name if weights.kind == "named" else str(weights.path)
    try:
        model = whisper.load_model(source, device="cpu")
    except Exception as why:  # torch raises a dozen unrelated kinds for a file that is no checkpoint
        said = f"{type(why).__name__}: {why}".splitlines()[0][:200]
        if weights.kind == "named":
            raise WeightsError(
                f"the model {source} was not found here and could not be downloaded ({said}); {WAYS}"
            ) from why
        raise WeightsError(
            f"the weights {source} cannot be loaded ({said}): give a checkpoint of openai-whisper"
        ) from why
    heads = whisper._ALIGNMENT_HEADS.get(weights.name)
    if weights.kind == "pt" and heads:
        model.set_alignment_heads(heads)  # load_model knows them only for names
    return model


def _aligned(tokenizer: Any, line: Line, seconds: float) -> alignment.Alignment | None:
    if not line.tokens:
        return None
    frames = max(int(seconds / alignment.FRAME_S), 1)
    return alignment.align(line.attention[..., :frames], len(tokenizer.sot_sequence))
