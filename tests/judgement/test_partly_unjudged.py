"""A strong leak in some seconds: overlaps there are neither typed nor flagged, and the call says which seconds.

Truth: scripts with three cut-ins, of which the unjudged seconds cover the second.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from speechcoach.conversation import interpret
from speechcoach.judgement import judge_facts
from speechcoach.judgement.doubts import heard_in, unjudged
from speechcoach.pipeline import judge
from speechcoach.records import Leakage, Span
from speechcoach.schema import from_json, to_json
from speechcoach.views import html, text
from tests.talk import ENGLISH, A, C, Line, talk

CUT = "I ordered it on Monday and then the"
LONG = "I ordered it on Monday, and the parcel came here on Friday."
UNJUDGED = (Span(20.0, 30.0),)


def _call(*unjudged_s: Span):
    lines = []
    for start in (2.0, 22.0, 42.0):
        lines += [Line(C, start, start + 4, CUT, inflection="level"), Line(A, start + 3.6, start + 7, "You must call.")]
    facts = talk(*lines, duration_s=60.0)
    channels = (replace(facts.channels[0], leaks=(Leakage(20.0, 30.0, -11.6, 0.1),)), facts.channels[1])
    return interpret(replace(facts, channels=channels, overlaps_unjudged=unjudged_s), ENGLISH.phrases)


def _judged(facts, cue):
    findings, abstained = judge_facts(facts, ENGLISH)
    return [item for item in findings if item.cue == cue], [item.why for item in abstained if item.cue == cue]


def test_overlaps_are_left_out_where_they_cannot_be_judged():
    whole, part = _call(), _call(*UNJUDGED)
    assert len(whole.overlaps) == 3
    assert [overlap.start_s for overlap in part.overlaps] == [whole.overlaps[0].start_s, whole.overlaps[2].start_s]


def test_the_rest_is_flagged_and_the_seconds_are_named():
    flags, why = _judged(_call(), "interruption")
    assert len(flags) == 3 and why == []
    flags, why = _judged(_call(*UNJUDGED), "interruption")
    assert [round(flag.spans[0].start_s) for flag in flags] == [6, 46]
    assert why == [
        "overlaps were not judged from 20.0 to 30.0 s, 10 s in all: in channel 0 the other side is heard -12 dB from "
        "20.0 to 30.0 s"
    ]
    assert _judged(_call(*UNJUDGED), "butting_in")[1] == why


def test_who_was_heard_out_is_not_known_there():
    lines = [part for at in (0, 20, 40) for part in (Line(C, at + 1, at + 8, LONG), Line(A, at + 9, at + 11, "I see."))]
    facts = talk(*lines, duration_s=60.0)
    assert [item.variant for item in _judged(facts, "interruption")[0]] == ["heard_out"]
    assert _judged(replace(facts, overlaps_unjudged=UNJUDGED), "interruption")[0] == []


@pytest.mark.parametrize("render", [text.render, html.render])
def test_every_view_says_so(render):
    assert "verlaps were not judged from 20.0 to 30.0 s" in " ".join(render(judge(_call(*UNJUDGED))).split())
    assert "not judged from 20.0" not in render(judge(_call()))


def test_it_is_stored_and_an_older_result_has_none():
    result = judge(_call(*UNJUDGED))
    assert from_json(to_json(result)) == result
    assert result.facts.overlaps_unjudged == UNJUDGED
    assert unjudged(_call()) == ""


def test_several_stretches_read_as_a_sentence():
    leaks = (Leakage(0, 20, -14.2, 0.1), Leakage(40, 60, -22, 0.1), Leakage(80, 90, -30.6, 0.1))
    assert heard_in(replace(_call().channels[0], leaks=leaks)) == (
        "heard -14 dB from 0.0 to 20.0 s, -22 dB from 40.0 to 60.0 s and -31 dB from 80.0 to 90.0 s"
    )


@pytest.mark.parametrize("render", [text.render, html.render])
def test_uncertain_roles_are_called_so_in_every_view(render):
    facts = _call()
    why = "roles uncertain: the left channel speaks first (probability 0.62)"
    doubted = judge(replace(facts, call=replace(facts.call, roles_from="speech", roles_why=why)))
    assert "ncertain" in render(doubted)
    assert "ncertain" not in render(judge(facts))
