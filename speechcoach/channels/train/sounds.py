"""Noises, tones and tunes that a telephone line may carry, made: what is no speech.

Conventions: everything is float32 `[n]` at 8 kHz with a mean square of about one, drawn from a generator.
"""

from __future__ import annotations

import numpy as np

RATE_HZ = 8_000
# Supervisory tones of many countries (ITU-T E.180): Hz together, and seconds on and off.
CALL_TONES = (
    ((440, 480), (2.0, 4.0)), ((425,), (1.0, 4.0)), ((425,), (1.0, 5.0)), ((400, 450), (0.4, 0.2, 0.4, 2.0)),
    ((440,), (1.5, 3.5)), ((400,), (1.0, 2.0)), ((450,), (1.0, 4.0)), ((425,), (1.5, 3.0)), ((440,), (1.0, 4.0)),
    ((480, 620), (0.5, 0.5)), ((480, 620), (0.25, 0.25)), ((425,), (0.5, 0.5)), ((425,), (0.25, 0.25)),
    ((400,), (0.375, 0.375)), ((440,), (0.5, 0.5)), ((425,), (0.2, 0.2)), ((425,), (0.48, 0.48)),
    ((350, 440), (9.0,)), ((425,), (9.0,)), ((440,), (9.0,)), ((350, 450), (9.0,)), ((400,), (9.0,)),
    ((1400,), (0.5, 8.0)), ((440,), (0.3, 10.0)), ((1004,), (9.0,)), ((2100,), (3.0, 1.0)), ((1100,), (0.5, 3.0)),
    ((425,), (0.33, 0.33)), ((440, 480), (1.0, 3.0)), ((400, 425), (0.4, 0.2, 0.4, 2.0)), ((2600,), (1.0, 1.0)),
)  # fmt: skip
INFORMATION = (950.0, 1400.0, 1800.0)  # one after the other, a third of a second each
KEYPAD = ((697, 770, 852, 941), (1209, 1336, 1477, 1633))


def coloured(count: int, slope_db_oct: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise whose spectrum falls by so much an octave."""
    hz = np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 30.0)
    spectrum = np.fft.rfft(rng.standard_normal(count)) * (hz / 1000) ** (-slope_db_oct / 6.02)
    return levelled(np.fft.irfft(spectrum, count))


def shaped(count: int, rng: np.random.Generator) -> np.ndarray:
    """Noise with a few humps, as of a fan, a car or a street."""
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    gain_db = -rng.uniform(0, 9) * np.log2(np.maximum(hz, 60) / 500)
    for _ in range(rng.integers(1, 5)):
        gain_db = gain_db + rng.uniform(-6, 18) * np.exp(
            -0.5 * ((hz - rng.uniform(80, 3500)) / rng.uniform(30, 400)) ** 2
        )
    return levelled(np.fft.irfft(np.fft.rfft(rng.standard_normal(count)) * 10 ** (gain_db / 20), count))


def hum(count: int, rng: np.random.Generator) -> np.ndarray:
    """Mains and its harmonics."""
    time = np.arange(count) / RATE_HZ
    base = rng.choice([50.0, 60.0, 100.0, 120.0])
    return levelled(
        sum(rng.uniform(0, 1) * np.sin(2 * np.pi * k * base * time + k) for k in range(1, rng.integers(2, 12)))
    )


def clicks(count: int, rng: np.random.Generator) -> np.ndarray:
    """Keys, knocks and crackle: bursts of 2-60 ms."""
    wave = np.zeros(count)
    for at in rng.uniform(0, count / RATE_HZ, rng.integers(1, max(2, count // 2000))):
        size = int(RATE_HZ * np.exp(rng.uniform(np.log(0.002), np.log(0.06))))
        burst = (
            rng.standard_normal(size) * np.exp(-np.linspace(0, rng.uniform(2, 8), size)) * np.exp(rng.normal(0, 0.7))
        )
        start = int(at * RATE_HZ)
        wave[start : start + size] += np.convolve(burst, np.ones(rng.integers(1, 6)), "same")[: count - start]
    return levelled(wave)


def breath(rng: np.random.Generator) -> np.ndarray:
    """A breath or puff of 0.1-0.7 s."""
    count = int(rng.uniform(0.1, 0.7) * RATE_HZ)
    return coloured(count, rng.uniform(-3, 6), rng) * np.hanning(count).astype(np.float32)


def call_tone(count: int, rng: np.random.Generator) -> np.ndarray:
    """Ring-back, busy, dial and other tones in their cadence, from a random place of it."""
    lines, cadence = CALL_TONES[rng.integers(len(CALL_TONES))]
    stretch = rng.uniform(0.9, 1.1)
    sound = _lines(count, [hz * rng.uniform(0.97, 1.03) for hz in lines], rng)
    if rng.random() < 0.15 and len(lines) == 1:  # modulated, as in Britain's and India's exchanges
        sound *= (1 + 0.8 * np.sin(2 * np.pi * rng.choice([16.7, 25, 50]) * np.arange(count) / RATE_HZ)) / 1.3
    gate = np.zeros(count, np.float32)
    at, on = -rng.uniform(0, 1.0) * RATE_HZ, True
    place = 0
    while at < count:
        size = cadence[place % len(cadence)] * stretch * RATE_HZ
        if on:
            gate[max(0, int(at)) : max(0, int(at + size))] = 1
        at, place = at + size, place + 1
        on = not on if len(cadence) > 1 else True
    return (sound * gate).astype(np.float32)


def keys(count: int, rng: np.random.Generator) -> np.ndarray:
    """Keys of a keypad, pressed 50-400 ms each."""
    wave = np.zeros(count, np.float32)
    at = 0
    quick, pause = rng.uniform(0.05, 0.25), rng.uniform(0.05, 0.8)
    while at < count:
        size = int(RATE_HZ * quick * rng.uniform(0.8, 1.6))
        pair = [row[rng.integers(4)] * rng.uniform(0.985, 1.015) for row in KEYPAD]
        bit = _lines(size, pair, rng)[: count - at]
        wave[at : at + size] = bit
        at += size + int(RATE_HZ * pause * rng.uniform(0.5, 2))
    return wave


def signals(count: int, rng: np.random.Generator) -> np.ndarray:
    """Special information tones, beeps, chirps, alarms."""
    wave = np.zeros(count, np.float32)
    at = 0
    beep_s, gap_s = rng.uniform(0.05, 0.6), rng.uniform(0.05, 3.0)
    special, sweep = rng.random() < 0.25, rng.random() < 0.2
    hz = rng.uniform(300, 3000)
    while at < count:
        for line in INFORMATION if special else (hz,):
            size = int(RATE_HZ * (0.33 if special else beep_s))
            end = line * np.exp(rng.uniform(-0.7, 0.7)) if sweep else line
            phase = 2 * np.pi * np.cumsum(np.linspace(line, end, size)) / RATE_HZ
            bit = np.sin(phase) * _ramps(size)
            wave[at : at + size] = bit[: max(0, count - at)]
            at += size
        at += int(RATE_HZ * gap_s)
    return wave * np.float32(1.4)


def tune(count: int, rng: np.random.Generator) -> np.ndarray:
    """Notes in a scale, one voice or chords, each with partials that decay, perhaps with a drum."""
    beat_s = rng.uniform(0.12, 1.1)
    scale = np.cumsum(rng.choice([1, 2, 2, 3], 14)) + rng.integers(36, 66)
    decay, partials, vibrato = rng.uniform(0, 6), int(rng.integers(1, 9)), rng.choice([0.0, 0.0, 0.004, 0.01])
    slope, chord = rng.uniform(0.6, 2.0), int(rng.integers(1, 5))
    wave = np.zeros(count + 2 * RATE_HZ)
    at = 0.0
    while at < count:
        size = int(min(RATE_HZ * beat_s * rng.choice([0.5, 1, 1, 2, 4]), 2 * RATE_HZ))
        time = np.arange(size) / RATE_HZ
        for note in rng.choice(scale, chord):
            hz = 440 * 2 ** ((note - 69) / 12)
            phase = 2 * np.pi * hz * time + vibrato * hz * np.sin(2 * np.pi * 5.5 * time)
            keep = [k for k in range(1, partials + 1) if k * hz < 3900]
            bit = sum(np.sin(k * phase) / k**slope for k in keep) if keep else np.zeros(size)
            wave[int(at) : int(at) + size] += bit * np.exp(-decay * time) * _ramps(size) * rng.uniform(0.4, 1)
        if chord > 2 and rng.random() < 0.3:
            wave[int(at) : int(at) + 400] += rng.standard_normal(400) * np.exp(-np.arange(400) / 90)
        at += size if rng.random() < 0.9 else 2 * size
    return levelled(wave[:count])


def _lines(count: int, lines, rng: np.random.Generator) -> np.ndarray:
    time = np.arange(count) / RATE_HZ
    wave = sum(10 ** (rng.uniform(-2, 2) / 20) * np.sin(2 * np.pi * hz * time + rng.uniform(0, 6)) for hz in lines)
    return (wave * np.sqrt(2 / len(lines)) * _ramps(count)).astype(np.float32)


def _ramps(count: int, size: int = 40) -> np.ndarray:
    place = np.arange(count)
    return np.minimum(1, (np.minimum(place, place[::-1]) + 1) / size)


def levelled(wave: np.ndarray) -> np.ndarray:
    return (wave / np.sqrt(max(np.mean(np.square(wave)), 1e-12))).astype(np.float32)
