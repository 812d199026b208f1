"""Words of a file put into their speaker's speech, so that a word never lies outside it.

Conventions: spans are one channel's speech, in order, never touching. A word with times goes into the span that holds
most of it, or into the nearest within 0.5 s; without times it shares its segment's speech with the segment's other
words, by length. What lies further from any speech is kept out and counted.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from speechcoach.records import Span
from speechcoach.transcript.imports.document import Segment, Spoken, spread

REACH_S = 0.5
# A longer word of a recogniser began before its speech: only its end can be relied on.
_LONGEST_S = 1.0
# How far a pause may be from where lengths put it, to stand at a comma or a full stop
_PAUSED_LETTERS = 8
_LEAST_S = 0.02  # words that start nearer to each other than this share their time


@dataclass(frozen=True, slots=True)
class Placed:
    """A channel's words in order of time, all with times; and how many were kept out, moved and spread."""

    words: tuple[Spoken, ...]
    outside: int
    moved: int
    spread: int


def place(segments: Sequence[Segment], spans: Sequence[Span]) -> Placed:
    """The words of `segments`, all of one channel, inside `spans`."""
    timed = [word for item in segments if item.timed for word in item.words]
    rest = [item for item in segments if not item.timed]
    laid = [(item, _laid(item, spans)) for item in rest]
    inside: dict[int, list[tuple[float, Spoken]]] = {}
    moved = 0
    for word in (*timed, *(word for _, words in laid for word in words)):
        if (at := _span_of(word, spans)) is not None:
            fitted = _fitted(word, spans[at])
            moved += not (word.start_s < spans[at].end_s and word.end_s > spans[at].start_s)
            inside.setdefault(at, []).append((word.start_s, fitted))
    words = tuple(word for at in sorted(inside) for word in _in_turn(inside[at], spans[at]))
    total = sum(len(item.words) for item in segments)
    return Placed(words, total - len(words), moved, sum(len(words) for _, words in laid if len(words) > 1))


def _span_of(word: Spoken, spans: Sequence[Span]) -> int | None:
    """Index of the word's span; None where there is none near."""
    start_s = max(word.start_s, word.end_s - _LONGEST_S)
    near = range(*_near(spans, start_s - REACH_S, word.end_s + REACH_S))
    # below 0 what is shared is the distance
    return max(near, key=lambda at: min(word.end_s, spans[at].end_s) - max(start_s, spans[at].start_s), default=None)


def _near(spans: Sequence[Span], start_s: float, end_s: float) -> tuple[int, int]:
    """First and stop of the spans that touch the stretch."""
    return (
        bisect_left(spans, start_s, key=lambda span: span.end_s),
        bisect_right(spans, end_s, key=lambda span: span.start_s),
    )


def _fitted(word: Spoken, span: Span) -> Spoken:
    """The word inside the span: cut to it, or moved to the edge that it is nearest to."""
    if word.start_s >= span.end_s:
        start_s, end_s = max(span.start_s, span.end_s - (word.end_s - word.start_s)), span.end_s
    elif word.end_s <= span.start_s:
        start_s, end_s = span.start_s, min(span.end_s, span.start_s + (word.end_s - word.start_s))
    else:
        start_s, end_s = max(word.start_s, span.start_s), min(word.end_s, span.end_s)
    return replace(word, start_s=start_s, end_s=max(start_s, end_s))


def _in_turn(pairs: Sequence[tuple[float, Spoken]], span: Span) -> list[Spoken]:
    """Words of one span in the file's order, side by side; words moved to the same instant share the time there."""
    words = [word for _, word in sorted(pairs, key=lambda pair: pair[0])]
    groups: list[list[Spoken]] = []
    for word in words:
        if groups and word.start_s < groups[-1][0].start_s + _LEAST_S:
            groups[-1].append(word)
        else:
            groups.append([word])
    out: list[Spoken] = []
    for group, following in zip(groups, [*groups[1:], None], strict=True):
        end_s = max(word.end_s for word in group)
        end_s = min(end_s, following[0].start_s) if following else min(end_s, span.end_s)
        if len(group) == 1:
            out.append(replace(group[0], end_s=end_s))
        else:
            out += spread(group, group[0].start_s, end_s)
    return out


def _laid(item: Segment, spans: Sequence[Span]) -> list[Spoken]:
    """The segment's words over its speech, each inside one span; [] where it has no speech near."""
    reach_s = 0.0 if _within(spans, item.start_s, item.end_s) else REACH_S
    parts = _within(spans, item.start_s - reach_s, item.end_s + reach_s)
    if not parts:
        return []
    cuts = _cuts(item.words, [part.duration_s for part in parts])
    return [
        word
        for part, first, stop in zip(parts, cuts, cuts[1:], strict=False)
        for word in spread(item.words[first:stop], part.start_s, part.end_s)
    ]


def _cuts(words: Sequence[Spoken], parts_s: Sequence[float]) -> list[int]:
    """Which words fall into which part: by length, and rather after a mark, where people pause."""
    letters = np.cumsum([0, *(len(word.text) for word in words)])
    edges = letters[-1] * np.cumsum(parts_s) / sum(parts_s)
    marked = np.array([False, *(not word.text[-1].isalnum() for word in words)])
    cuts = [0]
    for edge in edges[:-1]:
        misfit = np.abs(letters - edge) - _PAUSED_LETTERS * marked
        cuts.append(max(int(misfit.argmin()), cuts[-1]))
    return [*cuts, len(words)]


def _within(spans: Sequence[Span], start_s: float, end_s: float) -> list[Span]:
    """What of the spans lies in the stretch."""
    first, stop = _near(spans, start_s, end_s)
    parts = [Span(max(span.start_s, start_s), min(span.end_s, end_s)) for span in spans[first:stop]]
    return [part for part in parts if part.duration_s > 0]
