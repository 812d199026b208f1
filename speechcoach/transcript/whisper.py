"""openai-whisper as an engine: its model, tokenizer and filters, with word times for free.

Conventions: times are seconds from a window's start; log probabilities are natural. torch and whisper
are imported by the first use of an engine, not by this module.

Windows hold packed speech, so they are decoded greedily, without timestamp tokens and without the
text before them, as WhisperX does (Bain et al. 2023, "WhisperX: Time-Accurate Speech Transcription of
Long-Form Audio", section 2.2): a window cannot be left half read, and one window's mistake cannot
grow into the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from speechcoach.errors import WeightsError
from speechcoach.transcript import alignment, ctranslate
from speechcoach.transcript.engine import RATE_HZ, WINDOW_S, Heard, Passage
from speechcoach.transcript.weights import Weights, resolve

# Whisper's own limit on text tokens a window (half of its text context)
TOKENS = 224
LOOP = 24
# Languages that Whisper splits by character (whisper/tokenizer.py, `split_to_word_tokens`)
UNSPACED = {"zh", "ja", "th", "lo", "my", "yue"}


class WhisperEngine:
    """Recognises speech with openai-whisper on the CPU in float32; the model is loaded at first use.

    `threads` is torch's number of threads, for the whole process; None leaves it alone.
    """

    def __init__(self, weights: Weights | str = "auto", threads: int | None = 1) -> None:
        self.weights = resolve(weights) if isinstance(weights, str) else weights
        self.threads = threads
        self.name = f"openai-whisper {self.weights.name}"

    @property
    def model(self) -> Any:
        """The `whisper.model.Whisper`, one a process for the same weights."""
        return load(self.weights, self.threads)

    def encode(self, windows: Sequence[np.ndarray]) -> _Encoded:
        """Each window, float32 `[n]` at 16 kHz, padded to 30 s and run through the encoder."""
        import torch
        from whisper.audio import N_SAMPLES, log_mel_spectrogram, pad_or_trim

        model = self.model
        mels = [
            log_mel_spectrogram(pad_or_trim(np.ascontiguousarray(w, np.float32), N_SAMPLES), model.dims.n_mels)
            for w in windows
        ]
        with torch.inference_mode():
            # one by one: together they cost as much time, and four times the memory
            features = torch.cat([model.encoder(mel[None]) for mel in mels])
        return _Encoded(features, tuple(min(len(w) / RATE_HZ, WINDOW_S) for w in windows))

    def languages(self, encoded: _Encoded) -> list[dict[str, float]]:
        """Probability of each language for each window; {} for a model that knows English only."""
        if not self.model.is_multilingual:
            return [{} for _ in encoded.seconds]
        return self.model.detect_language(encoded.features)[1]

    def decode(self, encoded: _Encoded, language: str | None) -> list[Passage]:
        from whisper.tokenizer import get_tokenizer

        model = self.model
        tokenizer = get_tokenizer(model.is_multilingual, num_languages=model.num_languages, language=language)
        lines = _greedy(model, tokenizer, encoded.features)
        return [_passage(tokenizer, line, s) for line, s in zip(lines, encoded.seconds, strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class _Encoded:
    features: Any  # float32 [windows, 1500, state]
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """One decoded window: text tokens, their log probabilities, and attention `[heads, start + text, frames]`."""

    tokens: list[int]
    logprobs: np.ndarray
    end_logprob: float
    no_speech: float
    attention: np.ndarray
    unfinished: bool


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
        raise WeightsError(f"the weights {source} cannot be loaded: {str(why).splitlines()[0][:200]}") from why
    heads = whisper._ALIGNMENT_HEADS.get(weights.name)
    if weights.kind == "pt" and heads:
        model.set_alignment_heads(heads)  # load_model knows them only for names
    return model


def _greedy(model: Any, tokenizer: Any, features: Any) -> list[_Line]:
    """The likeliest token at each step, all windows in step, so that the weights are read once."""
    import torch

    start = tokenizer.sot_sequence_including_notimestamps
    watch = _Watch(model)
    fed = torch.tensor([start] * len(features))
    cache, hooks = model.install_kv_cache_hooks()
    first, later = _masks(model, tokenizer)
    chosen, logprobs, no_speech = [], [], []
    try:
        with torch.inference_mode():
            for step in range(TOKENS):
                logits = model.decoder(fed, features, kv_cache=cache)
                if step == 0:
                    probabilities = logits[:, start.index(tokenizer.sot)].softmax(-1)
                    no_speech = probabilities[:, tokenizer.no_speech].tolist()
                logits = logits[:, -1] + (later if step else first)
                best, fed = logits.log_softmax(-1).max(-1, keepdim=True)
                logprobs.append(best[:, 0].numpy())
                chosen.append(fed[:, 0].numpy())
                if _finished(np.array(chosen), tokenizer.eot):
                    break
            attention = watch.attention(cache)
    finally:
        for hook in [*hooks, *watch.hooks]:
            hook.remove()
    lines = zip(np.array(chosen).T, np.array(logprobs).T, no_speech, attention, strict=True)
    return [_line(*line, lead=len(start), eot=tokenizer.eot) for line in lines]


def _finished(chosen: np.ndarray, eot: int) -> bool:
    """Whether every window `[steps, windows]` has ended, or repeats itself and never will."""
    return all((row == eot).any() or repeated(row.tolist()) for row in chosen.T)


def repeated(tokens: list[int]) -> int:
    """How many of the last tokens only repeat what stands before them; 0 below `LOOP` of them.

    A caller may say "okay" four times in a window; nobody says the same thing in `LOOP` tokens more
    and five times over.
    """
    for period in range(1, LOOP // 4 + 1):
        count = 0
        while count + period < len(tokens) and tokens[-1 - count] == tokens[-1 - count - period]:
            count += 1
        if count >= max(LOOP, 4 * period):
            return count
    return 0


def _line(tokens, logprobs, no_speech, attention, *, lead: int, eot: int) -> _Line:
    ends = np.flatnonzero(tokens == eot)
    # where the text was cut off, its last token was never fed, and when it ended is not known
    count = int(ends[0]) if len(ends) else len(tokens) - 1
    end_logprob = float(logprobs[count]) if len(ends) else 0.0
    unfinished = not len(ends) or repeated(tokens[:count].tolist()) > 0
    count -= repeated(tokens[:count].tolist())
    # a token's row is that of the token before it
    seen = attention[:, : lead + count]
    return _Line(tokens[:count].tolist(), logprobs[:count], end_logprob, no_speech, seen, unfinished)


class _Watch:
    """Keeps the queries of the heads that follow time, while the decoder runs."""

    def __init__(self, model: Any) -> None:
        self.blocks = model.decoder.blocks
        self.heads = [tuple(pair) for pair in model.alignment_heads.indices().T.tolist()]
        self.queries: dict[int, list] = {layer: [] for layer, _ in self.heads}
        self.hooks = [
            self.blocks[layer].cross_attn.query.register_forward_hook(
                lambda _module, _args, out, layer=layer: self.queries[layer].append(out)
            )
            for layer in self.queries
        ]

    def attention(self, cache: dict) -> np.ndarray:
        """Logits `[windows, heads, tokens fed, 1500]`."""
        import torch

        found = []
        for layer, head in self.heads:
            cross = self.blocks[layer].cross_attn
            queries, keys = torch.cat(self.queries[layer], dim=1), cache[cross.key]
            width = queries.shape[-1] // cross.n_head
            part = slice(head * width, (head + 1) * width)
            found.append(queries[..., part] @ keys[..., part].transpose(1, 2) * width**-0.5)
        return torch.stack(found, dim=1).numpy()


def _masks(model: Any, tokenizer: Any) -> tuple[Any, Any]:
    """What to add to logits `[vocabulary]`: at the first step, and at the others.

    Never written: sounds in symbols (♪, [, *), tasks, languages, timestamps. Not written first: the
    blank and the end, as a window always holds something.
    """
    import torch

    special = [tokenizer.transcribe, tokenizer.translate, tokenizer.sot, tokenizer.sot_prev, tokenizer.sot_lm]
    special += [tokenizer.no_speech, tokenizer.no_timestamps, *tokenizer.all_language_tokens]
    later = torch.zeros(model.dims.n_vocab)
    later[[*tokenizer.non_speech_tokens, *special]] = -np.inf
    later[tokenizer.timestamp_begin :] = -np.inf
    first = later.clone()
    first[[*tokenizer.encode(" "), tokenizer.eot]] = -np.inf
    return first, later


def _passage(tokenizer: Any, line: _Line, seconds: float) -> Passage:
    total = float(line.logprobs.sum()) + line.end_logprob
    mean = total / (len(line.tokens) + 1)
    return Passage(tuple(_words(tokenizer, line, seconds)), mean, line.no_speech, line.unfinished)


def _words(tokenizer: Any, line: _Line, seconds: float) -> list[Heard]:
    if not line.tokens:
        return []
    frames = max(int(seconds / alignment.FRAME_S), 1)
    aligned = alignment.align(line.attention[..., :frames], len(tokenizer.sot_sequence))
    chances = np.exp(line.logprobs)
    return [
        Heard(text, *aligned.times_s(first, last), float(chances[first:last].mean()))
        for text, first, last in _glued(tokenizer, line.tokens)
    ]


def _glued(tokenizer: Any, tokens: list[int]) -> list[tuple[str, int, int]]:
    """Words as people write them, (text, first token, last token), the tokens without punctuation around.

    Whisper's own splitting breaks "uh-huh" and "9.5" in two.
    """
    spaced = tokenizer.language not in UNSPACED
    words: list[tuple[str, int, int]] = []
    opening, at = "", 0
    for text, group in zip(*tokenizer.split_to_word_tokens(tokens), strict=True):
        first, at = at, at + len(group)
        silent = not any(map(str.isalnum, text))
        if words and not opening and not text.startswith(" ") and (silent or spaced):
            before, begun, ended = words[-1]
            words[-1] = (before + text.rstrip(), begun, ended if silent else at)
        elif silent:
            opening += text.strip()
        else:
            words.append((opening + text.strip(), first, at))
            opening = ""
    return words
