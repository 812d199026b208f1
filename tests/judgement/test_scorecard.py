"""Scores: every lost point has its finding, and what was not judged is not scored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from speechcoach.judgement import judge_facts, listen_first, score_call
from speechcoach.judgement.phrases import explain, score_title
from speechcoach.records import Abstention, Finding, Span
from speechcoach.settings import Rubric, ScoreRule
from tests.judgement.calls import busy_call
from tests.talk import ENGLISH

RUBRIC = Rubric("test", {"a": ScoreRule("A", {"x": 20, "y": 50}, {"x": 30})})


def flag(cue: str, place: int = 0, **other) -> Finding:
    made = Finding(f"{cue}-{place}", cue, "agent", (), 1.0, 0.5, "s", "", "it had not been")
    return replace(made, **other)


@pytest.mark.parametrize(
    ("findings", "score", "because"),
    [
        ([], 100, ()),
        ([flag("x")], 80, ("x-0",)),
        ([flag("x", i) for i in range(4)], 70, ("x-0", "x-1", "x-2", "x-3")),
        ([flag("x"), flag("y"), flag("y", 1)], 0, ("x-0", "y-0", "y-1")),
        ([flag("x", strength=True), flag("y", speaker="customer"), flag("z")], 100, ()),
        ([flag("y", unit="probability", value=0.6)], 70, ("y-0",)),
        ([flag("x", i, unit="probability", value=0.75) for i in range(3)], 70, ("x-0", "x-1", "x-2")),
    ],
    ids=[
        "nothing",
        "one",
        "at most",
        "never below zero",
        "strengths, customers and other cues are free",
        "what is 60 % sure costs 60 %",
        "at most, whatever the doubts",
    ],
)
def test_points_are_lost_to_named_flags(findings, score, because):
    (scored,) = score_call(findings, [], RUBRIC)
    assert (scored.score, scored.because) == (score, because)


def test_no_score_rests_on_a_cue_without_a_price():
    rubric = Rubric("test", {"a": ScoreRule("A", {"x": 20, "free": 0})})
    (told,) = score_call([flag("x"), flag("free")], [], rubric)
    assert (told.score, told.because) == (80, ("x-0",))
    (silent,) = score_call([flag("free")], [Abstention("x", "why")], rubric)
    assert (silent.score, silent.without) == (None, ("x",))
    (whole,) = score_call([], [Abstention("free", "why")], rubric)
    assert (whole.score, whole.without) == (100, ())


def test_what_abstained_is_named_and_what_was_wholly_silent_is_not_scored():
    (partly,) = score_call([flag("x")], [Abstention("y", "why")], RUBRIC)
    assert (partly.score, partly.without) == (80, ("y",))
    (silent,) = score_call([], [Abstention("x", "why"), Abstention("y", "why")], RUBRIC)
    assert (silent.score, silent.without) == (None, ("x", "y"))


def test_taking_a_finding_away_gives_its_points_back():
    findings, abstained = judge_facts(busy_call(), ENGLISH)
    rubric = Rubric.load()
    before = {score.name: score for score in score_call(findings, abstained, rubric)}
    for score in before.values():
        if score.score is not None and score.score < 100:
            kept = [finding for finding in findings if finding.id not in score.because]
            after = {item.name: item.score for item in score_call(kept, abstained, rubric)}
            assert after[score.name] == 100


def test_what_to_listen_to_first_is_dear_sure_and_of_different_kinds():
    here = (Span(1.0, 2.0),)
    findings = [
        flag("x", spans=here),
        flag("y", 0, unit="probability", value=0.3, spans=here),
        flag("y", 1, unit="probability", value=0.9, spans=here),
        flag("y", 2, unit="probability", value=0.95, spans=here, speaker="customer"),
        flag("x", 3, variant="none", spans=here),
        flag("z", strength=True, spans=here),
    ]
    assert [item.id for item in listen_first(findings, RUBRIC)] == ["y-1", "x-0"]


def test_titles_are_for_people():
    assert score_title("opening_and_closing") == "Opening and closing"
    assert score_title("of_our_own") == "Of our own"


def test_the_agent_is_addressed_and_qa_is_told():
    finding = next(f for f in judge_facts(busy_call(), ENGLISH)[0] if f.cue == "raised_voice" and not f.strength)
    assert explain(finding, "qa").happened.startswith("The agent's voice rose 10 dB above their own calm level")
    assert explain(finding, "agent").happened.startswith("Your voice rose 10 dB above your own calm level")
    assert "above_calm_level_db" in explain(finding).norm
