"""Signals with known content: voices, music, tones and noise at 8 kHz, float32 in -1..1."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from speechcoach.channels import Activity, find_activity
from speechcoach.features import extract
from speechcoach.records import Span

RATE_HZ = 8000
PROMPTS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
MUSIC = Path("/usr/share/asterisk/moh")
CALLS = Path(__file__).parents[3] / "shared" / "data" / "calls"
DTMF = [(697, 1209), (770, 1336), (852, 1477), (941, 1336)]


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def noise(seconds: float, level_db: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (10 ** (level_db / 20) * rng.standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def tone(hz: tuple[float, ...], seconds: float, level_db: float = -20.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * f * time) for f in hz)
    return scaled(wave, level_db)


def scaled(wave: np.ndarray, level_db: float) -> np.ndarray:
    return (wave * 10 ** (level_db / 20) / np.sqrt(np.mean(wave**2))).astype(np.float32)


def hum_of_voice(seconds: float, f0_hz: float = 130.0, level_db: float = -20.0, seed: int = 0) -> np.ndarray:
    """A voiced "mm": a gliding, trembling pulse train through one low resonance, with 10 ms ramps."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ)
    glide = 1 - 0.15 * np.linspace(0, 1, count) + 0.01 * np.cumsum(rng.standard_normal(count)) / 90
    phase = 2 * np.pi * np.cumsum(f0_hz * glide) / RATE_HZ
    wave = sum(np.cos(k * phase) / (1 + (k * f0_hz / 500) ** 2) for k in range(1, int(3400 / f0_hz)))
    ramp = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / 80)
    return scaled(wave, level_db) * ramp.astype(np.float32)


def talk(seconds: float, f0_hz: float = 130.0, level_db: float = -20.0, seed: int = 0) -> tuple[np.ndarray, list[Span]]:
    """Phrases of syllables of 90-220 ms, 30-90 ms apart, with pauses of 0.4-1.2 s; and where they are."""
    rng = np.random.default_rng(seed)
    wave, spans, at = silence(seconds), [], 0.5
    while at < seconds - 2.5:
        start = at
        for _ in range(int(rng.integers(3, 8))):
            length = float(rng.uniform(0.09, 0.22))
            pitch = f0_hz * float(rng.uniform(0.85, 1.25))
            bit = hum_of_voice(length, pitch, level_db + float(rng.uniform(-4, 4)), int(rng.integers(1 << 30)))
            place = round(at * RATE_HZ)
            wave[place : place + len(bit)] = bit
            end = at + length
            at = end + float(rng.uniform(0.03, 0.09))
        spans.append(Span(start, end))
        at = end + float(rng.uniform(0.4, 1.2))
    return wave, spans


def chords(seconds: float, level_db: float = -20.0) -> np.ndarray:
    """Four chords of a second each, over and over, each note a decaying string of five partials."""
    notes = [(261.6, 329.6, 392.0), (220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (196.0, 246.9, 293.7)]
    time = np.arange(RATE_HZ) / RATE_HZ
    bars = [
        sum(np.sin(2 * np.pi * k * f * time) / k * np.exp(-1.5 * time) for f in chord for k in range(1, 6))
        for chord in notes
    ]
    wave = np.tile(np.concatenate(bars), int(np.ceil(seconds / 4)))[: round(seconds * RATE_HZ)]
    return scaled(wave, level_db)


def ring(cycles: int, hz: tuple[float, ...], on_s: float, off_s: float) -> np.ndarray:
    return np.concatenate([part for _ in range(cycles) for part in (tone(hz, on_s), silence(off_s))])


def mulaw(samples: np.ndarray) -> np.ndarray:
    """What a telephone line keeps (ITU-T G.711, 256 steps)."""
    squeezed = np.sign(samples) * np.log1p(255 * np.abs(np.clip(samples, -1, 1))) / np.log(256)
    steps = np.round(squeezed * 127) / 127
    return (np.sign(steps) * np.expm1(np.abs(steps) * np.log(256)) / 255).astype(np.float32)


def placed(length_s: float, *parts: tuple[float, np.ndarray]) -> np.ndarray:
    """Silence of a length, with each part added at its time."""
    wave = silence(length_s)
    for at, part in parts:
        start = round(at * RATE_HZ)
        wave[start : start + len(part)] += part[: len(wave) - start]
    return wave


def heard(samples: np.ndarray) -> Activity:
    return find_activity(extract(samples, RATE_HZ), samples)


def seconds(spans) -> float:
    return sum(span.duration_s for span in spans)


def mask(spans, count: int) -> np.ndarray:
    found = np.zeros(count, bool)
    for span in spans:
        found[round(span.start_s * 100) : round(span.end_s * 100)] = True
    return found


def levels(samples: np.ndarray) -> np.ndarray:
    hops = samples[: len(samples) // 80 * 80].reshape(-1, 80)
    return 10 * np.log10(np.mean(hops**2, axis=1) + 1e-12)
