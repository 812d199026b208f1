"""Whisper's decoder, greedily, several windows in step; keeps what is needed to time the words.

Conventions: log probabilities are natural; `chosen` and its like are `[steps, windows]`.

Windows hold packed speech, so they are decoded without timestamp tokens and without the text before
them, as WhisperX does (Bain et al. 2023, "WhisperX: Time-Accurate Speech Transcription of Long-Form
Audio"): a window cannot be left half read, and one window's mistake cannot grow into the next. It is
also what makes word times free: the text is the very one that openai-whisper would feed to its decoder
a second time to see where it attends (whisper/timing.py, `find_alignment`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from speechcoach.transcript.engine import TOKENS

# A caller may say "okay" five times in a window; nobody repeats himself in so many tokens more.
LOOP = 24


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One decoded window.

    `logprobs` `[tokens]`; `closing` `[tokens + 1]`, the probability that the sentence ends before each token and
    after the last; `unfinished` where it ran out of room or repeated itself, and `tokens` are those before;
    `attention` `[heads, start + tokens, frames]` in logits, of the heads that follow time, a token's row being
    that of the token fed before it, None where the engine aligns by itself.
    """

    tokens: list[int]
    logprobs: np.ndarray
    closing: np.ndarray
    end_logprob: float
    no_speech: float
    unfinished: bool
    attention: np.ndarray | None = None


def greedy(model: Any, tokenizer: Any, features: Any, most: int = TOKENS) -> list[Line]:
    """The likeliest token at each of `most` steps; `features` is `[windows, frames, state]` from the encoder."""
    import torch

    watch = _Watch(model)
    cache, hooks = model.install_kv_cache_hooks()
    try:
        with torch.inference_mode():
            chosen, logprobs, closing, no_speech = _steps(model, tokenizer, features, cache, most)
            attention = watch.attention(cache)
    finally:
        for hook in [*hooks, *watch.hooks]:
            hook.remove()
    lines = zip(chosen.T, logprobs.T, closing.T, no_speech, attention, strict=True)
    lead = len(tokenizer.sot_sequence_including_notimestamps)
    return [
        replace(line := line_of(*decoded, tokenizer.eot), attention=seen[:, : lead + len(line.tokens)])
        for *decoded, seen in lines
    ]


def _steps(model: Any, tokenizer: Any, features: Any, cache: dict, most: int) -> tuple[np.ndarray, ...]:
    import torch

    start = tokenizer.sot_sequence_including_notimestamps
    fed = torch.tensor([start] * len(features))
    first, later = _masks(model, tokenizer)
    ends = sentence_ends(tokenizer)
    chosen, logprobs, closing, no_speech = [], [], [], []
    for step in range(most):
        logits = model.decoder(fed, features, kv_cache=cache)
        if step == 0:
            probabilities = logits[:, start.index(tokenizer.sot)].softmax(-1)
            no_speech = probabilities[:, tokenizer.no_speech].tolist()
        chances = (logits[:, -1] + (later if step else first)).log_softmax(-1)
        best, fed = chances.max(-1, keepdim=True)
        closing.append(chances[:, ends].logsumexp(-1).exp().numpy())
        logprobs.append(best[:, 0].numpy())
        chosen.append(fed[:, 0].numpy())
        if _finished(np.array(chosen), tokenizer.eot):
            break
    return np.array(chosen), np.array(logprobs), np.array(closing), np.array(no_speech)


def sentence_ends(tokenizer: Any) -> list[int]:
    """The tokens that end a sentence, in any script, and the end of the text."""
    marks = [tokenizer.encode(mark) for mark in (".", "?", "!", "...", "\u3002", "\uff1f", "\uff01")]
    return [tokenizer.eot, *(mark[0] for mark in marks if len(mark) == 1)]


def never_written(tokenizer: Any, vocabulary: int) -> list[int]:
    """Sounds in symbols (♪, [, *), and all that stands behind the end of the text: tasks, languages, timestamps."""
    return [*tokenizer.non_speech_tokens, *range(tokenizer.eot + 1, vocabulary)]


def _masks(model: Any, tokenizer: Any) -> tuple[Any, Any]:
    """What to add to logits `[vocabulary]`: at the first step, and at the others.

    Not written first: the blank and the end, as openai-whisper does it.
    """
    import torch

    later = torch.zeros(model.dims.n_vocab)
    later[never_written(tokenizer, model.dims.n_vocab)] = -np.inf
    first = later.clone()
    first[[*tokenizer.encode(" "), tokenizer.eot]] = -np.inf
    return first, later


def _finished(chosen: np.ndarray, eot: int) -> bool:
    """Whether every window has ended, or repeats itself and never will."""
    return all((row == eot).any() or repeated(row.tolist()) for row in chosen.T)


def repeated(tokens: Sequence[int]) -> int:
    """How many of the last tokens only repeat what stands before them, four times over and `LOOP` at least; else 0."""
    for period in range(1, LOOP // 4 + 1):
        count = 0
        while count + period < len(tokens) and tokens[-1 - count] == tokens[-1 - count - period]:
            count += 1
        if count >= LOOP:
            return count
    return 0


def line_of(tokens: np.ndarray, logprobs: np.ndarray, closing: np.ndarray, no_speech: float, eot: int) -> Line:
    """The line of all that was decoded, `[steps]` each, up to its end or to where it only repeats itself."""
    ends = np.flatnonzero(tokens == eot)
    # where the text was cut off, its last token was never fed, and when it ended is not known
    count = int(ends[0]) if len(ends) else len(tokens) - 1
    end_logprob = float(logprobs[count]) if len(ends) else 0.0
    loop = repeated(tokens[:count].tolist())
    count -= loop
    unfinished = loop > 0 or not len(ends)
    return Line(
        tokens[:count].tolist(), logprobs[:count], closing[: count + 1], end_logprob, float(no_speech), unfinished
    )


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
        """Logits `[windows, heads, tokens fed, frames]`."""
        import torch

        found = []
        for layer, head in self.heads:
            cross = self.blocks[layer].cross_attn
            queries, keys = torch.cat(self.queries[layer], dim=1), cache[cross.key]
            width = queries.shape[-1] // cross.n_head
            part = slice(head * width, (head + 1) * width)
            found.append(queries[..., part] @ keys[..., part].transpose(1, 2) * width**-0.5)
        return torch.stack(found, dim=1).numpy()
