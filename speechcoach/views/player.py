"""What the report's player needs from the signal: the audio as MP3, peaks and contours.

Conventions: `samples` is float32 `[channels, n]` in -1..1. Columns travel to the browser as base64 of
one byte a point, because that is a quarter of the same column in JSON. In a contour -128 means
"nothing here". The browser does not play the MP3 itself: a seek inside an MP3 is an estimate (0.15 s
off in a call of one minute, 0.5 s in one of ten), whereas decoding it whole is exact to the sample.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
import soundfile as sf

from speechcoach.records import Frames, Turn, Unit

EMBED_LIMIT_S = 600.0  # about 1.7 MB of MP3; beyond that a page grows unwieldy, and a sidecar is better
MP3_RATES_HZ = (8000, 11025, 12000, 16000)
RESAMPLED_HZ = 16000
MAX_POINTS = 60_000  # a column: every 10 ms up to ten minutes of call, coarser beyond
PITCH_STEP_ST = 0.2
LEVEL_STEP_DB = 0.5
NOTHING = -128
SMOOTHING_S = 0.15


def mp3(samples: np.ndarray, rate_hz: int, block_s: float = 5.0) -> tuple[bytes, int, int]:
    """Encode as MP3 with a variable rate.

    Returns the file, its sample rate, and the number of samples that the decoder must give back.
    """
    if rate_hz not in MP3_RATES_HZ:
        import soxr

        samples = soxr.resample(np.ascontiguousarray(samples.T), rate_hz, RESAMPLED_HZ).T
        rate_hz = RESAMPLED_HZ
    samples = np.clip(np.nan_to_num(samples), -1.0, 1.0)
    channels, n = samples.shape
    step = max(1, int(block_s * rate_hz))
    out = io.BytesIO()
    options = {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": "VARIABLE", "compression_level": 0.7}
    with sf.SoundFile(out, "w", samplerate=rate_hz, channels=channels, **options) as file:
        for start in range(0, n, step):  # in blocks: minutes in one call have crashed the encoder
            file.write(samples[:, start : start + step].T)
    return out.getvalue(), rate_hz, n


def peaks(samples: np.ndarray, rate_hz: int) -> list[str]:
    """Largest absolute value per bin, one column a channel, 0-127, on one scale for all channels.

    Drawn with a power of 0.7, so that the quiet side of a call is not a flat line.
    """
    channels, n = samples.shape
    size = max(1, -(-n // MAX_POINTS), rate_hz // 100)
    bins = -(-n // size)
    padded = np.zeros((channels, bins * size), np.float32)
    padded[:, :n] = np.abs(np.nan_to_num(samples))
    tops = padded.reshape(channels, bins, size).max(axis=2)
    loudest = max(float(tops.max(initial=0.0)), 1e-4)
    return [_packed(np.round((row / loudest) ** 0.7 * 127)) for row in tops]


def contours(
    frames: Frames, roles: dict[str, int], spoken: Sequence[Unit | Turn], medians_hz: dict[str, float | None]
) -> dict[str, dict]:
    """Pitch (st re the speaker's median) and level (dB re their median) of each speaker, for the lanes.

    Two speakers on one channel are told apart by what they have `spoken`.
    """
    shared = len(set(roles.values())) < len(roles)
    found = {}
    for speaker, channel in roles.items():
        f0_hz, level_db, active = (np.atleast_2d(c) for c in (frames.f0_hz, frames.level_db, frames.active))
        if channel >= f0_hz.shape[0]:
            continue
        own = active[channel].astype(bool)
        if shared:
            own = own & _inside(frames.time_s, [part for part in spoken if part.speaker == speaker])
        pitch_hz = np.where(own, f0_hz[channel], np.nan)
        level = np.where(own, _smoothed(level_db[channel], frames.hop_s), np.nan)
        median_hz = medians_hz.get(speaker) or _median(pitch_hz)
        with np.errstate(divide="ignore", invalid="ignore"):
            pitch_st = 12 * np.log2(pitch_hz / median_hz) if median_hz else np.full_like(pitch_hz, np.nan)
        merge = max(1, -(-len(level) // MAX_POINTS))
        found[speaker] = {
            "hop_s": frames.hop_s * merge,
            "start_s": float(frames.time_s[0]) if len(frames.time_s) else 0.0,
            "pitch": _packed(_merged(pitch_st, merge) / PITCH_STEP_ST),
            "level": _packed(_merged(level - (_median(level) or 0.0), merge) / LEVEL_STEP_DB),
        }
    return found


def _smoothed(level_db: np.ndarray, hop_s: float) -> np.ndarray:
    """Mean energy around each frame: a contour of syllables, where single frames would draw a fence."""
    size = max(1, round(SMOOTHING_S / hop_s))
    energy = 10 ** (np.nan_to_num(level_db.astype(np.float64), nan=-120.0, neginf=-120.0) / 10)
    mean = np.convolve(energy, np.full(size, 1 / size), "same")[: len(energy)]
    return 10 * np.log10(np.maximum(mean, 1e-12))


def _median(column: np.ndarray) -> float | None:
    known = column[np.isfinite(column)]
    return float(np.median(known)) if known.size else None


def _inside(time_s: np.ndarray, spoken: Sequence[Unit | Turn]) -> np.ndarray:
    inside = np.zeros(len(time_s), bool)
    for part in spoken:
        a, b = np.searchsorted(time_s, (part.start_s, part.end_s))
        inside[a:b] = True
    return inside


def _merged(column: np.ndarray, size: int) -> np.ndarray:
    """Every `size` points become one: the first that is known, so a contour keeps its true values."""
    if size == 1:
        return column
    rows = np.full(-(-len(column) // size) * size, np.nan, np.float64)
    rows[: len(column)] = column
    rows = rows.reshape(-1, size)
    return rows[np.arange(len(rows)), np.isfinite(rows).argmax(axis=1)]


def _packed(column: np.ndarray) -> str:
    whole = np.where(np.isfinite(column), np.clip(np.round(np.nan_to_num(column)), -127, 127), NOTHING)
    return base64.b64encode(whole.astype(np.int8).tobytes()).decode("ascii")
