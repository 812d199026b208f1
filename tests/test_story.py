"""The story of a team: its bank of phrases, its forty calls, and what the truth files say of them.

Truths: analytic (the calls are put together from known sound at known places), and the story's own table.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from speechcoach.pipeline import judge, measure_whole
from speechcoach.settings import Config
from speechcoach.team.manifest import read_manifest

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
RATE_HZ = 8000
HEARD_DB = -40.0  # speech is made at -20 to -27 dBFS, line noise below -54
UNDER_DB = -48.0  # a short weak word under the other's
DEEDS = ("opens", "understands", "empathises", "checks", "closes")


@pytest.fixture(scope="module")
def maker():
    """The makers' rooms, which stand beside the package."""
    sys.path.insert(0, str(SAMPLES))
    try:
        import make_story
        from maker import bank, plot, story

        yield SimpleNamespace(make_story=make_story, bank=bank, plot=plot, story=story)
    finally:
        sys.path.remove(str(SAMPLES))


@pytest.fixture(scope="module")
def scenes(maker):
    return maker.story.read_story(SAMPLES / "story")


@pytest.fixture(scope="module")
def bank(maker):
    return maker.bank.read_bank(SAMPLES / "story")


@pytest.fixture(scope="module")
def folder(maker, tmp_path_factory):
    """The forty calls, made once."""
    out = tmp_path_factory.mktemp("story")
    maker.make_story.make(out)
    return out


@pytest.fixture(scope="module")
def truths(folder):
    return {path.name.removesuffix(".truth.json"): json.loads(path.read_text()) for path in folder.glob("*.truth.json")}


def level_db(samples: np.ndarray) -> float:
    return 10 * np.log10(np.mean(np.square(samples)) + 1e-12)


def heard_share(samples: np.ndarray, start_s: float, end_s: float, above_db: float = HEARD_DB) -> float:
    """Share of 20 ms pieces of a span that are louder than `above_db`."""
    piece = samples[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
    pieces = piece[: len(piece) // 160 * 160].reshape(-1, 160)
    return float(np.mean([level_db(part) > above_db for part in pieces]))


class TestBank:
    def test_holds_each_phrase_that_a_call_needs_and_no_other(self, maker, scenes, bank):
        needed = maker.bank.readings_of(maker.plot.script_of(scene) for scene in scenes)
        assert set(bank.phrases) == set(needed)

    def test_is_small(self):
        files = [path for path in (SAMPLES / "story").iterdir() if path.is_file()]
        assert sum(path.stat().st_size for path in files) <= 6e6

    def test_has_sound_in_every_phrase_and_silence_between_them(self, bank):
        spans = sorted((phrase.start_s, phrase.end_s) for phrase in bank.phrases.values())
        assert spans[-1][1] <= len(bank.samples) / RATE_HZ
        for (start_s, end_s), (next_s, _) in pairwise(spans):
            assert heard_share(bank.samples, start_s, end_s) > 0.4
            for edge_s in (start_s, end_s - 0.08):  # edges lie 40 dB below the phrase's peak
                assert heard_share(bank.samples, edge_s, edge_s + 0.08, -70.0) > 0
            assert heard_share(bank.samples, end_s + 0.04, next_s - 0.04) == 0

    def test_has_its_words_in_order_inside_each_phrase(self, bank):
        for reading, phrase in bank.phrases.items():
            assert [word.text for word in phrase.words] == reading.text.split()
            edges = [edge for word in phrase.words for edge in (word.start_s, word.end_s)]
            assert edges == sorted(edges)
            assert edges[0] >= 0 and edges[-1] <= phrase.end_s - phrase.start_s + 0.01

    def test_names_the_licence_of_every_voice(self, bank):
        index = json.loads((SAMPLES / "story" / "bank.json").read_text("utf-8"))
        assert set(index["voices"]) == {reading.voice for reading in bank.phrases}
        assert all("Apache-2.0" in licence or "MIT" in licence for licence in index["voices"].values())

    def test_names_a_phrase_that_it_lacks(self, maker, scenes):
        call = maker.plot.script_of(scenes[0])
        empty = maker.bank.Bank(np.zeros(0, np.float32), {})
        with pytest.raises(maker.bank.SampleError, match=r"does not say .*make_bank"):
            empty.say(call.turns[0], call)


class TestStory:
    def test_gives_each_agent_twenty_calls_in_eight_weeks_by_two_queues(self, scenes):
        assert Counter(scene.agent.name for scene in scenes) == {"mia": 20, "tom": 20}
        assert min(scene.recorded_at for scene in scenes).isoformat() >= "2026-09-21"
        assert max(scene.recorded_at for scene in scenes).isoformat() < "2026-11-16"
        assert {scene.customer.queue for scene in scenes} == {"support", "orders"}
        assert len({(scene.agent.name, scene.customer.id) for scene in scenes}) == 40

    def test_lets_mia_learn_and_tom_stay(self, scenes):
        assert halves(scenes, "mia", deeds)[1] >= halves(scenes, "mia", deeds)[0] + 0.4
        assert halves(scenes, "mia", cut_ins)[1] <= halves(scenes, "mia", cut_ins)[0] - 0.8
        assert abs(np.diff(halves(scenes, "tom", deeds))[0]) <= 0.1
        assert abs(np.diff(halves(scenes, "tom", cut_ins))[0]) <= 0.3

    def test_does_not_make_mia_better_from_one_call_to_the_next(self, scenes):
        marks = [deeds(scene) for scene in scenes if scene.agent.name == "mia"]
        assert sum(later < earlier for earlier, later in pairwise(marks)) >= 3

    def test_has_what_a_team_meets(self, scenes):
        specials = [scene.special for scene in scenes]
        assert sum(special.silence_s > 5 for special in specials) == 1
        assert sum(special.hold_s > 5 for special in specials) == 1
        assert sum(special.leak_db is not None for special in specials) == 1
        assert sum(special.mono for special in specials) == 1
        assert sum(special.angry for special in specials) == 1

    def test_fits_the_hour_to_the_greeting(self, scenes):
        mornings = [scene for scene in scenes if scene.customer.problem.startswith("Good morning")]
        assert mornings
        assert all(scene.recorded_at.hour < 12 for scene in mornings)

    def test_says_which_row_has_a_wrong_length(self, maker, tmp_path):
        for path in (SAMPLES / "story").glob("*.toml"):
            text = path.read_text("utf-8").replace('closes      = "00 010', 'closes      = "00 01')
            (tmp_path / path.name).write_text(text, "utf-8")
        with pytest.raises(maker.story.SampleError, match="mia: closes has 19 entries; there are 20 calls"):
            maker.story.read_story(tmp_path)


def deeds(scene) -> float:
    """Share of what a good listener does that the plan has."""
    return float(np.mean([getattr(scene.plan, deed) for deed in DEEDS]))


def cut_ins(scene) -> float:
    return scene.plan.cut_ins


def halves(scenes, agent: str, measure) -> list[float]:
    """Means of the first and of the last three weeks of an agent."""
    values = [measure(scene) for scene in scenes if scene.agent.name == agent]
    return [float(np.mean(values[:7])), float(np.mean(values[-8:]))]


class TestCalls:
    def test_are_forty_that_the_manifest_names(self, folder, scenes):
        rows = read_manifest(folder / "manifest.csv")
        assert sorted(rows) == sorted(str(path) for path in folder.glob("*.wav"))
        assert Counter((meta.agent, meta.team) for meta in rows.values()) == {
            ("Mia", "Greenway"): 20,
            ("Tom", "Greenway"): 20,
        }
        assert len(rows) == 40

    def test_are_the_same_each_time(self, maker, folder, scenes, bank, tmp_path):
        for scene in scenes[::13]:
            maker.make_story.make_call(scene, bank, tmp_path)
        for path in tmp_path.iterdir():
            assert sha256(path) == sha256(folder / path.name)
        assert len(list(tmp_path.iterdir())) == 8

    def test_are_telephone_calls_of_a_usual_length(self, folder, truths):
        for name, truth in truths.items():
            info = soundfile.info(folder / f"{name}.wav")
            assert (info.samplerate, info.subtype, info.channels) == (RATE_HZ, "ULAW", truth["channels"])
            assert info.duration == pytest.approx(truth["duration_s"], abs=1e-3)
            assert 45 <= info.duration <= 100

    def test_have_each_turn_where_the_truth_says(self, folder, truths):
        for name, truth in truths.items():
            samples, _ = soundfile.read(folder / f"{name}.wav", always_2d=True)
            for turn in truth["turns"]:
                side = samples[:, truth["speakers"][turn["speaker"]]["channel"]]
                assert heard_share(side, turn["start_s"], turn["end_s"]) > 0.35, (name, turn["text"])

    def test_cut_the_customer_off_as_often_as_planned(self, truths):
        for name, truth in truths.items():
            cuts = [item for item in truth["overlaps"] if item["kind"] == "interruption"]
            assert len(cuts) == truth["story"]["plan"]["cut_ins"], name
            assert all(item["by"] == "agent" and 0.1 <= item["end_s"] - item["start_s"] <= 0.5 for item in cuts)

    def test_let_a_cut_customer_sound_under_the_agent_and_stop(self, folder, truths):
        for name, truth in clean(truths).items():
            samples, _ = soundfile.read(folder / f"{name}.wav", always_2d=True)
            for item in truth["overlaps"]:
                if item["kind"] == "interruption":
                    start_s, end_s = item["start_s"], item["end_s"]
                    both = [heard_share(samples[:, side], start_s, end_s - 0.03, UNDER_DB) for side in (0, 1)]
                    assert min(both) > 0.3, (name, start_s)
                    assert heard_share(samples[:, 1], end_s + 0.02, end_s + 0.4) == 0, (name, end_s)

    def test_are_silent_where_nobody_speaks(self, folder, truths):
        silent = [
            (name, item) for name, truth in truths.items() for item in truth["silences"] if item["kind"] == "dead_air"
        ]
        ((name, item),) = silent
        samples, _ = soundfile.read(folder / f"{name}.wav", always_2d=True)
        assert item["end_s"] - item["start_s"] == pytest.approx(6.5, abs=0.1)
        assert heard_share(samples.mean(axis=1), item["start_s"] + 0.05, item["end_s"] - 0.05) == 0

    def test_end_with_a_farewell(self, truths):
        for truth in truths.values():
            assert any("closing" in turn["labels"] for turn in truth["turns"][-2:])


def clean(truths: dict) -> dict:
    """Calls whose channels hold one side each, and nothing of the other."""
    return {name: truth for name, truth in truths.items() if truth["channels"] == 2 and truth["leak_db"] is None}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class TestByVoiceAlone:
    """What the product finds without words in a call with cuts and in one without."""

    @pytest.mark.parametrize("of", ["mia_slow", "mia_refund"])
    def test_turns_are_where_they_were_put(self, folder, truths, of):
        name = next(name for name in truths if name.endswith(of))
        facts = judge(measure_whole(folder / f"{name}.wav", Config(transcript=False, agent="left")).facts).facts
        for turn in truths[name]["turns"]:
            if turn["end_s"] - turn["start_s"] > 2:
                found = [own for own in facts.turns if own.speaker == turn["speaker"]]
                assert min(abs(own.start_s - turn["start_s"]) for own in found) <= 0.15, turn["text"]
