"""The measures of the benchmark of broken-off turns. Truth: counted by hand from what stands here."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import cut_offs  # the scripts are no package


def unit(speaker: str, start_s: float, end_s: float, text: str, act: str = "s") -> dict:
    words = [[start_s, end_s, word] for word in text.split()]
    return {"id": f"{speaker}{start_s}", "spk": speaker, "s": start_s, "e": end_s, "da": act, "words": words}


def test_a_change_needs_more_than_a_backchannel_that_outlasts_a_speaker_who_stays_silent():
    holder = unit("a", 0, 3, "i would like to", "s.%-")
    assert cut_offs.changes([holder, unit("b", 2.5, 5, "but why not")]) == [(holder, 0.5)]
    assert cut_offs.changes([holder, unit("b", 2.5, 5, "mm-hmm")]) == []
    assert cut_offs.changes([holder, unit("b", 2.5, 3.2, "but why not")]) == []
    goes_on = [holder, unit("b", 2.5, 5, "but why not"), unit("a", 3.1, 5.2, "to see it")]
    assert cut_offs.changes(goes_on) == []
    assert cut_offs.changes([holder, unit("b", 3.3, 5, "but why not")]) == []


def test_an_onset_counts_where_another_speaks():
    holder, inside, after = unit("a", 0, 3, "so"), unit("b", 1, 2, "yeah", "b"), unit("b", 4, 5, "yeah")
    assert cut_offs.onsets([holder, inside, after]) == [(inside, 1.0)]


def test_words_are_read_as_a_recogniser_writes_them():
    assert cut_offs.written(unit("a", 0, 1, "o_k <mmm> x_m_l the-")) == ("okay", "mmm", "xml", "the-")


def test_one_word_in_seven_is_misheard_and_every_time_the_same():
    texts = [tuple(f"w{line * 20 + place}" for place in range(20)) for line in range(500)]
    heard = cut_offs.misheard(texts)
    kept = sum(len(set(was) & set(now)) for was, now in zip(texts, heard, strict=True)) / 10_000
    assert kept == pytest.approx(1 - 2 * cut_offs.ERRORS / 3, abs=0.01)
    assert sum(map(len, heard)) == pytest.approx(10_000, rel=0.02)
    assert heard == cut_offs.misheard(texts)


def test_scores_and_the_best_threshold():
    true = np.array([True, True, False, False, True])
    share = np.array([0.9, 0.8, 0.7, 0.2, 0.1])
    assert cut_offs.best_threshold(share, true) == 0.8
    precision, recall, f1 = cut_offs.scores(share >= 0.7, true)
    assert (precision, recall, f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))


def test_the_interval_holds_the_figure_and_is_a_point_where_all_meetings_are_alike():
    true = np.tile([True, True, False, False], 6)
    said = np.tile([True, False, True, False], 6)
    low, high = cut_offs.interval(said, true, np.repeat(np.arange(6), 4))
    assert low == high == pytest.approx(0.5)


def test_calibration_error_of_shares_that_are_too_low():
    error, rows = cut_offs.calibration(np.full(10, 0.25), np.arange(10) < 5)
    assert error == pytest.approx(0.25)
    assert rows == [["0.2-0.3", 10, "0.25", "0.50"]]
