"""RTTM and CTM, read by strict parsers written here from NIST's descriptions (RT-09 plan, appendix A; SCTK infmts)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings

from speechcoach.records import Result
from speechcoach.transcript.imports import ctm as reader
from speechcoach.views import formats
from speechcoach.views.formats.timeline import clamped, one_line
from tests.views.formats.results import results

_TIME = r"(\d+\.\d{3})"
_RTTM = re.compile(rf"SPEAKER (\S+) ([12]) {_TIME} {_TIME} <NA> <NA> (\S+) <NA> <NA>")
_CTM = re.compile(rf"(\S+) ([AB]) {_TIME} {_TIME} (\S+)(?: (0\.\d{{3}}|1\.000|NA))?(?: lex (\S+))?")


def parsed(pattern: re.Pattern[str], text: str) -> list[tuple[str, ...]]:
    assert text == "" or text.endswith("\n")
    found = [pattern.fullmatch(line) for line in text.split("\n")[:-1]]
    assert all(found), text
    return [match.groups() for match in found if match]


@settings(max_examples=80, deadline=None)
@given(result=results())
def test_rttm_is_every_unit_that_has_a_length_in_order(result: Result) -> None:
    lines = parsed(_RTTM, formats.render(result, "rttm"))
    facts = clamped(result).facts
    assert len({line[0] for line in lines}) <= 1
    assert [float(line[2]) for line in lines] == sorted(float(line[2]) for line in lines)
    read = Counter((line[4], int(line[1]) - 1, line[2], f"{float(line[2]) + float(line[3]):.3f}") for line in lines)
    assert read == Counter(
        (unit.speaker, facts.call.roles[unit.speaker], f"{round(unit.start_s, 3):.3f}", f"{round(unit.end_s, 3):.3f}")
        for unit in facts.units
        if round(unit.start_s * 1000) < round(unit.end_s * 1000)
    )
    assert all(float(line[3]) > 0 and float(line[2]) + float(line[3]) <= facts.call.duration_s + 5e-4 for line in lines)


def test_rttm_without_units_is_the_turns(result: Result) -> None:
    assert not result.facts.units
    lines = parsed(_RTTM, formats.render(result, "rttm"))
    assert [(line[4], float(line[2])) for line in lines] == [(t.speaker, t.start_s) for t in result.facts.turns]
    assert lines[0] == ("call", "1", "0.500", "2.500", "agent")


@settings(max_examples=80, deadline=None)
@given(result=results())
def test_ctm_is_every_word_in_order_of_channel_and_time(result: Result) -> None:
    lines = parsed(_CTM, formats.render(result, "ctm"))
    facts = clamped(result).facts
    order = [(line[1], float(line[2])) for line in lines]
    assert order == sorted(order)
    side = {name: "AB"[channel] for name, channel in facts.call.roles.items()}
    assert Counter((line[1], line[4]) for line in lines) == Counter(
        (side[word.speaker], part) for word in facts.words for part in one_line(word.text).split()
    )
    whole = {(side[w.speaker], round(w.start_s * 1000), one_line(w.text)) for w in facts.words}
    single = {key for key in whole if key[2] and " " not in key[2]}
    assert single <= {(line[1], round(float(line[2]) * 1000), line[4]) for line in lines}


@settings(max_examples=20, deadline=None)
@given(result=results(speakers=("mixed",)))
def test_of_one_channel_ctm_says_who(result: Result) -> None:
    lines = parsed(_CTM, formats.render(result, "ctm"))
    assert all(line[6] == "mixed" and line[5] is not None for line in lines)


def test_two_voices_on_one_channel_are_named(result: Result) -> None:
    """Where they were told apart by their voices, both are on channel A."""
    call = replace(result.facts.call, roles={"agent": 0, "customer": 0}, channels=1)
    lines = parsed(_CTM, formats.render(replace(result, facts=replace(result.facts, call=call)), "ctm"))
    assert {(line[1], line[6]) for line in lines} == {("A", "agent"), ("A", "customer")}


def test_what_is_written_is_read_again_as_a_transcript(result: Result) -> None:
    """By this package's own reader of CTM."""
    document = reader.read(formats.render(result, "ctm"), "call")
    assert document.channel_of == {"A": 0, "B": 1}
    for speaker, label in (("agent", "A"), ("customer", "B")):
        read = [word for part in document.segments if part.label == label for word in part.words]
        own = [word for word in result.facts.words if word.speaker == speaker]
        assert [word.text for word in read] == [word.text for word in own]
        assert [word.probability for word in read] == [word.probability for word in own]
        assert [word.start_s for word in read] == pytest.approx([word.start_s for word in own], abs=6e-4)
        assert [word.end_s for word in read] == pytest.approx([word.end_s for word in own], abs=1.1e-3)
