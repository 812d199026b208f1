"""Whether a sentence may be over, from its words alone: a small recurrent net that read how people write to each other.

Tokens are those of `wording.tokens`, without punctuation; `TORN` stands for a word that was broken off, and any number
is `NUMBER`. The net reads from the start and gives the logit that the sentence is open after the last token: above 0 it
more likely goes on than not. One gated recurrent layer (Cho et al. 2014) over word vectors, in NumPy; a decision takes
some tens of microseconds a word. Trained by `conversation/train/completeness.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from speechcoach.errors import SettingsError

FOLDER = Path(__file__).parent / "weights"
PAD, UNKNOWN, START, TORN, NUMBER = "<pad>", "<unk>", "<s>", "<torn>", "<num>"
REACH = 20  # tokens; what was said before them tells nothing of the end


@dataclass(frozen=True, slots=True, eq=False)
class Completeness:
    """The net's tables: word vectors (words, n), gates (3h, n) and (3h, h) with their offsets, and what reads it out.

    The gates stand in the order reset, update, candidate.
    """

    places: Mapping[str, int]
    vectors: np.ndarray
    from_word: np.ndarray
    from_state: np.ndarray
    word_offset: np.ndarray
    state_offset: np.ndarray
    readout: np.ndarray
    readout_offset: float

    def openness(self, said: Sequence[str]) -> float:
        """Logit that the sentence goes on after the last of these tokens; without any, nothing was begun: 0."""
        if not said:
            return 0.0
        driven = self.vectors[self._rows(said)] @ self.from_word.T + self.word_offset
        width = self.from_state.shape[1]
        state = np.zeros(width, np.float32)
        for drive in driven:
            state = _step(state, drive, self.from_state @ state + self.state_offset, width)
        return -float(state @ self.readout + self.readout_offset)

    def _rows(self, said: Sequence[str]) -> list[int]:
        unknown = self.places[UNKNOWN]
        return [self.places[START], *(self.places.get(_plain(token), unknown) for token in said[-REACH:])]


def _step(state: np.ndarray, drive: np.ndarray, echo: np.ndarray, width: int) -> np.ndarray:
    gates = 1 / (1 + np.exp(-(drive[: 2 * width] + echo[: 2 * width])))
    reset, keep = gates[:width], gates[width:]
    fresh = np.tanh(drive[2 * width :] + reset * echo[2 * width :])
    return fresh + keep * (state - fresh)


def _plain(token: str) -> str:
    return NUMBER if token[:1].isdigit() else token


@lru_cache(maxsize=4)
def load(name: str) -> Completeness:
    """The net of this name, read once. Raises SettingsError where there is none."""
    path = FOLDER / f"{name}.npz"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in FOLDER.glob("*.npz")))
        raise SettingsError(f"the phrases name {name!r} under `completeness`; there is {there}")
    return read(path)


def read(path: Path) -> Completeness:
    """The net as `conversation/train/completeness.py` wrote it."""
    with np.load(path) as stored:
        tables = {key: stored[key] for key in stored.files}
    words = bytes(tables.pop("words")).decode("utf-8").split("\n")
    vectors = tables.pop("vectors").astype(np.float32) * tables.pop("step").astype(np.float32)[:, None]
    wide = {key: table.astype(np.float32) for key, table in tables.items()}
    offset = float(wide.pop("readout_offset"))
    return Completeness({word: place for place, word in enumerate(words)}, vectors, **wide, readout_offset=offset)
