"""Who does the work of a batch: processes of this machine, or a Dask cluster.

A crew takes tasks one by one, only a few ahead of what is done, and gives what became of each, in any order. A worker
that is killed takes nothing with it but its present task, which is done again, alone; killed again, it is given up.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Any

from speechcoach.errors import UsageError
from speechcoach.team.work import Done, Task, analysed, lost

Crew = Callable[[Iterable[Task]], Iterator[Done]]
_AHEAD = 2  # tasks for each worker: one in hand, one waiting
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def processes(jobs: int) -> Crew:
    """A crew of this machine's processes. Raises UsageError where there are none."""
    if jobs < 1:
        raise UsageError(f"--jobs must be 1 or more, not {jobs}")

    def crew(tasks: Iterable[Task]) -> Iterator[Done]:
        waiting = iter(tasks)
        with _threads(max(1, (os.cpu_count() or 1) // jobs)):
            while True:
                suspects = yield from _until_broken(waiting, jobs)
                if not suspects:
                    return
                for task in suspects:
                    yield _alone(task)

    return crew


def _until_broken(waiting: Iterator[Task], jobs: int) -> Iterator[Done]:
    """Work through the tasks; returns those that were in hand when a process was lost."""
    running: dict[Future[Done], Task] = {}
    with _pool(jobs) as pool:

        def hand_on(count: int) -> None:
            for task in islice(waiting, count):
                try:
                    running[pool.submit(analysed, task)] = task
                except BrokenProcessPool:
                    running[Future()] = task  # it has left the queue: it is a suspect with the others
                    raise

        try:
            hand_on(_AHEAD * jobs)
            while running:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    done = future.result()
                    del running[future]
                    yield done
                    hand_on(1)
        except BrokenProcessPool:
            return list(running.values())
    return []


def _alone(task: Task) -> Done:
    with _pool(1) as pool:
        try:
            return pool.submit(analysed, task).result()
        except BrokenProcessPool:
            return lost(task)


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Fresh processes: what was started with threads and models does not survive a fork."""
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_deaf)
    try:
        yield pool
    except BaseException:  # nobody is left to take what they would still find
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _deaf() -> None:
    """Ctrl-C reaches the whole group of processes; what it means, the first of them says."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Processes that are started here share the processors instead of fighting for them."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update({name: str(count) for name in _THREADS if before[name] is None})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)


def cluster(address: str) -> Crew:
    """A crew of the workers of a Dask scheduler. Raises UsageError where it cannot be reached."""
    client = _client(address)

    def crew(tasks: Iterable[Task]) -> Iterator[Done]:
        from distributed import as_completed

        waiting = iter(tasks)
        with client:
            ahead = _AHEAD * max(1, sum(client.nthreads().values()))
            first = list(islice(waiting, ahead))
            running = {client.submit(analysed, task, pure=False): task for task in first}
            done = as_completed(list(running))
            for future in done:
                task = running.pop(future)
                yield _of_cluster(future, task)
                for following in islice(waiting, 1):
                    submitted = client.submit(analysed, following, pure=False)
                    running[submitted] = following
                    done.add(submitted)

    return crew


def _of_cluster(future: Any, task: Task) -> Done:
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        return lost(task)


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("--dask needs Dask; install it: pip install 'speechcoach[cluster]'") from None
    try:
        return Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as why:
        raise UsageError(f"{address}: no Dask scheduler answers there ({why}); check that it runs") from None
