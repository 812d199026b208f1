"""Recordings whose words are known, for the benchmark of transcription.

Conventions: samples are float32 `[channels, n]` at 8 kHz; times are seconds, NaN where they are not known.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from speechcoach.audio import open_recording

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
CALLS = ("good_listener", "poor_listener", "escalation")
PROMPTS = Path("/usr/share/asterisk/sounds/en")
TEXTS = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
MUSIC = Path("/usr/share/asterisk/moh")
SILENCE_PART_S = 15
LEAK_DB, LEAK_LATE = -30.0, 480  # samples of 8 kHz: 60 ms


@dataclass(frozen=True, slots=True)
class Said:
    """A word that was said or heard: start in seconds, NaN where it is not known."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class TrueTurn:
    """What one side said from `start_s` to `end_s`; `words` is empty where the times of words are not known."""

    start_s: float
    end_s: float
    text: str
    backchannel: bool = False
    words: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """One recording, float32 `[channels, n]` at 8 kHz, and what is said on each channel."""

    name: str
    samples: np.ndarray
    turns: tuple[tuple[TrueTurn, ...], ...]

    @property
    def duration_s(self) -> float:
        return self.samples.shape[1] / 8000


def calls() -> Iterator[Material]:
    for name in CALLS:
        truth = json.loads((SAMPLES / f"{name}.truth.json").read_text("utf-8"))
        speakers = sorted(truth["speakers"], key=lambda speaker: truth["speakers"][speaker]["channel"])
        turns = tuple(_turns(truth, speaker) for speaker in speakers)
        yield Material(name, open_recording(SAMPLES / f"{name}.wav").analysis, turns)


def _turns(truth: dict, speaker: str) -> tuple[TrueTurn, ...]:
    own = sorted((turn for turn in truth["turns"] if turn["speaker"] == speaker), key=lambda turn: turn["start_s"])
    words = [Said(w["text"], w["start_s"], w["end_s"]) for w in truth["words"] if w["speaker"] == speaker]
    return tuple(
        TrueTurn(
            turn["start_s"],
            turn["end_s"],
            turn["text"],
            "backchannel" in turn["labels"],
            tuple(word for word in words if turn["start_s"] - 1e-3 <= word.start_s < turn["end_s"]),
        )
        for turn in own
    )


def prompts(every: int = 6, most: int = 16) -> Iterator[Material]:
    """Prompts of 3 to 12 s with a text, every `every`th, on two channels in turns, half a second apart."""
    found = [(text, PROMPTS / f"{name}.wav") for name, text in sorted(texts().items()) if "[" not in text]
    long = [(text, path) for text, path in found if path.is_file() and 3 <= soundfile.info(path).duration <= 12]
    sides: tuple[list, list] = ([], [])
    parts, at_s = [], 0.5
    for place, (text, path) in enumerate(long[::every][:most]):
        own = soundfile.read(path, dtype="float32")[0]
        sides[place % 2].append(TrueTurn(at_s, at_s + len(own) / 8000, text))
        parts.append((place % 2, round(at_s * 8000), own))
        at_s += len(own) / 8000 + 0.5
    samples = 10 ** (-60 / 20) * np.random.default_rng(1).standard_normal((2, round(at_s * 8000))).astype(np.float32)
    for channel, start, own in parts:
        samples[channel, start : start + len(own)] += own
    yield Material("prompts", samples, tuple(map(tuple, sides)))


def texts() -> dict[str, str]:
    """What each prompt says, by its name."""
    lines = gzip.decompress(TEXTS.read_bytes()).decode("utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line and line[0] != ";")


def silence() -> Iterator[Material]:
    for path in sorted(MUSIC.glob("*.wav")):
        music = soundfile.read(path, dtype="float32", frames=SILENCE_PART_S * 8000)[0]
        yield Material(path.stem, music[None], ((),))
    time_s = np.arange(SILENCE_PART_S * 8000) / 8000
    noise = np.random.default_rng(2).standard_normal(len(time_s))
    ring = sum(np.sin(2 * np.pi * hz * time_s) for hz in (440, 480)) * (time_s % 6 < 2)
    keys = sum(np.sin(2 * np.pi * hz * time_s) for hz in (770, 1336)) * (time_s % 0.5 < 0.2)
    for name, made in (("white noise", 0.02 * noise), ("ring-back", 0.1 * ring), ("keys", 0.1 * keys)):
        yield Material(name, made[None].astype(np.float32), ((),))
    yield leak()


def leak() -> Material:
    """A long prompt on one channel; on the other nobody speaks, but it leaks, 30 dB down and late, in line noise."""
    said = soundfile.read(PROMPTS / "demo-congrats.wav", dtype="float32")[0]
    line = 10 ** (-65 / 20) * np.random.default_rng(3).standard_normal(len(said)).astype(np.float32)
    late = np.pad(said, (LEAK_LATE, 0))[: len(said)] * 10 ** (LEAK_DB / 20)
    turn = TrueTurn(0.0, len(said) / 8000, texts()["demo-congrats"])
    return Material("leak", np.stack([said, late + line]), ((turn,), ()))


def drafted(folder: Path) -> Iterator[Material]:
    """Recordings with `NAME.draft-turns.tsv`: start, end, agent (left) or caller, text."""
    for sheet in sorted(folder.glob("*.draft-turns.tsv")):
        stem = sheet.name.removesuffix(".draft-turns.tsv")
        path = next(path for path in sorted(folder.glob(f"{stem}.*")) if path.suffix in (".wav", ".flac"))
        rows = list(csv.DictReader(sheet.open(encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE))
        own = [[row for row in rows if (row["speaker"] == "agent") is side] for side in (True, False)]
        turns = (tuple(TrueTurn(float(r["start"]), float(r["end"]), r["draft_text"]) for r in of) for of in own)
        yield Material(stem, open_recording(path).analysis, tuple(turns))
