"""Units and words become turns, pauses and floor-transfer offsets.

A turn is one speaker's units with no floor change between them. Speech that did not take the floor (a
backchannel, an attempt that the other talked through) is a turn of its own, marked `inserted`, and does
not cut the other's turn in two. States after Heldner & Edlund (2010), J. Phonetics 38.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from speechcoach.conversation.wording import clauses, join, tokens
from speechcoach.records import Pause, Span, Turn, Unit, Word

_LAST_SENTENCE_S = 1.0  # a question that ends earlier was gone on from
IsBackchannel = Callable[[tuple[str, ...]], bool]
_LONGEST_WORD_S = 30.0


@dataclass(frozen=True, slots=True)
class TurnRules:
    """Times that decide what a turn is."""

    spurt_gap_s: float = 0.6  # units closer than this are one utterance
    resume_s: float = 1.0  # a speaker who goes on within this kept the floor
    token_s: float = 0.8  # without words, speech no longer than this may be a backchannel
    attempt_s: float = 1.6  # an attempt at the floor that failed is no longer than this
    lapse_s: float = 3.0  # a silence this long ends a turn, whoever speaks next
    pause_s: float = 0.2  # shorter silences are part of speaking (stop closures, breath)


@dataclass(frozen=True, slots=True)
class Spurt:
    """Units of one speaker that follow closely, and what was said in them."""

    units: tuple[Unit, ...]
    words: tuple[Word, ...]

    @property
    def speaker(self) -> str:
        return self.units[0].speaker

    @property
    def start_s(self) -> float:
        return self.units[0].start_s

    @property
    def end_s(self) -> float:
        return self.units[-1].end_s


def build_turns(
    units: Sequence[Unit], words: Sequence[Word], is_backchannel: IsBackchannel, rules: TurnRules | None = None
) -> tuple[list[tuple[Unit, ...]], set[int]]:
    """Groups of units that make a turn, in order of time, and which of the groups are inserted.

    `is_backchannel` judges tokens; without words, length decides (see `TurnRules.token_s`).
    """
    rules = rules or TurnRules()
    spurts = spurts_of(units, words, rules)
    aside = [_is_inserted(place, spurts, is_backchannel, rules) for place in range(len(spurts))]
    inserted = [spurt for spurt, is_aside in zip(spurts, aside, strict=True) if is_aside]
    holding = [unit for spurt, is_aside in zip(spurts, aside, strict=True) if not is_aside for unit in spurt.units]
    groups = _runs(sorted(holding, key=lambda unit: (unit.start_s, unit.end_s)), rules.lapse_s)
    groups += [spurt.units for spurt in inserted]
    groups.sort(key=lambda group: (group[0].start_s, group[-1].end_s))
    token_groups = {id(spurt.units) for spurt in inserted}
    return groups, {place for place, group in enumerate(groups) if id(group) in token_groups}


def spurts_of(units: Sequence[Unit], words: Sequence[Word], rules: TurnRules) -> list[Spurt]:
    """Units joined over short gaps, with their words, in order of time."""
    found = []
    for speaker in dict.fromkeys(unit.speaker for unit in units):
        own = sorted((unit for unit in units if unit.speaker == speaker), key=lambda unit: unit.start_s)
        for group in _runs(own, rules.spurt_gap_s):
            said = words_between(words, speaker, group[0].start_s, group[-1].end_s)
            found.append(Spurt(group, tuple(said)))
    return sorted(found, key=lambda spurt: (spurt.start_s, spurt.end_s))


def _runs(units: Sequence[Unit], gap_s: float) -> list[tuple[Unit, ...]]:
    """Consecutive units of one speaker with no longer silence than `gap_s` between them."""
    groups: list[list[Unit]] = []
    for unit in units:
        last = groups[-1][-1] if groups else None
        if last and last.speaker == unit.speaker and unit.start_s - last.end_s <= gap_s:
            groups[-1].append(unit)
        else:
            groups.append([unit])
    return [tuple(group) for group in groups]


def words_between(words: Sequence[Word], speaker: str, start_s: float, end_s: float) -> list[Word]:
    """The speaker's words, of all in order of their start, whose middle lies between the two times."""
    first = bisect_left(words, start_s - _LONGEST_WORD_S, key=_start_s)
    near = words[first : bisect_right(words, end_s, key=_start_s)]
    return [word for word in near if word.speaker == speaker and start_s <= (word.start_s + word.end_s) / 2 <= end_s]


def _start_s(word: Word) -> float:
    return word.start_s


def _is_inserted(place: int, spurts: Sequence[Spurt], is_backchannel: IsBackchannel, rules: TurnRules) -> bool:
    """Whether the other speaker held the floor before, through, and after the spurt at this place."""
    spurt = spurts[place]
    length_s = spurt.end_s - spurt.start_s
    holder = _speaking_before(place, spurts)
    if holder is None or spurt.start_s - holder.end_s > rules.resume_s:
        return False
    talked_through = holder.end_s > spurt.end_s
    token = is_backchannel(tokens(join(spurt.words))) if spurt.words else length_s <= rules.token_s
    if talked_through:
        return (token and not answers(spurt, holder)) or length_s <= rules.attempt_s
    return token and not answers(spurt, holder) and _goes_on(place, holder, spurts, rules)


def _speaking_before(place: int, spurts: Sequence[Spurt]) -> Spurt | None:
    """The other's last spurt that began before this one; spurts of one speaker never overlap, so it ends last too."""
    spurt = spurts[place]
    earlier = (spurts[at] for at in range(place - 1, -1, -1))
    return next((o for o in earlier if o.speaker != spurt.speaker and o.start_s < spurt.start_s), None)


def _goes_on(place: int, holder: Spurt, spurts: Sequence[Spurt], rules: TurnRules) -> bool:
    """The holder is the next to speak, soon after the spurt's end."""
    spurt = spurts[place]
    later = (spurts[at] for at in range(place + 1, len(spurts)))
    following = next((other for other in later if other.start_s > spurt.start_s), None)
    return (
        following is not None
        and following.speaker == holder.speaker
        and following.start_s - spurt.end_s <= rules.resume_s
    )


def answers(spurt: Spurt, holder: Spurt) -> bool:
    """A "yes" at the end of a question is an answer, not a backchannel."""
    asked = [word for word in holder.words if word.start_s < spurt.start_s]
    return bool(asked) and clauses(holder.words)[-1].asks and holder.end_s - spurt.start_s < 1.0


def find_pauses(units: Sequence[Unit], turns: Sequence[Turn], music: Sequence[Span]) -> list[Pause]:
    """Mutual silences between units; those over `TurnRules.lapse_s` are dead air, or a hold with music in it.

    What comes before the first and after the last word is not the conversation's silence and left out.
    """
    rules = TurnRules()
    floor = [turn for turn in turns if not turn.inserted]
    return [
        _pause(before, after, floor, music, rules)
        for before, after in _mutual_silences(units)
        if after.start_s - before.end_s >= rules.pause_s
    ]


def _mutual_silences(units: Sequence[Unit]) -> list[tuple[Unit, Unit]]:
    """Pairs of the unit that ended last before a silence and the one that ends it."""
    ordered = sorted(units, key=lambda unit: unit.start_s)
    found = []
    last = ordered[0] if ordered else None
    for unit in ordered[1:]:
        if unit.start_s > last.end_s:
            found.append((last, unit))
        if unit.end_s > last.end_s:
            last = unit
    return found


def _pause(before: Unit, after: Unit, floor: Sequence[Turn], music: Sequence[Span], rules: TurnRules) -> Pause:
    start_s, end_s = before.end_s, after.start_s
    with_music = _covered_s(start_s, end_s, music) >= 0.5 * (end_s - start_s)
    if end_s - start_s >= rules.lapse_s:
        kind = "hold" if with_music else "dead_air"
    else:
        kind = "pause" if any(turn.start_s < start_s and end_s < turn.end_s for turn in floor) else "gap"
    return Pause(start_s, end_s, kind, before.speaker, after.speaker, music=with_music)


def _covered_s(start_s: float, end_s: float, spans: Sequence[Span]) -> float:
    return sum(max(0.0, min(end_s, span.end_s) - max(start_s, span.start_s)) for span in spans)


def floor_transfers(turns: Sequence[Turn]) -> list[tuple[Turn, Turn, float]]:
    """Each exchange as (who had the floor, who took it, offset in seconds; negative = overlap).

    Inserted turns transfer nothing. Source: Stivers et al. (2009), PNAS 106.
    """
    floor = [turn for turn in turns if not turn.inserted]
    return [
        (before, after, round(after.start_s - before.end_s, 3))
        for before, after in pairwise(floor)
        if before.speaker != after.speaker
    ]


def ends_asking(turn: Turn) -> bool:
    """Whether the turn's last sentence is a question, as its acts tell."""
    last_s = max((act.end_s for act in turn.acts if act.kind == "question"), default=-_LAST_SENTENCE_S)
    return turn.end_s - last_s < _LAST_SENTENCE_S


def endings(turns: Sequence[Turn], speaker: str) -> dict[bool, dict[str, int]]:
    """How often the speaker's pitch ends in a rise, level, or in a fall, over turns that took the floor.

    Apart for turns that end asking (True) and for others (False): a question may rise in any way of speaking. A
    description; final rises are driven by task and role and are no fault (Ladd 1996).
    """
    counts = {asks: dict.fromkeys(("rise", "level", "fall"), 0) for asks in (False, True)}
    for turn in turns:
        if turn.speaker == speaker and not turn.inserted and turn.inflection:
            counts[ends_asking(turn)][turn.inflection] += 1
    return counts
