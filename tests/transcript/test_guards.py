"""Truth: what was put into the signal. Nobody speaks in tones, noise and music; a leak is the other side's voice;
who hums without moving the mouth says "mm" (`hum_of_voice`); a prompt says what is published with it.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import soxr

from speechcoach.channels import find_activity
from speechcoach.features import extract
from speechcoach.records import Span, Word
from speechcoach.transcript import transcribe
from speechcoach.transcript.engine import RATE_HZ
from speechcoach.transcript.leaks import LAG_S, follows, leaks, once
from speechcoach.transcript.packing import SILENCE_S
from speechcoach.transcript.transcribing import array_reader
from speechcoach.transcript.wordless import TEXTS, analysed, token_in, usual_shape
from tests.channels.made_calls import DTMF, chords, hum_of_voice, mulaw, noise, placed, ring, silence, tone

WHO = ("agent", "customer")


def at_16_khz(samples: np.ndarray) -> np.ndarray:
    return np.atleast_2d(soxr.resample(samples.T, 8000, RATE_HZ).T).astype(np.float32)


def dtmf() -> np.ndarray:
    return np.concatenate([part for pair in DTMF * 3 for part in (tone(pair, 0.2), silence(0.8))])


NOBODY = {
    "silence": lambda: silence(12),
    "white noise": lambda: noise(12, -30),
    "ring-back": lambda: ring(2, (440, 480), 2, 4),
    "keys": dtmf,
    "hold music": lambda: chords(12),
}


@pytest.mark.parametrize("name", NOBODY)
def test_nothing_is_heard_where_nobody_speaks(engine, name):
    samples = NOBODY[name]()
    found = find_activity(extract(samples, 8000), samples).speech
    assert transcribe(at_16_khz(samples), found, engine, speakers=("mixed",), language="en").words == ((),)


@pytest.mark.parametrize("name", NOBODY)
def test_nothing_is_heard_even_where_speech_is_announced(engine, name):
    spans = [[Span(0, 5), Span(6, 6.2), Span(7, 7.2), Span(8, 11)]]
    found = transcribe(at_16_khz(NOBODY[name]()), spans, engine, speakers=("mixed",), language="en")
    assert found.words == ((),)


# The other side's voice


@pytest.fixture(scope="module")
def leaking(prompt):
    """A prompt on the first channel; on the second the same 30 dB down, 60 ms late, in line noise, through mu-law."""
    said = soxr.resample(prompt("privacy-prompt"), RATE_HZ, 8000)
    voice = placed(len(said) / 8000 + 1, (0.6, said))
    heard = mulaw(np.pad(voice, (480, 0))[: len(voice)] * 10 ** (-30 / 20) + noise(len(voice) / 8000, -65, seed=1))
    return np.stack([voice, heard[: len(voice)]]), Span(0.6, 0.6 + len(said) / 8000)


def test_a_leak_is_no_speech(engine, leaking):
    samples, _ = leaking
    found = find_activity(extract(samples, 8000), samples).speech
    first, second = transcribe(at_16_khz(samples), found, engine, speakers=WHO, language="en").words
    assert len(first) > 5 and second == ()


def test_a_leak_that_is_announced_as_speech_is_dropped(engine, leaking):
    samples, span = leaking
    late = Span(span.start_s + 0.06, span.end_s)
    first, second = transcribe(at_16_khz(samples), [[span], [late]], engine, speakers=WHO, language="en").words
    assert len(first) > 5 and second == ()


def test_a_leak_lies_where_the_other_side_speaks(leaking):
    samples, span = leaking
    read, late = array_reader(at_16_khz(samples)), Span(span.start_s + 0.06, span.end_s)
    assert leaks(1, late, [[span], [late]], read)
    assert not leaks(0, span, [[span], [late]], read)
    assert not leaks(1, late, [[Span(span.end_s + 1, span.end_s + 2)], [late]], read)  # nobody else speaks then


def test_only_a_copy_follows_the_other_side(prompt):
    lag = round(LAG_S * RATE_HZ)
    voice, another = prompt("privacy-prompt")[: 2 * RATE_HZ], prompt("vm-nobodyavail")[: 2 * RATE_HZ]
    earlier = np.pad(voice, (lag, 0))
    late = np.pad(voice, (800, 0))[: len(voice)] * 0.03
    assert follows(late, earlier)
    assert not follows(another * 0.03, earlier)
    assert not follows(late + another * 0.5, earlier)  # they talk at once
    assert not follows(earlier[lag:] * 2, earlier)  # the louder one is the voice itself


def said(speaker: str, start_s: float, text: str) -> list[Word]:
    return [
        Word(speaker, start_s + 0.3 * place, start_s + 0.3 * place + 0.25, word)
        for place, word in enumerate(text.split())
    ]


@pytest.mark.parametrize("louder", [0, 1])
def test_a_word_is_kept_in_the_louder_channel(louder):
    words = [said("agent", 1.0, "Your order is on its way."), said("customer", 1.1, "your order was on its way")]
    found = once(words, lambda channel, _: -20.0 if channel == louder else -26.0)
    assert found[louder] == tuple(words[louder])
    assert [word.text.strip(".") for word in found[1 - louder]] in (["is"], ["was"])


def test_two_people_may_say_the_same_word_at_once():
    words = [said("agent", 1.0, "Bye"), said("customer", 1.1, "bye.")]
    assert once(words, lambda channel, _: -20.0 - 5 * channel) == tuple(map(tuple, words))
    assert once(words, lambda channel, _: -20.0 - 30 * channel) == (tuple(words[0]), ())
    later = [words[0], said("customer", 2.5, "bye.")]
    assert once(later, lambda channel, _: -20.0 - 30 * channel) == tuple(map(tuple, later))


# Repetitions


def test_a_loop_is_cut(engine, prompt):
    syllable = prompt("one-moment-please")[: round(0.35 * RATE_HZ)]
    audio = np.tile(syllable, 60)[None]
    span = Span(0, audio.shape[1] / RATE_HZ)
    (words,) = transcribe(audio, [[span]], engine, speakers=("mixed",), language="en").words
    assert len(words) <= 60
    assert all(0 <= word.start_s <= word.end_s <= span.end_s for word in words)


# Tokens without words


def hum(seconds: float, seed: int = 0) -> np.ndarray:
    return at_16_khz(hum_of_voice(seconds, level_db=-26, seed=seed))[0]


def test_a_hum_is_a_token_and_a_sentence_is_none(prompt):
    sentence, token = prompt("privacy-prompt"), hum(0.4)
    cut = round(0.8 * RATE_HZ)
    audio = np.concatenate([sentence, token, sentence[:cut]])[None]
    edges = np.cumsum([0, len(sentence), len(token), cut]) / RATE_HZ
    spans = [Span(float(a), float(b)) for a, b in itertools.pairwise(edges)]
    usual = usual_shape(spans, 0, array_reader(audio))
    token = token_in(audio[0, round(spans[1].start_s * RATE_HZ) : round(spans[1].end_s * RATE_HZ)], usual)
    assert token.probability > 0.5 and token.text in TEXTS
    torn = token_in(audio[0, round(spans[2].start_s * RATE_HZ) :], usual)
    assert torn is None or torn.probability < 0.5


def cough(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    count = round(0.35 * RATE_HZ)
    return (0.2 * rng.standard_normal(count) * np.exp(-np.arange(count) / (0.08 * RATE_HZ))).astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_what_has_no_voice_is_no_token(seed):
    assert analysed(cough(seed)) is None
    breath = np.random.default_rng(seed).standard_normal(8000).astype(np.float32) * np.hanning(8000) * 0.02
    assert analysed(breath) is None
    assert analysed(np.zeros(8000, np.float32)) is None


def test_tokens_are_heard_between_sentences_and_only_on_a_channel_that_speaks(engine, prompt):
    sentence = prompt("vm-nobodyavail")
    at = len(sentence) / RATE_HZ + 1.0
    spans = [Span(0, len(sentence) / RATE_HZ), Span(at, at + 0.4), Span(at + 2, at + 3.5)]
    assert spans[0].end_s + SILENCE_S < spans[1].start_s
    audio = np.zeros((2, round((at + 4) * RATE_HZ)), np.float32)
    audio[0, : len(sentence)] = sentence
    for channel in (0, 1):
        token = hum(0.4, seed=channel)
        audio[channel, round(at * RATE_HZ) :][: len(token)] = token
    audio[0, round((at + 2) * RATE_HZ) :][: round(1.5 * RATE_HZ)] = sentence[: round(1.5 * RATE_HZ)]
    own, other = transcribe(audio, [spans, [spans[1]]], engine, speakers=WHO, language="en").words
    (token,) = (word for word in own if at - 0.01 < word.start_s < at + 0.4)
    assert token.text.lower() in (*TEXTS, "hmm")
    assert (token.start_s, token.end_s) == (spans[1].start_s, spans[1].end_s)
    assert other == ()
