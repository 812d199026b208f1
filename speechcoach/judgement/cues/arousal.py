"""How much louder, higher and faster the agent's voice became, for the agent alone.

What it sees: for each turn, the mean of how far level, pitch and pace stand from this speaker's own middle of the
call, in standard deviations. It looks at the turns after a hard moment, in which the customer's side climbed in voice
and words: did all three together rise well over the middle, and how long until they were back; or did they stay near
it? A voice that moves at other times is lively, and left alone. It says how a voice moved, never what
somebody felt. What is said while the noise on the line is up is left out.
Why it matters: one notices one's own pace last; who knows when it rises can take a breath there.
Source: R-STRESS; level, pitch and pace move together with activation, and tell nothing of its kind (Juslin & Laukka
2003). Switched off unless the agent asks for it, shown to the agent alone, and without a price: it is nobody
else's yardstick.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean, median

from speechcoach.judgement.cue import AGENT, Abstain, Need, finding, floor_turns, shortened, span_of
from speechcoach.judgement.hard_moments import Episode, EpisodeNorm, find_episodes
from speechcoach.judgement.own_voice import Usual, too_noisy
from speechcoach.records import Facts, Finding, Span, Turn

TITLE = "Your voice in hard moments"
PRAISE = "A steady voice in hard moments"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
AUDIENCES = ("agent",)
_LEAST_SD = {"level": 1.5, "pitch": 0.7, "pace": 0.06}  # dB, semitones, share of the middle: what is heard at all


@dataclass(frozen=True, slots=True)
class Norm(EpisodeNorm):
    enabled: float = 0
    rise_z: float = 1.5
    usual_z: float = 0.75
    min_turns: float = 8
    min_turn_s: float = 1.0
    after_s: float = 30.0


@dataclass(frozen=True, slots=True)
class _Point:
    """One turn of the trajectory: the mean of three z, and what they were."""

    turn: Turn
    z: float
    told: str


EXPLAIN = {
    "flag": "After a hard moment {own_lower} voice stood well over its own middle: {why}.",
    "steady": "{Own} voice stayed near its own middle through {why}.",
}
ADVICE = {
    "flag": "Listen to what came just before. Next time, let one breath go out slowly before you answer.",
    "steady": "Keep it: it is what lets the other side come down.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    if not norm.enabled:
        raise Abstain(
            "this is switched off, for it concerns the agent alone; it is switched on with enabled = 1 under "
            "[thresholds.arousal] in a norms file"
        )
    points = _trajectory(facts, norm)
    met = [(moment, after) for moment in find_episodes(facts, norm) if (after := _after(moment, points, norm))]
    if not met:
        raise Abstain("nothing in the call was a hard moment for the agent, as far as voices and words tell")
    tops = [max(after, key=lambda point: point.z) for _, after in met]
    if all(top.z <= norm.usual_z for top in tops):
        return [_steady([moment for moment, _ in met], norm)]
    risen = {top.turn.start_s: top for top in tops if top.z >= norm.rise_z}
    return [_rise(top, points, norm) for top in risen.values()]


def _trajectory(facts: Facts, norm: Norm) -> list[_Point]:
    """Every turn of the agent that was measured, against the middle of them all."""
    if why := too_noisy(facts, AGENT, norm.min_snr_db):
        raise Abstain(why)
    turns = [turn for turn in floor_turns(facts, AGENT) if _is_measured(turn, norm)]
    if len(turns) < norm.min_turns:
        raise Abstain(f"the agent had {len(turns)} turns that can be measured; {norm.min_turns:g} are needed")
    level = Usual.of([turn.level_db for turn in turns], _LEAST_SD["level"])
    pitch = Usual.of([turn.pitch_st for turn in turns], _LEAST_SD["pitch"])
    rates = [turn.articulation_sps for turn in turns]
    pace = Usual.of(rates, _LEAST_SD["pace"] * median(rates))
    noise = median([turn.noise_db for turn in turns if turn.noise_db is not None] or [0.0])
    return [
        _point(turn, level, pitch, pace)
        for turn in turns
        if turn.noise_db is None or turn.noise_db - noise < norm.max_noise_rise_db
    ]


def _is_measured(turn: Turn, norm: Norm) -> bool:
    known = None not in (turn.level_db, turn.pitch_st, turn.articulation_sps)
    return known and turn.end_s - turn.start_s >= norm.min_turn_s


def _point(turn: Turn, level: Usual, pitch: Usual, pace: Usual) -> _Point:
    z = fmean((level.z(turn.level_db), pitch.z(turn.pitch_st), pace.z(turn.articulation_sps)))
    faster = turn.articulation_sps / pace.middle - 1
    told = (
        f"{turn.level_db - level.middle:+.0f} dB, {turn.pitch_st - pitch.middle:+.1f} semitones and "
        f"{faster:+.0%} in pace"
    )
    return _Point(turn, z, told)


def _rise(point: _Point, points: list[_Point], norm: Norm) -> Finding:
    back = next((p for p in points if p.turn.start_s >= point.turn.end_s and p.z <= norm.usual_z), None)
    after = f"near the middle again {back.turn.start_s - point.turn.end_s:.0f} s later" if back else "until the end"
    return finding(
        "arousal",
        [span_of(point.turn)],
        value=point.z,
        norm=norm,
        threshold="rise_z",
        unit="standard deviations over the own middle",
        quote=shortened(point.turn.text),
        why=f"{point.told}, {after}",
        unless="level, pitch and pace together had stayed nearer to the middle of this call",
    )


def _after(moment: Episode, points: list[_Point], norm: Norm) -> list[_Point]:
    """The agent's turns in a hard moment and after it."""
    return [p for p in points if p.turn.end_s >= moment.start_s and p.turn.start_s <= moment.end_s + norm.after_s]


def _steady(moments: list[Episode], norm: Norm) -> Finding:
    count = len(moments)
    return finding(
        "arousal",
        [Span(moment.start_s, moment.end_s) for moment in moments],
        value=count,
        norm=norm,
        threshold="usual_z",
        unit="hard moment" if count == 1 else "hard moments",
        why=f"{count} hard moment{'s' * (count != 1)} of the customer's",
        variant="steady",
        strength=True,
        unless="it had risen in level, pitch and pace together",
    )
