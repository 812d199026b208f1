"""Truth: openai-whisper with the same weights (another implementation); the sample calls' own texts and turns."""

from __future__ import annotations

import difflib
import itertools
import json
import subprocess
import sys
from pathlib import Path

import jiwer
import numpy as np
import pytest
import soundfile as sf
import soxr

from speechcoach.errors import SettingsError, WeightsError
from speechcoach.records import Span
from speechcoach.transcript import FasterEngine, WhisperEngine, choice, engine_for, faster, transcribe
from speechcoach.transcript.decoding import LOOP, line_of, never_written, sentence_ends
from speechcoach.transcript.engine import RATE_HZ, TAIL_S
from speechcoach.transcript.packing import pack, samples
from speechcoach.transcript.weights import Weights
from tests.transcript.test_transcribing import network_closed, plain

pytest.importorskip("faster_whisper", reason='faster-whisper is missing: pip install -e ".[fast]"')

EXCERPTS = [("good_listener", "customer"), ("poor_listener", "agent"), ("escalation", "customer")]


def excerpt(folder: Path, name: str, speaker: str, longest_s: float = 29.0) -> tuple[np.ndarray, str, list]:
    """The speaker's first turns as one window: float32 `[n]` at 16 kHz, what is said, and its pieces."""
    truth = json.loads((folder / f"{name}.truth.json").read_text("utf-8"))
    heard, rate_hz = sf.read(folder / f"{name}.wav", dtype="float32")
    audio = soxr.resample(heard[:, truth["speakers"][speaker]["channel"]], rate_hz, RATE_HZ)
    turns = sorted((t for t in truth["turns"] if t["speaker"] == speaker), key=lambda turn: turn["start_s"])
    spoken = np.zeros_like(audio)
    for turn in turns:
        part = slice(round(turn["start_s"] * RATE_HZ), round(turn["end_s"] * RATE_HZ))
        spoken[part] = audio[part]

    def read(_channel: int, span: Span) -> np.ndarray:
        return spoken[round(span.start_s * RATE_HZ) : round(span.end_s * RATE_HZ)]

    window = pack([[Span(turn["start_s"], turn["end_s"]) for turn in turns]], read, longest_s)[0]
    said = [turn["text"] for turn in turns if turn["end_s"] <= window.pieces[-1].span.end_s + 1e-6]
    return samples(window, read), " ".join(said), list(window.pieces)


@pytest.fixture(scope="module")
def speech(samples_folder):
    return [excerpt(samples_folder, *which) for which in EXCERPTS]


@pytest.fixture(scope="module")
def fast() -> FasterEngine:
    try:
        return FasterEngine()
    except WeightsError as why:
        pytest.skip(str(why))


@pytest.fixture(scope="module")
def passages(speech, engine, fast):
    """What each engine hears in the same windows: `openai`, `float32`, `int8`."""
    windows = [window for window, _, _ in speech]
    assert engine.weights == fast.weights  # the packaged weights, for both
    engines = {"openai": engine, "float32": FasterEngine(fast.weights, compute_type="float32"), "int8": fast}
    with network_closed():
        return {name: one.decode(one.encode(windows), "en") for name, one in engines.items()}


def texts(passages) -> list[str]:
    return [plain(" ".join(word.text for word in passage.words)) for passage in passages]


def pairs(passages, name: str) -> list:
    """Words that both engines heard, (openai's, ours)."""
    found = []
    for theirs, ours in zip(passages["openai"], passages[name], strict=True):
        left, right = [w.text for w in theirs.words], [w.text for w in ours.words]
        for block in difflib.SequenceMatcher(a=left, b=right, autojunk=False).get_matching_blocks():
            found += zip(theirs.words[block.a :][: block.size], ours.words[block.b :][: block.size], strict=True)
    return found


def test_both_engines_give_the_same_words(passages, record_property):
    between = {name: jiwer.wer(texts(passages["openai"]), texts(passages[name])) for name in ("float32", "int8")}
    record_property("wer_between", between)
    assert between["float32"] <= 0.02
    assert between["int8"] <= 0.08  # 8-bit integers may choose another of two likely words


def test_the_words_are_those_that_were_said(passages, speech):
    said = [plain(text) for _, text, _ in speech]
    wer = {name: jiwer.wer(said, texts(heard)) for name, heard in passages.items()}
    assert wer["int8"] <= wer["openai"] + 0.03 and wer["float32"] <= wer["openai"] + 0.02


@pytest.mark.parametrize("name", ["float32", "int8"])
def test_the_same_times_and_certainty(passages, name):
    same = pairs(passages, name)
    assert len(same) > 120
    starts, ends, chances, closes = np.array(
        [
            (a.start_s - b.start_s, a.end_s - b.end_s, a.probability - b.probability, a.closes - b.closes)
            for a, b in same
        ]
    ).T
    assert np.median(np.abs(starts)) <= 0.06 and np.median(np.abs(ends)) <= 0.06
    assert np.percentile(np.abs(starts), 90) <= 0.1
    assert np.median(np.abs(chances)) <= 0.03
    assert np.percentile(np.abs(closes), 90) <= 0.1
    for theirs, ours in zip(passages["openai"], passages[name], strict=True):
        assert ours.mean_logprob == pytest.approx(theirs.mean_logprob, abs=0.1)
        assert ours.no_speech == pytest.approx(theirs.no_speech, abs=0.05)


def test_peaks_lie_in_their_words_and_in_the_same_turn(passages, speech):
    for ours in passages["int8"]:
        assert all(word.start_s <= word.peak_s <= word.end_s for word in ours.words)
    astray = total = 0
    for theirs, ours, (_, _, pieces) in zip(passages["openai"], passages["int8"], speech, strict=True):
        borders = [(a.end_s + b.at_s) / 2 for a, b in itertools.pairwise(pieces)]
        for a, b in pairs({"openai": [theirs], "int8": [ours]}, "int8"):
            total += 1
            astray += np.searchsorted(borders, a.peak_s) != np.searchsorted(borders, b.peak_s)
    assert total > 120 and astray <= 0.01 * total


def test_a_turn_starts_where_its_truth_does(fast, samples_folder):
    window, _, pieces = excerpt(samples_folder, "good_listener", "agent", 20.0)
    (heard,) = transcribe(
        window[None], [[Span(p.at_s, p.end_s) for p in pieces]], fast, speakers=("agent",), language="en"
    ).words
    starts = np.array([word.start_s for word in heard])
    errors = [np.abs(starts - piece.at_s).min() for piece in pieces]
    assert np.median(errors) <= 0.03


def test_languages(fast, samples_folder):
    told = [
        fast.languages(fast.encode([excerpt(samples_folder, name, "agent", 12.0)[0]]))[0]
        for name in ("spanish", "good_listener")
    ]
    assert [max(one, key=one.get) for one in told] == ["es", "en"]
    assert all(sum(one.values()) == pytest.approx(1, abs=0.01) for one in told)
    with pytest.raises(SettingsError, match="knows no language 'xx'; it knows af, am"):
        fast.decode(fast.encode([np.zeros(100, np.float32)]), "xx")


def test_a_window_reads_alone_as_among_others(fast, passages, speech):
    seconds = max(len(window) for window, _, _ in speech) / RATE_HZ + TAIL_S
    alone = fast.decode(fast.encode([speech[1][0]], seconds), "en")
    assert texts(alone) == [texts(passages["int8"])[1]]
    assert [w.start_s for w in alone[0].words] == [w.start_s for w in passages["int8"][1].words]


@pytest.mark.parametrize("level", [0.0, 0.003, 0.1])
def test_nothing_is_heard_in_silence_and_noise(fast, level):
    audio = np.random.default_rng(3).normal(0, level, (1, 20 * RATE_HZ)).astype(np.float32)
    found = transcribe(audio, [[Span(0, 20)]], fast, speakers=("mixed",), language="en")
    assert found.words == ((),) and found.why


def test_windows_of_any_length(fast):
    rng = np.random.default_rng(8)
    windows = [rng.normal(0, 0.01, count).astype(np.float32) for count in (0, 1, 300, 1700, 31 * RATE_HZ)]
    for window, passage in zip(windows, fast.decode(fast.encode(windows), "en"), strict=True):
        assert all(0 <= w.start_s <= w.peak_s <= w.end_s <= len(window) / RATE_HZ + 0.06 for w in passage.words)


def test_a_loop_is_cut_and_an_end_is_kept():
    tokens = np.array([5, 6, *[7, 8] * LOOP, 99])
    logprobs = np.full(len(tokens), -0.5)
    loop = line_of(tokens, logprobs, np.zeros(len(tokens)), 0.1, 99)
    assert loop.tokens == [5, 6, 7, 8] and loop.unfinished and len(loop.closing) == 5
    whole = line_of(np.array([5, 6, 99]), np.array([-0.1, -0.2, -0.3]), np.array([0.0, 0.1, 0.9]), 0.1, 99)
    assert (whole.tokens, whole.end_logprob, whole.unfinished) == ([5, 6], -0.3, False)
    assert not line_of(np.array([99]), np.array([-0.3]), np.array([0.9]), 0.1, 99).tokens


def test_both_tokenizers_write_the_same(fast):
    from whisper.tokenizer import get_tokenizer

    theirs, ours = get_tokenizer(True, language="en"), faster._tokenizer(fast.model, "en")
    assert set(never_written(ours, 51_865)) == set(never_written(theirs, 51_865))
    assert sentence_ends(ours) == sentence_ends(theirs)
    assert [*ours.sot_sequence, ours.no_timestamps] == list(theirs.sot_sequence_including_notimestamps)


def test_a_model_is_loaded_once(fast):
    assert fast.model is FasterEngine(fast.weights).model


def test_torch_is_not_imported(fast, samples_folder):
    code = (
        "import sys, soundfile, numpy as np\n"
        "from speechcoach.records import Span\n"
        "from speechcoach.transcript import engine_for, transcribe\n"
        "heard = soundfile.read(sys.argv[1], dtype='float32', frames=6 * 8000)[0][:, :1]\n"
        "audio = np.repeat(heard, 2, axis=0).T\n"
        "found = transcribe(audio, [[Span(.8, 6)]], engine_for(engine='faster-whisper'), speakers=['agent'])\n"
        "assert found.engine.startswith('faster-whisper') and len(found.words[0]) > 5, found\n"
        "assert not {'torch', 'whisper', 'numba', 'tiktoken'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(samples_folder / "good_listener.wav")], check=True)


class TestChoice:
    """Files that the test writes; no model is loaded."""

    @pytest.fixture
    def folder(self, tmp_path):
        for name in ("model.bin", "tokenizer.json"):
            (tmp_path / name).write_bytes(b"x")
        return tmp_path

    def test_auto_is_the_fast_one_where_it_can_read_the_weights(self, folder, monkeypatch):
        (folder / "base.pt").touch()
        assert isinstance(engine_for(str(folder)), FasterEngine)
        assert isinstance(engine_for(str(folder / "base.pt")), WhisperEngine)
        assert isinstance(engine_for(str(folder), "openai-whisper"), WhisperEngine)
        monkeypatch.setattr(choice, "installed", lambda: False)
        assert isinstance(engine_for(str(folder)), WhisperEngine)

    def test_without_a_tokenizer_nothing_is_fetched(self, folder):
        (folder / "tokenizer.json").unlink()
        assert isinstance(engine_for(str(folder)), WhisperEngine)
        with pytest.raises(WeightsError, match=r"has no tokenizer\.json.*--engine openai-whisper"):
            engine_for(str(folder), "faster-whisper")

    def test_what_cannot_be_is_one_sentence(self, folder, monkeypatch):
        (folder / "base.pt").touch()
        with pytest.raises(WeightsError, match=r"base\.pt is a checkpoint of openai-whisper, which faster-whisper"):
            engine_for(str(folder / "base.pt"), "faster-whisper")
        with pytest.raises(SettingsError, match="engine must be one of auto, openai-whisper, faster-whisper, not 'x'"):
            engine_for("auto", "x")
        monkeypatch.setattr(faster, "find_spec", lambda _name: None)
        with pytest.raises(SettingsError, match=r'not installed: pip install "speechcoach\[fast\]"'):
            engine_for(str(folder), "faster-whisper")

    def test_a_damaged_folder_is_named(self, folder):
        faster_engine = FasterEngine(str(folder))
        with pytest.raises(WeightsError, match=r"model\.bin is cut short") as caught:
            faster_engine.encode([np.zeros(RATE_HZ, np.float32)])
        assert "\n" not in str(caught.value)

    def test_a_download_that_fails_names_the_other_ways(self, monkeypatch):
        import huggingface_hub

        def refuse(*_args, local_files_only, **_kwargs):
            assert not local_files_only
            raise OSError("no route to host")

        monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
        with pytest.raises(WeightsError, match=r"could not be downloaded \(OSError: no route to host\); name a file"):
            faster.load(Weights("small", "named", None, True), 1, "int8")
