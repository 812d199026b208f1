"""What can be followed over an agent's calls: one record a metric, one observation a call.

Conventions: a metric's direction says what a goal may aim at. "more" and "less" can be improved; "none" is no
yardstick: rate, pitch, level and reply time differ with dialect, line and customer, so they are followed as an agent's
own habit and never praised or blamed (Jacewicz 2010; Cavalcanti & Skantze 2025). A value of None means that the call
could not be judged for it: it is left out, and never counts as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Literal

from speechcoach.errors import UsageError
from speechcoach.judgement.phrases import score_title
from speechcoach.settings import Rubric

Direction = Literal["more", "less", "none"]
Kind = Literal["score", "rate", "share", "edge", "voice"]
TRIM = 0.1
"""Share of the calls left out at either end of a centre: one odd call cannot move it. On scores, of which many are 100,
it keeps most of the power of the mean to see a change, and a median keeps half (`benchmarks/coaching.py`)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What is followed: `name` for the store, `title` for people, `source` is where the number comes from."""

    name: str
    title: str
    unit: str
    direction: Direction
    kind: Kind
    source: str
    cues: tuple[str, ...] = ()  # whose findings it counts
    column: str = ""  # of the table `speaker`
    trim: float = TRIM
    bounds: tuple[float, float] | None = None
    digits: int = 0

    @property
    def sign(self) -> int:
        """+1 where more is better, -1 where less is, 0 where neither is."""
        return {"more": 1, "less": -1, "none": 0}[self.direction]

    def number(self, value: float) -> str:
        """A value for people, without its unit; what rounds to zero has no sign."""
        return f"{round(value, self.digits) + 0.0:.{self.digits}f}"

    def shown(self, value: float) -> str:
        """A value with its unit, for people."""
        return f"{self.number(value)} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Observation:
    """One metric of one call of one agent; `locale` is the call's language, `recorded_at` UTC."""

    call_id: str
    agent: str
    locale: str
    recorded_at: datetime | None
    queue: str | None
    metric: str
    value: float | None


_FLAGS = (  # cues, title; counted together as flags in ten minutes of call
    (("interruption", "butting_in"), "Cutting in"),
    (("dead_air",), "Dead air"),
    (("slow_response",), "Slow answers"),
    (("unanswered_question",), "Questions passed over"),
    (("answered_own_question",), "Questions you answered yourself"),
    (("monologue",), "Long monologues"),
    (("re_asking",), "Asking again"),
    (("blame",), "Words of blame"),
    (("fast_speech",), "Fast stretches"),
    (("raised_voice",), "Raised voice"),
)
_SHARES = (  # cue, title: of the occasions in a call, those that were used
    ("paraphrase", "Saying back what you heard"),
    ("empathy", "Answering a hardship"),
    ("check_question", "Checking and waiting"),
)
_VOICE = (  # column of `speaker`, title, unit, digits
    ("rate_wpm", "Speech rate", "words a minute", 0),
    ("articulation_sps", "Pace of articulation", "syllables a second", 1),
    ("pitch_sd_st", "Movement of pitch", "semitones", 1),
    ("level_sd_db", "Movement of loudness", "dB", 1),
    ("median_fto_s", "Time to your reply", "s", 2),
    ("talk_share", "Your share of the talk", "", 2),
)
_EDGES = (("first_30_s", "the first half-minute"), ("last_30_s", "the last half-minute"))
_EDGE_VOICE = (  # what of the voice is compared with the rest of the call
    ("articulation_sps", "Pace", "syllables a second more than in the rest"),
    ("level_db", "Loudness", "dB over the rest"),
    ("pitch_st", "Pitch", "semitones over the rest"),
)


@cache
def metrics() -> Mapping[str, Metric]:
    """Every metric by name: the scores of the default rubric first, in its order."""
    made = [*_scores(), *_rates(), *_shares(), *_edges(), *_voices()]
    return MappingProxyType({item.name: item for item in made})


def metric(name: str) -> Metric:
    """The metric of that name. Raises UsageError, which lists the known ones."""
    known = metrics()
    if name not in known:
        raise UsageError(f"{name}: no such metric; the known ones are {', '.join(known)}")
    return known[name]


def _scores() -> list[Metric]:
    rules = Rubric.load(None)
    return [
        Metric(
            name,
            score_title(name, rules),
            "points",
            "more",
            "score",
            "table score: 100 less what the agent's flags cost",
            cues=tuple(cue for cue, cost in rule.costs.items() if cost > 0),
            bounds=(0.0, 100.0),
        )
        for name, rule in rules.scores.items()
    ]


def _rates() -> list[Metric]:
    source = "table finding: the agent's flags, over the length of the call"
    return [
        Metric(f"{cues[0]}_per_10_min", title, "in 10 min", "less", "rate", source, cues, digits=1)
        for cues, title in _FLAGS
    ]


def _shares() -> list[Metric]:
    source = "table finding: moments it was done, of those and the moments it was missed"
    return [
        Metric(f"{cue}_share", title, "% of occasions", "more", "share", source, (cue,), trim=0.0, bounds=(0.0, 100.0))
        for cue, title in _SHARES
    ]


def _edges() -> list[Metric]:
    parts = [
        Metric(f"{name}_parts", title, "of 3 parts", "more", "edge", source, ("opening_and_closing",), digits=1, trim=0)
        for name, title, source in (
            ("opening", "Opening", "cue opening_and_closing: greeting, name, offer of help in the first 30 s"),
            ("closing", "Closing", "cue opening_and_closing: anything else, thanks, goodbye in the last 30 s"),
        )
    ]
    voice = "facts: the agent's units in those seconds against the rest of the call"
    return parts + [
        Metric(f"{edge}_{column}", f"{title} in {place}", unit, "none", "edge", voice, column=column, digits=1)
        for edge, place in _EDGES
        for column, title, unit in _EDGE_VOICE
    ]


def _voices() -> list[Metric]:
    source = "table speaker: the agent's voice over the call"
    return [
        Metric(column, title, unit, "none", "voice", source, column=column, digits=digits)
        for column, title, unit, digits in _VOICE
    ]
