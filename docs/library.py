"""The reference of the library, from signatures and docstrings of the public names.

Conventions: docstrings are Markdown, with NumPy's heads in a few ("Parameters" and a line of dashes under it). Own
work instead of Sphinx's autodoc, because that reads docstrings as reStructuredText, and because the page can so be
read where the source lies.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from importlib import import_module
from typing import Any

import speechcoach

_HEAD = """# Library

*For engineers.* The names that may be relied on; everything else may move. Records are frozen, times are seconds from
the start of the recording, levels dB, unknown is `None` in a record and NaN in an array. Whatever a user can cause is a
[`SpeechcoachError`](#errors) whose text says what to do. To begin, follow [the tutorial](../tutorial.md).
"""
SECTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "A call": tuple(("speechcoach", name) for name in ("analyze", "measure", "judge", "load", "to_json", "to_pandas")),
    "Settings": tuple(("speechcoach", name) for name in ("Config", "Norms", "Rubric", "Sides")),
    "The voice alone": (
        ("speechcoach.features", "extract"),
        ("speechcoach.features", "extract_blocks"),
        ("speechcoach.features", "measure_spans"),
        ("speechcoach.features", "SpanVoice"),
        ("speechcoach.records", "Frames"),
    ),
    "Records": tuple(
        ("speechcoach.records", name)
        for name in (
            *("Result", "Finding", "Abstention", "Score", "Settings", "Facts", "Call", "Channel", "Leakage", "Word"),
            *("Unit", "Turn", "Act", "ZScores", "Overlap", "Pause", "Window", "Voice", "TrajectoryPoint", "LevelRise"),
            "Span",
        )
    ),
    "Views": (
        ("speechcoach.views.text", "render"),
        ("speechcoach.views.html", "render"),
        ("speechcoach.views.formats", "render"),
        ("speechcoach.views.dataframes", "frames_to_pandas"),
        ("speechcoach.views.plot", "call"),
        ("speechcoach.views.plot", "turn"),
    ),
}
_HEADS = re.compile(r"^(Parameters|Returns|Raises|Yields|Notes|Examples)\n-+\n", re.MULTILINE)
_NOTE = re.compile(r"^    (\w+): [^#\n]*#\s*(.+)$", re.MULTILINE)  # a field, and the comment behind it
_ITEM = re.compile(r"^(\*{0,2}\w+) : (.+)\n((?: {4}.*\n?)*)", re.MULTILINE)


def pages() -> dict[str, str]:
    """The one page."""
    parts = [_HEAD]
    for title, names in SECTIONS.items():
        parts += [f"## {title}\n", *(entry(module, name) for module, name in names)]
    return {"reference/library.md": "\n".join([*parts, _errors()])}


def undocumented() -> set[str]:
    """Public names of the package that no section shows."""
    return set(speechcoach.__all__) - {name for names in SECTIONS.values() for _, name in names} - {"SpeechcoachError"}


def entry(module: str, name: str) -> str:
    """One public name: how it is called or made, and what it says of itself."""
    thing = getattr(import_module(module), name)
    path = f"{module}.{name}"
    if dataclasses.is_dataclass(thing):
        return f"### {path}\n\n{prose(thing.__doc__)}\n\n{_fields(thing)}\n{_methods(thing)}"
    return f"### {path}\n\n```python\n{_signature(name, thing)}\n```\n\n{prose(thing.__doc__)}\n"


def prose(doc: str | None) -> str:
    """A docstring as Markdown: NumPy's heads as bold words, their items as a list."""
    text = _HEADS.sub(r"**\1**\n\n", inspect.cleandoc(doc or ""))
    return _ITEM.sub(lambda item: f"- `{item[1]}` ({item[2]}): {' '.join(item[3].split())}\n", text).rstrip()


def _signature(name: str, function: Any) -> str:
    line = f"{name}{inspect.signature(function)}".replace("'", "")
    if len(line) <= 100:
        return line
    inside = inspect.signature(function)
    parts = [f"    {part}," for part in _parts(inside)]
    return "\n".join([f"{name}(", *parts, f") -> {_type(inside.return_annotation)}"])


def _parts(signature: inspect.Signature) -> list[str]:
    """Parameters as they are written, with the bare star before the first that needs its name."""
    parts, starred = [], False
    for item in signature.parameters.values():
        if item.kind is item.KEYWORD_ONLY and not starred:
            parts, starred = [*parts, "*"], True
        starred = starred or item.kind is item.VAR_POSITIONAL
        parts.append(str(item).replace("'", ""))
    return parts


def _fields(record: Any) -> str:
    notes = dict(_NOTE.findall(inspect.getsource(record)))
    rows = [
        f"| `{item.name}` | `{_type(item.type)}` | {_default(item)} | {notes.get(item.name, '')} |"
        for item in dataclasses.fields(record)
        if item.init
    ]
    return "\n".join(["| field | type | default | note |", "|---|---|---|---|", *rows, ""])


def _type(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return text.replace("|", "\\|")


def _default(item: dataclasses.Field[Any]) -> str:
    if item.default_factory is not dataclasses.MISSING:
        return "empty"
    return "" if item.default is dataclasses.MISSING else f"`{item.default!r}`"


def _methods(record: Any) -> str:
    """Public methods and properties that say what they do."""
    own = {name: item for name, item in vars(record).items() if not name.startswith("_")}
    told = []
    for name, item in own.items():
        function = item.__func__ if isinstance(item, classmethod) else item
        if (not isinstance(item, property) and not inspect.isfunction(function)) or not function.__doc__:
            continue
        called = name if isinstance(item, property) else f"{name}{_bound(function)}"
        told.append(f"- `{called}`: {' '.join(prose(function.__doc__).split())}")
    return "\n".join([*told, ""]) if told else ""


def _bound(function: Any) -> str:
    signature = inspect.signature(function)
    own = list(signature.parameters.values())[1:]
    return str(signature.replace(parameters=own)).replace("'", "")


def _errors() -> str:
    doc = inspect.cleandoc(import_module("speechcoach.errors").__doc__ or "")
    said, tree = doc.split("\n\n", 1)
    return f"## Errors\n\n{said}\n\n```text\n{tree}\n```\n\n`from speechcoach.errors import …`\n"
