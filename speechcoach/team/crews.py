"""Who does the work of a batch: processes of this machine, or a Dask cluster.

A crew takes tasks one by one, only a few ahead of what is done, and gives what became of each, in any order. A worker
that is killed takes nothing with it but its present task, which is done again, alone; killed again, it is given up.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from importlib import metadata
from itertools import islice
from typing import Any

from speechcoach.errors import UsageError
from speechcoach.schema import release
from speechcoach.team.work import Done, Task, analysed, lost

Crew = Callable[[Iterable[Task]], Iterator[Done]]
_MOST_JOBS = 256  # processes of one machine: each loads its own model
_AHEAD = 2  # tasks for each worker: one in hand, one waiting
_ANSWER_S, _WORKERS_S = 10, 30  # for a scheduler, and for the first of its workers
_READING = threading.Lock()
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def processes(jobs: int) -> Crew:
    """A crew of this machine's processes. Raises UsageError where there are none."""
    if jobs < 1:
        raise UsageError(f"--jobs must be 1 or more, not {jobs}")
    if jobs > _MOST_JOBS:
        raise UsageError(f"--jobs must be {_MOST_JOBS} or less, not {jobs}; more machines are reached with --dask")

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
    """A crew of the workers of a Dask scheduler; they must see the recordings under the same paths or addresses.

    Raises UsageError where no scheduler answers, none of its workers does, or one has another speechcoach; the crew
    raises it where the scheduler is lost.
    """
    with _client(address) as client:
        _check_workers(client, address)

    def crew(tasks: Iterable[Task]) -> Iterator[Done]:
        waiting = map(_anywhere, tasks)
        with _client(address) as client, _lost_scheduler(address):
            ahead = _AHEAD * max(1, sum(client.nthreads().values()))
            suspects = yield from _on_cluster(client, waiting, ahead)
            for task in suspects:
                killed = yield from _on_cluster(client, iter([task]), 1)
                yield from map(lost, killed)

    return crew


def _on_cluster(client: Any, waiting: Iterator[Task], ahead: int) -> Iterator[Done]:
    """Work through the tasks; returns those whose workers were killed, each of which may have been a bystander."""
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    running = {client.submit(_on_worker, task, pure=False): task for task in islice(waiting, ahead)}
    done, killed = as_completed(list(running), loop=client.loop), []
    for future in done:
        task = running.pop(future)
        try:
            yield future.result()
        except KilledWorker:
            killed.append(task)
        for following in islice(waiting, 1):
            submitted = client.submit(_on_worker, following, pure=False)
            running[submitted] = following
            done.add(submitted)
    return killed


def _on_worker(task: Task) -> Done:
    """A worker may have several threads; a speech model serves one at a time."""
    with _READING if task.config.transcript else nullcontext():
        return analysed(task)


def _anywhere(task: Task) -> Task:
    """The task, as a process with another working folder takes it."""
    named = {name: getattr(task, name) for name in ("norms", "rubric", "reports")}
    return replace(task, **{name: path.absolute() for name, path in named.items() if path is not None})


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """A connection to the scheduler."""
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("--dask needs Dask; install it: pip install 'speechcoach[cluster]'") from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what it tells at length is one sentence here
    try:
        with ThreadPoolExecutor(1) as aside:  # where this thread has a loop of its own, as in a notebook
            # asked first, for a client that found nobody can block for ever when it is collected
            aside.submit(asyncio.run, _asked(address)).result()
        client = Client(address, timeout=_ANSWER_S, set_as_default=False)
    except (OSError, ValueError) as why:
        raise UsageError(
            f"{address}: no Dask scheduler answers there ({_first_line(why)}); check that it runs"
        ) from None
    try:
        yield client
    finally:
        with suppress(OSError):
            client.close(timeout=_ANSWER_S)


async def _asked(address: str) -> None:
    """Whether anybody answers at the address. Raises OSError or ValueError where nobody does."""
    from distributed.comm import connect
    from distributed.security import Security

    comm = await connect(address, timeout=_ANSWER_S, **Security().get_connection_args("client"))
    await comm.close()


def _check_workers(client: Any, address: str) -> None:
    """What other workers made would be kept under the wrong version."""
    try:
        client.wait_for_workers(1, timeout=_WORKERS_S)
    except OSError:
        raise UsageError(f"{address}: the Dask scheduler has no workers; start some: dask worker {address}") from None
    ours = release()
    for worker, version in client.run(metadata.version, "speechcoach", on_error="return").items():
        if version != ours:
            has = f"speechcoach {version}" if isinstance(version, str) else f"no speechcoach ({_first_line(version)})"
            raise UsageError(f"{worker}: this worker has {has}; install speechcoach {ours} on each")


@contextmanager
def _lost_scheduler(address: str) -> Iterator[None]:
    try:
        yield
    except (CancelledError, OSError):
        raise UsageError(
            f"{address}: the Dask scheduler was lost; see that it runs, and start the batch again"
        ) from None


def _first_line(why: Any) -> str:
    return (str(why).strip() or type(why).__name__).splitlines()[0]
