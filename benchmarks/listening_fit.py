"""Set the scales of `conversation/weights/acts.json` anew, on the dialogues that are not held out.

A scale is a logistic regression over the counted evidence of one act; what adds little is left out of it, and its
threshold is where F1 is best on the same dialogues. All three kinds of text are read, so that one scale serves all.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from listening_sets import Dialogue
from listening_text import TEXTS, common_words, tell
from sklearn.linear_model import LogisticRegression

from speechcoach.conversation.acts import gather
from speechcoach.conversation.completeness import FOLDER
from speechcoach.conversation.context import converse
from speechcoach.conversation.scales import scales
from speechcoach.settings import Norms

PHRASES = Norms.load("en").phrases
MOST = 30  # pieces of evidence a scale
STRENGTH = 0.02  # of the data against the penalty on standardized weights


@dataclass(frozen=True, slots=True)
class Wanted:
    """One scale: which evidence of a clause it reads, and the labels that mean it."""

    kind: str
    evidence: str
    labels: frozenset[str]
    speaker: str | None = None


SCALES = {
    "swda": [
        [Wanted("question", "asking", frozenset({"qy", "qw", "qo", "qy^d", "^g"}))],
        [
            Wanted("backchannel", "listening", frozenset({"b"})),
            Wanted("acknowledgement", "listening", frozenset({"b", "bk", "aa"})),
            Wanted("reformulation", "taking_up", frozenset({"bf"})),
            Wanted("repeat", "taking_up", frozenset({"b^m"})),
            Wanted("taken_up", "taking_up", frozenset({"bf", "b^m", "^2"})),
        ],
    ],
    "mrda": [[Wanted("understanding_check", "taking_up", frozenset({"bu"}))]],
    "annomi": [[Wanted("reflection", "taking_up", frozenset({"reflection"}), "therapist")]],
}
EVERY = {"swda": 2, "mrda": 4, "annomi": 1}  # one dialogue in so many is read


def fit(name: str, dialogues: Sequence[Dialogue], path: Path = FOLDER / "acts.json") -> None:
    """Set the scales that rest on this label set, and write them beside the others."""
    told = [one for one in dialogues if not one.held_out][:: EVERY[name]]
    common = common_words(told)
    for together in SCALES[name]:
        rows = _rows(together, told, common)
        stored = json.loads(path.read_text("utf-8"))
        for want in together:
            stored[want.kind] = _scale(*rows[want.kind])
            print(want.kind, len(stored[want.kind]["weights"]), "at", stored[want.kind]["at"], flush=True)
        path.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
        scales.cache_clear()


def _rows(together: Sequence[Wanted], told: Sequence[Dialogue], common: list[str]):
    """For each scale: the evidence of every clause, and whether people labelled its utterance so."""
    rows: dict[str, tuple[list[str], array, list[bool]]] = {want.kind: ([], array("f"), []) for want in together}
    for number, dialogue in enumerate(told):
        for text in TEXTS if number % 4 == 0 else TEXTS[number % 2 :][:1]:
            heard = tell(dialogue, text, common)
            talk = converse(heard.turns, heard.words, PHRASES)
            spans = [(place, span) for place, span in enumerate(heard.places) if span]
            at = 0
            for said, evidence in zip(talk.said, gather(talk), strict=True):
                while spans[at][1].end_s < (said.clause.start_s + said.clause.end_s) / 2:
                    at += 1
                utterance = dialogue.utterances[spans[at][0]]
                for want in together:
                    read = getattr(evidence, want.evidence)
                    if read and want.speaker in (None, utterance.speaker):
                        names, values, truth = rows[want.kind]
                        names[:] = read
                        values.extend(read.values())
                        truth.append(bool(utterance.labels & want.labels))
    return rows


def _scale(names: Sequence[str], values: array, labelled: Sequence[bool]) -> dict:
    table = np.frombuffer(values, np.float32).reshape(-1, len(names))
    truth = np.array(labelled)
    kept, weights, offset = list(range(len(names))), np.zeros(0), 0.0
    for most in (2 * MOST, MOST):  # twice, because weights move when others go
        spread = table[:, kept].std(axis=0) + 1e-6
        model = LogisticRegression(C=STRENGTH, max_iter=200).fit(table[:, kept] / spread, truth)
        best = np.argsort(-np.abs(model.coef_[0]))[:most]
        kept = [kept[place] for place in sorted(best)]
    spread = table[:, kept].std(axis=0) + 1e-6
    model = LogisticRegression(C=STRENGTH, max_iter=200).fit(table[:, kept] / spread, truth)
    weights, offset = model.coef_[0] / spread, float(model.intercept_[0])
    found = {names[place]: round(float(weight), 3) for place, weight in zip(kept, weights, strict=True)}
    shares = 1 / (1 + np.exp(-(table[:, kept] @ weights + offset)))
    return {"weights": found, "offset": round(offset, 3), "at": round(_best(shares, truth), 3)}


def _best(shares: np.ndarray, truth: np.ndarray) -> float:
    """The share from which F1 is best."""
    order = np.argsort(-shares, kind="stable")
    hits = np.cumsum(truth[order])
    return float(shares[order][np.argmax(2 * hits / (np.arange(1, len(order) + 1) + truth.sum()))])
