"""Placed turns -> the truth file: what is in the recording, computed from what was put there."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from maker.events import Overlap, Silence, music_spans, overlaps, silences
from maker.script import SPEAKERS, CallScript
from maker.timeline import F0_HOP_S, RATE_HZ, PlacedTurn
from maker.voices import voice_named

FINAL_S = 0.3
FINAL_LEAST_S = 0.1
GLISSANDO_ST = 0.32  # a movement is heard where its slope exceeds 0.32 / T^2 st/s ('t Hart et al. 1990)
LABEL_LISTS = {"paraphrases": "paraphrase", "checks": "check", "empathy": "empathy"}


def describe(call: CallScript, turns: list[PlacedTurn], recording: np.ndarray) -> dict[str, Any]:
    """Everything that the README's truth format names."""
    return {
        "title": call.title,
        "language": call.language,
        "duration_s": _seconds(len(recording) / RATE_HZ),
        "rate_hz": RATE_HZ,
        "channels": recording.shape[1],
        "noise_db": call.noise_db,
        "leak_db": call.leak_db,
        "speakers": {name: _speaker(call, name) for name in SPEAKERS},
        "turns": [_turn(turn) for turn in turns],
        "words": _words(turns),
        "overlaps": [_overlap(overlap, turns) for overlap in overlaps(turns)],
        "silences": [_silence(silence) for silence in silences(turns)],
        "music": [[*_span(span), 0] for span in music_spans(turns)],
        **{name: _labelled(turns, label) for name, label in LABEL_LISTS.items()},
        "f0": {name: _f0(turns, name) for name in SPEAKERS},
    }


def write_truth(path: Path, truth: dict[str, Any]) -> None:
    """Write JSON with one list entry a line, so that a change can be read."""
    fields = ",\n".join(f'"{key}": {_lines(value)}' for key, value in truth.items())
    path.write_text(f"{{\n{fields}\n}}\n", encoding="utf-8")


def final_movement(f0_hz: np.ndarray) -> str | None:
    """Rise, fall or level over the last 300 ms of voiced frames; null where less than 100 ms is voiced.

    The slope is the median of all pairs' slopes (Theil and Sen), in semitones a second.
    """
    voiced = np.flatnonzero(f0_hz > 0)[-round(FINAL_S / F0_HOP_S) :]
    if len(voiced) < FINAL_LEAST_S / F0_HOP_S:
        return None
    times_s = voiced * F0_HOP_S
    slope_st_s = stats.theilslopes(12 * np.log2(f0_hz[voiced]), times_s)[0]
    heard_st_s = GLISSANDO_ST / (times_s[-1] - times_s[0]) ** 2
    if abs(slope_st_s) <= heard_st_s:
        return "level"
    return "rise" if slope_st_s > 0 else "fall"


def _speaker(call: CallScript, name: str) -> dict[str, Any]:
    manner = call.speakers[name]
    channel = 0 if call.mono else SPEAKERS.index(name)
    return {"channel": channel, "voice": manner.voice, "sex": voice_named(manner.voice).sex}


def _turn(turn: PlacedTurn) -> dict[str, Any]:
    script = turn.script
    syllables = sum(word.syllables for word in turn.words)
    length_s = turn.end_s - turn.start_s
    paused_s = sum(end_s - start_s for start_s, end_s in turn.pauses)
    return {
        "speaker": script.speaker,
        "start_s": _seconds(turn.start_s),
        "end_s": _seconds(turn.end_s),
        "text": " ".join(word.text for word in turn.words),
        "labels": list(script.labels),
        "cut": bool(script.cut_after_words),
        "words": len(turn.words),
        "syllables": syllables,
        "rate_wpm": round(60 * len(turn.words) / length_s, 1),
        "articulation_sps": round(syllables / (length_s - paused_s), 2),
        "level_db": script.level_db,
        "pauses": [_span(pause) for pause in turn.pauses],
        "final": final_movement(turn.f0_hz),
    }


def _overlap(overlap: Overlap, turns: list[PlacedTurn]) -> dict[str, Any]:
    return {
        "start_s": _seconds(overlap.start_s),
        "end_s": _seconds(overlap.end_s),
        "by": turns[overlap.turns[1]].script.speaker,
        "kind": overlap.kind,
        "turns": list(overlap.turns),
    }


def _silence(silence: Silence) -> dict[str, Any]:
    return {
        "start_s": _seconds(silence.start_s),
        "end_s": _seconds(silence.end_s),
        "kind": silence.kind,
        "announced": silence.announced,
    }


def _words(turns: list[PlacedTurn]) -> list[dict[str, Any]]:
    words = [(word, turn.script.speaker) for turn in turns for word in turn.words]
    return [
        {
            "speaker": speaker,
            "start_s": _seconds(word.start_s),
            "end_s": _seconds(word.end_s),
            "text": word.text,
        }
        for word, speaker in sorted(words, key=lambda entry: entry[0].start_s)
    ]


def _labelled(turns: list[PlacedTurn], label: str) -> list[int]:
    return [index for index, turn in enumerate(turns) if label in turn.script.labels]


def _f0(turns: list[PlacedTurn], speaker: str) -> list[dict[str, Any]]:
    return [
        {"start_s": _seconds(turn.start_s), "hop_s": F0_HOP_S, "f0_hz": np.round(turn.f0_hz, 1).tolist()}
        for turn in turns
        if turn.script.speaker == speaker
    ]


def _span(span: tuple[float, float]) -> list[float]:
    return [_seconds(span[0]), _seconds(span[1])]


def _seconds(time_s: float) -> float:
    return round(float(time_s), 4)


def _lines(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"  {_inline(entry)}" for entry in value) + "\n]"
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f'  "{key}": {_lines(entry)}' for key, entry in value.items()) + "\n}"
    return _inline(value)


def _inline(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
