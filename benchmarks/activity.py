"""Who speaks when, against a known truth: noise, babble, music, tones, short tokens, leaks; and what it costs.

    python benchmarks/activity.py                        # prints the tables, and writes them into benchmarks/README.md
    python benchmarks/activity.py --material FOLDER      # the packages of Debian are unpacked in FOLDER/root already

Held-out voices (`features.train.material.HELD_OUT`) and hold music of asterisk: no weights of ours were trained on
them. Truth is the energy of each clean recording: within 35 dB of its loud hops, gaps below 180 ms closed. Accuracy and
F1 count hops of 10 ms, those within 50 ms of a true edge left out. The peer is silero 6.2, the sequence model that
faster-whisper carries, on the same samples at 16 kHz, with hysteresis .5 / .35 and the same closing of gaps.

Real people: the calls and meetings in `../shared/data` where they lie. What is voiced there the extractor says, with a
level that no background reaches: truth by another implementation, so only recall is given.
"""

from __future__ import annotations

import argparse
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import conditions
import numpy as np
import soundfile
import soxr
import tables

from speechcoach.channels import find_activity
from speechcoach.features import extract
from speechcoach.features.train.material import HELD_OUT, voice_of

HOME = Path.home() / ".cache/speechcoach-benchmarks"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
PACKAGES = (
    "asterisk-core-sounds-ru-wav", "asterisk-moh-opsound-wav", "ktuberling-data", "klettres-data",
    "tuxpaint-stamps-default",
)  # fmt: skip
RATE_HZ = 8000
HOP = 80
GAP_HOPS = 18
UNDER_LOUD_DB = 35.0
LEAST_RANGE_DB = 30.0  # of a recording: in what is noisier itself energy tells no truth
MOST_VAGUE = 0.35
SILENT_DB = -85.0
COLLAR_HOPS = 5
SESSION_S = 45.0
LINES = ("clean", "tel", "gsm", "white 20", "pink 20", "car 20", "white 10", "pink 10", "car 10", "babble 10",
         "white 5", "pink 5", "car 5", "babble 5")  # fmt: skip
SLOPES = {"white": 0.0, "pink": 3.0, "car": 8.0}
LEAKS = ((-15, "GSM"), (-20, "GSM"), (-30, "GSM"), (-20, "mu-law"), (-30, "mu-law"), (-40, "mu-law"))
DELAYS_S = (0.0, 0.02, 0.12, 0.25, 0.5)
CALL_TONES = {
    "ring-back us": ((440, 480), (2, 4)),
    "ring-back eu": ((425,), (1, 4)),
    "ring-back gb": ((400, 450), (0.4, 0.2, 0.4, 2)),
    "ring-back fr": ((440,), (1.5, 3.5)),
    "ring-back jp": ((384, 416), (1, 2)),
    "ring-back in": ((375, 425), (0.4, 0.2, 0.4, 2)),
    "busy us": ((480, 620), (0.5, 0.5)),
    "busy eu": ((425,), (0.5, 0.5)),
    "busy gb": ((400,), (0.375, 0.375)),
    "reorder us": ((480, 620), (0.25, 0.25)),
    "dial us": ((350, 440), (30,)),
    "dial eu": ((425,), (30,)),
}
KEYPAD = ((697, 770, 852, 941), (1209, 1336, 1477, 1633))

Gate = Callable[[np.ndarray], np.ndarray]
"""Samples `[channels, n]` -> speech, bool `[channels, hops]`."""


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """One voice with pauses, clean: samples at 8 kHz and where it speaks."""

    voice: str
    samples: np.ndarray
    speech: np.ndarray


# Gates


def ours(samples: np.ndarray) -> np.ndarray:
    samples = np.ascontiguousarray(np.atleast_2d(samples), np.float32)
    found = find_activity(extract(samples, RATE_HZ), samples)
    return np.stack([mask_of(spans, samples.shape[1] // HOP) for spans in found.speech])


def silero(samples: np.ndarray) -> np.ndarray:
    return np.stack([_silero(row) for row in np.atleast_2d(samples)])


def _silero(row: np.ndarray) -> np.ndarray:
    wide = soxr.resample(row, RATE_HZ, 16_000).astype(np.float32)
    said = _model()(np.pad(wide, (0, -len(wide) % 512))).ravel()
    hops = len(row) // HOP
    place = np.minimum(((np.arange(hops) + 0.5) * 0.01 / 0.032).astype(int), len(said) - 1)
    sure, likely = said[place] > 0.5, said[place] > 0.35
    kept = [(a, b) for a, b in runs(likely) if sure[a:b].any()]
    mask = np.zeros(hops, bool)
    for a, b in kept:
        mask[a:b] = True
    return closed(mask)


@cache
def _model():
    from faster_whisper.vad import get_vad_model

    return get_vad_model()


GATES: dict[str, Gate] = {"ours": ours, "silero": silero}


# Material


def unpack(folder: Path) -> Path:
    root = folder / "root"
    if not root.exists():
        debs = folder / "debs"
        debs.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", *PACKAGES], cwd=debs, check=True)
        for package in sorted(debs.glob("*.deb")):
            subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
    return root


def sessions(root: Path) -> list[Session]:
    """Each held-out voice for some time, with pauses of 0.4-2 s."""
    voices: dict[str, list[Path]] = {}
    for path in sorted((root / "usr/share").rglob("*")):
        voice = voice_of(path.relative_to(root / "usr/share"))
        if voice in HELD_OUT:
            voices.setdefault(voice, []).append(path)
    found = []
    for voice, paths in sorted(voices.items()):
        for part in range(2 if voice.startswith("asterisk") else 1):
            found.append(_session(voice, paths, conditions.seeded("session", voice, str(part))))
    return [session for session in found if len(session.speech) > 1500 and session.speech.mean() > 0.15]


def _session(voice: str, paths: Sequence[Path], random: np.random.Generator) -> Session:
    waves, marks, count = [], [], 0
    for place in random.permutation(len(paths)):
        wave = read(paths[place])
        if len(wave) < 20 * HOP:
            continue
        if not 0.2 < len(wave) / RATE_HZ < 15 or not plain(wave):
            continue
        wave = conditions.levelled(wave)
        pause = int(random.uniform(40, 200))
        waves += [np.zeros(pause * HOP, np.float32), wave]
        marks += [np.zeros(pause, bool), spoken(wave)]
        count += pause * HOP + len(wave)
        if count > SESSION_S * RATE_HZ:
            break
    return Session(
        voice, np.concatenate([*waves, np.zeros(RATE_HZ, np.float32)]), np.concatenate([*marks, np.zeros(100, bool)])
    )


def read(path: Path) -> np.ndarray:
    wave, rate_hz = soundfile.read(str(path), always_2d=True)
    wave = soxr.resample(wave.mean(axis=1), rate_hz, RATE_HZ, "HQ").astype(np.float32)
    return (wave - (wave.mean() if len(wave) else 0))[: len(wave) // HOP * HOP]


def hop_db(wave: np.ndarray) -> np.ndarray:
    power = np.square(wave[: len(wave) // HOP * HOP].reshape(-1, HOP), dtype=np.float64).mean(axis=1)
    return 10 * np.log10(power + 1e-12)


def even_db(wave: np.ndarray) -> np.ndarray:
    return 10 * np.log10(np.convolve(10 ** (hop_db(wave) / 10), np.ones(3) / 3, "same"))


def plain(wave: np.ndarray) -> bool:
    """Whether energy tells where a recording speaks: it is not noisy itself, and few hops lie near the limit."""
    low, loud = own_range(wave)
    level = even_db(wave)
    return loud - low > LEAST_RANGE_DB and np.mean((level > loud - 38) & (level < loud - 22)) < MOST_VAGUE


def own_range(wave: np.ndarray) -> tuple[float, float]:
    """The soft and the loud hops of a recording, digital silence apart, dB."""
    smooth = even_db(wave)
    heard = smooth[smooth > SILENT_DB]
    low, loud = np.percentile(heard, [5, 95]) if len(heard) else (0.0, 0.0)
    return float(low), float(loud)


def spoken(wave: np.ndarray) -> np.ndarray:
    """Where a clean recording is speech, by its energy, bool `[hops]`."""
    low, loud = own_range(wave)
    mask = even_db(wave) > max(loud - UNDER_LOUD_DB, min(low + 9, loud - 18))
    for a, b in runs(mask):
        mask[a:b] = b - a >= 4
    return closed(mask)


def coloured(count: int, level_db: float, slope: float, random: np.random.Generator) -> np.ndarray:
    """Noise of the telephone band that falls by `slope` dB an octave."""
    hz = np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 50)
    wave = np.fft.irfft(np.fft.rfft(random.standard_normal(count)) * (hz / 1000) ** (-slope / 6.02), count)
    wave = conditions.in_band(wave.astype(np.float32))
    return (wave * 10 ** (level_db / 20) / np.sqrt(np.mean(wave**2))).astype(np.float32)


def over(line: str, session: Session, others: Sequence[np.ndarray]) -> np.ndarray:
    """The session over a line."""
    if line in ("clean", "tel", "gsm"):
        return conditions.make(line, session.samples, [], conditions.seeded(line))
    kind, snr = line.split()
    random = conditions.seeded(session.voice, line)
    voice = conditions.levelled(conditions.in_band(session.samples))
    level_db = conditions.LEVEL_DB - float(snr)
    if kind == "babble":
        far = conditions.babble(others, len(voice), level_db, random)
    else:
        far = coloured(len(voice), level_db, SLOPES[kind], random)
    return conditions.coded(voice + far)


def tone(lines: Sequence[float], seconds: float) -> np.ndarray:
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (0.1 * sum(np.sin(2 * np.pi * hz * at) for hz in lines)).astype(np.float32)


def cadence(lines: Sequence[float], rhythm: Sequence[float], seconds: float = 30.0) -> np.ndarray:
    parts, on = [], True
    while sum(map(len, parts)) < seconds * RATE_HZ:
        for length in rhythm:
            parts.append(tone(lines, length) if on else np.zeros(round(length * RATE_HZ), np.float32))
            on = not on
    return np.concatenate(parts)


def keys(random: np.random.Generator) -> np.ndarray:
    parts = []
    for _ in range(60):
        parts += [
            tone([row[random.integers(4)] for row in KEYPAD], random.uniform(0.06, 0.25)),
            np.zeros(int(random.uniform(600, 4000)), np.float32),
        ]
    return np.concatenate(parts)


def no_speech(root: Path) -> dict[str, list[np.ndarray]]:
    """Sounds in which nobody speaks, by kind, over a line with a little noise."""
    random = conditions.seeded("no speech")
    music = [read(path)[: 60 * RATE_HZ] for path in sorted((root / "usr/share/asterisk/moh").glob("*.wav"))]
    kinds = {
        "hold music": music,
        "hold music, soft": [0.1 * wave for wave in music],
        "ring-back, busy, dial": [cadence(*what) for what in CALL_TONES.values()],
        "keypad": [keys(random) for _ in range(3)],
        "noise": [coloured(30 * RATE_HZ, -30, slope, random) for slope in (-3, 0, 3, 6, 9)],
        "hum": [sum(tone((hz * k,), 30) / k for k in range(1, 8)) for hz in (50, 60)],
        "nothing": [np.zeros(30 * RATE_HZ, np.float32)],
    }
    return {
        kind: [
            conditions.coded(np.pad(wave, 16_000) + coloured(len(wave) + 32_000, level_db, 0, random))
            for wave in waves
            for level_db in (-75, -50)
        ]
        for kind, waves in kinds.items()
    }


def tokens(session: Session, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int]]]:
    """Voiced bits of 120-300 ms alone between pauses, some full sayings before: samples, truth, where the bits are."""
    f0_hz = extract(session.samples, RATE_HZ).f0_hz
    level = hop_db(session.samples)
    head = len(session.speech) // 3
    bits, where = [session.samples[: head * HOP]], []
    marks = [session.speech[:head]]
    for a, b in runs(np.isfinite(f0_hz)):
        size = int(random.integers(12, 31))
        if b - a < size or level[a:b].max() < conditions.LEVEL_DB - 3:
            continue
        bit = session.samples[a * HOP : (a + size) * HOP].copy()
        place = np.arange(len(bit))
        bit *= np.minimum(1, np.minimum(place, place[::-1]) / 160)
        bit = conditions.LEVEL_DB - random.uniform(0, 6) - 10 * np.log10(np.mean(bit**2)), bit
        pause = int(random.integers(60, 200))
        start = sum(map(len, marks)) + pause
        where.append((start, start + size))
        bits += [np.zeros(pause * HOP, np.float32), (bit[1] * 10 ** (bit[0] / 20)).astype(np.float32)]
        marks += [np.zeros(pause, bool), np.ones(size, bool)]
        if len(where) == 30:
            break
    return np.concatenate([*bits, np.zeros(RATE_HZ, np.float32)]), np.concatenate([*marks, np.zeros(100, bool)]), where


# Scores


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    edges = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))


def closed(mask: np.ndarray) -> np.ndarray:
    for a, b in runs(~mask):
        if a > 0 and b < len(mask) and b - a < GAP_HOPS:
            mask[a:b] = True
    return mask


def mask_of(spans, hops: int) -> np.ndarray:
    mask = np.zeros(hops, bool)
    for span in spans:
        mask[round(span.start_s * 100) : round(span.end_s * 100)] = True
    return mask


def counted(truth: np.ndarray) -> np.ndarray:
    """Hops that are not within the collar of a true edge."""
    edge = np.flatnonzero(np.diff(truth.astype(np.int8), prepend=truth[0]))
    keep = np.ones(len(truth), bool)
    for at in edge:
        keep[max(0, at - COLLAR_HOPS) : at + COLLAR_HOPS] = False
    return keep


def score(truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Counts of hops: right, wanted and found, wanted, found, all; without the collar."""
    count = min(len(truth), len(found))
    keep = counted(truth[:count])
    truth, found = truth[:count][keep], found[:count][keep]
    return np.array([(truth == found).sum(), (truth & found).sum(), truth.sum(), found.sum(), len(truth)], float)


def accuracy(counts: np.ndarray) -> float:
    return counts[0] / counts[4]


def f1(counts: np.ndarray) -> float:
    return 2 * counts[1] / max(1, counts[2] + counts[3])


def edges_met(truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Of the true spans: onsets found within 50 ms, ends found within 50 ms, spans."""
    starts, ends = (np.array([run[side] for run in runs(found)] or [-999]) for side in (0, 1))
    met = [(np.abs(starts - a).min() <= 5, np.abs(ends - b).min() <= 5) for a, b in runs(truth)]
    return np.array([sum(one for one, _ in met), sum(two for _, two in met), len(met)], float)


# Tables


def frames_table(parts: Sequence[Session]) -> str:
    """Accuracy and F1 under each line, by gate."""
    rows = []
    for line in LINES:
        totals = {name: np.zeros(5) for name in GATES}
        edges = {name: np.zeros(3) for name in GATES}
        for session in parts:
            others = [other.samples for other in parts if other.voice != session.voice]
            heard = over(line, session, others)
            for name, gate in GATES.items():
                found = gate(heard)[0]
                totals[name] += score(session.speech, found)
                edges[name] += edges_met(session.speech, found[: len(session.speech)])
        rows.append([line])
        for name in GATES:
            on, off, count = edges[name]
            rows[-1] += [
                f"{accuracy(totals[name]):.1%}",
                f"{f1(totals[name]):.3f}",
                f"{on / count:.0%} / {off / count:.0%}",
            ]
        print(*rows[-1], flush=True)
    return tables.table(
        ["line, dB", *(f"{name}: {what}" for name in GATES for what in ("accuracy", "F1", "edges in 50 ms"))], rows
    )


def false_table(root: Path) -> str:
    """Share of hops called speech where there is none."""
    rows = []
    for kind, waves in no_speech(root).items():
        rows.append(
            [kind, *(f"{np.concatenate([gate(wave)[0] for wave in waves]).mean():.1%}" for gate in GATES.values())]
        )
        print(*rows[-1], flush=True)
    return tables.table(["nobody speaks", *GATES], rows)


def token_table(parts: Sequence[Session]) -> str:
    """Short tokens found, and F1 of the hops, by level of noise."""
    rows = []
    for snr in (40, 20, 10):
        met, asked, totals = dict.fromkeys(GATES, 0), 0, {name: np.zeros(5) for name in GATES}
        for session in parts:
            random = conditions.seeded("tokens", session.voice)
            wave, truth, where = tokens(session, random)
            heard = conditions.coded(
                conditions.in_band(wave) + coloured(len(wave), conditions.LEVEL_DB - snr, 0, random)
            )
            asked += len(where)
            for name, gate in GATES.items():
                found = gate(heard)[0]
                totals[name] += score(truth, found)
                met[name] += sum(found[a:b].mean() >= 0.5 for a, b in where)
        rows.append([f"{snr} dB", asked])
        for name in GATES:
            rows[-1] += [f"{met[name] / asked:.1%}", f"{f1(totals[name]):.3f}"]
        print(*rows[-1], flush=True)
    return tables.table(
        ["noise under the voice", "tokens", *(f"{name}: {what}" for name in GATES for what in ("found", "F1"))], rows
    )


def leaked(own: np.ndarray, other: np.ndarray, level_db: float, code: str, delay_s: float, random) -> np.ndarray:
    """Two legs, the second heard in the first."""
    leak = np.pad(other, (round(delay_s * RATE_HZ), 0))[: len(other)] * np.float32(10 ** (level_db / 20))
    if code == "GSM":
        leak = conditions.coded(conditions.coded(other, "GSM610"), "GSM610")
        leak = np.pad(leak, (round(delay_s * RATE_HZ), 0))[: len(other)] * np.float32(10 ** (level_db / 20))
        knots = random.uniform(-1.5, 1.5, 20)
        leak = (
            np.tanh(2 * leak) / 2 * 10 ** (np.interp(np.arange(len(leak)), np.linspace(0, len(leak), 20), knots) / 20)
        )
    legs = np.stack([own + leak + coloured(len(own), -68, 0, random), other + coloured(len(own), -66, 0, random)])
    coder = "GSM610" if code == "GSM" else "ULAW"
    return np.stack([conditions.coded(leg.astype(np.float32), coder) for leg in legs])


def leak_table(parts: Sequence[Session]) -> str:
    """The leg that hears the other: accuracy, F1, and how much of double talk it lost re the same legs without leak."""
    rows = []
    pairs = [(parts[i], parts[(i + 5) % len(parts)]) for i in range(0, len(parts), 2)]
    for level_db, code in ((None, "mu-law"), *LEAKS):
        total, lost, double = np.zeros(5), 0, 0
        for place, (one, two) in enumerate(pairs):
            random = conditions.seeded("leak", one.voice, two.voice, str(level_db), code)
            count = min(len(one.speech), len(two.speech))
            own, other = (conditions.levelled(conditions.in_band(part.samples[: count * HOP])) for part in (one, two))
            truth = one.speech[:count]
            delay_s = DELAYS_S[place % len(DELAYS_S)]
            found = ours(leaked(own, other, -200 if level_db is None else level_db, code, delay_s, random))[0]
            total += score(truth, found)
            if level_db is not None:
                plain = ours(leaked(own, other, -200, code, delay_s, random))[0]
                both = truth & two.speech[:count] & plain
                double += both.sum()
                lost += (both & ~found).sum()
        name = "none" if level_db is None else f"{level_db} dB, {code}"
        rows.append(
            [name, f"{accuracy(total):.1%}", f"{f1(total):.3f}", "-" if level_db is None else f"{lost / double:.1%}"]
        )
        print(*rows[-1], flush=True)
    return tables.table(["leak", "accuracy", "F1", "double talk lost"], rows)


def real_table() -> str:
    """Recall of voiced hops on real people."""
    rows = []
    files = [*sorted((SHARED / "calls").glob("*")), *sorted((SHARED / "meetings").glob("*.wav"))]
    for path in files:
        if path.suffix not in (".wav", ".flac", ".mp3") or "coffee" in path.name:
            continue
        wave, rate_hz = soundfile.read(str(path), always_2d=True, dtype="float32")
        wave = soxr.resample(wave, rate_hz, RATE_HZ, "HQ").T.astype(np.float32)
        frames = extract(wave, RATE_HZ)
        found = {name: gate(wave) for name, gate in GATES.items()}
        for leg in range(len(wave)):
            level, noise = frames.level_db[leg], frames.noise_db[leg]
            loud = np.percentile(level, 98)
            voiced = np.isfinite(frames.f0_hz[leg]) & (level > np.maximum(loud - 25, noise + 10))
            long = np.zeros(len(voiced), bool)
            for a, b in runs(voiced):
                long[a:b] = b - a >= 5
            rows.append(
                [f"{path.stem} {leg}", *(f"{found[name][leg][: len(long)][long].mean():.2%}" for name in GATES)]
            )
            rows[-1] += [f"{found[name][leg].mean():.0%}" for name in GATES]
            print(*rows[-1], flush=True)
    return tables.table(
        ["leg", *(f"{name}: voiced kept" for name in GATES), *(f"{name}: speech" for name in GATES)], rows
    )


def least_s(work: Callable, *about, tries: int = 3) -> float:
    """CPU time of the quickest try."""
    spent = []
    for _ in range(tries):
        start = time.process_time()
        work(*about)
        spent.append(time.process_time() - start)
    return min(spent)


def speed_table() -> str:
    """CPU time on the sample calls, per minute of stereo call."""
    files = sorted((Path(__file__).parent.parent / "samples").glob("*.wav"))
    spent = {"extract": 0.0, "find_activity": 0.0, "silero": 0.0}
    seconds = 0.0
    for path in files:
        wave = np.ascontiguousarray(soundfile.read(str(path), always_2d=True, dtype="float32")[0].T)
        if len(wave) != 2:
            continue
        seconds += wave.shape[1] / RATE_HZ
        frames = extract(wave, RATE_HZ)
        spent["extract"] += least_s(extract, wave, RATE_HZ)
        spent["find_activity"] += least_s(find_activity, frames, wave)
        spent["silero"] += least_s(silero, wave, tries=1)
    rows = [[name, f"{1000 * value / seconds:.2f}", f"{value / spent['silero']:.3f}"] for name, value in spent.items()]
    return tables.table(["", "CPU ms per s of stereo call", "re silero"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--material", type=Path, default=HOME / "activity")
    parser.add_argument("--only", nargs="*", default=["frames", "false", "tokens", "leak", "real", "speed"])
    parser.add_argument("--gates", nargs="*", default=list(GATES))
    parser.add_argument("--dry", action="store_true", help="print only")
    chosen = parser.parse_args()
    for name in set(GATES) - set(chosen.gates):
        del GATES[name]
    root = unpack(chosen.material)
    parts = sessions(root)
    made = {
        "frames": lambda: frames_table(parts),
        "false": lambda: false_table(root),
        "tokens": lambda: token_table(parts),
        "leak": lambda: leak_table(parts),
        "real": real_table,
        "speed": speed_table,
    }
    text = "\n\n".join(made[name]() for name in chosen.only)
    print(text)
    if not chosen.dry:
        tables.write("activity", text)


if __name__ == "__main__":
    main()
