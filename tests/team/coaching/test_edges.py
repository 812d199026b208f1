"""The voice of the two half-minutes against the rest; truth is the script, in which levels and paces were chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from speechcoach.team.coaching import edge_voice, metrics
from tests.talk import A, C, Line, talk


def spoken(first=None, last=None, rest=None):
    """Three minutes of replies of 5 s; what the first and last half-minute of the agent's voice are instead."""
    lines = []
    for place in range(18):
        at_s = 10.0 * place
        change = first if at_s < 30 else last if at_s >= 150 else rest
        own = Line(A, at_s, at_s + 5, "and this is what we do for you now", syllables_per_s=4.0)
        lines += [replace(own, **(change or {})), Line(C, at_s + 6, at_s + 9, "yes and then")]
    return talk(*lines)


def test_a_quiet_greeting_and_a_fast_goodbye_are_measured():
    found = edge_voice(spoken({"level_db": -29.0}, {"syllables_per_s": 5.0}))
    assert found["first_30_s_level_db"] == pytest.approx(-4.0)
    assert found["first_30_s_articulation_sps"] == pytest.approx(0.0)
    assert found["last_30_s_articulation_sps"] == pytest.approx(1.0)
    assert found["last_30_s_level_db"] == pytest.approx(0.0)
    assert set(found) <= set(metrics())


def test_a_higher_first_half_minute_is_told_in_semitones():
    found = edge_voice(spoken({"pitch_hz": 150.0 * 2 ** (2 / 12)}))
    assert found["first_30_s_pitch_st"] == pytest.approx(2.0, abs=0.01)


def test_too_little_speech_is_not_judged():
    facts = talk(Line(A, 0, 2, "Good morning."), Line(C, 3, 90, "and so on " * 60), Line(A, 91, 93, "Goodbye then."))
    assert set(edge_voice(facts).values()) == {None}


def test_where_nobody_knows_who_speaks_nothing_is_told():
    assert edge_voice(replace(spoken(), unfit={"speakers": "both on one channel"})) == {}
    assert edge_voice(talk(Line(C, 0, 40, "hello " * 40))) == {}
