"""Turns cut into captions that can be read: what WebVTT and SRT share.

A caption holds up to 84 characters, two lines of 42, and 7 s (Netflix, "Timed Text Style Guide: General Requirements").
A turn is cut between words whose times are known; one whose words do not spell its text stays whole. A caption
lasts at least a millisecond: players drop one that has no length. Captions are in order of their start.
"""

from __future__ import annotations

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
    made = [caption for turn in facts.turns for caption in _of_turn(turn, _spoken(facts, turn))]
    for caption in made:
        _lengthen(caption, max(1, milliseconds(facts.call.duration_s)))
    return sorted(made, key=lambda caption: (caption.start_ms, caption.end_ms))


def _spoken(facts: Facts, turn: Turn) -> list[tuple[str, Word]]:
    """The turn's words, where they spell its text."""
    within = [
        word
        for word in facts.words
        if word.speaker == turn.speaker and turn.start_s <= word.start_s and word.end_s <= turn.end_s
    ]
    spoken = [(text, word) for word in within if (text := one_line(word.text))]
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
