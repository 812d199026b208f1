"""The command line: reads options, calls the library, shows what it says. No logic of the product lives here.

Exit codes: 0 done; 1 some recordings failed, the others are written; 2 wrong use, nothing was done.
Rooms are imported inside the commands, so that --help answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from speechcoach.errors import OutputError, SpeechcoachError, UsageError

if TYPE_CHECKING:
    from speechcoach.pipeline import Measurement
    from speechcoach.records import Result

FAILED, WRONG_USE, STOPPED = 1, 2, 130
STOPPED_SAID = "stopped; what was finished is written"
_LONGEST_NAME = 60  # characters of a report's name: file systems stop at 255 bytes

_PATH = click.Path(path_type=Path, readable=False)  # what is wrong with a file is ours to say
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _judging_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say by what a call is judged."""
    options: list[Decorator] = [
        click.option("--norms", type=_PATH, metavar="FILE", help="Thresholds and phrases (TOML)."),
        click.option("--rubric", type=_PATH, metavar="FILE", help="What a flag costs (TOML)."),
        click.option("--out", type=_PATH, metavar="DIR", help="Folder for the reports.  [out]"),
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON and nothing else."),
        click.option("--for", "audience", type=click.Choice(["qa", "agent"]), default="qa", help="Who reads.  [qa]"),
    ]
    for option in reversed(options):
        command = option(command)
    return command


class _Stoppable(click.Group):
    """Ctrl-C is one line and an exit code of its own, wherever it comes."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            click.echo(f"error: {STOPPED_SAID}", err=True)
            sys.exit(STOPPED)


@click.group(cls=_Stoppable, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="speechcoach", message="%(prog)s %(version)s")
def main() -> None:
    """Listens to recorded customer calls as a good coach would, on your own machine."""


@main.command()
@click.argument("calls", nargs=-1, required=True, metavar="CALL...", type=_PATH)
@click.option(
    "--agent",
    type=click.Choice(["left", "right", "first", "second"]),
    help="The agent's channel, or whether the agent speaks first or second; guessed where not given.",
)
@click.option("--model", default="auto", metavar="NAME|PATH", help="Whisper model: a name, .pt or CTranslate2 folder.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "openai-whisper", "faster-whisper"]),
    default="auto",
    help="What reads the model.  [auto: faster-whisper where it is installed, else openai-whisper]",
)
@click.option("--language", metavar="CODE", help="Language of the call, such as en; detected where not given.")
@click.option(
    "--words", multiple=True, type=_PATH, metavar="FILE|DIR", help="Finished transcripts, instead of Whisper."
)
@click.option("--no-transcript", is_flag=True, help="Voice and timing alone: no speech recognition.")
@click.option("--no-cache", is_flag=True, help="Keep no transcript for the next time, and use none that was kept.")
@_judging_options
def analyze(
    calls: tuple[Path, ...],
    agent: str | None,
    model: str,
    engine: str,
    language: str | None,
    words: tuple[Path, ...],
    no_transcript: bool,
    no_cache: bool,
    **judging: Any,
) -> None:
    """Analyse recordings: a summary here, and a report to click through in --out.

    \b
    Example:
      speechcoach analyze call.wav --agent left --out reports
    """
    with _usage_errors():
        from speechcoach.settings import Config

        wanted: dict[str, Any] = {"agent": agent, "model": model, "language": language, "words": words}
        config = Config(**wanted, engine=engine, transcript=not no_transcript, cache=not no_cache)
        desk = _Desk(calls, **judging)
        if config.words:
            from speechcoach.transcript import check_named

            check_named(config.words)
        elif config.transcript:
            from speechcoach.transcript import cache, engine_for

            engine_for(config.model, config.engine)
            if config.cache:
                cache.opened()  # a limit that is no number is said before any work is done
    for path in calls:
        with desk.each(path):
            desk.hand_out(path, *_analyzed(path, _of_call(config, path, len(calls) == 1), desk))
    desk.close()


@main.command()
@click.argument("results", nargs=-1, required=True, metavar="RESULT...", type=_PATH)
@_judging_options
def judge(results: tuple[Path, ...], **judging: Any) -> None:
    """Judge stored results again, under other norms or another rubric: no audio, no model.

    \b
    Example:
      speechcoach judge out/call.json --norms our-norms.toml --out again
    """
    with _usage_errors():
        desk = _Desk(results, **judging)
    for path in results:
        with desk.each(path):
            from speechcoach.pipeline import judge as judge_again
            from speechcoach.schema import load

            desk.hand_out(path, judge_again(load(path).facts, desk.norms, desk.rubric))
    desk.close()


@main.command()
@click.option("--clear", is_flag=True, help="Remove every transcript that is kept.")
def cache(clear: bool) -> None:
    """Say where finished transcripts are kept, or remove them.

    The folder holds what was said in calls. $SPEECHCOACH_CACHE names another one, or "off"; each transcript goes
    $SPEECHCOACH_CACHE_DAYS (30) after its last use, or earlier beyond $SPEECHCOACH_CACHE_MB (500) in all.

    \b
    Example:
      speechcoach cache --clear
    """
    with _usage_errors():
        from speechcoach.transcript.cache import opened

        kept = opened()
        if kept is None:
            click.echo("no transcripts are kept: the cache is switched off")
            return
        try:
            stock = kept.clear() if clear else kept.stock()
        except OSError as why:
            raise UsageError(f"{kept.folder}: cannot be read or emptied ({why.strerror}); check its owner") from None
        click.echo(f"{kept.folder}: {stock.entries} transcripts, {stock.size / 1e6:.1f} MB{' removed' * clear}")


def _of_call(config: Any, path: Path, alone: bool) -> Any:
    """The configuration with this call's own words, of all that were named."""
    if not config.words or not path.is_file():  # what is no recording is said by who opens it
        return config
    from dataclasses import replace

    from speechcoach.transcript import transcripts_of

    return replace(config, words=transcripts_of(path, config.words, alone))


def _analyzed(path: Path, config: Any, desk: _Desk) -> tuple[Result, Measurement]:
    from speechcoach.pipeline import judge as judge_facts
    from speechcoach.pipeline import measure_whole

    with desk.progress(path) as progress:
        measured = measure_whole(path, config, progress)
    return judge_facts(measured.facts, desk.norms, desk.rubric), measured


class _Desk:
    """Where results are handed out: the terminal, the folder, and the count of what failed."""

    def __init__(
        self,
        paths: Sequence[Path],
        norms: Path | None,
        rubric: Path | None,
        out: Path | None,
        as_json: bool,
        audience: str,
    ) -> None:
        from rich.console import Console

        from speechcoach.judgement import all_cues
        from speechcoach.settings import Norms, Rubric

        Norms.load(None, norms)  # a file that cannot be meant is said before any work is done
        self.norms, self.rubric = norms, Rubric.load(rubric)
        self.rubric.check_cues(tuple(all_cues()))
        self.several, self.as_json, self.audience = len(paths) > 1, as_json, audience
        self.paths, self.watch = paths, None
        self.folder = out if out or as_json else Path("out")
        _speak_anyhow()
        self.paper, self.notes = (
            Console(highlight=False, markup=False),
            Console(stderr=True, highlight=False, markup=False),
        )
        self.failed, self.names = 0, set[str]()
        if self.folder:
            _make_folder(self.folder)

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
        self.paper.print(text.layout(result, self.audience))  # type: ignore[arg-type]
        if written:
            self.paper.print(f"\nreport  {text.plain(str(written))}\n", style="bold", soft_wrap=True)

    def _write(self, path: Path, result: Result, measured: Measurement | None) -> Path:
        from speechcoach.schema import to_json
        from speechcoach.views import html

        name = self._free_name(path.stem)
        target, report = self.folder / f"{name}.json", self.folder / f"{name}.html"
        if target.resolve() == path.resolve():
            raise UsageError(f"{target}: would be overwritten; name another folder with --out")
        sound = {} if measured is None else {"samples": measured.recording.analysis, "rate_hz": 8_000}
        frames = measured.frames if measured else None
        made = {target: to_json(result), report: html.render(result, frames, audience=self.audience, **sound)}
        for file, content in made.items():
            _replace(file, content)
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
        if not self.notes.is_terminal:
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
def _usage_errors() -> Iterator[None]:
    """What is wrong with the options themselves ends the run before it begins."""
    try:
        yield
    except SpeechcoachError as why:
        click.echo(f"error: {why}", err=True)
        sys.exit(WRONG_USE)


def _make_folder(folder: Path) -> None:
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as why:
        raise UsageError(f"{folder}: cannot be a folder for reports ({why.strerror}); name another") from None


def _replace(path: Path, content: str) -> None:
    """Write whole or not at all."""
    import tempfile

    part = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=".", suffix=".part", delete=False, encoding="utf-8"
        ) as file:
            part = Path(file.name)
            file.write(content)
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except OSError as why:
        raise OutputError(
            f"{path}: cannot be written ({why.strerror}); make room or name another folder with --out"
        ) from None
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _speak_anyhow() -> None:
    """A character that the terminal's encoding lacks is replaced, and fails nothing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _one_line(text: str) -> str:
    import json

    return json.dumps(json.loads(text), ensure_ascii=False)


if __name__ == "__main__":
    main()
