"""How much a sentence sounds like a question, from its words alone: counts of how people ask each other in writing.

A sentence is its runs of one to four words at its start, of one to three at its end, and all words and pairs between;
each has a weight, and their sum is the logit that whoever wrote it ended it with a question mark. No context and no
punctuation are read. Trained by `conversation/train/asking.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from speechcoach.conversation.completeness import FOLDER, NUMBER
from speechcoach.errors import SettingsError

_LONGEST = 40  # tokens
_LENGTHS = 12  # longer sentences are all alike


@dataclass(frozen=True, slots=True, eq=False)
class Asking:
    """The weight of every run of words that says anything."""

    weights: Mapping[str, float]
    offset: float

    def logit(self, said: tuple[str, ...]) -> float:
        """Logit that these tokens ask; none ask nothing."""
        if not said:
            return self.offset
        return self.offset + sum(self.weights.get(run, 0.0) for run in runs(said))


def runs(said: Sequence[str]) -> set[str]:
    """What a sentence is made of; `^` marks its start, `$` its end."""
    read = [NUMBER if token[:1].isdigit() else token for token in said[:_LONGEST]]
    found = {f"#{min(len(read), _LENGTHS)}", *read}
    found.update("^" + " ".join(read[:size]) for size in (1, 2, 3, 4))
    found.update("$" + " ".join(read[-size:]) for size in (1, 2, 3))
    found.update(f"{first} {second}" for first, second in pairwise(read))
    return found


@lru_cache(maxsize=4)
def load(name: str) -> Asking:
    """The weights of this name, read once. Raises SettingsError where there are none."""
    path = FOLDER / f"{name}_asking.npz"
    if not path.is_file():
        there = ", ".join(sorted(file.stem.removesuffix("_asking") for file in FOLDER.glob("*_asking.npz")))
        raise SettingsError(f"the phrases name {name!r} under `asking`; there is {there}")
    with np.load(path) as stored:
        listed = bytes(stored["runs"]).decode("utf-8").split("\n")
        weights = stored["weights"].astype(float) * float(stored["step"])
        return Asking(dict(zip(listed, weights.tolist(), strict=True)), float(stored["offset"]))
