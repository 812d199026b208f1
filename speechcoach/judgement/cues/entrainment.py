"""Moving with the customer: louder with the loud, slower with the slow, shorter with the brief.

What it sees: each of the customer's turns with the agent's reply to it, in level, pace and length, each against its
speaker's own middle and without its drift over the call. Where the customer's turn stands high the reply stands
high, and low where it is low, more than when the agent's replies are shuffled among the customer's turns of the same
call: only what beats that counts. The first and the last exchange are left out, for greetings are alike in every
call, and so is what is said in a noise.
Why it matters: people who understand each other fall into step; a reply of the customer's own pace and length is
easier to take in.
Source: R-ADAPT; synchrony after Levitan & Hirschberg (2011), Interspeech; it must exceed sham pairs (Borrie et al.
2019). No step is no fault: many good calls show none, and it earns no score.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

import numpy as np

from speechcoach.conversation import floor_transfers
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, span_of
from speechcoach.judgement.own_voice import Usual, too_noisy
from speechcoach.records import Facts, Finding, Turn

TITLE = "In step with the customer"
NEEDS = frozenset({Need.SPEAKERS})
_SHUFFLES, _SEED = 499, 20_11
_MEASURES = ("loudness", "pace", "length of turns")
_LEAST_SD = (1.0, 0.2, 0.2)  # dB, syllables a second, natural logarithm: less is not heard
_MOST_Z = 3.0  # one shout must not make the step
_CLIPS = 3


@dataclass(frozen=True, slots=True)
class Norm:
    min_beaten: float = 0.99
    min_correlation: float = 0.25
    min_pairs: float = 12
    min_turn_s: float = 1.0
    min_snr_db: float = 15.0
    max_noise_rise_db: float = 3.0


EXPLAIN = {
    "moves": "{Who} moved with {other} from turn to turn, most of all in {why}.",
}
ADVICE = {
    "moves": "Keep it: it is a sign of listening that cannot be put on.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    for speaker in (AGENT, CUSTOMER):
        if why := too_noisy(facts, speaker, norm.min_snr_db):
            raise Abstain(why)
    pairs = _pairs(facts, norm)
    if len(pairs) < norm.min_pairs:
        raise Abstain(f"there are {len(pairs)} replies that can be compared; {norm.min_pairs:g} are needed")
    heard = _standing([turn for turn, _ in pairs])
    replied = _standing([turn for _, turn in pairs])
    together = (heard * replied).mean(axis=1)  # [measures]
    sham = (heard[:, None, :] * replied[:, _shuffles(len(pairs))]).mean(axis=2)  # [measures, shuffles]
    beaten = float((together.mean() > sham.mean(axis=0)).mean())
    if beaten < norm.min_beaten or together.mean() < norm.min_correlation:
        return []
    return [_moves(pairs, heard, replied, together, beaten, norm)]


def _pairs(facts: Facts, norm: Norm) -> list[tuple[Turn, Turn]]:
    """The customer's turns and the agent's replies to them, both measured and outside noise; without the ends."""
    replies = [(before, after) for before, after, _ in floor_transfers(facts.turns) if after.speaker == AGENT]
    usual_db = {speaker: _usual_noise_db(facts, speaker) for speaker in (AGENT, CUSTOMER)}

    def is_fit(turn: Turn) -> bool:
        known = turn.level_db is not None and turn.articulation_sps is not None
        quiet = turn.noise_db is None or turn.noise_db - usual_db[turn.speaker] < norm.max_noise_rise_db
        return known and quiet and turn.end_s - turn.start_s >= norm.min_turn_s

    return [pair for pair in replies[1:-1] if is_fit(pair[0]) and is_fit(pair[1])]


def _usual_noise_db(facts: Facts, speaker: str) -> float:
    known = [turn.noise_db for turn in facts.turns if turn.speaker == speaker and turn.noise_db is not None]
    return median(known) if known else 0.0


def _standing(turns: Sequence[Turn]) -> np.ndarray:
    """How each turn stands against its speaker's others: `[measures, turns]`, without trend, of variance 1.

    A measure that hardly moves is left at a smaller variance, so that it decides little.
    """
    rows = []
    for measure, least in zip(zip(*map(_measures, turns), strict=True), _LEAST_SD, strict=True):
        usual = Usual.of(measure, least)
        z = _without_trend(np.clip([usual.z(value) for value in measure], -_MOST_Z, _MOST_Z))
        rows.append(z / max(z.std(), 0.5))
    return np.array(rows)


def _without_trend(values: np.ndarray) -> np.ndarray:
    """What is left beside a straight line over the call: two people who tire are not in step."""
    place = np.arange(values.size) - (values.size - 1) / 2
    centred = values - values.mean()
    return centred - place * (centred @ place) / (place @ place)


def _measures(turn: Turn) -> tuple[float, float, float]:
    return turn.level_db, turn.articulation_sps, math.log(round(turn.end_s - turn.start_s, 3))


@lru_cache(maxsize=64)
def _shuffles(count: int) -> np.ndarray:
    """The same orders each time: `[shuffles, count]`."""
    orders = np.tile(np.arange(count), (_SHUFFLES, 1))
    return np.random.default_rng(_SEED).permuted(orders, axis=1)


def _moves(
    pairs: list[tuple[Turn, Turn]],
    heard: np.ndarray,
    replied: np.ndarray,
    together: np.ndarray,
    beaten: float,
    norm: Norm,
) -> Finding:
    closest = np.argsort(-(heard * replied).sum(axis=0))[:_CLIPS]
    return finding(
        "entrainment",
        sorted(span_of(pairs[place][1]) for place in closest),
        value=beaten,
        norm=norm,
        threshold="min_beaten",
        unit="share of shuffled calls that are less in step",
        why=f"{_MEASURES[int(together.argmax())]}, over {len(pairs)} replies",
        variant="moves",
        strength=True,
        unless="the replies had been no nearer to the turns before them than to others of the call",
    )
