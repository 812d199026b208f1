"""EAF, the annotation file of ELAN: the tiers of the TextGrid, each with its participant, linked to the recording.

Annotations of one tier do not overlap in ELAN: where items of one kind do, the later ones go to a second tier, "agent
findings 2". ELAN has no annotation without length: what has none lasts a millisecond here.

Source: Max Planck Institute for Psycholinguistics, "ELAN Annotation Format (EAF)", version 2.8. Written by pympi-ling.
"""

from __future__ import annotations

from datetime import UTC, datetime
from mimetypes import guess_type
from typing import Any
from urllib.parse import quote

from speechcoach.records import Call, Result
from speechcoach.views.formats.libraries import library
from speechcoach.views.formats.scratch import written
from speechcoach.views.formats.timeline import Item, Track, clamped, layers, milliseconds, tracks

_AUTHOR = "speechcoach"
_MIMES = {"audio/wav": "audio/x-wav"}  # as ELAN names it


def render(result: Result) -> str:
    """The document as text, times to a millisecond. Raises UsageError where pympi-ling is not installed."""
    elan = library("pympi.Elan")
    document = elan.Eaf(author=_AUTHOR)
    document.adocument["DATE"] = datetime.now(UTC).isoformat(timespec="seconds")  # pympi's own errs by half an hour
    document.remove_tier("default")
    _link(document, result.facts.call)
    last_ms = max(1, milliseconds(result.facts.call.duration_s))
    for track in tracks(clamped(result)):
        _add(document, track, last_ms)
    if not document.tiers:  # ELAN opens none without a tier
        document.add_tier("turns")
    _order(document)
    return written(lambda path: elan.to_eaf(path, document), "call.eaf")


def _link(document: Any, call: Call) -> None:
    """The recording, by its name: ELAN looks for it beside the document."""
    kind = guess_type(call.file)[0] or "unknown"
    name = quote(call.file.encode("utf-8", "replace"))
    document.add_linked_file(f"file:///{name}", f"./{name}", _MIMES.get(kind, kind))


def _add(document: Any, track: Track, last_ms: int) -> None:
    for row, items in enumerate(layers([_lasting(item, last_ms) for item in track.items])):
        name = track.name if row == 0 else f"{track.name} {row + 1}"
        document.add_tier(name, part=track.speaker)
        for item in items:
            document.add_annotation(name, int(item.start_s), int(item.end_s), item.text)


def _order(document: Any) -> None:
    """Time slots in order of time, as the format has them; pympi leaves them in the order of their making."""
    slots = sorted(document.timeslots.items(), key=lambda slot: slot[1])
    names = {old: f"ts{number}" for number, (old, _) in enumerate(slots, 1)}
    document.timeslots = {names[old]: time_ms for old, time_ms in slots}
    for aligned, *_ in document.tiers.values():
        aligned.update({key: (names[a], names[b], *rest) for key, (a, b, *rest) in aligned.items()})


def _lasting(item: Item, last_ms: int) -> Item:
    """The item in milliseconds, one long at least, and inside the call."""
    start, end = milliseconds(item.start_s), milliseconds(item.end_s)
    end = min(max(end, start + 1), last_ms)
    return Item(min(start, end - 1), end, item.text)
