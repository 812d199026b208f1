"""Episodes in which the customer's side climbs: found once, read by the cues that ask what the agent made of them.

Conventions: an episode has at least two kinds of signs within a short time, and words among them: a voice alone may be
joy, words alone a complaint, and an agent's own cut-ins are no climbing customer. Times are seconds of the call,
levels dB over the customer's own calm level. No emotion is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from speechcoach.conversation.turns import words_between
from speechcoach.conversation.wording import Clause, clauses, has_phrase, tokens
from speechcoach.judgement.cue import CUSTOMER, floor_turns
from speechcoach.judgement.own_voice import calm_again_s, near_calm, raised_moments, rise_s
from speechcoach.records import Facts, Span, Turn, Unit

_CUTS = ("interruption", "silent_interruption", "butting_in")


@dataclass(frozen=True, slots=True)
class EpisodeNorm:
    """What a norm must hold for episodes to be looked for."""

    above_calm_level_db: float = 6.0
    above_calm_pitch_st: float = 1.5
    min_unit_s: float = 0.6
    min_snr_db: float = 15.0
    max_noise_rise_db: float = 3.0
    min_units: float = 8
    same_moment_s: float = 4.0
    same_episode_s: float = 25.0
    min_kinds: float = 2
    near_calm_db: float = 4.0
    calm_units: float = 2
    displeasure: tuple[str, ...] = ()
    abuse: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that the customer's side shows."""

    span: Span
    kind: str  # "voice", "cut-ins", "hardship", "words" of displeasure, "abuse"
    text: str = ""
    above_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Episode:
    """Signs that follow each other, the highest moment of the voice, and how it came there and down again."""

    signs: tuple[Sign, ...]
    top: Sign | None
    rise_s: float | None
    calm_s: float | None

    @property
    def start_s(self) -> float:
        return self.signs[0].span.start_s

    @property
    def end_s(self) -> float:
        return max(sign.span.end_s for sign in self.signs)

    def has(self, kind: str) -> bool:
        return any(sign.kind == kind for sign in self.signs)


def find_episodes(facts: Facts, norm: EpisodeNorm) -> list[Episode]:
    """The episodes of the call, in order of time."""
    signs = sorted(_signs(facts, norm), key=lambda sign: sign.span)
    groups = [group for group in _together(signs, norm.same_episode_s) if _is_episode(group, norm)]
    units = near_calm(facts, CUSTOMER, norm, norm.near_calm_db) if groups else []
    return [_episode(group, units, norm) for group in groups]


def _episode(signs: list[Sign], units: list[tuple[Unit, bool]], norm: EpisodeNorm) -> Episode:
    top = max(signs, key=lambda sign: sign.above_db)
    if not top.above_db:
        return Episode(tuple(signs), None, None, None)
    last_s = max(sign.span.end_s for sign in signs if sign.kind == "voice")
    return Episode(
        tuple(signs), top, rise_s(units, top.span.start_s), calm_again_s(units, last_s, int(norm.calm_units))
    )


def _signs(facts: Facts, norm: EpisodeNorm) -> list[Sign]:
    raised = [Sign(moment.span, "voice", above_db=moment.above_db) for moment in raised_moments(facts, CUSTOMER, norm)]
    return [*raised, *_said(facts, norm), *_cut_ins(facts, norm)]


def _said(facts: Facts, norm: EpisodeNorm) -> Iterable[Sign]:
    """Sentences of displeasure, hardship or attack; at most one of each kind a turn."""
    for turn in floor_turns(facts, CUSTOMER):
        if has_phrase(tokens(turn.text), norm.abuse):
            yield _sentence(facts, turn, "abuse", norm.abuse)
        if has_phrase(tokens(turn.text), norm.displeasure):
            yield _sentence(facts, turn, "words", norm.displeasure)
        elif hardship := next((act for act in turn.acts if act.kind == "hardship"), None):
            yield Sign(Span(hardship.start_s, hardship.end_s), "hardship", hardship.text)


def _sentence(facts: Facts, turn: Turn, kind: str, phrases: tuple[str, ...]) -> Sign:
    said = clauses(words_between(facts.words, CUSTOMER, turn.start_s, turn.end_s))
    hit: Clause | Turn = next((clause for clause in said if has_phrase(clause.tokens, phrases)), turn)
    return Sign(Span(hit.start_s, hit.end_s), kind, hit.text)


def _cut_ins(facts: Facts, norm: EpisodeNorm) -> list[Sign]:
    """Two cut-ins soon after each other, of which the customer made one: an agent's own are no climbing customer."""
    cuts = [event for event in facts.overlaps if event.kind in _CUTS and event.probability >= 0.5]
    return [
        Sign(Span(before.start_s, after.end_s), "cut-ins")
        for before, after in pairwise(cuts)
        if after.start_s - before.end_s <= norm.same_episode_s and CUSTOMER in (before.by, after.by)
    ]


def _together(signs: list[Sign], within_s: float) -> list[list[Sign]]:
    groups: list[list[Sign]] = []
    for sign in signs:
        if groups and sign.span.start_s - max(item.span.end_s for item in groups[-1]) <= within_s:
            groups[-1].append(sign)
        else:
            groups.append([sign])
    return groups


def _is_episode(signs: list[Sign], norm: EpisodeNorm) -> bool:
    """Enough kinds of signs, with words among them, and more than a complaint or a hardship that is told calmly."""
    kinds = {sign.kind for sign in signs}
    if "voice" not in kinds:
        kinds -= {"hardship"}
    return (
        len(kinds) >= norm.min_kinds and bool(kinds & {"hardship", "words", "abuse"}) and kinds != {"hardship", "words"}
    )
