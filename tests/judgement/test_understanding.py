"""Cues of understanding, on scripted lines: before_solution, grounding, re_asking, read_back, repair_requests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.judgement.calls import found, spoken, variants, why_not
from tests.talk import C, Line, talk

TROUBLE = (
    "C: My router has lost the line every evening this week, and I need it because I work from home until ten at night."
)
SOLUTION = "A: I will send you a new router today."


class TestBeforeSolution:
    def test_a_solution_at_once_is_flagged_with_what_it_followed(self):
        (finding,) = found("before_solution", spoken("A: Hello.", TROUBLE, SOLUTION))
        assert finding.variant == "solution_first"
        assert finding.quote.endswith("Agent: I will send you a new router today.")

    @pytest.mark.parametrize(
        ("step", "expected"),
        [
            ("A: What happens to the lamps on it when the line goes?", ["understood_first"]),
            ("A: So you are cut off in the evening. Is that right?", ["understood_first"]),
            ("A: Is the lamp on it green?", []),
            ("A: What is your account number?", ["solution_first"]),
        ],
        ids=["an open question", "a summary", "a closed question is enough, and no praise", "a formality is none"],
    )
    def test_what_comes_between_decides(self, step, expected):
        assert variants("before_solution", TROUBLE, step, "C: Yes.", SOLUTION) == expected

    @pytest.mark.parametrize(
        "advice",
        [
            "You should put the router in another room.",
            "Well, I think you'll have to change the cable first.",
            "You can also reset it on our website.",
        ],
    )
    def test_advice_is_told_by_its_form(self, advice):
        (finding,) = found("before_solution", spoken("A: Hello.", TROUBLE, f"A: {advice}", "C: I did."))
        assert finding.variant == "solution_first"

    @pytest.mark.parametrize(
        "other",
        [
            "You should have called us earlier.",
            "You can see it on the screen.",
            "You cannot change that now.",
            "You must be angry about it.",
            "Could you put it in another room?",
            "If you can put it in another room, it is fine.",
            "You can tell me the number of the router.",
        ],
        ids=["too late", "no deed", "refused", "a guess", "a question", "a condition", "a datum"],
    )
    def test_what_only_begins_like_advice_is_none(self, other):
        assert "no solution" in why_not("before_solution", spoken("A: Hello.", TROUBLE, f"A: {other}", "C: I see."))

    def test_what_was_asked_for_may_be_given(self):
        facts = spoken(TROUBLE, "C: Could you send me a new one?", SOLUTION)
        assert "just asked" in why_not("before_solution", facts)

    def test_a_short_request_is_not_judged(self):
        assert "fewer than 15 words" in why_not("before_solution", spoken("C: I need a router.", SOLUTION))


class TestGrounding:
    STORY = "C: The parcel came on Friday, and the glass in it was broken."
    SUMMARY = "A: So the glass in your parcel was broken. Is that correct?"

    def test_a_yes_is_common_ground(self):
        (finding,) = found("grounding", spoken(self.STORY, self.SUMMARY, "C: Yes, that's right."))
        assert (finding.variant, finding.strength, finding.value) == ("confirmed", True, 1)
        assert "the glass in your parcel" in finding.quote

    @pytest.mark.parametrize(
        ("answer", "variant"),
        [
            ("A: I see, the frame of the mirror then.", "mended"),
            ("A: Do you have a customer card?", "passed_over"),
        ],
    )
    def test_a_correction_is_taken_up_or_passed_over(self, answer, variant):
        said = (self.STORY, self.SUMMARY, "C: No, it was the frame of the mirror.", answer, "C: I have.")
        assert variants("grounding", *said) == [variant]

    def test_a_check_of_nothing_that_was_said_is_no_summary(self):
        facts = spoken("C: Good morning to you.", "A: You speak with the warehouse. Is that correct?", "C: Yes.")
        assert "said nothing back" in why_not("grounding", facts)


class TestReAsking:
    ASK = "A: What is your account number?"
    GIVEN = "C: It is 4 4 7 2 1 9."
    START = ("C: Good morning.", "A: Good morning.", "C: It is about my line.", "A: I am with you.")

    def test_the_same_datum_twice_is_flagged(self):
        (finding,) = found("re_asking", spoken(*self.START, self.ASK, self.GIVEN, self.ASK, "C: 4 4 7 2 1 9."))
        assert finding.why == "the account number"
        assert finding.quote == "Customer: It is 4 4 7 2 1 9. | Agent: What is your account number?"

    @pytest.mark.parametrize(
        "again",
        [
            "A: Could you confirm your account number?",
            "A: What is your order number?",
            "A: Sorry, your account number?",
        ],
        ids=["a confirmation", "another datum", "a bad line"],
    )
    def test_what_only_looks_like_it_is_not(self, again):
        assert variants("re_asking", *self.START, self.ASK, self.GIVEN, again, "C: 4 4 7 2 1 9.") == []

    def test_a_datum_that_was_not_given_may_be_asked_for_again(self):
        said = (*self.START, self.ASK, "C: I don't know, let me look.", self.ASK, self.GIVEN)
        assert variants("re_asking", *said) == []

    def test_the_customers_own_word_counts_if_it_is_about_this_agent(self):
        ask = (*self.START, "A: Since when is it down?")
        assert variants("re_asking", *ask, "C: I just told you, since Friday.") == ["told_already"]
        assert variants("re_asking", *ask, "C: I already told your colleague, since Friday.") == []


class TestReadBack:
    GIVEN = "C: The number is 4 4 7 2 1 9."

    def test_a_number_read_back_and_confirmed_is_praised(self):
        (finding,) = found("read_back", spoken(self.GIVEN, "A: So 447 219.", "C: Yes."))
        assert (finding.strength, finding.why) == (True, "the customer said yes to it")

    def test_as_words_it_is_the_same_number(self):
        assert variants("read_back", "C: It is four four seven two.", "A: 4472, thank you.") == ["read_back"]

    @pytest.mark.parametrize("reply", ["A: Thank you, one moment.", "A: That makes 85 euros and 30 cents."])
    def test_not_reading_back_is_no_finding(self, reply):
        assert variants("read_back", self.GIVEN, reply) == []

    def test_without_a_number_it_abstains(self):
        assert "gave no number" in why_not("read_back", spoken("C: Hello.", "A: Hello."))

    def test_a_habit_of_taking_back_is_flagged(self):
        wrong = [
            line
            for day in ("Monday", "Tuesday", "Friday", "Sunday")
            for line in (f"A: My mistake, {day}.", "C: I see.")
        ]
        assert variants("read_back", *wrong) == ["self_corrected"]
        assert variants("read_back", *wrong[:4]) == []


class TestRepairRequests:
    TOLD = "A: The surcharge falls due on the first of the month."

    def test_other_words_are_praised(self):
        said = (self.TOLD, "C: Sorry?", "A: On the first of each month you pay a little more, the surcharge.")
        (finding,) = found("repair_requests", spoken(*said))
        assert (finding.variant, finding.why) == ("repaired", "in other words")

    def test_the_same_words_at_the_same_pace_are_neither(self):
        assert variants("repair_requests", self.TOLD, "C: Sorry?", self.TOLD) == []

    def test_the_same_words_slower_are_too(self):
        facts = talk(
            Line("agent", 1, 4, "It is due in May."),
            Line(C, 4.5, 5, "Pardon?"),
            Line("agent", 5.5, 9, "Due ... in five weeks.", syllables_per_s=3.0),
            Line(C, 9.5, 10, "Fine."),
            Line("agent", 10.5, 14, "Then that is it."),
        )
        assert "slower than usual" in found("repair_requests", facts)[0].why

    def test_another_question_instead_is_flagged(self):
        assert variants("repair_requests", self.TOLD, "C: Sorry?", "A: Do you have a pen and paper?") == ["passed_over"]

    def test_a_sorry_that_asks_nothing_is_none(self):
        facts = spoken(self.TOLD, "C: Sorry, I was late with it.", "A: Do you have a pen and paper?")
        assert "never asks" in why_not("repair_requests", facts)

    def test_what_was_hardly_recognised_is_no_request(self):
        facts = spoken(self.TOLD, "C: Sorry?", "A: Do you have a pen and paper?")
        doubtful = [replace(word, probability=0.3) if word.speaker == C else word for word in facts.words]
        assert found("repair_requests", replace(facts, words=tuple(doubtful))) == []
