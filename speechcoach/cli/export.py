"""Hand what was found to other programs: a call to an annotation editor or a player, tables of many to a spreadsheet.

Three sources, one command: results that `analyze` wrote, calls or tables of a store, and the 10-ms columns of a
recording. What is wrong with one result is one sentence, and the others are written (exit code 1).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from speechcoach.cli.desk import FAILED, PATH, make_folder, usage_errors
from speechcoach.cli.sources import Named, frames_of, of_files, of_store
from speechcoach.cli.teaching import Command, option
from speechcoach.errors import OutputError, SpeechcoachError, UsageError

if TYPE_CHECKING:
    from speechcoach.records import Frames, Result

OF_A_CALL = ("textgrid", "eaf", "rttm", "ctm", "vtt", "srt", "contact-lens")
OF_TABLES = ("csv", "jsonl", "parquet")
_WITH_FRAMES = ("textgrid", "contact-lens")


_FROM, _WRITES = "What is written", "As what, and where"
_STORE = "A store, instead of RESULTs: SQLite file, or postgresql://...  [calls.db]"
_TABLE = (
    "Of RESULTs turns, words, findings, overlaps, scores or speakers; of a store call, finding, score, speaker or "
    "abstention.  [turns; call]"
)
_FORMAT = "[csv; parquet of --frames alone]"
_CURE = "make room or name another place with --out"


@click.command(cls=Command, short_help="Write results for other programs: editors, players, tables.")
@click.argument("results", nargs=-1, metavar="[RESULT]...", type=PATH, help="A .json file that analyze wrote.")
@option("--store", "url", default="calls.db", metavar="FILE|URL", help=_STORE, group=_FROM)
@option("--call", "calls", multiple=True, metavar="ID|NAME", help="Of the store: this call, as a RESULT.", group=_FROM)
@option("--table", metavar="NAME", help=_TABLE, group=_FROM)
@option("--frames", type=PATH, metavar="CALL", help="The recording: pitch, level, voicing of every 10 ms.", group=_FROM)
@option("--format", "kind", type=click.Choice([*OF_A_CALL, *OF_TABLES]), help=_FORMAT, group=_WRITES)
@option("--out", type=PATH, metavar="FILE|DIR", help="Where to write; text is printed where not given.", group=_WRITES)
@click.pass_context
def export(
    context: click.Context,
    results: tuple[Path, ...],
    url: str,
    calls: tuple[str, ...],
    table: str | None,
    frames: Path | None,
    kind: str | None,
    out: Path | None,
) -> None:
    """Write results for other programs: Praat, ELAN, players, scoring tools, spreadsheets, databases.

    RESULT is a .json file that analyze wrote. Of several, textgrid, eaf, rttm, ctm, vtt, srt and contact-lens write a
    file each into the folder --out; csv, jsonl and parquet one table over all.

    With --store and --call, the call is taken from a store. With --store alone, a whole table of the store is written:
    --table call, finding, score, speaker or abstention.

    With --frames alone, pitch, level and voicing of the recording, every 10 ms, are written as Parquet. Beside a
    RESULT, textgrid adds a PitchTier and an IntensityTier of each speaker, and contact-lens the loudness of every
    second.

    \b
    Examples:
      speechcoach export out/call.json --format textgrid --out call.TextGrid
      speechcoach export out/*.json --format vtt --out captions
      speechcoach export out/*.json --table words --format parquet --out words.parquet
      speechcoach export --store calls.db --call call.wav --format eaf --out call.eaf
      speechcoach export --store calls.db --table finding --format csv --out findings.csv
      speechcoach export --frames call.wav --out frames.parquet
    """
    with ExitStack() as held:
        with usage_errors():
            if not results and not calls:
                _whole(url, table, frames, kind, out)
                return
            kind = kind or "csv"
            _check(results, calls, _is_typed(context, "url"), kind, table, out, frames)
            named = of_store(url, calls, held) if calls else of_files(results)
            sound = frames_of(frames, named[0].load()) if frames else None
        failures: list[str] = []
        with usage_errors():
            if kind in OF_TABLES:
                _write_table(named, table or "turns", kind, out, failures)
            else:
                _write_files(named, kind, out, sound, failures)
    if failures:
        sys.exit(FAILED)


def _is_typed(context: click.Context, name: str) -> bool:
    """Whether an option stands on the command line, and not in a file of options alone."""
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _whole(url: str, table: str | None, frames: Path | None, kind: str | None, out: Path | None) -> None:
    """A table of the store, or the frames of a recording."""
    from speechcoach.team.exports import check, exported, exported_frames
    from speechcoach.team.store import Store

    if kind in OF_A_CALL:
        raise UsageError(f"{kind} is written of single calls: name a RESULT, or --store and --call")
    if frames is not None:
        if kind not in (None, "parquet"):
            raise UsageError(f"--frames are written as Parquet, not {kind}; leave --format out")
        exported_frames(frames, out)
        return
    check(table or "call", kind or "csv", out)
    with Store(url, new=False) as store:
        exported(store, table or "call", kind or "csv", out)


def _check(
    results: Sequence[Path],
    calls: Sequence[str],
    from_store: bool,
    kind: str,
    table: str | None,
    out: Path | None,
    frames: Path | None,
) -> None:
    """What cannot be meant is said before anything is read."""
    from speechcoach.views.formats import check
    from speechcoach.views.formats.tables import columns

    if results and (calls or from_store):
        raise UsageError("results are named one by one, or a --store with --call, not both")
    if kind in OF_TABLES:
        columns(table or "turns")
        if kind == "parquet" and out is None:
            raise UsageError("Parquet is no text: name a file with --out")
    else:
        check(kind)
        if table is not None:
            raise UsageError(f"--table goes with {', '.join(OF_TABLES)}, not with {kind}")
        if len(results) + len(calls) > 1 and out is None:
            raise UsageError("several results are several files: name a folder with --out")
    if frames is not None and (kind not in _WITH_FRAMES or len(results) + len(calls) > 1):
        raise UsageError(f"beside a result, --frames goes with one call and {' or '.join(_WITH_FRAMES)}")
    if frames is not None and kind == "textgrid" and out is None:
        raise UsageError("with --frames there are several files: name one with --out, the others lie beside it")


def _write_files(
    named: Sequence[Named], kind: str, out: Path | None, frames: Frames | None, failures: list[str]
) -> None:
    """A file a call: into the folder `out`, to the file `out`, or on paper."""
    from speechcoach.views.formats import FORMATS, render
    from speechcoach.views.whole import write_whole

    folder = out if out is not None and (len(named) > 1 or out.is_dir()) else None
    if folder is not None:
        make_folder(folder)
    taken: set[str] = set()
    for item in named:
        result = _read(item, failures)
        if result is None:
            continue
        text = render(result, kind, frames)
        if out is None:
            with _paper() as paper:
                paper.write(text)
            continue
        target = out if folder is None else folder / f"{_free(item.stem, taken)}{FORMATS[kind].suffix}"
        if item.path is not None and target.resolve() == item.path.resolve():
            raise UsageError(f"{target}: would be overwritten; name another file with --out")
        write_whole(target, text, _CURE)
        if frames is not None and kind == "textgrid":
            _write_beside(target, frames, result)


def _write_beside(grid: Path, frames: Frames, result: Result) -> None:
    from speechcoach.views.formats import praat_tiers
    from speechcoach.views.whole import write_whole

    for ending, text in praat_tiers.render(frames, result.facts).items():
        write_whole(grid.with_suffix(ending), text, _CURE)


def _write_table(named: Sequence[Named], table: str, kind: str, out: Path | None, failures: list[str]) -> None:
    """One table over all the results that can be read."""
    from speechcoach.views.formats import tables

    found = (result for item in named if (result := _read(item, failures)) is not None)
    if out is not None and out.is_dir():
        out = out / f"{table}.{kind}"
    write = tables.write_csv if kind == "csv" else tables.write_jsonl
    try:
        if kind == "parquet" and out is not None:
            tables.write_parquet(found, table, out)
        elif out is None:
            with _paper() as paper:
                write(found, table, paper)
        else:
            with out.open("w", encoding="utf-8", newline="") as paper:
                write(found, table, paper)
    except BrokenPipeError:
        raise
    except OSError as why:
        raise OutputError(f"{out}: cannot be written ({why.strerror}); name another file with --out") from None


def _read(item: Named, failures: list[str]) -> Result | None:
    """The result, or None where it cannot be read: that is said, and the next one is not touched."""
    try:
        return item.load()
    except SpeechcoachError as why:
        failures.append(str(why))
        click.echo(f"error: {why}", err=True)
        return None


def _free(stem: str, taken: set[str]) -> str:
    """Two results of one name do not overwrite each other."""
    name, count = stem, 1
    while name in taken:
        count += 1
        name = f"{stem}-{count}"
    taken.add(name)
    return name


@contextmanager
def _paper() -> Iterator[TextIO]:
    if hasattr(sys.stdout, "reconfigure"):  # data is UTF-8, whatever the terminal is
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    yield sys.stdout
