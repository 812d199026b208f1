"""Whether the voice keeps its energy to the end.

What it sees: how loud the agent's stretches of speech are (four seconds each) and how much their pitch moves, in the
first third of them against the last third. It is flagged only where both fell, clearly and by more than chance would
have it, and the noise on the line did not move. Loudness alone may be a headset that slipped, pitch alone a list that
was read out. A voice that keeps its energy is the rule, and not praised.
Why it matters: the end of a call is what is remembered, and on the telephone a tired voice sounds like a lack of
interest.
Source: R-ATTITUDE; the speaker's own voice only. The end of a call weighs more than its length (Llimona et al. 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from speechcoach.judgement.cue import AGENT, Abstain, Need, finding, said_around, shortened, span_of
from speechcoach.judgement.own_voice import too_noisy
from speechcoach.records import Facts, Finding, Window

TITLE = "Energy of the voice"
NEEDS = frozenset({Need.SPEAKERS})
_CLIPS = 2


@dataclass(frozen=True, slots=True)
class Norm:
    max_fall_db: float = 3.0
    max_fall_share: float = 0.3
    min_apart: float = 0.9
    min_windows: float = 12
    min_voiced_s: float = 1.5
    min_snr_db: float = 15.0
    max_noise_change_db: float = 3.0


EXPLAIN = {
    "flag": "{Own} voice lost energy over the call: {why}.",
}
ADVICE = {
    "flag": "Sit up before the last part: it is heard. Give the last sentence as much voice as the first.",
}


@dataclass(frozen=True, slots=True)
class _Change:
    """From the first third of the stretches to the last; `apart` is how surely both measures fell, 0-1."""

    fall_db: float
    fall_share: float
    apart: float
    told: str


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    first, last = _thirds(facts, norm)
    change = _change(first, last)
    fell = change.fall_db >= norm.max_fall_db and change.fall_share >= norm.max_fall_share
    return [_fades(facts, last, change, norm)] if fell and change.apart >= norm.min_apart else []


def _thirds(facts: Facts, norm: Norm) -> tuple[list[Window], list[Window]]:
    """The agent's first and last stretches of voice."""
    own = [window for window in facts.windows if window.speaker == AGENT and window.voiced_s >= norm.min_voiced_s]
    windows = [window for window in own if None not in (window.level_db, window.pitch_sd_st)]
    if len(windows) < norm.min_windows:
        known = f"the agent had {len(windows)} stretches of voice that are long enough"
        raise Abstain(f"{known}; {norm.min_windows:g} are needed")
    if why := too_noisy(facts, AGENT, norm.min_snr_db):
        raise Abstain(why)
    third = len(windows) // 3
    first, last = windows[:third], windows[-third:]
    if _noise_moved(facts, first, last, norm):
        raise Abstain("the noise on the agent's line changed between the start and the end")
    return first, last


def _change(first: Sequence[Window], last: Sequence[Window]) -> _Change:
    levels_db = [[window.level_db for window in part] for part in (first, last)]
    spreads_st = [[window.pitch_sd_st for window in part] for part in (first, last)]
    fall_db = median(levels_db[0]) - median(levels_db[1])
    before_st, after_st = map(median, spreads_st)
    return _Change(
        fall_db=fall_db,
        fall_share=1 - after_st / max(before_st, 0.1),
        apart=min(_share_over(*levels_db), _share_over(*spreads_st)),
        told=f"{-fall_db:+.1f} dB, and a pitch that moves by {after_st:.1f} semitones where it was {before_st:.1f}",
    )


def _noise_moved(facts: Facts, first: Sequence[Window], last: Sequence[Window], norm: Norm) -> bool:
    """Whether the noise floor under the two parts differs; a voice follows it."""
    floors = []
    for part in (first, last):
        inside = (u for u in facts.units if part[0].start_s <= u.start_s and u.end_s <= part[-1].end_s)
        floors.append([unit.noise_db for unit in inside if unit.speaker == AGENT and unit.noise_db is not None])
    return all(floors) and abs(median(floors[0]) - median(floors[1])) >= norm.max_noise_change_db


def _share_over(before: Sequence[float], after: Sequence[float]) -> float:
    """How often a value from before stands over one from after, 0-1 (the statistic of Mann and Whitney)."""
    over = sum((a > b) + 0.5 * (a == b) for a in before for b in after)
    return over / (len(before) * len(after))


def _fades(facts: Facts, last: Sequence[Window], change: _Change, norm: Norm) -> Finding:
    clips = sorted(span_of(window) for window in sorted(last, key=lambda window: window.pitch_sd_st)[:_CLIPS])
    return finding(
        "energy",
        clips,
        value=change.fall_db,
        norm=norm,
        threshold="max_fall_db",
        unit="dB from the first third to the last",
        quote=shortened(said_around(facts, AGENT, clips[0].start_s, clips[0].end_s)),
        why=change.told,
        unless="the loudness or the movement of the pitch had held",
    )
