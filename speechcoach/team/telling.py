"""What a person at a terminal sees of a batch: a bar with its rate and time left, what failed, and the sum at the end.

Where nobody watches (no terminal), a line for every tenth of the work instead of the bar.
"""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from speechcoach.team.batch import Summary
from speechcoach.team.work import Done
from speechcoach.views.text import plain

_TOLD = 10  # lines of progress where nobody watches
_SHOWN = 5  # failures that the sum repeats
# What is being done, as a person says it.
_STEPS = {"calls": "calls", "voices": "listening to the voices", "transcripts": "reading the words"}


class Bars:
    """Tells of the batch as it goes; use it in a `with` block."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.notes = Console(stderr=True, highlight=False, markup=False)
        self.quiet, self.watched = quiet, self.notes.is_terminal and not quiet
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(32),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=self.notes,
            disable=not self.watched,
        )
        self._step, self._task, self._began_s, self._seconds, self._told = "", None, 0.0, 0.0, 0

    def __enter__(self) -> Bars:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def say(self, text: str) -> None:
        """A line of the sum; errors go to the same place."""
        if not self.quiet:
            self.notes.print(text, soft_wrap=True)

    def error(self, sentence: str) -> None:
        """What went wrong with a call."""
        self.notes.print(f"error: {plain(sentence)}", style="red", soft_wrap=True)

    def judged(self, done: int, of: int) -> None:
        """As `rejudging.Tell`."""
        if not done:
            self._begin("judging again", of)
            return
        spent_s = max(time.monotonic() - self._began_s, 0.001)
        self._count(done, of, f"{done / spent_s:.0f} calls/s")

    def tell(self, step: str, done: int, of: int, last: Done | None) -> None:
        """As `batch.Tell`."""
        if last is None:
            self._begin(_STEPS.get(step, step), of)
            return
        if last.error:
            self.error(last.error)
        if last.result is not None:
            self._seconds += last.result.facts.call.duration_s
        rate = f"{self._seconds / max(time.monotonic() - self._began_s, 0.1):.0f} x real time" if self._seconds else ""
        self._count(done, of, rate)

    def _begin(self, step: str, of: int) -> None:
        self._step, self._began_s, self._seconds, self._told = step, time.monotonic(), 0.0, 0
        self._task = self._bar.add_task(self._step, total=of, rate="") if of else None

    def _count(self, done: int, of: int, rate: str) -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=done, rate=rate)
        if of and not self.watched and not self.quiet and done * _TOLD // of > self._told:
            self._told = done * _TOLD // of
            self.notes.print(f"{self._step}: {done} of {of}" + (f", {rate}" if rate else ""), soft_wrap=True)


def summarised(summary: Summary, store: str) -> str:
    """The sum of a batch, in a few lines."""
    lines = [f"{_calls(summary.found)} found: {summary.finished} finished before, {summary.done} done now"]
    if summary.seconds:
        lines[0] += f" ({summary.seconds / 3600:.1f} h of talk)"
    if summary.failed_before:
        lines.append(f"{_calls(summary.failed_before)} of those finished before failed then; --again tries them")
    if summary.copies:
        lines.append(f"{_calls(summary.copies)} with the same content as another, and not done twice")
    if summary.screened:
        every = sum(summary.screened.values())
        read = every - summary.screened.get("skipped", 0)
        lines.append(
            f"{read} of {every} have a transcript ({read / every:.0%}): {summary.screened.get('flagged', 0)} for their "
            f"flags, {summary.screened.get('sampled', 0)} by lot; {summary.screened.get('skipped', 0)} skipped"
        )
    if summary.failed:
        lines.append(
            f"{_calls(len(summary.failed))} failed; the store names the reason of each, and --again tries them"
        )
    return "\n".join([*lines, f"store  {plain(store)}"])


def rejudged(count: int, store: str) -> str:
    """The sum of judging again."""
    return f"{_calls(count)} judged again\nstore  {plain(store)}"


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count:,} calls"
