"""Turns, pauses and offsets of scripted conversations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from speechcoach.conversation import floor_transfers
from speechcoach.conversation.turns import endings
from speechcoach.records import Span
from tests.talk import A, C, Line, talk


def floor(facts):
    return [(turn.speaker, turn.start_s, turn.end_s) for turn in facts.turns if not turn.inserted]


def test_a_backchannel_inside_a_turn_does_not_cut_it():
    facts = talk(
        Line(C, 1, 6, "I called on Monday and then I called on Tuesday"),
        Line(A, 4, 4.5, "Uh-huh."),
        Line(C, 6.4, 9, "and nobody could tell me anything."),
    )
    assert floor(facts) == [(C, 1, 9)]
    assert [turn.text for turn in facts.turns if turn.inserted] == ["Uh-huh."]


def test_a_backchannel_in_a_pause_does_not_cut_the_turn_either():
    facts = talk(Line(C, 1, 4, "I called on Monday,"), Line(A, 4.2, 4.6, "Mm-hmm."), Line(C, 4.9, 8, "and on Tuesday."))
    assert floor(facts) == [(C, 1, 8)]


def test_yes_after_a_question_is_an_answer_and_takes_the_floor():
    facts = talk(
        Line(A, 1, 4, "Is that your address?"), Line(C, 4.3, 4.7, "Yes."), Line(A, 5.0, 8, "Then I will send it.")
    )
    assert [speaker for speaker, *_ in floor(facts)] == [A, C, A]


def test_a_long_silence_ends_a_turn():
    facts = talk(Line(A, 1, 4, "One moment please."), Line(A, 9, 12, "Thank you for waiting."))
    assert floor(facts) == [(A, 1, 4), (A, 9, 12)]


def test_words_go_to_the_turn_in_which_they_were_said():
    facts = talk(Line(A, 1, 4, "one two three"), Line(C, 3.5, 6, "four five six"))
    assert [turn.text for turn in facts.turns] == ["one two three", "four five six"]
    assert [turn.words for turn in facts.turns] == [3, 3]


def test_offsets_are_signed_and_skip_backchannels():
    facts = talk(
        Line(A, 1, 4, "What is your number?"),
        Line(C, 4.5, 8, "It is one two three four."),
        Line(A, 6, 6.4, "Mm-hmm."),
        Line(A, 7.8, 10, "Thank you, I have found it."),
    )
    assert [offset_s for *_, offset_s in floor_transfers(facts.turns)] == [0.5, -0.2]


def test_silences_are_typed_by_length_music_and_who_speaks_next():
    facts = talk(
        Line(A, 1, 3, "Tell me more about it"),
        Line(A, 3.5, 5, "if you can remember it."),
        Line(C, 5.6, 8, "It was on Monday."),
        Line(A, 12, 14, "Now I have it."),
        Line(A, 24, 26, "Here I am again."),
        music=[Span(14.5, 23.5)],
    )
    assert [(pause.kind, pause.start_s, pause.end_s) for pause in facts.pauses] == [
        ("pause", 3, 3.5),
        ("gap", 5, 5.6),
        ("dead_air", 8, 12),
        ("hold", 14, 24),
    ]
    assert facts.pauses[3].music


def test_a_wait_that_was_announced_is_a_hold_until_the_agent_speaks_again():
    facts = talk(
        Line(A, 1, 4, "Bear with me while I look that up."),
        Line(C, 8, 8.5, "Sure."),
        Line(A, 14, 16, "Here it is."),
        Line(C, 20, 22, "Good to know."),
    )
    assert [(pause.kind, pause.announced) for pause in facts.pauses] == [
        ("hold", True),
        ("hold", True),
        ("dead_air", False),
    ]


def test_without_words_nothing_is_known_of_announcements():
    assert [pause.announced for pause in talk(Line(A, 1, 4), Line(C, 9, 12)).pauses] == [None]


@st.composite
def conversations(draw):
    lines, start_s = [], 0.5
    for speaker in draw(st.lists(st.sampled_from([A, C]), max_size=12)):
        length_s = draw(st.floats(0.2, 5.0))
        lines.append(
            Line(
                speaker,
                round(start_s, 2),
                round(start_s + length_s, 2),
                draw(st.sampled_from(["", "okay", "so then I"])),
            )
        )
        start_s = max(start_s + 0.01, start_s + length_s + draw(st.floats(-1.5, 4.0)))
    own_end = {A: 0.0, C: 0.0}
    return [
        line
        for line in lines
        if line.start_s > own_end[line.speaker] + 0.2 and not own_end.update({line.speaker: line.end_s})
    ]


@given(conversations())
def test_every_unit_lies_in_a_turn_and_no_silence_holds_speech(lines):
    facts = talk(*lines)
    for unit in facts.units:
        own = [turn for turn in facts.turns if turn.speaker == unit.speaker]
        assert any(turn.start_s <= unit.start_s and unit.end_s <= turn.end_s for turn in own)
        assert not any(unit.start_s < pause.end_s and pause.start_s < unit.end_s for pause in facts.pauses)
    assert sum(turn.words for turn in facts.turns) == len(facts.words)
    assert list(facts.turns) == sorted(facts.turns, key=lambda turn: (turn.start_s, turn.end_s))


def test_ends_of_turns_are_counted_with_questions_apart():
    facts = talk(
        Line(A, 1, 4, "How long did it take?", inflection="rise"),
        Line(C, 4.5, 8, "It took a whole week.", inflection="rise"),
        Line(A, 8.5, 12, "Was it the cable? I had that here as well.", inflection="fall"),
        Line(C, 12.5, 16, "That is what he said.", inflection="level"),
    )
    assert endings(facts.turns, A) == {
        True: {"rise": 1, "level": 0, "fall": 0},
        False: {"rise": 0, "level": 0, "fall": 1},
    }
    assert endings(facts.turns, C)[False] == {"rise": 1, "level": 1, "fall": 0}
