"""Truth: the cheapest path by exhaustive dynamic programming; openai-whisper's own alignment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechcoach.transcript.alignment import FRAME_S, align, warp
from speechcoach.transcript.decoding import greedy
from speechcoach.transcript.engine import WINDOW_S
from speechcoach.transcript.words import glued


def cheapest(cost: np.ndarray) -> float:
    best = np.full(cost.shape, np.inf)
    for i, j in np.ndindex(cost.shape):
        before = [best[i - a, j - b] for a, b in ((1, 1), (1, 0), (0, 1)) if i >= a and j >= b]
        best[i, j] = cost[i, j] + (min(before) if before else 0)
    return best[-1, -1]


@given(st.integers(1, 12), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_warp_finds_a_cheapest_monotone_path(rows, columns, seed):
    cost = np.random.default_rng(seed).normal(size=(rows, columns))
    text, frames = warp(cost)
    assert (text[0], frames[0]) == (0, 0) and (text[-1], frames[-1]) == (rows - 1, columns - 1)
    steps = set(zip(np.diff(text).tolist(), np.diff(frames).tolist(), strict=True))
    assert steps <= {(0, 1), (1, 0), (1, 1)}
    assert cost[text, frames].sum() == pytest.approx(cheapest(cost))


def test_a_word_after_a_pause_peaks_in_itself():
    # token 0 in frames 0-49, then a pause, token 1 in frames 150-199, the end after
    attention = np.zeros((2, 3, 250), np.float32)
    attention[:, 0, :50] = attention[:, 1, 150:200] = attention[:, 2, 200:] = 8.0
    start_s, end_s, peak_s = align(attention).times_s(1, 2)
    assert 1.0 - 3 * FRAME_S <= start_s <= 3.0 and end_s == pytest.approx(4.0, abs=0.1) and 3.0 <= peak_s <= 4.0


def test_same_words_and_times_as_openai_whisper(engine, prompt, monkeypatch):
    from whisper import DecodingOptions, decode, timing
    from whisper.audio import log_mel_spectrogram, pad_or_trim
    from whisper.tokenizer import get_tokenizer

    # Whisper's own warping takes seconds to compile, and ours is held against exhaustive search above
    monkeypatch.setattr(timing, "dtw", lambda cost: warp(cost.numpy()))
    heard = prompt("demo-congrats")[: 12 * 16_000]
    encoded = engine.encode([heard], WINDOW_S)
    (passage,) = engine.decode(encoded, "en")
    mel = log_mel_spectrogram(pad_or_trim(heard))
    theirs = decode(engine.model, mel, DecodingOptions(language="en", without_timestamps=True, fp16=False))
    assert " ".join(word.text for word in passage.words) == theirs.text
    assert passage.mean_logprob == pytest.approx(theirs.avg_logprob, abs=0.01)
    assert passage.no_speech == pytest.approx(theirs.no_speech_prob, abs=0.01)

    tokenizer = get_tokenizer(engine.model.is_multilingual, language="en")
    timings = timing.find_alignment(engine.model, tokenizer, theirs.tokens, mel, len(heard) // 160)
    timing.merge_punctuations(timings, "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、")
    starts = {one.word.strip(): one.start for one in timings if one.word}
    lead = tokenizer.sot_sequence
    (line,) = greedy(engine.model, tokenizer, encoded.features)
    raw = align(line.attention[..., : len(heard) // 320], len(lead)).start_s
    words = glued(tokenizer, line.tokens, "en")
    same = [(raw[first], starts[text]) for text, first, _ in words if text in starts]
    assert len(same) > 20
    ours, of_whisper = np.array(same).T
    assert np.median(np.abs(ours - of_whisper)) <= FRAME_S


@pytest.mark.parametrize(
    ("language", "written", "words"),
    [
        ("en", " Uh-huh, it's $19.99. Bye-bye!", ["Uh-huh,", "it's", "$19.99.", "Bye-bye!"]),
        ("en", ' He said "no" (twice).', ["He", "said", '"no"', "(twice)."]),
        ("fr", " En droit ? Oui.", ["En", "droit ?", "Oui."]),
        ("es", " ¿Y tú? ¡Sí!", ["¿Y", "tú?", "¡Sí!"]),
        ("ja", "はい、そう。", None),
    ],
)
def test_words_are_written_as_people_write_them(language, written, words):
    from whisper.tokenizer import get_tokenizer

    tokens = get_tokenizer(True, language=language).encode(written)
    found = glued(get_tokenizer(True, language=language), tokens, language)
    if words:
        assert [text for text, _, _ in found] == words
    else:
        assert "".join(text for text, _, _ in found) == written
    assert all(0 <= first < last <= len(tokens) for _, first, last in found)
