"""Truth: rules on words that a test wrote; short answers cut from prompts whose text is published; the sample calls."""

from __future__ import annotations

import json

import numpy as np
import pytest

from speechcoach import analyze
from speechcoach.conversation.acts import is_backchannel
from speechcoach.conversation.wording import tokens
from speechcoach.records import Span
from speechcoach.settings import Norms
from speechcoach.transcript import FasterEngine, Heard, Passage, faster
from speechcoach.transcript.alone import LEAD_S, LISTENED, Alone, answers, encode, heard_in
from speechcoach.transcript.engine import RATE_HZ, WINDOW_S
from speechcoach.transcript.transcribing import array_reader
from speechcoach.transcript.wordless import Token
from tests.transcript.test_transcribing import plain

SPAN = Span(50.0, 50.5)


def heard(text: str, probability: float, listens: bool = True, token: float | None = None) -> list[tuple[str, float]]:
    """What is believed of `text`, said in half a second, where the sound is a token with the given probability."""
    said = text.split()
    step_s = 0.5 / max(len(said), 1)
    times = [LEAD_S + step_s * place for place in range(len(said))]
    words = tuple(Heard(w, t, t + step_s, t + step_s / 2, probability) for w, t in zip(said, times, strict=True))
    cell = Alone(0, (SPAN,), listens, (None if token is None else Token("mm-hmm", token),))
    (found,) = heard_in(cell, Passage(words, -0.5, 0.5), answers("en"))
    assert all(SPAN.start_s <= word.start_s <= word.end_s <= SPAN.end_s for word in found)
    return [(word.text, word.probability) for word in found]


def test_an_answer_of_the_language_needs_little_certainty():
    assert heard("Okay.", 0.2, token=0.1) == [("Okay.", 0.2)]
    assert heard("Oh, okay. Bye-bye!", 0.3) == [("Oh,", 0.3), ("okay.", 0.3), ("Bye-bye!", 0.3)]
    assert heard("you", 0.26) == heard("Oh", 0.12) == []  # what silence and keys read as
    assert answers("xx") == ()


def test_words_beat_the_sound_where_they_are_surer():
    assert heard("the invoice", 0.6, token=0.1) == [("the", 0.6), ("invoice", 0.6)]
    assert heard("my hand", 0.4, token=0.7) == [("mm-hmm", 0.7)]
    assert heard("my hand", 0.4, listens=False, token=0.2) == [("my", 0.4), ("hand", 0.4)]


def test_a_listener_who_is_not_understood_said_a_token():
    assert heard("I'm not sure", 0.1, token=0.05) == [("mm-hmm", LISTENED)]
    assert heard("I'm not sure", 0.1, listens=False, token=0.05) == []  # a sentence may begin so
    assert heard("I'm not sure", 0.1, token=None) == []  # nobody's voice
    assert heard("", 0.0, token=0.9) == [("mm-hmm", 0.9)]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Okay. Okay. Okay. Okay.", "Okay."),
        ("It really is. It really is. It", "It really is."),
        ("All right, bye bye bye bye", "All right, bye bye"),
        ("Yes, it is.", "Yes, it is."),
    ],
)
def test_what_goes_on_for_ever_was_said_once(written, said):
    assert " ".join(text for text, _ in heard(written, 0.6)) == said


def test_words_fall_into_the_span_in_which_they_were_said():
    spans = (Span(10.0, 10.3), Span(10.8, 11.4))
    words = (Heard("No", 0.4, 0.7, 0.5, 0.9), Heard("problem.", 1.25, 1.8, 1.5, 0.9))
    found = heard_in(Alone(1, spans, False, (None, None)), Passage(words, -0.1, 0.0), ())
    assert [[(w.text, w.start_s, w.end_s) for w in of] for of in found] == [
        [("No", 10.0, 10.3)],
        [("problem.", 10.8, 11.4)],
    ]


@pytest.fixture(scope="module")
def engines(engine):
    if not faster.installed():
        pytest.skip('faster-whisper is missing: pip install -e ".[fast]"')
    return engine, FasterEngine(engine.weights, compute_type="float32")


PROMPTS = {"queue-thankyou": 1.0, "one-moment-please": 1.0}


def test_both_engines_hear_each_cell_by_itself(engines, prompt):
    """A second of each prompt, in any order: what is heard in a cell does not depend on the cells around it."""
    parts = [prompt(name)[: round(seconds * RATE_HZ)] for name, seconds in PROMPTS.items()]
    audio = np.concatenate(parts)[None]
    spans = [Span(float(place), place + 1.0) for place in range(len(parts))]
    said = []
    for one in engines:
        for order in (spans, spans[::-1]):
            cells = [Alone(0, (span,), False, (None,)) for span in order]
            whole, cut = encode(one, cells, array_reader(audio))
            passages = one.decode(cut, "en", 16)
            assert len(passages) == len(cells)
            words = {span: plain(passage.words[0].text) for span, passage in zip(order, passages, strict=True)}
            said.append([words[span] for span in spans])
            assert max(one.languages(whole)[0].values()) > 0.2
    assert all(words == ["thank", "one"] for words in said)


def test_the_encoder_over_thirty_seconds_is_whispers_own(engine, prompt):
    import torch
    from whisper.audio import log_mel_spectrogram, pad_or_trim

    audio = prompt("demo-congrats")
    with torch.inference_mode():
        theirs = engine.model.encoder(log_mel_spectrogram(pad_or_trim(audio))[None])
    ours = engine.encode([audio], WINDOW_S).features
    assert ours.shape == theirs.shape and torch.allclose(ours, theirs, atol=1e-4)
    shorter = engine.encode([audio[: 10 * RATE_HZ]])
    assert shorter.features.shape[1] == 550  # the tail of a second, and no more


def test_the_backchannels_of_the_sample_calls_are_heard(samples_folder):
    phrases, recalled = Norms.load("en").phrases, []
    for name in ("good_listener", "poor_listener"):
        truth = json.loads((samples_folder / f"{name}.truth.json").read_text("utf-8"))
        words = analyze(samples_folder / f"{name}.wav", agent="left").facts.words
        for turn in (turn for turn in truth["turns"] if "backchannel" in turn["labels"]):
            inside = [
                word.text
                for word in words
                if word.speaker == turn["speaker"] and turn["start_s"] < (word.start_s + word.end_s) / 2 < turn["end_s"]
            ]
            recalled.append(bool(inside) and is_backchannel(tokens(" ".join(inside)), phrases))
    assert len(recalled) == 5 and all(recalled)
