"""What a team knows of its calls beside the recordings: from a manifest, from file names, from options.

A manifest is CSV with a head line, or JSON Lines: one recording a line, `file` relative to the manifest's folder (or an
address), and any of agent, team, queue, recorded_at, language. In place of `file` a call in two files has `agent_file`
and `customer_file`, and perhaps `customer_delay_s`; one without a header has `raw`, such as ulaw:8000:1. A pattern
reads what a team knows from names:

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

from speechcoach.audio.headerless import raw_of
from speechcoach.errors import SettingsError, SourceError
from speechcoach.settings import Config
from speechcoach.team.rows import Form, Meta
from speechcoach.team.tables import META

SIDES = ("agent_file", "customer_file")
COLUMNS = ("file", *META, *SIDES, "customer_delay_s", "raw")
_FIELD = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
_LONGEST = {"language": 16}  # characters, as the store takes them
_LONGEST_NAME = 200
_EXAMPLE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def read_manifest(path: Path) -> dict[str, Meta]:
    """What the manifest says, by recording: an absolute path, or an address. Raises SourceError, naming the line."""
    found: dict[str, Meta] = {}
    for where, row in _rows(path):
        place = _place(where, path, row, "agent_file" if row.get("agent_file") else "file")
        if place in found:
            name = row.get("file") or row.get("agent_file")
            raise SourceError(f"{where}: {name!r} stands there twice; leave one line of it")
        found[place] = _meta(where, row)
    if not found:
        raise SourceError(f"{path}: the manifest names no recordings; it needs a column 'file' and a line for each")
    return found


def read_forms(path: Path) -> dict[str, Form]:
    """How the recordings are to be read, of those of which the manifest says so, by the place of `read_manifest`."""
    forms: dict[str, Form] = {}
    for where, row in _rows(path):
        if any(row.get(name) for name in SIDES):
            if row.get("file") or not all(row.get(name) for name in SIDES):
                raise SourceError(f"{where}: a call is one 'file', or has both 'agent_file' and 'customer_file'")
            place, other = (_place(where, path, row, name) for name in SIDES)
            forms[place] = Form(other, True, _delay(where, row.get("customer_delay_s")), _raw(where, row.get("raw")))
        elif row.get("raw"):
            forms[_place(where, path, row, "file")] = Form(raw=_raw(where, row["raw"]))
    return forms


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where a line stands, in words, and what it says by column."""
    rows = _json_rows(path) if path.suffix.casefold() in (".jsonl", ".ndjson", ".json") else _csv_rows(path)
    for number, row in rows:
        where = f"{path}, line {number}"
        unknown = sorted(set(row) - set(COLUMNS))
        if unknown:
            raise SourceError(f"{where}: unknown column {unknown[0]!r}; the known ones are {', '.join(COLUMNS)}")
        yield where, row


def _raw(where: str, form: Any) -> str | None:
    if not form:
        return None
    try:
        return str(raw_of(str(form)))
    except SettingsError as why:
        raise SourceError(f"{where}: {why}") from None


def _delay(where: str, text: Any) -> float | None:
    if text is None or text == "":
        return None
    try:
        return Config(customer_delay_s=float(text)).customer_delay_s
    except (SettingsError, TypeError, ValueError):
        raise SourceError(f"{where}: customer_delay_s must be a number of seconds, not {str(text)[:40]!r}") from None


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


def _place(where: str, manifest: Path, row: Mapping[str, Any], column: str) -> str:
    file = row.get(column)
    if not isinstance(file, str) or not file.strip():
        raise SourceError(f"{where}: names no file; the column {column!r} must hold a path or an address")
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
