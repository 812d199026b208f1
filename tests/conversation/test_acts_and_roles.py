"""What sentences do, and who is the agent, by English phrases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from speechcoach.conversation import given_roles, guess_roles, interpret
from speechcoach.settings import Norms
from tests.talk import ENGLISH, A, C, Line, talk


def acts(text: str) -> set[str]:
    return {act.kind for turn in talk(Line(A, 1, 8, text)).turns for act in turn.acts}


def test_what_was_mostly_guessed_does_nothing():
    facts = talk(Line(A, 1, 4, "You should have called us earlier."), Line(C, 5, 7, "What happened next?"))
    guessed = [replace(word, probability=0.3 if word.speaker == A else 0.6) for word in facts.words]
    unknown = [replace(word, probability=None) for word in facts.words]
    for words, left in ((guessed, {C}), (unknown, {A, C})):
        turns = interpret(replace(facts, words=tuple(words)), ENGLISH.phrases).turns
        assert {turn.speaker for turn in turns if turn.acts} == left


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Good morning, my name is Grace, how can I help you?",
            {"greeting", "self_introduction", "offer_of_help", "question"},
        ),
        ("Could you hold for a moment while I check that?", {"hold_announcement", "closed_question"}),
        ("So if I understand correctly, the card was declined.", {"restatement"}),
        ("Is that what happened?", {"check_understanding", "closed_question"}),
        ("I'm so sorry to hear that, that must have been frustrating.", {"empathy", "apology"}),
        ("What happened next?", {"open_question"}),
        ("what happened next", {"open_question"}),
        ("okay so did you restart it", {"closed_question"}),
        ("Is there anything else I can do for you?", {"anything_else", "check_help"}),
        ("Thank you, have a lovely day, goodbye.", {"thanks", "farewell"}),
        ("You should have called us earlier.", {"blame"}),
        ("Mm-hmm, okay.", {"backchannel"}),
    ],
)
def test_a_sentence_does_what_it_says(text, expected):
    assert expected <= acts(text)


def acts_with(text: str, **groups: tuple[str, ...]) -> set[str]:
    norms = replace(ENGLISH, phrases=dict(Norms.load(None).phrases) | groups)
    return {act.kind for turn in talk(Line(A, 1, 8, text), norms=norms).turns for act in turn.acts}


def test_a_phrase_with_a_question_mark_is_the_end_of_a_question():
    tag = {"check_understanding": ("verdad ?",)}
    assert "check_understanding" in acts_with("Ha pagado dos veces, \u00bfverdad?", **tag)
    assert "check_understanding" not in acts_with("La verdad, ha pagado dos veces.", **tag)
    assert "check_understanding" not in acts_with("\u00bfEs verdad que ha pagado?", **tag)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("\u00bfHa pagado dos veces?", "closed_question"),
        ("Entonces, \u00bfc\u00f3mo ha pagado?", "open_question"),
        ("Cu\u00e9nteme, \u00bfc\u00f3mo ha pagado?", "open_question"),
        ("c\u00f3mo ha pagado", "open_question"),
    ],
)
def test_where_no_auxiliary_tells_a_closed_question_the_question_words_tell_an_open_one(text, kind):
    groups = {"question_word": ("c\u00f3mo",), "question_opener": ("c\u00f3mo",), "lead_in": ("entonces",)}
    assert {"open_question", "closed_question"} & acts_with(text, **groups) == {kind}


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("This is the form that you need.", {"greeting", "question", "check_understanding"}),
        ("I restarted the router and then it worked.", {"question", "blame", "empathy", "backchannel"}),
        ("Okay, I will send it on Monday.", {"backchannel", "hold_announcement"}),
    ],
)
def test_and_nothing_that_it_does_not(text, absent):
    assert not acts(text) & absent


def test_an_act_quotes_its_sentence_and_its_time():
    turn = talk(Line(A, 1, 9, "I see the order here. Is that correct?")).turns[0]
    check = next(act for act in turn.acts if act.kind == "check_understanding")
    assert check.text == "Is that correct?"
    assert (check.start_s, check.end_s) == (6.0, 9.0)


def sides(*lines: Line):
    words = talk(*lines).words
    return [[word for word in words if word.speaker == side] for side in (A, C)]


OPENING = Line(A, 1, 5, "Thank you for calling Harbour Bank, my name is Grace, how can I help you?")
ANSWER = Line(C, 5.5, 8, "Hi, my card does not work.")


def test_an_opening_tells_the_agent_on_either_side():
    left, right = sides(OPENING, ANSWER)
    here = guess_roles([left, right], [1.0, 5.5], ENGLISH.phrases)
    there = guess_roles([right, left], [5.5, 1.0], ENGLISH.phrases)
    assert (here.side_of["agent"], there.side_of["agent"]) == (0, 1)
    assert here.probability == there.probability > 0.9
    assert here.source == there.source == "speech"
    assert "offers help" in here.why


def test_a_curt_agent_is_told_by_what_each_asks_and_wants():
    left, right = sides(
        Line(A, 1, 3, "Broadband support."),
        Line(C, 3.5, 9, "The last time I called they promised me a new router."),
        Line(A, 9.5, 12, "What is your account number?"),
    )
    for words, first_s, agent in (([left, right], [1.0, 3.5], 0), ([right, left], [3.5, 1.0], 1)):
        roles = guess_roles(words, first_s, ENGLISH.phrases)
        assert roles.side_of["agent"] == agent and roles.probability > 0.9
        assert "asks and says what an agent does" in roles.why and "what the call is about" in roles.why


def test_who_calls_and_speaks_first_is_no_agent():
    left, right = sides(Line(A, 1, 4, "Hello, I'm calling about my order."), Line(C, 4.5, 6, "Your order number?"))
    roles = guess_roles([left, right], [1.0, 4.5], ENGLISH.phrases)
    assert roles.side_of["agent"] == 1


def test_who_speaks_first_alone_is_not_enough():
    left, right = sides(Line(A, 1, 3, "Hello there."), Line(C, 3.5, 6, "Hello."))
    roles = guess_roles([left, right], [1.0, 3.5], ENGLISH.phrases)
    assert roles.probability < 0.9
    assert roles.why.startswith("roles uncertain")


def test_without_words_the_roles_are_a_default_that_says_so():
    roles = guess_roles([[], []], [1.0, 1.0], Norms.load("xx").phrases)
    assert (roles.source, roles.side_of["agent"]) == ("default", 0)
    assert roles.why.startswith("roles uncertain")


def test_the_users_word_is_taken():
    assert given_roles("right").side_of == {"agent": 1, "customer": 0}
    assert given_roles("left").source == "option"
