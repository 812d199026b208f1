"""What in the facts depends on a language's phrases, derived again whenever the norms change.

Idempotent: it reads only what was measured (units, words, turns' times, silences' times) and writes only
what it derives (acts, overlaps, whether a silence was announced).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from speechcoach.conversation.acts import Phrases, tag_turns
from speechcoach.conversation.overlaps import find_overlaps
from speechcoach.records import Facts, Overlap, Pause, Span, Turn

_ANNOUNCED_WITHIN_S = 15.0  # an announcement is made at the end of a turn, not a minute before


def interpret(facts: Facts, phrases: Phrases) -> Facts:
    """The facts as the given phrases read them."""
    turns = tag_turns(facts.turns, facts.words, phrases)
    overlaps = () if "overlaps" in facts.unfit else find_overlaps(facts.units, facts.words, phrases)
    judged = tuple(overlap for overlap in overlaps if not _within(overlap, facts.overlaps_unjudged))
    worded = bool(facts.words) and bool(phrases["hold_announcement"])
    return replace(
        facts,
        turns=turns,
        overlaps=judged,
        pauses=tuple(_announced(pause, turns, worded) for pause in facts.pauses),
    )


def _within(overlap: Overlap, spans: Sequence[Span]) -> bool:
    """Whether any of the overlap lies in one of the spans."""
    return any(overlap.start_s <= span.end_s and overlap.end_s >= span.start_s for span in spans)


def _announced(pause: Pause, turns: Sequence[Turn], worded: bool) -> Pause:
    """A long silence is announced if the agent's last words before it said so."""
    if pause.kind not in ("hold", "dead_air") or not worded:
        return replace(pause, announced=None)
    said = [turn for turn in turns if turn.speaker == "agent" and not turn.inserted and turn.start_s < pause.start_s]
    announced = bool(said) and any(
        act.kind == "hold_announcement" and said[-1].end_s - act.end_s <= _ANNOUNCED_WITHIN_S for act in said[-1].acts
    )
    kind = "hold" if announced or pause.music else "dead_air"
    return replace(pause, kind=kind, announced=announced)
