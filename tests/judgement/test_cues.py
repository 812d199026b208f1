"""Each cue on the behaviour it is about, and on the nearest behaviour that it is not about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from speechcoach.judgement import judge_facts
from speechcoach.records import Channel, Facts, Span, Window
from speechcoach.settings import Norms
from tests.talk import ENGLISH, A, C, Line, talk


def found(cue: str, facts: Facts, norms: Norms = ENGLISH):
    return [item for item in judge_facts(facts, norms)[0] if item.cue == cue]


def why_not(cue: str, facts: Facts) -> str:
    return next(item.why for item in judge_facts(facts, ENGLISH)[1] if item.cue == cue)


STORY = "My card was declined twice at the supermarket this morning and I checked the account before I left the house."


class TestInterruption:
    CUT = (
        Line(C, 1, 4.4, "could you send it to the", inflection="level"),
        Line(A, 4, 8, "Please fill in the form first."),
    )

    def test_quotes_both_sides_and_says_what_happened(self):
        (finding,) = found("interruption", talk(*self.CUT))
        assert finding.speaker == A
        assert finding.quote.startswith("Customer: could you send it to the — | Agent: Please fill in the form")
        assert finding.spans == (Span(4.0, 4.4),)
        assert finding.value > finding.limit == 0.5
        assert "stopped 0.4 s after the agent began" in finding.why

    def test_goes_when_the_sentence_had_been_finished(self):
        done = Line(C, 1, 4.4, "could you send it to me today?")
        assert found("interruption", talk(done, self.CUT[1])) == []

    def test_coming_in_for_whatever_reason_is_not_hearing_out(self):
        turns = [Line(C, 10 * i, 10 * i + 6, STORY) for i in range(3)]
        cut = Line(C, 30, 35, "and the number of the card is four five and", inflection="level", release_s=0.0)
        replies = [Line(A, 10 * i + 6.5, 10 * i + 9, "I see.") for i in range(3)]
        stop = Line(A, 34.6, 39, "Sorry to interrupt, please do not tell me the number.")
        (finding,) = found("interruption", talk(*turns, *replies, cut, stop))
        assert finding.value == 3

    def test_is_the_customers_when_the_customer_cuts_in(self):
        facts = talk(
            Line(A, 1, 4.4, "then you open the", inflection="level"), Line(C, 4, 8, "I already told you that.")
        )
        assert [finding.speaker for finding in found("interruption", facts)] == [C]

    def test_a_stricter_norm_lets_doubtful_ones_go(self, tmp_path):
        strict = tmp_path / "strict.toml"
        strict.write_text("[thresholds.interruption]\nmin_probability = 0.99")
        assert found("interruption", talk(*self.CUT), Norms.load("en", strict)) == []

    def test_hearing_out_is_a_strength(self):
        turns = [Line(C, 10 * i, 10 * i + 6, STORY) for i in range(3)] + [
            Line(A, 10 * i + 6.5, 10 * i + 9, "I see.") for i in range(3)
        ]
        (finding,) = found("interruption", talk(*turns))
        assert (finding.strength, finding.value) == (True, 3)


class TestButtingIn:
    def test_an_attempt_talked_through_is_flagged_and_a_backchannel_is_not(self):
        customer = Line(C, 1, 9, STORY)
        assert len(found("butting_in", talk(customer, Line(A, 4, 4.9, "But did you")))) == 1
        assert found("butting_in", talk(customer, Line(A, 4, 4.9, "Right, okay."))) == []


class TestSlowResponse:
    @pytest.mark.parametrize(("wait_s", "flags"), [(1.9, 0), (2.1, 1)])
    def test_counts_from_the_end_of_the_question(self, wait_s, flags):
        facts = talk(Line(C, 1, 4, "How long will it take?"), Line(A, 4 + wait_s, 9, "About two days."))
        assert len(found("slow_response", facts)) == flags

    @pytest.mark.parametrize(("wait_s", "cue"), [(3.5, "slow_response"), (4.5, "dead_air")])
    def test_one_silence_is_flagged_once(self, wait_s, cue):
        facts = talk(Line(C, 1, 4, "How long will it take?"), Line(A, 4 + wait_s, 12, "About two days."))
        assert [f.cue for f in judge_facts(facts, ENGLISH)[0] if f.cue in ("slow_response", "dead_air")] == [cue]

    def test_needs_a_question(self):
        facts = talk(Line(C, 1, 4, "It took long."), Line(A, 7, 9, "I see."))
        assert "no customer's question with an answer" in why_not("slow_response", facts)

    def test_a_question_that_the_customer_went_on_from_is_not_waiting(self):
        facts = talk(
            Line(C, 1, 8, "How long will it take? Last time it was a week or so."), Line(A, 11, 13, "Two days.")
        )
        assert found("slow_response", facts) == []


class TestDeadAir:
    def test_an_unannounced_silence_is_flagged(self):
        (finding,) = found("dead_air", talk(Line(C, 1, 4, STORY), Line(A, 9, 12, "Here it is.")))
        assert (finding.value, finding.limit, finding.strength) == (5.0, 3.0, False)

    def test_an_announced_one_is_praised(self):
        facts = talk(Line(A, 1, 4, "One moment while I look that up."), Line(A, 9, 12, "Here it is."))
        assert [finding.strength for finding in found("dead_air", facts)] == [True]

    def test_a_customer_who_thinks_is_left_alone(self):
        facts = talk(Line(A, 1, 4, "What is your customer number?"), Line(C, 8, 12, "It is one two three."))
        assert found("dead_air", facts) == []

    def test_without_words_it_abstains_and_says_where(self):
        facts = talk(Line(C, 1, 4), Line(A, 9, 12))
        assert "silence of 5 s at 4 s: it cannot be told" in why_not("dead_air", facts)

    def test_hold_music_is_no_dead_air(self):
        facts = talk(Line(C, 1, 4, STORY), Line(A, 20, 22, "Here I am."), music=[Span(4.5, 19.5)])
        assert found("dead_air", facts) == []


class TestMonologue:
    LONG = "and then you open the cover and press the button " * 10

    def test_a_long_turn_without_a_question_is_flagged(self):
        assert len(found("monologue", talk(Line(A, 1, 60, self.LONG), Line(C, 61, 62, "Okay.")))) == 1

    def test_a_question_in_it_helps(self):
        facts = talk(Line(A, 1, 60, self.LONG + ". Does that make sense?"), Line(C, 61, 62, "Okay."))
        assert found("monologue", facts) == []


class TestTalkShare:
    @pytest.mark.parametrize(("agent_s", "variant"), [(50, "too_much"), (30, None), (5, "too_little")])
    def test_flags_both_ends(self, agent_s, variant):
        facts = talk(Line(A, 1, 1 + agent_s, "so " * 20), Line(C, 52, 52 + (10 if agent_s == 50 else 40), "well " * 20))
        assert [finding.variant for finding in found("talk_share", facts)] == ([variant] if variant else [])

    def test_abstains_on_little_speech(self):
        assert "less than 30 s" in why_not("talk_share", talk(Line(A, 1, 4, "Hello."), Line(C, 5, 6, "Hello.")))


def windows(*spreads_st: float) -> list[Window]:
    return [Window(A, 8.0 * i, 8.0 * i + 8, 4.0, spread, -25.0, 4.5) for i, spread in enumerate(spreads_st)]


class TestMonotone:
    SCENE = (Line(A, 0, 39, STORY), Line(C, 39.5, 42, "I see."))

    def test_needs_most_windows_to_be_flat(self):
        assert len(found("monotone", talk(*self.SCENE, windows=windows(0.5, 0.6, 0.7, 3.0)))) == 1
        assert found("monotone", talk(*self.SCENE, windows=windows(0.5, 3.0, 3.0, 3.0))) == []

    def test_abstains_on_a_noisy_line(self):
        facts = talk(*self.SCENE, windows=windows(0.5, 0.6, 0.7, 3.0))
        noisy = replace(facts, channels=(Channel(0, 30.0, -25.0, 7.0, 0.0, None), facts.channels[1]))
        assert "too noisy (7 dB" in why_not("monotone", noisy)

    def test_abstains_on_few_windows(self):
        assert "fewer than 3 stretches" in why_not("monotone", talk(*self.SCENE, windows=windows(0.5)))


class TestRaisedVoice:
    CALM = tuple(Line(A, 5.0 * i, 5.0 * i + 3, "and so it goes on", level_db=-25, pitch_hz=150) for i in range(9))

    def test_needs_level_and_pitch(self):
        both = Line(A, 50, 53, "Listen to me", level_db=-16, pitch_hz=190)
        louder = replace(both, pitch_hz=150)
        higher = replace(both, level_db=-25)
        assert [f.value for f in found("raised_voice", talk(*self.CALM, both))] == [9.0]
        assert found("raised_voice", talk(*self.CALM, louder)) == []
        assert found("raised_voice", talk(*self.CALM, higher)) == []

    def test_speaking_up_in_a_noise_is_no_anger(self):
        calm = [replace(line, noise_db=-60) for line in self.CALM]
        loud = Line(A, 50, 53, "Listen to me", level_db=-16, pitch_hz=190, noise_db=-58)
        assert [f.value for f in found("raised_voice", talk(*calm, loud))] == [9.0]
        assert found("raised_voice", talk(*calm, replace(loud, noise_db=-57))) == []

    def test_abstains_on_a_noisy_line(self):
        facts = talk(*self.CALM)
        noisy = replace(facts, channels=(Channel(0, 30.0, -25.0, 9.0, 0.0, None), facts.channels[1]))
        assert "too noisy (9 dB" in why_not("raised_voice", noisy)

    def test_a_customers_raised_voice_is_context_and_costs_nothing(self):
        calm = [replace(line, speaker=C) for line in self.CALM]
        loud = Line(C, 50, 53, "This is a joke", level_db=-14, pitch_hz=220)
        agent = [replace(line, start_s=line.start_s + 3.2, end_s=line.start_s + 4.8) for line in self.CALM]
        assert [f.speaker for f in found("raised_voice", talk(*calm, *agent, loud))] == [C]


class TestParaphrase:
    CUSTOMER = Line(C, 1, 9, STORY)

    @pytest.mark.parametrize(
        "text",
        [
            "If I understand you, the supermarket declined your card although the account was fine.",
            "The supermarket would not take the card, and the account was fine when you left. Is that what happened?",
            "Let me make sure I understand. They refused to take the card in the shop. Did I get that right?",
        ],
    )
    def test_saying_it_back_in_other_words_is_praised(self, text):
        (finding,) = found("paraphrase", talk(self.CUSTOMER, Line(A, 9.5, 15, text)))
        assert finding.strength
        assert finding.value >= finding.limit

    @pytest.mark.parametrize(
        "text",
        [
            f"So you're saying {STORY.lower()}",
            "If I understand you, I will now open a ticket for the other department.",
            "I can help you with that today.",
            "Is that right?",
        ],
        ids=["parroting", "nothing shared", "no restatement", "a bare check"],
    )
    def test_anything_else_is_not(self, text):
        (finding,) = found("paraphrase", talk(self.CUSTOMER, Line(A, 9.5, 15, text)))
        assert finding.variant == "none"

    def test_what_the_customer_says_yes_to_may_go_without_announcement(self):
        said = Line(A, 9.5, 15, "You checked the account, and still your card was refused at the supermarket.")
        yes, well = Line(C, 15.3, 16, "Yes, exactly."), Line(C, 15.3, 18, "What happens now with it?")
        assert [f.variant for f in found("paraphrase", talk(self.CUSTOMER, said, yes))] == ["paraphrase"]
        assert [f.variant for f in found("paraphrase", talk(self.CUSTOMER, said, well))] == ["none"]
        own = replace(said, text="I will send your new card to the supermarket this morning for you.")
        assert [f.variant for f in found("paraphrase", talk(self.CUSTOMER, own, yes))] == ["none"]

    def test_what_shares_no_word_and_is_agreed_is_neither_praised_nor_flagged(self):
        summed = "So the shop turned you away, and nothing was wrong with your money. Is that right?"
        said, yes = Line(A, 9.5, 15, summed), Line(C, 15.3, 16, "Yes, exactly.")
        facts = talk(self.CUSTOMER, said, yes)
        assert found("paraphrase", facts) == []
        assert "said yes to what the agent had understood" in why_not("paraphrase", facts)
        for other in (
            (said, replace(yes, text="Well, what happens now?")),
            (replace(said, text="Your number is 5551 2344. Is that right?"), yes),
            (replace(said, text=f"{STORY} Is that right?"), yes),
            (replace(said, text="Okay. Is that right?"), yes),
        ):
            assert [f.variant for f in found("paraphrase", talk(self.CUSTOMER, *other))] == ["none"]

    def test_without_a_long_story_there_is_nothing_to_say_back(self):
        assert "nothing at length" in why_not(
            "paraphrase", talk(Line(C, 1, 3, "My card is lost."), Line(A, 4, 6, "I see."))
        )

    def test_what_was_said_after_the_restatement_is_not_restated(self):
        restated = Line(A, 1, 6, "If I understand you, the supermarket declined your card and account.")
        assert [f.variant for f in found("paraphrase", talk(restated, Line(C, 6.5, 15, STORY)))] == []


class TestChecking:
    TALK = (Line(C, 1, 4, STORY), Line(A, 4.5, 7, "I see."), Line(C, 7.5, 9, "Yes."))

    def test_a_check_that_is_answered_is_praised(self):
        facts = talk(*self.TALK, Line(A, 9.5, 12, "Is that correct?"), Line(C, 12.5, 13, "Yes it is."))
        assert [f.variant for f in found("check_question", facts)] == ["checked"]

    def test_a_check_that_is_talked_over_is_flagged(self):
        facts = talk(
            *self.TALK, Line(A, 9.5, 15, "Is that correct? Then I will now send the form."), Line(C, 16, 17, "Well.")
        )
        (finding,) = found("check_question", facts)
        assert finding.variant == "not_waited"
        assert finding.value < 0.7

    def test_none_at_all_is_flagged(self):
        facts = talk(*self.TALK, Line(A, 9.5, 12, "I will send it."), Line(C, 12.5, 14, "Good to know."))
        assert [f.variant for f in found("check_question", facts)] == ["none"]


class TestEmpathy:
    HARDSHIP = Line(C, 1, 5, "I was really embarrassed in front of everybody.")

    def test_an_acknowledgement_in_the_next_turns_is_praised(self):
        facts = talk(self.HARDSHIP, Line(A, 5.5, 9, "I'm so sorry to hear that."))
        (finding,) = found("empathy", facts)
        assert finding.variant == "met"
        assert finding.spans == (Span(1, 5), Span(5.5, 9))

    def test_going_on_without_a_word_is_flagged(self):
        facts = talk(self.HARDSHIP, Line(A, 5.5, 9, "What is the card number?"), Line(C, 9.5, 11, "One two."))
        assert [f.variant for f in found("empathy", facts)] == ["missed"]

    def test_without_a_hardship_there_is_no_judgement(self):
        assert "no hardship was recognised" in why_not(
            "empathy", talk(Line(C, 1, 4, "I want to order."), Line(A, 5, 8, "So sorry."))
        )

    def test_the_agents_own_words_are_no_opportunity(self):
        assert "no hardship was recognised" in why_not(
            "empathy", talk(Line(A, 1, 4, "That is frustrating."), Line(C, 5, 8, "It is late."))
        )

    def test_a_script_that_is_said_twice_counts_once(self):
        scene = [
            self.HARDSHIP,
            Line(A, 5.5, 9, "I'm so sorry to hear that."),
            Line(C, 60, 64, "And I am worried about my money."),
            Line(A, 64.5, 68, "I'm so sorry to hear that."),
        ]
        assert [f.variant for f in found("empathy", talk(*scene))] == ["met", "missed"]


class TestOpeningAndClosing:
    MIDDLE = tuple(Line(C if i % 2 else A, 10 + 8 * i, 16 + 8 * i, "and so it goes on") for i in range(8))

    def test_complete_parts_are_praised(self):
        facts = talk(
            Line(A, 1, 5, "Good morning, my name is Sam, how can I help?"),
            *self.MIDDLE,
            Line(A, 80, 84, "Is there anything else? Thank you, goodbye."),
        )
        assert [f.variant for f in found("opening_and_closing", facts)] == ["good_opening", "good_closing"]

    def test_missing_parts_are_named(self):
        opening, closing = found(
            "opening_and_closing", talk(Line(A, 1, 3, "Hello."), *self.MIDDLE, Line(A, 80, 82, "Done."))
        )
        assert (opening.value, closing.value) == (1, 0)
        assert opening.why == "not recognised: a name, an offer of help"

    def test_what_may_only_have_been_misheard_is_not_called_missing(self):
        facts = talk(Line(A, 1, 3, "I'll share it speaking."), *self.MIDDLE, Line(A, 80, 82, "Done."))
        guessed = [replace(word, probability=0.2) if word.start_s < 3 else word for word in facts.words]
        facts = replace(facts, words=tuple(guessed))
        assert [f.variant for f in found("opening_and_closing", facts)] == ["closing"]
        assert "words of the opening" in why_not("opening_and_closing", facts)

    def test_a_customers_thanks_are_not_the_agents(self):
        facts = talk(Line(A, 1, 3, "Hello."), *self.MIDDLE, Line(C, 80, 83, "Thank you, goodbye."))
        assert found("opening_and_closing", facts)[1].value == 0


class TestBlame:
    def test_flags_the_sentence(self):
        facts = talk(Line(A, 1, 5, "I see. You should have called us earlier. Well."), Line(C, 6, 8, "Sorry."))
        assert [f.quote for f in found("blame", facts)] == ["You should have called us earlier."]
