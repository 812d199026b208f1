"""Where one speaker comes in on the other: who had the floor, who came, who went on.

Times are seconds. Levels are dB re full scale, "above usual" re the speaker's own median.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from speechcoach.conversation.turns import Spurt, TurnRules
from speechcoach.conversation.wording import ends_sentence, join, tokens
from speechcoach.records import Unit

_MIN_OVERLAP_S = 0.05  # Heldner & Edlund (2010): shorter ones are within the error of the edges
_OUTLASTS_S = 0.3  # who takes the floor goes on at least this long after the other stopped
_SILENT_AFTER_S = 0.2  # and the other stays silent at least this long
_YIELDS_WITHIN_S = 2.5  # later than this both simply talked at once
NO_GAP_S = 0.2  # a cut-in without overlap follows at least this closely
_NOT_YET_A_TURN_S = 0.1  # both begin at once: nobody had the floor to be cut
_BREATH_S = 0.5  # a speaker who goes on within a breath did not give the floor away
_UPTAKE_S = 1.5
_ASIDE_S = 0.8  # who says no more than this, and lets the other go on, did not take the floor


@dataclass(frozen=True, slots=True)
class CutIn:
    """Everything that typing looks at: `holder` had the floor, `comer` came in at `start_s`."""

    holder: Spurt
    comer: Spurt
    start_s: float
    end_s: float
    resumed: Spurt | None  # the holder's next spurt
    earlier: Spurt | None  # the comer's spurt before this one
    worded: bool  # there is a transcript, and the language's phrases are known
    usual_db: Mapping[str, float] = field(default_factory=dict)  # each speaker's median level
    marked: bool = True  # the transcript has punctuation

    @property
    def holder_goes_on(self) -> bool:
        """The holder talks through the comer's end, is back at once, or goes on after a mere aside."""
        if self.holder.end_s >= self.comer.end_s - 0.1:
            return True
        if self.resumed is None:
            return False
        aside = self.length_s <= _ASIDE_S
        back_s = self.resumed.start_s - (self.comer.end_s if aside else self.holder.end_s)
        return back_s < (TurnRules().resume_s if aside else _SILENT_AFTER_S)

    @property
    def holder_is_back(self) -> bool:
        """The holder speaks again soon after the comer's end."""
        return self.resumed is not None and self.resumed.start_s - self.comer.end_s <= _UPTAKE_S

    @property
    def holder_yields(self) -> bool:
        soon = self.holder.end_s - self.start_s <= _YIELDS_WITHIN_S
        return soon and self.comer.end_s - self.holder.end_s >= _OUTLASTS_S

    @property
    def both_began(self) -> bool:
        """Nobody had the floor yet: both start at once, or the comer only goes on after a breath."""
        head_start_s = self.start_s - self.holder.start_s
        goes_on = self.earlier is not None and self.holder.start_s - self.earlier.end_s < _BREATH_S
        return head_start_s < (_BREATH_S if goes_on else _NOT_YET_A_TURN_S)

    @property
    def length_s(self) -> float:
        return self.comer.end_s - self.comer.start_s

    @property
    def after_s(self) -> float:
        """For how long the holder spoke on."""
        return max(0.0, self.holder.end_s - self.start_s)

    def above_usual_db(self, unit: Unit) -> float:
        """How much louder the unit is than its speaker; 0 where that is not known."""
        usual_db = self.usual_db.get(unit.speaker)
        return 0.0 if usual_db is None or unit.level_db is None else unit.level_db - usual_db

    @property
    def said(self) -> tuple[str, ...]:
        return tokens(join(self.comer.words))


def find_cut_ins(spurts: Sequence[Spurt], worded: bool) -> list[CutIn]:
    """Every place where one speaker comes in on the other, with or without overlap."""
    usual_db, marked = _usual_levels(spurts), any(ends_sentence(word) for spurt in spurts for word in spurt.words)
    of = {name: [spurt for spurt in spurts if spurt.speaker == name] for name in {s.speaker for s in spurts}}
    begun = dict.fromkeys(of, 0)
    found = []
    for comer in spurts:
        for name in sorted(set(of) - {comer.speaker}):
            for place in _still_there(of[name], begun[name], comer.start_s - NO_GAP_S):
                holder, shared = of[name][place], _shared(of[name][place], comer)
                if shared is not None:
                    resumed = next((s for s in of[name][place + 1 :] if s.start_s > holder.end_s), None)
                    earlier = of[comer.speaker][begun[comer.speaker] - 1] if begun[comer.speaker] else None
                    found.append(CutIn(holder, comer, *shared, resumed, earlier, worded, usual_db, marked))
        begun[comer.speaker] += 1
    return found


def _still_there(spurts: Sequence[Spurt], begun: int, since_s: float) -> list[int]:
    """Places of those of the first `begun` spurts of a speaker, which never overlap, that end at `since_s` or later."""
    place = begun
    while place and spurts[place - 1].end_s >= since_s:
        place -= 1
    return list(range(place, begun))


def _shared(holder: Spurt, comer: Spurt) -> tuple[float, float] | None:
    """First and last second in which both speak; the comer's start where it follows without a gap."""
    both = [
        (max(mine.start_s, theirs.start_s), min(mine.end_s, theirs.end_s))
        for mine in holder.units
        for theirs in comer.units
        if min(mine.end_s, theirs.end_s) - max(mine.start_s, theirs.start_s) >= _MIN_OVERLAP_S
    ]
    if both:
        return both[0][0], both[-1][1]
    if -_MIN_OVERLAP_S <= comer.start_s - holder.end_s <= NO_GAP_S:
        return comer.start_s, comer.start_s
    return None


def _usual_levels(spurts: Sequence[Spurt]) -> dict[str, float]:
    levels: dict[str, list[float]] = {}
    for unit in (unit for spurt in spurts for unit in spurt.units):
        if unit.level_db is not None:
            levels.setdefault(unit.speaker, []).append(unit.level_db)
    return {speaker: median(values) for speaker, values in levels.items()}
