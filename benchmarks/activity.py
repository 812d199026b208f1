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
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import conditions
import numpy as np
import soundfile
import soxr
import tables
from activity_gates import GATES, accuracy, edges_met, f1, mask_of, ours, score, silero
from activity_material import HOP, PACKAGES, RATE_HZ, Session, coloured, leaked, no_speech, over, runs, sessions, tokens

from speechcoach.channels import find_activity
from speechcoach.features import extract
from speechcoach.features.train.material import unpack
from speechcoach.records import Span

HOME = Path.home() / ".cache/speechcoach-benchmarks"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
LINES = ("clean", "tel", "gsm", "white 20", "pink 20", "car 20", "white 10", "pink 10", "car 10", "babble 10",
         "white 5", "pink 5", "car 5", "babble 5")  # fmt: skip
LEAKS = ((-15, "GSM"), (-20, "GSM"), (-30, "GSM"), (-20, "mu-law"), (-30, "mu-law"), (-40, "mu-law"))
DELAYS_S = (0.0, 0.02, 0.12, 0.25, 0.5)
LEAST_VOICED = 50  # hops of a leg


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
            if long.sum() < LEAST_VOICED:
                continue
            rows.append(
                [f"{path.stem} {leg}", *(f"{found[name][leg][: len(long)][long].mean():.2%}" for name in GATES)]
            )
            rows[-1] += [f"{found[name][leg].mean():.0%}" for name in GATES]
            print(*rows[-1], flush=True)
    return tables.table(
        ["leg", *(f"{name}: voiced kept" for name in GATES), *(f"{name}: speech" for name in GATES)], rows
    )


def meeting_table() -> str:
    """Hops right of the meetings whose speakers people marked, by gate."""
    labels = SHARED / "meetings" / "debug.train.rttm"
    spoken: dict[str, list[Span]] = {}
    for line in labels.read_text("utf-8").splitlines() if labels.exists() else []:
        _, name, _, start_s, length_s, *_ = line.split()
        spoken.setdefault(name, []).append(Span(float(start_s), float(start_s) + float(length_s)))
    totals = {name: np.zeros(5) for name in GATES}
    for path in sorted((SHARED / "meetings").glob("*.wav")):
        wave, rate_hz = soundfile.read(str(path), dtype="float32")
        wave = soxr.resample(wave, rate_hz, RATE_HZ, "HQ").astype(np.float32)
        truth = mask_of(spoken.get(path.stem, ()), len(wave) // HOP)
        for name, gate in GATES.items():
            totals[name] += score(truth, gate(wave)[0])
    rows = [
        [name, f"{accuracy(total):.1%}", f"{f1(total):.3f}", f"{total[1] / total[2]:.1%}"]
        for name, total in totals.items()
        if total[2]
    ]
    return tables.table(["meetings, marked by people", "accuracy", "F1", "recall"], rows)


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
    parser.add_argument("--only", nargs="*", default=["frames", "false", "tokens", "leak", "real", "meetings", "speed"])
    parser.add_argument("--gates", nargs="*", default=list(GATES))
    parser.add_argument("--dry", action="store_true", help="print only")
    chosen = parser.parse_args()
    for name in set(GATES) - set(chosen.gates):
        del GATES[name]
    root = unpack(chosen.material, PACKAGES)
    parts = sessions(root)
    made = {
        "frames": lambda: frames_table(parts),
        "false": lambda: false_table(root),
        "tokens": lambda: token_table(parts),
        "leak": lambda: leak_table(parts),
        "real": real_table,
        "meetings": meeting_table,
        "speed": speed_table,
    }
    text = "\n\n".join(made[name]() for name in chosen.only)
    print(text)
    if not chosen.dry:
        tables.write("activity", text)


if __name__ == "__main__":
    main()
