"""A channel's spectrogram as a small PNG: hum, hold music, noise, band limits, a raised voice.

Conventions: power is re a sine at full scale, `[bands, columns]`, lowest band first. The columns share
out the channel's length evenly, so the picture's left edge is its first sample and its right edge its
last, however long the call. Row 0 of the picture is the highest band.

Colours: loud is dark on light paper, as phoneticians print it and Praat shows it. The picture holds
one ink whose opacity grows with the level in dB: it lies on whatever the page's ground is, a dark page
needs only turn the ink over, and lightness alone carries the meaning, for every reader's eyes.
"""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

LIMIT_S = 7200.0  # beyond two hours a column is longer than two seconds, and shows nothing any more
MAX_COLUMNS = 4000  # an hour costs no more bytes than five minutes
BANDS = 64
LOWEST_HZ = 50.0
HIGHEST_HZ = 4000.0  # all that a telephone line carries
LABELLED_HZ = (300, 1000, 3000)
HOP_S = 0.016
RANGE_DB = 70.0  # below loud speech: noise or hum that can be heard lies well inside, a clean line's beneath it
LEVELS = 64  # steps of 1.1 dB; twice as many would not be seen, and cost a fifth more bytes
LOUD_SHARE = 0.05  # of the channel's energy: all that is louder gets the full colour
LEAST_POWER = 1e-7  # nobody speaks below -70 dB: the rounding noise of a muted channel stays pale
BLOCK_FRAMES = 4096  # about a minute; the whole STFT of an hour would take a quarter of a gigabyte
KEY = (
    "which frequencies sound when: {low:g} Hz at the bottom, {high:g} Hz at the top, the stronger the louder. "
    "It reaches {range:g} dB down from each channel's own loud parts, so levels do not compare between channels"
)
INK = (30, 34, 39)  # --ink of the report's light page; inverted it is the dark page's


def picture(samples: np.ndarray, rate_hz: int) -> bytes:
    """Draw one channel.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,), float]
        One channel in -1..1; NaN and infinite samples count as zero.
    rate_hz : int
        Half of it bounds the picture where it is below 4 kHz.

    Returns
    -------
    bytes
        A PNG, `BANDS` high and at most `MAX_COLUMNS` wide. The reference is the channel's own loud
        parts, so gain changes nothing.
    """
    import librosa  # costs seconds, and a report without samples does not need it

    power = _power(np.asarray(samples), rate_hz)
    loud = max(_loud(power.max(axis=0)), LEAST_POWER)
    level_db = librosa.power_to_db(power, ref=loud, amin=loud * 10 ** (-RANGE_DB / 10), top_db=None)
    share = 1 + np.minimum(level_db, 0.0) / RANGE_DB
    return _png(np.round(share[::-1] * (LEVELS - 1)).astype(np.uint8))


def height(frequency_hz: np.ndarray | float, rate_hz: int) -> np.ndarray:
    """Where a frequency lies in the picture: 0 = bottom edge, 1 = top edge; below or above that, outside it."""
    import librosa

    low, at, high = (librosa.hz_to_mel(f) for f in (LOWEST_HZ, frequency_hz, _highest_hz(rate_hz)))
    # Of BANDS + 1 equal steps of mel, band b (from 0) peaks b + 1 up; its row's middle is b + 1/2 up.
    return ((at - low) / (high - low) * (BANDS + 1) - 0.5) / BANDS


def strip(samples: np.ndarray, rate_hz: int) -> dict | None:
    """What the report's timeline needs: a PNG a channel in base64, its length, and labels with their heights.

    `samples` is `[channels, n]`. None for a call that is too long to show anything.
    """
    seconds = samples.shape[1] / rate_hz
    if seconds > LIMIT_S:
        return None
    heights = {f: float(height(f, rate_hz)) for f in LABELLED_HZ if f < _highest_hz(rate_hz)}
    return {
        "seconds": seconds,
        "pictures": [base64.b64encode(picture(row, rate_hz)).decode("ascii") for row in samples],
        "labels": [[f"{f} Hz" if f < 1000 else f"{f / 1000:g} kHz", round(at, 4)] for f, at in heights.items()],
        "key": KEY.format(low=LOWEST_HZ, high=_highest_hz(rate_hz), range=RANGE_DB),
    }


def _highest_hz(rate_hz: int) -> float:
    return min(HIGHEST_HZ, rate_hz / 2)


def _power(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Mean power of each band in each column, `[BANDS, columns]`, in blocks of `BLOCK_FRAMES`.

    Frame k is centred on `(k + 1/2) * hop`, and counts to the column in which its centre lies. Frames
    overlap by half, so that no sample goes unseen in a long call, as it would with a longer hop.
    """
    n, hop = len(samples), max(1, round(HOP_S * rate_hz))
    frames = max(1, -(-n // hop))
    columns = min(MAX_COLUMNS, max(1, n // hop))
    column = np.minimum((2 * np.arange(frames) + 1) * hop * columns // (2 * max(n, 1)), columns - 1)
    total = np.zeros((BANDS, columns))
    for first in range(0, frames, BLOCK_FRAMES):
        here = column[first : first + BLOCK_FRAMES]
        mel = _mel(_stretch(samples, first * hop - hop // 2, (len(here) + 1) * hop), rate_hz, hop)
        starts = np.flatnonzero(np.diff(here, prepend=-1))
        total[:, here[starts]] += np.add.reduceat(mel, starts, axis=1, dtype=np.float64)
    return total / np.bincount(column, minlength=columns)


def _mel(stretch: np.ndarray, rate_hz: int, hop: int) -> np.ndarray:
    import librosa

    power = librosa.feature.melspectrogram(
        y=stretch, sr=rate_hz, n_fft=2 * hop, hop_length=hop, center=False,
        n_mels=BANDS, fmin=LOWEST_HZ, fmax=_highest_hz(rate_hz), norm=None,
    )  # fmt: skip
    return power * (2 / hop) ** 2  # the sum of a Hann window is half its length: a full sine becomes 1


def _stretch(samples: np.ndarray, start: int, length: int) -> np.ndarray:
    """Samples `start` to `start + length`, with zeros where the channel has none."""
    out = np.zeros(length, np.float32)
    a, b = max(start, 0), min(start + length, len(samples))
    out[a - start : b - start] = samples[a:b]
    return np.nan_to_num(out, copy=False, posinf=0.0, neginf=0.0)


def _loud(peaks: np.ndarray) -> float:
    """The power above which `LOUD_SHARE` of the energy lies; a lone click is not that much of a call."""
    peaks = np.sort(peaks)
    energy = np.cumsum(peaks)
    return float(peaks[np.searchsorted(energy, (1 - LOUD_SHARE) * energy[-1])])


def _png(levels: np.ndarray) -> bytes:
    """Eight-bit palette PNG (ISO/IEC 15948) of `levels` `[rows, columns]`, 0 = clear, `LEVELS` - 1 = full ink."""
    rows, columns = levels.shape
    lines = np.full((rows, columns + 1), 2, np.uint8)  # each line starts with its filter, 2 = less the line above
    lines[:, 1:] = np.diff(levels, axis=0, prepend=np.zeros((1, columns), np.uint8))
    opacity = np.round(np.linspace(0, 255, LEVELS)).astype(np.uint8)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">2I5B", columns, rows, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", bytes(INK) * LEVELS),
            _chunk(b"tRNS", opacity.tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
