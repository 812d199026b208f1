"""A Dask cluster of a scheduler and two worker processes: the same tables as without, whoever is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from speechcoach.errors import UsageError
from speechcoach.team import crews
from speechcoach.team.rows import DONE, Found
from speechcoach.team.work import LOST, Task

from .made import ROOT, VOICE, cut_calls, tables_of, worked

distributed = pytest.importorskip("distributed", reason="Dask is not installed (speechcoach[cluster])")

_CALLS = 12
_DEADLY = "SPEECHCOACH_TEST_DEADLY"
_STARTED_S = 60  # a scheduler that has not begun by then never will


@dataclass
class Cluster:
    address: str
    scheduler: subprocess.Popen

    def worker_pids(self) -> list[int]:
        with distributed.Client(self.address, set_as_default=False) as client:
            return list(client.run(os.getpid).values())


@contextmanager
def started(folder: Path, workers: int) -> Iterator[Cluster]:
    """A scheduler and its workers, which a nanny starts again; one kill is enough to give a task up, not three."""
    folder.mkdir()
    known = folder / "scheduler.json"
    ours = {"PYTHONPATH": str(ROOT), _DEADLY: "1", "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    quiet = {"env": {**os.environ, **ours}, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    dask = [sys.executable, "-m", "dask"]
    place = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", known]
    programs = [subprocess.Popen([*dask, "scheduler", *place], **quiet)]
    wanted = ["--nworkers", str(workers), "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
    if workers:
        programs.append(subprocess.Popen([*dask, "worker", "--scheduler-file", known, *wanted], **quiet))
    try:
        address = _address(known)
        with distributed.Client(address, set_as_default=False) as client:
            if workers:
                client.wait_for_workers(workers, timeout=_STARTED_S)
        yield Cluster(address, programs[0])
    finally:
        for program in reversed(programs):  # a nanny that is asked to go takes its workers with it
            program.terminate()
            program.wait()


def _address(known: Path) -> str:
    for _ in range(_STARTED_S * 10):
        if known.exists() and known.read_text():
            return json.loads(known.read_text())["address"]
        time.sleep(0.1)
    pytest.fail("the Dask scheduler did not start")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with started(tmp_path_factory.mktemp("dask") / "two", workers=2) as here:
        yield here


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut_calls(tmp_path_factory.mktemp("calls"), _CALLS)


@pytest.fixture(scope="module")
def local(calls: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Truth of these tests: what this process makes of the calls, one after the other."""
    url = str(tmp_path_factory.mktemp("local") / "calls.db")
    assert worked(url, calls).done == _CALLS
    tables = tables_of(url)
    assert len(tables["call"]) == _CALLS and tables["score"] and tables["speaker"]
    return tables


def test_the_table_is_the_local_one(cluster: Cluster, calls: Path, local: dict, tmp_path: Path) -> None:
    url, crew = str(tmp_path / "calls.db"), crews.cluster(cluster.address)
    assert worked(url, calls, crew).done == _CALLS
    assert tables_of(url) == local
    assert worked(url, calls, crew).done == 0, "the crew can be asked again, and nothing is done twice"


def test_a_worker_killed_in_the_middle_takes_nothing_with_it(
    cluster: Cluster, calls: Path, local: dict, tmp_path: Path
) -> None:
    victim, told = cluster.worker_pids()[0], []

    def tell(step: str, done: int, of: int, last: object) -> None:
        if last is not None:
            told.append(last.id)
        if done == 3:
            os.kill(victim, signal.SIGKILL)

    url = str(tmp_path / "calls.db")
    summary = worked(url, calls, crews.cluster(cluster.address), tell)
    assert victim not in cluster.worker_pids()
    assert (summary.done, summary.failed) == (_CALLS, [])
    assert len(told) == len(set(told)) == _CALLS, "every call once"
    assert tables_of(url) == local


class Deadly:
    """A recording that kills who touches it, where that is a worker."""

    name, size, stamp = "deadly.wav", 1, "1"

    @property
    def uri(self) -> str:
        if _DEADLY in os.environ:
            os.kill(os.getpid(), signal.SIGKILL)
        return "/calls/deadly.wav"


def test_a_recording_that_kills_workers_is_given_up_alone(cluster: Cluster, calls: Path) -> None:
    paths = sorted(calls.glob("*.wav"))[:3]
    tasks = [Task(Found(str(path), path.name, 1, "1"), VOICE) for path in paths]
    tasks.insert(1, Task(Deadly(), VOICE))
    done = {item.task.found.name: item for item in crews.cluster(cluster.address)(tasks)}
    assert set(done) == {"deadly.wav", *(path.name for path in paths)}
    assert done["deadly.wav"].error_class == LOST
    assert "/calls/deadly.wav: the process that analysed it was killed twice" in done["deadly.wav"].error
    assert all(done[path.name].result is not None for path in paths), "bystanders are done"


def test_a_lost_scheduler_is_one_sentence_and_what_was_done_is_kept(calls: Path, tmp_path: Path) -> None:
    url = str(tmp_path / "calls.db")
    with started(tmp_path / "one", workers=1) as short_lived:

        def tell(step: str, done: int, of: int, last: object) -> None:
            if done == 2:
                short_lived.scheduler.kill()

        crew = crews.cluster(short_lived.address)
        with pytest.raises(
            UsageError, match="the Dask scheduler was lost; see that it runs, and start the batch again"
        ):
            worked(url, calls, crew, tell)
    rows = tables_of(url)["call"]
    assert 2 <= len(rows) < _CALLS
    assert {row["state"] for row in rows} == {DONE}


def test_no_scheduler_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "_ANSWER_S", 1)
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(
            UsageError, match=f"{address}: no Dask scheduler answers there .*; check that it runs"
        ) as why:
            crews.cluster(address)
    assert "\n" not in str(why.value)


@pytest.mark.parametrize("address", ["nonsense://x", "no such host", ""])
def test_an_address_that_cannot_be_meant_is_one_sentence(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "_ANSWER_S", 1)
    with pytest.raises(UsageError, match="no Dask scheduler answers there") as why:
        crews.cluster(address)
    assert "\n" not in str(why.value)


def test_a_worker_with_another_speechcoach_is_told(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "release", lambda: "9.9")
    with pytest.raises(UsageError, match=r"tcp://.*: this worker has speechcoach .*; install speechcoach 9\.9 on each"):
        crews.cluster(cluster.address)


def test_a_scheduler_without_workers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "_WORKERS_S", 0.2)
    with started(tmp_path / "none", workers=0) as idle, pytest.raises(UsageError, match="has no workers; start some"):
        crews.cluster(idle.address)
