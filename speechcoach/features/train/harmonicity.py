"""Fit the table that turns the height of the lag curve into a harmonics-to-noise ratio, and write it.

    python -m speechcoach.features.train.harmonicity

Harmonics of a known pitch through the formants of seven vowels, source slopes of 2-12 dB per octave and the
telephone band, plus noise of a known ratio to them within that band: white, shaped like the voice, or like its
formants alone. The height is what `voice_columns` asks for, by definition: magnitudes of a Hann window of 45 ms
in bins of 20 Hz from 90 to 2350 Hz, their cosine transform at the lag of the period over that at lag 0, divided
by the same of the window. A cubic in the height and a line in the octave of F0 are fitted by least squares, and
the cubic is tabled. Deterministic.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from speechcoach.features.frames import HOP, RATE_HZ, Signal

TABLE = Path(__file__).parents[1] / "weights" / "harmonicity.json"
WINDOW = 360
BINS_HZ = 90.0 + 20.0 * np.arange(114)
SEED = 20
VOICES = 1500
SAMPLES = 6000
FORMANTS_HZ = (
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
    (490, 1350, 1690),
    (280, 1200, 2600),
)  # Peterson & Barney 1952, J. Acoust. Soc. Am. 24, and a nasal
BANDWIDTHS_HZ = (80, 110, 170)
LOWEST_HZ, HIGHEST_HZ = 300.0, 3400.0
FITTED_DB = (-3.0, 28.0)
NOISES = ("white", "voice", "formants")


def envelope(hz: np.ndarray, formants_hz: np.ndarray, tilt_db_oct: float) -> np.ndarray:
    """Amplitude of source and vocal tract at each frequency, zero outside the telephone band."""
    gain = (np.maximum(hz, 50.0) / 500.0) ** (-tilt_db_oct / 6.02)
    for formant_hz, width_hz in zip(formants_hz, BANDWIDTHS_HZ, strict=True):
        pole = -width_hz / 2 + 1j * formant_hz
        gain = gain * np.abs(np.abs(pole) ** 2 / ((1j * hz - pole) * (1j * hz - np.conj(pole))))
    return np.where((hz >= LOWEST_HZ) & (hz <= HIGHEST_HZ), gain, 0)


def harmonics(f0_hz: np.ndarray, formants_hz: np.ndarray, tilt_db_oct: float, rng: np.random.Generator) -> np.ndarray:
    """A voice of this F0 at each sample, phases at random."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE_HZ
    grid_hz = np.arange(0, RATE_HZ / 2 + 1, 5.0)
    gain = envelope(grid_hz, formants_hz, tilt_db_oct)
    orders = range(1, int(HIGHEST_HZ / f0_hz.min()) + 1)
    parts = (
        np.interp(order * f0_hz, grid_hz, gain) * np.cos(order * phase + rng.uniform(0, 2 * np.pi)) for order in orders
    )
    return sum(parts)


def noise(kind: str, formants_hz: np.ndarray, tilt_db_oct: float, rng: np.random.Generator) -> np.ndarray:
    """Noise of one of `NOISES`, within the telephone band."""
    hz = np.fft.rfftfreq(SAMPLES, 1 / RATE_HZ)
    shape = envelope(hz, formants_hz, 0.0 if kind == "formants" else tilt_db_oct)
    if kind == "white":
        shape = (shape > 0).astype(float)
    return np.fft.irfft(np.fft.rfft(rng.standard_normal(SAMPLES)) * shape, SAMPLES)


def mixed(hnr_db: float, f0_hz: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A voice and its noise, float32; vowel, size of the tract, tilt and kind of noise at random."""
    formants_hz = np.array(FORMANTS_HZ[rng.integers(len(FORMANTS_HZ))]) * rng.uniform(0.9, 1.2)
    tilt_db_oct = rng.uniform(2, 12)
    voice = harmonics(f0_hz, formants_hz, tilt_db_oct, rng)
    breath = noise(NOISES[rng.integers(len(NOISES))], formants_hz, tilt_db_oct, rng)
    breath *= np.sqrt(np.mean(voice**2) / np.mean(breath**2)) * 10 ** (-hnr_db / 20)
    return (0.1 * (voice + breath) / np.std(voice)).astype(np.float32)


def heights(samples: np.ndarray, f0_hz: np.ndarray) -> np.ndarray:
    """Interpolated height of the lag curve at the known period, hop by hop; hops at the very ends are left out."""
    signal = Signal(samples)
    hops = np.arange(3, signal.frames - 3)
    offset = np.arange(WINDOW) - (WINDOW - 1) / 2
    window = 0.5 + 0.5 * np.cos(2 * np.pi * offset / WINDOW)
    waves = window[:, None] * np.exp(-2j * np.pi * np.outer(offset, BINS_HZ) / RATE_HZ)
    share = np.abs(signal.windows(hops, WINDOW) @ waves)
    share /= share.sum(axis=1, keepdims=True)
    lags = np.round(RATE_HZ / f0_hz[hops * HOP + HOP // 2])[:, None] + np.arange(-3, 4)
    repeats = np.einsum("hb,hlb->hl", share, np.cos(2 * np.pi * lags[:, :, None] * BINS_HZ / RATE_HZ))
    return _top(repeats / (0.5 + 0.5 * np.cos(2 * np.pi * lags / WINDOW)))


def _top(curve: np.ndarray) -> np.ndarray:
    """Height of the highest sample of each row and its neighbours, by a parabola."""
    row, top = np.arange(len(curve)), curve[:, 1:-1].argmax(axis=1) + 1
    left, middle, right = (curve[row, top + side] for side in (-1, 0, 1))
    bend = left - 2 * middle + right
    return np.where(bend < 0, middle - (left - right) ** 2 / (8 * np.where(bend < 0, bend, -1)), middle)


def material(seed: int = SEED, voices: int = VOICES) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ratio in dB, F0 in Hz and mean height of `voices` voices."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(voices):
        hnr_db, middle_hz, glide_st_s = (
            rng.uniform(*FITTED_DB),
            np.exp(rng.uniform(*np.log([75, 400]))),
            rng.uniform(-3, 3),
        )
        f0_hz = middle_hz * 2 ** (glide_st_s * np.arange(SAMPLES) / RATE_HZ / 12)
        rows.append((hnr_db, middle_hz, heights(mixed(hnr_db, f0_hz, rng), f0_hz).mean()))
    return tuple(np.array(rows).T)


def fit(hnr_db: np.ndarray, f0_hz: np.ndarray, height: np.ndarray) -> dict[str, object]:
    """The table at steps of 0.05 of the height where the cubic rises, and the slope in F0."""
    terms = np.stack([np.ones_like(height), height, height**2, height**3, np.log2(f0_hz / 150)], axis=1)
    *cubic, octave = np.linalg.lstsq(terms, hnr_db, rcond=None)[0]
    steps = np.round(np.arange(0, 1.001, 0.05), 2)
    values = np.polynomial.polynomial.polyval(steps, cubic)
    if np.any(np.diff(values) <= 0):
        raise ValueError("the fitted curve does not rise everywhere; look at the material")
    return {"height": steps.tolist(), "hnr_db": values.round(2).tolist(), "db_per_octave": round(float(octave), 2)}


if __name__ == "__main__":
    TABLE.write_text(json.dumps(fit(*material()), indent=1) + "\n", "utf-8")
