"""What the tests of this room share: the real engine, Debian's telephone prompts and hold music."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import soxr

from speechcoach.errors import WeightsError
from speechcoach.transcript import WhisperEngine

PROMPTS = Path("/usr/share/asterisk/sounds/en")
MUSIC = Path("/usr/share/asterisk/moh")


def _read(path: Path, package: str) -> np.ndarray:
    if not path.is_file():
        pytest.skip(f"{path} is missing: apt-get install {package}")
    heard, rate_hz = sf.read(path, dtype="float32")
    return soxr.resample(heard, rate_hz, 16_000)


@pytest.fixture(scope="session")
def prompt():
    """Name of a prompt -> float32 `[n]` at 16 kHz, telephone band."""
    return lambda name: _read(PROMPTS / f"{name}.wav", "asterisk-core-sounds-en-wav")


@pytest.fixture(scope="session")
def music() -> np.ndarray:
    """20 s of hold music, float32 `[n]` at 16 kHz."""
    return _read(MUSIC / "manolo_camp-morning_coffee.wav", "asterisk-moh-opsound-wav")[: 20 * 16_000]


@pytest.fixture(scope="session")
def engine() -> WhisperEngine:
    try:
        return WhisperEngine()
    except WeightsError as why:
        pytest.skip(str(why))
