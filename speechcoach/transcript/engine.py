"""What a speech recogniser must offer so that `transcribe` can use it.

Conventions: a *window* is float32 `[n]` at 16 kHz, at most 30 s long, silence included; times of what
was heard in it are seconds from its start. An engine knows nothing of calls, channels or spans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

RATE_HZ = 16_000
WINDOW_S = 30.0
# What is heard after the last word of a window, so that the window is known to end.
TAIL_S = 1.0
# Frames of 20 ms that tell a window's language: what comes after ten seconds costs as much and adds nothing.
TELLING = 500
# Whisper's own limit on text tokens a window: half of its text context.
TOKENS = 224


@dataclass(frozen=True, slots=True)
class Heard:
    """A word in a window: `start_s <= peak_s <= end_s`, probability 0-1, text without outer blanks.

    `peak_s` is where it surely was said; an engine that does not know gives the middle. `closes` is the
    probability that a sentence ends after it, None where the engine does not tell.
    """

    text: str
    start_s: float
    end_s: float
    peak_s: float
    probability: float
    closes: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """What was heard in one window, words in order of time, and the evidence that it was speech.

    `mean_logprob` is the mean natural logarithm of the tokens' probabilities; `no_speech` the
    engine's own probability that nobody speaks; `unfinished` that it repeated itself or ran out of
    room, and the words are those before.
    """

    words: tuple[Heard, ...]
    mean_logprob: float
    no_speech: float
    unfinished: bool = False


class Engine(Protocol):
    """A recogniser in steps, so that the language is told, and a window cut, from work that is done anyway."""

    name: str

    def encode(self, windows: Sequence[np.ndarray], seconds: float | None = None) -> Any:
        """Windows as the engine sees them, each filled up with silence to `seconds`; only handed back to the others.

        None is `TAIL_S` more than the longest. Encoding costs in proportion to the seconds.
        """
        ...

    def cut(self, encoded: Any, parts: int) -> Any:
        """Each encoded window as so many windows of equal length, which are decoded by themselves."""
        ...

    def languages(self, encoded: Any) -> Sequence[Mapping[str, float]]:
        """Probability of every language, by its code, for each window; {} where only one is known."""
        ...

    def decode(
        self, encoded: Any, language: str | None, most: int = TOKENS, thoroughly: bool = False
    ) -> Sequence[Passage]:
        """One passage a window, of `most` tokens at most; `language` is a code, or None where only one is known.

        `thoroughly` asks for a wider search than usual, where the engine has one.
        """
        ...


def encoded_s(windows: Sequence[np.ndarray], seconds: float | None) -> float:
    """How many seconds of each window are encoded."""
    longest_s = max(map(len, windows)) / RATE_HZ
    return min(longest_s + TAIL_S if seconds is None else seconds, WINDOW_S)
