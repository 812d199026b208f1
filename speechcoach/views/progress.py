"""What a person at a terminal sees while calls are analysed: what is done, and when it ends.

Conventions: shares are 0-1; moments are seconds on the clock of `time.monotonic`. Only drawn; nothing waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from speechcoach.views.text import plain

_SHOWN_NAME = 32  # characters of a file's name
_TELLING_SHARE = 0.05  # of the work, before its pace tells when it ends
_MINUTE_S = 60


class Pace:
    """When a call ends, and when all of them do; calls weigh by the bytes of their files.

    The steps of a call run at paces of their own, so a call's end is told by the pace of its present step.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._whole, self._before, self._size = sum(sizes), 0, 0
        self._began_s = time.monotonic()
        self.begin(0)

    def begin(self, size: int) -> None:
        """The next call, of `size` bytes; the one before it is over, well or not."""
        self._before, self._size, self._doing = self._before + self._size, size, ""
        self._since = self._last = (time.monotonic(), 0.0)

    def tell(self, doing: str, share: float) -> None:
        """`share` of the call is done, and the step is `doing`."""
        if doing != self._doing:
            self._doing, self._since = doing, self._last
        self._last = (time.monotonic(), share)

    @property
    def share(self) -> float:
        """What is done of all calls."""
        return (self._before + self._size * self._last[1]) / max(self._whole, 1)

    def call_ends_s(self) -> float | None:
        """None while it is too early to tell."""
        return _ends_s(self._since, self._last)

    def ends_s(self) -> float | None:
        """As `call_ends_s`, for all calls."""
        return _ends_s((self._began_s, 0.0), (self._last[0], self.share))


class Watch:
    """A line a call and, where there are several, one for all of them; both vanish when the call is done."""

    def __init__(self, console: Console, paths: Sequence[Path]) -> None:
        self.console, self.several = console, len(paths) > 1
        self.pace = Pace([_size(path) for path in paths])

    @contextmanager
    def call(self, path: Path) -> Iterator[Callable[[str, float], None]]:
        """Gives what the analysis of `path` is to call: (what is being done, share of the call done)."""
        self.pace.begin(_size(path))
        columns = (
            TextColumn("{task.description}", markup=False),  # a name may look like markup
            BarColumn(24),
            TextColumn("{task.fields[doing]}"),
            _TimeLeft(),
        )
        with Progress(*columns, console=self.console, transient=True, refresh_per_second=2) as bar:
            one = bar.add_task(_short(path.name), total=1.0, doing="", ends_s=None)
            every = bar.add_task("all calls", total=1.0, doing="", ends_s=None, visible=self.several)

            def show(doing: str, share: float) -> None:
                self.pace.tell(doing, share)
                bar.update(one, completed=share, doing=doing, ends_s=self.pace.call_ends_s())
                bar.update(every, completed=self.pace.share, ends_s=self.pace.ends_s())

            yield show


class _TimeLeft(ProgressColumn):
    """Counts down between what is told, which may be half a minute apart."""

    def render(self, task: Task) -> Text:
        ends_s = task.fields["ends_s"]
        if ends_s is None:
            return Text()
        minutes, seconds = divmod(max(0, round(ends_s - time.monotonic())), _MINUTE_S)
        return Text(f"{minutes}:{seconds:02} left", style="cyan")


def _ends_s(since: tuple[float, float], last: tuple[float, float]) -> float | None:
    """When the share reaches 1 at the pace between two (moment, share)."""
    done = last[1] - since[1]
    return last[0] + (last[0] - since[0]) * (1 - last[1]) / done if done >= _TELLING_SHARE else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0  # what is wrong with it is said when its turn comes


def _short(name: str) -> str:
    name = plain(name)
    return name if len(name) <= _SHOWN_NAME else f"{name[: _SHOWN_NAME - 1]}\N{HORIZONTAL ELLIPSIS}"
