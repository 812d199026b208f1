"""Options from files: what a team sets once need not be typed again. `speechcoach config` shows where a value is from.

Conventions: TOML. A key is an option's long name without its dashes; under `[command]` it holds for that command, above
all tables for every command that has it. Asked in this order, the first that says something wins: the command line, the
file of `--config`, `speechcoach.toml` in the working folder, `config.toml` in the user's folder, the option's default.
Paths in a file are relative to that file. What no command knows is an error that lists what there is.
"""

from __future__ import annotations

import difflib
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from speechcoach.cli.desk import PATH, usage_errors
from speechcoach.errors import UsageError

HERE, USERS = "speechcoach.toml", "config.toml"
_NOT_HERE = ("help", "version", "config")


@dataclass(frozen=True, slots=True)
class Setting:
    """A value for an option of a command, and the file that says so."""

    value: Any
    file: Path


Settings = Mapping[tuple[str, str], Setting]
"""By command, such as "user add", and name of the parameter."""


def users_file() -> Path:
    """Where a user's own options lie."""
    return Path(click.get_app_dir("speechcoach")) / USERS


def layers(named: Path | None) -> list[Path]:
    """The files that are asked, the weakest first."""
    there = [file for file in (users_file(), Path(HERE)) if file.is_file()]
    return [*there, *([named] if named else [])]


def read(group: click.Group, named: Path | None) -> dict[tuple[str, str], Setting]:
    """What the files say. Raises UsageError for what cannot be meant."""
    found: dict[tuple[str, str], Setting] = {}
    for file in layers(named):
        found |= dict(_of_file(group, file.absolute()))
    return found


def as_defaults(settings: Settings) -> dict[str, Any]:
    """As click asks for it: a mapping a command, nested as the commands are."""
    made: dict[str, Any] = {}
    for (command, name), setting in settings.items():
        place = made
        for part in command.split():
            place = place.setdefault(part, {})
        place[name] = setting.value
    return made


def options_of(group: click.Group) -> dict[str, dict[str, click.Option]]:
    """The options of every command, by the command's name and by their long name."""
    found: dict[str, dict[str, click.Option]] = {}
    for name, command in _commands(group):
        options = [item for item in command.params if isinstance(item, click.Option)]
        found[name] = {
            long_name(item): item for item in options if long_name(item) not in _NOT_HERE and not item.is_eager
        }
    return found


def long_name(option: click.Option) -> str:
    """An option's name as it is typed, without dashes."""
    return max(option.opts, key=len).lstrip("-")


def _commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _of_file(group: click.Group, file: Path) -> Iterator[tuple[tuple[str, str], Setting]]:
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{file}: there is no such file; check --config") from None
    except (OSError, UnicodeDecodeError) as why:
        raise UsageError(f"{file}: cannot be read ({getattr(why, 'strerror', None) or 'it is no text'})") from None
    except tomllib.TOMLDecodeError as why:
        raise UsageError(f"{file}: not TOML ({why}); mend the line, or move the file away") from None
    known = options_of(group)
    yield from _everywhere(known, {k: v for k, v in said.items() if not isinstance(v, dict)}, file)
    for command, own in _tables({k: v for k, v in said.items() if isinstance(v, dict)}, known):
        if command not in known:
            raise UsageError(f"{file}: [{command}] is no command; {_near(command, known)}")
        if not isinstance(own, dict):
            table = command.replace(" ", ".")
            raise UsageError(f"{file}: {table} is a command; write its options under [{table}]")
        for name, value in own.items():
            if name not in known[command]:
                raise UsageError(f"{file}: {command} has no option {name!r}; {_near(name, known[command])}")
            yield (command, _key(known[command][name])), Setting(_meant(known[command][name], value, file), file)


def _everywhere(
    known: Mapping[str, Mapping[str, click.Option]], said: Mapping[str, Any], file: Path
) -> Iterator[tuple[tuple[str, str], Setting]]:
    every = {name for options in known.values() for name in options}
    for name, value in said.items():
        if name not in every:
            raise UsageError(f"{file}: no command has an option {name!r}; {_near(name, every)}")
        for command, options in known.items():
            if name in options:
                yield (command, _key(options[name])), Setting(_meant(options[name], value, file), file)


def _tables(said: Mapping[str, Any], known: Iterable[str], before: str = "") -> Iterator[tuple[str, Any]]:
    """Tables by the command that they are for: [user.add] is `user add`."""
    groups = {name.rpartition(" ")[0] for name in known} - {""}
    for name, table in said.items():
        whole = f"{before}{name}"
        if whole in groups and isinstance(table, dict):
            yield from _tables(table, known, f"{whole} ")
        else:
            yield whole, table


def _key(option: click.Option) -> str:
    return option.name or ""


def _meant(option: click.Option, value: Any, file: Path) -> Any:
    """The value as click takes it; paths lie beside the file that names them."""
    if isinstance(value, list) and not option.multiple:
        raise UsageError(f"{file}: {long_name(option)} takes one value, not a list")
    if option.multiple:
        return [_one(option, item, file) for item in (value if isinstance(value, list) else [value])]
    return _one(option, value, file)


def _one(option: click.Option, value: Any, file: Path) -> Any:
    if isinstance(value, str) and (option.type is PATH or (long_name(option) == "store" and "://" not in value)):
        return str(file.parent / Path(value).expanduser())
    if option.type is PATH or isinstance(value, list | dict):
        meant = "a path, as text in quotes" if option.type is PATH else "one word or number"
        raise UsageError(f"{file}: {long_name(option)} is {meant}, not {value!r}")
    if option.is_flag and not isinstance(value, bool):
        raise UsageError(f"{file}: {long_name(option)} is true or false, not {value!r}")
    return value


def _near(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(known))}"


@click.group()
def config() -> None:
    """Options that files set, and where each value comes from."""


@config.command("show")
@click.argument("command", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def show(context: click.Context, command: tuple[str, ...], as_json: bool) -> None:
    """Show every option of a command, or of all, with its value and where that comes from.

    \b
    Examples:
      speechcoach config show batch
      speechcoach config show --json
    """
    root = context.find_root()
    group, settings = root.command, root.obj or {}
    assert isinstance(group, click.Group)
    with usage_errors():
        known = options_of(group)
        wanted = " ".join(command)
        chosen = {name: known[name] for name in known if not wanted or name == wanted or name.startswith(f"{wanted} ")}
        if not chosen:
            raise UsageError(f"{wanted!r} is no command; {_near(wanted, known)}")
    rows = [
        (name, long_name(option), *_value(option, settings.get((name, _key(option)))))
        for name, options in chosen.items()
        for option in options.values()
    ]
    _print_json(rows) if as_json else _print_table(rows)


@config.command("path")
def path() -> None:
    """Print which files are asked, the weakest first; a missing one is marked."""
    for file in (users_file(), Path(HERE).absolute()):
        click.echo(f"{file}{'' if file.is_file() else '  (not there)'}")


def _value(option: click.Option, setting: Setting | None) -> tuple[Any, str]:
    if setting is not None:
        return setting.value, str(setting.file)
    default = option.default if isinstance(option.default, str | int | float | bool) else None
    return default, "default"


def _print_json(rows: Iterable[tuple[str, str, Any, str]]) -> None:
    import json

    keys = ("command", "option", "value", "from")
    click.echo(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=2))


def _print_table(rows: Iterable[tuple[str, str, Any, str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("command", "option", "value", "from", box=None, header_style="bold")
    for command, name, value, source in rows:
        shown = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        table.add_row(command, name, shown, source, style=None if source == "default" else "bold")
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 160).print(table)
