"""Commands for many calls: work through folders of recordings into a store, judge what it holds again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from speechcoach.cli.desk import FAILED, PATH, make_folder, speak_anyhow, usage_errors
from speechcoach.cli.reading import READING, reading_options
from speechcoach.cli.teaching import JUDGED, SIDES, WHICH, WORDS, WORK, WRITTEN, Command, option
from speechcoach.errors import SpeechcoachError, UsageError

if TYPE_CHECKING:
    from speechcoach.settings import Config

STORE = click.option(
    "--store", "url", default="calls.db", metavar="FILE|URL", help="SQLite file, or postgresql://...  [calls.db]"
)


@click.command(cls=Command, short_help="Work through folders of recordings into a store.")
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@STORE
@option(
    "--manifest",
    type=PATH,
    metavar="FILE",
    help="CSV or JSON Lines: file, agent, team, queue, recorded_at.",
    group=WHICH,
)
@option("--pattern", metavar="NAME", help="What file names say, such as {agent}_{queue}.wav", group=WHICH)
@option("--team", metavar="NAME", help="The team, where nothing else names one.", group=WHICH)
@option("--queue", metavar="NAME", help="The queue, where nothing else names one.", group=WHICH)
@option(
    "--agent-side",
    type=click.Choice(["left", "right", "first", "second"]),
    help="The agent's channel; guessed where not given.",
    group=SIDES,
)
@reading_options
@option("--model", default="auto", metavar="NAME|PATH", help="Whisper model, as of analyze.", group=WORDS)
@option("--language", metavar="CODE", help="Language of the calls; detected where not given.", group=WORDS)
@option("--norms", type=PATH, metavar="FILE", help="Thresholds and phrases (TOML).", group=JUDGED)
@option(
    "--rubric", type=PATH, metavar="FILE", help="What a flag costs, and what screening asks for (TOML).", group=JUDGED
)
@option(
    "--transcript",
    type=click.Choice(["all", "flagged", "none"]),
    default="all",
    help="Whose words are read: all; only calls that screening by voice flags, and a sample; none.  [all]",
    group=WORDS,
)
@option("--jobs", type=int, metavar="N", help="Processes at a time.  [one for each processor]", group=WORK)
@option("--dask", metavar="ADDRESS", help="Work on this Dask cluster instead, such as tcp://host:8786.", group=WORK)
@option("--again", is_flag=True, help="Try those once more that failed before.", group=WORK)
@option("--reports", type=PATH, metavar="DIR", help="Write each call's page there.", group=WRITTEN)
@option("--report", type=PATH, metavar="FILE", help="Write the team's page, such as team.html.", group=WRITTEN)
@option("--quiet", is_flag=True, help="Say only what went wrong.", group=WRITTEN)
def batch(
    sources: tuple[str, ...],
    url: str,
    manifest: Path | None,
    pattern: str | None,
    agent_side: str | None,
    transcript: str,
    jobs: int | None,
    dask: str | None,
    **rest: Any,
) -> None:
    """Work through folders of recordings into a store; started again, it does what is missing.

    SOURCE is a file, a folder, a pattern in quotes, or an address such as s3://bucket/calls; with --manifest it may be
    left out, and the files that the manifest names are analysed.

    \b
    Example:
      speechcoach batch recordings --store calls.db --report team.html
    """
    import os

    with usage_errors():
        from speechcoach.settings import Config
        from speechcoach.team import batch as work
        from speechcoach.team import crews
        from speechcoach.team import sources as places
        from speechcoach.team.manifest import Pattern, laid, read_forms, read_manifest
        from speechcoach.team.rows import Meta
        from speechcoach.team.store import Store

        listed = read_manifest(manifest) if manifest else {}
        if not sources and not listed:
            raise UsageError("nothing to analyse: name a folder of recordings, or a --manifest")
        reads = Pattern(pattern) if pattern else None
        wanted = {name: rest[name] for name in ("model", "language", *READING)}
        config = Config(agent=agent_side, transcript=transcript != "none", **wanted)
        _check(config, rest["norms"], rest["rubric"])
        if rest["reports"]:
            make_folder(rest["reports"])
        forms = read_forms(manifest) if manifest else {}
        found = places.find(sources, config.profile, forms) if sources else places.listed(listed, forms)
        every = Meta(team=rest["team"], queue=rest["queue"])
        metas = {f.uri: laid(listed.get(f.uri), reads.meta(f.name) if reads else None, every) for f in found}
        crew = crews.cluster(dask) if dask else crews.processes((os.cpu_count() or 1) if jobs is None else jobs)
        store = Store(url)
    order = work.Order(config, rest["norms"], rest["rubric"], transcript == "flagged", rest["again"], rest["reports"])
    speak_anyhow()
    with _one_sentence(), store:
        from speechcoach.team.telling import Bars, summarised

        with Bars(quiet=rest["quiet"]) as bars:
            summary = work.run(store, found, metas, order, crew, bars.tell)
        bars.say(summarised(summary, store.shown))
        if rest["report"]:
            from speechcoach.team.page import write

            write(store, rest["report"], rest["reports"], rest["rubric"])
            bars.say(f"team's page  {rest['report']}")
    if summary.failed:
        sys.exit(FAILED)


@click.command(short_help="Delete calls from a store, with all that hangs on them.")
@click.argument("calls", nargs=-1, required=True, metavar="CALL...")
@STORE
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(calls: tuple[str, ...], url: str, yes: bool) -> None:
    """Delete calls from a store: words, measures, findings, and what people said of them.

    CALL is a file name, or the first characters of a call's id. Recordings, written reports and transcripts in the
    cache are not touched: see `cache --clear`. The audit log keeps that somebody looked at the calls, without their
    content.

    \b
    Example:
      speechcoach forget 2026-03-01_0917.wav --store calls.db
    """
    with usage_errors():
        from speechcoach.team.naming import named
        from speechcoach.team.store import Store

        with Store(url, new=False) as store:
            found = list({row["id"]: row for row in (named(store, call) for call in calls)}.values())
            for row in found:
                click.echo(f"{row['name']}  {row['id'][:12]}  {row['agent'] or ''}", err=True)
            what = "this call" if len(found) == 1 else f"these {len(found)} calls"
            if not yes:
                click.confirm(f"Delete {what}?", abort=True, err=True)
            store.forget([row["id"] for row in found])
            click.echo(f"{len(found)} deleted from {store.shown}")


def judge_store(
    url: str, results: tuple[Path, ...], quiet: bool, norms: Path | None, rubric: Path | None, **files: Any
) -> None:
    """Judge every call of the store again; exit code 1 where the facts of some are damaged."""
    with usage_errors():
        if results or files["out"] or files["as_json"]:
            raise UsageError("--store judges what the store holds, and keeps it there; leave out RESULT, --out, --json")
        from speechcoach.team.rejudging import judge_again, judge_by
        from speechcoach.team.store import Store
        from speechcoach.team.telling import Bars, rejudged

        judged = judge_by(norms, rubric)
        store = Store(url, new=False)
    speak_anyhow()
    with _one_sentence(), store, Bars(quiet=quiet) as bars:
        count, damaged = judge_again(store, judged, bars.judged)
        for sentence in damaged:
            bars.error(sentence)
        bars.say(rejudged(count, store.shown))
    if damaged:
        sys.exit(FAILED)


def _check(config: Config, norms: Path | None, rubric: Path | None) -> None:
    """What no call could be analysed with is said before any work is done."""
    from speechcoach.audio.headerless import raw_of
    from speechcoach.judgement import check_rubric
    from speechcoach.settings import Norms, Rubric

    Norms.load(None, norms)
    check_rubric(Rubric.load(rubric))
    if config.raw:
        raw_of(config.raw)
    if config.transcript:
        from speechcoach.transcript import engine_for

        engine_for(config.model, config.engine)


@contextmanager
def _one_sentence() -> Iterator[None]:
    """A store that is lost in the middle ends the batch in one sentence; what was done is kept."""
    try:
        yield
    except SpeechcoachError as why:
        click.echo(f"error: {why}; what was done is kept", err=True)
        sys.exit(FAILED)
