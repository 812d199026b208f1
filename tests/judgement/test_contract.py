"""What every cue in the folder must do, whatever it sees; the folder is the list."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest

from speechcoach.judgement import all_cues, judge_facts
from speechcoach.judgement.cue import Need
from speechcoach.judgement.phrases import explain, why_not
from speechcoach.records import Facts
from speechcoach.settings import Norms, Rubric
from tests.judgement.calls import BUSY, busy_call
from tests.judgement.voiced import VOICED, voiced_call
from tests.talk import A, C, Line, shifted, talk

CUES = all_cues()
ALL_ON = Norms.load("en", Path(__file__).parent / "all_on.toml")
EMPTY = talk()
ONLY_AGENT = talk(Line(A, 1, 9, "Hello, is anybody there? I can not hear you."))
ONLY_CUSTOMER = talk(Line(C, 1, 9, "Hello, is anybody there? I can not hear you."))


def judged(facts: Facts, name: str, norms: Norms = ALL_ON):
    findings, abstained = judge_facts(facts, norms)
    return [f for f in findings if f.cue == name], [a for a in abstained if a.cue == name]


def test_the_folder_holds_the_cues_of_the_first_release():
    assert set(CUES) >= {
        "interruption", "slow_response", "dead_air", "monologue", "talk_share", "fast_speech", "monotone",
        "raised_voice", "paraphrase", "check_question", "empathy", "opening_and_closing",
    }  # fmt: skip


def call_with(name: str) -> Facts:
    """A scripted call in which the cue has something to see."""
    return voiced_call() if name in VOICED else busy_call()


@pytest.mark.parametrize("name", CUES)
class TestEveryCue:
    def test_says_what_it_sees_why_it_matters_and_where_it_comes_from(self, name):
        for head in ("What it sees:", "Why it matters:", "Source:"):
            assert head in CUES[name].__doc__

    def test_has_a_frozen_norm_whose_shipped_values_have_a_source(self, name):
        norm = CUES[name].Norm
        assert is_dataclass(norm)
        assert norm.__dataclass_params__.frozen
        numbers = {item.name: item.default for item in fields(norm) if item.type != "tuple[str, ...]"}
        shipped = Norms.load(None).thresholds[name]
        assert {key: entry.value for key, entry in shipped.items()} == pytest.approx(numbers)
        assert all(len(entry.source) > 5 for entry in shipped.values())

    def test_explains_and_advises_for_the_same_variants(self, name):
        assert CUES[name].EXPLAIN.keys() == CUES[name].ADVICE.keys()

    def test_abstains_on_an_empty_call(self, name):
        findings, abstained = judged(EMPTY, name)
        assert findings == []
        assert [item.why for item in abstained] == ["nobody speaks in the recording"]

    @pytest.mark.parametrize("facts", [ONLY_AGENT, ONLY_CUSTOMER], ids=["agent only", "customer only"])
    def test_flags_no_agent_for_a_conversation_that_did_not_happen(self, name, facts):
        findings, _ = judged(facts, name)
        assert not [f for f in findings if f.speaker == A and not f.strength]

    def test_abstains_where_what_it_needs_is_missing(self, name):
        needs = CUES[name].NEEDS
        assert needs, f"{name} says nothing about what it needs"
        for need in needs - {Need.PHRASES, Need.WORDS}:
            findings, abstained = judged(replace(call_with(name), unfit={need.value: "not to be told"}), name)
            assert findings == []
            assert [item.why for item in abstained] == ["not to be told"]

    def test_without_a_transcript_abstains_if_it_needs_words(self, name):
        facts = replace(call_with(name), words=(), unfit={"transcript": "it was switched off"})
        _, abstained = judged(facts, name)
        if Need.WORDS in CUES[name].NEEDS:
            assert [item.why for item in abstained] == ["it was switched off"]

    def test_in_a_language_without_phrases_abstains_if_it_needs_them(self, name):
        _, abstained = judged(call_with(name), name, Norms.load("xx"))
        if Need.PHRASES in CUES[name].NEEDS:
            assert ["'xx'" in item.why for item in abstained] == [True]

    def test_a_later_clock_moves_the_findings_and_nothing_else(self, name):
        before, after = judged(call_with(name), name)[0], judged(shifted(call_with(name), 100.0), name)[0]
        assert [(f.variant, f.value, f.quote) for f in before] == [(f.variant, f.value, f.quote) for f in after]
        starts = [[round(span.start_s + 100, 2) for span in f.spans] for f in before]
        assert starts == [[round(span.start_s, 2) for span in f.spans] for f in after]

    def test_findings_are_sorted_inside_the_call_and_told_apart(self, name):
        facts = call_with(name)
        findings, _ = judged(facts, name)
        assert [f.spans[0] for f in findings] == sorted(f.spans[0] for f in findings)
        assert all(0 <= span.start_s <= span.end_s <= facts.call.duration_s for f in findings for span in f.spans)
        assert len({f.id for f in findings}) == len(findings)

    def test_every_finding_names_its_threshold_and_reads_as_a_sentence(self, name):
        for finding in judged(call_with(name), name)[0]:
            assert finding.threshold in {item.name for item in fields(CUES[name].Norm)}
            assert finding.source
            for audience in ("qa", "agent"):
                said = explain(finding, audience)
                for text in (said.happened, said.norm, said.unless, said.advice):
                    assert re.match(r"[A-Z]", text), text
                    assert text.rstrip()[-1] in '.?!"', text
                    assert not re.search(r"[{}]|\bnan\b|\bNone\b", text), text
            assert "the agent" not in explain(finding, "agent").happened.lower()

    @pytest.mark.parametrize(
        "facts",
        [EMPTY, ONLY_AGENT, ONLY_CUSTOMER, busy_call(), voiced_call()],
        ids=["empty", "agent", "customer", "busy", "voiced"],
    )
    def test_addresses_the_agent_in_good_english(self, name, facts):
        findings, abstained = judged(facts, name)
        told = [explain(finding, "agent") for finding in findings]
        texts = [text for said in told for text in (said.happened, said.unless)]
        texts += [why_not(item, "agent") for item in abstained]
        assert not [text for text in texts if re.search(r"\b[Yy]ou (has|does|is|was|speaks|answers)\b", text)]


def test_the_scripted_calls_show_every_cue():
    shown = [{f.cue for f in judge_facts(facts, ALL_ON)[0]} for facts in (busy_call(), voiced_call())]
    assert shown[0] >= set(BUSY)
    assert shown[1] >= set(VOICED)
    assert shown[0] | shown[1] == set(BUSY) | set(VOICED) == set(CUES)


def test_the_shipped_rubric_prices_every_cue():
    rubric = Rubric.load()
    rubric.check_cues(tuple(CUES))
    assert {cue for rule in rubric.scores.values() for cue in rule.costs} == set(CUES)
