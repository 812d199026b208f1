"""The product on a made call, with words given or without, and the simple rules that it is compared with."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from turns_mixing import SPEAKERS
from turns_voices import RATE_HZ

from speechcoach import channels, features
from speechcoach.conversation import interpret
from speechcoach.conversation.acts import is_backchannel
from speechcoach.conversation.assembly import Party, assemble
from speechcoach.conversation.turns import words_between
from speechcoach.conversation.wording import join, tokens
from speechcoach.pipeline import measure
from speechcoach.records import Call, Facts, Frames, Overlap, Unit, Word
from speechcoach.settings import Norms

ENGLISH = Norms.load("en").phrases
_CALL = Call("0" * 64, "made.wav", 0.0, RATE_HZ, 2, {"agent": 0, "customer": 1}, "option", "made", "en")


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What is measured once, whatever the words are."""

    frames: Frames
    activity: channels.Activity
    unfit: dict[str, str]
    duration_s: float


def hear(samples: np.ndarray) -> Heard:
    frames = features.extract(samples, RATE_HZ)
    activity = channels.find_activity(frames, samples)
    _, unfit = channels.assess_channels(frames, samples, activity, (0.0, 0.0))
    return Heard(frames, activity, dict(unfit), samples.shape[1] / RATE_HZ)


def facts_of(heard: Heard, words: Sequence[Word]) -> Facts:
    """The facts as `measure` makes them of two fit channels; without overlaps where the channels are not fit."""
    parties = [
        Party(name, place, heard.activity.speech[place], heard.activity.music[place])
        for place, name in enumerate(SPEAKERS)
    ]
    facts = assemble(replace(_CALL, duration_s=heard.duration_s), "", heard.frames, parties, words, ENGLISH)
    facts = interpret(replace(facts, unfit=heard.unfit), ENGLISH)
    return replace(facts, overlaps=()) if "speakers" in heard.unfit else facts


def measured(samples: np.ndarray, **options: object) -> Facts:
    """The whole product on a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.wav"
        soundfile.write(path, samples.T, RATE_HZ, subtype="ULAW")
        return measure(path, agent="left", **options)


# The simple rules: an interruption by who began second.


def overlapping(units: Sequence[Unit]) -> list[tuple[Unit, Unit, float, float]]:
    """(who spoke, who came in, start, end) of every overlap of 50 ms and more."""
    found = []
    for holder in units:
        for comer in units:
            start_s, end_s = comer.start_s, min(holder.end_s, comer.end_s)
            later = (holder.start_s, holder.speaker) < (comer.start_s, comer.speaker)
            if holder.speaker != comer.speaker and later and end_s - start_s >= 0.05:
                found.append((holder, comer, start_s, end_s))
    return found


def rules_of(facts: Facts) -> dict[str, list[Overlap]]:
    """What four simple rules call an interruption."""
    shared = overlapping(facts.units)
    called = [Overlap(start_s, end_s, comer.speaker, "interruption", 1.0) for _, comer, start_s, end_s in shared]
    rules = {
        f"overlap{name}": [item for item in called if item.end_s - item.start_s > least_s]
        for name, least_s in (("", 0.0), (" > 0.5 s", 0.5), (" > 1 s", 1.0))
    }
    if facts.words:
        rules["overlap, no token of the list"] = [
            item for item, (_, comer, _, _) in zip(called, shared, strict=True) if not _is_token(facts.words, comer)
        ]
    return rules


def _is_token(words: Sequence[Word], unit: Unit) -> bool:
    said = tokens(join(words_between(words, unit.speaker, unit.start_s, unit.end_s)))
    return is_backchannel(said, ENGLISH)


# call-ai-metrics, in the peers' environment


PEER = "call-ai-metrics"
_ASK = """
import json, sys
from call_ai_metrics import analyze
for path in sys.argv[1:]:
    report = analyze(path, speakers=["agent", "customer"])
    print(json.dumps([[event.time_s, event.overlap_s, event.by] for event in report.interruption_events]))
"""


def peer(recordings: Sequence[np.ndarray], python: Path) -> list[list[Overlap]] | str:
    """The peer's interruptions in each recording, or why it gave none."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{place}.wav" for place in range(len(recordings))]
        for path, samples in zip(paths, recordings, strict=True):
            soundfile.write(path, samples.T, RATE_HZ, subtype="ULAW")
        command = [str(python if python.exists() else sys.executable), "-c", _ASK, *map(str, paths)]
        ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        return ran.stderr.strip().splitlines()[-1]
    return [
        [Overlap(start_s, start_s + length_s, by, "interruption", 1.0) for start_s, length_s, by in json.loads(line)]
        for line in ran.stdout.splitlines()
    ]
