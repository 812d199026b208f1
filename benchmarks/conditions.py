"""What a telephone line does to a voice: clean speech in, the same speech over a line out.

Conventions: samples are float32 in -1..1 at 8000 Hz, `[n]`; nothing is delayed, so the truth keeps its times. A voice
has an active speech level of -26 dB re full scale in its band, the nominal one of telephony; the levels of noise and of
other voices are relative to that. Everything random comes from `seeded(...)`, so a file sounds the same in every run.

| name | what it is |
|---|---|
| clean | 8 kHz, nothing else |
| tel | 300-3400 Hz, mu-law (ITU-T G.711) |
| gsm | tel, then GSM full rate (ETSI 06.10) |
| tel20, tel10, tel5 | noise of the same band 20, 10, 5 dB under the voice, then mu-law |
| bab10 | babble of six and more other voices 10 dB under the voice, in the band, then mu-law |
| xt25 | one other voice 25 dB under the voice, as a line leaks, then mu-law |
| xt25gate | the same, and the other voice by itself as a second channel, 20 ms earlier: `[2, n]` |
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

import numpy as np
import soundfile

RATE_HZ = 8000
LEVEL_DB = -26.0
LOW_HZ, HIGH_HZ = 300.0, 3400.0
ORDER_LOW, ORDER_HIGH = 4, 8  # 24 dB an octave below the band, as in sets and exchanges; coders cut off more at the top
BABBLE_VOICES = 6  # at least; with fewer, single voices stand out
LEAK_DB, LEAK_DELAY_S = -25.0, 0.02
BABBLE_DB = 10.0
NOISE_DB = {"tel20": 20.0, "tel10": 10.0, "tel5": 5.0}
NAMES = ("clean", "tel", "gsm", "tel20", "tel10", "tel5", "bab10", "xt25", "xt25gate")
_MARGIN_DB = 15.9  # ITU-T P.56: what is further below the level is a pause
_HANGOVER_HOPS = 20  # 200 ms


def seeded(*names: str) -> np.random.Generator:
    """A generator that depends on the names alone: the file, the condition, the seed of the run."""
    return np.random.default_rng(zlib.crc32("\0".join(names).encode()))


def make(name: str, voice: np.ndarray, others: Sequence[np.ndarray], random: np.random.Generator) -> np.ndarray:
    """`voice` `[n]` under the condition `name`: float32 `[n]`, or `[2, n]` for `xt25gate`.

    `others` are other people's voices, `[m]` of any length: one is drawn for the crosstalk, all are used for babble.
    The same `random` gives `xt25` and `xt25gate` the same first channel.
    Raises ValueError for an unknown name, and where `others` are too few.
    """
    if name not in NAMES:
        raise ValueError(f"condition must be one of {', '.join(NAMES)}, not {name!r}")
    if len(others) < needed(name):
        raise ValueError(f"{name} needs {needed(name)} other voices, not {len(others)}")
    if name == "clean":
        return levelled(voice)
    voice = levelled(in_band(voice))
    if name in NOISE_DB:
        voice = voice + noise(len(voice), LEVEL_DB - NOISE_DB[name], random)
    elif name == "bab10":
        voice = voice + babble(others, len(voice), LEVEL_DB - BABBLE_DB, random)
    elif name.startswith("xt25"):
        other = other_side(others, len(voice), random)
        voice = voice + leak(other)
    line = coded(voice)
    if name == "gsm":
        return coded(line, "GSM610")
    return np.stack([line, coded(other)]) if name == "xt25gate" else line


def needed(name: str) -> int:
    """How many other voices a condition needs."""
    return {"bab10": BABBLE_VOICES, "xt25": 1, "xt25gate": 1}.get(name, 0)


def active_level_db(samples: np.ndarray) -> float:
    """Active speech level in dB re full scale as mean square: power of the voice without its pauses.

    After ITU-T P.56 (2011), on hops of 10 ms: a hop counts within 200 ms after one that lies less than 15.9 dB below
    the level, which is found by repeating. -inf for silence.
    """
    hops = samples[: len(samples) // 80 * 80].astype(np.float64).reshape(-1, 80)
    power = np.mean(hops**2, axis=1)
    if not power.any():
        return -np.inf
    level = power.mean()
    for _ in range(30):
        loud = np.convolve(power > level * 10 ** (-_MARGIN_DB / 10), np.ones(_HANGOVER_HOPS))[: len(power)] > 0.5
        if level == (level := power[loud].mean()):
            break
    return float(10 * np.log10(level))


def levelled(samples: np.ndarray, level_db: float = LEVEL_DB) -> np.ndarray:
    """`samples` at an active speech level of `level_db`; silence stays silence."""
    now_db = active_level_db(samples)
    gain = 10 ** ((level_db - now_db) / 20) if np.isfinite(now_db) else 0.0
    return (samples * gain).astype(np.float32)


def in_band(samples: np.ndarray) -> np.ndarray:
    """The telephone band: Butterworth edges, -3 dB at 300 and 3400 Hz, without delay."""
    hz = np.maximum(np.fft.rfftfreq(len(samples), 1 / RATE_HZ), 1e-3)
    gain = 1 / np.sqrt((1 + (LOW_HZ / hz) ** (2 * ORDER_LOW)) * (1 + (hz / HIGH_HZ) ** (2 * ORDER_HIGH)))
    return np.fft.irfft(np.fft.rfft(samples) * gain, len(samples)).astype(np.float32)


def coded(samples: np.ndarray, code: str = "ULAW") -> np.ndarray:
    """`samples` through a coder of libsndfile and back: `ULAW` (G.711) or `GSM610`; the same length."""
    file = io.BytesIO()
    soundfile.write(file, np.clip(samples, -1, 1), RATE_HZ, format="WAV", subtype=code)
    file.seek(0)
    found, _ = soundfile.read(file, dtype="float32")
    return np.pad(found[: len(samples)], (0, max(0, len(samples) - len(found))))


def noise(count: int, level_db: float, random: np.random.Generator) -> np.ndarray:
    """Gaussian noise of the telephone band at `level_db`, float32 `[count]`."""
    made = in_band(random.standard_normal(count).astype(np.float32))
    return made * np.float32(10 ** (level_db / 20) / np.sqrt(np.mean(made**2, dtype=np.float64)))


def babble(others: Sequence[np.ndarray], count: int, level_db: float, random: np.random.Generator) -> np.ndarray:
    """All of `others` at once, equally loud, each from a random place on; in the band, RMS at `level_db`."""
    crowd = in_band(np.sum([levelled(_piece(other, count, random)) for other in others], axis=0))
    return crowd * np.float32(10 ** (level_db / 20) / np.sqrt(np.mean(crowd**2, dtype=np.float64)))


def other_side(others: Sequence[np.ndarray], count: int, random: np.random.Generator) -> np.ndarray:
    """One of `others` as the call's other side, `[count]`: in the band, as loud as the voice."""
    return levelled(in_band(_piece(others[random.integers(len(others))], count, random)))


def leak(other: np.ndarray) -> np.ndarray:
    """What of `other` is heard on the voice's own side: 20 ms late, 25 dB softer."""
    late = round(LEAK_DELAY_S * RATE_HZ)
    return np.pad(other, (late, 0))[: len(other)] * np.float32(10 ** (LEAK_DB / 20))


def _piece(other: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """`count` samples of `other` from a random place on, repeated where it is too short."""
    start = int(random.integers(len(other)))
    return np.resize(np.roll(other, -start), count)
