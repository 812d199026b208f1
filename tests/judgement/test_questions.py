"""Cues of questions and answers, on scripted lines: own ones answered, unanswered ones, their order, amount."""

from __future__ import annotations

import pytest

from tests.judgement.calls import found, spoken, variants, why_not


class TestAnsweredOwnQuestion:
    def test_an_answer_in_the_customers_place_is_flagged(self):
        (finding,) = found(
            "answered_own_question",
            spoken("A: Did you restart the box? Probably you did.", "C: Well, in fact I did not."),
        )
        assert finding.quote == "Did you restart the box? Probably you did."
        assert finding.value < finding.limit

    @pytest.mark.parametrize(
        "said",
        [
            ("A: Did you restart the box?", "C: No.", "A: No problem."),
            ("A: Did you restart the box? It has a switch at the back.", "C: No."),
            ("A: Why does the box do that? Probably it is old.", "C: I see."),
        ],
        ids=["the customer answered", "more of the question", "a question to nobody"],
    )
    def test_what_only_looks_like_it_is_not(self, said):
        assert variants("answered_own_question", *said) == []

    def test_without_a_question_it_abstains(self):
        assert "no question to the customer" in why_not("answered_own_question", spoken("A: Hello.", "C: Hello."))


class TestUnansweredQuestion:
    ASKED = "C: When will the technician come to my house?"

    def test_a_question_in_return_is_flagged(self):
        (finding,) = found("unanswered_question", spoken(self.ASKED, "A: Do you have a customer card?", "C: I do."))
        assert finding.quote == (
            "Customer: When will the technician come to my house? | Agent: Do you have a customer card?"
        )

    @pytest.mark.parametrize(
        "reply",
        [
            "A: On Tuesday in the morning.",
            "A: Let me look that up for you.",
            "A: I don't know yet.",
            "A: The technician has a full week.",
            "A: Do you mean the technician for the line?",
            "A: That is a matter for the house.",
        ],
        ids=["a number", "put off", "not known", "shared content", "asking back about it", "a statement"],
    )
    def test_whatever_may_be_an_answer_is_let_pass(self, reply):
        assert "flag" not in variants("unanswered_question", self.ASKED, reply, "C: I see.")

    def test_the_customers_own_word_decides(self):
        said = (self.ASKED, "A: Yes, we have many technicians.", "C: You didn't answer my question.")
        (finding,) = found("unanswered_question", spoken(*said))
        assert finding.why == 'the customer said: "You didn\'t answer my question."'

    def test_asking_again_decides_too(self):
        said = ("C: When is it due?", "A: The letter says all of that.", "C: But when is it due?", "A: On Friday.")
        (finding,) = found("unanswered_question", spoken(*said))
        assert finding.why == "the customer asked it again"

    def test_an_answer_that_comes_turns_later_is_no_strength(self):
        said = (
            self.ASKED,
            "A: Do you have a dog?",
            "C: No.",
            "A: On Tuesday.",
            "C: And when on Tuesday?",
            "A: At nine.",
        )
        assert "answered" not in variants("unanswered_question", *said)

    def test_answers_in_substance_are_a_strength(self):
        said = (self.ASKED, "A: On Tuesday.", "C: And how much does it cost me?", "A: Nothing, it is free of charge.")
        assert variants("unanswered_question", *said) == ["answered"]

    def test_what_was_put_off_is_no_strength(self):
        said = (self.ASKED, "A: I don't know.", "C: And how much does it cost me?", "A: I'd have to ask.")
        assert variants("unanswered_question", *said) == []

    def test_a_question_that_asks_for_no_answer_is_none(self):
        facts = spoken("C: It rings all day, you know what I mean?", "A: Do you have a customer card?", "C: Yes.")
        assert "no question of the customer" in why_not("unanswered_question", facts)


class TestQuestionOrder:
    def test_three_in_a_row_are_flagged_and_two_are_not(self):
        row = "A: Where is the modem? What colour is the lamp?"
        assert variants("question_order", f"{row} How old is the cable?", "C: In the hall.") == ["stacked"]
        assert variants("question_order", row, "C: In the hall.") == []

    def test_room_between_them_makes_them_three(self):
        said = ("A: Where is the modem?", "C: Here.", "A: What colour is the lamp?", "C: Red.", "A: How old is it?")
        assert variants("question_order", *said) == []

    def test_a_leading_question_is_flagged(self):
        said = ("A: Where is it?", "C: Here.", "A: You do know that it is not covered?", "C: No.")
        (finding,) = found("question_order", spoken(*said))
        assert (finding.variant, finding.quote) == ("leading", "You do know that it is not covered?")

    def test_open_early_and_checked_late_is_praised(self):
        talked = [
            line
            for _ in range(9)
            for line in ("C: And then the lamp of it went red for a while again.", "A: We are there now.")
        ]
        said = ("A: What happened to your router?", *talked, "A: Does that help you?", "C: Yes.")
        assert variants("question_order", *said) == ["good_order"]
        assert variants("question_order", said[-2], said[-1], *talked, said[0]) == []


class TestAmount:
    TOLD = "A: The warehouse sends every parcel with a courier before Friday morning."

    def test_the_same_again_is_flagged_and_quoted_both_times(self):
        (finding,) = found("amount", spoken(self.TOLD, "C: Well.", self.TOLD))
        assert (finding.variant, finding.value) == ("too_much", 1)
        assert finding.quote.count("every parcel") == 2

    def test_what_was_asked_for_again_is_not(self):
        assert variants("amount", self.TOLD, "C: Sorry, could you repeat that?", self.TOLD) == []

    def test_a_summary_is_no_repetition(self):
        assert variants("amount", self.TOLD, "C: Well.", f"A: To sum up, {self.TOLD[3:]}") == []

    def test_two_questions_without_an_answer_are_too_little(self):
        asked = (
            "C: When does it come to my house?",
            "A: Do you have a card?",
            "C: Who brings it up to me?",
            "A: Do you want a card?",
        )
        assert variants("amount", *asked) == ["too_little"]
        assert variants("amount", *asked[:3], "A: The courier brings it up.") == []

    def test_without_information_and_questions_it_abstains(self):
        assert "gave little information" in why_not("amount", spoken("A: Hello.", "C: Hello."))
