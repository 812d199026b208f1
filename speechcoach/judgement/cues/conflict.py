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

from dataclasses import dataclass

from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, does, finding, floor_turns, last_words, shortened
from speechcoach.judgement.hard_moments import Episode, EpisodeNorm, find_episodes
from speechcoach.judgement.own_voice import Raised, raised_moments
from speechcoach.records import Facts, Finding, Span

TITLE = "A hard moment"
PRAISE = "A hard moment that calmed"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_DID = {
    "acknowledged it": ("empathy", "apology"),
    "said back what was heard": ("restatement", "check_understanding"),
    "said what comes next": ("hold_announcement",),
}


@dataclass(frozen=True, slots=True)
class Norm(EpisodeNorm):
    max_recovery_s: float = 60.0
    slower_share: float = 0.08


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
    return [_told(facts, episode, norm) for episode in find_episodes(facts, norm)]


def _told(facts: Facts, episode: Episode, norm: Norm) -> Finding:
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


def _course(episode: Episode) -> list[str]:
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
    """What the agent did between the first sign and calm: acts, and beside them a slower pace."""
    turns = [turn for turn in floor_turns(facts, AGENT) if turn.end_s > start_s and turn.start_s < until_s]
    did = [name for name, kinds in _DID.items() if any(does(turn, *kinds) for turn in turns)]
    usual_sps = facts.speakers[AGENT].articulation_sps if AGENT in facts.speakers else None
    rated = [turn for turn in turns if turn.articulation_sps is not None]
    spoken_s = sum(turn.end_s - turn.start_s for turn in rated)
    if did and usual_sps and spoken_s:
        rate_sps = sum(turn.articulation_sps * (turn.end_s - turn.start_s) for turn in rated) / spoken_s
        did += ["spoke more slowly"] if rate_sps <= (1 - norm.slower_share) * usual_sps else []
    return did


def _meanwhile(did: list[str], raised: list[Raised]) -> list[str]:
    told = [f"meanwhile the agent {' and '.join([', '.join(did[:-1]), did[-1]] if did[1:] else did)}"] if did else []
    if raised:
        highest = max(raised, key=lambda moment: moment.above_db)
        told.append(f"the agent's own voice rose {highest.above_db:.0f} dB meanwhile")
    return told


def _quote(facts: Facts, episode: Episode) -> str:
    """The customer's strongest words, and what the agent said next."""
    said = next(sign for kind in ("abuse", "words", "hardship") for sign in episode.signs if sign.kind == kind)
    reply = next((turn.text for turn in floor_turns(facts, AGENT) if turn.start_s >= said.span.end_s - 1.0), "")
    return f"Customer: {last_words(said.text, 16)}" + (f" | Agent: {shortened(reply, 16)}" if reply else "")
