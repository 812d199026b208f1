"""One voice in two channels is written once: for the channel in which it is louder.

Conventions: samples are float32 `[n]` at 16 kHz, levels dB re full scale, times seconds of the call. Speech that only
leaks is taken away before a recogniser sees it (`channels`); this is for what was let through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from speechcoach.records import Span, Word
from speechcoach.transcript.engine import RATE_HZ
from speechcoach.transcript.packing import Read

# An echo through a network comes up to half a second later.
LAG_S = 0.5
# How much of the spectrum follows the other side at one lag: see `follows`. Of spans of two made calls, leaks at -30 dB
# through mu-law read .59 and more, through GSM .34 and more, speech that knows nothing of the other .23 at most.
ALIKE = 0.3
# A leak is at least so far below what leaks, and there is none where the other is silent for most of the span.
_BELOW_DB, _SHARED = 10.0, 0.6
_SMEAR_S = 0.001  # how far a line smears a leak around its lag
_SILENT = 1e-10  # -100 dB re full scale
# The same word in both channels: nearer in time than this; in a row of so many it cannot be chance.
_SAME_S, _ROW = 0.6, 3
_FAR_DB = 15.0  # two people on one line differ by less

Level = Callable[[int, Span], float]
"""(channel, span of the call) -> dB re full scale."""


def leaks(channel: int, span: Span, spans: Sequence[Sequence[Span]], read: Read) -> bool:
    """Whether what is heard in `span` is another channel's voice; `spans` is where each channel speaks."""
    others = [other for other in range(len(spans)) if other != channel and _shared(span, spans[other]) >= _SHARED]
    if not others:
        return False
    own = read(channel, span)
    earlier = Span(max(span.start_s - LAG_S, 0.0), span.end_s)
    lead = np.zeros(round((LAG_S - (span.start_s - earlier.start_s)) * RATE_HZ), np.float32)
    return any(follows(own, np.concatenate([lead, read(other, earlier)])) for other in others)


def _shared(span: Span, of: Sequence[Span]) -> float:
    """The share of `span`, and of what an echo may be late, in which another speaks."""
    near = [(max(span.start_s - LAG_S, one.start_s), min(span.end_s, one.end_s)) for one in of]
    return sum(max(end_s - start_s, 0.0) for start_s, end_s in near) / max(span.duration_s, 1e-6)


def follows(own: np.ndarray, other: np.ndarray) -> bool:
    """Whether `own` is only what the other side says, leaking; `other` begins `LAG_S` earlier.

    Both spectra are made white (Knapp & Carter 1976, IEEE Trans. ASSP 24: PHAT), so what counts is in how much of
    the spectrum the other side is the louder in `own`, not how loud it is. Where somebody talks into the other's
    leak, their voice fills the spectrum and nothing follows.
    """
    if level_db(own) > level_db(other) - _BELOW_DB or len(own) < RATE_HZ // 20 or level_db(own) < -100:
        return False
    size = 1 << (len(other) + len(own)).bit_length()
    product = np.fft.rfft(own, size) * np.conj(np.fft.rfft(other, size))
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    product *= (hz > 300) & (hz < 3400)
    kept = np.abs(product) > 0
    product[kept] /= np.abs(product[kept])
    curve = np.fft.irfft(product, size) * size / (2 * kept.sum())
    lag = round(LAG_S * RATE_HZ)
    near = np.concatenate([curve[-lag:], curve[:1]])  # `own` begins later, and the leak up to then
    return _peak_share(near) > ALIKE


def _peak_share(curve: np.ndarray) -> float:
    """Height of the best lag, with what the line smeared around it (root of the energy within 1 ms)."""
    width = 2 * round(_SMEAR_S * RATE_HZ) + 1
    energy = np.convolve(curve.astype(np.float64) ** 2, np.ones(width), mode="same")
    return float(np.sqrt(max(energy.max() - np.median(energy), 0.0)))


def level_db(samples: np.ndarray) -> float:
    """RMS, dB re full scale."""
    return 10 * float(np.log10(np.mean(np.square(samples, dtype=np.float64)) + _SILENT)) if len(samples) else -100.0


def once(words: Sequence[Sequence[Word]], level: Level) -> tuple[tuple[Word, ...], ...]:
    """The words of each channel without those that another channel, louder at that time, has at the same time.

    Three in a row are one voice in two channels. Fewer may be two people who say "bye" together: they are one
    voice where the level differs by more than two people on one line do.
    """
    dropped: set[tuple[int, int]] = set()
    for a in range(len(words)):
        for b in range(a + 1, len(words)):
            for row in _rows(_pairs(words[a], words[b])):
                dropped |= _quieter(row, words, (a, b), level)
    return tuple(
        tuple(word for place, word in enumerate(own) if (channel, place) not in dropped)
        for channel, own in enumerate(words)
    )


def _quieter(
    row: Sequence[tuple[int, int]], words: Sequence[Sequence[Word]], channels: tuple[int, int], level: Level
) -> set[tuple[int, int]]:
    first, last = (
        [words[channel][place] for channel, place in zip(channels, end, strict=True)] for end in (row[0], row[-1])
    )
    span = Span(min(word.start_s for word in first), max(word.end_s for word in last))
    louder_db = level(channels[0], span) - level(channels[1], span)
    if len(row) < _ROW and abs(louder_db) < _FAR_DB:
        return set()
    side = 1 if louder_db >= 0 else 0
    return {(channels[side], pair[side]) for pair in row}


def _pairs(left: Sequence[Word], right: Sequence[Word]) -> list[tuple[int, int]]:
    """Places of the same word at the same time, each word in one pair at most."""
    found: list[tuple[int, int]] = []
    start = 0
    for place, word in enumerate(left):
        while start < len(right) and right[start].start_s < word.start_s - _SAME_S:
            start += 1
        for other in range(max(start, found[-1][1] + 1 if found else 0), len(right)):
            if right[other].start_s > word.start_s + _SAME_S:
                break
            if _plain(right[other].text) == _plain(word.text):
                found.append((place, other))
                break
    return found


def _rows(pairs: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Pairs that follow each other in both channels, one word passed over at most."""
    rows: list[list[tuple[int, int]]] = []
    for pair in pairs:
        near = rows and all(now - before <= 2 for now, before in zip(pair, rows[-1][-1], strict=True))
        rows[-1].append(pair) if near else rows.append([pair])
    return rows


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
