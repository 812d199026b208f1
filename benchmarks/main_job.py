"""How right and how fast the main job is on the sample calls, beside plain openai-whisper and librosa's pYIN.

    python benchmarks/main_job.py            # prints the tables, and writes them into benchmarks/README.md

Truth: the calls were made, so every word, edge, overlap and pitch is known (samples/README.md). The peers run on the
same files with the same weights, one thread, in turns with ours; what is compared is CPU time in one process.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import tables

from speechcoach import channels, features
from speechcoach.audio import open_recording
from speechcoach.pipeline import judge, measure_whole
from speechcoach.records import Unit
from speechcoach.settings import Config
from speechcoach.transcript import WhisperEngine
from speechcoach.views import html

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "samples"
CALLS = ("good_listener", "poor_listener", "escalation", "spanish")
ENGLISH = CALLS[:3]
_NEAR_S = 0.5  # a word further from its speaker's true turns than this was invented


@dataclass
class Clock:
    """CPU seconds by name."""

    spent_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start_s = time.process_time()
        yield
        self.spent_s[name] = self.spent_s.get(name, 0.0) + time.process_time() - start_s


@cache
def truth(call: str) -> dict:
    return json.loads((SAMPLES / f"{call}.truth.json").read_text("utf-8"))


@cache
def normaliser() -> Callable[[str], str]:
    from whisper.normalizers import EnglishTextNormalizer

    return EnglishTextNormalizer()


def word_errors(said: list[str], heard: list[str]) -> int:
    """Levenshtein distance (1965)."""
    row = np.arange(len(heard) + 1)
    for place, word in enumerate(said, 1):
        costs = np.minimum(row[1:] + 1, row[:-1] + np.array([word != other for other in heard], int))
        before, row = row, np.empty_like(row)
        row[0] = place
        for column, cost in enumerate(costs, 1):
            row[column] = min(cost, row[column - 1] + 1)
        del before
    return int(row[-1])


def plain_words(call: str, clock: Clock) -> list[tuple[str, float, str]]:
    """(speaker, start, text) of every word that plain openai-whisper writes, each channel whole."""
    model = WhisperEngine().model
    samples = open_recording(SAMPLES / f"{call}.wav").samples(16_000)
    found = []
    for speaker, about in truth(call)["speakers"].items():
        with clock("plain openai-whisper, word times"):
            made = model.transcribe(samples[about["channel"]], word_timestamps=True, fp16=False)
        found += [(speaker, w["start"], w["word"]) for part in made["segments"] for w in part["words"]]
    return found


def our_words(call: str, clock: Clock) -> list[tuple[str, float, str]]:
    with clock("speechcoach, whole way"):
        facts = measure_whole(SAMPLES / f"{call}.wav", Config(agent="left", cache=False)).facts
    return [(word.speaker, word.start_s, word.text) for word in facts.words]


def score_words(call: str, words: list[tuple[str, float, str]]) -> tuple[int, int, int]:
    """Errors, words said, words invented."""
    wrong = said_all = invented = 0
    for speaker in ("agent", "customer"):
        turns = [
            turn for turn in sorted(truth(call)["turns"], key=lambda t: t["start_s"]) if turn["speaker"] == speaker
        ]
        said = normaliser()(" ".join(turn["text"] for turn in turns)).split()
        own = [(start_s, text) for who, start_s, text in words if who == speaker]
        wrong += word_errors(said, normaliser()(" ".join(text for _, text in own)).split())
        said_all += len(said)
        invented += sum(
            all(start_s < turn["start_s"] - _NEAR_S or start_s > turn["end_s"] + _NEAR_S for turn in turns)
            for start_s, _ in own
        )
    return wrong, said_all, invented


def transcription() -> list[str]:
    clock, rows = Clock(), []
    totals = {"speechcoach": np.zeros(3, int), "plain openai-whisper": np.zeros(3, int)}
    seconds = sum(truth(call)["duration_s"] for call in ENGLISH)
    for call in ENGLISH:
        totals["speechcoach"] += score_words(call, our_words(call, clock))
        totals["plain openai-whisper"] += score_words(call, plain_words(call, clock))
    for name, spent_s in zip(totals, clock.spent_s.values(), strict=True):
        wrong, said, invented = totals[name]
        rows.append(f"| {name} | {wrong / said:.1%} | {invented} | {spent_s / seconds:.2f} |")
    ours_s, plain_s = clock.spent_s.values()
    return [
        "### Words, three English calls, both sides, Whisper base, greedy in ours, defaults in the peer",
        "",
        "| | WER | words invented where nobody speaks | CPU s per s of call |",
        "|---|---|---|---|",
        *rows,
        "",
        f"CPU, the whole of speechcoach against the peer's transcription alone: {ours_s / plain_s:.2f}.",
    ]


def stages() -> list[str]:
    clock = Clock()
    seconds = 0.0
    for call in CALLS:
        seconds += truth(call)["duration_s"]
        with clock("read, check, hash"):
            recording = open_recording(SAMPLES / f"{call}.wav")
            samples = recording.analysis
        with clock("features, two channels"):
            frames = features.extract(samples, 8_000)
        with clock("activity and fitness"):
            activity = channels.find_activity(frames, samples)
            channels.assess_channels(frames, samples, activity, recording.clipped)
        measured = measure_whole(SAMPLES / f"{call}.wav", Config(cache=False))
        with clock("judge"):
            result = judge(measured.facts)
        with clock("HTML report with audio and spectrogram"):
            html.render(result, measured.frames, samples, 8_000)
    rows = [
        f"| {name} | {spent_s / len(CALLS):.3f} | {seconds / spent_s:,.0f} |" for name, spent_s in clock.spent_s.items()
    ]
    head = ["### Stages, mean of four stereo calls", "", "| stage | CPU s a call | x real time |", "|---|---|---|"]
    return [*head, *rows]


def conversation() -> list[str]:
    edges, right, wanted, found = [], 0, 0, 0
    for call in CALLS:
        facts = measure_whole(SAMPLES / f"{call}.wav", Config(agent="left", cache=False)).facts
        for turn in truth(call)["turns"]:
            own = [t for t in facts.turns if t.speaker == turn["speaker"]]
            best = max(own, key=lambda t: min(t.end_s, turn["end_s"]) - max(t.start_s, turn["start_s"]))
            edges += [abs(best.start_s - turn["start_s"]), abs(best.end_s - turn["end_s"])]
        if call in ENGLISH:
            events = {(o.by, o.kind, round(o.start_s * 2)) for o in facts.overlaps}
            near = {(by, kind, start + shift) for by, kind, start in events for shift in (-1, 0, 1)}
            truths = [(o["by"], o["kind"], round(o["start_s"] * 2)) for o in truth(call)["overlaps"]]
            right += sum(event in near for event in truths)
            wanted, found = wanted + len(truths), found + len(events)
    return [
        "### Turns and overlaps",
        "",
        f"Turn edges, {len(edges)} of them: median error {np.median(edges) * 1000:.0f} ms, 95th percentile "
        f"{np.percentile(edges, 95) * 1000:.0f} ms. Overlaps and cut-ins of the English calls: {wanted} happened, "
        f"{found} were reported, {right} of them with the right kind and speaker. The typing was tuned on these calls.",
    ]


def rate() -> list[str]:
    """Articulation against the vowels that were synthesised, voice and timing alone."""
    errors: dict[str, list[float]] = {}
    for call in CALLS:
        facts = measure_whole(SAMPLES / f"{call}.wav", Config(agent="left", transcript=False)).facts
        for turn in truth(call)["turns"]:
            units = [u for u in facts.units if u.speaker == turn["speaker"] and _inside(u, turn)]
            spoken_s = sum(unit.end_s - unit.start_s for unit in units)
            if turn["syllables"] >= 8 and spoken_s:
                found = sum(unit.syllables for unit in units) / spoken_s
                voice = f"{truth(call)['speakers'][turn['speaker']]['voice']}, {call}"
                errors.setdefault(voice, []).append(found / turn["articulation_sps"] - 1)
    rows = [f"| {voice} | {len(own)} | {np.median(own):+.0%} |" for voice, own in errors.items()]
    head = [
        "### Articulation rate, turns of eight syllables and more",
        "",
        "| voice | turns | median error |",
        "|---|---|---|",
    ]
    return [*head, *rows]


def _inside(unit: Unit, turn: dict) -> bool:
    middle_s = (unit.start_s + unit.end_s) / 2
    return turn["start_s"] <= middle_s <= turn["end_s"]


def pitch() -> list[str]:
    import librosa

    clock, found = Clock(), {"speechcoach": [], "librosa pYIN": []}
    for call in CALLS:
        samples = open_recording(SAMPLES / f"{call}.wav").analysis
        with clock("speechcoach"):
            ours = features.extract(samples, 8_000)
        with clock("librosa pYIN"):
            peer = [librosa.pyin(x, fmin=60, fmax=500, sr=8_000, frame_length=512, hop_length=80)[0] for x in samples]
        for speaker, segments in truth(call)["f0"].items():
            channel = truth(call)["speakers"][speaker]["channel"]
            found["speechcoach"].append(_pitch_errors(segments, ours.f0_hz[channel], 0.005))
            found["librosa pYIN"].append(_pitch_errors(segments, peer[channel], 0.0))
    ratio = clock.spent_s["librosa pYIN"] / clock.spent_s["speechcoach"]
    rows = [
        "| {} | {:.1f} | {:.1f} | {:.1f} |".format(name, *np.sum(errors, axis=0)[:3] / np.sum(errors, axis=0)[3] * 100)
        for name, errors in found.items()
    ]
    return [
        "### Pitch, four calls, eight voices, 10 ms frames inside turns",
        "",
        "| | F0 frame errors % | voicing errors % | gross errors % |",
        "|---|---|---|---|",
        *rows,
        "",
        f"CPU, pYIN against all of our features (pitch, voicing, level, syllables): {ratio:.0f}.",
    ]


def _pitch_errors(segments: list[dict], f0_hz: np.ndarray, first_s: float) -> np.ndarray:
    """Frame errors, voicing errors, gross errors (20 %), frames: Chu & Alwan (2009)."""
    total = np.zeros(4)
    for segment in segments:
        true_hz = np.array(segment["f0_hz"])
        time_s = segment["start_s"] + segment["hop_s"] * np.arange(len(true_hz))
        place = np.clip(np.round((time_s - first_s) / 0.01).astype(int), 0, len(f0_hz) - 1)
        found_hz = np.nan_to_num(f0_hz[place])
        voicing = (true_hz > 0) != (found_hz > 0)
        both = (true_hz > 0) & (found_hz > 0)
        gross = both & (np.abs(found_hz - true_hz) > 0.2 * true_hz)
        total += [np.sum(voicing | gross), voicing.sum(), gross.sum(), len(true_hz)]
    return total


def main() -> None:
    text = "\n\n".join("\n".join(table()) for table in (conversation, rate, pitch, stages, transcription))
    print(text)
    tables.write("main_job", text)


if __name__ == "__main__":
    main()
