"""Moments of speeding up within the call.

What it sees: stretches of the agent's turns, of three seconds or more, whose articulation rate (syllables a second
without pauses) stands clearly over the agent's own middle rate of this call: by a share, and by more than this
speaker's stretches differ otherwise. The fastest few are named. Rates of different people are never compared:
dialect, age and the length of phrases move them. Not judged on a noisy line, where syllables are miscounted.
Why it matters: what is said faster than the rest is usually the part that the speaker knows by heart and the
listener hears for the first time: prices, conditions, next steps.
Source: R-RATE; Jacewicz et al. (2010), JASA 128; stretches of calm speakers spread by about 10 % of their middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from speechcoach.judgement.cue import AGENT, Abstain, Need, finding, floor_turns, said_around, shortened
from speechcoach.judgement.own_voice import Usual, outside_noise, too_noisy
from speechcoach.records import Facts, Finding, Span, Turn, Unit

TITLE = "Speeding up"
NEEDS = frozenset({Need.SPEAKERS})
_LEAST_SPREAD = 0.06  # of the middle rate; syllables of three seconds are not counted better than that


@dataclass(frozen=True, slots=True)
class Norm:
    times_own_median: float = 1.3
    min_z: float = 2.5
    min_rate_sps: float = 5.0
    min_stretch_s: float = 3.0
    min_stretches: float = 6
    max_moments: float = 3
    min_snr_db: float = 15.0
    max_noise_rise_db: float = 3.0


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Units of one turn that follow each other, with the rate over all of them."""

    span: Span
    rate_sps: float
    in_noise: bool


EXPLAIN = {"flag": "{Who} spoke {value:.2f} times as fast as {own} own middle rate ({why})."}
ADVICE = {"flag": "Breathe before the part that you say every day: the customer hears it for the first time."}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    stretches = _stretches(facts, norm)
    if len(stretches) < norm.min_stretches:
        raise Abstain(
            f"the agent had fewer than {norm.min_stretches:g} stretches of speech of {norm.min_stretch_s:g} s or more"
        )
    if why := too_noisy(facts, AGENT, norm.min_snr_db):
        raise Abstain(why)
    rates = [stretch.rate_sps for stretch in stretches]
    usual = Usual.of(rates, least_sd=_LEAST_SPREAD * sorted(rates)[len(rates) // 2])
    fast = [stretch for stretch in stretches if _is_fast(stretch, usual, norm)]
    fastest = sorted(fast, key=lambda stretch: -stretch.rate_sps)[: int(norm.max_moments)]
    return [_fast(facts, stretch, usual, norm) for stretch in sorted(fastest, key=lambda stretch: stretch.span)]


def _stretches(facts: Facts, norm: Norm) -> list[_Stretch]:
    own = [unit for unit in facts.units if unit.speaker == AGENT]
    quiet = set(map(id, outside_noise(own, norm.max_noise_rise_db)))
    groups = [group for turn in floor_turns(facts, AGENT) for group in _groups(turn, own, norm.min_stretch_s)]
    return [
        _Stretch(
            Span(group[0].start_s, group[-1].end_s),
            sum(unit.syllables for unit in group) / _spoken_s(group),
            not all(id(unit) in quiet for unit in group),
        )
        for group in groups
    ]


def _groups(turn: Turn, own: Sequence[Unit], least_s: float) -> list[list[Unit]]:
    """The turn's units in groups of at least so much speech; what is left over is not judged."""
    groups: list[list[Unit]] = []
    current: list[Unit] = []
    for unit in (unit for unit in own if turn.start_s <= unit.start_s and unit.end_s <= turn.end_s):
        current.append(unit)
        if _spoken_s(current) >= least_s:
            groups.append(current)
            current = []
    return groups


def _spoken_s(units: Sequence[Unit]) -> float:
    return sum(unit.end_s - unit.start_s for unit in units)


def _is_fast(stretch: _Stretch, usual: Usual, norm: Norm) -> bool:
    least_sps = max(norm.times_own_median * usual.middle, norm.min_rate_sps)
    return not stretch.in_noise and stretch.rate_sps >= least_sps and usual.z(stretch.rate_sps) >= norm.min_z


def _fast(facts: Facts, stretch: _Stretch, usual: Usual, norm: Norm) -> Finding:
    return finding(
        "fast_speech",
        [stretch.span],
        value=stretch.rate_sps / usual.middle,
        norm=norm,
        threshold="times_own_median",
        unit="x own median",
        quote=shortened(said_around(facts, AGENT, stretch.span.start_s, stretch.span.end_s)),
        why=f"{stretch.rate_sps:.1f} against {usual.middle:.1f} syllables a second",
        unless=f"the rate had stayed below {norm.times_own_median * usual.middle:.1f} syllables a second",
    )
