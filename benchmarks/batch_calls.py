"""Made calls for the benchmarks of many calls: the samples' cut, level and speed varied with a seed.

Conventions: a call is a WAV file of 16 bits at 8 kHz, as many channels as its sample; the same seed makes the same
files. Speed moves pitch and tempo together, as a tape does: the calls differ, and that is all they are for.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import soxr

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
TWO_SIDED = ("escalation", "good_listener", "poor_listener", "spanish")
RATE_HZ = 8000
_SPEEDS, _LEVELS_DB = (0.9, 1.1), (-12.0, 3.0)


def make(folder: Path, count: int, seconds: float, seed: int = 7, names: tuple[str, ...] = TWO_SIDED) -> list[Path]:
    """`count` calls of `seconds` in `folder`, and no two alike."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {name: soundfile.read(SAMPLES / f"{name}.wav", dtype="float32", always_2d=True)[0] for name in names}
    draw = np.random.default_rng(seed)
    return [
        _made(folder / f"call-{place:05d}.wav", whole[names[place % len(names)]], seconds, draw)
        for place in range(count)
    ]


def _made(path: Path, call: np.ndarray, seconds: float, draw: np.random.Generator) -> Path:
    speed, level_db = draw.uniform(*_SPEEDS), draw.uniform(*_LEVELS_DB)
    length = int(seconds * speed * RATE_HZ)
    start = int(draw.integers(0, max(1, len(call) - length)))
    cut = soxr.resample(call[start : start + length], RATE_HZ * speed, RATE_HZ, quality="HQ")
    soundfile.write(path, np.clip(cut * 10 ** (level_db / 20), -1, 1), RATE_HZ, subtype="PCM_16")
    return path


def tile(path: Path, hours: float, name: str = "escalation") -> Path:
    """A call of `hours`: the sample again and again, mu-law."""
    call = soundfile.read(SAMPLES / f"{name}.wav", dtype="float32", always_2d=True)[0]
    left = int(hours * 3600 * RATE_HZ)
    with soundfile.SoundFile(path, "w", RATE_HZ, call.shape[1], subtype="ULAW") as file:
        while left > 0:
            file.write(call[:left])
            left -= len(call)
    return path
