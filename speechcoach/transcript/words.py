"""Tokens as words: what an engine decoded and aligned, written as people write it.

Conventions: times are seconds from a window's start; log probabilities are natural. Every engine's words are made
here, so that they differ in nothing but what was heard.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from speechcoach.transcript.alignment import Alignment
from speechcoach.transcript.decoding import Line
from speechcoach.transcript.engine import Heard, Passage

# Languages that Whisper splits by character (whisper/tokenizer.py, `split_to_word_tokens`)
UNSPACED = {"zh", "ja", "th", "lo", "my", "yue"}
# Marks that belong to the word after them; all others belong to the one before, in French after a blank.
OPENING = {*"\"'“„«‚¿¡([{-"}


def passage(tokenizer: Any, language: str | None, line: Line, aligned: Alignment | None) -> Passage:
    """The window's words; `aligned` is None where the line has no token."""
    total = float(line.logprobs.sum()) + line.end_logprob
    mean = total / (len(line.tokens) + 1)
    words = () if aligned is None else tuple(_heard(tokenizer, language, line, aligned))
    return Passage(words, mean, line.no_speech, line.unfinished)


def _heard(tokenizer: Any, language: str | None, line: Line, aligned: Alignment) -> list[Heard]:
    chances = np.exp(line.logprobs)
    return [
        Heard(text, *aligned.times_s(first, last), float(chances[first:last].mean()), _known(line.closing[last]))
        for text, first, last in glued(tokenizer, line.tokens, language)
    ]


def glued(tokenizer: Any, tokens: list[int], language: str | None) -> list[tuple[str, int, int]]:
    """Words as people write them, (text, first token, last token), the tokens without punctuation around.

    Whisper's own splitting breaks "uh-huh" and "9.5" in two.
    """
    spaced = language not in UNSPACED
    words: list[tuple[str, int, int]] = []
    opening, at = "", 0
    for text, group in zip(*tokenizer.split_to_word_tokens(tokens), strict=True):
        first, at = at, at + len(group)
        silent = not any(map(str.isalnum, text))
        if silent and text.strip() in OPENING and (text.startswith(" ") or not words):
            opening += text.strip()
        elif words and not opening and (silent or (spaced and not text.startswith(" "))):
            before, begun, ended = words[-1]
            words[-1] = (before + text.rstrip(), begun, ended if silent else at)
        elif not silent:
            words.append((opening + text.strip(), first, at))
            opening = ""
    return words


def _known(value: float) -> float | None:
    """None for NaN."""
    return None if np.isnan(value) else float(value)
