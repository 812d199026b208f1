"""Which results an export is of: files that `analyze` wrote, or calls of a store, each read when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from speechcoach.errors import ResultError, UsageError

if TYPE_CHECKING:
    from speechcoach.records import Frames, Result
    from speechcoach.team.store import Store


@dataclass(frozen=True, slots=True)
class Named:
    """A result that is still to be read, and the name its files get."""

    stem: str
    load: Callable[[], Result]
    path: Path | None = None


def of_files(paths: Sequence[Path]) -> list[Named]:
    from speechcoach.schema import load

    return [Named(path.stem, partial(load, path), path) for path in paths]


def of_store(url: str, calls: Sequence[str], held: ExitStack) -> list[Named]:
    """The calls by id, by the beginning of it, or by the recording's name. Raises UsageError where none or two fit."""
    from speechcoach.team.store import Store

    store = held.enter_context(Store(url, new=False))
    return [_found(store, call) for call in calls]


def _found(store: Store, wanted: str) -> Named:
    from speechcoach.team.naming import named

    row = named(store, wanted)
    call_id, name = row["id"], row["name"]

    def load() -> Result:
        kept = store.result(call_id)
        if kept is None:
            raise ResultError(f"{name}: the store holds no result, for the call failed; analyse the recording again")
        return kept

    return Named(Path(name).stem, load)


def frames_of(path: Path, result: Result) -> Frames:
    """The frames of the recording, which must be the one that the result is of."""
    from speechcoach.audio import open_recording
    from speechcoach.features import extract_blocks

    recording = open_recording(path)
    try:
        if recording.sha256 != result.facts.call.id:
            raise UsageError(f"{path}: is not the recording of this result ({result.facts.call.file}); name that one")
        return extract_blocks(recording.analysis_blocks(), 8_000)
    finally:
        recording.release()
