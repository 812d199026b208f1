"""Practice recordings are analysed one after the other, each in a process of its own, while the server answers on.

Conventions: the process decodes what a browser sent, so a file that harms a decoder harms nothing else; it holds the
models only as long as it runs, and a recording that is deleted ends it. The sound lies in a file of a random name in a
folder that only this user can read, and is gone when the process is; no transcript of it is kept elsewhere.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import secrets
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar

from speechcoach import pipeline
from speechcoach.errors import SpeechcoachError
from speechcoach.records import Facts, Pause, Result
from speechcoach.settings import Config

_LOG = logging.getLogger(__name__)

ALONE, FIRST, SECOND, UNSURE = "alone", "first", "second", "unsure"
WHO = {
    ALONE: "I am alone",
    FIRST: "With somebody; I speak first",
    SECOND: "With somebody; the other speaks first",
    UNSURE: "With somebody; find out who is who",
}
"""Who speaks in a recording, as its owner says."""

T = TypeVar("T")
_LONGEST_RUN_S = 30 * 60.0
_LOST = "The analysis ended before it was done; try it once more."
_CONTEXT = multiprocessing.get_context("spawn")  # a fork would copy the server's threads half


@dataclass(frozen=True, slots=True)
class Job:
    """A recording to analyse: what asks for its bytes when its turn comes, and who speaks in it."""

    number: int
    audio: Callable[[], bytes | None]
    who: str
    called: str  # its name for people, in place of the file's
    done: Callable[[Result], None]
    failed: Callable[[str], None]
    norms: Path | None = None
    rubric: Path | None = None


class Listener:
    """One recording at a time; where none waits there is neither a thread nor a process."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._number: int | None = None  # of what is analysed now
        self._process: BaseProcess | None = None

    def add(self, job: Job) -> None:
        """Analyse it when its turn comes."""
        with self._lock:
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="practice", daemon=True)
                self._thread.start()

    def place(self, number: int) -> int | None:
        """0 for what is being analysed, then how many come before it; None for what is not waited for."""
        with self._lock:
            waiting = [number for number in (self._number, *(job.number for job in self._jobs)) if number is not None]
        return waiting.index(number) if number in waiting else None

    def drop(self, number: int) -> None:
        """Forget a recording, also while it is analysed."""
        with self._lock:
            self._jobs = deque(job for job in self._jobs if job.number != number)
            if self._number == number:
                self._stop()

    def close(self) -> None:
        """Stop; what waits stays waiting in the store."""
        with self._lock:
            self._jobs.clear()
            thread = self._thread
            self._stop()
        if thread is not None:
            thread.join()

    def _stop(self) -> None:
        self._number = None  # nothing is said of it any more
        if self._process is not None:
            self._process.kill()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._jobs:
                    self._thread = None
                    return
                job = self._jobs.popleft()
                self._number = job.number
            try:
                said = self._run(job)
                with self._lock:
                    wanted = self._number == job.number
                if wanted:
                    (job.failed if isinstance(said, str) else job.done)(said)
            except (SpeechcoachError, OSError):
                continue  # the store is away, or the disk full: it stays waiting, and can be asked for again
            except Exception:  # whatever it was, those who wait behind it get their turn
                _LOG.exception("a recording for practice could not be analysed")
                with suppress(SpeechcoachError):
                    job.failed("a fault in speechcoach; try once more, and tell whoever runs this server")
            finally:
                with self._lock:
                    self._number = None

    def _run(self, job: Job) -> Result | str:
        """The result, or why there is none."""
        audio = job.audio()
        if audio is None:
            return _LOST
        with tempfile.TemporaryDirectory(prefix="speechcoach-") as folder:
            path = Path(folder) / secrets.token_hex(16)
            path.write_bytes(audio)
            near, far = _CONTEXT.Pipe(duplex=False)
            process = _CONTEXT.Process(
                target=_listen, args=(far, path, job.who, job.called, job.norms, job.rubric), daemon=True
            )
            with self._lock:
                if self._number != job.number:
                    return _LOST
                process.start()
                self._process = process
            far.close()
            try:
                return near.recv() if near.poll(_LONGEST_RUN_S) else _LOST
            except EOFError:
                return _LOST
            finally:
                with self._lock:
                    self._process = None
                process.kill()
                process.join()
                process.close()
                near.close()


def _listen(answer: Connection, path: Path, who: str, called: str, norms: Path | None, rubric: Path | None) -> None:
    """In the process of its own: send the result, or a sentence."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server, which is asked to stop, ends this process
    os.nice(10)
    try:
        answer.send(analysed(path, who, called, norms, rubric))
    except SpeechcoachError as why:
        answer.send(str(why).replace(str(path), called))
    except Exception as why:
        answer.send(f"A fault in speechcoach ({type(why).__name__}); please report it.")


def analysed(path: Path, who: str, called: str, norms: Path | None = None, rubric: Path | None = None) -> Result:
    """Measure and judge a recording for practice."""
    side = who if who in (FIRST, SECOND) else None
    facts = pipeline.measure(path, Config(agent=side, cache=False))  # type: ignore[arg-type]
    facts = replace(facts, call=replace(facts.call, file=called))
    return pipeline.judge(alone(facts) if who == ALONE else facts, norms, rubric)


def alone(facts: Facts) -> Facts:
    """The facts of a recording in which one voice is heard, as that of the agent who says so; others as they are."""
    if set(facts.call.roles) != {"mixed"}:
        return facts
    call = replace(facts.call, roles={"agent": 0}, roles_from="option", roles_why="you said that you are alone")
    return replace(
        facts,
        call=call,
        speakers={"agent" if name == "mixed" else name: voice for name, voice in facts.speakers.items()},
        unfit={name: why for name, why in facts.unfit.items() if name != "speakers"},
        **{name: tuple(map(_as_agent, getattr(facts, name))) for name in ("words", "units", "turns", "windows")},
        pauses=tuple(map(_own_pause, facts.pauses)),
    )


def _as_agent(record: T) -> T:
    return replace(record, speaker="agent") if record.speaker == "mixed" else record  # type: ignore[attr-defined, type-var]


def _own_pause(pause: Pause) -> Pause:
    """Where nobody waits, a silence is no dead air."""
    kind = "pause" if pause.kind in ("dead_air", "gap") else pause.kind
    return replace(pause, kind=kind, before=pause.before and "agent", after=pause.after and "agent")
