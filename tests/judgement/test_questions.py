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
