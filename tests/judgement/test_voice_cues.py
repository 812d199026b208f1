"""Each cue of the voice on the behaviour it is about, and on the nearest behaviour that it is not about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from speechcoach.pipeline import judge
from speechcoach.records import Channel, Span
from speechcoach.settings import Norms
from speechcoach.views import html, text
from tests.judgement.test_cues import STORY, found, why_not
from tests.judgement.voiced import FLAT, PLAYED_DOWN, climbing, fading, in_step, listening
from tests.talk import A, C, Line, talk


class TestReception:
    LONG = " | ".join(["and I told them all of it from the very first day on"] * 12)

    def test_words_at_the_pauses_of_a_story_are_praised_and_counted(self):
        (finding,) = found("reception", talk(*listening()))
        assert finding.strength
        assert (len(finding.spans), finding.value) == (3, 1.0)

    def test_the_same_words_at_other_times_answer_nothing(self):
        late = [replace(line, start_s=line.start_s + 2, end_s=line.end_s + 2) for line in listening()[1:-1]]
        assert found("reception", talk(listening()[0], *late, listening()[-1])) == []

    def test_only_extreme_silence_is_flagged(self):
        story, reply = Line(C, 1, 70, self.LONG), Line(A, 70.5, 74, "Let me look.")
        (finding,) = found("reception", talk(story, reply))
        assert (finding.strength, finding.value) == (False, 0)
        assert found("reception", talk(story, Line(A, 30, 30.4, "Mm-hmm."), reply)) == []
        assert found("reception", talk(replace(story, end_s=40), replace(reply, start_s=40.5))) == []

    def test_a_story_without_pauses_invites_nothing(self):
        story = Line(C, 1, 70, self.LONG.replace(" | ", " "))
        assert found("reception", talk(story, Line(A, 70.5, 74, "Let me look."))) == []

    def test_an_agents_own_story_makes_no_opportunity(self):
        swapped = [replace(line, speaker=C if line.speaker == A else A) for line in listening()]
        assert "tells nothing" in why_not("reception", talk(*swapped))

    def test_short_answers_of_a_customer_are_no_story(self):
        assert "tells nothing" in why_not("reception", talk(Line(A, 1, 5, "And now?"), Line(C, 6, 9, "It works.")))


class TestFastSpeech:
    EVEN = tuple(Line(A, 10 * i, 10 * i + 4, STORY, syllables_per_s=7.0, noise_db=-60) for i in range(7))
    HURRIED = replace(EVEN[-1], syllables_per_s=10.0)

    def test_compares_with_the_agents_own_rate_only(self):
        assert found("fast_speech", talk(*self.EVEN)) == []
        (finding,) = found("fast_speech", talk(*self.EVEN[:-1], self.HURRIED))
        assert finding.spans == (Span(60, 64),)
        assert finding.value == pytest.approx(10 / 7, abs=0.01)
        assert "10.0 against 7.0" in finding.why

    def test_finds_the_stretch_inside_a_long_turn(self):
        turn = [
            Line(A, 4.2 * i, 4.2 * i + 4, f"part {i} of it", syllables_per_s=9.0 if i == 5 else 5.0) for i in range(8)
        ]
        assert [f.spans for f in found("fast_speech", talk(*turn))] == [(Span(21.0, 25.0),)]

    def test_who_is_always_uneven_is_left_alone(self):
        uneven = [
            replace(line, syllables_per_s=rate) for line, rate in zip(self.EVEN, (4, 5, 6, 7, 4, 6, 8), strict=True)
        ]
        assert found("fast_speech", talk(*uneven)) == []

    def test_speech_in_a_noise_and_on_a_noisy_line_is_not_judged(self):
        loud = replace(self.HURRIED, noise_db=-56)
        assert found("fast_speech", talk(*self.EVEN[:-1], loud)) == []
        facts = talk(*self.EVEN[:-1], self.HURRIED)
        noisy = replace(facts, channels=(Channel(0, 30.0, -25.0, 9.0, 0.0, None), facts.channels[1]))
        assert "too noisy (9 dB" in why_not("fast_speech", noisy)

    def test_a_few_turns_are_no_yardstick(self):
        assert "fewer than 6 stretches" in why_not("fast_speech", talk(*self.EVEN[:4], self.HURRIED))


class TestConflict:
    def test_what_came_down_beside_an_answer_is_praised_with_its_course(self):
        (finding,) = found("conflict", talk(*climbing()))
        assert finding.strength
        assert finding.spans == (Span(84.5, 94),)
        assert "rose 10 dB over its own calm level within 4 s" in finding.why
        assert "near calm again 6 s later; meanwhile the agent acknowledged it and said back" in finding.why
        assert finding.quote.startswith("Customer: I am completely fed up with this. | Agent: I can hear why.")

    def test_without_an_answer_it_is_context_of_the_customer_and_costs_nothing(self):
        (finding,) = found("conflict", talk(*climbing(text="What is the number of your card?")))
        assert (finding.speaker, finding.strength) == (C, False)

    def test_an_agent_whose_own_voice_rose_is_not_praised(self):
        calm = [Line(A, 200 + 4 * i, 202 + 4 * i, "and so on") for i in range(9)]
        (finding,) = found("conflict", talk(*climbing(level_db=-15, pitch_hz=200), *calm))
        assert finding.speaker == C
        assert "the agent's own voice rose 10 dB meanwhile" in finding.why

    def test_a_voice_alone_may_be_joy_and_words_alone_are_a_complaint(self):
        joy = [
            replace(line, text="Oh, it works, it really works!") if line.level_db == -15 else line
            for line in climbing()
        ]
        calm = [replace(line, level_db=-25, pitch_hz=200) if line.level_db == -15 else line for line in climbing()]
        assert found("conflict", talk(*joy)) == []
        assert found("conflict", talk(*calm)) == []

    def test_a_voice_that_rose_with_the_noise_is_no_sign(self):
        lines = [replace(line, noise_db=-50 if line.level_db == -15 else -60) for line in climbing()]
        assert found("conflict", talk(*lines)) == []

    def test_a_level_that_never_falls_again_is_told_so(self):
        (finding,) = found("conflict", talk(*climbing()[:-3]))
        assert "did not come back near calm" in finding.why

    def test_after_an_attack_the_agents_raised_voice_is_context_and_no_flag(self):
        calm = [Line(A, 200 + 4 * i, 202 + 4 * i, "and so on") for i in range(9)]
        attack = [
            replace(line, text="Shut up, I am fed up with you.") if line.level_db == -15 else line
            for line in climbing(level_db=-15, pitch_hz=200)
        ]
        assert A not in [f.speaker for f in found("raised_voice", talk(*attack, *calm))]
        assert A in [f.speaker for f in found("raised_voice", talk(*climbing(level_db=-15, pitch_hz=200), *calm))]
        (finding,) = found("conflict", talk(*attack, *calm))
        assert "words that attack the person" in finding.why


class TestArousal:
    ON = Norms.load("en", Path(__file__).parent / "all_on.toml")
    UP = {"level_db": -19, "pitch_hz": 180, "syllables_per_s": 6.0}  # noqa: RUF012

    def test_is_off_unless_asked_for_and_says_how(self):
        facts = talk(*climbing(**self.UP))
        assert found("arousal", facts) == []
        assert "enabled = 1" in why_not("arousal", facts)

    def test_level_pitch_and_pace_that_rise_after_a_hard_moment_are_told_with_the_way_back(self):
        back = Line(A, 104, 106.2, "I see what you mean there.")
        (finding,) = found("arousal", talk(*climbing(**self.UP), back), self.ON)
        assert finding.spans == (Span(88.5, 93),)
        assert finding.why == "+6 dB, +3.2 semitones and +32% in pace, near the middle again 11 s later"

    def test_pitch_alone_is_lively_and_no_rise(self):
        assert [f.variant for f in found("arousal", talk(*climbing(pitch_hz=180)), self.ON)] in ([], ["steady"])

    def test_a_voice_that_rises_where_nothing_was_hard_is_left_alone(self):
        easy = [
            replace(line, level_db=-25, pitch_hz=200) if line.speaker == C else line for line in climbing(**self.UP)
        ]
        assert found("arousal", talk(*easy), self.ON) == []

    def test_a_voice_that_rises_with_the_noise_is_left_out(self):
        lines = [replace(line, noise_db=-60) for line in climbing()]
        up = [replace(line, noise_db=-55, **self.UP) if line.start_s == 88.5 else line for line in lines]
        assert found("arousal", talk(*up), self.ON) == []

    def test_staying_even_through_a_hard_moment_is_praised(self):
        (finding,) = found("arousal", talk(*climbing()), self.ON)
        assert (finding.strength, finding.spans) == (True, (Span(84.5, 88),))

    def test_it_is_nobody_elses_business(self):
        result = judge(talk(*climbing(**self.UP)), self.ON)
        assert "Your voice in hard moments" in text.render(result, "agent")
        assert "hard moments" not in text.render(result, "qa")
        assert "hard moments" in html.render(result, audience="agent")
        assert "hard moments" not in html.render(result, audience="qa")


class TestWordsAgainstVoice:
    def said(self, line: Line, **other: object) -> list:
        lines = [replace(each, noise_db=-60) for each in climbing()]
        return found("words_against_voice", talk(*lines, replace(line, **{"noise_db": -60, **other})))

    def test_friendly_words_in_a_quiet_and_flat_voice_are_a_place_to_listen(self):
        (finding,) = self.said(FLAT)
        assert (finding.speaker, finding.variant, finding.quote) == (A, "flat", "I'm happy to help you.")
        assert finding.why == "-5 dB, and 0.5 semitones of movement where 3.0 are usual"

    @pytest.mark.parametrize(
        "other",
        [
            {"level_db": -25},
            {"pitch_sd_st": 3.0},
            {"text": "The number is two five."},
            {"noise_db": -50},
            {"text": "There is no problem with it if you order one of the two now."},
        ],
        ids=["flat alone", "quiet alone", "other words", "in a noise", "in passing"],
    )
    def test_any_of_these_alone_is_none(self, other):
        assert self.said(FLAT, **other) == []

    def test_a_customers_quiet_fine_is_context(self):
        (finding,) = self.said(PLAYED_DOWN)
        assert (finding.speaker, finding.variant, finding.strength) == (C, "listen", False)

    @pytest.mark.parametrize("other", [{"level_db": -25}, {"pitch_hz": 200}, {"inflection": "rise"}])
    def test_a_fine_in_the_usual_voice_is_fine(self, other):
        assert self.said(PLAYED_DOWN, **other) == []

    def test_a_raised_friendly_voice_counts_in_a_hard_moment_only(self):
        loud = {"level_db": -15, "pitch_hz": 190}
        hard = climbing(text="No problem, I am happy to help.", **loud)
        easy = [replace(line, level_db=-25, pitch_hz=200) if line.speaker == C else line for line in hard]
        calm = [Line(A, 200 + 4 * i, 202 + 4 * i, "and so on") for i in range(9)]
        assert [f.variant for f in found("words_against_voice", talk(*hard, *calm))] == ["raised"]
        assert found("words_against_voice", talk(*easy, *calm)) == []


class TestEntrainment:
    def test_replies_that_move_with_the_customer_beat_shuffled_ones(self):
        (finding,) = found("entrainment", talk(*in_step()))
        assert finding.strength
        assert finding.value > finding.limit == 0.99
        assert "over 14 replies" in finding.why

    def test_the_same_replies_given_to_other_turns_show_nothing(self):
        shuffled = (5, 12, 0, 9, 3, 14, 7, 2, 15, 8, 1, 11, 4, 13, 6, 10)
        assert found("entrainment", talk(*in_step(shuffled))) == []

    def test_replies_that_never_change_show_nothing(self):
        same = [
            replace(line, level_db=-25, syllables_per_s=4.0, end_s=line.start_s + 2) if line.speaker == A else line
            for line in in_step()
        ]
        assert found("entrainment", talk(*same)) == []

    def test_two_voices_that_both_tire_are_not_in_step(self):
        tired = [
            replace(line, level_db=-20 - 0.4 * (i // 2), syllables_per_s=7 - 0.1 * (i // 2), end_s=line.start_s + 3)
            for i, line in enumerate(in_step())
        ]
        assert found("entrainment", talk(*tired)) == []

    def test_a_few_replies_prove_nothing(self):
        assert "10 replies that can be compared; 12 are needed" in why_not("entrainment", talk(*in_step()[:24]))

    def test_speaking_up_together_in_a_noise_is_no_step(self):
        noisy = [replace(line, noise_db=-50 if line.level_db > -24 else -60) for line in in_step()]
        assert found("entrainment", talk(*noisy)) == []


class TestEnergy:
    def of(self, **other: float) -> list:
        lines, windows = fading(**other)
        return found("energy", talk(*lines, windows=windows))

    def test_a_voice_that_becomes_quieter_and_flatter_is_flagged(self):
        (finding,) = self.of()
        assert (finding.variant, finding.value, finding.limit) == ("flag", 4.0, 3.0)
        assert finding.why == "-4.0 dB, and a pitch that moves by 1.5 semitones where it was 3.0"

    @pytest.mark.parametrize("other", [{"flatter": 0.9}, {"fall_db": 1.0}], ids=["quieter alone", "flatter alone"])
    def test_one_of_both_is_a_headset_or_a_list(self, other):
        assert self.of(**other) == []

    def test_nothing_is_said_where_the_noise_moved(self):
        lines, windows = fading(noise_db=-52)
        facts = talk(*lines, windows=windows)
        assert found("energy", facts) == []
        assert "the noise on the agent's line changed" in why_not("energy", facts)

    def test_stretches_in_another_order_fade_no_more(self):
        lines, windows = fading()
        order = (10, 3, 0, 12, 7, 1, 13, 4, 8, 11, 2, 14, 5, 9, 6)
        mixed = [replace(windows[i], start_s=w.start_s, end_s=w.end_s) for i, w in zip(order, windows, strict=True)]
        assert found("energy", talk(*lines, windows=mixed)) == []

    def test_a_few_stretches_are_no_trend(self):
        lines, windows = fading()
        assert "5 stretches of voice" in why_not("energy", talk(*lines, windows=windows[:5]))
