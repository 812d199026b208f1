"""Two speakers on one channel: whose words, whose frames, which roles (truth: analytic, made by hand)."""

from __future__ import annotations

import numpy as np
import pytest

from speechcoach.channels import Speakers
from speechcoach.conversation import (
    Party,
    assemble,
    deal_words,
    given_roles,
    guess_roles,
    speech_only,
    unfit_on_one_channel,
    voices_as_parties,
)
from speechcoach.records import Call, Frames, Span, Word
from speechcoach.settings import Norms

PHRASES = Norms.load("en").phrases
HIGH_HZ, LOW_HZ = 220.0, 110.0
DURATION_S = 60.0
FIRST = tuple(Span(start, start + 3.0) for start in range(1, 55, 6))
SECOND = tuple(Span(start + 3.0, start + 5.0) for start in range(1, 55, 6))  # follows without a pause
TOLD = Speakers((FIRST, SECOND), 2, 0.9, "two voices")


@pytest.fixture
def frames() -> Frames:
    """One channel: a high voice at -20 dB and a low one at -30 dB take turns."""
    count = round(DURATION_S * 100)
    time_s = (np.arange(count) + 0.5) * 0.01
    f0_hz, level_db = np.full((1, count), np.nan, np.float32), np.full((1, count), -70, np.float32)
    for spans, hz, db in ((FIRST, HIGH_HZ, -20), (SECOND, LOW_HZ, -30)):
        for span in spans:
            inside = (time_s >= span.start_s) & (time_s < span.end_s)
            f0_hz[0, inside], level_db[0, inside] = hz, db
    active = np.isfinite(f0_hz)
    noise_db = np.full((1, count), -70, np.float32)
    return Frames(0.01, time_s, f0_hz, active.astype(np.float32), level_db, noise_db, active, active & False)


def assembled(frames: Frames, music: tuple[Span, ...] = ()):
    parties = [
        Party("agent", 0, FIRST, music),
        Party("customer", 0, SECOND, music),
    ]
    words = [Word("agent", 1.0, 1.4, "Hello", 0.9), Word("customer", 4.1, 4.4, "Hi", 0.9)]
    call = Call("0" * 64, "call.wav", DURATION_S, 8000, 1)
    return assemble(call, "made", frames, parties, words, PHRASES), parties


def test_each_has_the_own_pitch_level_and_talk_time(frames):
    facts, _ = assembled(frames)
    agent, customer = facts.speakers["agent"], facts.speakers["customer"]
    assert (agent.pitch_hz, customer.pitch_hz) == (pytest.approx(HIGH_HZ, rel=1e-3), pytest.approx(LOW_HZ, rel=1e-3))
    assert (agent.level_db, customer.level_db) == (pytest.approx(-20, abs=0.1), pytest.approx(-30, abs=0.1))
    assert (agent.talk_share, customer.talk_share) == (pytest.approx(0.6), pytest.approx(0.4))
    assert {turn.pitch_st for turn in facts.turns} == {0.0}  # each against their own median, not the channel's


def test_the_turns_follow_each_other_without_an_offset(frames):
    facts, _ = assembled(frames)
    assert [turn.speaker for turn in facts.turns[:4]] == ["agent", "customer", "agent", "customer"]
    assert facts.speakers["customer"].median_fto_s == pytest.approx(0.0)
    assert facts.speakers["agent"].median_fto_s == pytest.approx(1.0)


def test_music_on_the_shared_channel_counts_once(frames):
    """Of each second of silence 0.3 s are music: twice that would be the larger half."""
    facts, _ = assembled(frames, tuple(Span(span.end_s, span.end_s + 0.3) for span in SECOND))
    assert not any(pause.music for pause in facts.pauses)


def test_frames_for_a_report_hold_the_speech_of_both(frames):
    _, parties = assembled(frames)
    np.testing.assert_array_equal(speech_only(frames, parties).f0_hz, frames.f0_hz)


class TestWords:
    PARTIES = voices_as_parties(Speakers(((Span(0, 2), Span(6, 7)), (Span(2, 4),)), 2, 0.9, ""), 0, ())

    def dealt(self, start_s: float, end_s: float) -> list[list[Word]]:
        return deal_words([Word("0", start_s, end_s, "well", 0.9)], self.PARTIES)

    @pytest.mark.parametrize(
        ("start_s", "end_s", "whose"),
        [(0.1, 0.4, 0), (2.1, 2.4, 1), (6.2, 6.5, 0), (4.2, 4.6, 1), (5.6, 5.9, 0), (8.0, 8.2, 0)],
        ids=["in the first's", "in the second's", "in the first's again", "after the second's", "before", "at the end"],
    )
    def test_go_to_whom_their_middle_is_nearest(self, start_s, end_s, whose):
        found = self.dealt(start_s, end_s)
        assert [len(part) for part in found] == [1 - whose, whose]

    def test_a_word_over_a_change_ends_with_it(self):
        ((word,), none) = self.dealt(1.5, 2.3)
        assert (word.start_s, word.end_s) == (1.5, 2.0)
        assert none == []

    def test_none_is_lost_where_nobody_speaks(self):
        assert deal_words([], self.PARTIES) == [[], []]


class TestRoles:
    HELPS = tuple(Word("0", 1 + i / 5, 1.2 + i / 5, text) for i, text in enumerate(("How", "can", "I", "help", "you?")))
    VOICES = ("the voice heard first", "the voice heard second")

    def test_are_no_surer_than_the_voices_are_apart(self):
        whole = guess_roles([self.HELPS, []], [1.0, 4.0], PHRASES)
        half = guess_roles([self.HELPS, []], [1.0, 4.0], PHRASES, self.VOICES, 0.8)
        assert half.side_of == whole.side_of == {"agent": 0, "customer": 1}
        assert half.probability == pytest.approx(0.8 * whole.probability, abs=1e-3)
        assert half.why.startswith("roles uncertain: the voice heard first offers help")

    @pytest.mark.parametrize(
        ("agent", "first_s", "side"), [("first", (1, 3), 0), ("second", (1, 3), 1), ("first", (3, 1), 1)]
    )
    def test_can_be_given_by_who_speaks_first(self, agent, first_s, side):
        roles = given_roles(agent, first_s)
        assert (roles.side_of["agent"], roles.source) == (side, "option")


def test_what_cannot_be_judged_is_said_in_one_sentence():
    before = {"speakers": "The recording has one channel, which carries both sides."}
    assert set(unfit_on_one_channel(before, TOLD, 1)) == {"overlaps"}
    one = Speakers((FIRST,), 1, 0.9, "one voice is heard")
    assert unfit_on_one_channel(before, one, 1) == {
        "speakers": "The recording has one channel, and its speakers cannot be told: one voice is heard."
    }
    same = {"speakers": "Both channels carry the same sound (correlation 1.00)."}
    assert unfit_on_one_channel(same, one, 2)["speakers"].startswith(same["speakers"])
