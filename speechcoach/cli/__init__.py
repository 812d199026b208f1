"""The command line: reads options, calls the library, shows what it says. No logic of the product lives here.

Exit codes: 0 done; 1 some recordings failed, the others are written; 2 wrong use, nothing was done.
Rooms are imported inside the commands, so that --help answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from speechcoach.cli import calls, configuration, health, many, web
from speechcoach.cli.desk import PATH, STOPPED, STOPPED_SAID, usage_errors


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
@click.option(
    "--config", "named", type=PATH, metavar="FILE", help="Options from this TOML file; see `speechcoach config`."
)
@click.pass_context
def main(context: click.Context, named: Path | None) -> None:
    """Listens to recorded customer calls as a good coach would, on your own machine."""
    with usage_errors():
        context.obj = configuration.read(main, named)
        context.default_map = configuration.as_defaults(context.obj)


for command in (
    calls.analyze,
    many.batch,
    web.serve,
    calls.judge,
    many.export,
    web.user,
    configuration.config,
    health.doctor,
    calls.cache,
    health.completion,
):
    main.add_command(command)
