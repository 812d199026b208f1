"""Telephone channels with known speech to train the activity net on, from packages of Debian.

Conventions: samples are float32 `[n]` at 8 kHz, masks bool `[hops]` of 10 ms, levels dB. Needs the extra `[train]`.

Speech is the material of the pitch net (`features/train/material.py` writes FOLDER/material.npz: real people of two
dozen languages; the voices that it holds out are in no clip here). Its truth is the energy of the clean recording:
within 35 dB of its loud hops, gaps below 180 ms closed. Music is that of games, sounds are those of a painting
program, tones and noises are made; hold music of asterisk is left for judging.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from speechcoach.channels.runs import close_gaps, drop_short, runs

RATE_HZ = 8_000
HOP = 80
MUSIC_PACKAGES = (
    "warzone2100-music",
    "fillets-ng-data",
    "extremetuxracer-data",
    "frozen-bubble-data",
    "xmoto-data",
    "asc-music",
    "fretsonfire-songs-sectoid",
    "neverball-data",
    "ardentryst",
)
UNDER_LOUD_DB = 35.0
OVER_FLOOR_DB = 9.0  # a file's own noise is no speech
LEAST_UNDER_DB = 18.0
GAP_HOPS = 18
EXCERPT_S, EXCERPTS = 30.0, 4  # of a piece of music
SPEECH_LEVEL = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """One file of one voice: samples, where it is speech, where it is voiced."""

    samples: np.ndarray
    speech: np.ndarray
    voiced: np.ndarray


def said(folder: Path) -> dict[str, list[Said]]:
    """What each voice says, from FOLDER/material.npz."""
    stored = np.load(folder / "material.npz")
    samples, f0_hz = stored["samples"], stored["f0_hz"]
    ends = np.cumsum(stored["hops"])
    voices: dict[str, list[Said]] = {}
    for voice, start, stop in zip(stored["voice"], ends - stored["hops"], ends, strict=True):
        wave = samples[start * HOP : stop * HOP].astype(np.float32)
        f0 = f0_hz[start:stop]
        silent = ~wave.reshape(-1, HOP).any(axis=1)
        for first, last in runs(close_gaps(~silent, 8)):
            if last - first >= 10:
                voices.setdefault(str(voice), []).append(_said(wave[first * HOP : last * HOP], f0[first:last] > 0))
    return voices


def _said(samples: np.ndarray, voiced: np.ndarray) -> Said:
    return Said(samples, spoken(samples), voiced)


def spoken(samples: np.ndarray) -> np.ndarray:
    """Where a clean recording is speech, by its energy; bool `[hops]`."""
    power = np.square(samples[: len(samples) // HOP * HOP].reshape(-1, HOP), dtype=np.float64).mean(axis=1)
    smooth = 10 * np.log10(np.convolve(power, np.ones(3) / 3, mode="same") + 1e-12)
    loud, floor = np.percentile(smooth, [95, 5])
    least = max(loud - UNDER_LOUD_DB, min(floor + OVER_FLOOR_DB, loud - LEAST_UNDER_DB))
    return drop_short(close_gaps(smooth > least, GAP_HOPS), 4)


def music(root: Path, rng: np.random.Generator) -> list[np.ndarray]:
    """Excerpts of every piece that is longer than 20 s."""
    found = []
    for path in sorted(root.rglob("*")):
        if (
            path.suffix in (".ogg", ".wav", ".mp3", ".opus")
            and "asterisk" not in path.parts
            and "sounds" not in path.parts
        ):
            found += _excerpts(path, rng)
    return found


def _excerpts(path: Path, rng: np.random.Generator) -> list[np.ndarray]:
    try:
        about = soundfile.info(str(path))
    except soundfile.LibsndfileError:
        return []
    if about.duration < 20:
        return []
    found = []
    for _ in range(EXCERPTS):
        start = int(rng.uniform(0, max(0.0, about.duration - EXCERPT_S)) * about.samplerate)
        wave = soundfile.read(str(path), start=start, frames=int(EXCERPT_S * about.samplerate), always_2d=True)[0]
        wave = soxr.resample(wave.mean(axis=1), about.samplerate, RATE_HZ, "HQ").astype(np.float32)
        if len(wave) > 5 * RATE_HZ and wave.any():
            found.append(unit(wave))
    return found


def sounds(root: Path) -> list[np.ndarray]:
    """Animals, engines, instruments and the like, 0.1-10 s; nothing that people say."""
    found = []
    for path in sorted((root / "usr/share/tuxpaint/stamps").rglob("*")):
        if (
            path.suffix not in (".ogg", ".wav")
            or "_desc" in path.stem
            or "people" in path.parts
            or "symbols" in path.parts
        ):
            continue
        try:
            wave, rate_hz = soundfile.read(str(path), always_2d=True)
        except soundfile.LibsndfileError:
            continue
        wave = soxr.resample(wave.mean(axis=1), rate_hz, RATE_HZ, "HQ").astype(np.float32)[: 10 * RATE_HZ]
        if len(wave) > RATE_HZ // 10 and wave.any():
            found.append(unit(wave))
    return found


def unit(wave: np.ndarray) -> np.ndarray:
    """The wave with its loud half at a mean square of one."""
    hops = np.square(wave[: len(wave) // HOP * HOP].reshape(-1, HOP), dtype=np.float64).mean(axis=1)
    loud = hops[hops >= np.percentile(hops, 50)].mean()
    return (wave / np.sqrt(max(loud, 1e-12))).astype(np.float32)
