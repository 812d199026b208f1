"""Train the net that finds syllable nuclei, and write its weights.

    python -m speechcoach.features.train.nuclei --material FOLDER        # about four minutes on one core

What it reads: people who read sentences and phrases whose text is known, from packages of Debian, unpacked into
FOLDER (`apt-get download`, `dpkg -x`): asterisk-core-sounds-{en,es,fr,it}, the same with -wav, and
asterisk-core-sounds-ru, -ru-wav (prompts), tuxpaint-stamps-default (phrases), flite and its library libflite1 (one
synthetic voice at four tempi). espeak-ng (on the path or in FOLDER, with espeak-ng-data and libespeak-ng1) says how
many vowels a text has.

How: only the number of syllables of each recording is known, not their places. So each is given as many nuclei as it
has syllables, first at the most prominent peaks of its loudness, then twice at those of the net that was trained on the
round before: hard expectation-maximisation. The targets are bumps of 50 ms, the loss cross-entropy. Every voice is
heard clean, over the telephone, in noise of 5 to 20 dB, and at 0.8 to 1.35 times its tempo. Deterministic from SEED on
one machine.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from speechcoach.features import extract
from speechcoach.features.frames import HOP, RATE_HZ, Signal
from speechcoach.features.rate import BANDS, LOOKS, REACH, STEP, WEIGHTS, Net, look_bands, peaks

TABLE = Path(__file__).parents[1] / "weights" / WEIGHTS
SEED = 7
TRAINED = ("en prompt", "es prompt", "fr prompt", "it prompt", "ru prompt", "ro", "bg", "ca", "be", "el", "flite rms")
CONDITIONS = (  # noise in dB under the voice or None, whether over the telephone, tempo
    (None, True, 1.0), (None, False, 1.0), (20, True, 1.2), (15, True, 0.9), (10, True, 1.1),
    (5, True, 1.0), (None, True, 1.35), (20, True, 0.8), (12, True, 1.0),
)  # fmt: skip
CHAPTER_S = 200.0
PAUSE_S = 0.3
GAIN_DB = 5.0  # people do not keep their distance
RATES = (1.8, 9.5)  # syllables a second; outside it text and recording do not belong together
BUMP = np.array([0.15, 0.6, 1.0, 0.6, 0.15], np.float32)
HIDDEN = 24
ROUNDS = (1500, 1500, 4000)  # steps of each
ROWS = 4096  # hops a step
RATE_OF_LEARNING = 4e-3
PROMPTS = {"en": ("en_US_f_Allison", "en-us"), "es": ("es_MX_f_Allison", "es-419"), "fr": ("fr_CA_f_June", "fr"),
           "it": ("it_IT_m_Carlo", "it"), "ru": ("ru_RU_f_IvrvoiceRU", "ru")}  # fmt: skip
PHRASES = ("fr", "es", "ru", "el", "ca", "ro", "bg", "be")  # of tuxpaint: languages whose spelling tells the vowels
FLITE = ("awb", "rms", "slt")
_VOWELS = frozenset("aeiouyæøœɐɑɒɔəɘɛɜɞɤɨɪɯɵʉʊʌʏɶɚɝᵻᵊ")
_FLITE_VOWELS = frozenset(
    ("aa", "ae", "ah", "ao", "aw", "ax", "axr", "ay", "eh", "er", "ey", "ih", "ix", "iy", "ow", "oy", "uh", "uw")
)


@dataclass(frozen=True, slots=True, eq=False)
class Saying:
    """A recording at 8 kHz, float32 `[n]`, the number of its syllables, its speaker and language."""

    voice: str
    language: str
    samples: np.ndarray
    syllables: int


@dataclass(frozen=True, slots=True, eq=False)
class Chapter:
    """Sayings of one voice in a row: samples, and of each saying its first and last hop and its syllables."""

    samples: np.ndarray
    parts: list[tuple[int, int, int]]


# Material


def sayings(folder: Path, voices: tuple[str, ...] | None = None) -> dict[str, list[Saying]]:
    """What each voice says; `voices` names some, None all."""
    found: dict[str, list[Saying]] = {}
    for voice, language, path_or_samples, count in _all(folder, voices):
        samples = path_or_samples if isinstance(path_or_samples, np.ndarray) else read(path_or_samples)
        samples = spoken(samples)
        if count and len(samples) and RATES[0] < count / (len(samples) / RATE_HZ - 0.2 + 0.05) < RATES[1]:
            found.setdefault(voice, []).append(Saying(voice, language, samples, count))
    return found


def _all(folder: Path, voices: tuple[str, ...] | None) -> Iterator[tuple[str, str, Path | np.ndarray, int]]:
    for language, (name, accent) in PROMPTS.items():
        if voices is None or f"{language} prompt" in voices:
            for path, text in _prompts(folder, language, name):
                yield f"{language} prompt", language, path, vowels(folder, text, accent)
    for language in PHRASES:
        if voices is None or language in voices:
            for path, text in _phrases(folder, language):
                yield language, language, path, vowels(folder, text, language)
    for number, voice in enumerate(FLITE):
        if voices is None or f"flite {voice}" in voices:
            for place, text in enumerate(_sentences(folder)[number :: len(FLITE)]):
                yield f"flite {voice}", "en", *_synthetic(folder, voice, text, (0.75, 0.9, 1.0, 1.2)[place % 4])


def _prompts(folder: Path, language: str, name: str) -> Iterator[tuple[Path, str]]:
    listed = folder / f"usr/share/doc/asterisk-core-sounds-{language}/core-sounds-{language}.txt.gz"
    for line in gzip.decompress(listed.read_bytes()).decode("utf-8", "replace").splitlines():
        match = re.match(r"\W?([\w/-]+)\s*:\s*(.*)", line.strip())
        if not match or re.search(r"[\d<\[(*#?]", match[2]) or re.search(r"tone|beep|ring|monkey|silence", match[1]):
            continue
        path = folder / f"usr/share/asterisk/sounds/{name}/{match[1]}.wav"
        if match[1].split("/")[0] not in ("digits", "letters", "phonetic", "ha") and path.exists():
            yield path, match[2]


def _phrases(folder: Path, language: str) -> Iterator[tuple[Path, str]]:
    for path in sorted((folder / "usr/share/tuxpaint").rglob(f"*_desc_{language}.ogg")):
        texts = path.with_name(path.name.replace(f"_desc_{language}.ogg", ".txt"))
        text = texts.exists() and re.search(rf"^{language}\.utf8=(.*)$", texts.read_text("utf-8", "replace"), re.M)
        if text and not re.search(r"[\d<\[(*#?/]", text[1]):
            yield path, text[1]


def _sentences(folder: Path) -> list[str]:
    return [text for _, text in _prompts(folder, "en", PROMPTS["en"][0]) if len(text) > 20]


def _run(folder: Path, program: str, *options: str) -> str:
    own = folder / "usr/bin" / program
    library = next((str(path.parent) for path in (folder / "usr/lib").rglob("libespeak-ng.so.1")), "")
    places = {"LD_LIBRARY_PATH": library, "ESPEAK_DATA_PATH": f"{library}/espeak-ng-data"} if own.exists() else {}
    command = str(own) if own.exists() else shutil.which(program)
    if command is None:
        raise FileNotFoundError(f"{program} is neither on the path nor in {folder}")
    return subprocess.run([command, *options], env={**os.environ, **places}, capture_output=True, text=True).stdout


def vowels(folder: Path, text: str, accent: str) -> int:
    """Syllables of `text` as espeak-ng pronounces it: phonemes that hold a vowel, Italian glides put right."""
    spoken_text = unicodedata.normalize("NFD", _run(folder, "espeak-ng", "-q", "--ipa", "--sep=_", "-v", accent, text))
    spoken_text = re.sub(r"\(.*?\)", "", spoken_text)
    if accent == "it":  # "stazione" has no syllable of its own for its i
        spoken_text = re.sub(r"(?<![ˈˌ])\b[iu]__?(?=[ˈˌ]?[aeoɛɔiu])", "j_", spoken_text)
    phonemes = [phoneme for word in spoken_text.split() for phoneme in word.split("_")]
    return sum(any(letter in _VOWELS for letter in phoneme) or "\u0329" in phoneme for phoneme in phonemes)


def _synthetic(folder: Path, voice: str, text: str, slowness: float) -> tuple[np.ndarray, int]:
    with tempfile.TemporaryDirectory() as place:
        wave = Path(place) / "said.wav"
        options = ("-voice", voice, "--setf", f"duration_stretch={slowness}", "-ps", "-t", text, str(wave))
        phones = _run(folder, "flite", *options).split()
        return read(wave), sum(phone in _FLITE_VOWELS for phone in phones)


def read(path: Path) -> np.ndarray:
    """A recording as one channel at 8 kHz."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    return soxr.resample(samples.mean(axis=1), rate_hz, RATE_HZ).astype(np.float32)


def spoken(samples: np.ndarray) -> np.ndarray:
    """`samples` from 0.1 s before to 0.1 s after what is less than 35 dB under the loud parts."""
    if len(samples) < RATE_HZ // 2:
        return samples[:0]
    power = np.convolve(samples**2, np.full(160, 1 / 160), "same")
    loud = np.flatnonzero(power > np.percentile(power, 95) * 10**-3.5)
    return samples[max(0, loud[0] - 800) : loud[-1] + 800]


# Chapters: what a line makes of it


def chapter(own: list[Saying], noise_db: float | None, line: bool, tempo: float, rng: np.random.Generator) -> Chapter:
    """Sayings of one voice in random order, each a little louder or softer, with pauses between."""
    samples, parts, place = [], [], 0
    for number in rng.permutation(len(own)):
        said = own[number].samples
        said = soxr.resample(said, RATE_HZ * tempo, RATE_HZ) if tempo != 1 else said
        loud = said[said**2 > np.max(said**2) * 1e-3]
        said = said * (0.1 / np.sqrt(np.mean(loud**2)) * 10 ** (rng.uniform(-GAIN_DB, GAIN_DB) / 20))
        parts.append((place // HOP, -(-(place + len(said)) // HOP), own[number].syllables))
        samples += [said, np.zeros(round(PAUSE_S * RATE_HZ))]
        place += len(said) + round(PAUSE_S * RATE_HZ)
        if place > CHAPTER_S * RATE_HZ:
            break
    voice = np.concatenate(samples)
    return Chapter(telephone(voice, noise_db, rng) if line else voice.astype(np.float32), parts)


def telephone(voice: np.ndarray, noise_db: float | None, rng: np.random.Generator) -> np.ndarray:
    """300-3400 Hz, noise of that band below the active level, mu-law."""
    voice, noise = _in_band(voice), _in_band(rng.standard_normal(len(voice)))
    power = np.mean(voice[: len(voice) // 160 * 160].reshape(-1, 160) ** 2, axis=1)
    active = power[power > np.percentile(power, 98) * 1e-3].mean()
    voice = voice + noise * np.sqrt(active / np.mean(noise**2)) * 10 ** (-(60 if noise_db is None else noise_db) / 20)
    small = np.sign(voice) * np.log1p(255 * np.minimum(np.abs(voice), 1)) / np.log1p(255)
    small = np.round(small * 127) / 127
    return (np.sign(small) * np.expm1(np.abs(small) * np.log1p(255)) / 255).astype(np.float32)


def _in_band(samples: np.ndarray) -> np.ndarray:
    whole = 1 << len(samples).bit_length()  # a length that is fast to transform
    hz = np.maximum(np.fft.rfftfreq(whole, 1 / RATE_HZ), 1e-3)
    gain = 1 / np.sqrt((1 + (300 / hz) ** 12) * (1 + (hz / 3400) ** 12))
    return np.fft.irfft(np.fft.rfft(samples, whole) * gain, whole)[: len(samples)]


# Training


def train(folder: Path) -> Net:
    """The weights, from the voices of TRAINED alone."""
    rng = np.random.default_rng(SEED)
    own = sayings(folder, TRAINED)
    chapters = [chapter(own[voice], *line, rng) for line in CONDITIONS for voice in TRAINED]
    print(f"{sum(len(c.samples) for c in chapters) / RATE_HZ / 60:.0f} minutes of {len(own)} voices")
    looks, actives = zip(*(_looks(c) for c in chapters), strict=True)
    curves = [_loudness(look, active) for look, active in zip(looks, actives, strict=True)]
    for number, steps in enumerate(ROUNDS):
        net = fit(looks, actives, [_targets(*row) for row in zip(chapters, curves, strict=True)], steps, rng)
        print(f"round {number + 1} done")
        curves = [_curve(net, look, active) for look, active in zip(looks, actives, strict=True)]
    return net


def _looks(one: Chapter) -> tuple[np.ndarray, np.ndarray]:
    """What the net sees of a chapter, and which hops are active."""
    frames = extract(one.samples, RATE_HZ)
    return look_bands(Signal(one.samples), np.isfinite(frames.f0_hz), frames.active), frames.active


def _loudness(looks: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Where the first round puts its nuclei: the sum of the bands from 500 Hz on, a third of it where unvoiced."""
    inside = looks[REACH:-REACH]
    return inside[:, 1:BANDS].sum(axis=1) * (0.3 + 0.7 * inside[:, BANDS]) * active


def _curve(net: Net, looks: np.ndarray, active: np.ndarray) -> np.ndarray:
    rows = np.flatnonzero(active)
    curve = np.zeros(len(active), np.float32)
    for start in range(0, len(rows), 20_000):
        some = rows[start : start + 20_000]
        curve[some] = _forward(net, _seen(looks, some))[1]
    return curve


def _targets(one: Chapter, curve: np.ndarray) -> np.ndarray:
    """Bumps at as many peaks of the curve as each saying has syllables; NaN where there are too few, and between."""
    target = np.full(len(curve) + 4, np.nan, np.float32)
    for first, last, count in one.parts:
        first, last = max(0, first - 10), min(len(curve), last + 10)
        places = _most_prominent(curve[first:last], count)
        if places is not None:
            target[first + 2 : last + 2] = 0
            for place in first + places:
                target[place : place + 5] = np.fmax(target[place : place + 5], BUMP)
    return target[2:-2]


def _most_prominent(curve: np.ndarray, count: int) -> np.ndarray | None:
    low, high = 0.0, float(curve.max())
    found = peaks(curve, 1e-6)
    if len(found) < count:
        return None
    for _ in range(18):
        dip = (low + high) / 2
        some = peaks(curve, dip)
        if len(some) == count:
            return some
        low, high, found = (dip, high, some) if len(some) > count else (low, dip, found)
    return np.sort(found[np.argsort(-curve[found], kind="stable")[:count]])


def _seen(looks: np.ndarray, rows: np.ndarray) -> np.ndarray:
    # The order of `rate.seen`: for each band its looks.
    return looks[rows[:, None] + STEP * np.arange(LOOKS)].transpose(0, 2, 1).reshape(len(rows), -1)


def _forward(net: Net, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hidden = np.maximum(seen @ net.into + net.bias, 0)
    return hidden, 1 / (1 + np.exp(-(hidden @ net.out + net.rest)))


def fit(
    looks: tuple[np.ndarray, ...],
    actives: tuple[np.ndarray, ...],
    targets: list[np.ndarray],
    steps: int,
    rng: np.random.Generator,
) -> Net:
    """Adam (Kingma & Ba 2015) on the cross-entropy, the step falling along a half cosine."""
    starts = np.cumsum([0, *map(len, looks)])
    pool, known = np.concatenate(looks), np.full(starts[-1], np.nan, np.float32)
    for start, active, target in zip(starts, actives, targets, strict=False):
        known[start : start + len(target)] = np.where(active, target, np.nan)
    rows = np.flatnonzero(np.isfinite(known))
    size = LOOKS * (BANDS + 1)
    made = rng.standard_normal((size, HIDDEN)) * np.sqrt(2 / size)
    theta = [made, np.zeros(HIDDEN), rng.standard_normal(HIDDEN) * np.sqrt(1 / HIDDEN), np.array(-1.5)]
    theta = [np.asarray(part, np.float32) for part in theta]
    first, second = [np.zeros_like(p) for p in theta], [np.zeros_like(p) for p in theta]
    for step in range(1, steps + 1):
        some = rng.choice(rows, ROWS)
        slopes = _slopes(Net(*theta), _seen(pool, some), known[some])
        size_of_step = RATE_OF_LEARNING * min(1, step / 100) * (0.5 + 0.5 * np.cos(np.pi * step / (steps + 1)))
        for part, slope, mean, square in zip(theta, slopes, first, second, strict=True):
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope**2 - square)
            part -= size_of_step * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return Net(*theta[:3], np.float32(theta[3]))


def _slopes(net: Net, seen: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, ...]:
    hidden, chance = _forward(net, seen)
    wrong = (chance - target) / len(target)
    back = np.outer(wrong, net.out) * (hidden > 0)
    return seen.T @ back, back.sum(axis=0), hidden.T @ wrong, wrong.sum()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--material", type=Path, required=True, help="folder with the unpacked packages")
    parser.add_argument("--out", type=Path, default=TABLE)
    arguments = parser.parse_args()
    net = train(arguments.material)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    into, bias, out = (part.astype(np.float16) for part in (net.into, net.bias, net.out))
    np.savez(arguments.out, into=into, bias=bias, out=out, rest=np.float16(net.rest))


if __name__ == "__main__":
    main()
