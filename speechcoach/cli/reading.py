"""Options that say how a recording is read: whose recorder wrote it, what it has no header for, which files are one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from speechcoach.cli.desk import PATH
from speechcoach.cli.teaching import FILES, SIDES, option
from speechcoach.errors import UsageError
from speechcoach.settings import PROFILES

if TYPE_CHECKING:
    from speechcoach.audio import Sides

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
READING = ("profile", "raw", "channels", "partial", "customer_delay_s")


def _numbers(_context: click.Context, _option: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    """`1,2` as numbers."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() and len(part) < 4 for part in parts):
        raise click.BadParameter(f"must be one or two numbers such as 1,2, not {text!r}")
    return tuple(map(int, parts))


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of every command that opens recordings."""
    options: list[Decorator] = [
        option(
            "--profile",
            type=click.Choice(list(PROFILES)),
            help="Whose recorder wrote the calls: which side is whose, and which two files are one call.",
            group=SIDES,
        ),
        option(
            "--raw", metavar="CODING:RATE:CHANNELS", help="Of files without a header, such as ulaw:8000:1.", group=FILES
        ),
        option(
            "--channels",
            metavar="N,N",
            callback=_numbers,
            help="Which two of more channels; the left first.",
            group=SIDES,
        ),
        option("--partial", is_flag=True, help="Analyse what is left of recordings that are cut short.", group=FILES),
        option(
            "--customer-delay-s",
            type=float,
            metavar="S",
            help="Of two files: how much later the customer's (the second) begins.  [together]",
            group=SIDES,
        ),
    ]
    for made in reversed(options):
        command = made(command)
    return command


def sides_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that name the two files of one call."""
    for side in ("customer", "agent"):
        what = f"The {side}'s side of a call in two files."
        command = option(f"--{side}-file", type=PATH, metavar="FILE", help=what, group=SIDES)(command)
    return command


def recordings(
    calls: Sequence[Path], agent_file: Path | None, customer_file: Path | None, config: Any
) -> list[Path | Sides]:
    """What is to be analysed, two files of one call as one. Raises UsageError where that cannot be meant."""
    from speechcoach.audio import Sides, paired
    from speechcoach.audio.headerless import raw_of

    if config.raw:
        raw_of(config.raw)  # a form that cannot be meant is said before any work is done
    if (agent_file is None) != (customer_file is None):
        raise UsageError("a call in two files has both: name --agent-file and --customer-file")
    if agent_file is None or customer_file is None:
        if not calls:
            raise click.UsageError("Missing argument 'CALL...': name recordings, or --agent-file and --customer-file")
        return paired(calls, config.profile)
    if calls:
        raise UsageError("--agent-file and --customer-file are one call; leave the other recordings to another run")
    if config.agent is not None:
        raise UsageError("--agent-file says which side is the agent's; leave --agent out")
    return [Sides(agent_file, customer_file)]


def first_file(call: Path | Sides) -> Path:
    """The file by which a call is known: its own, or the left side's."""
    return call if isinstance(call, Path) else call.left


def report_path(call: Path | Sides) -> Path:
    """The path whose name a call's report takes."""
    return call if isinstance(call, Path) else call.left.with_name(call.stem + call.left.suffix)
