"""Fits the weights of `conversation/voice_evidence.py` on the tuning half of the made calls, and prints them.

    python benchmarks/turns_fit.py --calls 90

Logistic regression with a small penalty on every weight but the offset, on cut-ins as the product finds them without
words; truth is what was put there. Every class counts as if it were as frequent as the others, so that what comes out
are likelihood ratios. How they do on a voice that was left out stands beside them. Lines: 20 dB, 10 dB, leak -30 dB.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import logsumexp
from turns import FOLDER, calls_of
from turns_calls import Call
from turns_mixing import CONDITIONS, SPEAKERS, mixed
from turns_product import facts_of, hear
from turns_scores import NONE, TOLERANCE_S

from speechcoach.conversation import voice_evidence as voice
from speechcoach.conversation.cut_ins import CutIn, find_cut_ins
from speechcoach.conversation.turns import TurnRules, spurts_of
from speechcoach.records import Unit

LINES = ("SNR 20 dB", "SNR 10 dB", "leak -30 dB")
PENALTY = 0.003  # the weakest at which voices that were left out are told as well as with a stronger one
CUT, WHOLE = ("interruption", "needed", "silent_interruption"), ("terminal", NONE)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A cut-in that is found without words, what it was, and whose voices these are."""

    kind: str
    event: CutIn
    holder_voice: str
    comer_voice: str


def labelled(call: Call, units: Sequence[Unit]) -> list[Labelled]:
    """Every cut-in of the call in which one of them had the floor."""
    voices = dict(zip(SPEAKERS, call.voices, strict=True))
    return [
        Labelled(_truth(call, event), event, voices[event.holder.speaker], voices[event.comer.speaker])
        for event in find_cut_ins(spurts_of(units, (), TurnRules()), worded=False)
        if not event.both_began
    ]


def _truth(call: Call, event: CutIn) -> str:
    kinds = [
        item.kind
        for item in call.events
        if SPEAKERS[item.by] == event.comer.speaker and abs(item.start_s - event.start_s) <= TOLERANCE_S
    ]
    return kinds[0] if kinds else NONE


def fitted(table: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Weights `[classes - 1, features]` against class 0, as if every class were as frequent as the others."""
    count = int(classes.max())
    weight = 1 / np.bincount(classes)[classes]

    def loss(flat: np.ndarray) -> float:
        missed = -_log_shares(table, flat.reshape(count, -1))[np.arange(len(table)), classes]
        penalty = PENALTY * np.sum(flat.reshape(count, -1)[:, 1:] ** 2)
        return float(np.average(missed, weights=weight) + penalty)

    return minimize(loss, np.zeros(count * table.shape[1])).x.reshape(count, -1)


def _log_shares(table: np.ndarray, weights: np.ndarray) -> np.ndarray:
    logits = np.column_stack([np.zeros(len(table)), table @ weights.T])
    return logits - logsumexp(logits, axis=1, keepdims=True)


def unseen(table: np.ndarray, classes: np.ndarray, voices: np.ndarray) -> tuple[float, float]:
    """Log loss on voices that the weights were not fitted on, and the factor of the weights that makes it lowest."""
    seen = {voice: fitted(table[voices != voice], classes[voices != voice]) for voice in sorted(set(voices))}

    def loss(factor: float) -> float:
        missed = [
            -_log_shares(table[[row]], factor * seen[voice])[0, true]
            for row, (voice, true) in enumerate(zip(voices, classes, strict=True))
        ]
        return float(np.average(missed, weights=1 / np.bincount(classes)[classes]))

    return loss(1.0), minimize_scalar(loss, bounds=(0.2, 2.0), method="bounded").x


def fit_inserted(events: Sequence[Labelled]) -> None:
    kinds = ("backchannel", "completion", "butting_in")
    chosen = [item for item in events if item.kind in kinds and item.event.holder_goes_on]
    features = [voice.comer_features(item.event) for item in chosen]
    classes = np.array([kinds.index(item.kind) for item in chosen])
    show("inserted", features, classes, [item.comer_voice for item in chosen], kinds[1:])


def fit_cut(events: Sequence[Labelled]) -> None:
    taken = [item for item in events if not item.event.holder_goes_on and item.event.holder_yields]
    chosen = [item for item in taken if item.kind in (*CUT, *WHOLE)]
    features = [voice.holder_features(item.event) for item in chosen]
    show("cut", features, np.array([int(i.kind in CUT) for i in chosen]), [i.holder_voice for i in chosen], ("cut",))


def show(
    title: str, features: Sequence[dict[str, float]], classes: np.ndarray, voices: Sequence[str], names: Sequence[str]
) -> None:
    table = np.array([list(item.values()) for item in features])
    loss, factor = unseen(table, classes, np.array(voices))
    print(
        f"{title}: {np.bincount(classes).tolist()} events; unseen voices: log loss {loss:.3f}, best times {factor:.2f}"
    )
    for name, row in zip(names, fitted(table, classes), strict=True):
        print(
            f'    "{name}": { ({key: round(float(weight), 2) for key, weight in zip(features[0], row, strict=True)}) },'
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=90)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    calls, _ = calls_of("tuning", options.calls, options.folder, None)
    events: list[Labelled] = []
    for place, line in enumerate(CONDITIONS):
        for seed, call in enumerate(calls if line.name in LINES else ()):
            samples = mixed(call, line, np.random.default_rng([seed, place]))
            events += labelled(call, facts_of(hear(samples), []).units)
    fit_inserted(events)
    fit_cut(events)


if __name__ == "__main__":
    main()
