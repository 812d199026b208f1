"""What a team knows of its calls beside the recordings: from a manifest, from file names, from options.

A manifest is CSV with a head line, or JSON Lines: one recording a line, `file` relative to the manifest's folder (or an
address), and any of agent, team, queue, recorded_at, language. A pattern reads the same from names:

    {agent}_{queue}_{recorded_at:%Y%m%d-%H%M}.wav

What the manifest says of a call goes before its name, and that before the options, which hold for all.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from speechcoach.errors import SourceError
from speechcoach.team.rows import Meta
from speechcoach.team.tables import META

COLUMNS = ("file", *META)
_FIELD = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
_LONGEST = {"language": 16}  # characters, as the store takes them
_LONGEST_NAME = 200
_EXAMPLE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def read_manifest(path: Path) -> dict[str, Meta]:
    """What the manifest says, by recording: an absolute path, or an address. Raises SourceError, naming the line."""
    rows = _json_rows(path) if path.suffix.casefold() in (".jsonl", ".ndjson", ".json") else _csv_rows(path)
    found: dict[str, Meta] = {}
    for number, row in rows:
        where = f"{path}, line {number}"
        unknown = sorted(set(row) - set(COLUMNS))
        if unknown:
            raise SourceError(f"{where}: unknown column {unknown[0]!r}; the known ones are {', '.join(COLUMNS)}")
        place = _place(where, path, row.get("file"))
        if place in found:
            raise SourceError(f"{where}: {row['file']!r} stands there twice; leave one line of it")
        found[place] = _meta(where, row)
    if not found:
        raise SourceError(f"{path}: the manifest names no recordings; it needs a column 'file' and a line for each")
    return found


def pattern_of(text: str) -> Pattern:
    """The pattern in a readable form. Raises SourceError where it cannot be meant."""
    return Pattern(text)


class Pattern:
    """Reads what a team knows of a call from the name of its file."""

    def __init__(self, text: str) -> None:
        self._formats: dict[str, str | None] = {}
        parts, last = [], 0
        for field in _FIELD.finditer(text):
            name = field[1]
            if name not in META or name in self._formats:
                raise SourceError(f"{text}: {{{name}}} cannot stand there; each of {', '.join(META)} may, once")
            _check_layout(text, name, field[2])
            self._formats[name] = field[2]
            parts += [re.escape(text[last : field.start()]), f"(?P<{name}>.+?)"]
            last = field.end()
        if not self._formats:
            raise SourceError(f"{text}: names no field; write, for example, {{agent}}_{{queue}}.wav")
        self._text, self._reads = text, re.compile("".join([*parts, re.escape(text[last:])]), re.IGNORECASE | re.DOTALL)

    def meta(self, name: str) -> Meta:
        """What the name says; nothing where it does not fit the pattern."""
        fits = self._reads.fullmatch(name)
        if fits is None:
            return Meta()
        values: dict[str, Any] = fits.groupdict()
        if "recorded_at" in values:
            values["recorded_at"] = _moment(values["recorded_at"], self._formats["recorded_at"])
        if len(values.get("language", "")) > _LONGEST["language"]:
            return Meta()  # no name of a language: the name is of another kind
        return Meta(**values)


def laid(*layers: Meta | None) -> Meta:
    """The first that says something of each, in order of what goes before."""
    known = Meta()
    for layer in reversed(layers):
        if layer is not None:
            known = replace(known, **{name: value for name, value in asdict(layer).items() if value is not None})
    return known


def _check_layout(pattern: str, name: str, layout: str | None) -> None:
    """Raise SourceError for a layout that no name could ever fit."""
    if layout is None:
        return
    try:
        if name != "recorded_at":
            raise ValueError("only recorded_at has a layout")
        datetime.strptime(_EXAMPLE.strftime(layout), layout)
    except (ValueError, re.error) as why:
        raise SourceError(
            f"{pattern}: {layout!r} cannot be the layout of {name} ({why}); write, for example, "
            "{recorded_at:%Y%m%d-%H%M}"
        ) from None


def _place(where: str, manifest: Path, file: Any) -> str:
    if not isinstance(file, str) or not file.strip():
        raise SourceError(f"{where}: names no file; the column 'file' must hold a path or an address")
    try:
        return file if "://" in file else str((manifest.parent / file).resolve())
    except (OSError, ValueError, RuntimeError) as why:  # a loop of links, a name that no file can have
        raise SourceError(f"{where}: {file!r} cannot be a file ({why}); check the path") from None


def _meta(where: str, row: Mapping[str, Any]) -> Meta:
    values: dict[str, Any] = {}
    for name in META:
        value = row.get(name)
        if value is None or value == "":
            continue
        longest = _LONGEST.get(name, _LONGEST_NAME)
        if not isinstance(value, str) or len(value) > longest:
            raise SourceError(f"{where}: {name} must be text of at most {longest} characters, not {str(value)[:40]!r}")
        values[name] = value.strip()
    if "recorded_at" in values:
        said = values["recorded_at"]
        values["recorded_at"] = _moment(said, None)
        if values["recorded_at"] is None:
            raise SourceError(f"{where}: recorded_at must be a moment such as 2026-03-01T09:30:00Z, not {said!r}")
    return Meta(**values)


def _moment(text: str, layout: str | None) -> datetime | None:
    """A moment; without a time zone it counts as UTC."""
    try:
        moment = datetime.strptime(text, layout) if layout else datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            for row in reader:
                if None in row or None in row.values():
                    raise SourceError(
                        f"{path}, line {reader.line_num}: has another number of columns than the head line"
                    )
                yield reader.line_num, {name.strip(): value for name, value in row.items()}
    except OSError as why:
        raise SourceError(f"{path}: cannot be read ({why.strerror}); check the path of the manifest") from None
    except (csv.Error, UnicodeDecodeError) as why:
        raise SourceError(f"{path}: not a CSV file in UTF-8 ({why}); export the manifest again") from None


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_text("utf-8-sig").split("\n")  # JSON's strings may hold what else ends a line
    except OSError as why:
        raise SourceError(f"{path}: cannot be read ({why.strerror}); check the path of the manifest") from None
    except UnicodeDecodeError as why:
        raise SourceError(f"{path}: not text in UTF-8 ({why}); export the manifest again") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as why:
            raise SourceError(f"{path}, line {number}: not JSON ({why}); write one recording a line") from None
        if not isinstance(row, dict):
            raise SourceError(
                f'{path}, line {number}: not a table; write one recording a line, such as {{"file": ...}}'
            )
        yield number, row
