"""Commands for recordings that are named one by one: analyse them, judge them again, and what is kept of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from speechcoach.cli.desk import PATH, Desk, usage_errors
from speechcoach.cli.reading import READING, first_file, reading_options, recordings, report_path, sides_options
from speechcoach.cli.teaching import JUDGED, SIDES, WORDS, WRITTEN, Command, option
from speechcoach.errors import UsageError

if TYPE_CHECKING:
    from speechcoach.audio import Sides
    from speechcoach.pipeline import Measurement
    from speechcoach.records import Result

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def judging_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say by what a call is judged."""
    options: list[Decorator] = [
        option("--norms", type=PATH, metavar="FILE", help="Thresholds and phrases (TOML).", group=JUDGED),
        option("--rubric", type=PATH, metavar="FILE", help="What a flag costs (TOML).", group=JUDGED),
        option("--out", type=PATH, metavar="DIR", help="Folder for the reports.  [out]", group=WRITTEN),
        option("--json", "as_json", is_flag=True, help="Print the result as JSON and nothing else.", group=WRITTEN),
        option("--quiet", is_flag=True, help="Say only what went wrong; the files are written.", group=WRITTEN),
        option(
            "--for",
            "audience",
            type=click.Choice(["qa", "agent"]),
            default="qa",
            help="Who reads.  [qa]",
            group=WRITTEN,
        ),
    ]
    for made in reversed(options):
        command = made(command)
    return command


@click.command(cls=Command, short_help="Analyse recordings; write a report to click through.")
@click.argument("calls", nargs=-1, metavar="[CALL...]", type=PATH)
@option(
    "--agent",
    type=click.Choice(["left", "right", "first", "second"]),
    help="The agent's channel, or whether the agent speaks first or second; guessed where not given.",
    group=SIDES,
)
@option(
    "--model",
    default="auto",
    metavar="NAME|PATH",
    help="Whisper model: a name, .pt or CTranslate2 folder.",
    group=WORDS,
)
@option(
    "--engine",
    type=click.Choice(["auto", "openai-whisper", "faster-whisper"]),
    default="auto",
    help="What reads the model.  [auto: faster-whisper where it is installed, else openai-whisper]",
    group=WORDS,
)
@option("--language", metavar="CODE", help="Language of the call, such as en; detected where not given.", group=WORDS)
@option(
    "--words",
    multiple=True,
    type=PATH,
    metavar="FILE|DIR",
    help="Finished transcripts, instead of Whisper.",
    group=WORDS,
)
@option("--no-transcript", is_flag=True, help="Voice and timing alone: no speech recognition.", group=WORDS)
@option(
    "--no-cache", is_flag=True, help="Keep no transcript for the next time, and use none that was kept.", group=WORDS
)
@sides_options
@reading_options
@judging_options
def analyze(
    calls: tuple[Path, ...],
    agent: str | None,
    model: str,
    engine: str,
    language: str | None,
    words: tuple[Path, ...],
    no_transcript: bool,
    no_cache: bool,
    agent_file: Path | None,
    customer_file: Path | None,
    **rest: Any,
) -> None:
    """Analyse recordings: a summary here, and a report to click through in --out.

    \b
    Examples:
      speechcoach analyze call.wav --agent left --out reports
      speechcoach analyze --agent-file 17-out.wav --customer-file 17-in.wav
      speechcoach analyze calls/*.wav --profile connect
    """
    with usage_errors():
        from speechcoach.settings import Config

        wanted: dict[str, Any] = {"agent": agent, "model": model, "language": language, "words": words}
        wanted |= {name: rest.pop(name) for name in READING}
        config = Config(**wanted, engine=engine, transcript=not no_transcript, cache=not no_cache)
        found = recordings(calls, agent_file, customer_file, config)
        desk = Desk([first_file(call) for call in found], **rest)
        if config.words:
            from speechcoach.transcript import check_named

            check_named(config.words)
        elif config.transcript:
            from speechcoach.transcript import cache, engine_for

            engine_for(config.model, config.engine)
            if config.cache:
                cache.opened()  # a limit that is no number is said before any work is done
    for call in found:
        path = first_file(call)
        with desk.each(path):
            desk.hand_out(report_path(call), *_analyzed(call, _of_call(config, path, len(found) == 1), desk))
    desk.close()


@click.command(cls=Command, short_help="Judge stored results again, without audio or model.")
@click.argument("results", nargs=-1, metavar="RESULT...", type=PATH)
@click.option("--store", "url", metavar="FILE|URL", help="Judge every call of this store instead, in its place.")
@judging_options
def judge(results: tuple[Path, ...], url: str | None, **judging: Any) -> None:
    """Judge stored results again, under other norms or another rubric: no audio, no model.

    \b
    Examples:
      speechcoach judge out/call.json --norms our-norms.toml --out again
      speechcoach judge --store calls.db --norms our-norms.toml
    """
    if url is not None:
        from speechcoach.cli.many import judge_store

        judge_store(url, results, **judging)
        return
    with usage_errors():
        if not results:
            raise UsageError("nothing to judge: name results that speechcoach wrote, or a --store")
        desk = Desk(results, **judging)
    for path in results:
        with desk.each(path):
            from speechcoach.pipeline import judge as judge_again
            from speechcoach.schema import load

            desk.hand_out(path, judge_again(load(path).facts, desk.norms, desk.rubric))
    desk.close()


@click.command()
@click.option("--clear", is_flag=True, help="Remove every transcript that is kept.")
def cache(clear: bool) -> None:
    """Say where finished transcripts are kept, or remove them.

    The folder holds what was said in calls. $SPEECHCOACH_CACHE names another one, or "off"; each transcript goes
    $SPEECHCOACH_CACHE_DAYS (30) after its last use, or earlier beyond $SPEECHCOACH_CACHE_MB (500) in all.

    \b
    Example:
      speechcoach cache --clear
    """
    with usage_errors():
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


def _analyzed(call: Path | Sides, config: Any, desk: Desk) -> tuple[Result, Measurement]:
    from speechcoach.pipeline import judge as judge_facts
    from speechcoach.pipeline import measure_whole

    with desk.progress(first_file(call)) as progress:
        measured = measure_whole(call, config, progress)
    return judge_facts(measured.facts, desk.norms, desk.rubric), measured
