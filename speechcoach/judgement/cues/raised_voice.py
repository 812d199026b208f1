"""A voice that got louder and higher at once.

What it sees: units well above the speaker's own calm level in this call and above the own calm pitch; calm is the
lower quartile, so that a long outburst does not become its own yardstick. Louder alone is not enough: a noisy line
makes everybody louder, a moved headset too. An agent's raised voice soon after words that attack the person is not
flagged: it is told as context of that hard moment.
Why it matters: a raised voice answers a raised voice, and the call climbs.
Source: R-VOLUME; level against the speaker's own only, because gain control and codecs forbid more (ITU-T P.56);
Lombard effect after Junqua (1993).
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.wording import has_phrase, tokens
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, floor_turns, said_around, shortened
from speechcoach.judgement.own_voice import Raised, raised_moments, too_little
from speechcoach.records import Facts, Finding, Turn

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
    after_abuse_s: float = 45.0
    abuse: tuple[str, ...] = ()


EXPLAIN = {"flag": "{Own} voice rose {value:.0f} dB above {own_lower} own calm level, and in pitch ({why})."}
ADVICE = {"flag": "Answer heat with less: lower and slower on the next sentence, and the other side follows."}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    if AGENT not in facts.speakers:
        raise Abstain("the agent did not speak")
    if why := too_little(facts, AGENT, norm):
        raise Abstain(why)
    moments = [moment for speaker in facts.speakers for moment in raised_moments(facts, speaker, norm)]
    attacked = [turn for turn in floor_turns(facts, CUSTOMER) if has_phrase(tokens(turn.text), norm.abuse)]
    told = [moment for moment in moments if moment.speaker != AGENT or not _is_provoked(moment, attacked, norm)]
    return [_raised(facts, moment, norm) for moment in sorted(told, key=lambda moment: moment.span)]


def _is_provoked(moment: Raised, attacked: list[Turn], norm: Norm) -> bool:
    """Whether the customer had attacked the person shortly before."""
    return any(turn.start_s <= moment.span.start_s <= turn.end_s + norm.after_abuse_s for turn in attacked)


def _raised(facts: Facts, moment: Raised, norm: Norm) -> Finding:
    return finding(
        "raised_voice",
        [moment.span],
        speaker=moment.speaker,
        value=moment.above_db,
        norm=norm,
        threshold="above_calm_level_db",
        unit="dB re own calm level",
        quote=shortened(said_around(facts, moment.speaker, moment.span.start_s, moment.span.end_s)),
        why=f"{moment.above_st:+.1f} semitones",
        unless=f"the level had stayed within {norm.above_calm_level_db:g} dB of the calm level, the pitch had not "
        f"risen with it, or the noise on the line had risen by {norm.max_noise_rise_db:g} dB too",
    )
