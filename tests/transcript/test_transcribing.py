"""Truth: prompts whose text is published with them, at times that the test chose; and non-speech."""

from __future__ import annotations

import itertools
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import contextmanager

import jiwer
import numpy as np
import pytest

from speechcoach.records import Span
from speechcoach.transcript import Heard, Passage, transcribe
from speechcoach.transcript.alone import CELL_S
from speechcoach.transcript.decoding import repeated
from speechcoach.transcript.engine import RATE_HZ
from speechcoach.transcript.packing import AROUND_S
from speechcoach.transcript.transcribing import BATCH
from speechcoach.transcript.whisper import load

# prompt, channel, start in seconds, text (core-sounds-en.txt of Asterisk)
CALL = [
    ("queue-thankyou", 0, 0.5, "Thank you for your patience."),
    ("vm-nobodyavail", 1, 5.0, "Nobody is available to take your call at the moment."),
    ("one-moment-please", 0, 9.0, "One moment please."),
    ("privacy-prompt", 1, 10.0, "Please enter your phone number starting with the area code."),
]
WHO = ("agent", "customer")


@contextmanager
def network_closed():
    """Every attempt to open a connection or to look up a name fails."""

    def refuse(*_args, **_kwargs):
        raise AssertionError("the network was used")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield


def plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum() or c in " '")


@pytest.fixture(scope="session")
def call(prompt):
    """(float32 `[2, n]`, spans a channel)."""
    audio, spans = np.zeros((2, 16 * RATE_HZ), np.float32), ([], [])
    for name, channel, start_s, _ in CALL:
        heard = prompt(name)[: 5 * RATE_HZ]
        start = round(start_s * RATE_HZ)
        audio[channel, start : start + len(heard)] = heard
        spans[channel].append(Span(start_s, start_s + len(heard) / RATE_HZ))
    return audio, spans


@pytest.fixture(scope="session")
def transcript(call, engine):
    audio, spans = call
    seen = []
    load.cache_clear()
    with network_closed():
        found = transcribe(audio, spans, engine, speakers=WHO, progress=lambda *s: seen.append(s))
    assert seen[-1][0] == pytest.approx(seen[-1][1])
    return found


def test_text_and_language_without_a_network(transcript):
    assert transcript.language == "en" and transcript.language_probability > 0.9 and not transcript.why
    assert transcript.engine.startswith("openai-whisper")
    for channel, words in enumerate(transcript.words):
        truth = " ".join(text for _, where, _, text in CALL if where == channel)
        assert jiwer.wer(plain(truth), plain(" ".join(word.text for word in words))) < 0.1
        assert {word.speaker for word in words} == {WHO[channel]}


def test_words_lie_inside_speech_in_order(call, transcript):
    _, spans = call
    for channel, words in enumerate(transcript.words):
        assert [w.start_s for w in words] == sorted(w.start_s for w in words)
        for word in words:
            assert any(s.start_s <= word.start_s <= word.end_s <= s.end_s for s in spans[channel])


def test_each_turn_starts_with_its_span(transcript):
    for _, channel, start_s, text in CALL:
        first = min(transcript.words[channel], key=lambda word: abs(word.start_s - start_s))
        assert first.start_s == pytest.approx(start_s)
        assert plain(first.text) == plain(text).split()[0]


def test_a_channel_alone_reads_as_both(call, transcript, engine):
    audio, spans = call
    alone = transcribe(audio[1:], spans[1:], engine, speakers=WHO[1:], language="en")
    assert alone.language_probability is None
    assert [w.text for w in alone.words[0]] == [w.text for w in transcript.words[1]]


@pytest.mark.parametrize(("level", "language"), [(0.0, "en"), (0.003, "en"), (0.1, None)])
def test_nothing_is_heard_in_silence_and_noise(engine, level, language):
    audio = np.random.default_rng(3).normal(0, level, (1, 20 * RATE_HZ)).astype(np.float32)
    found = transcribe(audio, [[Span(0, 20)]], engine, speakers=("mixed",), language=language)
    assert found.words == ((),)
    assert found.language == language and found.why


def test_nothing_is_heard_in_hold_music(engine, music):
    found = transcribe(music[None], [[Span(0, 11), Span(12, 20)]], engine, speakers=("mixed",), language="en")
    assert found.words == ((),)


def test_music_between_sentences_stays_wordless(engine, prompt, music):
    parts = [prompt("vm-nobodyavail"), music[: 8 * RATE_HZ] * 0.5, prompt("privacy-prompt")]
    edges = np.cumsum([0, *map(len, parts)]) / RATE_HZ
    spans = [Span(float(a), float(b)) for a, b in itertools.pairwise(edges)]
    (words,) = transcribe(np.concatenate(parts)[None], [spans], engine, speakers=("mixed",)).words
    assert not [w for w in words if spans[1].start_s < (w.start_s + w.end_s) / 2 < spans[1].end_s]
    assert plain(words[0].text) == "nobody" and plain(words[-1].text) == "code"


class Scripted:
    """An engine that says what it is told to, window by window."""

    name = "scripted"

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages, self.windows = list(passages), []

    def encode(self, windows, seconds=None):
        self.windows += windows
        return len(windows)

    def cut(self, encoded, parts):
        return encoded * parts

    def languages(self, encoded):
        return [{"de": 0.9, "en": 0.1}] * encoded

    def decode(self, encoded, language, most=None, thoroughly=False):
        assert language == "de"
        said, self.passages = self.passages[:encoded], self.passages[encoded:]
        return said


def said(*texts: str, unfinished: bool = False, probability: float = 0.9) -> Passage:
    words = tuple(Heard(t, i * 0.3, i * 0.3 + 0.3, i * 0.3 + 0.1, probability) for i, t in enumerate(texts))
    return Passage(words, -0.2, 0.0, unfinished)


def zeros(seconds: float) -> np.ndarray:
    return np.zeros((1, round(seconds * RATE_HZ)), np.float32)


def test_no_spans_and_the_wrong_number_of_speakers():
    found = transcribe(zeros(1), [[]], Scripted([]), speakers=("agent",))
    assert found.words == ((),) and found.why == "no speech was found"
    with pytest.raises(ValueError, match="2 channels of spans need as many speakers, not 1"):
        transcribe(zeros(1), [[], []], Scripted([]), speakers=("agent",))


def test_what_was_not_heard_is_read_again_once():
    engine = Scripted([said("ja."), said("doch.")])
    spans = [[Span(0, 1.6), Span(10, 12), Span(12.3, 12.5)]]
    found = transcribe(zeros(30), spans, engine, speakers=("agent",))
    assert [(w.text, w.start_s) for w in found.words[0]] == [("ja.", 0), ("doch.", 10)]
    assert len(engine.windows[1]) == round((2 + AROUND_S) * RATE_HZ)  # that span alone: .2 s is too short for a word
    assert found.language == "de" and found.language_probability == pytest.approx(0.9)


def test_what_stands_by_itself_is_read_by_itself():
    guess = said("hum.", probability=0.3)
    engine = Scripted([said("doch.", "nein."), said("ja.", "ja.", "ja."), guess])
    spans = [[Span(0, 0.6), Span(10, 12), Span(20, 20.5)]]
    found = transcribe(zeros(30), spans, engine, speakers=("agent",))
    assert [len(window) / RATE_HZ for window in engine.windows] == [2 + AROUND_S, 2 * CELL_S]
    # what goes on for ever was said once, and a guess is not believed
    assert [(w.text, w.start_s) for w in found.words[0]] == [("ja.", 0), ("doch.", 10), ("nein.", 10.3)]


class Echo(Scripted):
    """Hears one word a window: the sum of its samples."""

    def encode(self, windows, seconds=None):
        self.passages = [said(f"{window.sum():.3f}.") for window in windows]
        return len(windows)


def test_a_shift_shifts_and_a_reader_will_do():
    audio = np.random.default_rng(4).normal(size=(2, 40 * RATE_HZ)).astype(np.float32)
    spans = [[Span(0, 8), Span(9, 36)], [Span(1.5, 4.25)]]
    later = [[Span(s.start_s + 64, s.end_s + 64) for s in of] for of in spans]

    def read(channel: int, span: Span) -> np.ndarray:
        return audio[channel, round((span.start_s - 64) * RATE_HZ) : round((span.end_s - 64) * RATE_HZ)]

    here = transcribe(audio, spans, Echo([]), speakers=WHO)
    there = transcribe(read, later, Echo([]), speakers=WHO)
    for ours, theirs in zip(there.words, here.words, strict=True):
        assert [w.text for w in ours] == [w.text for w in theirs]
        assert [(w.start_s - 64, w.end_s - 64) for w in ours] == [pytest.approx((w.start_s, w.end_s)) for w in theirs]


class Unsure(Scripted):
    """Cannot tell the language of the first windows, where music plays."""

    def languages(self, encoded):
        self.asked = getattr(self, "asked", 0) + 1
        return [{"nn": 0.4, "de": 0.1}] * encoded if self.asked == 1 else super().languages(encoded)


def test_music_before_the_speech_only_postpones():
    engine = Unsure([said("ja.")] + [said("nein.")] * BATCH)
    spans = [[Span(30 * i, 30 * i + 29) for i in range(BATCH + 1)]]
    found = transcribe(zeros(30 * BATCH + 30), spans, engine, speakers=("agent",))
    assert [w.text for w in found.words[0]] == ["nein."] * BATCH + ["ja."]
    assert found.language == "de" and not found.why


class Music(Scripted):
    """Cannot tell the language of any window but the last."""

    def languages(self, encoded):
        return [{"nn": 0.4, "de": 0.1}] * (encoded - 1) + super().languages(1)


def test_music_beside_the_speech_does_not_hide_its_language():
    spans = [[Span(30 * i, 30 * i + 29) for i in range(4)]]
    found = transcribe(zeros(120), spans, Music([said("ja.")] * 4), speakers=("agent",))
    assert found.language == "de" and len(found.words[0]) == 4


class TwoTongues(Scripted):
    """Hears German in all windows but the last, and says each in the language that it is asked for."""

    def languages(self, encoded):
        return [{"de": 0.95, "es": 0.05}] * (encoded - 1) + [{"de": 0.04, "es": 0.96}]

    def decode(self, encoded, language, most=None, thoroughly=False):
        return [Passage(said(f"{language}.").words, -0.2 if language == "es" else -0.5, 0.0)] * encoded


def test_a_stretch_in_another_language_is_read_in_it_and_told():
    spans = [[Span(30 * i, 30 * i + 29) for i in range(3)]]
    found = transcribe(zeros(90), spans, TwoTongues([]), speakers=("agent",))
    assert found.language == "de" and [w.text for w in found.words[0]] == ["de.", "de.", "es."]
    (other,) = found.others
    assert (other.speaker, other.start_s, other.end_s, other.language) == ("agent", 60, 89, "es")
    named = transcribe(zeros(90), spans, TwoTongues([]), speakers=("agent",), language="de")
    assert [w.text for w in named.words[0]] == ["de."] * 3 and named.others == ()


def test_an_unfinished_window_is_read_again_in_halves():
    engine = Scripted([said("und", "und", unfinished=True), said("eins."), said("zwei."), said("drei.")])
    found = transcribe(zeros(28), [[Span(0, 28)]], engine, speakers=("agent",))
    assert [w.text for w in found.words[0]] == ["eins.", "zwei.", "drei."]
    assert len(engine.windows) == 4 and all(len(window) <= 15 * RATE_HZ for window in engine.windows[1:])


def test_half_a_window_that_is_no_speech_either_is_read_again_in_quarters_with_a_wider_search():
    asked = []

    class Searching(Scripted):
        def decode(self, encoded, language, most=None, thoroughly=False):
            asked.append(thoroughly)
            return super().decode(encoded, language)

    doubtful = Passage(said("danke.").words, -1.4, 0.2)
    engine = Searching([said("und", "und", unfinished=True), doubtful, said("b."), said("e."), said("c."), said("d.")])
    spans = [[Span(0, 7), Span(7.5, 14), Span(14.5, 21), Span(21.5, 28)]]
    found = transcribe(zeros(28), spans, engine, speakers=("agent",))
    assert [(w.text, w.start_s) for w in found.words[0]] == [("c.", 0), ("d.", 7.5), ("b.", 14.5), ("e.", 21.5)]
    assert [len(window) / RATE_HZ <= 7.7 for window in engine.windows] == [False] * 3 + [True] * 3
    assert asked == [False, True, True]


@pytest.mark.parametrize(
    "passage",
    [
        Passage(
            tuple(Heard("ja", 0.05 * i, 0.05 * i, 0.05 * i, 0.9) for i in range(40)), -0.2, 0.0
        ),  # 20 words a second
        said("danke.", probability=0.1),
        Passage(said("danke.").words, -1.4, 0.2),
        Passage(said("danke.").words, -0.6, 0.8),
    ],
)
def test_what_cannot_have_been_said_is_dropped(passage):
    found = transcribe(zeros(3), [[Span(0, 2)]], Scripted([passage, passage]), speakers=("agent",))
    assert found.words == ((),)


def test_repetitions_are_counted():
    assert repeated([1, 2, 3] + [7, 8] * 20) == 38
    assert repeated([7, 8] * 4) == 0 and repeated(list(range(200))) == 0


def test_the_room_opens_without_torch():
    code = "import sys, speechcoach.transcript; assert not {'torch', 'whisper', 'numba'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
