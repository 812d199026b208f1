"""A result in the formats of other programs: annotation editors, scoring tools, players, Amazon's call analytics.

`render` gives the whole file as text, and reads the result alone; where a format can carry pitch and level of every
10 ms, it takes the frames too. Every range is clamped to the call, and text stands on one line. What needs a library
of its own says in one sentence what to install. Tables of turns, words and findings are in `tables`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType

from speechcoach.errors import UsageError
from speechcoach.records import Frames, Result
from speechcoach.views.formats.libraries import library


@dataclass(frozen=True, slots=True)
class Format:
    """A format of one file a call: the room that writes it, how its files end, and the library it is written by."""

    room: str
    suffix: str
    library: str | None = None
    frames: bool = False  # whether the frames add anything


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "textgrid": Format("textgrid", ".TextGrid", "praatio"),
        "rttm": Format("rttm", ".rttm"),
        "ctm": Format("ctm", ".ctm"),
        "vtt": Format("vtt", ".vtt", "webvtt"),
        "srt": Format("subrip", ".srt", "srt"),
        "eaf": Format("eaf", ".eaf", "pympi"),
        "contact-lens": Format("contact_lens", ".contact-lens.json", frames=True),
    }
)


def render(result: Result, name: str, frames: Frames | None = None) -> str:
    """The result as a file of the format `name`, one of `FORMATS`; `frames` are those of the same recording.

    Raises UsageError for an unknown format, and where the library that writes it is not installed.
    """
    form = check(name)
    room = import_module(f"{__name__}.{form.room}")
    made = room.render(result, frames) if form.frames else room.render(result)
    return str(made)


def check(name: str) -> Format:
    """The format of that name. Raises UsageError as `render` does."""
    if name not in FORMATS:
        raise UsageError(f"the format must be one of {', '.join(FORMATS)}, not {name!r}")
    form = FORMATS[name]
    if form.library is not None:
        library(form.library)
    return form
