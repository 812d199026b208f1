"""Syllables and final contours against the truth: how many a voice says, and how its pitch ends.

    python benchmarks/rate.py                        # prints the tables, and writes them into benchmarks/README.md
    python benchmarks/rate.py --material FOLDER      # the packages of Debian are unpacked there already

Held-out voices: no weights of ours were trained on them; which model and what least height of a peak (`nucleus_least`)
were chosen with them in sight. Their texts are known; how many vowels a text has says
espeak-ng (flite says its own). Turns are sayings joined to ten syllables and more. The voices of `samples/` are
synthetic, their syllables those that were synthesised. The peer is de Jong & Wempe (2009, Behavior Research Methods 41)
with Praat's intensity and pitch, at the numbers of their script.

Contours: sayings of the held-out voices said again by WORLD, the last 0.3 s given a straight glide of known size from a
melody of half the voice's own range. What is softer after it than speech is (ITU-T P.56) is cut off. 1.07 st over 0.3 s
is the glissando threshold; sizes below it are level in truth.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import conditions
import numpy as np
import peers
import soundfile
import soxr
import tables

from speechcoach.features import extract
from speechcoach.features.inflection import GLISSANDO, final_contour
from speechcoach.features.train import nuclei

HOME = Path.home() / ".cache/speechcoach-benchmarks"
SAMPLES = Path(__file__).resolve().parent.parent / "samples"
PACKAGES = (
    "asterisk-core-sounds-en", "asterisk-core-sounds-en-wav", "asterisk-core-sounds-it", "asterisk-core-sounds-it-wav",
    "tuxpaint-stamps-default", "flite", "libflite1", "espeak-ng", "espeak-ng-data", "libespeak-ng1", "libpcaudio0",
    "libsonic0",
)  # fmt: skip
HELD_OUT = ("es", "fr", "ru", "flite awb", "flite slt")
LINES = {"tel": None, "tel20": 20.0, "tel10": 10.0}
TURN_SYLLABLES = 10
SIZES_ST = (-8.0, -4.0, -2.0, -0.5, 0.0, 0.5, 2.0, 4.0, 8.0)
GLIDE_S = 0.3
CONTOUR_VOICES = ("es", "fr", "ru")
CONTOURS = 12  # sayings a voice
CONTOUR_LINES = ("clean", "tel", "tel10", "tel5")
NAMES = ("rise", "fall", "level")


@dataclass(frozen=True, slots=True)
class Turns:
    """One voice over one line: samples at 8 kHz, and each turn's stretches in hops with its syllables."""

    voice: str
    language: str
    samples: np.ndarray
    turns: list[tuple[list[tuple[int, int]], int]]


# Syllables


def material(folder: Path | None) -> Path:
    """The unpacked packages, fetched on first use."""
    if folder is not None:
        return folder
    tree = HOME / "root"
    if not tree.is_dir():
        HOME.mkdir(parents=True, exist_ok=True)
        for package in PACKAGES:
            subprocess.run(["apt-get", "download", "-q", package], cwd=HOME, check=True, stdout=subprocess.DEVNULL)
        for package in sorted(HOME.glob("*.deb")):
            subprocess.run(["dpkg", "-x", str(package), str(tree)], check=True)
    return tree


def read_voices(folder: Path) -> Iterator[tuple[str, str, nuclei.Chapter]]:
    """Name, language and a clean chapter of each held-out voice of the packages."""
    for voice, own in nuclei.sayings(folder, HELD_OUT).items():
        calm = nuclei.chapter(own, None, False, 1.0, np.random.default_rng(0))
        yield voice, own[0].language, calm


def sampled() -> Iterator[tuple[str, str, nuclei.Chapter]]:
    """The made calls, each side by itself: parts are the true turns of four syllables and more."""
    for path in sorted(SAMPLES.glob("*.truth.json")):
        truth = json.loads(path.read_text("utf-8"))
        if truth["channels"] != 2:
            continue
        samples, _ = soundfile.read(SAMPLES / f"{path.name.removesuffix('.truth.json')}.wav", dtype="float32")
        for who, about in truth["speakers"].items():
            own = [turn for turn in truth["turns"] if turn["speaker"] == who and turn["syllables"] >= 4]
            parts = [(int(t["start_s"] * 100) - 5, int(t["end_s"] * 100) + 10, t["syllables"]) for t in own]
            column = np.ascontiguousarray(samples[:, about["channel"]])
            name = f"{about['voice']} ({path.name.split('.')[0]})"
            yield name, truth["language"], nuclei.Chapter(column, sorted(parts))


def turns_of(parts: list[tuple[int, int, int]]) -> list[tuple[list[tuple[int, int]], int]]:
    """Neighbouring parts joined until they have ten syllables."""
    made, held, count = [], [], 0
    for first, last, syllables in parts:
        held.append((first, last))
        count += syllables
        if count >= TURN_SYLLABLES:
            made.append((held, count))
            held, count = [], 0
    return made


def over(line: str, voice: str, language: str, calm: nuclei.Chapter) -> Turns:
    noise_db = LINES[line]
    sent = nuclei.telephone(calm.samples, noise_db, conditions.seeded(voice, line))
    return Turns(voice, language, sent, turns_of(calm.parts))


def ours(samples: np.ndarray) -> np.ndarray:
    """Times of the nuclei in seconds."""
    frames = extract(samples, 8000)
    return frames.time_s[frames.nucleus]


def de_jong_wempe(samples: np.ndarray) -> np.ndarray:
    """Times of the nuclei by their script: dips of 2 dB, 25 dB under the 99th percentile, voiced."""
    import parselmouth

    sound = parselmouth.Sound(samples.astype(float), 8000)
    intensity = sound.to_intensity(50, subtract_mean=True)
    level, time_s = intensity.values[0], intensity.xs()
    least = max(np.percentile(level, 99) - 25, level.min())
    tops = 1 + np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:]) & (level[1:-1] > least))
    tops = [top for top, after in pairwise(tops) if level[top] - level[top:after].min() > 2] + list(tops[-1:])
    pitch = sound.to_pitch_ac(
        time_step=0.02, pitch_floor=30, pitch_ceiling=450, max_number_of_candidates=4, silence_threshold=0.03,
        voicing_threshold=0.25, octave_cost=0.01, octave_jump_cost=0.35, voiced_unvoiced_cost=0.25,
    )  # fmt: skip
    return np.array([time_s[top] for top in tops if np.isfinite(pitch.get_value_at_time(time_s[top]))])


def score(one: Turns, count: Callable[[np.ndarray], np.ndarray]) -> dict[str, float]:
    """Turns, mean absolute error of the count, its bias over all turns, correlation of the rates."""
    time_s = count(one.samples)
    found = np.array([sum(_between(time_s, *part) for part in parts) for parts, _ in one.turns], float)
    true = np.array([syllables for _, syllables in one.turns], float)
    length = np.array([sum(last - first for first, last in parts) for parts, _ in one.turns])
    r = np.corrcoef(found / length, true / length)[0, 1] if len(true) > 2 and found.any() else np.nan
    wrong = 100 * np.abs(found - true) / true
    return {"n": len(true), "mae": wrong.mean(), "bias": 100 * (found.sum() / true.sum() - 1), "r": r}


def _between(time_s: np.ndarray, first: int, last: int) -> int:
    return int(np.searchsorted(time_s, last / 100) - np.searchsorted(time_s, first / 100))


def syllables(folder: Path) -> str:
    calm = [*read_voices(folder), *sampled()]
    rows, by_language = [], {}
    for line in LINES:
        for voice, language, own in calm:
            one = over(line, voice, language, own)
            mine, peer = score(one, ours), score(one, de_jong_wempe)
            by_language.setdefault((line, language), []).append((mine, peer))
            rows.append([line, language, voice, mine["n"], *_cells(mine), *_cells(peer)])
    head = ["line", "language", "voice", "turns"]
    measures = ["MAE %", "bias %", "r", "Praat MAE %", "bias %", "r"]
    means = []
    for (line, language), pairs in by_language.items():
        total = sum(mine["n"] for mine, _ in pairs)
        means.append([line, language, len(pairs), total, *_cells(_mean(pairs, 0)), *_cells(_mean(pairs, 1))])
    return "\n\n".join(
        [
            "### Syllables, held-out voices, mean over voices by language",
            tables.table(["line", "language", "voices", "turns", *measures], means),
            tables.folded("Each voice", tables.table([*head, *measures], rows)),
        ]
    )


def _mean(pairs: list[tuple[dict, dict]], which: int) -> dict[str, float]:
    return {name: float(np.nanmean([pair[which][name] for pair in pairs])) for name in ("mae", "bias", "r")}


def _cells(found: dict[str, float]) -> list[str]:
    return [f"{found['mae']:.1f}", f"{found['bias']:+.1f}", f"{found['r']:.2f}"]


# Contours


def said_again(samples: np.ndarray, change_st: float) -> tuple[np.ndarray, np.ndarray] | None:
    """A saying whose last 0.3 s of voice glide by `change_st`, at 8 kHz, and its F0 every 10 ms; None if it cannot."""
    import pyworld

    wide = soxr.resample(samples.astype(float), 8000, 16_000)
    f0_hz, time_s = pyworld.harvest(wide, 16_000, f0_floor=65, f0_ceil=450)
    f0_hz = pyworld.stonemask(wide, f0_hz, time_s, 16_000)
    voiced = np.flatnonzero((f0_hz > 0) & _heard(wide, len(f0_hz)))
    steps = round(GLIDE_S / 0.005)
    start = voiced[-1] - steps if len(voiced) > 2 * steps else 0
    if start < steps or np.mean(f0_hz[start : start + steps] > 0) < 0.8:
        return None
    middle = np.median(np.log2(f0_hz[voiced]))
    pitch_st = 6 * (np.log2(np.maximum(f0_hz, 1)) - middle)  # half of its range
    before = voiced[(voiced > start - 40) & (voiced <= start)]
    base_st = np.clip(np.median(pitch_st[before]), -3, 3) if len(before) else 0.0
    pitch_st[start:] = base_st + change_st * np.clip(np.arange(len(f0_hz) - start) / steps, 0, 1)
    new_hz = np.where(f0_hz > 0, np.clip(2 ** (middle + pitch_st / 12), 62, 480), 0.0)
    envelope = pyworld.cheaptrick(wide, f0_hz, time_s, 16_000)
    breath = pyworld.d4c(wide, f0_hz, time_s, 16_000)
    made = pyworld.synthesize(new_hz, envelope, breath, 16_000)[: (voiced[-1] + 1) * 80]
    made[-320:] *= np.linspace(1, 0, 320)
    new_hz[voiced[-1] + 1 :] = 0
    return soxr.resample(made, 16_000, 8000).astype(np.float32), new_hz[1::2]


def _heard(wide: np.ndarray, count: int) -> np.ndarray:
    """Which 5 ms are less than 15.9 dB under the active level; what is softer is a pause (ITU-T P.56)."""
    power = np.convolve(wide**2, np.full(320, 1 / 320), "same")
    level = power[power > np.percentile(power, 95) * 1e-2].mean()
    return power[np.minimum(80 * np.arange(count), len(power) - 1)] > level * 10**-1.59


def true_name(change_st: float) -> str:
    if abs(change_st) <= GLISSANDO / GLIDE_S:
        return "level"
    return "rise" if change_st > 0 else "fall"


def contours(folder: Path) -> str:
    rng = np.random.default_rng(1)
    made = []
    for voice, own in nuclei.sayings(folder, CONTOUR_VOICES).items():
        said = [own[i].samples[-20_000:] for i in rng.permutation(len(own)) if len(own[i].samples) > 9000]
        usable = 0
        for samples in said:
            found = [(size, said_again(samples, size)) for size in rng.choice(SIZES_ST, 5, replace=False)]
            made += [(voice, size, *pair) for size, pair in found if pair is not None]
            usable += all(pair is not None for _, pair in found)
            if usable == CONTOURS:
                break
    rows = []
    for line in ("true F0", *CONTOUR_LINES):
        matrix = np.zeros((3, 4), int)
        for number, (voice, size, samples, f0_hz) in enumerate(made):
            heard = f0_hz if line == "true F0" else _tracked(samples, line, f"{voice} {number}")
            name = final_contour(np.where(heard > 0, heard, np.nan), 0.01).inflection
            matrix[NAMES.index(true_name(size)), NAMES.index(name) if name else 3] += 1
        recall = matrix.diagonal() / matrix.sum(axis=1)
        rows.append(
            [line, len(made), *(f"{value:.2f}" for value in recall), f"{recall.mean():.3f}", matrix[:, 3].sum()]
        )
    sizes = ", ".join(f"{size:+g}" for size in SIZES_ST)
    head = ["line", "endings", *(f"{name} found" for name in NAMES), "balanced accuracy", "not told"]
    return "\n\n".join(
        [
            f"### Final contours, resynthesised, glides of {sizes} st over the last {GLIDE_S} s",
            f"The glissando threshold is {GLISSANDO / GLIDE_S:.2f} st there. First row: the bound with the true F0.",
            tables.table(head, rows),
        ]
    )


def _tracked(samples: np.ndarray, line: str, name: str) -> np.ndarray:
    padded = np.pad(samples, 4000)
    return extract(conditions.make(line, padded, [], conditions.seeded(name, line)), 8000).f0_hz


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--material", type=Path, help="folder with the packages unpacked")
    parser.add_argument("--only", choices=("syllables", "contours"), help="one part, printed and not written")
    arguments = parser.parse_args()
    folder = material(arguments.material)
    parts = {"syllables": syllables, "contours": contours}
    text = "\n\n".join(part(folder) for name, part in parts.items() if arguments.only in (None, name))
    print(text)
    if arguments.only is None:
        tables.write("rate", text)


if __name__ == "__main__":
    peers.enter()
    main()
