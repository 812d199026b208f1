"""Each cue of the voice on the behaviour it is about, and on the nearest behaviour that it is not about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from speechcoach.records import Channel, Span
from tests.judgement.test_cues import STORY, found, why_not
from tests.judgement.voiced import listening
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
