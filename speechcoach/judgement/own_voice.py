"""A speaker's voice against the same speaker's own in this call: what the cues of the voice share.

Conventions: *calm* is the lower quartile of the speaker's units, so that a long outburst does not become its own
yardstick; `above_db` and `above_st` are re calm. *Usual* is the median with a robust standard deviation (IQR / 1.349);
`z` counts these. What is said while the noise on the line is up is left out: people speak up in it (Junqua 1993).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Protocol

from speechcoach.records import Facts, Span, Unit

_IQR_OF_SD = 1.349  # distance of the quartiles of a normal distribution


class VoiceLimits(Protocol):
    """What a norm must hold for raised moments to be looked for."""

    @property
    def above_calm_level_db(self) -> float: ...
    @property
    def above_calm_pitch_st(self) -> float: ...
    @property
    def min_unit_s(self) -> float: ...
    @property
    def min_snr_db(self) -> float: ...
    @property
    def max_noise_rise_db(self) -> float: ...
    @property
    def min_units(self) -> float: ...
    @property
    def same_moment_s(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Raised:
    """A moment in which a voice is louder and higher at once; the two measures are those of its loudest unit."""

    speaker: str
    span: Span
    above_db: float
    above_st: float


@dataclass(frozen=True, slots=True)
class Usual:
    """The middle of a speaker's values and how they spread; the spread is never below `least_sd`."""

    middle: float
    sd: float

    @classmethod
    def of(cls, values: Sequence[float], least_sd: float) -> Usual:
        low, middle, high = quantiles(values, n=4, method="inclusive")
        return cls(middle, max((high - low) / _IQR_OF_SD, least_sd))

    def z(self, value: float) -> float:
        return (value - self.middle) / self.sd


def snr_db(facts: Facts, speaker: str) -> float | None:
    """How far the speaker's channel stands over its noise floor, or None where that is not known."""
    channel = facts.call.roles.get(speaker)
    return next((item.snr_db for item in facts.channels if item.channel == channel), None)


def too_noisy(facts: Facts, speaker: str, min_snr_db: float) -> str | None:
    """Why the line forbids a judgement of the voice; None where it allows one."""
    known = snr_db(facts, speaker)
    if known is not None and known >= min_snr_db:
        return None
    return f"the line is too noisy ({'unknown' if known is None else f'{known:.0f}'} dB over the noise floor)"


def too_little(facts: Facts, speaker: str, limits: VoiceLimits) -> str | None:
    """Why there is too little of the voice to know what is usual for it; None where there is enough."""
    units = _measured(facts, speaker, limits.min_unit_s)
    if len(units) < limits.min_units:
        return (
            f"the {speaker} spoke in {len(units)} units of {limits.min_unit_s:g} s or more; "
            f"{limits.min_units:g} are needed"
        )
    return too_noisy(facts, speaker, limits.min_snr_db)


def raised_moments(facts: Facts, speaker: str, limits: VoiceLimits) -> list[Raised]:
    """Moments in which the voice was louder and higher than calm; none where it cannot be told."""
    if too_little(facts, speaker, limits):
        return []
    units = _measured(facts, speaker, limits.min_unit_s)
    level_db, pitch_hz = calm([u.level_db for u in units]), calm([u.pitch_hz for u in units])
    raised = [
        unit
        for unit in outside_noise(units, limits.max_noise_rise_db)
        if unit.level_db - level_db >= limits.above_calm_level_db
        and semitones(unit.pitch_hz, pitch_hz) >= limits.above_calm_pitch_st
    ]
    return [_moment(group, level_db, pitch_hz) for group in _groups(raised, limits.same_moment_s)]


def outside_noise(units: Sequence[Unit], max_rise_db: float) -> list[Unit]:
    """The units under which the noise floor had not risen; all of them where the floor is not known."""
    known = [unit.noise_db for unit in units if unit.noise_db is not None]
    usual_db = median(known) if known else 0.0
    return [unit for unit in units if unit.noise_db is None or unit.noise_db - usual_db < max_rise_db]


def near_calm(facts: Facts, speaker: str, limits: VoiceLimits, near_db: float) -> list[tuple[Unit, bool]]:
    """The speaker's units outside noise, each with whether it is near the calm level; none where that is not known."""
    if too_little(facts, speaker, limits):
        return []
    limit_db = calm([unit.level_db for unit in _measured(facts, speaker, limits.min_unit_s)]) + near_db
    units = [unit for unit in facts.units if unit.speaker == speaker and unit.level_db is not None]
    return [(unit, unit.level_db <= limit_db) for unit in outside_noise(units, limits.max_noise_rise_db)]


def calm_again_s(units: Sequence[tuple[Unit, bool]], after_s: float, count: int) -> float | None:
    """When, after that time, the voice was near calm and stayed there for `count` units; None if never."""
    run: list[Unit] = []
    for unit, is_calm in units:
        if unit.start_s >= after_s:
            run = [*run, unit] if is_calm else []
            if len(run) >= count:
                return run[0].start_s
    return None


def rise_s(units: Sequence[tuple[Unit, bool]], top_s: float) -> float | None:
    """How long before its top the voice was last near calm; None where it began high."""
    before_s = max((unit.end_s for unit, is_calm in units if is_calm and unit.end_s <= top_s), default=None)
    return None if before_s is None else top_s - before_s


def calm(values: Sequence[float]) -> float:
    """The lower quartile of at least two values."""
    return quantiles(values, n=4)[0]


def semitones(pitch_hz: float, re_hz: float) -> float:
    """How far one pitch stands over another."""
    return 12 * math.log2(pitch_hz / re_hz)


def _measured(facts: Facts, speaker: str, min_s: float) -> list[Unit]:
    """The speaker's units that are long enough, with a level and a pitch."""
    own = (unit for unit in facts.units if unit.speaker == speaker and unit.end_s - unit.start_s >= min_s)
    return [unit for unit in own if unit.level_db is not None and unit.pitch_hz is not None]


def _groups(units: Sequence[Unit], within_s: float) -> list[list[Unit]]:
    """Units that follow each other closely are one moment."""
    groups: list[list[Unit]] = []
    for unit in units:
        if groups and unit.start_s - groups[-1][-1].end_s <= within_s:
            groups[-1].append(unit)
        else:
            groups.append([unit])
    return groups


def _moment(units: Sequence[Unit], level_db: float, pitch_hz: float) -> Raised:
    loudest = max(units, key=lambda unit: unit.level_db)
    return Raised(
        speaker=loudest.speaker,
        span=Span(units[0].start_s, units[-1].end_s),
        above_db=loudest.level_db - level_db,
        above_st=semitones(loudest.pitch_hz, pitch_hz),
    )
