"""Each cue of the voice on the behaviour it is about, and on the nearest behaviour that it is not about."""

from __future__ import annotations

from dataclasses import replace

from tests.judgement.test_cues import found, why_not
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
