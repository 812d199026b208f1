"""What happens between the turns, from where they were really placed: overlaps, silences, hold music."""

from dataclasses import dataclass
from itertools import combinations

from maker.problems import SampleError
from maker.timeline import PlacedTurn

SILENCE_S = 1.0
SILENT_CUT_S = 0.15
MUSIC_AFTER_S, MUSIC_BEFORE_S = 0.5, 0.3


@dataclass(frozen=True)
class Overlap:
    """Two turns sounding at once; `turns` are their indices, the one that started first before the other.

    A silent interruption is an overlap of no length, at the cut.
    """

    start_s: float
    end_s: float
    turns: tuple[int, int]
    kind: str


@dataclass(frozen=True)
class Silence:
    """Nobody is heard; `turn` is the index of the turn that ends it."""

    start_s: float
    end_s: float
    turn: int
    kind: str
    announced: bool | None


def overlaps(turns: list[PlacedTurn]) -> list[Overlap]:
    """Every overlap with the kind that the script gives it.

    Raises
    ------
    SampleError
        where the script names a kind and nothing overlaps, or something overlaps and has no kind.
    """
    in_order = sorted(range(len(turns)), key=lambda index: turns[index].start_s)
    pairs = (_overlap(turns, first, second) for first, second in combinations(in_order, 2))
    found = [overlap for overlap in pairs if overlap]
    _check_kinds(turns, found)
    return sorted(found, key=lambda overlap: overlap.start_s)


def silences(turns: list[PlacedTurn]) -> list[Silence]:
    """Every stretch of at least one second in which nobody speaks, between the first and last words."""
    spans = sorted((*span, index) for index, turn in enumerate(turns) for span in turn.sounding_spans)
    found = []
    heard_until_s = spans[0][1]
    for start_s, end_s, index in spans:
        if start_s - heard_until_s >= SILENCE_S:
            script = turns[index].script
            found.append(Silence(heard_until_s, start_s, index, script.silence or "gap", script.announced))
        heard_until_s = max(heard_until_s, end_s)
    return found


def music_spans(turns: list[PlacedTurn]) -> list[tuple[float, float]]:
    """Where hold music plays: inside the silences whose ending turn asks for it."""
    return [
        (silence.start_s + MUSIC_AFTER_S, silence.end_s - MUSIC_BEFORE_S)
        for silence in silences(turns)
        if turns[silence.turn].script.music
    ]


def _overlap(turns: list[PlacedTurn], first: int, second: int) -> Overlap | None:
    kind = turns[second].script.overlap
    shared = [
        (max(a_start, b_start), min(a_end, b_end))
        for a_start, a_end in turns[first].sounding_spans
        for b_start, b_end in turns[second].sounding_spans
        if min(a_end, b_end) > max(a_start, b_start)
    ]
    if shared:
        return Overlap(shared[0][0], shared[-1][1], (first, second), kind)
    if kind == "silent_interruption" and 0 <= turns[second].start_s - turns[first].end_s <= SILENT_CUT_S:
        return Overlap(turns[first].end_s, turns[first].end_s, (first, second), kind)
    return None


def _check_kinds(turns: list[PlacedTurn], found: list[Overlap]) -> None:
    overlapping = {overlap.turns[1] for overlap in found}
    for index, turn in enumerate(turns):
        if bool(turn.script.overlap) != (index in overlapping):
            stated = turn.script.overlap or "none"
            raise SampleError(f"{turn.script.say!r}: stated overlap {stated!r}, but the audio says otherwise")
