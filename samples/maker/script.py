"""A call's script, read from TOML into frozen records. Unknown keys are errors that list the known ones."""

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from maker.problems import SampleError

SPEAKERS = ("agent", "customer")
OVERLAP_KINDS = (
    "terminal", "backchannel", "completion", "butting_in", "interruption", "silent_interruption", "needed",
)  # fmt: skip
SILENCE_KINDS = ("gap", "hold", "dead_air")
Record = TypeVar("Record")


@dataclass(frozen=True)
class Manner:
    """How a speaker talks in the whole call; turns add to it (rate and contour multiply).

    rate : speed, 1 is the voice's own
    pitch_st : shift in semitones
    contour : scale of the pitch movement, 1 is the voice's own, 0.25 is monotone
    level_db : re the call's speech level
    """

    voice: str
    rate: float = 1.0
    pitch_st: float = 0.0
    contour: float = 1.0
    level_db: float = 0.0


@dataclass(frozen=True)
class TurnScript:
    """One turn as it is written; the README explains each key."""

    speaker: str
    say: str
    id: str = ""
    offset_s: float = 0.25
    into: str = ""
    at_word: int = 0
    cut_after_words: int = 0
    pause_s: float = 0.35
    rate: float = 1.0
    pitch_st: float = 0.0
    contour: float = 1.0
    final_st: float = 0.0
    level_db: float = 0.0
    labels: tuple[str, ...] = ()
    overlap: str = ""
    silence: str = ""
    announced: bool | None = None
    music: bool = False


@dataclass(frozen=True)
class CallScript:
    """A whole call: its circumstances, its two speakers, its turns in the order in which they are written.

    name : also seeds the line noise, so a mono version keeps the name, and the noise, of its stereo call
    """

    name: str
    title: str
    language: str
    speakers: dict[str, Manner]
    turns: tuple[TurnScript, ...]
    lead_in_s: float = 0.6
    tail_s: float = 0.8
    speech_db: float = -22.0
    noise_db: float = -60.0
    leak_db: float | None = None
    mono: bool = False


def read_script(path: Path) -> CallScript:
    """Read and check one script; `mix_of` alone makes the one-channel version of another script."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    call = document["call"]
    if "mix_of" in call:
        stereo = read_script(path.with_name(f"{call['mix_of']}.toml"))
        return dataclasses.replace(stereo, title=call["title"], mono=True)
    speakers = {name: record(Manner, document["speakers"][name], f"speakers.{name}") for name in SPEAKERS}
    turns = tuple(_turn(entry, f"turn {index}") for index, entry in enumerate(document["turns"]))
    return record(CallScript, {**call, "name": path.stem, "speakers": speakers, "turns": turns}, "call")


def _turn(entry: dict[str, Any], where: str) -> TurnScript:
    turn = record(TurnScript, {**entry, "labels": tuple(entry.get("labels", ()))}, where)
    _check_choice(turn.speaker, SPEAKERS, f"{where}: speaker")
    _check_choice(turn.overlap, ("", *OVERLAP_KINDS), f"{where}: overlap")
    _check_choice(turn.silence, ("", *SILENCE_KINDS), f"{where}: silence")
    return turn


def record(kind: type[Record], entry: dict[str, Any], where: str) -> Record:
    known = [item.name for item in dataclasses.fields(kind)]
    for key in entry:
        _check_choice(key, known, f"{where}: key")
    try:
        return kind(**entry)
    except TypeError as error:
        raise SampleError(f"{where}: {error}") from None


def _check_choice(value: str, known: list[str] | tuple[str, ...], what: str) -> None:
    if value not in known:
        raise SampleError(f"{what} {value!r} is unknown; known: {', '.join(filter(None, known))}")
