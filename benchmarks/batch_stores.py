"""Places for the benchmarks of many calls: a PostgreSQL server and a Dask cluster of our own, and batches to end early.

Conventions: everything runs on this machine, in temporary folders, and ends with its `with` block.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from speechcoach.errors import StoreError
from speechcoach.team.store import Store

ROOT = Path(__file__).resolve().parent.parent
ENV = {**os.environ, "PYTHONPATH": str(ROOT), **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")}
_POSTGRES = [Path(f"/usr/lib/postgresql/{version}/bin") for version in (15, 16, 17)]
_STARTED_S = 60


def command(*words: object) -> list[str]:
    """speechcoach of this working tree, with these words."""
    return [sys.executable, "-c", "from speechcoach.cli import main; main()", *map(str, words)]


def batch(folder: Path, store: object, *options: object) -> float:
    """Run a batch by voice alone to its end; wall time in seconds, the programs' start included."""
    began = time.perf_counter()
    subprocess.run(
        command("batch", folder, "--store", store, "--transcript", "none", "--quiet", *options), check=True, env=ENV
    )
    return time.perf_counter() - began


def broken_batch(folder: Path, store: str, at: int, victim: int | None, *options: object) -> bool:
    """As `batch`, and a worker gets SIGKILL once `at` calls are kept; False where it was over before.

    The worker is the process `victim`, or any that the batch started.
    """
    run = subprocess.Popen(
        command("batch", folder, "--store", store, "--transcript", "none", "--quiet", *options), env=ENV
    )
    killed = False
    while run.poll() is None:
        if not killed and _kept(store) >= at and (found := [victim] if victim else _workers(run.pid)):
            os.kill(found[-1], signal.SIGKILL)
            killed = True
        time.sleep(0.1)
    if run.returncode:
        raise RuntimeError(f"the batch into {store} ended with {run.returncode}")
    return killed


def _kept(store: str) -> int:
    with suppress(StoreError), Store(store) as kept:
        return sum(kept.counts().values())
    return 0


def children(process: int) -> list[int]:
    """The processes that a process started, Linux."""
    listed = Path(f"/proc/{process}/task").glob("*/children")  # any of its threads may have started them
    return [int(number) for own in listed for number in own.read_text().split()]


def _workers(process: int) -> list[int]:
    return [child for child in children(process) if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of an empty database. Raises RuntimeError where Debian's PostgreSQL is not installed."""
    here = next((place for place in _POSTGRES if place.is_dir()), None)
    if here is None:
        raise RuntimeError("PostgreSQL is not installed (Debian: postgresql-15)")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    as_user = []
    if os.geteuid() == 0:  # it refuses root
        shutil.chown(folder, "nobody")
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]

    def run(name: str, *words: object) -> None:
        whole = [*as_user, str(here / name), *map(str, words)]
        subprocess.run(whole, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    run("initdb", "-D", folder / "data", "-U", "coach", "-A", "trust", "-E", "UTF8", "--locale=C")
    settings = f"-k {folder} -c listen_addresses=''"
    run("pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", settings, "start")
    try:
        run("createdb", "-h", folder, "-U", "coach", "calls")
        yield f"postgresql://coach@/calls?host={folder}"
    finally:
        run("pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def dask_cluster(workers: int) -> Iterator[tuple[str, list[int]]]:
    """The address of a scheduler, and the processes of its workers; who kills one sees it started again."""
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "scheduler.json"
        quiet = {"env": ENV, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
        running = [
            subprocess.Popen([*_program("dask_scheduler"), "--port", "0", "--no-dashboard", *_noted(note)], **quiet)
        ]
        try:
            nannies = [
                subprocess.Popen(
                    [*_program("dask_worker"), "--nthreads", "1", "--no-dashboard", *_noted(note)], **quiet
                )
                for _ in range(workers)
            ]
            running += nannies
            yield _address(note), _once_started(nannies)
        finally:
            for process in reversed(running):
                process.terminate()
            for process in running:
                process.wait()


def _program(name: str) -> list[str]:
    return [sys.executable, "-c", f"from distributed.cli.{name} import main; main()"]


def _noted(note: Path) -> list[str]:
    return ["--scheduler-file", str(note)]


def _address(note: Path) -> str:
    for _ in range(_STARTED_S * 10):
        with suppress(OSError, ValueError):
            return json.loads(note.read_text())["address"]
        time.sleep(0.1)
    raise RuntimeError("the Dask scheduler did not start")


def _once_started(nannies: list[subprocess.Popen]) -> list[int]:
    """The workers' own processes: each nanny starts one."""
    for _ in range(_STARTED_S * 10):
        found = [_workers(nanny.pid) for nanny in nannies]
        if all(found):
            return [own[-1] for own in found]
        time.sleep(0.1)
    raise RuntimeError("the Dask workers did not start")
