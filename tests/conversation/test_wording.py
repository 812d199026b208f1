"""Tokens, clauses and phrases: text in, structure out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from speechcoach.conversation.wording import clauses, has_phrase, only_phrases, stem, tokens
from speechcoach.records import Word
from speechcoach.settings import Norms
from speechcoach.spelling import PhraseGroup, Spelling


def words(text: str, step_s: float = 0.3) -> list[Word]:
    return [Word("agent", place * step_s, (place + 1) * step_s, said) for place, said in enumerate(text.split())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mm-hmm.", ("mm-hmm",)),
        ("I\u2019m sorry, Mr. O'Neil!", ("i'm", "sorry", "mr", "o'neil")),
        ("- Well ... 50% off", ("well", "50%", "off")),
        ("\u00bfQu\u00e9 tal?", ("qu\u00e9", "tal")),
        ("\u00a1Vaya! \u00abS\u00ed\u00bb, se\u00f1or\u2026", ("vaya", "s\u00ed", "se\u00f1or")),
        ("man\u0303ana esta\u0301", ("ma\u00f1ana", "est\u00e1")),
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


def test_a_mark_may_be_followed_by_a_quotation_mark():
    said = words("\u00ab\u00bfQui\u00e9n?\u00bb Nadie.")
    assert [(clause.text, clause.asks) for clause in clauses(said)] == [
        ("\u00ab\u00bfQui\u00e9n?\u00bb", True),
        ("Nadie.", False),
    ]


def test_a_question_that_is_marked_where_it_begins_is_one_from_there_on():
    said = words("Cu\u00e9nteme, \u00bfd\u00f3nde lo deja?")
    (clause,) = clauses(said)
    assert clause.asks
    assert clause.question_tokens == ("d\u00f3nde", "lo", "deja")
    assert clauses(words("Vale, \u00bfsu nombre"))[0].asks
    assert clauses(words("How are you?"))[0].question_tokens == ("how", "are", "you")


def test_a_pause_does_not_end_a_question_that_is_marked_at_both_ends():
    def paused(first: str, then: str) -> list[str]:
        later = [replace(word, start_s=word.start_s + 9, end_s=word.end_s + 9) for word in words(then)]
        return [clause.text for clause in clauses([*words(first), *later])]

    assert paused("\u00bfMe da su", "n\u00famero de cuenta?") == ["\u00bfMe da su n\u00famero de cuenta?"]
    assert paused("\u00bfMe da su", "no, espere. \u00bfSu nombre?")[0] == "\u00bfMe da su"
    assert paused("\u00bfMe da su", "\u00bfme oye?")[0] == "\u00bfMe da su"
    assert paused("give me your", "account number?")[0] == "give me your"


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


class TestSpelling:
    ENGLISH = Norms.load("en").phrases["greeting"].spelling
    BARE = Spelling((), ("\u00ed = i", "\u00e9 = e"), ("s\u00ed", "qu\u00e9"))

    @pytest.mark.parametrize(
        ("said", "phrase"),
        [
            ("That's right", "that is right"),
            ("it is not", "it isn't"),
            ("I cannot say", "i can't"),
            ("you'd like it", "you would like"),
            ("what's it", "what is it"),
        ],
    )
    def test_a_short_form_is_what_it_stands_for_in_its_language_only(self, said, phrase):
        assert has_phrase(tokens(said), PhraseGroup((phrase,), self.ENGLISH))
        assert not has_phrase(tokens(said), PhraseGroup((phrase,), Spelling()))
        assert not has_phrase(tokens(said), (phrase,))

    def test_a_mark_may_be_missing_and_never_be_there_for_nothing(self):
        days = PhraseGroup(("buenos d\u00edas", "siga"), self.BARE)
        assert has_phrase(("buenos", "d\u00edas"), days)
        assert has_phrase(("buenos", "dias"), days)
        assert not has_phrase(("s\u00edga",), days)
        assert only_phrases(("siga", "buenos", "dias"), days)

    def test_a_word_that_is_another_without_its_mark_needs_it_unless_the_phrase_is_long(self):
        group = PhraseGroup(("s\u00ed", "por qu\u00e9", "en qu\u00e9 puedo"), self.BARE)
        assert has_phrase(("s\u00ed",), group)
        assert not has_phrase(("si",), group)
        assert not has_phrase(("por", "que"), group)
        assert has_phrase(("en", "que", "puedo"), group)

    @pytest.mark.parametrize("forms", ["declined declining declines", "refund refunds refunded"])
    def test_forms_of_one_word_are_one(self, forms):
        group = Norms.load("en").phrases["function_words"]
        assert len({stem(form, group) for form in forms.split()}) == 1

    def test_a_stem_is_never_shorter_than_three_letters(self):
        assert stem("goes", Norms.load("en").phrases["greeting"]) == "goe"
        assert stem("d\u00e9biles", ()) == "d\u00e9bil"


def test_characters_with_a_meaning_in_patterns_are_letters_in_phrases():
    assert has_phrase(("c", "50%"), ("50%",))
    assert not has_phrase(("cc",), ("c.",))
