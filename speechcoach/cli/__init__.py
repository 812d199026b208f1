"""The command line: reads options, calls the library, shows what it says. No logic of the product lives here.

Exit codes: 0 done; 1 some recordings failed, the others are written; 2 wrong use, nothing was done; 130 stopped.
Rooms are imported inside the commands, so that --help answers at once.
"""

from __future__ import annotations

from pathlib import Path

import click

from speechcoach.cli import calls, coach, configuration, export, health, many, web
from speechcoach.cli.desk import PATH, usage_errors
from speechcoach.cli.teaching import Program


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done; 1 some recordings failed, the others are written; 2 wrong use, nothing was done; "
    "130 stopped by Ctrl-C, what was finished is written.",
)
@click.version_option(package_name="speechcoach", message="%(prog)s %(version)s")
@click.option("--config", "named", type=PATH, metavar="FILE", help="Options from this TOML file; see `config show`.")
@click.pass_context
def main(context: click.Context, named: Path | None) -> None:
    """Listens to recorded customer calls as a good coach would, on your own machine.

    \b
    Examples:
      speechcoach analyze call.wav                           one call: a summary here, and a report to click through
      speechcoach batch recordings --store calls.db          a folder of calls into a store
      speechcoach serve --store calls.db                     the calls in the browser, for QA and for the agents
    """
    with usage_errors():
        context.obj = configuration.read(main, named)
        context.default_map = configuration.as_defaults(context.obj)


main.arrange(
    {
        "One call": (calls.analyze, calls.judge),
        "A team's calls": (many.batch, coach.coach, web.serve, web.user, export.export, many.forget),
        "This installation": (configuration.config, health.doctor, health.completion, calls.cache),
    }
)
