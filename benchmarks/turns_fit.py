"""Fits the weights of `conversation/voice_evidence.py` on the tuning half of the made calls, and prints them.

    python benchmarks/turns_fit.py --calls 90

Logistic regression with a small penalty on every weight but the offset, on cut-ins as the product finds them without
words; truth is what was put there. Changes of speaker without overlap that cut nobody are the other class of silent
interruptions. Lines: 20 dB, 10 dB, leak -30 dB.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
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
PENALTY = 0.005  # times the number of events
Labelled = tuple[str, CutIn]


def labelled(call: Call, units: Sequence[Unit]) -> list[Labelled]:
    """Every cut-in that is found without words, with what it was."""
    found = find_cut_ins(spurts_of(units, (), TurnRules()), worded=False)
    return [(_truth(call, event), event) for event in found]


def _truth(call: Call, event: CutIn) -> str:
    kinds = [
        item.kind
        for item in call.events
        if SPEAKERS[item.by] == event.comer.speaker and abs(item.start_s - event.start_s) <= TOLERANCE_S
    ]
    return kinds[0] if kinds else NONE


def fitted(features: Sequence[dict[str, float]], classes: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Weights `[classes - 1, features]` against class 0; `offset` `[events]` is added to the logit of class 1."""
    table = np.array([list(item.values()) for item in features])
    count = int(classes.max())

    def loss(flat: np.ndarray) -> float:
        logits = np.column_stack([np.zeros(len(table)), table @ flat.reshape(count, -1).T])
        logits[:, 1] += offset
        normal = np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1)) + logits.max(1)
        chosen = logits[np.arange(len(table)), classes]
        return float(np.mean(normal - chosen) + PENALTY * np.sum(flat.reshape(count, -1)[:, 1:] ** 2))

    return minimize(loss, np.zeros(count * table.shape[1])).x.reshape(count, -1)


def fit_inserted(events: Sequence[Labelled]) -> None:
    kinds = ("backchannel", "completion", "butting_in")
    chosen = [(kind, event) for kind, event in events if kind in kinds and event.holder_goes_on]
    features = [voice.comer_features(event) for _, event in chosen]
    weights = fitted(features, np.array([kinds.index(kind) for kind, _ in chosen]), np.zeros(len(chosen)))
    for kind, row in zip(kinds[1:], weights, strict=True):
        show(f"inserted, {kind} against backchannel", features[0], row)


def fit_cut(events: Sequence[Labelled], title: str, cut: Sequence[str], whole: str) -> None:
    chosen = [(kind in cut, event) for kind, event in events if kind in (*cut, whole)]
    features = [voice.holder_features(event) for _, event in chosen]
    after = voice.AFTER_WEIGHT * np.array([min(event.after_s, 0.8) for _, event in chosen])
    weights = fitted(features, np.array([int(was_cut) for was_cut, _ in chosen]), after)
    show(f"{title}, {len(chosen)} events", features[0], weights[0])


def show(title: str, features: dict[str, float], weights: np.ndarray) -> None:
    print(f"{title}: { ({name: round(float(weight), 2) for name, weight in zip(features, weights, strict=True)}) }")


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
    fit(events)


def fit(events: Sequence[Labelled]) -> None:
    taken = [(kind, event) for kind, event in events if not event.holder_goes_on and event.holder_yields]
    fit_inserted(events)
    overlapping = [item for item in taken if item[1].start_s < item[1].end_s]
    fit_cut(overlapping, "cut in overlap", ("interruption", "needed"), "terminal")
    silent = [item for item in taken if item[1].start_s == item[1].end_s]
    fit_cut(silent, "cut without overlap", ("silent_interruption", "interruption"), NONE)


if __name__ == "__main__":
    main()
