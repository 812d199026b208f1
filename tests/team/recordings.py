"""Small real recordings for batches: cuts of a shipped sample, each of another content."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

from speechcoach.settings import Config
from speechcoach.team import batch
from speechcoach.team.rows import Meta
from speechcoach.team.sources import find
from speechcoach.team.store import Store
from speechcoach.team.work import Done, Task, analysed

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "poor_listener.wav"
VOICES = batch.Order(Config(transcript=False))
RATE_HZ = 8_000


@cache
def _sample() -> np.ndarray:
    return sf.read(SAMPLE, dtype="int16")[0]


def cut(path: Path, start_s: float, length_s: float = 4.0) -> Path:
    """A stretch of the sample as a file; another start is another content."""
    start = round(start_s * RATE_HZ)
    samples = _sample()[start : start + round(length_s * RATE_HZ)]
    sf.write(os.fsencode(path), samples, RATE_HZ, subtype="ULAW", format="WAV")
    return path


def here(tasks: Iterable[Task]) -> Iterator[Done]:
    """A crew of this very process: the same work, without the seconds that processes take to start."""
    return map(analysed, tasks)


@dataclass
class Told:
    """Remembers what a batch tells."""

    steps: list[tuple[str, int, int]]

    def __call__(self, step: str, done: int, of: int, last: Done | None) -> None:
        self.steps.append((step, done, of))


def run(
    store: Store,
    folder: Path,
    *,
    crew: Any = here,
    order: batch.Order = VOICES,
    metas: dict[str, Meta] | None = None,
    tell: Any = lambda *_: None,
) -> batch.Summary:
    return batch.run(store, find([str(folder)]), metas or {}, order, crew, tell)


def table(store: Store) -> list[tuple[Any, ...]]:
    """What a store holds of its calls, apart from when it was analysed."""
    names = ("id", "name", "state", "key", "error_class", "duration_s", "flags", "agent")
    calls = [tuple(row[name] for name in names) for row in store.rows("call")]
    scores = [tuple(row.values()) for row in store.rows("score")]
    speakers = [tuple(row.values()) for row in store.rows("speaker")]
    return [*calls, *scores, *speakers]
