"""What one worker does with one recording, here or on another machine: fetch, measure, judge, write its page.

All that goes in and comes out can be pickled. Whatever is wrong with a recording is a row of its own, never an end.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from speechcoach import pipeline
from speechcoach.errors import SpeechcoachError
from speechcoach.records import Result
from speechcoach.settings import Config, with_options
from speechcoach.team.rows import Found
from speechcoach.team.sources import at_hand, content_of, place_id

LOST = "WorkerLost"
PASSING = frozenset({LOST, "OutputError", "WeightsError", "MemoryError", "OSError", "PermissionError"})
"""Failures that are not the recording's: another time, or with more room, it may go well."""


@dataclass(frozen=True, slots=True)
class Task:
    """A recording and how to treat it; `id` where its content is known already, `reports` a folder for its page."""

    found: Found
    config: Config
    id: str | None = None
    norms: Path | None = None
    rubric: Path | None = None
    reports: Path | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a task: a result, or the class of an error and its sentence."""

    task: Task
    id: str
    result: Result | None = None
    error_class: str | None = None
    error: str | None = None


def analysed(task: Task) -> Done:
    """Do the task."""
    known = task.id
    try:
        with at_hand(task.found) as call:
            known = known or content_of(task.found, call)
            measured = pipeline.measure_whole(call, _config(task))
            result = pipeline.judge(measured.facts, task.norms, task.rubric)
            if task.reports is not None:
                _write(task.reports / report_name(task.found.name, known), result, measured)
    except SpeechcoachError as why:
        return Done(task, known or place_id(task.found.uri), None, type(why).__name__, str(why))
    except Exception as why:
        if os.environ.get("SPEECHCOACH_DEBUG"):
            raise
        said = f"{task.found.uri}: a fault in speechcoach ({type(why).__name__}: {why}); please report it"
        return Done(task, known or place_id(task.found.uri), None, type(why).__name__, said)
    return Done(task, known, result)


def _config(task: Task) -> Config:
    """The configuration, with what is unusual of this recording."""
    form = task.found.form
    return with_options(task.config, raw=form.raw, customer_delay_s=form.customer_delay_s)


def report_name(name: str, call_id: str) -> str:
    """The file of a call's page: its name as far as every system takes it, and enough of its content to be alone."""
    plain = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in Path(name).stem)[:60]
    return f"{plain}-{call_id[:8]}.html"


def lost(task: Task) -> Done:
    """For a task whose worker was gone before it was done, again when it had no other task."""
    said = f"{task.found.uri}: the process that analysed it was killed twice; check the memory, or leave the file out"
    return Done(task, task.id or place_id(task.found.uri), None, LOST, said)


def _write(report: Path, result: Result, measured: pipeline.Measurement) -> None:
    """The call's page, whole or not at all."""
    from speechcoach.views import html
    from speechcoach.views.whole import write_whole

    page = html.render(result, measured.frames, samples=measured.recording.analysis, rate_hz=8_000)
    write_whole(report, page, "make room, or name another folder")
