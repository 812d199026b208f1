"""Truth: what the engine itself says, and how often it is asked; files, modes and ages that the test made."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from click.testing import CliRunner

import speechcoach as sc
from speechcoach import cli
from speechcoach.errors import SettingsError
from speechcoach.records import Span, Word
from speechcoach.transcript import Heard, Passage, Transcript, Weights, WhisperEngine, cache, transcribe
from speechcoach.transcript.cache import Cache, key_of, opened, transcript_of

KEY, OTHER = "0" * 64, "f" * 64
SPANS = [[Span(0.5, 2.0)], [Span(2.25, 3.0)]]
SAID = Transcript("en", 1 / 3, ((Word("0", 0.1, 0.1 + 0.2, "naïve “café”", 0.9, None),), ()), "an engine")


class Counting:
    """Says one word a window, and counts the calls that it transcribed."""

    name = "counting"

    def __init__(self, **options) -> None:
        self._asked = 0
        self.__dict__ |= options

    def cut(self, encoded, parts):
        return encoded * parts

    def encode(self, windows, seconds=None):
        return windows

    def languages(self, encoded):
        return [{"en": 1.0} for _ in encoded]

    def decode(self, encoded, language, most=None, thoroughly=False):
        return [Passage((Heard("yes.", 0.1, 0.4, 0.2, 0.75),), -0.2, 0.0) for _ in encoded]


@pytest.fixture
def store(tmp_path) -> Cache:
    return Cache(tmp_path / "cache" / "transcripts")


@pytest.fixture
def speech(tmp_path, samples_folder) -> Path:
    """The first seconds of a sample call, both sides of it speaking."""
    samples, rate_hz = sf.read(samples_folder / "good_listener.wav", stop=12 * 8000)
    path = tmp_path / "speech.wav"
    sf.write(path, samples, rate_hz, subtype="ULAW")
    return path


def heard(engine: Counting) -> Transcript:
    engine._asked += 1
    return transcribe(np.zeros((2, 4 * 16_000), np.float32), SPANS, engine, speakers=("0", "1"))


def aged(store: Cache, key: str, days: float) -> Path:
    store.keep(key, SAID)
    path, used_s = store.folder / f"{key}.json", time.time() - days * 86_400
    if path.exists():
        os.utime(path, (used_s, used_s))
    return path


def test_what_was_transcribed_is_not_transcribed_again(store):
    engine = Counting()
    key = key_of("audio", (0, 1), SPANS, engine, None)
    first = transcript_of(store, lambda: key, lambda: heard(engine))
    second = transcript_of(store, lambda: key, lambda: heard(engine))
    assert first == second == heard(Counting()) and all(first.words)
    assert engine._asked == 1
    assert store.find(OTHER) is None


def test_every_number_comes_back_as_it_was(store):
    rng = np.random.default_rng(5)
    edges = np.sort(rng.uniform(0, 3600, (200, 2)))
    words = tuple(Word("0", float(a), float(b), "a", float(rng.random()), float(rng.random())) for a, b in edges)
    transcript = replace(SAID, words=(words, ()))
    store.keep(KEY, transcript)
    assert store.find(KEY) == transcript


def test_without_a_cache_it_is_made_each_time():
    engine = Counting()
    for _ in range(2):
        transcript_of(None, lambda: pytest.fail("no key is needed"), lambda: heard(engine))
    assert engine._asked == 2


def test_the_key_changes_with_whatever_the_words_depend_on(tmp_path):
    model = tmp_path / "model.pt"
    model.write_bytes(b"weights")
    weights = Weights("model", "pt", model, True)

    def key(audio="a", lanes=(0, 1), spans=SPANS, language=None, engine=Counting, **options):
        return key_of(audio, lanes, spans, engine(**{"weights": weights, "beam": 1} | options), language)

    later = [SPANS[0], [Span(2.25, 3.0 + 1e-9)]]
    other_class = type("Other", (Counting,), {})
    keys = [key(), key(audio="b"), key(lanes=(1, 0)), key(spans=later), key(spans=SPANS[::-1]), key(language="en")]
    keys += [key(beam=5), key(weights=replace(weights, name="other")), key(engine=other_class)]
    os.utime(model, (1, 1))
    keys.append(key())
    model.write_bytes(b"weights and more")
    keys.append(key())
    assert len(set(keys)) == len(keys)
    assert key() == keys[-1]
    assert all(len(one) == 64 for one in keys)


def test_the_key_changes_with_the_code_and_its_libraries(monkeypatch):
    before = key_of("a", (0, 1), SPANS, Counting(), None)
    cache._code.cache_clear()
    monkeypatch.setattr("importlib.metadata.version", lambda library: "99" if library == "torch" else "1")
    after = key_of("a", (0, 1), SPANS, Counting(), None)
    cache._code.cache_clear()
    assert before != after


def test_another_process_makes_the_same_key():
    code = (
        "from speechcoach.transcript.cache import key_of; from speechcoach.records import Span;"
        "from speechcoach.transcript import WhisperEngine, Weights;"
        "print(key_of('a', [0], [[Span(.1, .7)]], WhisperEngine(Weights('tiny', 'named', None, True)), 'en'))"
    )
    keys = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(keys) == 1 and len(keys.pop().strip()) == 64


def test_an_engine_that_cannot_be_told_from_another_is_not_cached():
    assert key_of("a", (0, 1), SPANS, Counting(model=object()), None) is None
    assert key_of("a", (0, 1), SPANS, Counting(options={"beam": 1}), None) is not None
    engine = Counting(model=object())
    for _ in range(2):
        transcript_of(Cache(Path("never made")), lambda: None, lambda: heard(engine))
    assert engine._asked == 2 and not Path("never made").exists()


def test_what_json_would_change_is_not_kept(store):
    store.keep(KEY, replace(SAID, language_probability=float("nan")))
    assert store.find(KEY) is None


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_only_the_owner_can_read_it(store):
    store.keep(KEY, SAID)
    (file,) = store.folder.iterdir()
    assert (file.stat().st_mode & 0o777, store.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    store.folder.chmod(0o755)
    store.keep(OTHER, SAID)
    assert store.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"caf", b"cof"),
        lambda content: content.replace(KEY.encode(), OTHER.encode()),
        lambda content: b"\xff" + content,
        lambda content: b'{"key": 1}',
    ],
)
def test_a_damaged_entry_is_made_again(store, damage):
    engine = Counting()
    transcript_of(store, lambda: KEY, lambda: SAID)
    path = store.folder / f"{KEY}.json"
    before = path.read_bytes()
    path.write_bytes(damage(before))
    assert path.read_bytes() != before and store.find(KEY) is None
    assert transcript_of(store, lambda: KEY, lambda: heard(engine)) == store.find(KEY)
    assert engine._asked == 1


def test_a_folder_that_cannot_be_used_is_said_once_and_costs_nothing_else(tmp_path, caplog):
    (tmp_path / "file").write_text("not a folder")
    for _ in range(2):
        assert transcript_of(Cache(tmp_path / "file" / "transcripts"), lambda: KEY, lambda: SAID) == SAID
    assert len(caplog.records) == 1
    assert "transcripts cannot be kept there" in caplog.text and "--no-cache" in caplog.text


def test_a_full_disk_leaves_no_part_behind(store, caplog, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(cache.os, "replace", full)
        assert transcript_of(store, lambda: KEY, lambda: SAID) == SAID
    assert "No space left on device" in caplog.text and caplog.records[0].levelno == logging.WARNING
    assert list(store.folder.iterdir()) == []


def test_processes_that_write_and_read_at_once_see_whole_entries(store):
    code = """if True:
        import sys
        from pathlib import Path
        from speechcoach.records import Word
        from speechcoach.transcript import Transcript
        from speechcoach.transcript.cache import Cache
        words = tuple(Word("0", i, i + 1, "word", .5, .5) for i in range(2000))
        said, store = Transcript("en", 1.0, (words,), "an engine"), Cache(Path(sys.argv[1]))
        for turn in range(30):
            store.keep(sys.argv[2], said)
            assert store.find(sys.argv[2]) == said, turn
    """
    command = [sys.executable, "-c", code, str(store.folder), KEY]
    runs = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [(run.communicate()[1], run.returncode) for run in runs] == [("", 0)] * 3
    assert [path.name for path in store.folder.iterdir()] == [f"{KEY}.json"]


def test_what_was_not_used_for_long_goes(store):
    old, recent = aged(store, KEY, days=31), aged(store, OTHER, days=29)
    assert store.find(KEY) is None and not old.exists()
    assert store.find(OTHER) == SAID
    assert recent.stat().st_mtime == pytest.approx(time.time(), abs=86_400), "it was used now"
    forgetful = replace(store, days=0)
    aged(forgetful, KEY, days=0.001)
    assert forgetful.find(KEY) is None


def test_the_least_recently_used_goes_where_there_is_too_much(store):
    keys = [f"{i:064x}" for i in range(5)]
    paths = [aged(store, key, days=10 - i) for i, key in enumerate(keys)]
    assert store.find(keys[0]) == SAID
    replace(store, megabytes=3.5 * paths[0].stat().st_size / 1e6).prune()
    assert [path.exists() for path in paths] == [True, False, False, True, True]


def test_only_what_the_cache_wrote_is_removed(store):
    aged(store, KEY, days=0)
    strangers = [store.folder / "notes.json", store.folder / f"{KEY}.txt", store.folder / ".hidden"]
    parts = [store.folder / ".old.part", store.folder / ".new.part"]
    for path in (*strangers, *parts):
        path.write_text("x")
        os.utime(path, (1, 1)) if path != parts[1] else None
    store.prune()
    assert [path.exists() for path in parts] == [False, True], "a process may be writing the newer one"
    assert store.stock().entries == 1
    store.clear()
    assert sorted(store.folder.iterdir()) == sorted(strangers)
    assert store.stock() == store.clear() == cache.Stock(0, 0)


def test_the_environment_names_the_folder_and_the_limits(tmp_path, monkeypatch):
    monkeypatch.delenv(cache.FOLDER, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert opened() == Cache(tmp_path / "speechcoach" / "transcripts", 30, 500)
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "mine"))
    monkeypatch.setenv(cache.DAYS, "0.5")
    monkeypatch.setenv(cache.MEGABYTES, "20")
    assert opened() == Cache(tmp_path / "mine" / "transcripts", 0.5, 20)
    monkeypatch.setenv(cache.FOLDER, "Off")
    assert opened() is None


@pytest.mark.parametrize("number", ["many", "-1", "nan", "inf"])
def test_a_limit_that_is_no_number_is_said(monkeypatch, number):
    monkeypatch.setenv(cache.FOLDER, "anywhere")
    monkeypatch.setenv(cache.DAYS, number)
    with pytest.raises(SettingsError, match=f"SPEECHCOACH_CACHE_DAYS must be a number from 0 .*, not '{number}'"):
        opened()
    done = CliRunner().invoke(cli.main, ["cache"])
    assert done.exit_code == 2 and "SPEECHCOACH_CACHE_DAYS must be" in done.stderr


def test_the_command_says_what_is_kept_and_empties_it(store, monkeypatch):
    monkeypatch.setenv(cache.FOLDER, str(store.folder.parent))
    run = lambda *arguments: CliRunner().invoke(cli.main, ["cache", *arguments]).stdout  # noqa: E731
    assert run() == f"{store.folder}: 0 transcripts, 0.0 MB\n"
    store.keep(KEY, SAID)
    assert run().startswith(f"{store.folder}: 1 transcripts")
    assert run("--clear") == f"{store.folder}: 1 transcripts, 0.0 MB removed\n"
    assert not list(store.folder.iterdir())
    monkeypatch.setenv(cache.FOLDER, "off")
    assert "switched off" in run()


def test_a_result_is_the_same_with_and_without_and_for_the_other_agent(speech, tmp_path, monkeypatch, engine):
    """Real weights: measured without a cache, then with an empty one, then with the engine locked away."""
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "kept"))
    without = sc.analyze(speech, agent="left", cache=False)
    assert without.facts.words and not (tmp_path / "kept").exists()
    first = sc.analyze(speech, agent="left")
    monkeypatch.setattr(WhisperEngine, "encode", lambda *_: pytest.fail("it was transcribed again"))
    again, other = sc.analyze(speech, agent="left"), sc.analyze(speech, agent="right")
    assert sc.to_json(first) == sc.to_json(without) == sc.to_json(again)
    assert [word.text for word in other.facts.words] == [word.text for word in first.facts.words]
    assert {word.speaker for word in other.facts.words} == {"agent", "customer"}
    code = "import sys; import speechcoach as sc; print(len(sc.measure(sys.argv[1]).words), 'torch' in sys.modules)"
    later = subprocess.run([sys.executable, "-c", code, str(speech)], capture_output=True, text=True, check=True)
    assert later.stdout.split() == [str(len(first.facts.words)), "False"], "another process finds it"
    renamed = shutil.copy(speech, tmp_path / "renamed.wav")
    assert sc.measure(renamed, agent="left").words == first.facts.words


def test_no_cache_keeps_nothing_and_looks_nowhere(speech, tmp_path, monkeypatch, engine):
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "kept"))
    monkeypatch.setattr(cache, "opened", lambda: pytest.fail("the cache was opened"))
    done = CliRunner().invoke(cli.main, ["analyze", str(speech), "--json", "--no-cache", "--language", "en"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["words"] and not (tmp_path / "kept").exists()
