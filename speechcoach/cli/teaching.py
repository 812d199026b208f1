"""Help that teaches: commands and options in groups with a name, in the order in which they are met.

Conventions: an option says its group with `group=`; one without stands under "Options". A command that has an example
ends its docstring with it. Only how help looks is decided here.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from speechcoach.cli.desk import FAILED, STOPPED, STOPPED_SAID

_LAST = "Options"
_FULL = (errno.ENOSPC, errno.EIO)
WHICH, SIDES, FILES = "Which calls", "Who is who", "How files are read"
WORDS, JUDGED, WORK, WRITTEN = "Words", "How calls are judged", "The work", "What is written"


class Option(click.Option):
    """An option that belongs to a group of the help."""

    def __init__(self, *names: Any, group: str = _LAST, **rest: Any) -> None:
        super().__init__(*names, **rest)
        self.group = group


def option(*names: Any, **rest: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """As `click.option`, with a `group`."""
    return click.option(*names, cls=Option, **rest)


class Command(click.Command):
    """A command whose options stand in groups, in the order in which the groups first occur."""

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for item in self.get_params(context):
            line = item.get_help_record(context) if isinstance(item, click.Option) else None
            if line is not None:
                groups.setdefault(getattr(item, "group", _LAST), []).append(line)
        last = groups.pop(_LAST, [])
        for title, lines in [*groups.items(), (_LAST, last)]:
            if lines:
                with formatter.section(title):
                    formatter.write_dl(lines)


class Program(click.Group):
    """The whole: commands in groups, exit codes at the end; Ctrl-C is one line and an exit code of its own."""

    sections: Mapping[str, Sequence[click.Command]] = {}

    def arrange(self, sections: Mapping[str, Sequence[click.Command]]) -> None:
        """Add the commands of each section."""
        self.sections = sections
        for commands in sections.values():
            for command in commands:
                self.add_command(command)

    def list_commands(self, _context: click.Context) -> list[str]:
        return [command.name or "" for commands in self.sections.values() for command in commands]

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(len(name) for name in self.list_commands(context))
        for title, commands in self.sections.items():
            with formatter.section(title):
                limit = formatter.width - width - 6
                formatter.write_dl(
                    [((item.name or "").ljust(width), item.get_short_help_str(limit)) for item in commands]
                )

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            click.echo(f"error: {STOPPED_SAID}", err=True)
            sys.exit(STOPPED)
        except OSError as why:
            if why.errno not in _FULL or why.filename is not None:
                raise
            click.echo(f"error: standard output cannot be written ({why.strerror})", err=True)
            sys.exit(FAILED)
