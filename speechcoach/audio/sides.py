"""A call in two files, one of each side, as Asterisk's Monitor writes it: read as the two channels of one recording.

Conventions: the left channel is the first file. Both begin at the same moment unless a delay is given: positive where
the right side's file began later. Each is resampled to the higher of the two rates, and the shorter one ends in
silence. Nothing is shifted in silence: what points to another delay is said in a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from speechcoach.audio.aligning import heard_later_s
from speechcoach.audio.resampling import resampled
from speechcoach.audio.sound import BLOCK, Lost, Sound, silence
from speechcoach.errors import ChannelCountError

if TYPE_CHECKING:
    from speechcoach.audio.recording import Recording

_SAME_LENGTH_S = 0.5  # two files of one call end within some packets of each other
_ECHO_S = 0.6  # as late as an echo may come back (ITU-T G.131: a satellite's way there and back)


@dataclass(frozen=True, slots=True)
class Sides:
    """Two files of one call; `named` where the first is known to be the agent's and the second the customer's."""

    left: Path
    right: Path
    named: bool = True

    @property
    def name(self) -> str:
        return f"{self.left.name} + {self.right.name}"

    @property
    def stem(self) -> str:
        """What both names begin with, for a report's name; the first one's where they share little."""
        one, other = self.left.stem, self.right.stem
        same = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(other))
        return one[:same].rstrip("-_. ") or one

    def __str__(self) -> str:
        return f"{self.left} + {self.right}"


@dataclass(frozen=True, slots=True)
class Joined:
    """Both sides as one sound, how much later the right one's file began, and what was found."""

    sound: Sound
    delay_s: float
    notes: list[str]
    lost: Lost


def both(sides: Sides, left: Recording, right: Recording, delay_s: float | None) -> Joined:
    """Two recordings of one channel as one of two. Raises ChannelCountError where one of them has more."""
    for side in (left, right):
        if side.channels != 1:
            raise ChannelCountError(
                f"{side.path}: has {side.channels} channels, and a file of one side has one; analyse it by itself, or "
                "choose one with --channels"
            )
    rate_hz = max(left.rate_hz, right.rate_hz)
    shift = round((delay_s or 0.0) * rate_hz)
    leads = (max(-shift, 0), max(shift, 0))
    parts = list(zip((left, right), leads, strict=True))

    def blocks(_lost: Lost) -> Iterator[np.ndarray]:
        return _interleaved([_late(side, rate_hz, lead) for side, lead in parts])

    lost = sorted(
        (lead + round(span.start_s * rate_hz), round(span.duration_s * rate_hz))
        for side, lead in parts
        for span in side.lost
    )
    notes = [f"{side.path.name}: {note}" for side in (left, right) for note in side.notes if "lost at" not in note]
    notes += _told_delay(left, right, delay_s)
    coding = f"{left.read_by}, {right.read_by}"
    return Joined(Sound(rate_hz, 2, None, coding, "two files", blocks), shift / rate_hz, notes, lost)


def _late(side: Recording, rate_hz: int, lead: int) -> Iterator[np.ndarray]:
    yield from silence(lead, 1)
    yield from resampled(side.blocks(), 1, side.rate_hz, rate_hz)


def _interleaved(sides: list[Iterator[np.ndarray]]) -> Iterator[np.ndarray]:
    """Blocks `[BLOCK, 2]` from two of one channel that come in blocks of any length."""
    held = [np.zeros((0, 1), np.float32) for _ in sides]
    going = True
    while going:
        for place, side in enumerate(sides):
            parts = [held[place]]
            count = len(held[place])
            while count < BLOCK and (block := next(side, None)) is not None:
                parts.append(block)
                count += len(block)
            held[place] = np.concatenate(parts)
        count = min(BLOCK, max(map(len, held)))
        going = count > 0
        if going:
            yield np.concatenate([_filled(side[:count], count) for side in held], axis=1)
        held = [side[count:] for side in held]


def _filled(block: np.ndarray, count: int) -> np.ndarray:
    return block if len(block) == count else np.concatenate([block, np.zeros((count - len(block), 1), np.float32)])


def _told_delay(left: Recording, right: Recording, delay_s: float | None) -> list[str]:
    """Whether the two files begin together, as far as they tell."""
    if delay_s is not None:
        later, by_s = (right, delay_s) if delay_s >= 0 else (left, -delay_s)
        return [f"{later.path.name} begins {by_s:.2f} s later than the other side's file, as it was said"]
    notes = []
    if abs(left.duration_s - right.duration_s) > _SAME_LENGTH_S:
        notes.append(
            f"{left.path.name} lasts {left.duration_s:.1f} s and {right.path.name} {right.duration_s:.1f} s: both are "
            "taken to begin together, and --customer-delay-s says otherwise"
        )
    later_s = heard_later_s(left, right)
    if later_s is not None and not -_ECHO_S <= later_s <= _ECHO_S:
        notes.append(
            f"one side is heard in the other's file {abs(later_s):.2f} s too {'late' if later_s > 0 else 'early'}: the "
            f"files do not begin together, and --customer-delay-s {-later_s:.2f} may put them right"
        )
    return notes
