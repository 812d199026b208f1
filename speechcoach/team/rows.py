"""What a batch says of a call, and the rows of the store that it becomes; columns are those of `tables`."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from speechcoach import schema
from speechcoach.judgement.phrases import told_to
from speechcoach.records import Facts, Result
from speechcoach.team import tables
from speechcoach.team.review.folding import folded

DONE, FAILED = "done", "failed"
PACKED = 1  # zlib's level: a third larger than the tightest, and eight times as fast


@dataclass(frozen=True, slots=True)
class Meta:
    """What a team knows of a call that the recording does not say."""

    agent: str | None = None
    team: str | None = None
    queue: str | None = None
    recorded_at: datetime | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """How a recording is to be read, where it is unusual.

    `other` is where the other side of a call in two files lies: the customer's, if `named`, else of whom is not known;
    `customer_delay_s` is how much later it begins. `raw` is the coding of a file without a header.
    """

    other: str | None = None
    named: bool = True
    customer_delay_s: float | None = None
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A recording where it lies: its name for people, its size, and a stamp that changes when its content does."""

    uri: str
    name: str
    size: int
    stamp: str
    form: Form = Form()


@dataclass(frozen=True, slots=True)
class Entry:
    """A call to keep: `id` is the sha256 of its file, `key` what made the result; a result, or an error."""

    id: str
    key: str
    found: Found
    meta: Meta = field(default_factory=Meta)
    result: Result | None = None
    error_class: str | None = None
    error: str | None = None
    screening: str | None = None
    screening_why: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What made a kept call, its state, how it was screened, and the class of its error."""

    key: str
    state: str
    screening: str | None
    error_class: str | None


def now() -> datetime:
    """This moment, UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def call_row(entry: Entry) -> dict[str, Any]:
    row = {
        "id": entry.id,
        "uri": entry.found.uri,
        "name": entry.found.name,
        "state": FAILED if entry.result is None else DONE,
        "key": entry.key,
        "error_class": entry.error_class,
        "error": entry.error,
        "screening": entry.screening,
        "screening_why": entry.screening_why,
        "analysed_at": now(),
        **asdict(entry.meta),
    }
    blank = dict.fromkeys(
        ("duration_s", "channels", "roles_from", "transcribed_by", "flags", "strengths", "norms", "rubric")
    )
    return (
        {**row, **blank} if entry.result is None else {**row, **heard(entry.result, entry.meta), **told(entry.result)}
    )


def heard(result: Result, meta: Meta) -> dict[str, Any]:
    call = result.facts.call
    return {
        "language": meta.language or call.language,
        "duration_s": call.duration_s,
        "channels": call.channels,
        "roles_from": call.roles_from,
        "transcribed_by": call.transcribed_by,
    }


def told(result: Result) -> dict[str, Any]:
    """What was found, as everybody may read it."""
    own = [item for item in told_to(result, "qa").findings if item.speaker == "agent"]
    strengths = sum(item.strength for item in own)
    return {
        "flags": len(own) - strengths,
        "strengths": strengths,
        "norms": result.settings.norms,
        "rubric": result.settings.rubric,
    }


def document_row(call_id: str, result: Result) -> dict[str, Any]:
    facts = schema.facts_bytes(result.facts)
    return {"call_id": call_id, "facts": zlib.compress(facts, PACKED), "judged": judged_packed(result)}


def judged_packed(result: Result) -> bytes:
    """The judgement without what is an agent's alone: that is worked out when the agent asks, and kept nowhere."""
    kept = {item.id for item in told_to(result, "qa").findings}
    shared = replace(result, findings=tuple(item for item in result.findings if item.id in kept))
    return zlib.compress(schema.judged_bytes(shared), PACKED)


def finding_rows(call_id: str, result: Result) -> Iterator[dict[str, Any]]:
    same = ("id", "cue", "variant", "speaker", "strength", "value", "unit", "quote", "why", "unless", "source")
    for place, item in enumerate(result.findings):
        yield {
            "call_id": call_id,
            "place": place,
            "start_s": item.spans[0].start_s if item.spans else None,
            "end_s": item.spans[-1].end_s if item.spans else None,
            "threshold_value": item.limit,
            **{name: getattr(item, name) for name in same},
        }


def transcript_rows(call_id: str, facts: Facts) -> Iterator[dict[str, Any]]:
    """The call's words, to be searched; none where nothing was transcribed."""
    if facts.words:
        yield {"call_id": call_id, "words": folded(" ".join(word.text for word in facts.words))}


def speaker_rows(call_id: str, facts: Facts) -> Iterator[dict[str, Any]]:
    for name, voice in facts.speakers.items():
        yield {"call_id": call_id, "speaker": name, **{m: getattr(voice, m) for m in tables.measure_names()}}
