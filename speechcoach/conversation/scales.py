"""From counted evidence to a probability: one logistic scale an act, its numbers in `weights/acts.json`.

A scale is a weight for each piece of evidence that it reads, an offset, and `at`, the probability from which the act is
told. The numbers were set by `benchmarks/listening.py --fit`, on the label sets named there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp

from speechcoach.conversation.completeness import FOLDER

Evidence = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers of one act."""

    weights: Mapping[str, float]
    offset: float
    at: float

    def logit(self, evidence: Evidence) -> float:
        return self.offset + sum(weight * evidence[name] for name, weight in self.weights.items())

    def probability(self, evidence: Evidence) -> float:
        return share(self.logit(evidence))

    def why(self, evidence: Evidence, most: int = 3) -> str:
        """What spoke for it most, in order."""
        parts = sorted(((weight * evidence[name], name) for name, weight in self.weights.items()), reverse=True)
        return ", ".join(name.replace("_", " ") for part, name in parts[:most] if part > 0)


def share(logit: float) -> float:
    """The probability of a logit."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, logit))))


@lru_cache(maxsize=1)
def scales() -> Mapping[str, Scale]:
    """All scales by the kind of act."""
    stored = json.loads((FOLDER / "acts.json").read_text("utf-8"))
    return {kind: Scale(**numbers) for kind, numbers in stored.items()}
