"""The reference of the command line, from each command's own --help; nested commands too."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from speechcoach.cli import main
from speechcoach.cli.desk import FAILED, STOPPED, WRONG_USE

_OPTION = re.compile(r"(?<!\S)(--[\w-]+)")
_WIDTHS = {"terminal_width": 88, "max_content_width": 88}
_HEAD = f"""# Commands

*For everybody who types `speechcoach`.* Made from `--help` of each command. Options may stand in files, too: see
[configuration](configuration.md).

## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| {FAILED} | some recordings failed, and the others are written; `doctor`: the main job would fail |
| {WRONG_USE} | wrong use: nothing was begun |
| {STOPPED} | stopped by Ctrl-C: what was finished is written |

## All commands
"""


def pages() -> dict[str, str]:
    """The one page."""
    return {"reference/cli.md": "\n".join([_HEAD, _contents(), *(_entry(*found) for found in commands())])}


def commands() -> Iterator[tuple[click.Context, click.Command]]:
    """Every command with the context that it would run in, groups before what they hold."""
    yield from _under(click.Context(main, info_name="speechcoach", **{**main.context_settings, **_WIDTHS}))


def _under(context: click.Context) -> Iterator[tuple[click.Context, click.Command]]:
    command = context.command
    yield context, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _under(click.Context(inner, context, name, **{**inner.context_settings, **_WIDTHS}))


def _contents() -> str:
    rows = [
        f"| [`{_path(context)}`](#{_path(context).replace(' ', '-')}) | {_short(command)} |"
        for context, command in commands()
        if context.parent
    ]
    return "\n".join(["| command | what it does |", "|---|---|", *rows, ""])


def _short(command: click.Command) -> str:
    return _OPTION.sub(r"`\1`", command.get_short_help_str(100))


def _entry(context: click.Context, command: click.Command) -> str:
    level = "##" if context.parent is None or context.parent.parent is None else "###"
    return f"{level} {_path(context)}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


def _path(context: click.Context) -> str:
    return context.command_path
