"""Can a call's channels be judged: leaks by window, and the same sound on both channels.

    python benchmarks/fitness.py                        # prints the tables, and writes them into benchmarks/README.md
    python benchmarks/fitness.py --material FOLDER      # the packages of Debian are unpacked in FOLDER/root already

Calls of a minute between held-out voices (those of `activity.py`): turns of 2-7 s, each beginning before the other's
end by 30 % of it. Truth is by construction: the leak's level re the other side, its delay, and from when on it is
mixed in. A GSM leak passes two coders, is bent (tanh), and its level wanders by 1.5 dB. Both legs are coded after that.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import conditions
import numpy as np
import soundfile
import tables
from activity import HOME, RATE_HZ, coloured, sessions, unpack

from speechcoach.channels import assess_channels, find_activity
from speechcoach.channels.likeness import likeness
from speechcoach.channels.traces import WINDOW, find_leaks
from speechcoach.features import extract

SECONDS = 60.0
DOUBLE = 0.3
FROM_S = 20.0  # the leak begins
WINDOW_S = WINDOW / 100
LEVELS_DB = (-10, -15, -20, -30, -40)
CODES = ("mu-law", "GSM")
DELAYS_S = (0.0, 0.02, 0.12, 0.25, 0.5)
CALLS = 4  # for each condition


def dialogue(one: np.ndarray, two: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two legs that take turns, `[2, n]`."""
    voices = [conditions.levelled(conditions.in_band(voice)) for voice in (one, two)]
    legs = np.zeros((2, round(SECONDS * RATE_HZ)), np.float32)
    at, side, said = RATE_HZ // 2, 0, [0, 0]
    while at < legs.shape[1] - RATE_HZ:
        count = int(random.uniform(2, 7) * RATE_HZ)
        piece = np.take(voices[side], np.arange(said[side], said[side] + count), mode="wrap")
        said[side] += count
        legs[side, at : at + count] += piece[: legs.shape[1] - at]
        at, side = at + int((1 - DOUBLE) * count), 1 - side
    return legs


def leaking(legs: np.ndarray, level_db: float | None, delay_s: float, code: str, random) -> np.ndarray:
    """The second leg hears the first from `FROM_S` on; None for no leak."""
    own = legs[1].copy()
    if level_db is not None:
        begin = round(FROM_S * RATE_HZ)
        own[begin:] += leak(legs[0], level_db, delay_s, code, random)[begin:]
    both = np.stack([leg + coloured(len(leg), noise, 0, random) for leg, noise in ((legs[0], -66), (own, -68))])
    return np.stack([conditions.coded(leg.astype(np.float32), CODERS[code]) for leg in both])


def leak(other: np.ndarray, level_db: float, delay_s: float, code: str, random) -> np.ndarray:
    """What is heard of the other side."""
    if code == "GSM":
        knots = random.uniform(-1.5, 1.5, 12)
        bent = np.tanh(2 * conditions.coded(conditions.coded(other, "GSM610"), "GSM610")) / 2
        other = bent * 10 ** (np.interp(np.arange(len(other)), np.linspace(0, len(other), 12), knots) / 20)
    return np.pad(other, (round(delay_s * RATE_HZ), 0))[: len(other)] * 10 ** (level_db / 20)


def leaks_table(voices: Sequence[np.ndarray]) -> str:
    rows = []
    for code in CODES:
        for level_db in (None, *LEVELS_DB):
            rows.append([code, "none" if level_db is None else f"{level_db} dB", *_leak_row(voices, level_db, code)])
            print(*rows[-1], flush=True)
    head = ["coder", "leak", "windows with it, found", "windows without, or the other way, called one"]
    return tables.table([*head, "level, error in dB: median, worst", "delay, error in ms: worst"], rows)


def _leak_row(voices: Sequence[np.ndarray], level_db: float | None, code: str) -> list[str]:
    found = wanted = false = without = 0
    levels, delays = [], []
    for place in range(CALLS * (2 if level_db is None else 1)):
        random = conditions.seeded("fitness", str(place), str(level_db), code)
        one, two = (voices[(place + step) % len(voices)] for step in (0, 3))
        delay_s = DELAYS_S[place % len(DELAYS_S)]
        call = leaking(dialogue(one, two, random), level_db, delay_s, code, random)
        frames = extract(call, RATE_HZ)
        told = find_leaks(call, frames.level_db, frames.noise_db, frames.active)
        marks = [_marked(leaks) for leaks in told]
        true = np.arange(len(marks[1])) * WINDOW_S >= (FROM_S if level_db is not None else np.inf)
        found, wanted = found + (marks[1] & true).sum(), wanted + true.sum()
        false, without = false + (marks[1] & ~true).sum() + marks[0].sum(), without + (~true).sum() + len(true)
        if level_db is not None:
            levels += [item.level_db - level_db for item in told[1]]
            delays += [1000 * (item.delay_s - delay_s) for item in told[1]]
    row = [f"{found} of {wanted}" if wanted else "-", f"{false} of {without}"]
    if not levels:
        return [*row, "-", "-"]
    return [*row, f"{np.median(levels):+.1f}, {max(levels, key=abs):+.1f}", f"{max(delays, key=abs):+.1f}"]


def _marked(leaks) -> np.ndarray:
    """The windows that lie in a stretch with a leak."""
    marks = np.zeros(round(SECONDS / WINDOW_S), bool)
    for item in leaks:
        marks[round(item.start_s / WINDOW_S) : round(item.end_s / WINDOW_S)] = True
    return marks


# The same sound on both channels


def mp3(pair: np.ndarray, level: float) -> np.ndarray:
    """Through one MP3 file at 8 kHz; libsndfile writes two channels as joint stereo."""
    file = io.BytesIO()
    options = {"format": "MP3", "compression_level": level, "bitrate_mode": "CONSTANT"}
    soundfile.write(file, pair.T, RATE_HZ, **options)
    file.seek(0)
    return np.atleast_2d(soundfile.read(file, dtype="float32")[0].T)


def late(wave: np.ndarray, samples: int) -> np.ndarray:
    return np.pad(wave, (samples, 0))[: len(wave)]


CODERS = {"mu-law": "ULAW", "GSM": "GSM610"}
LINES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "mu-law, each side": lambda pair: np.stack([conditions.coded(row) for row in pair]),
    "GSM, each side": lambda pair: np.stack([conditions.coded(row, "GSM610") for row in pair]),
    "MP3 64 kbit/s, joint": lambda pair: mp3(pair, 0.0),
    "MP3 32 kbit/s, joint": lambda pair: mp3(pair, 0.6),
    "MP3 2 x 32 kbit/s, each side": lambda pair: np.concatenate([mp3(row[None], 0.6) for row in pair]),
    "MP3 2 x 16 kbit/s, each side": lambda pair: np.concatenate([mp3(row[None], 0.8) for row in pair]),
}
FAKES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "equal": lambda wave: np.stack([wave, wave]),
    "6 dB softer": lambda wave: np.stack([wave, 0.5 * wave]),
    "12 dB softer": lambda wave: np.stack([wave, 0.25 * wave]),
    "inverted": lambda wave: np.stack([wave, -wave]),
    "7 samples late": lambda wave: np.stack([wave, late(wave, 7)]),
    "30 ms late": lambda wave: np.stack([wave, late(wave, 240)]),
}


def mono_table(voices: Sequence[np.ndarray]) -> str:
    """How many calls are told as dual-mono, and the least correlation; last the greatest of two legs."""
    rows = []
    for name, line in LINES.items():
        rows.append([name])
        for fake in FAKES.values():
            pairs = [line(fake(legs.sum(axis=0)).astype(np.float32)) for legs in _calls(voices, 2)]
            told = ["dual-mono" in _assessed(pair) for pair in pairs]
            rows[-1].append(f"{sum(told)} of {len(told)}, {min(likeness(pair).correlation for pair in pairs):.2f}")
        rows[-1].append(f"{max(likeness(line(legs)).correlation for legs in _calls(voices, 4)):.2f}")
        print(*rows[-1], flush=True)
    return tables.table(["coder", *FAKES, "two legs"], rows)


def _calls(voices: Sequence[np.ndarray], count: int) -> list[np.ndarray]:
    calls = []
    for place in range(count):
        random = conditions.seeded("fake", str(place))
        legs = dialogue(voices[place], voices[(place + 3) % len(voices)], random)[:, : round(SECONDS / 3 * RATE_HZ)]
        calls.append((legs + np.stack([coloured(legs.shape[1], -66, 0, random) for _ in legs])).astype(np.float32))
    return calls


def _assessed(pair: np.ndarray) -> tuple[str, ...]:
    frames = extract(pair, RATE_HZ)
    return assess_channels(frames, pair, find_activity(frames, pair), (0.0, 0.0))[0][0].problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--material", type=Path, default=HOME / "activity")
    parser.add_argument("--dry", action="store_true", help="print only")
    chosen = parser.parse_args()
    voices = [session.samples for session in sessions(unpack(chosen.material))]
    text = "\n\n".join(
        [
            f"### Leaks from {FROM_S:.0f} s on, windows of {WINDOW_S:.0f} s",
            leaks_table(voices),
            "### The same sound on both channels: calls told, least correlation",
            mono_table(voices),
        ]
    )
    if not chosen.dry:
        tables.write("fitness", text)


if __name__ == "__main__":
    main()
