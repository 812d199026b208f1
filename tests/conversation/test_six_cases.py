"""Six cases in which a rule of overlap length is wrong, by words and by voice alone; truth by construction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from speechcoach.pipeline import measure
from tests.talk import A, C, Line, talk

TAKEN = ("interruption", "silent_interruption")
POOR_LISTENER = Path(__file__).resolve().parents[2] / "samples" / "poor_listener.wav"
# A voice that is cut has no fade and no final fall; one that goes on or ends has both.
STOPPED = {"inflection": "level", "release_s": 0.0}
DONE = {"inflection": "fall", "release_s": 0.05}


def lines(*said: tuple, worded: bool) -> list[tuple[str, str]]:
    """Speaker and kind of each event; without words the same times and voices."""
    scripted = [Line(who, start_s, end_s, text if worded else "", **voice) for who, start_s, end_s, text, voice in said]
    return [(event.by, event.kind) for event in talk(*scripted).overlaps]


@pytest.mark.parametrize("worded", [True, False])
class TestWithAndWithoutWords:
    def test_a_backchannel_of_eight_tenths_is_none(self, worded):
        story = (C, 1, 9, "so I called the garage twice and they told me it would come on Friday morning.", DONE)
        events = lines(story, (A, 4, 4.8, "Mm-hmm, okay.", DONE), worded=worded)
        assert len(events) == 1 and events[0][1] not in TAKEN

    def test_a_customer_who_yields_after_four_tenths_was_interrupted(self, worded):
        cut = (C, 1, 4.4, "I wanted to ask whether you could send it to the", STOPPED)
        taker = (A, 4, 8, "You need to fill in the form on our website first.", DONE)
        assert lines(cut, taker, worded=worded) == [(A, "interruption")]

    def test_a_cut_without_overlap_is_found(self, worded):
        cut = (C, 1, 4, "and then I went to the shop because", STOPPED | {"level_db": -22.0})
        before, after = (C, 10, 13, "We live here.", DONE), (A, 4.1, 8, "Have you tried to turn it off?", DONE)
        assert (A, "silent_interruption") in lines(cut, after, before, worded=worded)

    def test_a_change_of_speaker_after_a_finished_sentence_is_no_cut(self, worded):
        done = (C, 1, 4, "I would like to change my address.", DONE)
        assert lines(done, (A, 4.1, 8, "Of course, what is the new one?", DONE), worded=worded) == []

    def test_an_abandoned_attempt_is_told_from_a_taken_floor(self, worded):
        holder = (C, 1, 8, "I have been a customer for ten years and I never had such a problem before.", DONE)
        attempt = (A, 3, 3.9, "But did you", STOPPED)
        assert lines(holder, attempt, worded=worded) == [(A, "butting_in")]
        cut = (C, 1, 3.5, "I have been a customer for ten years and I", STOPPED)
        taken = (A, 3, 7, "But did you check the cable before you called us?", DONE)
        assert lines(cut, taken, worded=worded) == [(A, "interruption")]


def test_a_co_operative_completion_is_one():
    before = (C, 1, 4.2, "And what about the paper from the plumber, the, um,", STOPPED)
    offered, after = (A, 4.1, 4.7, "The invoice?", DONE), (C, 4.9, 8, "Yes, the invoice, do I send that?", DONE)
    assert lines(before, offered, after, worded=True)[0] == (A, "completion")
    assert all(kind not in TAKEN for _, kind in lines(before, offered, after, worded=False)[:1])


@pytest.mark.parametrize("gains", [(1.0, 1.0), (1.0, 0.5), (1.0, -1.0)])
def test_the_same_mix_on_both_channels_has_no_overlaps(tmp_path, gains):
    samples, rate_hz = soundfile.read(POOR_LISTENER)
    mix = samples.sum(axis=1) / 2
    soundfile.write(tmp_path / "mix.wav", np.outer(mix, gains), rate_hz, subtype="ULAW")
    assert measure(tmp_path / "mix.wav", transcript=False).overlaps == ()


def test_no_probability_is_surer_than_what_was_seen():
    cut = Line(C, 1, 4.4, "I wanted to send it to the", inflection="level", release_s=0.0)
    for text in ("You need to fill in the form.", ""):
        event = talk(Line(C, 1, 4.4, cut.text if text else "", **STOPPED), Line(A, 4, 8, text)).overlaps[0]
        assert 0.5 <= event.probability <= 0.97
