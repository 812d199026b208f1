"""Real voices said again by WORLD with an F0 that is known at every instant: a truth that no tracker has measured.

Conventions: a recording is float32 samples at 8000 Hz with its truth every 5 ms, Hz, NaN = unvoiced. WORLD (Morise,
Yokomori & Ozawa 2016, IEICE Trans. E99-D) takes a voice apart into F0, spectral envelope and aperiodicity and puts it
together again; whatever F0 it is given then is the truth. What it is given follows the real voice: Harvest and
StoneMask where two of Praat, RAPT and SwiftF0 agree with it within 10 %, and unvoiced elsewhere.

The voices are held out: nothing of ours was trained or tuned on them. They come from two packages of Debian, which
`apt-get download` fetches and `dpkg -x` unpacks; `--material FOLDER` names an unpacked tree instead.
"""

from __future__ import annotations

import subprocess
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import conditions
import numpy as np
import peers
import soundfile
import soxr

PACKAGES = ("asterisk-core-sounds-ru-wav", "ktuberling-data")
CACHE = peers.HOME / "material"
RATE_HZ = 8000
WORLD_HZ = 16_000
STEP_S = 0.005
PASSAGE_S = 10.0  # words are joined up to this: a noise floor needs seconds
FILE_S = (0.4, 8.0)
SPOKEN_DB = 32.0  # under the loud hops: what is softer at the ends is silence
PAUSE_S = 0.1  # left at each end of a file; some have seconds of silence
LEAST_DYNAMICS_DB = 22.0  # between loud and soft hops of an original; with less its noise would be sung along
AGREE = 0.1
LEAST_VOICED_S = 0.03  # a shorter island is a slip of two trackers, not a sound
LOW_HZ, HIGH_HZ = 65.0, 480.0  # the truth stays inside the range that every tracker is given
FACTORS = (0.5, 0.6, 0.7, 0.8, 1.2, 1.4)
MEDIAN_HZ = (85.0, 320.0)  # of a passage after scaling: what people speak at
WARP_POWER = 0.3  # of the factor: women's formants lie 15-18 % over men's at 1.7 times the F0 (Peterson & Barney 1952)
RECIPE = 4  # counts up when this file changes what it makes


@dataclass(frozen=True, slots=True)
class Voice:
    """Where one speaker's files lie in the unpacked packages, and what is known of the speaker."""

    name: str
    sex: str  # by F0 and formants, but for the Russian voice, whose folder says it
    files: str
    channels: int = 0  # 0 = any; the Danish folder holds a man in stereo and a woman in mono


_WORDS = "usr/share/ktuberling/sounds"
VOICES = (
    Voice("da man", "man", f"{_WORDS}/da/*.ogg", 2),
    Voice("da woman", "woman", f"{_WORDS}/da/*.ogg", 1),
    Voice("de", "man", f"{_WORDS}/de/*.ogg"),
    Voice("el", "man", f"{_WORDS}/el/*.ogg"),
    Voice("lt", "man", f"{_WORDS}/lt/*.ogg"),
    Voice("nn", "woman", f"{_WORDS}/nn/*.opus"),
    Voice("ru", "woman", "usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU/*.wav"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A passage of one speaker with its truth: samples `[n]`, `time_s` and `f0_hz` (NaN = unvoiced) `[frames]`."""

    name: str
    speaker: str
    samples: np.ndarray
    time_s: np.ndarray
    f0_hz: np.ndarray


def recordings(seconds: float, folder: Path | None, say: Callable[[str], None]) -> list[Recording]:
    """About `seconds` of each voice as it is and about as much with its F0 scaled; made once, then read from disk."""
    kept = CACHE / f"resynthesised-{RECIPE}-{seconds:g}.npz"
    if not kept.exists():
        folder = folder or unpacked(say)
        made = [one for voice in VOICES for one in _of_voice(voice, seconds, folder, say)]
        kept.parent.mkdir(parents=True, exist_ok=True)
        columns = {f"{i}/{name}": getattr(one, name) for i, one in enumerate(made) for name in Recording.__slots__}
        np.savez(kept, **columns)
    with np.load(kept) as stored:
        count = len(stored.files) // len(Recording.__slots__)
        rows = [[stored[f"{i}/{name}"] for name in Recording.__slots__] for i in range(count)]
    return [Recording(str(name), str(speaker), *arrays) for name, speaker, *arrays in rows]


def unpacked(say: Callable[[str], None]) -> Path:
    """The two packages of Debian, fetched and unpacked on first use."""
    tree = CACHE / "root"
    if not tree.is_dir():
        say(f"Fetching {' and '.join(PACKAGES)} of Debian into {CACHE} ...")
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", *PACKAGES], cwd=CACHE, check=True, stdout=subprocess.DEVNULL)
        partly = CACHE / "partly"
        for package in sorted(CACHE.glob("*.deb")):
            subprocess.run(["dpkg", "-x", str(package), str(partly)], check=True)
        partly.rename(tree)  # so that a tree that is there is whole
    return tree


def _of_voice(voice: Voice, seconds: float, folder: Path, say: Callable[[str], None]) -> Iterator[Recording]:
    trackers, missing = peers.make(("speechcoach", "Praat", "RAPT", "SwiftF0"))
    del trackers["speechcoach"]
    if missing:
        raise RuntimeError(f"the truth needs three trackers, but {missing}")
    for number, original in enumerate(_passages(voice, seconds, folder)):
        say(f"  resynthesis: {voice.name}, passage {number + 1}")
        f0_hz = consensus(original, trackers)
        name = f"{voice.name} {number}"
        yield _said_again(name, voice.name, original, f0_hz, 1.0)
        if (factor := _factor(name, f0_hz)) is not None:
            yield _said_again(f"{name} x {factor}", voice.name, original, f0_hz, factor)


def _passages(voice: Voice, seconds: float, folder: Path) -> Iterator[np.ndarray]:
    """Words of a voice at 16 kHz, joined to passages of about ten seconds."""
    files = sorted(folder.glob(voice.files))
    if not files:
        raise FileNotFoundError(f"no files {voice.files} of the packages {', '.join(PACKAGES)} in {folder}")
    order = np.random.default_rng(zlib.crc32(voice.name.encode())).permutation(len(files))
    parts: list[np.ndarray] = []
    done_s = 0.0
    for place in order:
        part = _read(files[place], voice.channels)
        if part is None:
            continue
        parts.append(part)
        if (length_s := sum(map(len, parts)) / WORLD_HZ) >= PASSAGE_S:
            yield np.concatenate(parts)
            parts, done_s = [], done_s + length_s
        if done_s >= seconds:
            return
    if sum(map(len, parts)) >= PASSAGE_S / 2 * WORLD_HZ:
        yield np.concatenate(parts)


def _read(file: Path, channels: int) -> np.ndarray | None:
    """One file at 16 kHz and speech level, without the silence around it; None where it is no use."""
    samples, rate_hz = soundfile.read(file, dtype="float32", always_2d=True)
    if (channels and samples.shape[1] != channels) or not FILE_S[0] <= len(samples) / rate_hz <= FILE_S[1]:
        return None
    samples = soxr.resample(samples.mean(axis=1), rate_hz, WORLD_HZ)
    hops = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    level_db = 10 * np.log10(np.mean(hops**2, axis=1) + 1e-12)
    loud_db, soft_db = np.percentile(level_db, [95, 5])
    if loud_db - soft_db < LEAST_DYNAMICS_DB:
        return None
    spoken = np.flatnonzero(level_db > loud_db - SPOKEN_DB) * 160
    pause = round(PAUSE_S * WORLD_HZ)
    samples = samples[max(0, spoken[0] - pause) : spoken[-1] + pause]
    gain_db = conditions.LEVEL_DB - conditions.active_level_db(soxr.resample(samples, WORLD_HZ, RATE_HZ))
    return samples * np.float32(10 ** (gain_db / 20))


def consensus(samples: np.ndarray, trackers: dict[str, peers.Tracker]) -> np.ndarray:
    """F0 of `samples` (16 kHz) every 5 ms, 0 = unvoiced: Harvest where two of the three trackers agree with it."""
    import pyworld

    wide = samples.astype(np.float64)
    raw_hz, time_s = pyworld.harvest(wide, WORLD_HZ, f0_floor=peers.LOW_HZ, f0_ceil=peers.HIGH_HZ)
    f0_hz = pyworld.stonemask(wide, raw_hz, time_s, WORLD_HZ)
    narrow = soxr.resample(samples, WORLD_HZ, RATE_HZ)
    votes = np.zeros(len(f0_hz), int)
    for track in trackers.values():
        votes += np.abs(at_times(*track(narrow), time_s) - f0_hz) < AGREE * f0_hz
    return np.where(_long_enough(votes >= 2), f0_hz, 0.0)


def at_times(frame_s: np.ndarray, f0_hz: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    """A tracker's F0 at other times: voiced where its nearest frame is, and a geometric mean between voiced frames."""
    if len(frame_s) < 2:
        return np.full(len(time_s), np.nan)
    place = np.clip(np.searchsorted(frame_s, time_s), 1, len(frame_s) - 1)
    share = np.clip((time_s - frame_s[place - 1]) / (frame_s[place] - frame_s[place - 1]), 0, 1)
    before, after = f0_hz[place - 1], f0_hz[place]
    nearest = np.where(share < 0.5, before, after)
    with np.errstate(invalid="ignore"):
        smooth = np.abs(after - before) < 0.2 * before
        between = np.exp((1 - share) * np.log(before) + share * np.log(after))
    return np.where(np.isfinite(nearest) & smooth, between, nearest)


def _long_enough(voiced: np.ndarray) -> np.ndarray:
    edges = np.flatnonzero(np.diff(voiced.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    kept = np.zeros(len(voiced), bool)
    for start, stop in edges:
        kept[start:stop] = (stop - start) * STEP_S >= LEAST_VOICED_S
    return kept


def _factor(name: str, f0_hz: np.ndarray) -> float | None:
    """By what to scale the F0 of a passage, so that a person could speak like that; None for a passage of noise."""
    if not f0_hz.any():
        return None
    median_hz = np.median(f0_hz[f0_hz > 0])
    fitting = [factor for factor in FACTORS if MEDIAN_HZ[0] <= median_hz * factor <= MEDIAN_HZ[1]]
    return fitting[zlib.crc32(name.encode()) % len(fitting)] if fitting else None


def _said_again(name: str, speaker: str, original: np.ndarray, f0_hz: np.ndarray, factor: float) -> Recording:
    import pyworld

    wide = original.astype(np.float64)
    time_s = np.arange(len(f0_hz)) * STEP_S
    options = {"f0_floor": peers.LOW_HZ, "fft_size": 1024}
    envelope = pyworld.cheaptrick(wide, f0_hz, time_s, WORLD_HZ, **options)
    # Without its own voicing decision: what the truth calls voiced must be voiced.
    aperiodicity = pyworld.d4c(wide, f0_hz, time_s, WORLD_HZ, threshold=0.0, fft_size=1024)
    truth_hz = np.where(f0_hz > 0, np.clip(f0_hz * factor, LOW_HZ, HIGH_HZ), 0.0)
    made = pyworld.synthesize(truth_hz, _warped(envelope, factor**WARP_POWER), aperiodicity, WORLD_HZ)
    samples = soxr.resample(made.astype(np.float32), WORLD_HZ, RATE_HZ)
    return Recording(name, speaker, samples, time_s, np.where(truth_hz > 0, truth_hz, np.nan))


def _warped(envelope: np.ndarray, ratio: float) -> np.ndarray:
    """`envelope` `[frames, bins]` with every formant at `ratio` times its frequency."""
    bins = np.arange(envelope.shape[1])
    source = np.clip(bins / ratio, 0, bins[-1])
    low = np.minimum(source.astype(int), bins[-1] - 1)
    share = source - low
    warped = np.exp((1 - share) * np.log(envelope[:, low]) + share * np.log(envelope[:, low + 1]))
    return np.ascontiguousarray(warped)
