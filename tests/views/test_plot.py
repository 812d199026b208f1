"""Plots show the numbers of the result, to everybody. Truths: the records; the eye's simulation by Machado et al."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

from speechcoach.errors import UsageError
from speechcoach.judgement.phrases import cue_title
from speechcoach.pipeline import judge
from speechcoach.records import Frames, Result, TrajectoryPoint, Unit, Word
from speechcoach.views import plot
from speechcoach.views.plot import palette
from tests.judgement.calls import busy_call
from tests.talk import talk
from tests.views.formats.results import results

pytest.importorskip("matplotlib", reason="matplotlib is not installed (speechcoach[plot])")

# Machado, Oliveira and Fernandes (2009, IEEE TVCG 15), severity 1, for linear RGB.
SEEN_BY = {
    "all": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
APART = 20.0  # of CIE 1976 L*a*b*; about ten times a difference that is just seen


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB, for the white of D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = to_xyz @ np.clip(rgb, 0, 1) / (to_xyz @ np.ones(3))
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", SEEN_BY)
def test_colours_stay_apart_in_every_eye(eye: str) -> None:
    def seen(colour: str) -> np.ndarray:
        return lab(SEEN_BY[eye] @ linear(colour))

    for first, second in combinations((palette.BLUE, palette.VERMILION, palette.GREY, "#FFFFFF"), 2):
        assert np.linalg.norm(seen(first) - seen(second)) > APART, (first, second)


def test_the_simulation_sees_what_it_should() -> None:
    """The red and the green that deuteranopes confuse are near in theirs, and far in ours."""
    pair = [linear(colour) for colour in ("#A05A00", "#6E7000")]
    far, near = (
        np.linalg.norm(lab(SEEN_BY[eye] @ pair[0]) - lab(SEEN_BY[eye] @ pair[1])) for eye in ("all", "deuteranopia")
    )
    assert near < APART < far


def test_in_grey_shape_and_pattern_tell_what_colour_told() -> None:
    for panel in (palette.OVERLAPS.values(), (palette.FLAG, palette.STRENGTH, palette.CUSTOMERS)):
        shapes = [(mark.marker, mark.filled) for mark in panel]
        assert len(set(shapes)) == len(shapes)
    for trait in ("hatch", "marker", "line", "name"):
        assert len({getattr(voice, trait) for voice in palette.VOICES.values()}) == len(palette.VOICES)


@pytest.mark.parametrize("colour", [palette.INK, palette.GREY])
def test_text_and_lines_stand_out_of_the_paper(colour: str) -> None:
    """WCAG 2.2: 4.5:1 for text, 3:1 for what is drawn."""
    luminance = float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour))
    assert 1.05 / (luminance + 0.05) > (4.5 if colour == palette.INK else 3)


def drawn(figure, kind: str = "png") -> bytes:
    """The figure as a file; warnings are errors here."""
    paper = io.BytesIO()
    figure.savefig(paper, format=kind, dpi=50)
    return paper.getvalue()


def panels(figure) -> dict:
    return {axes.get_title(loc="left"): axes for axes in figure.axes}


def bars(axes) -> set[tuple[float, float]]:
    """Start and end of every bar on the axes that has no label of its own."""
    found = set()
    for collection in axes.collections:
        if not collection.get_label() or collection.get_label().startswith("_"):
            for path in collection.get_paths():
                x = path.vertices[:, 0]
                found.add((round(float(x.min()), 6), round(float(x.max()), 6)))
    return found


def test_a_call_shows_its_turns_overlaps_and_findings(result: Result) -> None:
    figure = plot.call(result)
    by_title = panels(figure)
    assert list(by_title) == [
        "Who speaks",
        "Overlaps",
        "Findings",
        "Articulation, syllables a second",
        "Level, dB re full scale",
    ]
    assert bars(by_title["Who speaks"]) == {(turn.start_s, turn.end_s) for turn in result.facts.turns}
    assert [label.get_text() for label in by_title["Who speaks"].get_yticklabels()] == ["Agent", "Customer"]
    marks = {line.get_label(): line.get_xydata().tolist() for line in by_title["Overlaps"].lines}
    rounded = {kind: [[time_s, round(row)] for time_s, row in places] for kind, places in marks.items()}
    assert rounded == {"backchannel": [[4.6, 0]], "interruption": [[12.5, 1]]}
    assert marks["backchannel"][0][1] % 1 != marks["interruption"][0][1] % 1, "a kind hides no other"
    rows = [label.get_text() for label in by_title["Findings"].get_yticklabels()]
    assert rows == [cue_title(cue) for cue in ("opening_and_closing", "dead_air", "interruption")]
    found = {line.get_label(): line.get_xydata().tolist() for line in by_title["Findings"].lines}
    assert found == {"strength": [[0.5, 0]], "flag": [[6.5, 1]], "customer's side": [[12.5, 2]]}
    assert len(drawn(figure)) > 10_000
    assert drawn(figure, "svg").count(b"<svg") == 1


def test_rate_and_level_are_the_measures_of_each_half_minute() -> None:
    result = judge(busy_call())
    points = tuple(
        TrajectoryPoint(30.0 * i, 30.0 * i + 30, 10.0, *(([150.0 + i, 4.5, 0.0, -24.0 - i]) if i != 2 else [None] * 4))
        for i in range(5)
    )
    voices = {name: replace(voice, trajectory=points) for name, voice in result.facts.speakers.items()}
    by_title = panels(plot.call(replace(result, facts=replace(result.facts, speakers=voices))))
    for title, first in (("Rate, words a minute", 150.0), ("Level, dB re full scale", -24.0)):
        lines = by_title[title].lines
        assert {line.get_label() for line in lines} == {"Agent", "Customer"}
        for line in lines:
            x, y = line.get_xydata().T
            assert x.tolist() == [15.0, 45.0, 75.0, 105.0, 135.0]
            assert y[0] == first and np.isnan(y[2]), "the line breaks where nothing is known"
    low, high = by_title["Level, dB re full scale"].get_ylim()
    assert high - low >= 6, "a decibel looks like a decibel"


def test_a_turn_shows_pitch_in_semitones_level_and_words(result: Result, frames: Frames) -> None:
    """The made voice: 120 Hz times 2 ** (sin t / 6), so 2 sin t semitones re the speaker's 120 Hz."""
    shown = result.facts.turns[0]
    figure = plot.turn(result, 0, frames)
    pitch, level, said = figure.axes
    x, y = pitch.lines[0].get_xydata().T
    assert (x[0], x[-1]) == pytest.approx((shown.start_s, shown.end_s), abs=0.011)
    known = np.isfinite(y)
    assert known.mean() > 0.95
    np.testing.assert_allclose(y[known], 2 * np.sin(x[known]), atol=1e-3)
    inside = (frames.time_s >= shown.start_s) & (frames.time_s <= shown.end_s)
    np.testing.assert_array_equal(level.lines[0].get_ydata(), frames.level_db[0][inside])
    assert [text.get_text() for text in said.texts] == shown.text.split()
    own = [word.start_s for word in result.facts.words if word.speaker == "agent" and word.end_s <= shown.end_s]
    assert [text.get_position()[0] for text in said.texts] == own
    assert pitch.get_title(loc="left") == "Agent, turn 0, ends in a fall"
    assert "semitones" in pitch.get_ylabel() and "dB" in level.get_ylabel()
    assert len(drawn(figure)) > 5000


def test_words_do_not_lie_on_each_other(result: Result, frames: Frames) -> None:
    """Measured by the renderer that draws them."""
    crowded = tuple(Word("agent", 0.5 + i * 0.1, 0.55 + i * 0.1, "incomprehensible", 0.4) for i in range(20))
    figure = plot.turn(replace(result, facts=replace(result.facts, words=crowded)), 0, frames)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[2].texts]
    assert len(boxes) == 20
    assert not any(first.overlaps(second) for first, second in combinations(boxes, 2))


def test_without_frames_a_turn_shows_its_units(result: Result) -> None:
    units = (
        Unit("agent", 0.5, 1.5, 0.8, 4, -22.0, 125.0, 3.0, None, None, None, pitch_st=1.5),
        Unit("agent", 1.8, 3.0, 0.8, 4, -26.0, 115.0, 3.0, None, None, None, pitch_st=-0.5),
        Unit("customer", 3.5, 6.5, 0.8, 4, -20.0, 215.0, 3.0, None, None, None, pitch_st=0.5),
    )
    figure = plot.turn(replace(result, facts=replace(result.facts, units=units)), 0)
    pitch, level, _ = figure.axes
    assert [part.tolist() for part in pitch.collections[0].get_segments()] == [
        [[0.5, 1.5], [1.5, 1.5]],
        [[1.8, -0.5], [3.0, -0.5]],
    ]
    assert [part[0][1] for part in level.collections[0].get_segments()] == [-22.0, -26.0]


def test_what_is_not_there_is_said(result: Result) -> None:
    bare = replace(result.facts, words=(), overlaps=(), unfit={"overlaps": "the channels leak"})
    assert "the channels leak" in [
        t.get_text() for t in panels(plot.call(replace(result, facts=bare)))["Overlaps"].texts
    ]
    said = [text.get_text() for axes in plot.turn(replace(result, facts=bare), 0).axes for text in axes.texts]
    assert said == ["not measured", "not measured", "no words: the call was analysed without a transcript"]
    with pytest.raises(UsageError, match="the call has 5 turns, numbered from 0: there is no turn 5"):
        plot.turn(result, 5)


def test_money_is_no_formula(result: Result) -> None:
    words = (Word("agent", 0.6, 0.9, "$5"), Word("agent", 1.0, 1.4, r"and_\frac$"), Word("agent", 1.5, 1.9, "$^$"))
    call = replace(result.facts.call, file="$x_$y^.wav")
    facts = replace(result.facts, words=words, call=call)
    figure = plot.turn(replace(result, facts=facts), 0)
    assert [text.get_text() for text in figure.axes[2].texts] == ["$5", r"and_\frac$", "$^$"]
    drawn(figure)
    drawn(plot.call(replace(result, facts=facts)))


def test_no_state_is_left_behind(result: Result) -> None:
    before = sys.modules.get("matplotlib.pyplot")
    drawn(plot.call(result))
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is before
    assert pyplot is None or not pyplot.get_fignums()


def test_a_call_in_which_nobody_speaks_is_drawn() -> None:
    drawn(plot.call(judge(talk())))


@settings(max_examples=8, deadline=None)
@given(result=results())
@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
def test_every_result_is_drawn(result: Result) -> None:
    drawn(plot.call(result))
    for number in range(min(2, len(result.facts.turns))):
        drawn(plot.turn(result, number))


def test_a_file_name_that_is_no_text_is_drawn() -> None:
    """Names of files are bytes; what is no UTF-8 comes as lone surrogates, which no font has."""
    result = judge(talk())
    odd = replace(result.facts, call=replace(result.facts.call, file="\ud800 lone\x00.wav"))
    figure = plot.call(replace(result, facts=odd))
    drawn(figure)
    assert figure.get_suptitle() == "lone.wav"
