"""Cues of manner, on scripted lines: clarity, assertiveness, positive_framing, phases, rapport, empathy."""

from __future__ import annotations

import pytest

from tests.judgement.calls import found, spoken, variants, why_not

PLAIN = "A: The box has a small switch at the back, and you push it down until the lamp goes out."


def explained(*extra: str) -> tuple[str, ...]:
    """Four plain explanations, and what a test adds."""
    told = (PLAIN, "A: Then you wait for a minute, and the box starts again with a green lamp on the front side.")
    return tuple(line for text in (*told, *told, *extra) for line in (text, "C: We are there now."))


class TestClarity:
    def test_short_and_plain_is_praised(self):
        (finding,) = found("clarity", spoken(*explained()))
        assert (finding.strength, finding.value) == (True, 4)
        assert finding.why == "about 19 words each"

    def test_fillers_are_counted_in_100_words(self):
        filled = explained(*["A: Um, and then, uh, the, um, lamp, er, goes, uh, on."] * 2)
        (finding,) = found("clarity", spoken(*filled))
        assert finding.variant == "fillers"
        assert finding.value == pytest.approx(100 * 10 / (19 * 4 + 11 * 2), abs=1.5)

    def test_long_explanations_are_flagged(self):
        assert variants("clarity", *[f"{PLAIN} {' '.join([PLAIN[3:]] * 5)}", "C: We are there now."] * 3) == ["long"]

    def test_jargon_counts_only_if_the_customer_did_not_use_it(self):
        trade = "A: We escalate it to tier two."
        assert variants("clarity", *explained(trade)) == ["jargon"]
        assert "jargon" not in variants("clarity", "C: Can you escalate it to tier two?", *explained(trade))

    def test_one_expression_is_no_habit(self):
        assert "jargon" not in variants("clarity", *explained("A: We escalate it."))

    def test_abstains_on_little_speech(self):
        assert "fewer than 3 times" in why_not("clarity", spoken("A: Hello.", "C: Hello."))


class TestAssertiveness:
    TALK = tuple(
        line
        for text in ("It is open.", "Here it is.", "That is it.", "I see it.")
        for line in (f"A: {text}", "C: We are there now.")
    )

    @pytest.mark.parametrize(
        ("reply", "expected"),
        [
            ("A: We do not refund shipping.", ["bare_refusal"]),
            ("A: We do not refund shipping, because the courier keeps it.", ["kind_refusal"]),
            ("A: We do not refund shipping. What I can do is send you a voucher.", ["kind_refusal"]),
            ("A: I can not see it yet.", []),
        ],
        ids=["bare", "a reason", "a way on", "no refusal"],
    )
    def test_a_no_needs_a_reason_or_a_way_on(self, reply, expected):
        assert variants("assertiveness", *self.TALK, reply, "C: We are there now.") == expected

    def test_hedging_everything_is_flagged_unless_as_much_is_firm(self):
        hedged = [line for n in range(6) for line in (f"A: Maybe it comes on day {n}.", "C: We are there now.")]
        firm = [line for n in range(6) for line in (f"A: I will call you on day {n}.", "C: We are there now.")]
        assert variants("assertiveness", *hedged) == ["hesitant"]
        assert variants("assertiveness", *hedged, *firm) == []

    def test_abstains_on_few_sentences(self):
        assert "fewer than 5 sentences" in why_not("assertiveness", spoken("A: No.", "C: Why?"))


class TestPositiveFraming:
    NO = (
        "A: Unfortunately it is sold out.",
        "A: We can not send it.",
        "A: That is not possible.",
        "A: You have to wait.",
    )
    YES = ("A: I can book it.", "A: We will send it.", "A: I'd be happy to.", "A: You can keep it.")

    def framed(self, *said: str) -> list[str]:
        return variants("positive_framing", *(line for text in said for line in (text, "C: We are there now.")))

    def test_the_share_decides(self):
        assert self.framed(*self.NO) == ["negative"]
        assert self.framed(*self.YES) == ["positive"]
        assert self.framed(*self.NO[:2], *self.YES[:2]) == []

    def test_the_same_sentence_again_earns_nothing(self):
        assert self.framed(*[self.YES[0]] * 6) == []


class TestPhases:
    CALL = (
        "A: Good morning, how can I help you?",
        "C: My router has lost the line every evening for two weeks now, and nobody in the shop answers me.",
        "A: What do the lamps on it show?",
        "C: They are red when it is down, and green in the morning, and then all is well until it is six.",
        "A: I will send you a new router today.",
        "C: That would be great.",
        "A: It comes with a letter that tells you how to put it in. Is there anything else?",
        "C: No, thank you so much.",
        "A: Goodbye.",
    )

    def test_the_whole_course_is_praised_with_its_end(self):
        (finding,) = found("phases", spoken(*self.CALL, gap_s=2.0))
        assert finding.why == (
            'opened, understood, proposed, agreed, closed; the customer said "No, thank you so much"'
        )

    def test_without_the_customers_agreement_there_is_none(self):
        silent = [line.replace("That would be great.", "Hm.") for line in self.CALL]
        silent[-2] = "C: No."
        assert found("phases", spoken(*silent, gap_s=2.0)) == []

    def test_an_objection_that_is_left_standing_is_flagged(self):
        said = (*self.CALL[:5], "C: That is really not good enough.", "A: Goodbye.")
        (finding,) = found("phases", spoken(*said, gap_s=3.0))
        assert (finding.variant, finding.quote) == ("unresolved", "That is really not good enough.")

    def test_an_objection_that_was_settled_is_not(self):
        said = (*self.CALL[:5], "C: That is not good enough.", "A: I can bring it tonight.", "C: That would be great.")
        assert found("phases", spoken(*said, gap_s=3.0)) == []

    def test_abstains_without_a_proposal(self):
        assert "no proposal" in why_not("phases", spoken(*self.CALL[:4], *["C: And so on it goes for days."] * 8))


class TestRapport:
    TALK = tuple(line for n in range(4) for line in (f"A: That is point {n}.", "C: We are there now."))

    def test_name_and_thanks_are_praised(self):
        said = ("C: Hello, my name is Karen Whitfield.", "A: Thank you, Karen.", *self.TALK)
        (finding,) = found("rapport", spoken(*said))
        assert finding.why == "by name, with thanks"

    def test_the_agents_own_name_is_not_the_customers(self):
        said = ("A: My name is Laura.", "C: Hello Laura, my name is Karen.", "A: Thank you, here is Laura.", *self.TALK)
        assert found("rapport", spoken(*said)) == []

    def test_endearments_are_flagged_unless_the_customer_began(self):
        assert variants("rapport", *self.TALK, "A: Listen, honey, that is so.") == ["familiar"]
        assert variants("rapport", "C: Hello, honey.", *self.TALK, "A: Listen, honey, that is so.") == []

    def test_a_name_wears_out(self):
        named = [line for n in range(7) for line in (f"A: That is point {n}, Karen.", "C: We are there now.")]
        assert variants("rapport", "C: My name is Karen.", *named) == ["name_too_often"]


class TestGradesOfEmpathy:
    HARD = "C: I lost two days of pay because of this, and I am really worried about my rent."

    @pytest.mark.parametrize(
        ("reply", "grade"),
        [
            ("A: What is the number?", 0),
            ("A: I am sorry to hear that.", 1),
            ("A: I am sorry, two days of pay is a lot.", 2),
            ("A: You are worried about the rent.", 2),
            ("A: You need to pay the rent in two days.", 0),
        ],
        ids=["nothing", "regret", "what happened", "the feeling", "advice"],
    )
    def test_from_nothing_to_their_own_matter(self, reply, grade):
        (finding,) = found("empathy", spoken(self.HARD, reply, "C: Yes."))
        assert finding.value == grade
        assert finding.strength is (grade > 0)

    @pytest.mark.parametrize(
        "said",
        ["C: I am not worried about it.", "C: Would you be worried about that?", "C: I call back if it is annoying."],
    )
    def test_what_is_no_hardship_is_no_opportunity(self, said):
        assert "no hardship" in why_not("empathy", spoken(said, "A: What is the number?"))

    @pytest.mark.parametrize(
        "said",
        [
            "C: I haven't slept properly, and no one told me why.",
            "C: I waited for hours at the counter.",
            "C: The letter never arrived.",
            "C: I hurt my knee on the step.",
            "C: We still haven't heard from the insurance.",
        ],
    )
    def test_waiting_in_vain_and_injury_are_hardship(self, said):
        (finding,) = found("empathy", spoken(said, "A: What is the number?", "C: Four two."))
        assert finding.variant == "missed"

    @pytest.mark.parametrize(
        "said", ["C: I waited for you to answer.", "C: I still haven't decided.", "C: I cut the box."]
    )
    def test_what_only_sounds_like_waiting_in_vain_is_none(self, said):
        assert "no hardship" in why_not("empathy", spoken(said, "A: What is the number?", "C: Four two."))

    def test_an_aside_in_a_long_turn_is_none(self):
        long = f"{self.HARD} {'And now to the order of the new kitchen table and the four chairs. ' * 4}"
        assert "no hardship" in why_not("empathy", spoken(long, "A: What is the number?"))
