"""Thousands of recordings into a store: what is missing is done, whatever became of the last time.

A call is finished where the store holds its content (sha256 of the file) under the same key: fingerprint of the
configuration and version of speechcoach. Each is written as soon as it is done, in one transaction.

Screening listens to every voice first, and transcribes only the calls whose flags cost enough points, and a share of
the others, drawn by their content: the same ones every time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from speechcoach.errors import RecordingError
from speechcoach.schema import release
from speechcoach.settings import Config, Rubric, Screening
from speechcoach.team.crews import Crew
from speechcoach.team.rows import DONE, FAILED, Entry, Found, Made, Meta
from speechcoach.team.sources import content_of, place_id
from speechcoach.team.store import Store
from speechcoach.team.tables import storable
from speechcoach.team.work import PASSING, Done, Task

FLAGGED, SAMPLED, SKIPPED = "flagged", "sampled", "skipped"

Tell = Callable[[str, int, int, Done | None], None]
"""(step, calls done, calls in all, what became of the last one)"""


@dataclass(frozen=True, slots=True)
class Order:
    """How a batch is to be done; `screened` transcribes only what screening by voice finds worth it."""

    config: Config
    norms: Path | None = None
    rubric: Path | None = None
    screened: bool = False
    again: bool = False  # those that failed before, too
    reports: Path | None = None


@dataclass(slots=True)
class Summary:
    """What a batch did, in calls: found, finished before (some failed), copies of others, done and failed now."""

    found: int = 0
    finished: int = 0
    failed_before: int = 0
    copies: int = 0
    done: int = 0
    failed: list[Done] = field(default_factory=list)
    seconds: float = 0.0
    screened: dict[str, int] = field(default_factory=dict)

    def take(self, done: Done) -> None:
        """Count what became of a call."""
        if done.result is None:
            self.failed.append(done)
        else:
            self.done += 1
            self.seconds += done.result.facts.call.duration_s


def key_of(config: Config) -> str:
    """What makes a result: another key is another result."""
    return f"{config.fingerprint}/{release()}"


def run(
    store: Store, found: Sequence[Found], metas: Mapping[str, Meta], order: Order, crew: Crew, tell: Tell
) -> Summary:
    """Do what is missing of the recordings; `metas` says what is known of each, by where it lies."""
    summary = Summary(found=len(found))
    known = _contents(store, found, metas, summary, tell)
    summary.copies = len(found) - len(known) - len(summary.failed)
    store.describe({call_id: (item, metas.get(item.uri, Meta())) for call_id, item in known.items()})
    first = replace(order.config, transcript=False) if order.screened else order.config
    keys = {key_of(first), key_of(order.config)}
    made_by = store.made_by()
    missing = {call_id: item for call_id, item in known.items() if _is_missing(made_by.get(call_id), keys, order.again)}
    over = [made_by[call_id].state for call_id in known if call_id not in missing]
    summary.finished, summary.failed_before = len(over), over.count(FAILED)
    step = "voices" if order.screened else "calls"
    for done in _work(store, missing, metas, replace(order, config=first), crew, tell, step):
        summary.take(done)
    if order.screened:
        _transcribe(store, _by_content(store, known), metas, order, crew, tell, summary)
    return summary


def _contents(
    store: Store, found: Sequence[Found], metas: Mapping[str, Meta], summary: Summary, tell: Tell
) -> dict[str, Found]:
    """The recordings by what they hold, each content once; a file that cannot be read is a failed call."""
    before = store.contents()
    known: dict[str, Found] = {}
    for item in found:
        call_id = before.get(_as_stored(item))
        if call_id is None or call_id == place_id(item.uri):  # never read yet, or not with success
            try:
                call_id = _read(store, item)
            except RecordingError as why:
                done = Done(Task(item, Config()), place_id(item.uri), None, type(why).__name__, str(why))
                _keep(store, done, metas.get(item.uri, Meta()), "")
                summary.failed.append(done)
                tell("reading", 0, 0, done)
                continue
        known.setdefault(call_id, item)
    return known


def _read(store: Store, item: Found) -> str:
    if "://" in item.uri:
        return place_id(f"{item.uri}?{item.stamp}")  # fetched once, by who analyses it
    call_id = content_of(item)
    store.remember(item, call_id)
    return call_id


def _by_content(store: Store, known: Mapping[str, Found]) -> dict[str, Found]:
    """The same by what they hold, now that those at addresses were fetched as well."""
    contents = store.contents()
    return {contents.get(_as_stored(item), call_id): item for call_id, item in known.items()}


def _as_stored(item: Found) -> tuple[str, int, str]:
    return storable(item.uri), item.size, storable(item.stamp)


def _is_missing(made: Made | None, keys: set[str], again: bool) -> bool:
    if made is None or made.key not in keys:
        return True
    return made.state == FAILED and (again or made.error_class in PASSING)


def _work(
    store: Store,
    calls: Mapping[str, Found],
    metas: Mapping[str, Meta],
    order: Order,
    crew: Crew,
    tell: Tell,
    step: str,
    screening: Mapping[str, tuple[str, str]] | None = None,
) -> Iterator[Done]:
    """Have the crew do the calls, and keep each as it comes."""
    key = key_of(order.config)
    tell(step, 0, len(calls), None)
    for count, done in enumerate(crew(_tasks(calls, order)), 1):
        how, why = (screening or {}).get(done.id, (None, None))
        _keep(store, done, metas.get(done.task.found.uri, Meta()), key, how, why)
        tell(step, count, len(calls), done)
        yield done


def _tasks(calls: Mapping[str, Found], order: Order) -> Iterator[Task]:
    for call_id, item in calls.items():
        known = None if "://" in item.uri else call_id
        yield Task(item, order.config, known, order.norms, order.rubric, order.reports)


def _keep(store: Store, done: Done, meta: Meta, key: str, screening: str | None = None, why: str | None = None) -> None:
    store.keep(Entry(done.id, key, done.task.found, meta, done.result, done.error_class, done.error, screening, why))


def _transcribe(
    store: Store,
    known: Mapping[str, Found],
    metas: Mapping[str, Meta],
    order: Order,
    crew: Crew,
    tell: Tell,
    summary: Summary,
) -> None:
    """Say of each call that was screened whether it deserves a transcript, and make those transcripts."""
    rule = Rubric.load(order.rubric).screening
    voice = key_of(replace(order.config, transcript=False))
    decided: dict[str, tuple[str, str]] = {}
    made_by, lost_points = store.made_by(), store.points_lost()
    for call_id in known:
        made = made_by.get(call_id)
        if made is None or made.state != DONE:
            continue
        if made.key != voice:
            how = made.screening or FLAGGED
        else:
            how, _ = decided[call_id] = screened(call_id, lost_points.get(call_id, 0.0), rule)
        summary.screened[how] = summary.screened.get(how, 0) + 1
    store.screened(decided)
    chosen = {call_id: said for call_id, said in decided.items() if said[0] != SKIPPED}
    calls = {call_id: known[call_id] for call_id in chosen}
    for done in _work(store, calls, metas, order, crew, tell, "transcripts", chosen):
        if done.result is None:  # its voice was counted as done
            summary.failed.append(done)
            if done.id in chosen:
                summary.screened[chosen[done.id][0]] -= 1


def screened(call_id: str, points_lost: float, rule: Screening) -> tuple[str, str]:
    """Whether a call deserves a transcript, and why: its flags cost enough, or the lot fell on it."""
    cost = f"its voice and timing cost {points_lost:.0f} points, and {rule.points:.0f} are asked for"
    if points_lost >= rule.points:
        return FLAGGED, cost
    if int(call_id[:8], 16) / 16**8 < rule.sample_share:
        return SAMPLED, f"drawn for the sample of {rule.sample_share:.0%}; {cost}"
    return SKIPPED, cost
