"""Overlap typing on scripted events whose kind is known by construction."""

from __future__ import annotations

import pytest

from speechcoach.settings import Norms
from tests.talk import A, C, Line, talk


def kinds(*lines: Line, **options) -> list[tuple[str, str]]:
    return [(event.by, event.kind) for event in talk(*lines, **options).overlaps]


def test_a_long_backchannel_is_no_interruption():
    customer = Line(C, 1, 9, "so I called the garage twice and they told me the part would come on Friday morning.")
    assert kinds(customer, Line(A, 4, 4.8, "Mm-hmm, okay.")) == [(A, "backchannel")]


def test_a_short_overlap_where_the_customer_yields_mid_sentence_is_an_interruption():
    customer = Line(C, 1, 4.4, "I wanted to ask whether you could send it to the", inflection="level")
    agent = Line(A, 4, 8, "You need to fill in the form on our website first.")
    assert kinds(customer, agent) == [(A, "interruption")]


def test_a_cut_in_without_overlap_is_a_silent_interruption():
    customer = Line(C, 1, 4, "and then I went to the shop because", inflection="level")
    agent = Line(A, 4.1, 8, "Have you tried turning it off and on again?")
    assert kinds(customer, agent) == [(A, "silent_interruption")]


def test_a_word_that_the_speaker_takes_up_is_a_completion():
    customer = Line(C, 1, 8, "it was that little thing, the | the adapter, yes, the adapter for the charger.")
    agent = Line(A, 3.2, 3.8, "The adapter?")
    assert kinds(customer, agent) == [(A, "completion")]


def test_a_word_that_the_speaker_confirms_is_a_completion():
    before = Line(C, 1, 4.2, "And what about the paper from the plumber, the, um, the", inflection="level")
    agent, after = Line(A, 4.1, 4.7, "The invoice?"), Line(C, 4.9, 8, "Yes, the in boys, do I send that?")
    assert kinds(before, agent, after)[0] == (A, "completion")


def test_a_word_that_is_repeated_as_a_check_is_a_completion_too():
    customer = Line(C, 1, 8, "it is a 2019 and I bought it | from you, all the way back then.")
    assert kinds(customer, Line(A, 3.2, 3.9, "A 2019.")) == [(A, "completion")]


def test_a_reaction_without_content_is_a_backchannel():
    customer = Line(C, 1, 8, "so then the light went off again and I was so glad to see that.")
    assert kinds(customer, Line(A, 4, 5.2, "Oh, it did. Okay, great.")) == [(A, "backchannel")]


def test_going_on_after_a_breath_while_the_other_starts_is_nobodys_fault():
    agent = [Line(A, 1, 4, "I can walk you through it."), Line(A, 4.7, 5.5, "Does that work for you?")]
    assert kinds(agent[0], Line(C, 4.3, 7, "Yeah, I can do that in one second."), agent[1]) == [(A, "unclear")]


def test_an_abandoned_attempt_is_butting_in_and_a_taken_floor_is_not():
    customer = Line(C, 1, 8, "I have been a customer for ten years and I never had such a problem with you before.")
    assert kinds(customer, Line(A, 3, 3.9, "But did you")) == [(A, "butting_in")]
    cut = Line(C, 1, 3.5, "I have been a customer for ten years and I", inflection="level")
    assert kinds(cut, Line(A, 3, 7, "But did you check the cable before you called us?")) == [(A, "interruption")]


def test_an_overlap_at_the_end_of_a_finished_sentence_is_terminal():
    customer = Line(C, 1, 4.2, "I would like to change my address, please.")
    assert kinds(customer, Line(A, 4, 8, "Of course, what is the new one?")) == [(A, "terminal")]


def test_an_announced_interruption_is_needed():
    customer = Line(C, 1, 4.4, "and the card number is four five six and the", inflection="level")
    agent = Line(A, 4, 8, "Sorry to interrupt, please do not tell me the card number.")
    assert kinds(customer, agent) == [(A, "needed")]


def test_a_pause_filler_in_a_pause_is_no_event():
    before = Line(C, 1, 4, "I had plenty of money in the account")
    after = Line(C, 4.9, 8, "and I had checked it before I left.")
    assert kinds(before, Line(A, 4.1, 4.5, "Um,"), after) == []


def test_turns_that_follow_each_other_are_no_overlaps():
    assert kinds(Line(C, 1, 4, "My card was declined."), Line(A, 4.3, 7, "I am sorry to hear that.")) == []


def test_overlaps_come_in_order_of_time_and_name_who_came_in():
    events = talk(
        Line(A, 0, 6, "Let me tell you about the new tariff that we have for you."),
        Line(C, 2, 2.5, "Okay."),
        Line(C, 4, 4.5, "Mm-hmm."),
        Line(C, 5.8, 9, "That sounds good to me."),
    ).overlaps
    assert [event.start_s for event in events] == sorted(event.start_s for event in events)
    assert {event.by for event in events} == {C}
    assert [event.kind for event in events] == ["backchannel", "backchannel", "terminal"]


@pytest.mark.parametrize("language", ["xx", None])
def test_without_phrases_length_and_who_goes_on_decide_with_less_confidence(language):
    norms = Norms.load(language)
    customer = Line(C, 1, 9, "lorem ipsum dolor sit amet consectetur")
    worded = talk(customer, Line(A, 4, 4.5, "Mm-hmm.")).overlaps[0]
    wordless = talk(customer, Line(A, 4, 4.5, "hai"), norms=norms).overlaps[0]
    assert wordless.kind == worded.kind == "backchannel"
    assert wordless.probability < worded.probability


def test_without_words_a_long_overlap_that_ends_a_turn_is_unclear():
    assert kinds(Line(C, 1, 5), Line(A, 4.2, 8)) == [(A, "unclear")]


def test_gain_and_pitch_do_not_decide():
    customer = Line(C, 1, 4.4, "I wanted to ask whether you could send it to the", level_db=-45, pitch_hz=80)
    agent = Line(A, 4, 8, "You need to fill in the form first.", level_db=-10, pitch_hz=300)
    assert kinds(customer, agent) == [(A, "interruption")]


def test_below_a_reaction_time_a_misheard_last_word_blames_nobody():
    """The same words and voice; on MRDA an overlap below 0.1 s is no more often a cut than none."""
    said = "Okay, thank you so much. I appreciate you trying"
    customer = Line(C, 1, 4, said, inflection="level", release_s=0.11)
    short, long = (
        talk(customer, Line(A, start_s, 7, "You are welcome. Anything else I can do for you today?")).overlaps[0]
        for start_s in (3.92, 3.5)
    )
    assert short.kind == "terminal"
    assert long.kind != "terminal" or long.probability < short.probability


def test_a_missing_full_stop_tells_something_only_where_others_are_written():
    """The same sentence is more likely cut among sentences with marks than in words without any."""
    said, taken = "I called the garage and they told me to wait", "then you have to fill in the form"
    chances = []
    for before in ("My name is Ann.", "my name is ann"):
        lines = Line(C, 0, 1, before), Line(C, 2, 5, said, inflection="level"), Line(A, 4.6, 8, taken)
        event = next(item for item in talk(*lines).overlaps if item.by == A)
        chances.append(event.probability if event.kind == "interruption" else 1 - event.probability)
    assert chances[0] > chances[1] + 0.1


def test_a_short_sound_that_nothing_was_recognised_in_is_likely_listening():
    customer = Line(C, 1, 8, "so then the light went off again and I was so glad to see that.")
    assert kinds(customer, Line(A, 4, 4.5)) == [(A, "backchannel")]


def test_without_words_the_odds_are_those_among_people():
    """What the voice points to is named; that it is likely, the voice alone cannot say (MRDA: 12 to 31 % are cut)."""
    cut = Line(C, 1, 4, inflection="level", release_s=0.0, level_db=-24.0)
    before = Line(C, 9, 12)
    event = talk(cut, Line(A, 4.1, 8), before).overlaps[0]
    assert event.kind == "silent_interruption"
    assert event.probability < 0.5
