"""Tokens, clauses and phrases: text in, structure out."""

from __future__ import annotations

import pytest

from speechcoach.conversation.wording import clauses, has_phrase, only_phrases, tokens
from speechcoach.records import Word


def words(text: str, step_s: float = 0.3) -> list[Word]:
    return [Word("agent", place * step_s, (place + 1) * step_s, said) for place, said in enumerate(text.split())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mm-hmm.", ("mm-hmm",)),
        ("I\u2019m sorry, Mr. O'Neil!", ("i'm", "sorry", "mr", "o'neil")),
        ("- Well ... 50% off", ("well", "50%", "off")),
        ("\u00bfQu\u00e9 tal?", ("qu\u00e9", "tal")),
        ("'quoted' words", ("quoted", "words")),
        ("", ()),
        ("...", ()),
    ],
)
def test_tokens_are_words_without_punctuation(text, expected):
    assert tokens(text) == expected


def test_clauses_end_at_marks_and_at_long_pauses():
    said = words("Hello there. How are you? fine")
    later = [Word("agent", 9.0, 9.4, "and"), Word("agent", 9.4, 9.8, "then")]
    found = clauses([*said, *later])
    assert [clause.text for clause in found] == ["Hello there.", "How are you?", "fine", "and then"]
    assert [clause.asks for clause in found] == [False, True, False, False]
    assert (found[3].start_s, found[3].end_s) == (9.0, 9.8)


def test_no_words_make_no_clauses():
    assert clauses([]) == []


def test_a_phrase_is_found_as_words_not_as_letters():
    assert has_phrase(tokens("Give me one moment please"), ("give me * moment",))
    assert has_phrase(tokens("give me moment"), ("give me * moment",))
    assert not has_phrase(tokens("give me a b c d moment"), ("give me * moment",))
    assert not has_phrase(tokens("This is nothing"), ("hi", "his is"))
    assert not has_phrase(tokens("anything"), ())


def test_a_phrase_can_be_asked_for_at_the_start():
    assert has_phrase(("do", "you", "know"), ("do you",), at_start=True)
    assert not has_phrase(("how", "do", "you"), ("do you",), at_start=True)


def test_only_phrases_means_nothing_else():
    listed = ("okay", "uh huh", "i see")
    assert only_phrases(tokens("Okay, okay. I see."), listed)
    assert not only_phrases(tokens("Okay then"), listed)
    assert not only_phrases((), listed)


def test_characters_with_a_meaning_in_patterns_are_letters_in_phrases():
    assert has_phrase(("c", "50%"), ("50%",))
    assert not has_phrase(("cc",), ("c.",))
