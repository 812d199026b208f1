"""Praat itself reads what was written. Truth: the result; the reader is Praat, through parselmouth."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from speechcoach.records import Frames, Result
from speechcoach.views import formats
from speechcoach.views.formats import praat_tiers
from speechcoach.views.formats.timeline import SPEECH, clamped, one_line
from tests.views.formats.results import results

pytest.importorskip("praatio", reason="praatio is not installed (speechcoach[formats])")
parselmouth = pytest.importorskip("parselmouth", reason="parselmouth is not installed")


def tiers(text: str, folder: Path) -> dict[str, list[tuple[float, float, str]]]:
    """What Praat sees, by tier: intervals that have a label, and points as intervals of no length."""
    path = folder / "read.TextGrid"
    path.write_text(text, "utf-8")
    grid, ask = parselmouth.read(str(path)), parselmouth.praat.call
    assert isinstance(grid, parselmouth.TextGrid)
    return {
        ask(grid, "Get tier name", n): list(_items(grid, n)) for n in range(1, 1 + ask(grid, "Get number of tiers"))
    }


def _items(grid, tier: int):
    ask = parselmouth.praat.call
    if not ask(grid, "Is interval tier", tier):
        for n in range(1, 1 + int(ask(grid, "Get number of points", tier))):
            time_s = ask(grid, "Get time of point", tier, n)
            yield time_s, time_s, ask(grid, "Get label of point", tier, n)
        return
    before = 0.0
    for n in range(1, 1 + ask(grid, "Get number of intervals", tier)):
        start_s, end_s = (ask(grid, f"Get {edge} time of interval", tier, n) for edge in ("start", "end"))
        assert start_s == before < end_s, "intervals of Praat join without gaps"
        before = end_s
        if label := ask(grid, "Get label of interval", tier, n):
            yield start_s, end_s, label
    assert before == ask(grid, "Get end time")


def of_kind(read: dict[str, list], name: str) -> Counter:
    """The items of a kind, over the tiers that it was spread on."""
    own = [
        item
        for tier, items in read.items()
        if tier == name or tier.startswith((f"{name} ", f"{name},"))
        for item in items
    ]
    return Counter((round(start_s, 6), round(end_s, 6), text) for start_s, end_s, text in own)


def wanted(items) -> Counter:
    return Counter((round(start_s, 6), round(end_s, 6), text) for start_s, end_s, text in items)


@settings(max_examples=60, deadline=None)
@given(result=results())
def test_praat_reads_every_item_with_its_time_and_its_text(result: Result, tmp_path_factory) -> None:
    read = tiers(formats.render(result, "textgrid"), tmp_path_factory.mktemp("grid"))
    facts = clamped(result).facts
    assert all(part.end_s <= facts.call.duration_s for part in facts.turns + facts.words + facts.overlaps)
    for speaker in ("agent", "customer", "mixed"):
        turns = [turn for turn in facts.turns if turn.speaker == speaker]
        words = [word for word in facts.words if word.speaker == speaker and one_line(word.text)]
        assert of_kind(read, f"{speaker} turns") == wanted(
            (turn.start_s, turn.end_s, one_line(turn.text) or SPEECH) for turn in turns
        )
        assert of_kind(read, f"{speaker} words") == wanted((w.start_s, w.end_s, one_line(w.text)) for w in words)
        assert len(of_kind(read, f"{speaker} voice")) <= len(turns)
        spans = [span for item in clamped(result).findings if item.speaker == speaker for span in item.spans]
        assert sum(of_kind(read, f"{speaker} findings").values()) == len(spans)
    assert of_kind(read, "overlaps") == wanted((o.start_s, o.end_s, f"{o.by}: {o.kind}") for o in facts.overlaps)
    assert of_kind(read, "pauses") == wanted((p.start_s, p.end_s, p.kind) for p in facts.pauses)
    whole = [item for item in result.findings if not item.spans]
    assert sum(of_kind(read, "call findings").values()) == bool(whole)


def test_the_tiers_of_a_call_stand_in_one_order(result: Result, tmp_path: Path) -> None:
    """Cutting in without overlap is a point; the voice is told in the names of the result."""
    cut_in = replace(result.facts.overlaps[0], start_s=9.0, end_s=9.0, by="agent", kind="silent_interruption")
    facts = replace(result.facts, overlaps=(*result.facts.overlaps, cut_in))
    read = tiers(formats.render(replace(result, facts=facts), "textgrid"), tmp_path)
    assert list(read) == [
        *(f"{speaker} {kind}" for speaker in ("agent", "customer") for kind in ("turns", "words", "voice")),
        "overlaps",
        "overlaps, moments",
        "pauses",
        "agent findings",
        "customer findings",
    ]
    assert read["overlaps, moments"] == [(9.0, 9.0, "agent: silent_interruption")]
    assert read["agent findings"] == [(0.5, 3.0, "+opening_and_closing.good_opening"), (6.5, 10.5, "dead_air")]
    assert read["agent voice"][0][2] == (
        "pitch_hz=120.0 pitch_range_st=5.0 level_db=-24.0 rate_wpm=180.0 articulation_sps=4.8 inflection=fall"
    )


def test_praat_reads_pitch_and_level_beside_the_grid(result: Result, frames: Frames, tmp_path: Path) -> None:
    leaking = np.where(np.isnan(frames.f0_hz), np.float32(99), frames.f0_hz)  # the other side is heard throughout
    frames = replace(frames, f0_hz=leaking)
    made = praat_tiers.render(frames, result.facts)
    assert set(made) == {f".{who}.{kind}" for who in ("agent", "customer") for kind in ("PitchTier", "IntensityTier")}
    ask = parselmouth.praat.call
    spoken = [(turn.start_s, turn.end_s) for turn in result.facts.turns if turn.speaker == "customer"]
    known = np.zeros(len(frames.time_s), bool)
    for start_s, end_s in spoken:
        known |= (frames.time_s >= start_s) & (frames.time_s <= end_s)
    for kind, column, above in (("PitchTier", frames.f0_hz, 0.0), ("IntensityTier", frames.level_db, 93.979)):
        path = tmp_path / f"call.{kind}"
        path.write_text(made[f".customer.{kind}"], "utf-8")
        tier, wanted_at = parselmouth.read(str(path)), np.flatnonzero(known)
        assert ask(tier, "Get end time") == result.facts.call.duration_s
        assert ask(tier, "Get number of points") == len(wanted_at)
        for place in (0, len(wanted_at) // 2, len(wanted_at) - 1):
            assert ask(tier, "Get time from index", place + 1) == pytest.approx(frames.time_s[wanted_at[place]])
            value = ask(tier, "Get value at index", place + 1)
            assert value == pytest.approx(column[1][wanted_at[place]] + above, abs=2e-3)


def test_the_level_is_on_the_scale_of_praat(tmp_path: Path) -> None:
    """Truth: Praat's own intensity of the same sine, of amplitude 0.1."""
    from speechcoach.features import extract

    rate_hz = 8000
    sine = 0.1 * np.sin(2 * np.pi * 200 * np.arange(2 * rate_hz) / rate_hz)
    level_db = float(np.median(extract(sine.astype(np.float32), rate_hz).level_db)) + praat_tiers.PRAAT_DB
    theirs = parselmouth.Sound(sine, rate_hz).to_intensity(subtract_mean=False)
    assert level_db == pytest.approx(float(np.median(theirs.values)), abs=0.1)
