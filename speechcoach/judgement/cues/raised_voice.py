"""A voice that got louder and higher at once.

What it sees: units well above the speaker's own calm level in this call and above the own calm pitch; calm is the
lower quartile, so that a long outburst does not become its own yardstick. Louder alone is not enough: a noisy line
makes everybody louder, a moved headset too.
Why it matters: a raised voice answers a raised voice, and the call climbs.
Source: R-VOLUME; level against the speaker's own only, because gain control and codecs forbid more (ITU-T P.56);
Lombard effect after Junqua (1993).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median, quantiles

from speechcoach.judgement.cue import AGENT, Abstain, Need, finding, said_around, shortened
from speechcoach.records import Facts, Finding, Span, Unit

TITLE = "Raised voice"
NEEDS = frozenset({Need.SPEAKERS})


@dataclass(frozen=True, slots=True)
class Norm:
    above_calm_level_db: float = 8.0
    above_calm_pitch_st: float = 2.0
    min_unit_s: float = 0.6
    min_snr_db: float = 15.0
    max_noise_rise_db: float = 3.0
    min_units: float = 8
    same_moment_s: float = 4.0


EXPLAIN = {"flag": "{Own} voice rose {value:.0f} dB above {own_lower} own calm level, and in pitch ({why})."}
ADVICE = {"flag": "Answer heat with less: lower and slower on the next sentence, and the other side follows."}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    if AGENT not in facts.speakers:
        raise Abstain("the agent did not speak")
    return sorted(
        (item for speaker in facts.speakers for item in _of_speaker(facts, speaker, norm)),
        key=lambda item: item.spans[0],
    )


def _of_speaker(facts: Facts, speaker: str, norm: Norm) -> list[Finding]:
    units = [unit for unit in facts.units if unit.speaker == speaker and _long_enough(unit, norm)]
    channel = facts.call.roles.get(speaker)
    snr_db = next((item.snr_db for item in facts.channels if item.channel == channel), None)
    if len(units) < norm.min_units or snr_db is None or snr_db < norm.min_snr_db:
        if speaker == AGENT:
            raise Abstain(_too_little(units, snr_db, norm))
        return []
    level_db = _calm(unit.level_db for unit in units)
    pitch_hz = _calm(unit.pitch_hz for unit in units)
    quiet = [unit for unit in units if not _is_in_noise(unit, units, norm)]
    raised = [unit for unit in quiet if _is_raised(unit, level_db, pitch_hz, norm)]
    return [_raised(facts, group, level_db, pitch_hz, norm) for group in _moments(raised, norm.same_moment_s)]


def _calm(values: Iterable[float]) -> float:
    """The lower quartile."""
    return quantiles(values, n=4)[0]


def _long_enough(unit: Unit, norm: Norm) -> bool:
    return unit.end_s - unit.start_s >= norm.min_unit_s and unit.level_db is not None and unit.pitch_hz is not None


def _too_little(units: list[Unit], snr_db: float | None, norm: Norm) -> str:
    if len(units) < norm.min_units:
        return f"the agent spoke in {len(units)} units of {norm.min_unit_s:g} s or more; {norm.min_units:g} are needed"
    return f"the line is too noisy ({'unknown' if snr_db is None else f'{snr_db:.0f}'} dB over the noise floor)"


def _semitones(unit: Unit, pitch_hz: float) -> float:
    return 12 * math.log2(unit.pitch_hz / pitch_hz)


def _is_raised(unit: Unit, level_db: float, pitch_hz: float, norm: Norm) -> bool:
    louder = unit.level_db - level_db >= norm.above_calm_level_db
    return louder and _semitones(unit, pitch_hz) >= norm.above_calm_pitch_st


def _is_in_noise(unit: Unit, units: list[Unit], norm: Norm) -> bool:
    """The noise rose with the voice: people speak up in it without anger."""
    known = [other.noise_db for other in units if other.noise_db is not None]
    return unit.noise_db is not None and unit.noise_db - median(known) >= norm.max_noise_rise_db


def _moments(units: list[Unit], within_s: float) -> list[list[Unit]]:
    """Raised units that follow each other closely are one moment."""
    groups: list[list[Unit]] = []
    for unit in units:
        if groups and unit.start_s - groups[-1][-1].end_s <= within_s:
            groups[-1].append(unit)
        else:
            groups.append([unit])
    return groups


def _raised(facts: Facts, units: list[Unit], level_db: float, pitch_hz: float, norm: Norm) -> Finding:
    loudest = max(units, key=lambda unit: unit.level_db)
    span = Span(units[0].start_s, units[-1].end_s)
    return finding(
        "raised_voice",
        [span],
        speaker=loudest.speaker,
        value=loudest.level_db - level_db,
        norm=norm,
        threshold="above_calm_level_db",
        unit="dB re own calm level",
        quote=shortened(said_around(facts, loudest.speaker, span.start_s, span.end_s)),
        why=f"{_semitones(loudest, pitch_hz):+.1f} semitones",
        unless=f"the level had stayed within {norm.above_calm_level_db:g} dB of the calm level, the pitch had not "
        f"risen with it, or the noise on the line had risen by {norm.max_noise_rise_db:g} dB too",
    )
