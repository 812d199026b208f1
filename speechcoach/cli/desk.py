"""Where results are handed out: the terminal, the folder of reports, and the exit code.

Whatever is wrong is one sentence: with a recording, the others go on (exit code 1); with an option, nothing begins (2).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from speechcoach.errors import SpeechcoachError, UsageError

if TYPE_CHECKING:
    from speechcoach.pipeline import Measurement
    from speechcoach.records import Result

FAILED, WRONG_USE, STOPPED = 1, 2, 130
STOPPED_SAID = "stopped; what was finished is written"
PATH = click.Path(path_type=Path, readable=False)  # what is wrong with a file is ours to say
_LONGEST_NAME = 60  # characters of a report's name: file systems stop at 255 bytes


class Desk:
    """Where results are handed out: the terminal, the folder, and the count of what failed."""

    def __init__(
        self,
        paths: Sequence[Path],
        norms: Path | None,
        rubric: Path | None,
        out: Path | None,
        as_json: bool,
        audience: str,
        quiet: bool = False,
    ) -> None:
        from rich.console import Console

        from speechcoach.judgement import check_rubric
        from speechcoach.settings import Norms, Rubric

        Norms.load(None, norms)  # a file that cannot be meant is said before any work is done
        self.norms, self.rubric = norms, Rubric.load(rubric)
        check_rubric(self.rubric)
        self.several, self.as_json, self.audience, self.quiet = len(paths) > 1, as_json, audience, quiet
        self.paths, self.watch = paths, None
        self.folder = out if out or as_json else Path("out")
        speak_anyhow()
        self.paper, self.notes = (
            Console(highlight=False, markup=False),
            Console(stderr=True, highlight=False, markup=False),
        )
        self.failed, self.names = 0, set[str]()
        if self.folder:
            make_folder(self.folder)

    @contextmanager
    def each(self, path: Path) -> Iterator[None]:
        """One recording: whatever is wrong with it is one sentence, and the next one is not touched."""
        try:
            yield
        except KeyboardInterrupt:
            self._say(STOPPED_SAID)
            sys.exit(STOPPED)
        except SpeechcoachError as why:
            self.failed += 1
            self._say(str(why))
        except Exception as why:
            if os.environ.get("SPEECHCOACH_DEBUG"):
                raise
            self.failed += 1
            self._say(
                f"{path}: a fault in speechcoach ({type(why).__name__}: {why}); please report it, with what "
                "SPEECHCOACH_DEBUG=1 prints"
            )

    def hand_out(self, path: Path, result: Result, measured: Measurement | None = None) -> None:
        """Write the files, then show the result."""
        from speechcoach.schema import to_json
        from speechcoach.views import text

        written = self._write(path, result, measured) if self.folder else None
        if self.as_json:
            click.echo(_one_line(to_json(result)) if self.several else to_json(result), nl=self.several)
            return
        if self.quiet:
            return
        self.paper.print(text.layout(result, self.audience))  # type: ignore[arg-type]
        if written:
            self.paper.print(f"\nreport  {text.plain(str(written))}\n", style="bold", soft_wrap=True)

    def _write(self, path: Path, result: Result, measured: Measurement | None) -> Path:
        from speechcoach.schema import to_json
        from speechcoach.views import html
        from speechcoach.views.whole import write_whole

        name = self._free_name(path.stem)
        target, report = self.folder / f"{name}.json", self.folder / f"{name}.html"
        if target.resolve() == path.resolve():
            raise UsageError(f"{target}: would be overwritten; name another folder with --out")
        sound = {} if measured is None else {"samples": measured.recording.analysis, "rate_hz": 8_000}
        frames = measured.frames if measured else None
        made = {target: to_json(result), report: html.render(result, frames, audience=self.audience, **sound)}
        for file, content in made.items():
            write_whole(file, content, "make room or name another folder with --out")
        return report

    def _free_name(self, stem: str) -> str:
        """Two recordings of one name in one run do not overwrite each other."""
        stem = os.fsencode(stem).decode("utf-8", "replace")[:_LONGEST_NAME]
        name, count = stem, 1
        while name in self.names:
            count += 1
            name = f"{stem}-{count}"
        self.names.add(name)
        return name

    @contextmanager
    def progress(self, path: Path) -> Iterator[Callable[[str, float], None] | None]:
        """Lines with the share done and the time left, where a person watches."""
        if self.quiet or not self.notes.is_terminal:
            yield None
            return
        from speechcoach.views.progress import Watch

        self.watch = self.watch or Watch(self.notes, self.paths)
        with self.watch.call(path) as show:
            yield show

    def close(self) -> None:
        """The exit code tells whether all went well."""
        if self.failed:
            sys.exit(FAILED)

    def _say(self, sentence: str) -> None:
        from speechcoach.views.text import plain

        self.notes.print(f"error: {plain(sentence)}", style="red", soft_wrap=True)


@contextmanager
def usage_errors() -> Iterator[None]:
    """What is wrong with the options themselves ends the run before it begins."""
    try:
        yield
    except SpeechcoachError as why:
        click.echo(f"error: {why}", err=True)
        sys.exit(WRONG_USE)


def make_folder(folder: Path) -> None:
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as why:
        raise UsageError(f"{folder}: cannot be a folder for reports ({why.strerror}); name another") from None


def speak_anyhow() -> None:
    """A character that the terminal's encoding lacks is replaced, and fails nothing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _one_line(text: str) -> str:
    import json

    return json.dumps(json.loads(text), ensure_ascii=False)
