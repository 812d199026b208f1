"""Where the customer's side of a call climbs, how it came down, and what the agent did in between.

What it sees: episodes in which the customer gives at least two kinds of signs within a short time: a voice well
above the customer's own calm level and pitch, or two cut-ins close together; and words of displeasure or hardship, or
words that attack the person. A voice alone may be joy, words alone a complaint. For each episode: how far and how
fast the voice rose, how long until it was near calm again, and what the agent did meanwhile. It names no emotion. The
agent is praised where the call came down beside something the agent did; nobody is marked down for what a customer
brings along. After words that attack the person, the agent's own raised voice is told here as context, and not
flagged.
Why it matters: how a hard moment ends is what both remember of the call; seeing which sentence turned it is worth
more than any advice.
Source: R-CONFLICT; the customer's voice against the customer's own only (ITU-T P.56; Junqua 1993); limits are ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from speechcoach.conversation.turns import words_between
from speechcoach.conversation.wording import Clause, clauses, has_phrase, tokens
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, does, finding, floor_turns, last_words, shortened
from speechcoach.judgement.own_voice import Raised, calm_again_s, near_calm, raised_moments, rise_s
from speechcoach.records import Facts, Finding, Span, Turn, Unit

TITLE = "A hard moment"
PRAISE = "A hard moment that calmed"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_CUTS = ("interruption", "silent_interruption", "butting_in")
_DID = {
    "acknowledged it": ("empathy", "apology"),
    "said back what was heard": ("restatement", "check_understanding"),
    "said what comes next": ("hold_announcement",),
}


@dataclass(frozen=True, slots=True)
class Norm:
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
    max_recovery_s: float = 60.0
    slower_share: float = 0.08
    displeasure: tuple[str, ...] = ()
    abuse: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sign:
    """One thing that the customer's side shows."""

    span: Span
    kind: str  # "voice", "cut-ins", "hardship", "words" of displeasure, "abuse"
    text: str = ""
    above_db: float = 0.0


@dataclass(frozen=True, slots=True)
class _Episode:
    """Signs that follow each other, the highest moment of the voice, and how it came there and down again."""

    signs: tuple[_Sign, ...]
    top: _Sign | None
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


EXPLAIN = {
    "flag": "The customer's side climbed here: {why}.",
    "calmed": "The customer's side climbed here, and came down again: {why}.",
}
ADVICE = {
    "flag": "Listen to what was said just before it turned, either way. Lower and slower, one sentence that names what "
    "happened, then one step that you will do now.",
    "calmed": "Listen to it once: what you did there is worth keeping.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    if not floor_turns(facts, CUSTOMER) or not floor_turns(facts, AGENT):
        raise Abstain("only one side speaks")
    signs = sorted(_signs(facts, norm), key=lambda sign: sign.span)
    groups = [group for group in _together(signs, norm.same_episode_s) if _is_episode(group, norm)]
    units = near_calm(facts, CUSTOMER, norm, norm.near_calm_db)
    return [_told(facts, _episode(group, units, norm), norm) for group in groups]


def _episode(signs: list[_Sign], units: list[tuple[Unit, bool]], norm: Norm) -> _Episode:
    top = max(signs, key=lambda sign: sign.above_db)
    if not top.above_db:
        return _Episode(tuple(signs), None, None, None)
    last_s = max(sign.span.end_s for sign in signs if sign.kind == "voice")
    return _Episode(
        tuple(signs), top, rise_s(units, top.span.start_s), calm_again_s(units, last_s, int(norm.calm_units))
    )


def _signs(facts: Facts, norm: Norm) -> list[_Sign]:
    raised = [_Sign(moment.span, "voice", above_db=moment.above_db) for moment in raised_moments(facts, CUSTOMER, norm)]
    return [*raised, *_said(facts, norm), *_cut_ins(facts, norm)]


def _said(facts: Facts, norm: Norm) -> Iterable[_Sign]:
    """Sentences of displeasure, hardship or attack; at most one of each kind a turn."""
    for turn in floor_turns(facts, CUSTOMER):
        if has_phrase(tokens(turn.text), norm.abuse):
            yield _sentence(facts, turn, "abuse", norm.abuse)
        if has_phrase(tokens(turn.text), norm.displeasure):
            yield _sentence(facts, turn, "words", norm.displeasure)
        elif hardship := next((act for act in turn.acts if act.kind == "hardship"), None):
            yield _Sign(Span(hardship.start_s, hardship.end_s), "hardship", hardship.text)


def _sentence(facts: Facts, turn: Turn, kind: str, phrases: tuple[str, ...]) -> _Sign:
    said = clauses(words_between(facts.words, CUSTOMER, turn.start_s, turn.end_s))
    whole = Clause(tuple(word for clause in said for word in clause.words))
    hit = next((clause for clause in said if has_phrase(clause.tokens, phrases)), whole)
    return _Sign(Span(hit.start_s, hit.end_s), kind, hit.text)


def _cut_ins(facts: Facts, norm: Norm) -> list[_Sign]:
    """Two cut-ins soon after each other, of which the customer made one: an agent's own are no climbing customer."""
    cuts = [event for event in facts.overlaps if event.kind in _CUTS and event.probability >= 0.5]
    return [
        _Sign(Span(before.start_s, after.end_s), "cut-ins")
        for before, after in pairwise(cuts)
        if after.start_s - before.end_s <= norm.same_episode_s and CUSTOMER in (before.by, after.by)
    ]


def _together(signs: list[_Sign], within_s: float) -> list[list[_Sign]]:
    groups: list[list[_Sign]] = []
    for sign in signs:
        if groups and sign.span.start_s - max(item.span.end_s for item in groups[-1]) <= within_s:
            groups[-1].append(sign)
        else:
            groups.append([sign])
    return groups


def _is_episode(signs: list[_Sign], norm: Norm) -> bool:
    """Enough kinds of signs, with words among them, and more than a complaint or a hardship that is told calmly."""
    kinds = {sign.kind for sign in signs}
    if "voice" not in kinds:
        kinds -= {"hardship"}
    return (
        len(kinds) >= norm.min_kinds and bool(kinds & {"hardship", "words", "abuse"}) and kinds != {"hardship", "words"}
    )


def _told(facts: Facts, episode: _Episode, norm: Norm) -> Finding:
    until_s = max(episode.calm_s or 0.0, episode.end_s)
    did = _agent_did(facts, episode.start_s, until_s, norm)
    raised = [m for m in raised_moments(facts, AGENT, norm) if episode.start_s <= m.span.start_s <= until_s]
    soon = episode.calm_s is not None and episode.calm_s - episode.top.span.end_s <= norm.max_recovery_s
    calmed = soon and bool(did) and not raised
    return finding(
        "conflict",
        [Span(episode.start_s, until_s)],
        speaker=AGENT if calmed else CUSTOMER,
        value=len({sign.kind for sign in episode.signs}),
        norm=norm,
        threshold="min_kinds",
        unit="kinds of signs close together",
        quote=_quote(facts, episode),
        why="; ".join(_course(episode) + _meanwhile(did, raised)),
        variant="calmed" if calmed else "flag",
        strength=calmed,
        unless=f"there had been fewer than {norm.min_kinds:g} kinds of signs within {norm.same_episode_s:g} s",
    )


def _course(episode: _Episode) -> list[str]:
    """How it rose and how it came down."""
    parts = []
    if episode.top:
        quick = f" within {max(1.0, episode.rise_s):.0f} s" if episode.rise_s is not None else ""
        parts.append(f"the customer's voice rose {episode.top.above_db:.0f} dB over its own calm level{quick}")
        if episode.calm_s is None:
            parts.append("it did not come back near calm in what follows")
        else:
            parts.append(f"it was near calm again {episode.calm_s - episode.top.span.end_s:.0f} s later")
    if episode.has("cut-ins"):
        parts.append("there were cut-ins close together")
    if episode.has("abuse"):
        parts.append("there were words that attack the person, which nobody has to take")
    return parts


def _agent_did(facts: Facts, start_s: float, until_s: float, norm: Norm) -> list[str]:
    """What the agent did between the first sign and calm, as far as acts and pace tell."""
    turns = [turn for turn in floor_turns(facts, AGENT) if turn.end_s > start_s and turn.start_s < until_s]
    did = [name for name, kinds in _DID.items() if any(does(turn, *kinds) for turn in turns)]
    usual_sps = facts.speakers[AGENT].articulation_sps if AGENT in facts.speakers else None
    rated = [turn for turn in turns if turn.articulation_sps is not None]
    spoken_s = sum(turn.end_s - turn.start_s for turn in rated)
    if usual_sps and spoken_s > 0:
        rate_sps = sum(turn.articulation_sps * (turn.end_s - turn.start_s) for turn in rated) / spoken_s
        if rate_sps <= (1 - norm.slower_share) * usual_sps:
            did.append("spoke more slowly")
    return did


def _meanwhile(did: list[str], raised: list[Raised]) -> list[str]:
    told = [f"meanwhile the agent {' and '.join([', '.join(did[:-1]), did[-1]] if did[1:] else did)}"] if did else []
    if raised:
        highest = max(raised, key=lambda moment: moment.above_db)
        told.append(f"the agent's own voice rose {highest.above_db:.0f} dB meanwhile")
    return told


def _quote(facts: Facts, episode: _Episode) -> str:
    """The customer's strongest words, and what the agent said next."""
    said = next(sign for kind in ("abuse", "words", "hardship") for sign in episode.signs if sign.kind == kind)
    reply = next((turn.text for turn in floor_turns(facts, AGENT) if turn.start_s >= said.span.end_s - 1.0), "")
    return f"Customer: {last_words(said.text, 16)}" + (f" | Agent: {shortened(reply, 16)}" if reply else "")
