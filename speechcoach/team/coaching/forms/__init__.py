"""The forms about listening, one file a language, and what of the machine's stands beside each dimension.

Conventions: an answer is a whole number from 1 to 7. The ids of dimensions and items are the same in every language; a
test holds the files together. Data lie beside this file as TOML.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

LOWEST, HIGHEST = 1, 7


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence to answer: to the agent's own call, and to somebody else's."""

    id: str
    self: str
    other: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """A side of listening with its items, and the scores that the machine has for it, with the reason."""

    name: str
    title: str
    about: str
    items: tuple[Item, ...]
    scores: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Form:
    """The form in one language; `low` and `high` say what 1 and 7 mean."""

    language: str
    low: str
    high: str
    dimensions: tuple[Dimension, ...]

    @property
    def items(self) -> dict[str, str]:
        """The dimension of each item, by the item's id."""
        return {item.id: dimension.name for dimension in self.dimensions for item in dimension.items}


def form_languages() -> tuple[str, ...]:
    """Languages that have a form."""
    names = (entry.name for entry in resources.files(__name__).iterdir() if entry.name.endswith(".toml"))
    return tuple(sorted(name.removesuffix(".toml") for name in names if name != "machine.toml"))


@cache
def form(language: str = "en") -> Form:
    """The form in a language; in English where there is none in it."""
    code = language if language in form_languages() else "en"
    text, machine = _read(code), _read("machine")["dimension"]
    dimensions = tuple(
        Dimension(
            name,
            table["title"],
            table["about"],
            tuple(Item(**entry) for entry in table["items"]),
            tuple(machine[name]["scores"]),
            machine[name]["why"],
        )
        for name, table in text["dimension"].items()
    )
    return Form(code, text["low"], text["high"], dimensions)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__name__) / f"{name}.toml").read_text("utf-8"))
