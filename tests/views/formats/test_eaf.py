"""ELAN's format, read by pympi and by an XML parser that knows no ELAN. Truth: the result."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from speechcoach.records import Result
from speechcoach.views import formats
from speechcoach.views.formats.timeline import SPEECH, clamped, one_line
from tests.views.formats.results import results

Elan = pytest.importorskip("pympi.Elan", reason="pympi-ling is not installed (speechcoach[formats])")


def read(text: str, folder: Path) -> dict[str, list[tuple[int, int, str]]]:
    path = folder / "read.eaf"
    path.write_text(text, "utf-8")
    document = Elan.Eaf(str(path))
    return {name: document.get_annotation_data_for_tier(name) for name in document.get_tier_names()}


def milliseconds(part, last_ms: int) -> tuple[int, int]:
    """A range lasts a millisecond at least, and ends with the call."""
    start, end = round(part.start_s * 1000), round(part.end_s * 1000)
    end = min(max(end, start + 1), last_ms)
    return min(start, end - 1), end


def of_kind(tiers: dict[str, list], name: str) -> Counter:
    return Counter(
        item[:3] for tier, items in tiers.items() if tier == name or tier.startswith(f"{name} ") for item in items
    )


@settings(max_examples=60, deadline=None)
@given(result=results())
def test_every_item_is_read_with_its_time_and_its_text(result: Result, tmp_path_factory) -> None:
    text = formats.render(result, "eaf")
    tiers, facts = read(text, tmp_path_factory.mktemp("eaf")), clamped(result).facts
    last_ms = max(1, round(facts.call.duration_s * 1000))
    for speaker in ("agent", "customer", "mixed"):
        assert of_kind(tiers, f"{speaker} turns") == Counter(
            (*milliseconds(t, last_ms), one_line(t.text) or SPEECH) for t in facts.turns if t.speaker == speaker
        )
        assert of_kind(tiers, f"{speaker} words") == Counter(
            (*milliseconds(w, last_ms), one_line(w.text))
            for w in facts.words
            if w.speaker == speaker and one_line(w.text)
        )
    assert of_kind(tiers, "overlaps") == Counter(
        (*milliseconds(o, last_ms), f"{o.by}: {o.kind}") for o in facts.overlaps
    )
    for items in tiers.values():
        ordered = sorted(items)
        assert all(before[1] <= after[0] for before, after in pairwise(ordered)), "no overlaps"


@settings(max_examples=40, deadline=None)
@given(result=results())
def test_the_document_is_what_the_schema_asks_for(result: Result) -> None:
    """EAF 2.8: what must be there, unique names, references that lead somewhere."""
    root = ElementTree.fromstring(formats.render(result, "eaf"))
    order = ["HEADER", "TIME_ORDER", *["TIER"] * len(root.findall("TIER")), "LINGUISTIC_TYPE"]
    assert [part.tag for part in root][: len(order)] == order
    assert root.find("TIER") is not None
    assert {"DATE", "AUTHOR", "VERSION", "FORMAT"} <= set(root.attrib)
    slots = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE")) for slot in root.iter("TIME_SLOT")}
    assert len(slots) == len(list(root.iter("TIME_SLOT")))
    assert list(slots.values()) == sorted(slots.values()), "the order of the slots is that of time"
    notes = list(root.iter("ALIGNABLE_ANNOTATION"))
    assert len({note.get("ANNOTATION_ID") for note in notes}) == len(notes)
    assert all(slots[note.get("TIME_SLOT_REF1")] < slots[note.get("TIME_SLOT_REF2")] for note in notes)
    types = {kind.get("LINGUISTIC_TYPE_ID") for kind in root.findall("LINGUISTIC_TYPE")}
    assert {tier.get("LINGUISTIC_TYPE_REF") for tier in root.findall("TIER")} <= types
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    assert media.get("MEDIA_URL").startswith("file:///") and " " not in media.get("MEDIA_URL")


def test_each_tier_says_whose_it_is(result: Result) -> None:
    root = ElementTree.fromstring(formats.render(result, "eaf"))
    whose = {tier.get("TIER_ID"): tier.get("PARTICIPANT") for tier in root.findall("TIER")}
    assert whose["customer turns"] == whose["customer findings"] == "customer"
    assert whose["overlaps"] is None
    assert root.find("HEADER/MEDIA_DESCRIPTOR").get("RELATIVE_MEDIA_URL") == "./call.wav"
    assert root.find("HEADER/MEDIA_DESCRIPTOR").get("MIME_TYPE") == "audio/x-wav"
