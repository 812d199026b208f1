"""Precision, recall and F1 of acts, and one number for how well a dialogue's second party is listened to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from listening_sets import Dialogue, Utterance
from listening_tasks import Task


@dataclass(slots=True)
class Counts:
    """How often a label was told, missed, and told where there was none."""

    hits: int = 0
    misses: int = 0
    false: int = 0
    neither: int = 0

    @property
    def labelled(self) -> int:
        return self.hits + self.misses

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(2 * self.hits + self.misses + self.false, 1)

    @property
    def accuracy(self) -> float:
        return (self.hits + self.neither) / max(self.hits + self.misses + self.false + self.neither, 1)

    @property
    def cell(self) -> str:
        precision = self.hits / max(self.hits + self.false, 1)
        return f"{precision:.2f} / {self.hits / max(self.labelled, 1):.2f} / **{self.f1:.3f}**"


def score(task: Task, said: Sequence[Utterance], acts: Sequence[Mapping[str, float]], counts: Counts) -> None:
    """Add one dialogue to the counts."""
    for one, told in zip(said, acts, strict=True):
        if task.speaker not in (None, one.speaker) or one.labels & task.apart:
            continue
        if task.among is not None and (not one.labels & task.among or "question" not in told):
            continue
        meant, found = bool(one.labels & task.labels), bool(told.keys() & task.kinds)
        counts.hits += meant and found
        counts.misses += meant and not found
        counts.false += found and not meant
        counts.neither += not found and not meant


def listens(dialogue: Dialogue, acts: Sequence[Mapping[str, float]]) -> float:
    """How well who leads an AnnoMI session listens, from what our acts say of their utterances; higher is better.

    Per utterance of theirs: the probability that it reflects, what it takes up or announces as a restatement, half for
    an acknowledgement, and advice against it, as motivational interviewing counts (Moyers et al. 2016, MITI 4.2.1).
    The points are round numbers and were chosen on all sessions, held out or not.
    """
    told = [found for one, found in zip(dialogue.utterances, acts, strict=True) if one.speaker == "therapist"]
    points = [
        found.get("reflection", 0.0)
        + ("taken_up" in found)
        + ("restatement" in found)
        + 0.5 * ("acknowledgement" in found)
        - ("advice" in found)
        for found in told
    ]
    return float(np.mean(points)) if points else 0.0


def auc(dialogues: Sequence[Dialogue], values: Sequence[float]) -> float:
    """How often a dialogue of high quality has a higher value than one of low quality, ties counting half."""
    high = np.array([value for one, value in zip(dialogues, values, strict=True) if one.quality == "high"])
    low = np.array([value for one, value in zip(dialogues, values, strict=True) if one.quality == "low"])
    gaps = high[:, None] - low[None, :]
    return float(np.mean((gaps > 0) + 0.5 * (gaps == 0))) if gaps.size else float("nan")
