"""Two speakers on one channel: how much speech is given to the wrong one.

    python benchmarks/mono.py [--share /usr/share]        # writes the section `mono` of benchmarks/README.md

Made calls of 75 s on one channel, of people recorded for packages of Debian (prompts, sentences, picture names), none
of whom the constants were fitted on: turns of 0.4-10 s, gaps of 0.3 s on average, every fourth change overlapping, "mm"
into long turns; levels 6 dB apart at most; 300-3400 Hz, white noise, mu-law. Truth is where the recordings are within
25 dB of their peaks, pauses below 0.25 s filled.

Conventions: masks are bool `[speakers, frames]` of 10 ms. DER is missed + false + confused speech over all speech, in
percent, with 0.25 s left out on both sides of every edge, overlaps scored (NIST RT-09).
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from scipy.signal import butter, sosfilt
from tables import table, write

from speechcoach.channels import find_activity
from speechcoach.channels.speakers import Speakers, tell_apart
from speechcoach.features import extract
from speechcoach.records import Span

RATE_HZ = 8000
CALL_S = 75.0
VOICES = {
    "woman": {
        "June": "asterisk/sounds/fr_CA_f_June/*.wav",
        "ru": "asterisk/sounds/ru_RU_f_IvrvoiceRU/*.wav",
        "es": "tuxpaint/**/*_desc_es*.ogg",
        "el": "tuxpaint/**/*_desc_el*.ogg",
        "uk": "klettres/uk/*/*",
    },
    "man": {
        "Carlo": "asterisk/sounds/it_IT_m_Carlo/*.wav",
        "nsh": "festival/voices/russian/msu_ru_nsh_clunits/wav/*.wav",
        "lt": "ktuberling/sounds/lt/*",
        "da": "tuxpaint/**/*_desc_da*.ogg",
        "wa": "ktuberling/sounds/wa/*",
        "ca": "tuxpaint/**/*_desc_ca*.ogg",
    },
}
KINDS = ("man and woman", "two women", "two men")
COLLAR = 25
BAND = butter(4, (300, 3400), "bandpass", fs=RATE_HZ, output="sos")
SAMPLES = Path(__file__).resolve().parent.parent / "samples"


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A call: samples float32 `[n]`, who speaks when, the voices, dB of speech over noise."""

    kind: str
    samples: np.ndarray
    truth: np.ndarray
    snr_db: float


def clips(share: Path, pattern: str, most_s: float = 110.0) -> list[np.ndarray]:
    """Recordings of one voice at 8 kHz and an RMS of 1, silence at both ends cut off."""
    paths = np.array(sorted(path for path in share.glob(pattern) if path.suffix in (".wav", ".ogg")), object)
    found: list[np.ndarray] = []
    for path in np.random.default_rng(1).permutation(paths):
        samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
        clip = soxr.resample(samples.mean(axis=1), rate_hz, RATE_HZ)
        if len(clip) < 0.2 * RATE_HZ:
            continue
        first, last = np.flatnonzero(audible(clip))[[0, -1]]
        clip = clip[first : last + 1]
        if 0.2 * RATE_HZ < len(clip) < 9 * RATE_HZ:
            found.append(clip / np.sqrt(np.mean(clip**2)))
        if sum(map(len, found)) > most_s * RATE_HZ:
            break
    return found


def audible(samples: np.ndarray) -> np.ndarray:
    power = np.convolve(samples.astype(np.float64) ** 2, np.ones(80) / 80, mode="same")
    return power > power.max() * 3e-3


def made(kind: str, people: Sequence[list[np.ndarray]], snr_db: float, seed: int) -> Made:
    """A call of these people, who take turns."""
    rng = np.random.default_rng(seed)
    lanes = np.zeros((len(people), round(CALL_S * RATE_HZ)), np.float32)
    truth = np.zeros((len(people), round(CALL_S * 100)), bool)
    gains = 10 ** ((-26 + rng.uniform(-3, 3, len(people))) / 20)
    at_s, who = 0.5, 0
    while True:
        turn = _turn(rng, people[who], float(np.clip(np.exp(rng.normal(np.log(2.2), 0.8)), 0.4, 10)))
        length_s = len(turn) / RATE_HZ
        if at_s + length_s > CALL_S - 1:
            break
        _put(lanes, truth, who, at_s, turn * gains[who])
        others = [other for other in range(len(people)) if other != who]
        if others and length_s > 3 and rng.random() < 0.35:
            other = int(rng.choice(others))
            short = [clip for clip in people[other] if len(clip) < 0.8 * RATE_HZ] or people[other]
            token = short[int(rng.integers(len(short)))][: round(0.8 * RATE_HZ)]
            _put(lanes, truth, other, at_s + float(rng.uniform(1, length_s - 1)), 0.7 * token * gains[other])
        at_s += length_s + float(np.clip(rng.normal(0.3, 0.45), -0.7, 2) if others else rng.uniform(0.2, 1))
        who = int(rng.choice(others)) if others else 0
    truth = np.array([_filled(row) for row in truth])
    return Made(kind, _line(lanes.sum(axis=0), truth.any(axis=0), snr_db, rng), truth, snr_db)


def _turn(rng: np.random.Generator, said: list[np.ndarray], length_s: float) -> np.ndarray:
    parts: list[np.ndarray] = []
    while True:
        clip = said[int(rng.integers(len(said)))]
        if parts and sum(map(len, parts)) + len(clip) > 1.5 * length_s * RATE_HZ:
            return np.concatenate(parts)
        parts.append(clip)
        if sum(map(len, parts)) > length_s * RATE_HZ:
            return np.concatenate(parts)
        pause_s = rng.uniform(0.03, 0.15) if rng.random() < 0.6 else rng.uniform(0.2, 0.6)
        parts.append(np.zeros(round(pause_s * RATE_HZ), np.float32))


def _put(lanes: np.ndarray, truth: np.ndarray, who: int, at_s: float, sound: np.ndarray) -> None:
    start = round(at_s * 100)
    lanes[who, start * 80 : start * 80 + len(sound)] += sound
    heard = audible(sound)[: len(sound) // 80 * 80].reshape(-1, 80).any(axis=1)
    truth[who, start : start + len(heard)] |= heard


def _filled(row: np.ndarray, gap: int = 25) -> np.ndarray:
    row = row.copy()
    edges = _edges(row)
    for (_, end), (start, _) in itertools.pairwise(edges):
        row[end:start] |= start - end < gap
    return row


def _edges(row: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.diff(row.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)


def _line(samples: np.ndarray, speech: np.ndarray, snr_db: float, rng: np.random.Generator) -> np.ndarray:
    """As a telephone line has it: band, noise, mu-law."""
    band = sosfilt(BAND, samples)
    power = np.mean(band.reshape(-1, 80) ** 2, axis=1)[speech].mean()
    noisy = np.clip(band + np.sqrt(power) * 10 ** (-snr_db / 20) * rng.standard_normal(len(band)), -1, 1)
    steps = np.round(np.sign(noisy) * np.log1p(255 * np.abs(noisy)) / np.log(256) * 127) / 127
    return (np.sign(steps) * np.expm1(np.abs(steps) * np.log(256)) / 255).astype(np.float32)


def errors(truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Frames missed, false, confused, and all, as `[4]`; the best of the two ways to name the speakers."""
    keep = np.ones(truth.shape[1], bool)
    for row in truth:
        for edge in _edges(row).ravel():
            keep[max(0, edge - COLLAR) : edge + COLLAR] = False
    truth, found = truth[:, keep], found[:, keep]
    real, said = truth.sum(axis=0), found.sum(axis=0)
    right = max((truth & found[list(way)]).sum() for way in itertools.permutations(range(len(found))))
    missed, false = np.maximum(real - said, 0).sum(), np.maximum(said - real, 0).sum()
    return np.array([missed, false, np.minimum(real, said).sum() - right, real.sum()], float)


def masks(split: Speakers, frames: int) -> np.ndarray:
    found = np.zeros((2, frames), bool)
    for row, spans in zip(found, split.spans, strict=False):
        for span in spans:
            row[round(span.start_s * 100) : round(span.end_s * 100)] = True
    return found


def true_spans(truth: np.ndarray) -> tuple[Span, ...]:
    return tuple(Span(start / 100, end / 100) for start, end in _edges(_filled(truth.any(axis=0), 18)))


def calls(share: Path, a_kind: int) -> list[Made]:
    """Pairs of each kind in a drawn order, 20 and 15 dB by turns; then one speaker alone, and three."""
    people = {sex: [clips(share, pattern) for pattern in voices.values()] for sex, voices in VOICES.items()}
    women, men = people["woman"], people["man"]
    pairs = (itertools.product(women, men), itertools.combinations(women, 2), itertools.combinations(men, 2))
    rng, found = np.random.default_rng(6), []
    for kind, some in zip(KINDS, map(list, pairs), strict=True):
        for index, place in enumerate(rng.permutation(len(some))[:a_kind]):
            found.append(made(kind, some[place], (20.0, 15.0)[index % 2], 5000 + len(found)))
    everyone = [*women, *men]
    found += [made("one", [voice], 20.0, 6000 + index) for index, voice in enumerate(everyone)]
    for index in range(a_kind):
        three = [everyone[place] for place in rng.permutation(len(everyone))[:3]]
        found.append(made("three", three, 20.0, 7000 + index))
    return found


def sample() -> Made:
    """The sample call on one channel."""
    samples, _ = soundfile.read(SAMPLES / "mono_mix.wav", dtype="float32")
    truth = np.zeros((2, len(samples) // 80), bool)
    for turn in json.loads((SAMPLES / "mono_mix.truth.json").read_text("utf-8"))["turns"]:
        truth[int(turn["speaker"] == "customer"), round(turn["start_s"] * 100) : round(turn["end_s"] * 100)] = True
    return Made("sample call", samples, truth, 40.0)


def report(made_calls: Sequence[Made]) -> str:
    totals: dict[tuple[str, float], list[np.ndarray]] = {}
    counts: dict[str, list[int | None]] = {}
    chances, cpu_s, speech_s = [], 0.0, 0.0
    for call in made_calls:
        frames = extract(call.samples, RATE_HZ)
        given, heard = true_spans(call.truth), find_activity(frames, call.samples).speech[0]
        started = time.process_time()
        splits = [tell_apart(frames, call.samples, spans) for spans in (given, heard)]
        cpu_s += time.process_time() - started
        speech_s += 2 * len(call.samples) / RATE_HZ
        counts.setdefault(call.kind, []).append(splits[0].count)
        if len(call.truth) == 2 and splits[0].count == 2:
            rows = [errors(call.truth, masks(split, call.truth.shape[1])) for split in splits]
            totals.setdefault((call.kind, call.snr_db), []).append(np.stack(rows))
            chances.append((splits[0].probability, rows[0][2] / rows[0][3] < 0.1))
        print(
            call.kind, call.snr_db, splits[0].count, splits[0].probability, splits[0].why, splits[1].count, flush=True
        )
    return _text(totals, counts, chances, speech_s / cpu_s)


def _text(totals, counts, chances, times: float) -> str:
    rows = []
    for (kind, snr_db), found in totals.items():
        given, heard = np.sum(found, axis=0)
        share = [f"{100 * part[index] / part[3]:.1f}" for part in (given, heard) for index in (0, 1, 2)]
        worst = max(100 * one[0][2] / one[0][3] for one in found)
        der = f"{100 * given[:3].sum() / given[3]:.1f}"
        own = f"{100 * heard[:3].sum() / heard[3]:.1f}"
        row = (
            kind,
            f"{snr_db:.0f} dB",
            len(found),
            der,
            share[0],
            share[2],
            f"{worst:.1f}",
            own,
            share[3],
            share[4],
            share[5],
        )
        rows.append(row)
    head = (
        "",
        "speech over noise",
        "calls split",
        "DER %",
        "missed %",
        "confused %",
        "worst call",
        "DER, own activity %",
        "missed %",
        "false %",
        "confused %",
    )
    said = [
        (kind, len(found), *(sum(count == want for count in found) for want in (1, 2, 3, None)))
        for kind, found in counts.items()
    ]
    mean = np.mean([chance for chance, _ in chances])
    right = np.mean([good for _, good in chances])
    return "\n\n".join(
        (
            "With the true speech spans; what is missed is overlap, because only one speaks at a time. In the last "
            "four columns with the spans of `find_activity`, on the same calls. Calls that were left undivided are not "
            "in these rows.",
            table(head, rows),
            "How many voices it says that there are:",
            table(("", "calls", "one", "two", "more", "cannot tell"), said),
            f"Of the split calls {right:.0%} have less than a tenth confused; the mean probability says {mean:.0%}. "
            f"{times:.0f} times real time on one core, torch on one thread.",
        )
    )


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description="Two speakers on one channel.")
    parser.add_argument("--share", type=Path, default=Path("/usr/share"), help="where the Debian packages' files lie")
    parser.add_argument("--calls", type=int, default=10, help="of each kind")
    options = parser.parse_args()
    torch.set_num_threads(1)
    text = report([*calls(options.share, options.calls), sample()])
    print(text)
    write("mono", text)


if __name__ == "__main__":
    main()
