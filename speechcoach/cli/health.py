"""Commands about the installation: what works here, and completion for the shell."""

from __future__ import annotations

import sys

import click

from speechcoach.cli.desk import FAILED, usage_errors
from speechcoach.errors import UsageError


@click.command(short_help="Look at what this machine can do, and what to install.")
@click.option("--store", "url", metavar="FILE|URL", help="Look into this store too.")
@click.option("--model", default="auto", metavar="NAME|PATH", help="Whisper model to look for, as of analyze.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(url: str | None, model: str, as_json: bool) -> None:
    """Look at what this machine can do, and say what to install for the rest.

    Exit code 1 says that the main job would fail.

    \b
    Example:
      speechcoach doctor --store calls.db
    """
    from dataclasses import asdict

    from speechcoach.doctor import checks

    found = list(checks(url, model))
    if as_json:
        import json

        click.echo(json.dumps([asdict(item) for item in found], indent=2))
    else:
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for item in found:
            mark, style = {True: ("ok", "green"), False: ("BAD", "bold red"), None: ("-", "dim")}[item.well]
            cure = f"\n{item.cure}" if item.cure and item.well is not True else ""
            table.add_row(mark, item.what, item.found + cure, style=None if item.well else style)
        Console(highlight=False, markup=False).print(table)
    if any(item.needed and item.well is False for item in found):
        sys.exit(FAILED)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what lets SHELL complete commands and options.

    \b
    Example:
      speechcoach completion bash >> ~/.bashrc
    """
    from click.shell_completion import get_completion_class

    from speechcoach.cli import main

    made = get_completion_class(shell)
    with usage_errors():
        if made is None:
            raise UsageError(f"{shell} is not known here")
    assert made is not None
    click.echo(made(main, {}, "speechcoach", "_SPEECHCOACH_COMPLETE").source())
