"""Spans of speech packed into windows for a recogniser, and its words brought back onto the call's clock.

Conventions: a `Piece` keeps both clocks: `span` in seconds of the call, `at_s` in seconds of the window.
Pieces stand in order of time, .6 s of silence apart, and a window is 30 s at most. A word goes back by
its peak, into one piece, and never leaves it: a word said in no span does not exist.

Only the copy that the recogniser reads is cut and joined; the call's own clock is what goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from speechcoach.records import Span
from speechcoach.transcript.engine import RATE_HZ, WINDOW_S, Heard

# .6 s, as Whisper got stuck or skipped words at .3 s, and left the end of a window unread at 1 s.
SILENCE_S = 0.6
# A span longer than a window is cut where it is quietest, in the last sixth of the window.
_CUT_SHARE = 1 / 6
_CUT_FRAME_S = 0.1
# A first word this near to its span's start began with the span, and a last one ended with it.
SNAP_S = 0.5
_PAUSE_S = 1.0

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


def pack(spans: Sequence[Span], channel: int, read: Read, longest_s: float = WINDOW_S) -> list[Window]:
    """Windows of at most `longest_s` that hold every span once; audio is read only to cut a span."""
    windows: list[Window] = []
    pieces: list[Piece] = []
    for span in (part for whole in sorted(spans) for part in _parts(whole, channel, read, longest_s)):
        if span.duration_s <= 0:
            continue
        at_s = pieces[-1].end_s + SILENCE_S if pieces else 0.0
        if at_s + span.duration_s > longest_s:
            windows.append(Window(channel, tuple(pieces)))
            pieces, at_s = [], 0.0
        pieces.append(Piece(span, at_s))
    return [*windows, Window(channel, tuple(pieces))] if pieces else windows


def samples(window: Window, read: Read) -> np.ndarray:
    """What the recogniser reads: float32 `[n]` at 16 kHz, the pieces with silence between them."""
    out = np.zeros(round(window.duration_s * RATE_HZ), np.float32)
    for piece in window.pieces:
        heard = read(window.channel, piece.span)
        start = round(piece.at_s * RATE_HZ)
        stop = min(start + len(heard), len(out))
        out[start:stop] = heard[: stop - start]
    return out


def unpack(window: Window, heard: Sequence[Heard]) -> list[list[Heard]]:
    """The words of each piece, on the call's clock, inside the piece's span."""
    found: list[list[Heard]] = [[] for _ in window.pieces]
    # a word belongs to the piece that holds its peak, or to the nearer of two
    borders = np.array([(a.end_s + b.at_s) / 2 for a, b in zip(window.pieces, window.pieces[1:], strict=False)])
    for word in heard:
        found[int(np.searchsorted(borders, word.peak_s))].append(word)
    for words, after, piece, following in zip(found, found[1:], window.pieces, window.pieces[1:], strict=False):
        if len(words) == 1 and after and _leans(words[0], piece, following):
            after.insert(0, words.pop())
    return [
        _snapped([_on_call_clock(word, piece) for word in words], piece.span)
        for words, piece in zip(found, window.pieces, strict=True)
    ]


def _leans(word: Heard, piece: Piece, following: Piece) -> bool:
    """Whether a word alone in its piece, without a mark after it, begins the following piece's sentence.

    Where a piece was not heard ("mm-hmm"), the next sentence's first word is laid over it. Few people
    make a pause of a second after the first word of a sentence.
    """
    return word.text[-1:].isalnum() and following.span.start_s - piece.span.end_s >= _PAUSE_S


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
