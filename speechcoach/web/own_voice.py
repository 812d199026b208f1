"""A take for practice in numbers: takes of an exercise side by side, and a take against one's own calls.

Conventions: an agent is held against nobody but themselves. What of a voice is measured here is no yardstick: it is
told where a take stands among the own calls, and neither end is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from speechcoach.errors import UsageError
from speechcoach.records import Result, Voice
from speechcoach.team.coaching import Baseline, History, baseline, history, metric
from speechcoach.team.store import Store

_COMPARED = ("rate_wpm", "articulation_sps", "pitch_sd_st", "level_sd_db")
MEASURED = ("rate_wpm", "articulation_sps", "pitch_sd_st", "pitch_range_st", "level_sd_db")
_OTHERS = {"pitch_range_st": ("Pitch range", "semitones", 1)}


@dataclass(frozen=True, slots=True)
class Row:
    """A measure with its values as people read them; `usual` is where most of the own calls lie."""

    title: str
    unit: str
    values: tuple[str, ...]
    usual: str = ""
    said: str = ""


def measures(results: Sequence[Result]) -> list[Row]:
    """Takes side by side: a row a measure, a value a take."""
    voices = [_voice(result) for result in results]
    return [_row(name, voices) for name in MEASURED if any(voices)]


def against_own_calls(store: Store, agent: str, result: Result) -> list[Row] | str:
    """Where the take stands among the agent's own calls in its language; a sentence where that cannot be told."""
    voice = _voice(result)
    if not result.facts.units:
        return "Nobody was heard to speak in it."
    if voice is None:
        return "It cannot be told which voice is yours. Analyse it again, and say who speaks first."
    try:
        known = history(store, agent, locale=result.facts.call.language)
    except UsageError:
        return "You have no calls in this language to compare it with."
    rows = [_against(name, voice, known) for name in _COMPARED]
    found = [row for row in rows if row]
    return found or "There are not enough calls of yours yet to compare it with."


def _against(name: str, voice: Voice, known: History) -> Row | None:
    usual, value, what = baseline(known.observations[name]), getattr(voice, name), metric(name)
    if not isinstance(usual, Baseline) or value is None:
        return None
    between = f"{usual.p10:.{what.digits}f} to {usual.p90:.{what.digits}f}"
    return Row(what.title, what.unit, (f"{value:.{what.digits}f}",), between, _placed(value, usual))


def _placed(value: float, usual: Baseline) -> str:
    if value > usual.p90:
        return "more than in nearly all of your calls"
    if value < usual.p10:
        return "less than in nearly all of your calls"
    if value > usual.p75:
        return "at the upper end of your calls"
    return "at the lower end of your calls" if value < usual.p25 else "as in most of your calls"


def _row(name: str, voices: Sequence[Voice | None]) -> Row:
    title, unit, digits = _OTHERS.get(name) or (metric(name).title, metric(name).unit, metric(name).digits)
    values = [None if voice is None else getattr(voice, name) for voice in voices]
    return Row(title, unit, tuple("-" if value is None else f"{value:.{digits}f}" for value in values))


def _voice(result: Result) -> Voice | None:
    return result.facts.speakers.get("agent")
