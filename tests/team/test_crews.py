"""Workers that are killed: every call is done once all the same, and what kills its worker each time is one row.

The tasks here are of the tests' own kind: in a worker they kill it with SIGKILL where they say so, as a lack of memory
would; the crew and what it does about it are the product's.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from speechcoach.errors import UsageError
from speechcoach.settings import Config
from speechcoach.team.crews import Crew, processes
from speechcoach.team.rows import DONE, FAILED, Found
from speechcoach.team.sources import of_file
from speechcoach.team.store import Store
from speechcoach.team.work import LOST, Done, Task
from tests.team.recordings import cut, run, table


@dataclass(frozen=True, slots=True)
class Deadly:
    """Stands for the configuration of a task; a worker that reads it dies, once or always."""

    marker: Path
    always: bool

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        if os.environ.get("TEST_MAIN_PROCESS") == str(os.getpid()):
            return getattr(Config(transcript=False), name)
        if self.always or not self.marker.exists():
            self.marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return getattr(Config(transcript=False), name)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TEST_MAIN_PROCESS", str(os.getpid()))
    made = tmp_path / "calls"
    made.mkdir()
    for place in range(4):
        cut(made / f"{place}.wav", 10 + place, 3.0)
    return made


def deadly(name: str, marker: Path, always: bool) -> Crew:
    """Two processes, and a task that kills the one that takes it."""
    crew = processes(2)

    def with_a_killer(tasks: Iterable[Task]) -> Iterator[Done]:
        return crew(_poisoned(task, marker, always) if task.found.name == name else task for task in tasks)

    return with_a_killer


def _poisoned(task: Task, marker: Path, always: bool) -> Task:
    return Task(task.found, Deadly(marker, always), task.id)  # type: ignore[arg-type]


def test_a_worker_that_is_killed_once_costs_nothing(tmp_path: Path, folder: Path) -> None:
    with Store(str(tmp_path / "a.db")) as disturbed, Store(str(tmp_path / "b.db")) as undisturbed:
        seen: list[str] = []
        crew = deadly("2.wav", tmp_path / "killed", always=False)
        summary = run(
            disturbed, folder, crew=crew, tell=lambda _s, _d, _o, last: last and seen.append(last.task.found.name)
        )
        run(undisturbed, folder)
        assert (tmp_path / "killed").exists(), "no worker died: nothing was tested"
        assert table(disturbed) == table(undisturbed)
    assert (summary.done, summary.failed) == (4, [])
    assert sorted(seen) == [f"{place}.wav" for place in range(4)]


def test_a_call_that_kills_its_worker_twice_is_one_row_and_is_tried_the_next_time(tmp_path: Path, folder: Path) -> None:
    with Store(str(tmp_path / "a.db")) as store:
        summary = run(store, folder, crew=deadly("1.wav", tmp_path / "killed", always=True))
        there = {row["name"]: row for row in store.rows("call")}
        assert {name: row["state"] for name, row in there.items()} == {
            f"{place}.wav": FAILED if place == 1 else DONE for place in range(4)
        }
        assert there["1.wav"]["error_class"] == LOST
        assert "killed twice" in there["1.wav"]["error"] and str(folder) in there["1.wav"]["error"]
        assert (summary.done, len(summary.failed)) == (3, 1)
        assert run(store, folder).done == 1
        assert store.counts() == {DONE: 4}


def test_no_task_is_lost_when_every_worker_dies(tmp_path: Path) -> None:
    """A pool may break while a task is handed to it: that task, too, must come back."""
    tasks = [
        _poisoned(Task(of_file(cut(tmp_path / f"{n}.wav", 10 + n)), Config(), f"{n:064x}"), tmp_path / f"{n}", True)
        for n in range(3)
    ]
    done = list(processes(2)(tasks))
    assert sorted(item.id for item in done) == sorted(task.id or "" for task in tasks)
    assert {item.error_class for item in done} == {LOST}


def test_only_a_few_tasks_are_taken_ahead(folder: Path) -> None:
    """So that memory does not grow with the number of calls."""
    taken = 0

    def tasks() -> Iterator[Task]:
        nonlocal taken
        for place in range(40):
            taken += 1
            yield Task(Found(str(folder / "none.wav"), "none.wav", 1, "1"), Config(transcript=False), f"{place:064x}")

    crew = processes(2)(tasks())
    next(crew)
    assert taken <= 4
    crew.close()


@pytest.mark.parametrize("jobs", [0, -1])
def test_a_crew_of_nobody_is_refused(jobs: int) -> None:
    with pytest.raises(UsageError, match="1 or more"):
        processes(jobs)


def _heeds_interrupts() -> None:
    """What a shell starts in the background ignores them, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_interrupted_it_ends_in_one_line_and_started_again_it_does_the_rest(tmp_path: Path, folder: Path) -> None:
    """As Ctrl-C does it: the signal goes to the whole group of processes."""
    for place in range(4, 30):
        cut(folder / f"{place}.wav", 10 + place, 3.0)
    url = tmp_path / "calls.db"
    command = [sys.executable, "-m", "speechcoach.cli", "batch", folder, "--store", url]
    options = ["--transcript", "none", "--jobs", "2"]
    with subprocess.Popen(
        [*command, *options], stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=_heeds_interrupts
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stderr.read()
    assert first.startswith("calls: 3 of 30")
    assert process.returncode == 130, rest
    assert "Traceback" not in rest
    assert rest.strip().splitlines()[-1].startswith("error: stopped")
    with Store(str(url)) as store:
        before = store.counts()[DONE]
        assert 3 <= before < 30
        summary = run(store, folder)
        assert (summary.finished, summary.done) == (before, 30 - before)
