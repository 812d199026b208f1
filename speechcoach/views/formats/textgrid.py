"""TextGrid, the annotation file of Praat: what was said, how, and what was found, under the waveform.

Tiers: turns, words and voice of each speaker (pitch, level and rate as `name=value`), overlaps, pauses, findings. An
interval tier of Praat has no overlaps of its own: where items of one kind overlap, the later ones go to a second tier,
"agent findings 2". What has no length, such as cutting in without overlap, stands in a point tier, "overlaps, moments".
Times are written to a microsecond.

Source: Praat manual, "TextGrid file formats" (Boersma and Weenink). Written by praatio.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from speechcoach.records import Result
from speechcoach.views.formats.libraries import library
from speechcoach.views.formats.scratch import written
from speechcoach.views.formats.timeline import Item, Track, clamped, layers, tracks

_DIGITS = 6  # of a second


def render(result: Result) -> str:
    """The TextGrid as text in the long form. Raises UsageError where praatio is not installed."""
    textgrid = library("praatio.textgrid")
    end_s = round(result.facts.call.duration_s, _DIGITS)
    grid = textgrid.Textgrid(0.0, end_s)
    for track in tracks(clamped(result)):
        for tier in _tiers(textgrid, track, end_s):
            grid.addTier(tier, reportingMode="error")
    if not len(grid):  # Praat opens no grid without a tier
        grid.addTier(textgrid.IntervalTier("turns", [], 0.0, end_s))
    return written(lambda path: grid.save(path, "long_textgrid", True, reportingMode="error"), "call.TextGrid")


def _tiers(textgrid: Any, track: Track, end_s: float) -> Iterator[Any]:
    items = [Item(_time(item.start_s, end_s), _time(item.end_s, end_s), item.text) for item in track.items]
    for row, kept in enumerate(layers([item for item in items if item.start_s < item.end_s])):
        entries = [(item.start_s, item.end_s, item.text) for item in kept]
        yield textgrid.IntervalTier(_numbered(track.name, row), entries, 0.0, end_s)
    for row, points in enumerate(_rows([item for item in items if item.start_s == item.end_s])):
        moments = [(item.start_s, item.text) for item in points]
        yield textgrid.PointTier(_numbered(f"{track.name}, moments", row), moments, 0.0, end_s)


def _time(time_s: float, end_s: float) -> float:
    return min(round(float(time_s), _DIGITS), end_s)


def _rows(points: Sequence[Item]) -> list[list[Item]]:
    """Points of one moment in different tiers: Praat keeps one point a moment."""
    rows: list[list[Item]] = []
    for point in points:
        row = next((row for row in rows if row[-1].start_s < point.start_s), None)
        if row is None:
            rows.append([point])
        else:
            row.append(point)
    return rows


def _numbered(name: str, row: int) -> str:
    return name if row == 0 else f"{name} {row + 1}"
