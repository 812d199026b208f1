"""Speech of known pitch to train the pitch net on, from packages of Debian.

    python -m speechcoach.features.train.material FOLDER      # writes FOLDER/material.npz

Real people of two dozen languages recorded these prompts, words and picture names; the packages
are fetched by `apt-get download` into FOLDER unless they lie there. Needs the extra `[train]`.

Conventions: clips are float32 at 8 kHz, several seconds of one voice, joined from files of that voice with pauses
between. Truth is a row every 10 ms, at (i + 0.5) x 10 ms: F0 in Hz, 0 = unvoiced, NaN = not known.
It is what two of three trackers of different kinds say of the clean recording (Boersma 1993;
Talkin 1995; a convolutional net): where they disagree nothing is learnt. Some clips are spoken again by
WORLD (Morise et al. 2016, IEICE Trans. E99-D) with that F0 moved and the formants warped:
there the truth is exact.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

RATE_HZ = 8_000
WIDE_HZ = 16_000  # what the trackers of the truth hear
HOP_S = 0.01
F0_HZ = (55.0, 520.0)
PACKAGES = (
    "asterisk-core-sounds-en-wav",
    "asterisk-core-sounds-es-wav",
    "asterisk-core-sounds-fr-wav",
    "asterisk-core-sounds-it-wav",
    "ktuberling-data",
    "klettres-data",
    "tuxpaint-stamps-default",
    "festvox-ru",
)
# Voices that the benchmarks ask, and languages in which another package may hold the same speaker.
HELD_OUT = frozenset(
    f"{source}/{language}"
    for source, languages in {
        "ktuberling": ("da", "de", "el", "lt", "nn"),
        "klettres": ("da", "de", "lt"),
        "tuxpaint": ("da", "lt"),
        "asterisk": ("ru_RU_f_IvrvoiceRU",),
    }.items()
    for language in languages
)
MOST_S = {"asterisk": 480.0, "festvox": 600.0, "tuxpaint": 360.0}  # of a voice; others 240
CLIP_S = 6.0
AGREE_OCTAVES = 0.12  # 9 %
LEAST_RANGE_DB = 18.0  # between loud and soft hops of a file: below, its own noise hides the truth
RESPOKEN = 0.3  # share of clips that WORLD speaks again
SEED = 20260
RAPT_LATE_S = 0.007  # its frames are centred that much after their time stamps, by a vibrato of known F0


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One voice for some seconds: samples at 8 kHz and F0 a hop (0 unvoiced, NaN unknown)."""

    voice: str
    samples: np.ndarray
    f0_hz: np.ndarray


def main(folder: Path) -> None:
    root = unpack(folder)
    chosen = choose(root)
    jobs = [(voice, files, SEED + place) for place, (voice, files) in enumerate(sorted(chosen.items()))]
    with ProcessPoolExecutor(2) as pool:
        clips = []
        for (voice, _, _), found in zip(jobs, pool.map(make_clips, *zip(*jobs, strict=True)), strict=True):
            clips += found
            voiced = np.concatenate([clip.f0_hz[clip.f0_hz > 0] for clip in found] or [np.zeros(0)])
            seconds = sum(len(clip.samples) for clip in found) / RATE_HZ
            print(f"{voice:24s} {seconds:6.0f} s, median {np.median(voiced) if len(voiced) else 0:.0f} Hz", flush=True)
    save(folder / "material.npz", clips)


def unpack(folder: Path, packages: Sequence[str] = PACKAGES) -> Path:
    """The packages' files below FOLDER/root; those that lie there already are not fetched again."""
    root, debs = folder / "root", folder / "debs"
    if root.exists() and not debs.exists():
        return root
    debs.mkdir(parents=True, exist_ok=True)
    for package in packages:
        if not any(debs.glob(f"{package}_*.deb")):
            subprocess.run(["apt-get", "download", package], cwd=debs, check=True)
            subprocess.run(["dpkg", "-x", str(next(debs.glob(f"{package}_*.deb"))), str(root)], check=True)
    return root


def choose(root: Path) -> dict[str, list[Path]]:
    """Files by voice, in an order drawn once, at most so many seconds of each."""
    rng = np.random.default_rng(SEED)
    voices = defaultdict(list)
    for path in sorted((root / "usr/share").rglob("*")):
        voice = voice_of(path.relative_to(root / "usr/share"))
        if voice and voice not in HELD_OUT:
            voices[voice].append(path)
    return {voice: _some(paths, MOST_S.get(voice.split("/")[0], 240.0), rng) for voice, paths in voices.items()}


def voice_of(path: Path) -> str | None:
    """Who speaks in the file, as source/language; None where it is no speech."""
    parts = path.parts
    if path.suffix not in (".wav", ".ogg"):
        return None
    if parts[:2] == ("asterisk", "sounds"):
        return None if parts[3] in ("silence", "phonetic") else f"asterisk/{parts[2]}"
    if parts[:2] == ("ktuberling", "sounds"):
        return f"ktuberling/{parts[2].split('@')[0]}"
    if parts[0] == "klettres":
        return f"klettres/{parts[1]}"
    if parts[:2] == ("tuxpaint", "stamps") and "_desc" in path.stem:
        language = path.stem.rpartition("_desc")[2].lstrip("_")
        return f"tuxpaint/{language or 'en'}" if len(language) in (0, 2) else None
    if parts[0] == "festival" and "wav" in parts:
        return "festvox/ru_nsh"
    return None


def _some(paths: list[Path], most_s: float, rng: np.random.Generator) -> list[Path]:
    kept, total_s = [], 0.0
    for place in rng.permutation(len(paths)):
        try:
            length_s = soundfile.info(str(paths[place])).duration
        except soundfile.LibsndfileError:
            continue
        if 0.25 <= length_s <= 15 and total_s < most_s:
            kept.append(paths[place])
            total_s += length_s
    return kept


def make_clips(voice: str, files: list[Path], seed: int) -> list[Clip]:
    """Natural clips of one voice, and some of them spoken again."""
    rng = np.random.default_rng(seed)
    clips, samples, truth = [], [], []
    for path in files:
        wide = _read(path)
        if _range_db(wide) < LEAST_RANGE_DB:
            continue
        f0_hz = consensus(wide)
        pairs = [(soxr.resample(wide, WIDE_HZ, RATE_HZ, "HQ"), f0_hz)]
        if rng.random() < RESPOKEN:
            pairs.append(respoken(wide, np.nan_to_num(f0_hz), rng))
        for narrow, f0 in pairs:
            level = np.sqrt(np.mean(narrow[np.abs(narrow) > 0.1 * np.abs(narrow).max()] ** 2))
            pause = np.zeros(int(rng.uniform(0.1, 0.6) * 100) * 80, np.float32)
            samples += [_to_hops(narrow, len(f0)) * (0.1 / level), pause]
            truth += [f0, np.zeros(len(pause) // 80)]
        if sum(map(len, truth)) * HOP_S > CLIP_S:
            clips.append(Clip(voice, np.concatenate(samples).astype(np.float32), np.concatenate(truth)))
            samples, truth = [], []
    if truth:
        clips.append(Clip(voice, np.concatenate(samples).astype(np.float32), np.concatenate(truth)))
    return clips


def _read(path: Path) -> np.ndarray:
    samples, rate_hz = soundfile.read(str(path), always_2d=True)
    wide = soxr.resample(samples.mean(axis=1), rate_hz, WIDE_HZ, "HQ")
    return wide - wide.mean()


def _range_db(samples: np.ndarray) -> float:
    hops = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    level = 10 * np.log10((hops**2).mean(axis=1) + 1e-10)
    return float(np.percentile(level, 95) - np.percentile(level, 5))


def _to_hops(samples: np.ndarray, hops: int) -> np.ndarray:
    return np.pad(samples, (0, max(0, hops * 80 - len(samples))))[: hops * 80]


def consensus(wide: np.ndarray) -> np.ndarray:
    """F0 a hop, Hz: 0 where two of three trackers hear none, NaN where no two agree."""
    hops = len(wide) // 160
    times_s = (np.arange(hops) + 0.5) * HOP_S
    votes = np.stack([_at(times_s, *tracker(wide)) for tracker in (_praat, _rapt, _swift)])
    found = np.full(hops, np.nan)
    found[(votes == 0).sum(axis=0) >= 2] = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        octave = np.log2(votes)
    for one, other in ((1, 2), (0, 2), (0, 1)):  # the first two trackers are the more exact: they come last and win
        near = np.isfinite(octave[one]) & np.isfinite(octave[other])
        near &= np.abs(np.subtract(octave[one], octave[other], where=near, out=np.full(hops, 9.0))) < AGREE_OCTAVES
        found[near] = np.exp2((octave[one] + octave[other]) / 2)[near]
    return found


def _at(times_s: np.ndarray, own_s: np.ndarray, f0_hz: np.ndarray) -> np.ndarray:
    """The value nearest in time, 0 outside."""
    place = np.clip(np.searchsorted(own_s, times_s), 1, len(own_s) - 1)
    place -= (times_s - own_s[place - 1]) < (own_s[place] - times_s)
    inside = (times_s >= own_s[0] - HOP_S) & (times_s <= own_s[-1] + HOP_S)
    return np.where(inside, f0_hz[place], 0)


def _praat(wide: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import parselmouth

    if len(wide) < WIDE_HZ // 10:
        return np.array([0.0, 1.0]), np.zeros(2)
    pitch = parselmouth.Sound(wide, WIDE_HZ).to_pitch_ac(time_step=0.0025, pitch_floor=F0_HZ[0], pitch_ceiling=F0_HZ[1])
    return pitch.xs(), pitch.selected_array["frequency"]


def _rapt(wide: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import pysptk

    f0_hz = pysptk.rapt((wide * 32_768).astype(np.float32), WIDE_HZ, 80, min=F0_HZ[0], max=F0_HZ[1], otype="f0")
    return np.arange(len(f0_hz)) * 0.005 + RAPT_LATE_S, f0_hz.astype(float)


def _swift(wide: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    found = _swift_model().detect(wide.astype(np.float32), WIDE_HZ)
    return np.asarray(found.timestamps, float), np.where(found.confidence >= 0.5, found.pitch_hz, 0.0)


_MODEL = []


def _swift_model():
    if not _MODEL:
        from swift_f0 import SwiftF0

        _MODEL.append(SwiftF0(threads=1))
    return _MODEL[0]


def respoken(wide: np.ndarray, f0_hz: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The same words by WORLD, pitch moved by up to an octave and formants by up to a fifth; 8 kHz, F0 a hop."""
    import pyworld

    voiced = f0_hz[f0_hz > 0]
    middle = np.median(voiced) if len(voiced) else 150.0
    target = np.exp2(rng.uniform(np.log2(75), np.log2(320)))
    scale = np.clip(target / middle, 0.45, 1.8)
    spread = rng.uniform(0.6, 1.6)  # livelier and flatter voices
    times = (np.arange(len(f0_hz)) + 0.5) * HOP_S
    f0 = np.ascontiguousarray(f0_hz, float)
    envelope = pyworld.cheaptrick(wide, f0, times, WIDE_HZ)
    noise = pyworld.d4c(wide, f0, times, WIDE_HZ)
    warp = np.clip(scale ** rng.uniform(0.1, 0.4) * rng.uniform(0.93, 1.07), 0.8, 1.25)
    bins = np.minimum(np.arange(envelope.shape[1]) / warp, envelope.shape[1] - 1)
    low = bins.astype(int)
    part = bins - low
    high = np.minimum(low + 1, envelope.shape[1] - 1)
    moved = np.exp((1 - part) * np.log(envelope[:, low]) + part * np.log(envelope[:, high]))
    new = np.where(f0 > 0, middle * scale * (np.maximum(f0, 1) / middle) ** spread, 0)
    new[(new < F0_HZ[0]) | (new > F0_HZ[1] - 20)] = 0
    # A frame of WORLD is heard at its own time, counted from 0; ours are half a hop later.
    spoken = pyworld.synthesize(new, np.ascontiguousarray(moved), noise, WIDE_HZ, 1000 * HOP_S)
    spoken = np.concatenate([np.zeros(80), spoken])[: len(f0) * 160]
    return soxr.resample(spoken, WIDE_HZ, RATE_HZ, "HQ"), new


def save(path: Path, clips: list[Clip]) -> None:
    np.savez(
        path,
        voice=np.array([clip.voice for clip in clips]),
        hops=np.array([len(clip.f0_hz) for clip in clips]),
        samples=np.concatenate([clip.samples for clip in clips]).astype(np.float16),
        f0_hz=np.concatenate([clip.f0_hz for clip in clips]).astype(np.float32),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
