"""What a made call of `turns.py` is: sayings placed on two channels, and the truth about them.

Conventions: channel 0 is the agent. Times are seconds of the call, on sample edges, so 10 ms is coarse for them. Levels
are dB re the speaker's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from turns_texts import Texts
from turns_voices import RATE_HZ, Saying, audible

KINDS = ("terminal", "backchannel", "completion", "butting_in", "interruption", "silent_interruption", "needed")
SILENCES = ("announced", "music", "unannounced", "thinking")
_SOUND_GAP_S = 0.2  # silences inside a saying that are longer part its sound


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` by channel `by`, whose first sound it begins with; `end_s` is where both stop sounding at once."""

    kind: str
    by: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Silence:
    kind: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A saying in the call; `inserted` where it did not take the floor."""

    channel: int
    start_s: float
    saying: Saying
    level_db: float
    inserted: bool

    @property
    def end_s(self) -> float:
        return self.start_s + self.saying.length_s

    @property
    def spans(self) -> list[tuple[float, float]]:
        """Where it sounds."""
        edges = np.flatnonzero(np.diff(audible(self.saying.samples).astype(np.int8), prepend=0, append=0))
        found: list[tuple[float, float]] = []
        for start_s, end_s in self.start_s + edges.reshape(-1, 2) / RATE_HZ:
            if found and start_s - found[-1][1] <= _SOUND_GAP_S:
                found[-1] = (found[-1][0], float(end_s))
            else:
                found.append((float(start_s), float(end_s)))
        return found


@dataclass(slots=True)
class Call:
    """What is said in a call so far, and what happens in it."""

    placed: list[Placed] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    music: list[tuple[float, float]] = field(default_factory=list)
    voices: tuple[str, str] = ("", "")  # who speaks on each channel

    @property
    def end_s(self) -> float:
        return max((item.end_s for item in self.placed), default=0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """Two speakers: their sayings by text, how much slower each is played, and chance."""

    texts: Texts
    sayings: tuple[dict[str, Saying], dict[str, Saying]]
    slower: tuple[float, float]
    prompts: tuple[dict[str, Saying], dict[str, Saying]]  # recorded statements, empty for a neural voice
    chance: np.random.Generator
    voices: tuple[str, str] = ("", "")

    def say(self, who: int, text: str) -> Saying:
        return self.sayings[who][text].slower(self.slower[who])

    def one(self, texts: tuple[str, ...]) -> str:
        return str(self.chance.choice(np.array(texts, dtype=object)))

    def between(self, low: float, high: float) -> float:
        return float(self.chance.uniform(low, high))

    def statement(self, who: int) -> Saying:
        if self.prompts[who] and self.chance.random() < 0.75:
            return self.prompts[who][self.one(tuple(self.prompts[who]))].slower(self.slower[who])
        return self.say(who, self.one(self.texts.statements))

    def holding(self, who: int) -> Saying:
        """One sentence, or two with a pause between."""
        first = self.statement(who)
        return first.then(self.statement(who), self.between(0.25, 0.8)) if self.chance.random() < 0.4 else first
