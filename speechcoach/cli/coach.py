"""The command for one agent: what goes well, one thing to work on, and whether it helps."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from speechcoach.cli.desk import PATH, speak_anyhow, usage_errors
from speechcoach.cli.many import STORE
from speechcoach.cli.teaching import JUDGED, WHICH, WORDS, WRITTEN, Command, option


@click.command(cls=Command, short_help="Tell an agent what goes well, and one thing to work on.")
@click.argument("agent")
@STORE
@option("--html", type=PATH, metavar="FILE", help="Write the agent's page, such as ana.html.", group=WRITTEN)
@option(
    "--reports",
    type=PATH,
    metavar="DIR",
    help="Link to the calls' pages there, as batch --reports wrote them.",
    group=WRITTEN,
)
@option("--language", metavar="CODE", help="Calls in this language.  [that of most calls]", group=WORDS)
@option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="Compare calls from this day on with those before.",
    group=WHICH,
)
@option(
    "--rubric", type=PATH, metavar="FILE", help="What a flag costs (TOML), as the store was judged by.", group=JUDGED
)
@option("--json", "as_json", is_flag=True, help="Print everything as JSON instead.", group=WRITTEN)
def coach(
    agent: str,
    url: str,
    html: Path | None,
    reports: Path | None,
    language: str | None,
    since: datetime | None,
    rubric: Path | None,
    as_json: bool,
) -> None:
    """Tell one agent what goes well, one thing to work on, and whether it helps.

    AGENT is the name that batch --manifest or --pattern gave. The agent is compared with nobody else.

    \b
    Example:
      speechcoach coach "Ana Ruiz" --store calls.db --html ana.html --reports pages
    """
    with usage_errors():
        from speechcoach.settings import Rubric
        from speechcoach.team.coaching import Windows, goals, history, page, ratings, summary, telling
        from speechcoach.team.store import Store

        windows = Windows(since=since.replace(tzinfo=UTC)) if since else None
        with Store(url, new=False) as store:
            known = history(store, agent, locale=language, edges=True)
            kept, answers = goals(store, agent), ratings(store, agent)
        told = summary.coaching(known, kept, answers, windows=windows, rubric=Rubric.load(rubric))
        if html:
            page.write(told, html, reports, windows)
    speak_anyhow()
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    console.print(telling.layout(told))
    if html:
        console.print(f"\npage  {html}", style="bold", soft_wrap=True)
