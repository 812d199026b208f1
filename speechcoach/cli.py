"""The command line: reads options, calls the library, shows what it says. No logic of the product lives here.

Exit codes: 0 done; 1 some recordings failed, the others are written; 2 wrong use, nothing was done.
Rooms are imported inside the commands, so that --help answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from speechcoach.errors import SpeechcoachError, UsageError

if TYPE_CHECKING:
    from speechcoach.pipeline import Measurement
    from speechcoach.records import Result

FAILED, WRONG_USE = 1, 2

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _judging_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say by what a call is judged."""
    options: list[Decorator] = [
        click.option("--norms", type=click.Path(path_type=Path), metavar="FILE", help="Thresholds and phrases (TOML)."),
        click.option("--rubric", type=click.Path(path_type=Path), metavar="FILE", help="What a flag costs (TOML)."),
        click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the reports.  [out]"),
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON and nothing else."),
        click.option("--for", "audience", type=click.Choice(["qa", "agent"]), default="qa", help="Who reads.  [qa]"),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="speechcoach", message="%(prog)s %(version)s")
def main() -> None:
    """Listens to recorded customer calls as a good coach would, on your own machine."""


@main.command()
@click.argument("calls", nargs=-1, required=True, metavar="CALL...", type=click.Path(path_type=Path))
@click.option("--agent", type=click.Choice(["left", "right"]), help="The agent's channel; guessed where not given.")
@click.option("--model", default="auto", metavar="NAME|PATH", help="Whisper model: a name, .pt or CTranslate2 folder.")
@click.option("--language", metavar="CODE", help="Language of the call, such as en; detected where not given.")
@click.option("--no-transcript", is_flag=True, help="Voice and timing alone: no speech recognition.")
@_judging_options
def analyze(
    calls: tuple[Path, ...],
    agent: str | None,
    model: str,
    language: str | None,
    no_transcript: bool,
    **judging: Any,
) -> None:
    """Analyse recordings: a summary here, and a report to click through in --out.

    \b
    Example:
      speechcoach analyze call.wav --agent left --out reports
    """
    with _usage_errors():
        from speechcoach.settings import Config

        config = Config(agent=agent, model=model, language=language, transcript=not no_transcript)  # type: ignore[arg-type]
        desk = _Desk(several=len(calls) > 1, **judging)
        if config.transcript:
            from speechcoach.transcript import resolve

            resolve(config.model)
    for path in calls:
        with desk.each(path):
            desk.hand_out(path, *_analyzed(path, config, desk))
    desk.close()


@main.command()
@click.argument("results", nargs=-1, required=True, metavar="RESULT...", type=click.Path(path_type=Path))
@_judging_options
def judge(results: tuple[Path, ...], **judging: Any) -> None:
    """Judge stored results again, under other norms or another rubric: no audio, no model.

    \b
    Example:
      speechcoach judge out/call.json --norms our-norms.toml --out again
    """
    with _usage_errors():
        desk = _Desk(several=len(results) > 1, **judging)
    for path in results:
        with desk.each(path):
            from speechcoach.pipeline import judge as judge_again
            from speechcoach.schema import load

            desk.hand_out(path, judge_again(load(path).facts, desk.norms, desk.rubric))
    desk.close()


def _analyzed(path: Path, config: Any, desk: _Desk) -> tuple[Result, Measurement]:
    from speechcoach.pipeline import judge as judge_facts
    from speechcoach.pipeline import measure_whole

    with desk.progress(path) as progress:
        measured = measure_whole(path, config, progress)
    return judge_facts(measured.facts, desk.norms, desk.rubric), measured


class _Desk:
    """Where results are handed out: the terminal, the folder, and the count of what failed."""

    def __init__(
        self, several: bool, norms: Path | None, rubric: Path | None, out: Path | None, as_json: bool, audience: str
    ) -> None:
        from rich.console import Console

        from speechcoach.settings import Norms, Rubric

        Norms.load(None, norms)  # a file that cannot be meant is said before any work is done
        self.norms, self.rubric = norms, Rubric.load(rubric)
        self.several, self.as_json, self.audience = several, as_json, audience
        self.folder = out if out or as_json else Path("out")
        self.paper, self.notes = Console(highlight=False), Console(stderr=True, highlight=False)
        self.failed, self.names = 0, set[str]()
        if self.folder:
            _make_folder(self.folder)

    @contextmanager
    def each(self, path: Path) -> Iterator[None]:
        """One recording: whatever is wrong with it is one sentence, and the next one is not touched."""
        try:
            yield
        except UsageError as why:
            self._say(str(why))
            sys.exit(WRONG_USE)
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
        self.paper.print(text.layout(result, self.audience))  # type: ignore[arg-type]
        if written:
            self.paper.print(f"\nreport  {written}\n", style="bold", soft_wrap=True)

    def _write(self, path: Path, result: Result, measured: Measurement | None) -> Path:
        from speechcoach.schema import to_json
        from speechcoach.views import html

        name = self._free_name(path.stem)
        sound = {} if measured is None else {"samples": measured.recording.analysis, "rate_hz": 8_000}
        frames = measured.frames if measured else None
        report = self.folder / f"{name}.html"
        _replace(self.folder / f"{name}.json", to_json(result))
        _replace(report, html.render(result, frames, audience=self.audience, **sound))
        return report

    def _free_name(self, stem: str) -> str:
        """Two recordings of one name in one run do not overwrite each other."""
        name, count = stem, 1
        while name in self.names:
            count += 1
            name = f"{stem}-{count}"
        self.names.add(name)
        return name

    @contextmanager
    def progress(self, path: Path) -> Iterator[Callable[[str, float], None] | None]:
        """A line with the share done and the time left, where a person watches."""
        if not self.notes.is_terminal:
            yield None
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.fields[file]}"),
            BarColumn(24),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.notes, transient=True) as bar:
            task = bar.add_task("", total=1.0, file=path.name)
            yield lambda what, share: bar.update(task, description=what, completed=share)

    def close(self) -> None:
        """The exit code tells whether all went well."""
        if self.failed:
            sys.exit(FAILED)

    def _say(self, sentence: str) -> None:
        self.notes.print(f"error: {sentence}", style="red", markup=False, soft_wrap=True)


@contextmanager
def _usage_errors() -> Iterator[None]:
    """What is wrong with the options themselves ends the run before it begins."""
    try:
        yield
    except SpeechcoachError as why:
        click.echo(f"error: {why}", err=True)
        sys.exit(WRONG_USE)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise UsageError(f"{folder}: cannot be made a folder for reports ({why.strerror}); name another") from None


def _replace(path: Path, content: str) -> None:
    """Write whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(content, "utf-8")
    part.replace(path)


def _one_line(text: str) -> str:
    import json

    return json.dumps(json.loads(text), ensure_ascii=False)


if __name__ == "__main__":
    main()
