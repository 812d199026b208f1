"""Whether findings of the words rest on the words that they cite.

The truth is the construction: what is taken out of a call, said twice, or swapped between two calls, is known.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from speechcoach.conversation import interpret
from speechcoach.records import Facts, Finding
from tests.judgement.calls import busy_call, found, spoken, variants
from tests.talk import ENGLISH

OF_THE_WORDS = (
    "answered_own_question", "assertiveness", "blame", "before_solution", "check_question", "clarity", "empathy",
    "grounding", "paraphrase", "phases", "positive_framing", "question_order", "rapport", "re_asking", "read_back",
    "repair_requests", "unanswered_question",
)  # fmt: skip
ABSENCES = ("none", "missed")

PIPE = (
    "A: Good morning, how can I help you?",
    "C: A pipe burst in my kitchen three weeks ago, and nobody called me, and I am worried about the floor.",
    "A: I am so sorry. Three weeks with a wet floor must be really worrying.",
    "C: When will somebody come to look at the kitchen?",
    "A: Somebody comes to your kitchen on Tuesday at nine.",
    "C: And who pays for the new wooden boards?",
    "A: We do, the boards are covered.",
    "C: Thank you.",
)
CARD = (
    "A: Good morning, how can I help you?",
    "C: My card was refused in the shop, and I was embarrassed in front of the whole queue.",
    "A: That must have been embarrassing, with the whole queue behind you.",
    "C: Can I use the card abroad again next week?",
    "A: Yes, the card works abroad from now on.",
    "C: Is there a fee for using it over there?",
    "A: No, there is no fee.",
    "C: Thank you.",
)


def without(facts: Facts, finding: Finding) -> Facts:
    """The call as if nobody had said the words of the finding's spans."""

    def cited(word) -> bool:
        middle_s = (word.start_s + word.end_s) / 2
        return any(span.start_s <= middle_s <= span.end_s for span in finding.spans)

    kept = tuple(word for word in facts.words if not cited(word))
    return interpret(replace(facts, words=kept), ENGLISH.phrases)


def swapped(one: tuple[str, ...], other: tuple[str, ...]) -> list[str]:
    """The customer's lines of one call with the agent's of the other."""
    return [theirs if theirs.startswith("C: ") else own for theirs, own in zip(one, other, strict=True)]


@pytest.mark.parametrize("name", OF_THE_WORDS)
@pytest.mark.parametrize("facts", [busy_call(), spoken(*PIPE), spoken(*CARD)], ids=["busy", "pipe", "card"])
def test_without_the_cited_words_the_finding_goes(name, facts):
    for finding in found(name, facts):
        if finding.variant not in ABSENCES:
            assert finding.id not in {item.id for item in found(name, without(facts, finding))}, finding


def test_the_cited_words_are_there_to_be_taken_away():
    cited = {name for name in OF_THE_WORDS for facts in (busy_call(), spoken(*PIPE)) if found(name, facts)}
    assert cited == set(OF_THE_WORDS)


@pytest.mark.parametrize(("one", "other"), [(PIPE, CARD), (CARD, PIPE)], ids=["pipe", "card"])
def test_another_calls_replies_are_worth_less(one, other):
    own, foreign = spoken(*one), spoken(*swapped(one, other))
    assert [item.value for item in found("empathy", own)] == [2]
    assert [item.value for item in found("empathy", foreign)] == [1]
    assert [item.variant for item in found("unanswered_question", own)] == ["answered"]
    assert "answered" not in [item.variant for item in found("unanswered_question", foreign)]


class TestNothingIsBoughtWithPhrases:
    STORY = "C: The parcel came on Friday, and the glass in it was broken, and I am really upset about that."

    def test_parroting_is_no_paraphrase_and_no_empathy(self):
        parrot = f"A: {self.STORY[3:]}"
        assert "paraphrase" not in variants("paraphrase", self.STORY, parrot, "C: I said that.")
        assert variants("empathy", self.STORY, parrot, "C: I said that.") == ["missed"]

    def test_a_script_helps_once(self):
        script = "A: I am sorry to hear that."
        later = [line for _ in range(12) for line in ("C: It goes on like that for a while.", "A: That is point one.")]
        said = (self.STORY, script, *later, "C: And I am worried about the glass.", script, "C: So it is.")
        assert variants("empathy", *said) == ["met", "missed"]

    def test_a_check_without_anything_to_check_is_no_common_ground(self):
        assert variants("grounding", "C: Good morning.", "A: Is that correct?", "C: Yes.") == []

    def test_the_same_promise_again_and_again_is_no_positive_framing(self):
        assert variants("positive_framing", *["A: I can book it.", "C: We are there now."] * 8) == []


class TestTheAmountMovesTheRightWay:
    INFORMATION = "A: The warehouse sends every parcel with a courier before Friday morning."

    def test_information_that_is_doubled_is_too_much(self):
        once = (*PIPE[:3], "C: Well, it is.", self.INFORMATION, "C: Well.")
        twice = (*once, self.INFORMATION, "C: Well.")
        more = (*twice, self.INFORMATION, "C: Well.")
        assert variants("amount", *once) == []
        values = [found("amount", spoken(*said))[0].value for said in (twice, more)]
        assert values == [1, 2]

    def test_answers_that_are_deleted_are_too_little(self):
        deaf = [
            line.replace(line[3:], "Do you have the papers with you?") if place in (4, 6) else line
            for place, line in enumerate(PIPE)
        ]
        (finding,) = found("amount", spoken(*deaf))
        assert (finding.variant, finding.value) == ("too_little", 2)
        assert [item.variant for item in found("unanswered_question", spoken(*deaf))] == ["flag", "flag"]
