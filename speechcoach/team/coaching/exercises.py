"""Drills: a short exercise for each skill, from `drills/<language>.toml`, and the right one for a weakness.

Conventions: a behaviour that can be the weakest (a priced cue) is answered by exactly one drill, every score by at
least one, and the drills are the same in every language; a test holds the files to it. An unknown key is an error
that lists the known ones.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from importlib import resources
from typing import Any

from speechcoach.errors import SettingsError

_HOUSE = "speechcoach"
_HEADS = {"do", "why", "friend", "recorder", "progress", "minutes"}


@dataclass(frozen=True, slots=True)
class Drill:
    """One exercise; its parts are those of the file, `minutes` is a round of it, `heads` names the parts for people."""

    name: str
    title: str
    skill: str
    cues: tuple[str, ...]
    shows: tuple[str, ...]
    do: str
    why: str
    friend: str
    recorder: str
    minutes: int
    progress: str
    source: str = ""
    heads: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Drills:
    """The drills of one language, by name."""

    language: str
    listed: Mapping[str, Drill]

    def for_cue(self, cue: str) -> Drill | None:
        """The drill that answers a behaviour."""
        return next((drill for drill in self.listed.values() if cue in drill.cues), None)

    def for_score(self, score: str) -> Drill | None:
        """The first drill of a score."""
        return next((drill for drill in self.listed.values() if drill.skill == score), None)


def drill_languages() -> tuple[str, ...]:
    """Languages that have drills."""
    names = (entry.name for entry in (resources.files(_HOUSE) / "drills").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def drills(language: str = "en") -> Drills:
    """The drills in a language, in English where there are none in it."""
    code = language if language in drill_languages() else "en"
    name = f"drills/{code}.toml"
    return parsed(code, name, (resources.files(_HOUSE) / name).read_text("utf-8"))


def parsed(language: str, name: str, text: str) -> Drills:
    """Drills from the text of a file. Raises SettingsError, naming the file, the drill and the known keys."""
    try:
        table = tomllib.loads(text)
    except ValueError as why:
        raise SettingsError(f"{name}: not a readable TOML file ({why}); mend it") from None
    _known(name, table, {"drill", "heads"}, {"drill", "heads"})
    heads = table["heads"]
    _known(f"{name}: [heads]", heads, _HEADS, _HEADS)
    listed = table["drill"].items()
    return Drills(language, {key: _drill(f"{name}: [drill.{key}]", key, own, heads) for key, own in listed})


def _drill(where: str, key: str, table: Any, heads: Mapping[str, str]) -> Drill:
    own = [item for item in fields(Drill) if item.name not in ("name", "heads")]
    _known(where, table, {item.name for item in own}, {item.name for item in own if item.default is MISSING})
    for item in own:
        value = table.get(item.name, "")
        kind = {"int": int, "tuple[str, ...]": list}.get(str(item.type), str)
        if type(value) is not kind or not (value or item.name in ("shows", "source")):
            raise SettingsError(f"{where}: {item.name} must be a {kind.__name__} with something in it, not {value!r}")
    return Drill(
        key, heads=heads, **{name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    )


def _known(where: str, table: Any, known: set[str], needed: set[str]) -> None:
    given = set(table) if isinstance(table, dict) else set()
    for key in sorted(given - known):
        raise SettingsError(f"{where}: unknown key {key!r}; the known ones are {', '.join(sorted(known))}")
    for key in sorted(needed - given):
        raise SettingsError(f"{where}: {key} is missing; it needs {', '.join(sorted(needed))}")
