"""What is known of a recorder's files by its vendor's name (`profiles.toml`): sides, and files that belong together.

A fact that depends on the call, such as who called whom, is no fact about the vendor: then the profile says so, and
the sides are guessed by what is said.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speechcoach.audio.sides import Sides
from speechcoach.records import RolesFrom
from speechcoach.settings import PROFILES, Config, Side

if TYPE_CHECKING:
    from speechcoach.audio.recording import Recording


@dataclass(frozen=True, slots=True)
class Profile:
    """See the head of `profiles.toml`."""

    name: str
    title: str
    why: str
    files: str
    source: str
    read: str
    agent: Side | None = None
    pairs: tuple[tuple[str, str], ...] = ()


def profile(name: str) -> Profile:
    """The profile of that name, one of `PROFILES`."""
    table = _tables()[name]
    pairs = tuple((first, second) for first, second in table.get("pairs", ()))
    return Profile(name, **{**table, "pairs": pairs})


def profiles() -> tuple[Profile, ...]:
    """All of them."""
    return tuple(profile(name) for name in PROFILES)


def paired(paths: Iterable[Path], name: str | None) -> list[Path | Sides]:
    """The recordings in their order, two files of one call as one where the profile says which belong together."""
    paths = list(paths)
    pairs = dict(pairs_of(map(str, paths), name))
    seconds = set(pairs.values())
    return [
        Sides(path, Path(pairs[str(path)]), named=False) if str(path) in pairs else path
        for path in paths
        if str(path) not in seconds
    ]


def pairs_of(names: Iterable[str], profile_name: str | None) -> list[tuple[str, str]]:
    """Which of the names are two files of one call, the one of the left side first."""
    endings = profile(profile_name).pairs if profile_name else ()
    there = set(names)
    found = []
    for name in sorted(there):
        stem, suffix = os.path.splitext(name)
        for first, second in endings:
            other = stem.removesuffix(first) + second + suffix
            if stem.endswith(first) and other in there:
                found.append((name, other))
    return found


def other_half(path: Path) -> str | None:
    """A note on the file beside it that looks like the call's other side; None where there is none."""
    for own in profiles():
        for first, second in own.pairs:
            for one, other in ((first, second), (second, first)):
                mate = path.with_name(path.stem.removesuffix(one) + other + path.suffix)
                if path.stem.endswith(one) and mate.is_file():
                    return f"{mate.name} lies beside it: with --profile {own.name} both are analysed as one call"
    return None


@dataclass(frozen=True, slots=True)
class Known:
    """On which channel the agent is, who says so, and in words why."""

    agent: Side
    source: RolesFrom
    why: str


def known_side(recording: Recording, config: Config) -> Known | None:
    """The agent's channel where the user named the files, or where the vendor writes it on the same one always."""
    if recording.channels != 2:
        return None
    if recording.sides is not None:
        return Known("left", "option", "the agent's file was named") if recording.sides.named else None
    own = profile(config.profile) if config.profile else None
    return Known(own.agent, "metadata", own.why) if own is not None and own.agent else None


def unsided(config: Config) -> str:
    """Why the vendor's profile does not tell the sides; empty where it does, or none was named."""
    own = profile(config.profile) if config.profile else None
    return own.why if own is not None and own.agent is None else ""


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads((resources.files("speechcoach.audio") / "profiles.toml").read_text("utf-8"))
