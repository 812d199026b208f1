"""Turns cut into captions that can be read: what WebVTT and SRT share.

A caption holds up to 84 characters, two lines of 42, and 7 s (Netflix, "Timed Text Style Guide: General Requirements").
A turn is cut between words whose times are known; one whose words do not spell its text stays whole. A caption
lasts at least a millisecond: players drop one that has no length. Captions are in order of their start.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from speechcoach.records import Facts, Result, Turn, Word
from speechcoach.views.formats.timeline import NAMES, SPEECH, clamped, milliseconds, one_line

_LONGEST_MS, _MOST_CHARACTERS = 7000, 84
_SENTENCE_END, _LEAST_CHARACTERS = (".", "?", "!", "…", "。", "？", "！"), 20


@dataclass(slots=True)
class Caption:
    """What one speaker says, in milliseconds of the call."""

    start_ms: int
    end_ms: int
    speaker: str
    words: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return NAMES.get(self.speaker, self.speaker)

    @property
    def text(self) -> str:
        return " ".join(self.words)


def captions(result: Result) -> list[Caption]:
    """The captions of every turn, in order; a turn without words has one that says so."""
    facts = clamped(result).facts
    words = {name: _texts(facts, name) for name in {turn.speaker for turn in facts.turns}}
    made = [caption for turn in facts.turns for caption in _of_turn(turn, _spoken(turn, words[turn.speaker]))]
    for caption in made:
        _lengthen(caption, max(1, milliseconds(facts.call.duration_s)))
    return sorted(made, key=lambda caption: (caption.start_ms, caption.end_ms))


def _texts(facts: Facts, speaker: str) -> list[tuple[str, Word]]:
    """The speaker's words that are to be read, in order of their starts."""
    own = ((one_line(word.text), word) for word in facts.words if word.speaker == speaker)
    return sorted((pair for pair in own if pair[0]), key=_start_s)


def _start_s(pair: tuple[str, Word]) -> float:
    return pair[1].start_s


def _spoken(turn: Turn, words: list[tuple[str, Word]]) -> list[tuple[str, Word]]:
    """The turn's words, where they spell its text."""
    first, last = bisect_left(words, turn.start_s, key=_start_s), bisect_right(words, turn.end_s, key=_start_s)
    spoken = [(text, word) for text, word in words[first:last] if word.end_s <= turn.end_s]
    return spoken if " ".join(text for text, _ in spoken) == one_line(turn.text) else []


def _of_turn(turn: Turn, spoken: list[tuple[str, Word]]) -> list[Caption]:
    whole = Caption(milliseconds(turn.start_s), milliseconds(turn.end_s), turn.speaker)
    if not spoken:
        whole.words.append(one_line(turn.text) or SPEECH)
        return [whole]
    made: list[Caption] = []
    for text, word in spoken:
        start_ms, end_ms = milliseconds(word.start_s), milliseconds(word.end_s)
        if not made or _is_full(made[-1], text, end_ms):
            made.append(Caption(start_ms, end_ms, turn.speaker))
        made[-1].words.append(text)
        made[-1].end_ms = max(end_ms, made[-1].end_ms)
    made[0].start_ms, made[-1].end_ms = whole.start_ms, max(whole.end_ms, made[-1].end_ms)
    return made


def _is_full(caption: Caption, text: str, end_ms: int) -> bool:
    length = len(caption.text)
    ends = caption.words[-1].endswith(_SENTENCE_END) and length >= _LEAST_CHARACTERS
    return ends or length + 1 + len(text) > _MOST_CHARACTERS or end_ms - caption.start_ms > _LONGEST_MS


def _lengthen(caption: Caption, last_ms: int) -> None:
    caption.end_ms = min(max(caption.end_ms, caption.start_ms + 1), last_ms)
    caption.start_ms = min(caption.start_ms, caption.end_ms - 1)
