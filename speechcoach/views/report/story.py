"""The written part of the report: header, scores, findings, speakers. Reads and arranges, judges nothing.

Every function returns plain dictionaries and strings for the template, which escapes them.
"""

from __future__ import annotations

from collections.abc import Callable

from speechcoach.conversation.turns import endings
from speechcoach.judgement.doubts import heard_in, unjudged
from speechcoach.judgement.phrases import Audience, bound, cue_title, measure, stacked, why_not
from speechcoach.records import Channel, Facts, Finding, Result, Score, Voice

NAMES = {"agent": "Agent", "customer": "Customer", "mixed": "Both (mono)"}
LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "ru": "Russian"}
ROLES_FROM = {
    "option": "Set by whoever ran the analysis",
    "metadata": "Known beforehand",
    "speech": "Worked out from the speech",
    "default": "Assumed",
}
UNSURE = "roles uncertain"  # how a guess that is not to be relied on begins


def clock(seconds: float) -> str:
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def number(value: float | None, unit: str = "", digits: int = 1) -> str:
    if value is None or value != value:
        return "\N{EN DASH}"
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text.replace('-', chr(0x2212))} {unit}".strip()


def header(facts: Facts, wav_names: tuple[str, str] = ("left", "right")) -> dict:
    call = facts.call
    kind = {1: "mono", 2: "two channels"}.get(call.channels, f"{call.channels} channels")
    return {
        "file": call.file,
        "facts": [
            ("Length", clock(call.duration_s)),
            ("Recording", f"{kind}, {call.rate_hz / 1000:g} kHz"),
            ("Language", LANGUAGES.get(call.language or "", call.language or "not known")),
            ("Transcript", call.transcribed_by or ("given with the call" if facts.words else "none")),
        ],
        "sides": _sides(facts, wav_names),
        "roles_from": ROLES_FROM.get(call.roles_from, call.roles_from),
        "roles_why": call.roles_why.removeprefix(f"{UNSURE}: ").removesuffix("."),
        "doubtful": call.roles_why.startswith(UNSURE),
        "problems": [
            f"{_side(call.roles, channel.channel)}: {_problem(channel, problem)}"
            for channel in facts.channels
            for problem in channel.problems
        ],
        "unfit": [f"{note[:1].upper()}{note[1:]}." for note in call.notes] + _unfit(facts),
    }


def _sides(facts: Facts, wav_names: tuple[str, str]) -> str:
    call = facts.call
    if call.speakers_why:
        told = f"{call.speakers_why[:1].upper()}{call.speakers_why[1:]}"
        first = min((turn for turn in facts.turns), key=lambda turn: turn.start_s, default=None)
        return told if first is None else f"{told}. {NAMES.get(first.speaker, first.speaker)} speaks first"
    if call.channels == 1:
        return "One channel for both speakers"
    return ", ".join(
        f"{NAMES.get(role, role)} on channel {channel + 1}"
        + (f" ({wav_names[channel]})" if call.channels == 2 and channel < 2 else "")
        for role, channel in sorted(call.roles.items(), key=lambda item: item[1])
    )


def _problem(channel: Channel, problem: str) -> str:
    return f"{problem}, the other side is {heard_in(channel)}" if problem == "leak" and channel.leaks else problem


def _unfit(facts: Facts) -> list[str]:
    part = unjudged(facts)
    whole = [f"{what.capitalize()} could not be judged: {why.rstrip('.')}." for what, why in facts.unfit.items()]
    return whole + [f"{part[:1].upper()}{part[1:]}."] * bool(part)


def _side(roles: dict[str, int], channel: int) -> str:
    names = [NAMES.get(role, role) for role, at in roles.items() if at == channel]
    return f"{names[0]} channel" if len(names) == 1 else f"Channel {channel + 1}"


def cards(result: Result, explain: Callable, audience: str) -> list[dict]:
    return [_card(finding, explain(finding, audience)) for finding in result.findings]


def stacks(cards: list[dict], result: Result) -> list[dict]:
    """Cards in order, those of one kind folded into one where there are many of them."""
    by_id = {card["id"]: card for card in cards}
    own = [finding for finding in result.findings if finding.id in by_id]
    piles = [[by_id[finding.id] for finding in pile] for pile in stacked(own)]
    return [pile[0] if len(pile) == 1 else pile[0] | {"moments": pile} for pile in piles]


def _card(finding: Finding, sentence) -> dict:
    return {
        "id": finding.id,
        "speaker": finding.speaker,
        "who": NAMES.get(finding.speaker, finding.speaker),
        "strength": finding.strength,
        "kind": "context" if finding.speaker == "customer" else "strength" if finding.strength else "flag",
        "start_s": finding.spans[0].start_s if finding.spans else 0.0,
        "spans": [{"start_s": s.start_s, "end_s": s.end_s, "at": clock(s.start_s)} for s in finding.spans],
        "title": sentence.title,
        "happened": sentence.happened,
        "norm": sentence.norm,
        "unless": sentence.unless if finding.unless else "",
        "advice": sentence.advice,
        "quote": [part.strip() for part in sentence.quote.split(" | ") if part.strip()],
        "value": measure(finding),
        "bound": bound(finding),
        "source": finding.source,
        "moments": [],
    }


def scores(
    result: Result, found: list[dict], title: Callable[[str], str], cue_title: Callable[[str], str]
) -> list[dict]:
    by_id = {card["id"]: card for card in found}
    return [_score(score, result, by_id, title, cue_title) for score in result.scores]


def _score(score: Score, result: Result, by_id: dict[str, dict], title: Callable, cue_title: Callable) -> dict:
    because = [by_id[i] for i in score.because if i in by_id]
    value = score.score
    return {
        "name": title(score.name),
        "value": None if value is None else round(value),
        "words": "" if value is None else _flags(len(because), bool(score.without)),
        "why": _why_not(score, result) if value is None else "",
        "without": [cue_title(cue) for cue in score.without] if value is not None else [],
        "cost": [card for card in because if not card["strength"]],
        "earned": [card for card in because if card["strength"]],
    }


def _flags(count: int, partly: bool) -> str:
    """How many flags; none found in what could be judged is not the same as none."""
    return {0: "partly judged" if partly else "no flags", 1: "1 flag"}.get(count, f"{count} flags")


def _why_not(score: Score, result: Result) -> str:
    own = [a.why for a in result.abstained if a.cue in score.without or a.cue == score.name]
    reasons = own or list(result.facts.unfit.values())
    why = "; ".join(dict.fromkeys(reasons)) or "nothing that it rests on could be measured in this call"
    return f"{why[:1].upper()}{why[1:].rstrip('.')}."


def abstained(result: Result, audience: Audience) -> list[tuple[str, str]]:
    """The cues that a reason silenced, and the reason: one bad channel must not fill the page with one sentence."""
    by_why: dict[str, list[str]] = {}
    for item in result.abstained:
        by_why.setdefault(why_not(item, audience), []).append(cue_title(item.cue))
    return [(", ".join(titles), why) for why, titles in by_why.items()]


def speakers(facts: Facts) -> dict | None:
    known = {role: voice for role, voice in facts.speakers.items() if isinstance(voice, Voice) and role != "mixed"}
    if not known:
        return None
    rows = [
        ("Talk time", "Share of all speech in the call.", _talk),
        (
            "Speaking rate",
            "Words a minute, short pauses included. Information, not a verdict.",
            lambda v: number(v.rate_wpm, "words/min", 0),
        ),
        (
            "Articulation rate",
            "Syllables a second without the pauses. Moves with dialect and habit: not for comparing people.",
            lambda v: number(v.articulation_sps, "syll/s"),
        ),
        ("Pitch, median", "A property of the voice, not of the work.", lambda v: number(v.pitch_hz, "Hz", 0)),
        (
            "Pitch range",
            "Semitones between the low and the high tenth of this speaker's own voice.",
            lambda v: number(v.pitch_range_st, "st"),
        ),
        ("Level spread", "How much loudness moves around its own middle.", lambda v: number(v.level_sd_db, "dB")),
        (
            "Response time, median",
            "From the end of the other's turn to the start of this speaker's; below zero they overlap. Around 0.2 s is "
            "the average across languages. It belongs to the pair, not to one speaker.",
            lambda v: number(v.median_fto_s, "s", 2),
        ),
    ]
    shown = [{"name": name, "note": note, "cells": [show(v) for v in known.values()]} for name, note, show in rows]
    return {"names": [(role, NAMES.get(role, role)) for role in known], "rows": [*shown, *_endings(facts, list(known))]}


def _endings(facts: Facts, roles: list[str]) -> list[dict]:
    """How turns end, statements and questions apart."""
    counted = [endings(facts.turns, role) for role in roles]
    notes = {
        False: ("Ends of statements", "How the pitch moves on the last word. A rise is a way of speaking, no fault."),
        True: ("Ends of questions", "Kept apart, because a question may rise in any way of speaking."),
    }
    return [
        {"name": name, "note": note, "cells": [_ending(counts[asks]) for counts in counted]}
        for asks, (name, note) in notes.items()
        if any(sum(counts[asks].values()) for counts in counted)
    ]


def _ending(counts: dict[str, int]) -> str:
    told = [f"{counts[kind]} {name}" for kind, name in (("fall", "falling"), ("level", "level"), ("rise", "rising"))]
    return ", ".join(told) if sum(counts.values()) else number(None)


def _talk(voice: Voice) -> str:
    share = "" if voice.talk_share is None else f"{voice.talk_share:.0%}, "
    return share + clock(voice.talk_s)
