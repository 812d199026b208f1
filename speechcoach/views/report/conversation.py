"""The transcript as a conversation: words into turns, backchannels into the turn that they accompany.

A word belongs to the turn of its speaker that it lies in, else to the nearest one within a second,
else it opens a turn of its own: no word of the transcript is dropped.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from speechcoach.records import Facts, Overlap, Turn, Word
from speechcoach.views.report.story import NAMES as CHANNEL_NAMES
from speechcoach.views.report.story import clock, number

NAMES = {**CHANNEL_NAMES, "mixed": "Speaker"}
UNSURE = 0.5  # a recogniser's probability below which a word is marked
NEAR_S = 1.0
SHORT_WORDS = 4  # a turn may open like a backchannel and go on to say something
OVERLAP_NAMES = {
    "interruption": ("I", "Interruption", "cut in, and the other gave way"),
    "butting_in": ("B", "Butting in", "tried to cut in, the other went on"),
    "silent_interruption": ("S", "Silent interruption", "took over in a pause, mid-sentence"),
    "completion": ("C", "Completion", "finished the other's sentence"),
    "backchannel": (
        "m",
        "Backchannel",
        "\N{LEFT DOUBLE QUOTATION MARK}mm-hm\N{RIGHT DOUBLE QUOTATION MARK}: I am listening",
    ),
    "terminal": ("T", "Terminal overlap", "started on the other's last words"),
    "needed": ("N", "Needed", "speaking over was called for"),
    "unclear": ("?", "Unclear", "could not be told apart"),
}


@dataclass
class Line:
    """One speaker's stretch; `pieces` are words, and short remarks of the other in between."""

    speaker: str
    start_s: float
    end_s: float
    turn: Turn | None
    words: list[Word] = field(default_factory=list)
    asides: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(w.text.strip() for w in self.words) or (self.turn.text if self.turn else "")


def lines(facts: Facts) -> list[dict]:
    made = [Line(t.speaker, t.start_s, t.end_s, t) for t in facts.turns]
    _deal_out(facts.words, made)
    made.sort(key=lambda line: (line.start_s, line.end_s))
    top = _fold_asides(made, facts.overlaps)
    return [_shown(line, facts) for line in top]


def _deal_out(words: tuple[Word, ...], made: list[Line]) -> None:
    own: dict[str, list[Line]] = {}
    for line in sorted(made, key=lambda line: line.start_s):
        own.setdefault(line.speaker, []).append(line)
    for word in sorted(words, key=lambda w: w.start_s):
        mine = own.setdefault(word.speaker, [])
        middle = (word.start_s + word.end_s) / 2
        i = bisect_right([line.start_s for line in mine], middle)
        near = min(mine[max(0, i - 1) : i + 1], key=lambda line: _away(line, middle), default=None)
        if near is None or _away(near, middle) > NEAR_S:
            near = Line(word.speaker, word.start_s, word.end_s, None)
            mine.insert(i, near)
            made.append(near)
        near.words.append(word)
        if near.turn is None:
            near.end_s = max(near.end_s, word.end_s)


def _away(line: Line, time_s: float) -> float:
    return max(line.start_s - time_s, time_s - line.end_s, 0.0)


def _fold_asides(made: list[Line], overlaps: tuple[Overlap, ...]) -> list[Line]:
    top: list[Line] = []
    for line in made:
        host = next(
            (h for h in reversed(top[-4:]) if h.speaker != line.speaker and h.start_s < line.start_s < h.end_s), None
        )
        if host is not None and _is_backchannel(line, overlaps):
            host.asides.append(line)
        else:
            top.append(line)
    return top


def _is_backchannel(line: Line, overlaps: tuple[Overlap, ...]) -> bool:
    kinds = {o.kind for o in _starting_with(line, overlaps)} or {a.kind for a in (line.turn.acts if line.turn else ())}
    return "backchannel" in kinds and len(line.text.split()) <= SHORT_WORDS


def _starting_with(line: Line, overlaps: tuple[Overlap, ...]) -> list[Overlap]:
    return [o for o in overlaps if o.by == line.speaker and abs(o.start_s - line.start_s) <= 0.25]


def _shown(line: Line, facts: Facts) -> dict:
    spans = [(o.start_s, o.end_s) for o in facts.overlaps if o.kind != "backchannel" and o.end_s > o.start_s]
    pieces: list[dict] = []
    asides = list(line.asides)
    for word in line.words:
        while asides and asides[0].start_s <= word.start_s:
            pieces.append(_aside(asides.pop(0)))
        middle = (word.start_s + word.end_s) / 2
        unsure = word.probability is not None and word.probability < UNSURE
        pieces.append(
            {
                "text": word.text.strip(),
                "start_s": word.start_s,
                "end_s": word.end_s,
                "unsure": f"{100 * word.probability:.0f}" if unsure else None,
                "over": any(a <= middle <= b for a, b in spans),
            }
        )
    if not line.words and line.text:
        pieces.append({"text": line.text, "start_s": line.start_s, "end_s": line.end_s, "unsure": None, "over": False})
    pieces += [_aside(aside) for aside in asides]
    return {
        "speaker": line.speaker,
        "who": NAMES.get(line.speaker, line.speaker),
        "start_s": line.start_s,
        "end_s": line.end_s,
        "at": clock(line.start_s),
        "pieces": pieces,
        "small": _is_backchannel(line, facts.overlaps),
        "marks": [
            {"letter": letter, "name": name, "means": means, "kind": o.kind, "at_s": o.start_s, "why": o.why}
            for o in _starting_with(line, facts.overlaps)
            for letter, name, means in [OVERLAP_NAMES.get(o.kind, OVERLAP_NAMES["unclear"])]
        ],
        "voice": _voice(line.turn),
    }


def _aside(line: Line) -> dict:
    who = NAMES.get(line.speaker, line.speaker)
    return {
        "aside": line.text or "\N{HORIZONTAL ELLIPSIS}",
        "who": who,
        "speaker": line.speaker,
        "start_s": line.start_s,
        "end_s": line.end_s,
    }


def _voice(turn: Turn | None) -> str:
    if turn is None:
        return ""
    parts = [number(turn.end_s - turn.start_s, "s")]
    if turn.articulation_sps is not None:
        parts.append(number(turn.articulation_sps, "syll/s"))
    if turn.pitch_range_st is not None:
        parts.append("pitch range " + number(turn.pitch_range_st, "st"))
    if turn.level_db is not None:
        parts.append("level " + number(turn.level_db, "dB", 0))
    if turn.inflection:
        parts.append({"rise": "ends rising", "fall": "ends falling", "level": "ends level"}[turn.inflection])
    return " \N{MIDDLE DOT} ".join(parts)
