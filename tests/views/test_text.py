"""The terminal summary: everything is said, in order, and it fits the width."""

from __future__ import annotations

from dataclasses import replace

import pytest

from speechcoach.judgement.phrases import measure
from speechcoach.pipeline import judge
from speechcoach.records import Span
from speechcoach.views import text
from tests.judgement.calls import busy_call
from tests.talk import A, C, Line, talk


@pytest.fixture(scope="module")
def summary() -> str:
    return text.render(judge(busy_call()), width=100)


def test_it_names_the_call_the_scores_the_speakers_and_the_flags_in_this_order(summary):
    places = [
        summary.index(head) for head in ("talk.wav", "Attention", "agent  ", "What went well", "Worth another listen")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width):
    lines = text.render(judge(busy_call()), width=width).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= width


def test_every_flag_is_shown_with_its_number_and_every_cue_with_its_limit_and_its_way_out(summary):
    flat = " ".join(summary.split())
    flags = [finding for finding in judge(busy_call()).findings if not finding.strength]
    for finding in flags:
        assert f"Measured {measure(finding)}" in flat
        assert f"({finding.cue}.{finding.threshold}: {finding.source})" in flat
    kinds = {(finding.cue, finding.variant) for finding in flags}
    assert flat.count("No flag if") == flat.count("Try: ") == len(kinds)


def test_many_moments_of_one_kind_stand_together_and_are_explained_once():
    result = judge(busy_call())
    cut = next(finding for finding in result.findings if finding.cue == "interruption")
    more = [replace(cut, id=f"more-{i}", value=0.6 + i / 100, spans=(Span(50.0 + i, 50.5 + i),)) for i in range(13)]
    shown = " ".join(text.render(replace(result, findings=(*result.findings, *more))).split())
    assert "Interruption 14 times" in shown
    assert shown.count("breathe out once") == 1
    places = [shown.index(f"0:{50 + i}.0 ") for i in range(10)]
    assert places == sorted(places)
    assert all(f"Measured {measure(item)}" in shown for item in more)


def test_scores_that_no_cue_could_judge_are_not_drawn():
    nothing = judge(replace(talk(Line(A, 1, 3), Line(C, 4, 6)), unfit={"speakers": "one channel carries both sides"}))
    summary = text.render(nothing)
    assert "Attention" not in summary
    assert "one channel carries both sides" in summary


def test_there_is_no_colour_and_no_markup_in_plain_text():
    facts = talk(Line(A, 1, 4, "[bold]Hello[/bold] \x1b[31mthere"), Line(C, 5, 8, "[red]Fine[/red] :smile:"))
    assert "\x1b" not in text.render(judge(facts))


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00.0"), (59.96, "1:00.0"), (61.25, "1:01.2"), (3600, "60:00.0")])
def test_the_clock(seconds, shown):
    assert text.clock(seconds) == shown
