"""Short calls for batches, cut from the samples, and what a store holds of them, to compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import soundfile

from speechcoach.settings import Config
from speechcoach.team import batch, sources
from speechcoach.team.crews import Crew
from speechcoach.team.exports import TABLES
from speechcoach.team.store import Store
from speechcoach.team.work import Done, Task, analysed

ROOT = Path(__file__).resolve().parents[2]
VOICE = Config(transcript=False)


def cut_calls(folder: Path, count: int, length_s: float = 4.0) -> Path:
    """A folder of `count` calls of `length_s`, each from another place of a sample."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ("good_listener", "poor_listener", "escalation")
    for number in range(count):
        sample = ROOT / "samples" / f"{names[number % len(names)]}.wav"
        rate_hz = soundfile.info(sample).samplerate
        length = int(length_s * rate_hz)
        sound, _ = soundfile.read(sample, length, start=(2 + number // len(names)) * length, dtype="int16")
        soundfile.write(folder / f"call-{number:02}.wav", sound, rate_hz)
    return folder


def in_this_process(tasks: Iterable[Task]) -> Iterator[Done]:
    """A crew of nobody else: the simplest way to a result."""
    return map(analysed, tasks)


def worked(url: str, source: object, crew: Crew = in_this_process, tell: batch.Tell | None = None) -> batch.Summary:
    """A batch of the source, by voice alone."""
    with Store(url) as store:
        found = sources.find([str(source)])
        return batch.run(store, found, {}, batch.Order(VOICE), crew, tell or (lambda *_: None))


def tables_of(url: str, *, without: tuple[str, ...] = ()) -> dict[str, list[dict[str, Any]]]:
    """Every table of the store, but for when a call was analysed."""
    unlike = {"analysed_at", *without}
    with Store(url) as store:
        return {
            table: [{name: value for name, value in row.items() if name not in unlike} for row in store.rows(table)]
            for table in TABLES
        }
