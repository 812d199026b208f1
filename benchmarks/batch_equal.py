"""Do SQLite, PostgreSQL and Dask hold equal tables after a worker was killed in the middle of each batch?

Compared is every row of every table of calls but `analysed_at` (when) and `uri` (where), and every stored document.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from batch_stores import broken_batch, dask_cluster, postgresql
from sqlalchemy import LargeBinary

from speechcoach.team import tables
from speechcoach.team.store import Store

TABLES = ("call", "document", "finding", "abstention", "score", "speaker")
_NOT_COMPARED = ("analysed_at", "uri")


@dataclass(frozen=True, slots=True)
class Held:
    """What a store holds: rows and their fingerprint by table; whether a worker was killed, and how long it took."""

    rows: dict[str, int]
    prints: dict[str, str]
    failed: int
    killed: bool
    seconds: float


def compare(folder: Path, count: int, scratch: Path) -> dict[str, Held]:
    """The same recordings through each way, two workers, one of them killed when half of the calls are kept."""
    with postgresql() as server, dask_cluster(2) as (address, workers):
        ways = {
            "SQLite, 2 processes": (str(scratch / "local.db"), None, ("--jobs", 2)),
            "PostgreSQL, 2 processes": (server, None, ("--jobs", 2)),
            "SQLite, 2 workers of Dask": (str(scratch / "dask.db"), workers[-1], ("--dask", address)),
        }
        return {name: _held(folder, count, *way) for name, way in ways.items()}


def _held(folder: Path, count: int, url: str, victim: int | None, options: tuple[object, ...]) -> Held:
    began = time.perf_counter()
    killed = broken_batch(folder, url, count // 2, victim, *options)
    took = time.perf_counter() - began
    with Store(url) as store:
        listed = {name: sorted(_rows(store, name)) for name in TABLES}
        failed = store.counts().get("failed", 0)
    prints = {name: hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12] for name, rows in listed.items()}
    return Held({name: len(rows) for name, rows in listed.items()}, prints, failed, killed, took)


def _rows(store: Store, name: str) -> Iterator[str]:
    packed = {column.name for column in tables.metadata.tables[name].columns if isinstance(column.type, LargeBinary)}
    for row in store.rows(name):
        own = {key: value for key, value in row.items() if key not in _NOT_COMPARED}
        yield repr({key: zlib.decompress(value) if key in packed else value for key, value in own.items()})
