"""Truth: properties that must hold for any spans and any words; audio where the quiet place is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechcoach.records import Span
from speechcoach.transcript.engine import RATE_HZ, WINDOW_S, Heard
from speechcoach.transcript.packing import AROUND_S, SILENCE_S, Piece, Window, apart, pack, samples, unpack


@st.composite
def span_lists(draw):
    steps = draw(st.lists(st.tuples(st.floats(0, 20), st.floats(0.01, 70)), min_size=1, max_size=12))
    at, spans = 0.0, []
    for gap_s, length_s in steps:
        spans.append(Span(at + gap_s, at + gap_s + length_s))
        at = spans[-1].end_s
    return spans


@st.composite
def heard_words(draw, until_s):
    edges = sorted(draw(st.lists(st.floats(0, until_s), max_size=20)))
    return [
        Heard(draw(st.sampled_from(["so", "yes.", "well,"])), a, b, draw(st.floats(a, b)), 0.9)
        for a, b in itertools.pairwise(edges)
    ]


def silence(_channel: int, span: Span) -> np.ndarray:
    return np.zeros(round(span.duration_s * RATE_HZ), np.float32)


@given(span_lists())
def test_windows_hold_every_span_once_and_fit(spans):
    windows = pack([spans], silence)
    pieces = [piece for window in windows for piece in window.pieces]
    assert all(window.duration_s <= 30 + 1e-6 for window in windows)
    assert sum(p.span.duration_s for p in pieces) == pytest.approx(sum(s.duration_s for s in spans))
    assert [p.span for p in pieces] == sorted(p.span for p in pieces)
    assert {window.channel for window in windows} == {0}
    assert {s for s in spans if s.duration_s <= 30} <= {p.span for p in pieces}
    for window in windows:
        for a, b in itertools.pairwise(window.pieces):
            assert b.at_s - a.end_s == pytest.approx(min(SILENCE_S, b.span.start_s - a.span.end_s))


@given(st.data())
def test_every_word_maps_into_its_span_and_keeps_its_order(data):
    for window in pack([data.draw(span_lists())], silence)[:3]:
        words = sorted(data.draw(heard_words(window.duration_s)), key=lambda word: word.peak_s)
        found = unpack(window, words)
        assert sum(map(len, found)) == len(words)
        for piece, inside in zip(window.pieces, found, strict=True):
            for word in inside:
                assert piece.span.start_s <= word.start_s <= word.end_s <= piece.span.end_s
        flat = [word for inside in found for word in inside]
        assert [w.text for w in flat] == [w.text for w in words]
        assert [w.start_s for w in flat] == sorted(w.start_s for w in flat)


def test_a_long_span_is_cut_where_it_is_quiet():
    audio = np.random.default_rng(1).normal(0, 0.1, 70 * RATE_HZ).astype(np.float32)
    for quiet_s in (27.3, 54.1):
        audio[round(quiet_s * RATE_HZ) : round((quiet_s + 0.2) * RATE_HZ)] = 0

    def read(_channel, span):
        return audio[round(span.start_s * RATE_HZ) : round(span.end_s * RATE_HZ)]

    first, second, third = (window.pieces[0].span for window in pack([[Span(0, 70)]], read))
    assert 27.3 <= first.end_s == second.start_s <= 27.5
    assert 54.1 <= second.end_s == third.start_s <= 54.3


def test_samples_stand_where_the_pieces_say():
    def read(_channel, span):
        return np.full(round(span.duration_s * RATE_HZ), span.start_s, np.float32)

    (window,) = pack([[Span(1, 2), Span(7, 8.5)]], read)
    heard = samples(window, read)
    around = round(AROUND_S * RATE_HZ)
    assert len(heard) == round((1 + SILENCE_S + 1.5) * RATE_HZ) + around
    assert set(heard[: 16_000 + around]) == {1.0} and set(heard[16_000 + around : -24_000 - 2 * around]) == {0.0}
    assert set(heard[-24_000 - 2 * around :]) == {np.float32(7.0 - AROUND_S)}  # it begins before its piece


def test_a_short_pause_is_read_with_what_is_in_it():
    clock = np.arange(round(10 * RATE_HZ), dtype=np.float32) / RATE_HZ

    def read(_channel, span):
        return clock[round(span.start_s * RATE_HZ) : round(span.end_s * RATE_HZ)]

    (window,) = pack([[Span(1, 2), Span(2.3, 3), Span(6, 7)]], read)
    heard = samples(window, read)
    for piece in window.pieces:
        start = round(piece.at_s * RATE_HZ)
        stop = start + round(piece.span.duration_s * RATE_HZ)
        np.testing.assert_allclose(heard[start:stop], read(0, piece.span), atol=1e-4)
    assert np.all(heard[: round(2 * RATE_HZ)] > 0)  # 1 to 3 s without a gap
    assert np.count_nonzero(heard == 0) == round((SILENCE_S - 2 * AROUND_S) * RATE_HZ)


def test_edges_of_speech_are_edges_of_words():
    window = Window(0, (Piece(Span(10, 12), 0.0), Piece(Span(20, 22), 2.6)))
    found = unpack(window, [Heard("well,", 0.2, 0.6, 0.4, 1.0), Heard("yes.", 2.2, 3.0, 2.9, 1.0)])
    assert [(w.start_s, w.end_s) for w in found[0]] == [(10, 10.6)]
    # it seemed to start in the silence, and ends long before its span does
    assert [(w.start_s, w.end_s) for w in found[1]] == [(20, 20.4)]


@given(st.lists(span_lists(), min_size=1, max_size=2))
def test_windows_cost_no_more_than_windows_filled_to_the_brim(spans):
    def cost_s(windows):
        return len(windows) * max(window.duration_s for window in windows)

    brim = [window for channel, of in enumerate(spans) for window in filled(of, channel)]
    assert cost_s(pack(spans, silence)) <= cost_s(brim) + 1e-6


def filled(spans: list[Span], channel: int) -> list[Window]:
    """Each window takes what still fits 30 s."""
    windows = []
    for part in (piece.span for window in pack([spans], silence) for piece in window.pieces):
        last = windows[-1].pieces[-1] if windows else None
        at_s = last.end_s + min(part.start_s - last.span.end_s, SILENCE_S) if last else 0.0
        if last and at_s + part.duration_s <= WINDOW_S:
            windows[-1] = Window(channel, (*windows[-1].pieces, Piece(part, at_s)))
        else:
            windows.append(Window(channel, (Piece(part, 0.0),)))
    return windows


def test_a_shorter_window_is_taken_where_it_is_enough():
    # three spans of 9 s make 28.2 s, four of 7 s make 29.8 s: all windows are encoded as long as the longest
    spans = [[Span(10 * i, 10 * i + 9) for i in range(3)], [Span(10 * i + 1, 10 * i + 8) for i in range(6)]]
    windows = pack(spans, silence)
    assert [(window.channel, len(window.pieces)) for window in windows] == [(0, 3), (1, 3), (1, 3)]


def test_what_stands_by_itself_is_told_from_what_has_a_sentence():
    alone, within = [Span(3, 3.4), Span(3.6, 3.9)], [Span(5, 9), Span(9.3, 9.5)]
    assert apart([*within, *alone]) == (within, [tuple(alone)])
    assert apart([Span(1, 2.1)]) == ([Span(1, 2.1)], [])  # longer than an answer
    many = [Span(i * 0.5, i * 0.5 + 0.3) for i in range(5)]
    assert apart(many) == (many, [])  # short spans, one after the other, are a sentence
    assert apart([Span(1, 1)]) == ([], [])
