"""Moments of an agent's own calls, to listen to: where something went well, and where something is worth another ear.

Conventions: seconds of the call. Only what the tables hold for everybody is a moment; what a cue tells the agent alone
stays out, because a page is passed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from speechcoach.judgement import all_cues

LONGEST_S = 90.0  # a longer stretch is no clip: one listens from its beginning
BEGINNING_S = 30.0


@dataclass(frozen=True, slots=True)
class Moment:
    """A finding of the agent's as a clip: from `start_s` to `end_s` of a call; `certainty` is 0-1.

    `title` and `said` tell it to the agent, in the second person.
    """

    finding_id: str
    call_id: str
    call: str  # its name
    recorded_at: datetime | None
    cue: str
    variant: str
    strength: bool
    start_s: float | None
    end_s: float | None
    quote: str
    why: str
    title: str
    said: str
    value: float = 1.0
    certainty: float = 1.0

    @property
    def is_clip(self) -> bool:
        """Whether it can be played as one short stretch."""
        return self.start_s is not None and self.end_s is not None and 0 < self.end_s - self.start_s <= LONGEST_S


def best(moments: Iterable[Moment], cues: Sequence[str] = (), count: int = 3) -> list[Moment]:
    """What went well, the surest and newest first, each of another cue while there are others; of `cues` if given."""
    return _chosen([item for item in moments if item.strength and (not cues or item.cue in cues)], cues, count)


def worst(moments: Iterable[Moment], cues: Sequence[str] = (), count: int = 3) -> list[Moment]:
    """What is worth another listen, in the same order."""
    return _chosen([item for item in moments if not item.strength and (not cues or item.cue in cues)], cues, count)


def shown_to_all(cue: str) -> bool:
    """Whether a cue's findings may stand on a page that is passed on."""
    known = all_cues()
    return cue in known and not hasattr(known[cue], "AUDIENCES")


def _chosen(moments: list[Moment], cues: Sequence[str], count: int) -> list[Moment]:
    """One of each cue and call in turn, so that three moments are no copies of each other."""
    ranked = sorted((item for item in moments if item.is_clip), key=_rank, reverse=True)
    if cues:  # the cues first that were named first
        ranked.sort(key=lambda item: list(cues).index(item.cue))
    chosen: list[Moment] = []
    for fresh in (
        lambda m: m.cue not in {c.cue for c in chosen},
        lambda m: m.call_id not in {c.call_id for c in chosen},
    ):
        for item in ranked:
            if len(chosen) < count and item not in chosen and fresh(item):
                chosen.append(item)
    return chosen


def _rank(item: Moment) -> tuple[bool, float, float, float]:
    newest = item.recorded_at.timestamp() if item.recorded_at else 0.0
    return bool(item.quote), item.certainty, item.value if item.strength else 0.0, newest
