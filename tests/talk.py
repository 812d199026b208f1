"""Conversations written as a script: lines with times become the Facts that a recording of them would give.

Words are spread evenly over their line; every line is one inter-pausal unit unless it is cut with " | ", which
leaves a pause of 0.3 s. Voices are level unless a line says otherwise; a turn's voice is the mean of its units'.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median

from speechcoach.conversation import build_turns, find_pauses, floor_transfers, interpret
from speechcoach.conversation.acts import is_backchannel
from speechcoach.conversation.rates import Z_OF, articulation, usual_of
from speechcoach.conversation.turns import words_between
from speechcoach.conversation.wording import join
from speechcoach.records import Call, Channel, Facts, Span, Turn, Unit, Voice, Window, Word, ZScores
from speechcoach.settings import Norms

A, C = "agent", "customer"
ENGLISH = Norms.load("en")
_PAUSE_S = 0.3


@dataclass(frozen=True)
class Line:
    speaker: str
    start_s: float
    end_s: float
    text: str = ""
    level_db: float = -25.0
    noise_db: float | None = None
    pitch_hz: float = 150.0
    pitch_sd_st: float = 3.0
    syllables_per_s: float = 4.5
    inflection: str | None = "fall"
    release_s: float = 0.05


def talk(
    *lines: Line,
    duration_s: float | None = None,
    norms: Norms = ENGLISH,
    windows: Sequence[Window] = (),
    music: Sequence[Span] = (),
    unfit: dict[str, str] | None = None,
) -> Facts:
    """Facts of the scripted lines, interpreted by the norms."""
    units = sorted((unit for line in lines for unit in _units(line)), key=lambda unit: (unit.start_s, unit.end_s))
    words = sorted((word for line in lines for word in _words(line)), key=lambda word: (word.start_s, word.end_s))
    groups, inserted = build_turns(units, words, lambda said: is_backchannel(said, norms.phrases))
    middle_hz = {name: median(u.pitch_hz for u in units if u.speaker == name) for name in {u.speaker for u in units}}
    units = [replace(unit, pitch_st=12 * math.log2(unit.pitch_hz / middle_hz[unit.speaker])) for unit in units]
    turns = _with_z([_turn(group, words, place in inserted, middle_hz) for place, group in enumerate(groups)])
    end_s = duration_s or max((line.end_s for line in lines), default=10.0) + 1.0
    facts = Facts(
        call=Call("0" * 64, "talk.wav", end_s, 8000, 2, {A: 0, C: 1}, "option", "as scripted", "en"),
        config="scripted",
        channels=tuple(Channel(place, 10.0, -25.0, 40.0, 0.0, None) for place in (0, 1)),
        words=tuple(words),
        units=tuple(units),
        turns=turns,
        pauses=tuple(find_pauses(units, turns, music)),
        windows=tuple(windows),
        speakers=_speakers(units, turns),
        unfit=unfit or ({} if words else {"transcript": "no words in this script"}),
    )
    return interpret(facts, norms.phrases)


def shifted(facts: Facts, by_s: float) -> Facts:
    """The same conversation, later."""

    def later(record):
        return replace(record, start_s=round(record.start_s + by_s, 3), end_s=round(record.end_s + by_s, 3))

    moved = {
        name: tuple(later(item) for item in getattr(facts, name)) for name in ("words", "units", "pauses", "windows")
    }
    turns = tuple(replace(later(turn), acts=tuple(later(act) for act in turn.acts)) for turn in facts.turns)
    overlaps = tuple(later(item) for item in facts.overlaps)
    call = replace(facts.call, duration_s=facts.call.duration_s + by_s)
    return replace(facts, call=call, turns=turns, overlaps=overlaps, **moved)


def _pieces(line: Line) -> list[Line]:
    texts = line.text.split(" | ")
    if len(texts) == 1:
        return [line]
    spoken_s = line.end_s - line.start_s - _PAUSE_S * (len(texts) - 1)
    total = sum(len(text.split()) for text in texts)
    pieces, start_s = [], line.start_s
    for text in texts:
        end_s = start_s + spoken_s * len(text.split()) / total
        pieces.append(replace(line, start_s=round(start_s, 3), end_s=round(end_s, 3), text=text))
        start_s = end_s + _PAUSE_S
    return pieces


def _units(line: Line) -> list[Unit]:
    return [
        Unit(
            speaker=piece.speaker,
            start_s=piece.start_s,
            end_s=piece.end_s,
            voiced_s=(piece.end_s - piece.start_s) * 0.7,
            syllables=round((piece.end_s - piece.start_s) * piece.syllables_per_s),
            level_db=piece.level_db,
            noise_db=piece.noise_db,
            pitch_hz=piece.pitch_hz,
            pitch_range_st=6.0,
            final_slope_st_s=-5.0,
            inflection=piece.inflection,  # type: ignore[arg-type]
            release_s=piece.release_s,
            pitch_sd_st=piece.pitch_sd_st,
        )
        for piece in _pieces(line)
    ]


def _words(line: Line) -> list[Word]:
    found = []
    for piece in _pieces(line):
        said = piece.text.split()
        step_s = (piece.end_s - piece.start_s) / max(len(said), 1)
        for place, text in enumerate(said):
            start_s = round(piece.start_s + place * step_s, 3)
            found.append(Word(line.speaker, start_s, round(start_s + step_s, 3), text, 0.9))
    return found


def _turn(units: Sequence[Unit], words: Sequence[Word], inserted: bool, middle_hz: dict[str, float]) -> Turn:
    first, last = units[0], units[-1]
    said = words_between(words, first.speaker, first.start_s, last.end_s)
    pitch_hz = fmean(unit.pitch_hz for unit in units)
    known_noise = [unit.noise_db for unit in units if unit.noise_db is not None]
    return Turn(
        speaker=first.speaker,
        start_s=first.start_s,
        end_s=last.end_s,
        text=join(said),
        words=len(said),
        rate_wpm=160.0,
        articulation_sps=articulation(units),
        pitch_hz=pitch_hz,
        pitch_range_st=6.0,
        level_db=fmean(unit.level_db for unit in units),
        final_slope_st_s=-5.0,
        inflection=last.inflection,
        inserted=inserted,
        pitch_st=12 * math.log2(pitch_hz / middle_hz[first.speaker]),
        pitch_sd_st=fmean(unit.pitch_sd_st for unit in units),
        noise_db=fmean(known_noise) if known_noise else None,
    )


def _with_z(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    usual = {name: usual_of(turns, name) for name in (A, C)}

    def scored(turn: Turn) -> Turn:
        z = {name: usual[turn.speaker][name].z(getattr(turn, column)) for name, column in Z_OF.items()}
        return replace(turn, z=ZScores(**z))

    return tuple(turn if turn.inserted else scored(turn) for turn in turns)


def _speakers(units: Sequence[Unit], turns: Sequence[Turn]) -> dict[str, Voice]:
    total_s = sum(unit.end_s - unit.start_s for unit in units)
    found = {}
    for name in (A, C):
        own = [unit for unit in units if unit.speaker == name]
        if own:
            talk_s = sum(unit.end_s - unit.start_s for unit in own)
            rate = sum(unit.syllables for unit in own) / talk_s
            offsets = [offset_s for _, after, offset_s in floor_transfers(turns) if after.speaker == name]
            fto_s = sorted(offsets)[len(offsets) // 2] if offsets else None
            found[name] = Voice(talk_s, talk_s / total_s, 160.0, rate, 150.0, 3.0, 7.0, -25.0, 3.0, fto_s)
    return found
