"""Words that say one thing in a voice that says another.

What it sees: the agent's friendly words ("happy to help", "no problem") in a voice that is much quieter and moves
much less than this agent's usually does, or that is clearly raised in a hard moment; and the customer's words that
play something down ("it's fine", "never mind") in a voice quieter and lower than the customer's own. A raised voice
outside a hard moment may be joy and is left alone. It names no emotion and claims no meaning: it says where to listen.
Why it matters: where words and voice part, listeners believe the voice; a customer's quiet "it's fine" is often the
last chance to ask.
Source: R-WHOLE; a voice against the same speaker's own only; what a voice means cannot be read off it (Juslin & Laukka
2003), therefore nothing here has a price.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.turns import words_between
from speechcoach.conversation.wording import Clause, clauses, has_phrase, tokens
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, floor_turns
from speechcoach.judgement.hard_moments import EpisodeNorm, find_episodes
from speechcoach.judgement.own_voice import Usual, outside_noise, raised_moments, too_little
from speechcoach.records import Facts, Finding, Span, Unit

TITLE = "Words and voice apart"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_LEAST_SD = {"level": 1.5, "pitch": 0.7, "movement": 0.5}  # dB, semitones, semitones: what is heard at all


@dataclass(frozen=True, slots=True)
class Norm(EpisodeNorm):
    flat_z: float = 1.5
    quiet_z: float = 1.5
    low_z: float = 0.5
    raised_level_db: float = 8.0
    min_said_s: float = 0.8
    max_words: float = 8
    max_moments: float = 2
    friendly: tuple[str, ...] = ()
    playing_down: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Voice:
    """What is usual for one speaker's units, and which of them were outside noise."""

    level: Usual
    pitch: Usual
    movement: Usual
    units: tuple[Unit, ...]


EXPLAIN = {
    "flat": "{Who} said friendly words in a voice quieter and flatter than {own_lower} own: {why}.",
    "raised": "{Who} said friendly words with a raised voice, in a hard moment: {why}.",
    "listen": "{Who} played it down, in a voice quieter and lower than {own_lower} own: {why}.",
}
ADVICE = {
    "flat": "Listen to it once as the customer: if the words were meant, let the voice say them, too.",
    "raised": "Slow down before such a sentence: said quietly, it is believed.",
    "listen": 'Take it as an opening: "You say that it is fine. Is there something that is not?"',
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    if not floor_turns(facts, AGENT):
        raise Abstain("the agent did not speak")
    agent = _usual_voice(facts, AGENT, norm)
    customer = _usual_voice(facts, CUSTOMER, norm)
    if agent is None and customer is None:
        raise Abstain(too_little(facts, AGENT, norm) or "there is too little of either voice to know what is usual")
    found = [*_flat(facts, agent, norm), *_raised(facts, norm), *_played_down(facts, customer, norm)]
    return sorted(found, key=lambda item: item.spans[0])


def _usual_voice(facts: Facts, speaker: str, norm: Norm) -> _Voice | None:
    if too_little(facts, speaker, norm):
        return None
    own = [unit for unit in facts.units if unit.speaker == speaker and unit.end_s - unit.start_s >= norm.min_unit_s]
    own = [unit for unit in own if unit.level_db is not None and unit.pitch_st is not None]
    moving = [unit.pitch_sd_st for unit in own if unit.pitch_sd_st is not None]
    if min(len(own), len(moving)) < norm.min_units:
        return None
    return _Voice(
        Usual.of([unit.level_db for unit in own], _LEAST_SD["level"]),
        Usual.of([unit.pitch_st for unit in own], _LEAST_SD["pitch"]),
        Usual.of(moving, _LEAST_SD["movement"]),
        tuple(outside_noise(own, norm.max_noise_rise_db)),
    )


def _sentences(facts: Facts, speaker: str, phrases: tuple[str, ...], norm: Norm) -> list[Clause]:
    """The speaker's short sentences with one of the phrases: in a longer one the words may mean anything."""
    turns = [turn for turn in floor_turns(facts, speaker) if has_phrase(tokens(turn.text), phrases)]
    said = [clauses(words_between(facts.words, speaker, turn.start_s, turn.end_s)) for turn in turns]
    short = [clause for parts in said for clause in parts if len(clause.tokens) <= norm.max_words]
    return [clause for clause in short if has_phrase(clause.tokens, phrases)]


def _unit_of(clause: Clause, voice: _Voice, norm: Norm) -> Unit | None:
    """The unit in which most of the sentence was said, where it is that sentence and little else."""
    length_s = clause.end_s - clause.start_s
    for unit in voice.units:
        shared_s = min(unit.end_s, clause.end_s) - max(unit.start_s, clause.start_s)
        if shared_s >= 0.5 * max(length_s, unit.end_s - unit.start_s) and unit.end_s - unit.start_s >= norm.min_said_s:
            return unit
    return None


def _flat(facts: Facts, voice: _Voice | None, norm: Norm) -> list[Finding]:
    said = _sentences(facts, AGENT, norm.friendly, norm) if voice else []
    pairs = [(clause, unit) for clause in said if (unit := _unit_of(clause, voice, norm))]
    flat = [
        (clause, unit)
        for clause, unit in pairs
        if unit.pitch_sd_st is not None
        and voice.movement.z(unit.pitch_sd_st) <= -norm.flat_z
        and voice.level.z(unit.level_db) <= -norm.quiet_z
    ]
    return [
        _finding(
            AGENT,
            clause,
            "flat",
            norm,
            value=-voice.movement.z(unit.pitch_sd_st),
            threshold="flat_z",
            unit="standard deviations under the own pitch movement",
            why=f"{unit.level_db - voice.level.middle:+.0f} dB, and {unit.pitch_sd_st:.1f} semitones of movement "
            f"where {voice.movement.middle:.1f} are usual",
            unless="it had been as loud or as lively as the rest of the call",
        )
        for clause, unit in flat[: int(norm.max_moments)]
    ]


def _raised(facts: Facts, norm: Norm) -> list[Finding]:
    loud = [m for m in raised_moments(facts, AGENT, norm) if m.above_db >= norm.raised_level_db]
    said = _sentences(facts, AGENT, norm.friendly, norm) if loud else []
    pairs = [(clause, m) for clause in said for m in loud if m.span.start_s <= clause.start_s <= m.span.end_s]
    episodes = find_episodes(facts, norm) if pairs else []
    return [
        _finding(
            AGENT,
            clause,
            "raised",
            norm,
            value=moment.above_db,
            threshold="raised_level_db",
            unit="dB re own calm level",
            why=f"{moment.above_db:+.0f} dB and {moment.above_st:+.1f} semitones over calm",
            unless="it had been said near the calm level",
        )
        for clause, moment in pairs[: int(norm.max_moments)]
        if any(e.start_s <= clause.start_s <= e.end_s + norm.same_episode_s for e in episodes)
    ]


def _played_down(facts: Facts, voice: _Voice | None, norm: Norm) -> list[Finding]:
    said = _sentences(facts, CUSTOMER, norm.playing_down, norm) if voice else []
    pairs = [(clause, unit) for clause in said if (unit := _unit_of(clause, voice, norm))]
    quiet = [
        (clause, unit)
        for clause, unit in pairs
        if voice.level.z(unit.level_db) <= -norm.quiet_z
        and voice.pitch.z(unit.pitch_st) <= -norm.low_z
        and unit.inflection != "rise"
    ]
    return [
        _finding(
            CUSTOMER,
            clause,
            "listen",
            norm,
            value=-voice.level.z(unit.level_db),
            threshold="quiet_z",
            unit="standard deviations under the own level",
            why=f"{unit.level_db - voice.level.middle:+.0f} dB and {unit.pitch_st - voice.pitch.middle:+.1f} semitones",
            unless="the voice had been near its own middle",
        )
        for clause, unit in quiet[: int(norm.max_moments)]
    ]


def _finding(speaker: str, clause: Clause, variant: str, norm: Norm, **told: object) -> Finding:
    return finding(
        "words_against_voice",
        [Span(clause.start_s, clause.end_s)],
        speaker=speaker,
        variant=variant,
        norm=norm,
        quote=clause.text,
        **told,  # type: ignore[arg-type]
    )
