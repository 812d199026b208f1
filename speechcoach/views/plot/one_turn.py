"""A turn under the glass: its pitch in semitones and its level, over the words that were said.

With the frames of the recording, curves of every 10 ms; without, what the result holds: a bar for each inter-pausal
unit, at its median. Pitch is re the speaker's median of the call, level dB re full scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from speechcoach.errors import UsageError
from speechcoach.records import Facts, Frames, Result, Turn, Unit, Word
from speechcoach.views.formats.timeline import clamped, one_line
from speechcoach.views.plot.axes import clock, empty, families, figure, spread, titled
from speechcoach.views.plot.palette import GREY, INK, RULE, VOICES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PER_SECOND_IN, _NARROWEST_IN, _WIDEST_IN = 1.6, 8.0, 24.0
_LETTER_IN, _ROW_IN, _MARGINS_IN = 0.085, 0.24, 1.3  # of words as they are drawn, in 9 points
_AROUND_S = 0.2
_LEAST_ST, _LEAST_DB = 6.0, 12.0


def turn(result: Result, number: int, frames: Frames | None = None) -> Figure:
    """Turn `number`, from 0 as in `result.facts.turns`, as a figure of three panels: pitch, level, words.

    `frames` are those of the same recording. Raises UsageError for a turn that is not there, and without matplotlib.
    """
    facts = clamped(result).facts
    if not 0 <= number < len(facts.turns):
        raise UsageError(f"the call has {len(facts.turns)} turns, numbered from 0: there is no turn {number}")
    shown = facts.turns[number]
    low, high = max(0.0, shown.start_s - _AROUND_S), shown.end_s + _AROUND_S
    width = min(max(_NARROWEST_IN, (high - low) * _PER_SECOND_IN), _WIDEST_IN)
    words = _words(facts, shown)
    rows = _rows(words, (width - _MARGINS_IN) / (high - low))
    made, (pitch, level, said) = figure(width, [1.9, 1.5, _ROW_IN * (max(rows, default=0) + 2)])
    if frames is None:
        units = [unit for unit in facts.units if unit.speaker == shown.speaker and _within(unit, shown)]
        _bars(pitch, shown, units, [unit.pitch_st for unit in units])
        _bars(level, shown, units, [unit.level_db for unit in units])
    else:
        _curves(pitch, level, facts, shown, frames)
    _named(pitch, level, shown, number)
    _written(said, words, rows, [pitch, level])
    clock(said, low, high, digits=1)
    return made


def _words(facts: Facts, shown: Turn) -> list[Word]:
    """The words of the turn that are to be read; what stands on white space alone is left out."""
    own = [word for word in facts.words if word.speaker == shown.speaker and one_line(word.text)]
    return [word for word in own if shown.start_s <= (word.start_s + word.end_s) / 2 <= shown.end_s]


def _within(unit: Unit, shown: Turn) -> bool:
    return unit.start_s < shown.end_s and shown.start_s < unit.end_s


def _curves(pitch: Axes, level: Axes, facts: Facts, shown: Turn, frames: Frames) -> None:
    """Pitch where the voice sounds, level throughout, of the speaker's channel and of this turn alone."""
    channel, voice = facts.call.roles.get(shown.speaker, 0), VOICES.get(shown.speaker, VOICES["mixed"])
    inside = (frames.time_s >= shown.start_s) & (frames.time_s <= shown.end_s)
    time_s, f0_hz = frames.time_s[inside], np.atleast_2d(frames.f0_hz)[channel][inside].astype(np.float64)
    median_hz = _median_hz(facts, shown, f0_hz)
    if median_hz is not None:
        pitch.plot(time_s, 12 * np.log2(f0_hz / median_hz), color=voice.colour, linewidth=2)
    else:
        empty(pitch, "no voice was heard that has a pitch")
    level.plot(time_s, np.atleast_2d(frames.level_db)[channel][inside], color=voice.colour, linewidth=1.2)


def _median_hz(facts: Facts, shown: Turn, f0_hz: np.ndarray) -> float | None:
    """What semitones are counted from: the speaker's median of the call, of the turn where that is not known."""
    voiced = f0_hz[np.isfinite(f0_hz)]
    if not len(voiced):
        return None
    spoken = facts.speakers.get(shown.speaker)
    return spoken.pitch_hz if spoken is not None and spoken.pitch_hz else float(np.median(voiced))


def _bars(panel: Axes, shown: Turn, units: Sequence[Unit], values: Sequence[float | None]) -> None:
    voice = VOICES.get(shown.speaker, VOICES["mixed"])
    known = [(unit, value) for unit, value in zip(units, values, strict=True) if value is not None]
    if not known:
        empty(panel, "not measured")
        return
    starts, ends = [unit.start_s for unit, _ in known], [unit.end_s for unit, _ in known]
    panel.hlines([value for _, value in known], starts, ends, colors=voice.colour, linewidth=4)
    panel.margins(y=0.3)


def _named(pitch: Axes, level: Axes, shown: Turn, number: int) -> None:
    name = VOICES.get(shown.speaker, VOICES["mixed"]).name
    ends = f", ends in a {shown.inflection}" if shown.inflection in ("rise", "fall") else ""
    ends = ", ends level" if shown.inflection == "level" else ends
    titled(pitch, f"{name}, turn {number}{ends}")
    pitch.set_ylabel("pitch, semitones\nre own median", fontsize=9, color=INK)
    level.set_ylabel("level, dB\nre full scale", fontsize=9, color=INK)
    spread(pitch, _LEAST_ST)
    spread(level, _LEAST_DB)
    pitch.axhline(0, color=GREY, linewidth=0.8, linestyle=":")


def _rows(words: Sequence[Word], inches_per_s: float) -> list[int]:
    """The row in which each word has room, from 0: as few rows as the words ask for."""
    ends_in: list[float] = []
    rows = []
    for word in words:
        start_in = word.start_s * inches_per_s
        row = next((row for row, end_in in enumerate(ends_in) if end_in <= start_in), len(ends_in))
        end_in = start_in + _LETTER_IN * (len(one_line(word.text)) + 1)
        ends_in[row:] = [end_in, *ends_in[row + 1 :]]
        rows.append(row)
    return rows


def _written(panel: Axes, words: Sequence[Word], rows: Sequence[int], above: Sequence[Axes]) -> None:
    """Each word where it begins, with a line up through the curves; a doubtful one in italics."""
    for word, row in zip(words, rows, strict=True):
        doubtful = word.probability is not None and word.probability < 0.5
        panel.text(
            word.start_s, row, one_line(word.text), fontsize=9, color=INK, va="center", parse_math=False,
            fontstyle="italic" if doubtful else "normal", fontfamily=families(),
        )  # fmt: skip
        for other in above:
            other.axvline(word.start_s, color=RULE, linewidth=0.8, zorder=0)
    panel.set_ylim(max(rows, default=0) + 0.8, -0.8)
    panel.set_yticks([])
    panel.grid(visible=False)
    panel.spines["left"].set_visible(False)
    if not words:
        empty(panel, "no words: the call was analysed without a transcript")
