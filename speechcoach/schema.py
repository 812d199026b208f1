"""Result <-> JSON; the only room that knows versions of the format.

`schema/result-1.json` (JSON Schema 2020-12) describes version 1. It is made from the records below by
`python -m speechcoach.schema`, and a test fails when the two differ. NaN and None are null; a mapping
keeps its order; unknown keys of a later release of version 1 are ignored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import msgspec

from speechcoach.errors import ResultError
from speechcoach.records import (
    Abstention,
    Call,
    Channel,
    Facts,
    Finding,
    Overlap,
    Pause,
    Result,
    Score,
    Settings,
    Span,
    Turn,
    Unit,
    Voice,
    Window,
    Word,
)

VERSION: Literal[1] = 1
_LONGEST_S = 7 * 24 * 3600.0
_FACTS = [item.name for item in fields(Facts) if item.name != "config"]


@dataclass(frozen=True, slots=True)
class FindingV1(Finding):
    """A finding as it stands in the file: spans are pairs of seconds."""

    spans: tuple[tuple[float, float], ...]  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class ResultV1:
    """The file's layout, key for key."""

    schema: Literal[1]
    speechcoach: str
    call: Call
    settings: Settings
    channels: tuple[Channel, ...]
    words: tuple[Word, ...]
    units: tuple[Unit, ...]
    turns: tuple[Turn, ...]
    overlaps: tuple[Overlap, ...]
    pauses: tuple[Pause, ...]
    windows: tuple[Window, ...]
    speakers: dict[str, Voice]
    unfit: dict[str, str]
    findings: tuple[FindingV1, ...]
    abstained: tuple[Abstention, ...]
    scores: tuple[Score, ...]
    overlaps_unjudged: tuple[Span, ...] = ()


def release() -> str:
    """The installed version of speechcoach."""
    return metadata.version("speechcoach")


def to_json(result: Result) -> str:
    """The result as JSON text of version 1, indented one space a level."""
    return msgspec.json.format(msgspec.json.encode(_to_v1(result)), indent=1).decode() + "\n"


def to_dict(result: Result) -> dict[str, Any]:
    """The result as the builtins that its JSON text reads as."""
    made: dict[str, Any] = json.loads(msgspec.json.encode(_to_v1(result)))
    return made


def from_json(text: str | bytes, name: str = "result") -> Result:
    """A result from JSON text. Raises ResultError, naming the place, where it is not one."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as why:
        raise ResultError(f"{name}: not a speechcoach result (not JSON: {why}); name a .json file it wrote") from None
    _check_version(content, name)
    try:
        v1 = msgspec.convert(content, ResultV1)
        _check_sense(v1.call)
        findings = tuple(_finding_from_v1(finding) for finding in v1.findings)
    except (ValueError, RecursionError) as why:  # msgspec.ValidationError is a ValueError
        raise ResultError(f"{name}: a damaged speechcoach result ({why}); analyse the recording again") from None
    facts = Facts(config=v1.settings.config, **{key: getattr(v1, key) for key in _FACTS})
    return Result(facts, v1.settings, findings, v1.abstained, v1.scores)


def _check_sense(call: Call) -> None:
    """Raise ValueError where the call could not have been."""
    if call.channels not in (1, 2) or not all(0 <= channel < call.channels for channel in call.roles.values()):
        raise ValueError(f"{call.channels} channels and the roles {dict(call.roles)} do not fit")
    if not 0 < call.duration_s < _LONGEST_S:
        raise ValueError(f"a call does not last {call.duration_s} s")


@dataclass(frozen=True, slots=True)
class _Judged:
    """What judging made of facts, as a store keeps it beside them."""

    settings: Settings
    findings: tuple[FindingV1, ...]
    abstained: tuple[Abstention, ...]
    scores: tuple[Score, ...]


def facts_bytes(facts: Facts) -> bytes:
    """The facts alone, as compact JSON: a result of version 1 without its judgement."""
    return msgspec.json.encode(_to_v1(Result(facts, Settings(facts.config, "", ""))))


def judged_bytes(result: Result) -> bytes:
    """What judging made of the facts, as compact JSON: the keys of version 1."""
    findings = tuple(_finding_to_v1(finding) for finding in result.findings)
    return msgspec.json.encode(_Judged(result.settings, findings, result.abstained, result.scores))


def facts_of(stored: bytes, name: str = "facts") -> Facts:
    """The facts out of what `facts_bytes` made. Raises ResultError where they are damaged."""
    v1 = _decoded(stored, ResultV1, name)
    return Facts(config=v1.settings.config, **{key: getattr(v1, key) for key in _FACTS})


def result_of(facts: bytes, judged: bytes, name: str = "result") -> Result:
    """The result out of what `facts_bytes` and `judged_bytes` made. Raises ResultError where they are damaged."""
    told = _decoded(judged, _Judged, name)
    findings = tuple(_finding_from_v1(finding) for finding in told.findings)
    return Result(facts_of(facts, name), told.settings, findings, told.abstained, told.scores)


def _decoded(stored: bytes, kind: type[Any], name: str) -> Any:
    try:
        return msgspec.json.decode(stored, type=kind)
    except ValueError as why:  # msgspec.DecodeError is a ValueError
        raise ResultError(f"{name}: a damaged speechcoach result ({why}); analyse the recording again") from None


def load(path: Path | str) -> Result:
    """The result in the file `path`, as it was when it was written."""
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise ResultError(f"{path}: cannot be read (not a file); name a .json file that speechcoach wrote")
        text = path.read_bytes()
    except OSError as why:
        raise ResultError(f"{path}: cannot be read ({why.strerror}); check the path") from None
    return from_json(text, str(path))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of version 1, from the records and their docstrings."""
    made = json.loads(json.dumps(msgspec.json.schema(ResultV1)).replace("FindingV1", "Finding"))
    for record in made["$defs"].values():
        record["required"] = list(record["properties"])  # what is written is written whole
        for named in record["properties"].values():
            named.pop("default", None)
    root = made["$defs"].pop("ResultV1")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:speechcoach:result-1",
        "title": "speechcoach result, version 1",
        "description": "Times are seconds of the call, levels dB re full scale, pitch in semitones re the speaker's "
        "median unless the name ends in _hz; unknown is null. Keys may be added in version 1, none is dropped.",
        **{key: value for key, value in root.items() if key not in ("title", "description")},
        "$defs": made["$defs"],
    }


def _check_version(content: Any, name: str) -> None:
    if not isinstance(content, dict) or "schema" not in content:
        raise ResultError(f"{name}: not a speechcoach result (no key 'schema'); name a .json file that it wrote")
    if content["schema"] != VERSION:
        raise ResultError(
            f"{name}: a result of version {content['schema']!r}, and this release reads version {VERSION}; "
            "install a newer speechcoach, or analyse the recording again"
        )


def _to_v1(result: Result) -> ResultV1:
    facts = {name: getattr(result.facts, name) for name in _FACTS}
    facts |= {name: dict(facts[name]) for name in ("speakers", "unfit")}
    return ResultV1(
        schema=VERSION,
        speechcoach=release(),
        settings=result.settings,
        findings=tuple(_finding_to_v1(finding) for finding in result.findings),
        abstained=result.abstained,
        scores=result.scores,
        **facts,
    )


def _finding_to_v1(finding: Finding) -> FindingV1:
    values = {item.name: getattr(finding, item.name) for item in fields(Finding)}
    return FindingV1(**values | {"spans": tuple((span.start_s, span.end_s) for span in finding.spans)})


def _finding_from_v1(finding: FindingV1) -> Finding:
    values = {item.name: getattr(finding, item.name) for item in fields(Finding)}
    return Finding(**values | {"spans": tuple(Span(*pair) for pair in finding.spans)})


if __name__ == "__main__":
    target = Path(__file__).parent / "schema" / "result-1.json"
    target.write_text(json.dumps(json_schema(), indent=1) + "\n", "utf-8")
