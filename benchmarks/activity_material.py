"""Made channels with known speech to judge activity on, and sounds in which nobody speaks.

Conventions: samples are float32 `[n]` at 8 kHz, masks bool `[hops]` of 10 ms, levels dB. Truth is the energy of each
clean recording: within 35 dB of its loud hops, gaps below 180 ms closed. Recordings that are noisy themselves, or that
linger near that limit, are left out: energy tells no truth of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import conditions
import numpy as np
import soundfile
import soxr

from speechcoach.features import extract
from speechcoach.features.train.material import HELD_OUT, voice_of

PACKAGES = (
    "asterisk-core-sounds-ru-wav", "asterisk-moh-opsound-wav", "ktuberling-data", "klettres-data",
    "tuxpaint-stamps-default",
)  # fmt: skip
RATE_HZ = 8000
HOP = 80
GAP_HOPS = 18
UNDER_LOUD_DB = 35.0
LEAST_RANGE_DB = 30.0  # of a recording: in what is noisier itself energy tells no truth
MOST_VAGUE = 0.35
SILENT_DB = -85.0
SESSION_S = 45.0
SLOPES = {"white": 0.0, "pink": 3.0, "car": 8.0}
CALL_TONES = {
    "ring-back us": ((440, 480), (2, 4)),
    "ring-back eu": ((425,), (1, 4)),
    "ring-back gb": ((400, 450), (0.4, 0.2, 0.4, 2)),
    "ring-back fr": ((440,), (1.5, 3.5)),
    "ring-back jp": ((384, 416), (1, 2)),
    "ring-back in": ((375, 425), (0.4, 0.2, 0.4, 2)),
    "busy us": ((480, 620), (0.5, 0.5)),
    "busy eu": ((425,), (0.5, 0.5)),
    "busy gb": ((400,), (0.375, 0.375)),
    "reorder us": ((480, 620), (0.25, 0.25)),
    "dial us": ((350, 440), (30,)),
    "dial eu": ((425,), (30,)),
}
KEYPAD = ((697, 770, 852, 941), (1209, 1336, 1477, 1633))


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """One voice with pauses, clean: samples at 8 kHz and where it speaks."""

    voice: str
    samples: np.ndarray
    speech: np.ndarray


def sessions(root: Path) -> list[Session]:
    """Each held-out voice for some time, with pauses of 0.4-2 s."""
    voices: dict[str, list[Path]] = {}
    for path in sorted((root / "usr/share").rglob("*")):
        voice = voice_of(path.relative_to(root / "usr/share"))
        if voice in HELD_OUT:
            voices.setdefault(voice, []).append(path)
    found = []
    for voice, paths in sorted(voices.items()):
        for part in range(2 if voice.startswith("asterisk") else 1):
            found.append(_session(voice, paths, conditions.seeded("session", voice, str(part))))
    return [session for session in found if len(session.speech) > 1500 and session.speech.mean() > 0.15]


def _session(voice: str, paths: Sequence[Path], random: np.random.Generator) -> Session:
    waves, marks, count = [], [], 0
    for place in random.permutation(len(paths)):
        wave = read(paths[place])
        if len(wave) < 20 * HOP:
            continue
        if not 0.2 < len(wave) / RATE_HZ < 15 or not plain(wave):
            continue
        wave = conditions.levelled(wave)
        pause = int(random.uniform(40, 200))
        waves += [np.zeros(pause * HOP, np.float32), wave]
        marks += [np.zeros(pause, bool), spoken(wave)]
        count += pause * HOP + len(wave)
        if count > SESSION_S * RATE_HZ:
            break
    return Session(
        voice, np.concatenate([*waves, np.zeros(RATE_HZ, np.float32)]), np.concatenate([*marks, np.zeros(100, bool)])
    )


def read(path: Path) -> np.ndarray:
    wave, rate_hz = soundfile.read(str(path), always_2d=True)
    wave = soxr.resample(wave.mean(axis=1), rate_hz, RATE_HZ, "HQ").astype(np.float32)
    return (wave - (wave.mean() if len(wave) else 0))[: len(wave) // HOP * HOP]


def hop_db(wave: np.ndarray) -> np.ndarray:
    power = np.square(wave[: len(wave) // HOP * HOP].reshape(-1, HOP), dtype=np.float64).mean(axis=1)
    return 10 * np.log10(power + 1e-12)


def even_db(wave: np.ndarray) -> np.ndarray:
    return 10 * np.log10(np.convolve(10 ** (hop_db(wave) / 10), np.ones(3) / 3, "same"))


def plain(wave: np.ndarray) -> bool:
    """Whether energy tells where a recording speaks: it is not noisy itself, and few hops lie near the limit."""
    low, loud = own_range(wave)
    level = even_db(wave)
    return loud - low > LEAST_RANGE_DB and np.mean((level > loud - 38) & (level < loud - 22)) < MOST_VAGUE


def own_range(wave: np.ndarray) -> tuple[float, float]:
    """The soft and the loud hops of a recording, digital silence apart, dB."""
    smooth = even_db(wave)
    heard = smooth[smooth > SILENT_DB]
    low, loud = np.percentile(heard, [5, 95]) if len(heard) else (0.0, 0.0)
    return float(low), float(loud)


def spoken(wave: np.ndarray) -> np.ndarray:
    """Where a clean recording is speech, by its energy, bool `[hops]`."""
    low, loud = own_range(wave)
    mask = even_db(wave) > max(loud - UNDER_LOUD_DB, min(low + 9, loud - 18))
    for a, b in runs(mask):
        mask[a:b] = b - a >= 4
    return closed(mask)


def coloured(count: int, level_db: float, slope: float, random: np.random.Generator) -> np.ndarray:
    """Noise of the telephone band that falls by `slope` dB an octave."""
    hz = np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 50)
    wave = np.fft.irfft(np.fft.rfft(random.standard_normal(count)) * (hz / 1000) ** (-slope / 6.02), count)
    wave = conditions.in_band(wave.astype(np.float32))
    return (wave * 10 ** (level_db / 20) / np.sqrt(np.mean(wave**2))).astype(np.float32)


def over(line: str, session: Session, others: Sequence[np.ndarray]) -> np.ndarray:
    """The session over a line."""
    if line in ("clean", "tel", "gsm"):
        return conditions.make(line, session.samples, [], conditions.seeded(line))
    kind, snr = line.split()
    random = conditions.seeded(session.voice, line)
    voice = conditions.levelled(conditions.in_band(session.samples))
    level_db = conditions.LEVEL_DB - float(snr)
    if kind == "babble":
        far = conditions.babble(others, len(voice), level_db, random)
    else:
        far = coloured(len(voice), level_db, SLOPES[kind], random)
    return conditions.coded(voice + far)


def tone(lines: Sequence[float], seconds: float) -> np.ndarray:
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (0.1 * sum(np.sin(2 * np.pi * hz * at) for hz in lines)).astype(np.float32)


def cadence(lines: Sequence[float], rhythm: Sequence[float], seconds: float = 30.0) -> np.ndarray:
    parts, on = [], True
    while sum(map(len, parts)) < seconds * RATE_HZ:
        for length in rhythm:
            parts.append(tone(lines, length) if on else np.zeros(round(length * RATE_HZ), np.float32))
            on = not on
    return np.concatenate(parts)


def keys(random: np.random.Generator) -> np.ndarray:
    parts = []
    for _ in range(60):
        parts += [
            tone([row[random.integers(4)] for row in KEYPAD], random.uniform(0.06, 0.25)),
            np.zeros(int(random.uniform(600, 4000)), np.float32),
        ]
    return np.concatenate(parts)


def no_speech(root: Path) -> dict[str, list[np.ndarray]]:
    """Sounds in which nobody speaks, by kind, over a line with a little noise."""
    random = conditions.seeded("no speech")
    music = [read(path)[: 60 * RATE_HZ] for path in sorted((root / "usr/share/asterisk/moh").glob("*.wav"))]
    kinds = {
        "hold music": music,
        "hold music, soft": [0.1 * wave for wave in music],
        "ring-back, busy, dial": [cadence(*what) for what in CALL_TONES.values()],
        "keypad": [keys(random) for _ in range(3)],
        "noise": [coloured(30 * RATE_HZ, -30, slope, random) for slope in (-3, 0, 3, 6, 9)],
        "hum": [sum(tone((hz * k,), 30) / k for k in range(1, 8)) for hz in (50, 60)],
        "nothing": [np.zeros(30 * RATE_HZ, np.float32)],
    }
    return {
        kind: [
            conditions.coded(np.pad(wave, 16_000) + coloured(len(wave) + 32_000, level_db, 0, random))
            for wave in waves
            for level_db in (-75, -50)
        ]
        for kind, waves in kinds.items()
    }


def tokens(session: Session, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]]]:
    """Voiced bits of 120-300 ms alone between pauses, some full sayings before: samples, truth, where the bits are."""
    f0_hz = extract(session.samples, RATE_HZ).f0_hz
    level = hop_db(session.samples)
    head = len(session.speech) // 3
    bits, where = [session.samples[: head * HOP]], []
    marks = [session.speech[:head]]
    for a, b in runs(np.isfinite(f0_hz)):
        size = int(random.integers(12, 31))
        if b - a < size or level[a:b].max() < conditions.LEVEL_DB - 3:
            continue
        bit = session.samples[a * HOP : (a + size) * HOP].copy()
        place = np.arange(len(bit))
        bit *= np.minimum(1, np.minimum(place, place[::-1]) / 160)
        bit = conditions.LEVEL_DB - random.uniform(0, 6) - 10 * np.log10(np.mean(bit**2)), bit
        pause = int(random.integers(60, 200))
        start = sum(map(len, marks)) + pause
        where.append((start, start + size))
        bits += [np.zeros(pause * HOP, np.float32), (bit[1] * 10 ** (bit[0] / 20)).astype(np.float32)]
        marks += [np.zeros(pause, bool), np.ones(size, bool)]
        if len(where) == 30:
            break
    return np.concatenate([*bits, np.zeros(RATE_HZ, np.float32)]), np.concatenate([*marks, np.zeros(100, bool)]), where


def leaked(own: np.ndarray, other: np.ndarray, level_db: float, code: str, delay_s: float, random) -> np.ndarray:
    """Two legs, the second heard in the first."""
    leak = np.pad(other, (round(delay_s * RATE_HZ), 0))[: len(other)] * np.float32(10 ** (level_db / 20))
    if code == "GSM":
        leak = conditions.coded(conditions.coded(other, "GSM610"), "GSM610")
        leak = np.pad(leak, (round(delay_s * RATE_HZ), 0))[: len(other)] * np.float32(10 ** (level_db / 20))
        knots = random.uniform(-1.5, 1.5, 20)
        leak = (
            np.tanh(2 * leak) / 2 * 10 ** (np.interp(np.arange(len(leak)), np.linspace(0, len(leak), 20), knots) / 20)
        )
    legs = np.stack([own + leak + coloured(len(own), -68, 0, random), other + coloured(len(own), -66, 0, random)])
    coder = "GSM610" if code == "GSM" else "ULAW"
    return np.stack([conditions.coded(leg.astype(np.float32), coder) for leg in legs])


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    edges = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))


def closed(mask: np.ndarray) -> np.ndarray:
    for a, b in runs(~mask):
        if a > 0 and b < len(mask) and b - a < GAP_HOPS:
            mask[a:b] = True
    return mask
