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
    """A recogniser in three steps, so that the language is told from work that is done anyway."""

    name: str

    def encode(self, windows: Sequence[np.ndarray]) -> Any:
        """Windows as the engine sees them; only handed back to `languages` and `decode`."""
        ...

    def languages(self, encoded: Any) -> Sequence[Mapping[str, float]]:
        """Probability of every language, by its code, for each window; {} where only one is known."""
        ...

    def decode(self, encoded: Any, language: str | None) -> Sequence[Passage]:
        """One passage a window; `language` is a code, or None where the engine knows only one."""
        ...
