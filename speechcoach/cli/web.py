"""The review application in the terminal: start it, and who may sign in."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from speechcoach.cli.desk import PATH, usage_errors
from speechcoach.cli.many import STORE
from speechcoach.cli.teaching import JUDGED, Command, option
from speechcoach.errors import UsageError

_LISTENS = "Where it listens"


@click.command(cls=Command, short_help="Serve a store's calls to browsers, for QA and agents.")
@STORE
@option("--host", default="127.0.0.1", metavar="ADDRESS", help="Address.  [127.0.0.1: this machine]", group=_LISTENS)
@option("--port", default=8765, metavar="N", help="Port.  [8765]", group=_LISTENS)
@option("--name", "names", multiple=True, metavar="HOST", help="A name that browsers may ask for.", group=_LISTENS)
@option("--certificate", type=PATH, metavar="FILE", help="Certificate (PEM): serve https.", group=_LISTENS)
@option("--key", type=PATH, metavar="FILE", help="Its private key (PEM).", group=_LISTENS)
@option("--behind-https", is_flag=True, help="Browsers come by https through a proxy of yours.", group=_LISTENS)
@option("--without-https", is_flag=True, help="Unencrypted, as inside a container.", group=_LISTENS)
@option("--norms", type=PATH, metavar="FILE", help="Thresholds and phrases, as the calls were judged by.", group=JUDGED)
@option("--rubric", type=PATH, metavar="FILE", help="What a flag costs, as the calls were judged by.", group=JUDGED)
def serve(
    url: str,
    host: str,
    port: int,
    names: tuple[str, ...],
    certificate: Path | None,
    key: Path | None,
    behind_https: bool,
    without_https: bool,
    norms: Path | None,
    rubric: Path | None,
) -> None:
    """Serve the calls of a store to the browsers of QA and of the agents.

    It listens on this machine alone unless told otherwise, and answers only to names that it was told.

    \b
    Example:
      speechcoach serve --store calls.db
    """
    with usage_errors():
        from speechcoach.web.serving import Address, checked, start

        address = checked(Address(host, port, names, certificate, key, behind_https, without_https))
        start(url, address, norms, rubric, lambda said: click.echo(said, err=True))


@click.group()
def user() -> None:
    """Who may sign in to the review application."""


@user.command("add")
@click.argument("name")
@STORE
@click.option(
    "--role", type=click.Choice(["qa", "agent"]), required=True, help="qa sees every call, an agent their own."
)
@click.option("--agent", metavar="NAME", help="The agent whose calls are theirs, as the store names them.")
def add_user(name: str, url: str, role: str, agent: str | None) -> None:
    """Make an account; the password is asked for, or read from standard input."""
    with usage_errors():
        from speechcoach.team.review.people import People
        from speechcoach.team.store import Store

        with Store(url, new=False) as store:
            People(store).add(name, role, _password(), agent)
            People(store).note(name, "account made")
    click.echo(f"{name} may sign in as {role}" + (f", to the calls of {agent}" if agent else ""))


@user.command("password")
@click.argument("name")
@STORE
def set_password(name: str, url: str) -> None:
    """Give somebody a new password; they are signed out everywhere."""
    with usage_errors():
        from speechcoach.team.review.people import People
        from speechcoach.team.store import Store

        with Store(url, new=False) as store:
            People(store).set_password(name, _password())
            People(store).note(name, "password set")
    click.echo(f"the password of {name} is changed")


@user.command("remove")
@click.argument("name")
@STORE
def remove_user(name: str, url: str) -> None:
    """Remove an account, with the private recordings and the words that it left."""
    with usage_errors():
        from speechcoach.team.review.people import People
        from speechcoach.team.store import Store

        with Store(url, new=False) as store:
            People(store).remove(name)
            People(store).note(name, "account removed")
    click.echo(f"{name} may sign in no more")


@user.command("list")
@STORE
def list_users(url: str) -> None:
    """Show the accounts."""
    with usage_errors():
        from rich.console import Console
        from rich.table import Table

        from speechcoach.team.review.people import People
        from speechcoach.team.store import Store

        with Store(url, new=False) as store:
            rows = People(store).all()
    table = Table("name", "role", "calls of", "since", box=None, header_style="bold")
    for row in rows:
        table.add_row(row["name"], row["role"], row["agent"] or "everybody", f"{row['made_at']:%Y-%m-%d}")
    Console(highlight=False, markup=False).print(table if rows else "nobody yet: speechcoach user add NAME --role qa")


def _password() -> str:
    """From the keyboard, twice and unseen; from a pipe, its first line."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise UsageError("no password: type one, or give it on standard input")
    return line
