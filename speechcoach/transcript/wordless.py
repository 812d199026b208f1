"""Tokens without words, "mm-hmm", "uh", "hm": told by how they sound, because a recogniser knows words only.

Conventions: samples are float32 `[n]` at 16 kHz, read as 8 kHz; frames are 10 ms. A probability is that of a token
without words against a word, 0-1. Nothing here knows a language.

What makes a token wordless is heard: the mouth does not move. So the spectrum under the voice stays where it is from
the first frame to the last, and it lies where the mouth is at rest, near a neutral vowel or a closed mouth (Ward 2006,
Pragmatics & Cognition 14: the sounds of non-lexical tokens; Ward & Tsukahara 2000, J. Pragmatics 32). Measured against
the mean spectrum of the same channel, neither line nor voice counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from speechcoach.records import Span
from speechcoach.transcript.packing import Read

TEXTS = ("mm", "mm-hmm", "uh-huh")
LONGEST_S, SHORTEST_S = 1.0, 0.1
# Own speech of a channel that its mean spectrum is taken of, and how many frames of an average voice go before it.
USUAL_S, PRIOR_FRAMES = 40.0, 100
BANDS, CEPSTRA = 18, 7
_LOW_HZ, _HIGH_HZ = 250.0, 3500.0
_RATE_HZ, _HOP, _WINDOW, _PITCH_WINDOW, _FFT = 8000, 80, 200, 320, 512
_LAGS = (20, 128)  # samples of 8 kHz: 400 to 62 Hz
_VOICED = 0.5  # of the lag curve, 1 being a perfect period
_LOUD_DB, _FLOOR_DB = 25.0, 40.0
_FEWEST_FRAMES = 6
# The mean of made channels of four voices: what a channel with little speech is measured against.
_AVERAGE = (30.5, 9.3, 2.0, -1.6, -1.0, -2.7, 0.0, -5.5)
# Logistic regression, both sorts weighing the same, on 233 spans of up to 1 s of nine made calls, 34 of them tokens.
# Each voice judged by the other three: area under the curve .95; beyond one half are 90 % of the tokens and 9 % of the
# short spans with words, most of these "oh" or part of a sentence. On a call that was kept apart: 92 % and 6 %.
_WEIGHTS = {"movement": -0.283, "fronted": -0.253, "high": -0.4}
_BIAS = 6.25
_LEAST_VOICED = 0.55
_MOST_NUCLEI = 3
_DIP_DB, _SMOOTH = 3.0, 11  # frames, the outer two being 0


@dataclass(frozen=True, slots=True)
class Token:
    """A token without words: as it is written, and how sure it is one."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A span: the shape of the spectrum in its voiced loud frames, and what share of its loud frames these are.

    `shape` is `[frames, CEPSTRA + 1]`: cepstra, and 500-1000 Hz over 250-450 Hz in dB, which is large in an open
    vowel and small with the mouth closed.
    """

    shape: np.ndarray
    voiced_share: float
    nuclei: int


def usual_shape(spans: Sequence[Span], channel: int, read: Read) -> np.ndarray:
    """The mean spectrum of a channel's speech, `[CEPSTRA + 1]`, from the first seconds of its longer spans."""
    total, frames = np.asarray(_AVERAGE) * PRIOR_FRAMES, PRIOR_FRAMES
    for span in sorted(spans):
        if frames - PRIOR_FRAMES >= USUAL_S * 100:
            break
        sound = analysed(read(channel, span)) if span.duration_s > LONGEST_S else None
        if sound is not None:
            total, frames = total + sound.shape.sum(axis=0), frames + len(sound.shape)
    return total / frames


def token_in(samples: np.ndarray, usual: np.ndarray) -> Token | None:
    """The token that all of `samples` may be, float32 `[n]` at 16 kHz; None where it can be none."""
    sound = analysed(samples) if len(samples) >= SHORTEST_S * 2 * _RATE_HZ else None
    return None if sound is None else judged(sound, usual)


def judged(sound: Sound, usual: np.ndarray) -> Token | None:
    """The token that the sound is, or None where it can be none; `usual` is the channel's mean `[CEPSTRA + 1]`."""
    if sound.voiced_share < _LEAST_VOICED or sound.nuclei > _MOST_NUCLEI:
        return None
    evidence = _BIAS + sum(_WEIGHTS[name] * value for name, value in features(sound, usual).items())
    probability = float(1 / (1 + np.exp(-evidence)))
    return Token(_text(sound, usual), probability)


def features(sound: Sound, usual: np.ndarray) -> dict[str, float]:
    """What tells a token from a word: how far the mouth moves, dB, and how far it is from rest."""
    own = (sound.shape - usual)[:, :CEPSTRA]
    return {
        "movement": float(np.sqrt(((own - own.mean(axis=0)) ** 2).sum(axis=1)).mean()),
        "fronted": float(own[:, 1].mean()),
        "high": float(own[:, 3].std()),
    }


def _text(sound: Sound, usual: np.ndarray) -> str:
    """With one syllable it is written "mm" whatever the mouth does: "uh" and "mm" are told apart by their place."""
    closed = sound.shape[:, -1].mean() < usual[-1]
    if sound.nuclei > 1:
        return "mm-hmm" if closed else "uh-huh"
    return "mm"


def analysed(samples: np.ndarray) -> Sound | None:
    """What is heard in the samples, float32 `[n]` at 16 kHz; None where there is hardly any voice in it."""
    half = samples[: len(samples) // 2 * 2].reshape(-1, 2).mean(axis=1)
    if len(half) < _PITCH_WINDOW:
        return None
    bands_db = _bands_db(half)
    level_db = bands_db.max(axis=1)
    loud, voiced = level_db > level_db.max() - _LOUD_DB, _period(half, len(bands_db)) > _VOICED
    if (loud & voiced).sum() < _FEWEST_FRAMES:
        return None
    return Sound(_shape(bands_db[loud & voiced]), float(voiced[loud].mean()), _nuclei(bands_db, loud & voiced))


def _bands_db(half: np.ndarray) -> np.ndarray:
    """Mel bands in dB, `[frames, BANDS]`, a frame every 10 ms centred on its hop."""
    frames = _framed(half, _WINDOW) * np.hanning(_WINDOW)
    return 10 * np.log10(np.abs(np.fft.rfft(frames, _FFT)) ** 2 @ _mel()[0].T + 1e-9)


def _framed(half: np.ndarray, width: int) -> np.ndarray:
    side = (width - _HOP) // 2
    return sliding_window_view(np.pad(half, (side, side + _HOP)), width)[::_HOP][: len(half) // _HOP]


@cache
def _mel() -> tuple[np.ndarray, np.ndarray]:
    """Triangular bands `[BANDS, bins]` and their centres in Hz."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (_LOW_HZ, _HIGH_HZ))
    edges = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    hz = np.fft.rfftfreq(_FFT, 1 / _RATE_HZ)
    parts = zip(edges, edges[1:], edges[2:], strict=False)
    bands = [np.clip(np.minimum((hz - a) / (b - a), (c - hz) / (c - b)), 0, None) for a, b, c in parts]
    return np.array(bands), edges[1:-1]


def _between(low_hz: float, high_hz: float) -> np.ndarray:
    centres = _mel()[1]
    return (centres >= low_hz) & (centres <= high_hz)


def _shape(bands_db: np.ndarray) -> np.ndarray:
    """Orthonormal cosine transform of the bands, without their mean, and the openness: `[frames, CEPSTRA + 1]`."""
    kept = np.maximum(bands_db, bands_db.max(axis=1, keepdims=True) - _FLOOR_DB)
    order = np.arange(1, CEPSTRA + 1)[:, None]
    basis = np.cos(np.pi * order * (np.arange(BANDS) + 0.5) / BANDS) * np.sqrt(2 / BANDS)
    opened = kept[:, _between(500, 1000)].mean(axis=1) - kept[:, _between(250, 450)].mean(axis=1)
    return np.column_stack([kept @ basis.T, opened])


def _period(half: np.ndarray, frames: int) -> np.ndarray:
    """Height of the lag curve's best peak, `[frames]` (Boersma 1993: over the window's own curve)."""
    window = np.hanning(_PITCH_WINDOW)
    curves = _lag_curve(_framed(half, _PITCH_WINDOW)[:frames] * window) / _lag_curve(window[None])
    return curves[:, _LAGS[0] :].max(axis=1)


def _lag_curve(framed: np.ndarray) -> np.ndarray:
    power = np.abs(np.fft.rfft(framed, 2 * _PITCH_WINDOW)) ** 2
    curve = np.fft.irfft(power)[:, : _LAGS[1]]
    return curve / np.maximum(curve[:, :1], 1e-9)


def _nuclei(bands_db: np.ndarray, voiced: np.ndarray) -> int:
    """Peaks of the level, smoothed over 90 ms, with a dip of 3 dB between them; 1 at least."""
    level_db = 10 * np.log10((10 ** (bands_db / 10)).sum(axis=1))
    shape = np.hanning(_SMOOTH) / np.hanning(_SMOOTH).sum()
    smooth = np.convolve(np.pad(level_db, _SMOOTH // 2, mode="edge"), shape, "valid")
    inside = np.flatnonzero(voiced)
    count, high, low = 1, -np.inf, np.inf
    for value in smooth[inside[0] : inside[-1] + 1]:
        if value > low + _DIP_DB and high > low + _DIP_DB:
            count, high, low = count + 1, value, np.inf
        high = max(high, value)
        low = min(low, value) if value < high else np.inf
    return count
