"""Acts that only context tells: questions without marks, acknowledgements, restatements. Truth: what the lines say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from speechcoach.conversation import interpret
from speechcoach.conversation.context import longest_run, without_repetitions
from speechcoach.conversation.phrasebook import phrasebook
from speechcoach.conversation.scales import scales
from speechcoach.settings import Norms
from tests.talk import ENGLISH, A, C, Line, talk

STORY = Line(
    C, 1, 12, "My router keeps losing the connection every evening. I called twice and they told me to restart it."
)


def told(*lines: Line) -> list[dict[str, object]]:
    """For each turn its acts by kind."""
    return [{act.kind: act for act in turn.acts} for turn in talk(*lines).turns]


@pytest.mark.parametrize(
    "text", ["Where do you live", "do you have the order number", "how long have you been waiting"]
)
def test_a_question_needs_no_mark(text):
    asked, _ = told(Line(A, 1, 4, text), Line(C, 4.5, 6, "since Monday"))
    assert "question" in asked


def test_a_statement_with_no_mark_is_no_question():
    (said,) = told(Line(A, 1, 5, "I have sent the form to your address."))
    assert "question" not in said


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("What happened then?", "open_question"),
        ("About how many calls have you made?", "open_question"),
        ("Tell me what happened, would you?", "open_question"),
        ("Do you know what happened?", "closed_question"),
        ("When you restarted it, did it work?", "closed_question"),
        ("You know what I mean?", "closed_question"),
    ],
)
def test_open_and_closed_are_told_by_form(text, form):
    asked, _ = told(Line(A, 1, 4, text), Line(C, 4.5, 6, "Yes."))
    assert {kind for kind in asked if kind in ("open_question", "closed_question")} == {form}


def test_a_second_question_before_an_answer_is_stacked():
    asked, _ = told(Line(A, 1, 6, "What is your name? Where do you live?"), Line(C, 6.5, 8, "Oak Street."))
    assert asked["stacked_question"].text == "Where do you live?"


def test_the_same_word_listens_while_the_other_tells_and_answers_what_was_asked():
    listening = told(
        STORY, Line(A, 12.2, 12.6, "Uh-huh."), Line(C, 13, 20, "And then it stopped altogether last night.")
    )
    assert "backchannel" in listening[1]
    answering = told(Line(A, 1, 4, "Have you restarted the router?"), Line(C, 4.5, 5, "Yes."))
    assert "backchannel" not in answering[1]


def test_what_takes_up_the_story_is_told_from_a_new_topic():
    _, restated, _ = told(
        STORY, Line(A, 12.5, 17, "So you lose the connection every evening."), Line(C, 17.5, 18.5, "Exactly.")
    )
    _, other, _ = told(STORY, Line(A, 12.5, 17, "I will open a ticket with our team."), Line(C, 17.5, 18.5, "Okay."))
    assert {"reflection", "taken_up"} & restated.keys()
    assert not {"reflection", "taken_up", "reformulation"} & other.keys()


def test_without_the_story_the_same_sentence_takes_up_less():
    restated = Line(A, 12.5, 17, "So you lose the connection every evening.")
    after = told(STORY, restated, Line(C, 17.5, 18.5, "Exactly."))[1]
    alone = told(Line(C, 1, 12, "Hello there."), restated, Line(C, 17.5, 18.5, "Exactly."))[1]
    assert after["taken_up"].probability > (alone["taken_up"].probability if "taken_up" in alone else 0.0)


def test_numbers_said_back_are_a_read_back_in_words_or_digits():
    for back in ("Five five one two, thank you.", "That is 5 5 1 2."):
        _, read = told(Line(C, 1, 5, "It is five five one two."), Line(A, 5.5, 8, back))
        assert "read_back" in read
    _, other = told(Line(C, 1, 5, "It is five five one two."), Line(A, 5.5, 8, "Call five nine nine three instead."))
    assert "read_back" not in other


def test_sorry_in_mid_sentence_or_as_a_question_is_no_apology():
    for text in ("Sorry.", "I'm sorry about that.", "Oh, sorry, my mistake."):
        assert "apology" in told(Line(A, 1, 3, text))[0]
    for text in ("Sorry?", "I'm sorry?", "it was on the first sorry second of May"):
        assert "apology" not in told(Line(A, 1, 3, text))[0]


def test_an_act_says_how_likely_it_is_and_why():
    asked, _ = told(Line(A, 1, 4, "Do you have the number?"), Line(C, 4.5, 6, "Yes, I do."))
    assert 0.5 < asked["question"].probability <= 1 and "asking" in asked["question"].why
    assert asked["closed_question"].probability is None and asked["closed_question"].why == "form"


def test_a_language_without_phrases_knows_a_question_mark_and_nothing_else():
    facts = talk(Line(A, 1, 3, "Genki desu ka?"), Line(C, 4, 6, "Hai genki desu."))
    turns = interpret(facts, Norms.load("ja").phrases).turns
    assert [[act.kind for act in turn.acts] for turn in turns] == [["question"], []]


def test_acts_do_not_depend_on_the_clock():
    facts = talk(STORY, Line(A, 12.5, 17, "So you lose the connection every evening."), Line(C, 17.5, 18, "Right."))
    later = tuple(replace(word, start_s=word.start_s + 50, end_s=word.end_s + 50) for word in facts.words)
    turns = tuple(replace(turn, start_s=turn.start_s + 50, end_s=turn.end_s + 50) for turn in facts.turns)
    moved = interpret(replace(facts, words=later, turns=turns, pauses=()), ENGLISH.phrases)
    assert [[act.kind for act in turn.acts] for turn in moved.turns] == [
        [act.kind for act in turn.acts] for turn in facts.turns
    ]


def test_what_is_said_twice_in_a_row_counts_once():
    assert without_repetitions(["do", "you", "do", "you", "you", "have"]) == ("do", "you", "have")
    assert longest_run(["the", "old", "church"], ["when", "the", "old", "one"]) == 2


def test_a_phrasebook_finds_groups_anywhere_at_the_start_and_at_the_end():
    book = phrasebook({"a": ("give me * minute",), "b": ("is not it",), "c": ("minute",)})
    said = ("give", "me", "just", "one", "minute", "is", "not", "it")
    assert book.anywhere(said) == {"a", "b", "c"}
    assert book.at(said, 0) == {"a"}
    assert book.at_end(said) == {"b"}


def test_every_scale_reads_evidence_that_exists():
    facts = talk(STORY, Line(A, 12.5, 17, "So you lose the connection every evening."), Line(C, 17.5, 18, "Right."))
    assert facts.turns and set(scales()) == {
        "question", "backchannel", "acknowledgement", "reformulation", "repeat", "taken_up", "reflection",
        "understanding_check",
    }  # fmt: skip
    assert all(0 < scale.at < 1 and scale.weights for scale in scales().values())
