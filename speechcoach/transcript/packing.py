"""Spans of speech packed into windows for a recogniser, and its words brought back onto the call's clock.

Conventions: a `Piece` keeps both clocks: `span` in seconds of the call, `at_s` in seconds of the window.
Pieces stand in order of time, as far apart as they were and .6 s at most, the rest being digital silence; a window
is 30 s at most. A word goes back by its peak, into one piece, and never leaves it: a word said in no span does not
exist.

Only the copy that the recogniser reads is cut and joined; the call's own clock is what goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from speechcoach.records import Span
from speechcoach.transcript.engine import RATE_HZ, WINDOW_S, Heard

# .6 s, as Whisper got stuck or skipped words at .3 s where there had been more, and left the end unread at 1 s.
SILENCE_S = 0.6
# Shorter windows would waste less, and lose context: at 15 s a word more in a hundred was wrong.
_SHORTEST_S, _STEP_S = 28.0, 0.5
# Speech no longer than this, with nothing of the same speaker around it, is an answer or a listener's token, or two.
ALONE_S, TOGETHER_S = 1.0, 1.6
# What is read around a piece; with it one word less in a hundred was wrong in made calls.
AROUND_S = 0.15
# A span longer than a window is cut where it is quietest, in the last sixth of the window.
_CUT_SHARE = 1 / 6
_CUT_FRAME_S = 0.1
# A first word this near to its span's start began with the span, and a last one ended with it.
SNAP_S = 0.5

Read = Callable[[int, Span], np.ndarray]
"""(channel, span of the call) -> float32 `[n]` at 16 kHz."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of the call, and where it starts in its window."""

    span: Span
    at_s: float

    @property
    def end_s(self) -> float:
        return self.at_s + self.span.duration_s


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces of one channel that are recognised together."""

    channel: int
    pieces: tuple[Piece, ...]

    @property
    def duration_s(self) -> float:
        return self.pieces[-1].end_s

    @property
    def speech_s(self) -> float:
        return sum(piece.span.duration_s for piece in self.pieces)


def pack(spans: Sequence[Sequence[Span]], read: Read, longest_s: float = WINDOW_S) -> list[Window]:
    """Windows of at most `longest_s` that hold every span (a list a channel) once, in order of time.

    Audio is read only to cut a span. All windows are encoded as long as the longest, so the length is chosen that
    costs least in all.
    """
    parts = [
        [part for span in sorted(of) for part in _parts(span, where, read, longest_s)] for where, of in _each(spans)
    ]
    least_s = max((part.duration_s for of in parts for part in of), default=0.0)
    lengths = np.arange(longest_s, max(min(_SHORTEST_S, longest_s), least_s) - _STEP_S / 2, -_STEP_S)
    tried = [_windows(parts, max(float(length_s), least_s)) for length_s in lengths]
    cheapest = min(tried, key=lambda windows: len(windows) * max((w.duration_s for w in windows), default=0.0))
    return sorted(cheapest, key=lambda window: window.pieces[0].span)


def _each(spans: Sequence[Sequence[Span]]) -> list[tuple[int, list[Span]]]:
    return [(channel, [span for span in of if span.duration_s > 0]) for channel, of in enumerate(spans)]


def _windows(parts: Sequence[Sequence[Span]], longest_s: float) -> list[Window]:
    return [window for channel, of in enumerate(parts) for window in _filled(of, channel, longest_s)]


def _filled(parts: Sequence[Span], channel: int, longest_s: float) -> Iterator[Window]:
    pieces: list[Piece] = []
    for span in parts:
        at_s = pieces[-1].end_s + min(span.start_s - pieces[-1].span.end_s, SILENCE_S) if pieces else 0.0
        if pieces and at_s + span.duration_s > longest_s:
            yield Window(channel, tuple(pieces))
            pieces, at_s = [], 0.0
        pieces.append(Piece(span, at_s))
    if pieces:
        yield Window(channel, tuple(pieces))


def apart(spans: Sequence[Span]) -> tuple[list[Span], list[tuple[Span, ...]]]:
    """Of one channel: the spans that belong to longer speech, and groups of short ones with nothing within .6 s."""
    groups: list[list[Span]] = []
    for span in sorted(span for span in spans if span.duration_s > 0):
        if groups and span.start_s - groups[-1][-1].end_s < SILENCE_S:
            groups[-1].append(span)
        else:
            groups.append([span])
    short = [is_short(group) for group in groups]
    within = [span for group, alone in zip(groups, short, strict=True) if not alone for span in group]
    return within, [tuple(group) for group, alone in zip(groups, short, strict=True) if alone]


def is_short(group: Sequence[Span]) -> bool:
    """Whether there is room for no more than an answer, in all and in each span."""
    return group[-1].end_s - group[0].start_s <= TOGETHER_S and all(span.duration_s <= ALONE_S for span in group)


def samples(window: Window, read: Read) -> np.ndarray:
    """What the recogniser reads: float32 `[n]` at 16 kHz, the pieces where they stand, with what is faint around them.

    Up to .15 s before and after a piece is read with it, and all that lies between two that are as far apart as they
    were: words begin and fade below what counts as speech.
    """
    out = np.zeros(min(round((window.duration_s + AROUND_S) * RATE_HZ), round(WINDOW_S * RATE_HZ)), np.float32)
    for piece, (before_s, after_s) in zip(window.pieces, _around(window.pieces), strict=True):
        heard = read(window.channel, Span(piece.span.start_s - before_s, piece.span.end_s + after_s))
        start = round((piece.at_s - before_s) * RATE_HZ)
        stop = min(start + len(heard), len(out))
        out[start:stop] = heard[: stop - start]
    return out


def _around(pieces: Sequence[Piece]) -> list[tuple[float, float]]:
    """Seconds before and after each piece that are read with it."""
    gaps = [b.at_s - a.end_s for a, b in pairwise(pieces)]
    apart_s = [b.span.start_s - a.span.end_s for a, b in pairwise(pieces)]
    whole = [was - gap < 1e-6 for was, gap in zip(apart_s, gaps, strict=True)]
    after_s = [gap if own else min(AROUND_S, gap / 2) for gap, own in zip(gaps, whole, strict=True)] + [AROUND_S]
    before_s = [0.0 if own else min(AROUND_S, gap / 2) for gap, own in zip(gaps, whole, strict=True)]
    first_s = min(AROUND_S, pieces[0].at_s, pieces[0].span.start_s)
    return list(zip([first_s, *before_s], after_s, strict=True))


def unpack(window: Window, heard: Sequence[Heard]) -> list[list[Heard]]:
    """The words of each piece, on the call's clock, inside the piece's span."""
    found: list[list[Heard]] = [[] for _ in window.pieces]
    # a word belongs to the piece that holds its peak, or to the nearer of two
    borders = np.array([(a.end_s + b.at_s) / 2 for a, b in zip(window.pieces, window.pieces[1:], strict=False)])
    for word in heard:
        found[int(np.searchsorted(borders, word.peak_s))].append(word)
    return [
        _snapped([_on_call_clock(word, piece) for word in words], piece.span)
        for words, piece in zip(found, window.pieces, strict=True)
    ]


def _on_call_clock(word: Heard, piece: Piece) -> Heard:
    span, shift = piece.span, piece.span.start_s - piece.at_s
    start_s, end_s, peak_s = (
        min(max(t + shift, span.start_s), span.end_s) for t in (word.start_s, word.end_s, word.peak_s)
    )
    return replace(word, start_s=start_s, end_s=end_s, peak_s=peak_s)


def _snapped(words: list[Heard], span: Span) -> list[Heard]:
    if words and words[0].start_s - span.start_s <= SNAP_S:
        words[0] = replace(words[0], start_s=span.start_s)
    if words and span.end_s - words[-1].end_s <= SNAP_S:
        words[-1] = replace(words[-1], end_s=span.end_s)
    return words


def _parts(span: Span, channel: int, read: Read, longest_s: float) -> list[Span]:
    """The span, cut at its quietest places until every part fits a window."""
    parts = []
    while span.duration_s > longest_s:
        latest_s = span.start_s + longest_s
        cut_s = _quietest(Span(latest_s - longest_s * _CUT_SHARE, latest_s), channel, read)
        parts.append(Span(span.start_s, cut_s))
        span = Span(cut_s, span.end_s)
    return [*parts, span]


def _quietest(stretch: Span, channel: int, read: Read) -> float:
    """Middle of the 100 ms with the least energy in `stretch`."""
    heard = np.asarray(read(channel, stretch), np.float64)
    width = round(_CUT_FRAME_S * RATE_HZ)
    if len(heard) < width:
        return stretch.start_s
    total = np.concatenate(([0.0], np.cumsum(heard**2)))
    energy = total[width:] - total[:-width]
    middle = stretch.start_s + (int(np.argmin(energy)) + width / 2) / RATE_HZ
    return min(middle, stretch.end_s)
