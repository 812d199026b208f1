"""How right F0 and voicing are, ours beside the peers', on voices that ours has never heard.

    python benchmarks/pitch.py --fda FOLDER   # prints the tables, and writes them into benchmarks/README.md

Conventions: a truth is Hz with NaN where unvoiced, every 5 ms (FDA: 15 ms); a tracker's columns are read at the
truth's times (`resynthesis.at_times`). Errors are counted once for each passage of about ten seconds, and everything
else is made from these counts, so that resampling passages is cheap.

| measure | of what | source |
|---|---|---|
| FFE | F0 frame error: all frames with a wrong voicing or a gross error | Chu & Alwan 2009, ICASSP |
| VDE | voicing decision error: all frames with a wrong voicing | Nakatani et al. 2008, Speech Commun. 50 |
| false, missed | unvoiced frames called voiced; voiced frames called unvoiced | |
| GPE | gross pitch error: frames voiced in both, more than 20 % off | Rabiner et al. 1976, IEEE Trans. ASSP 24 |
| FPE | fine pitch error: mean and standard deviation in cents of the frames voiced in both and not gross | ibid. |
| RPA50 | voiced frames that are called voiced and at most 50 cents off | after Salamon et al. 2014, IEEE SPM 31 |

Intervals hold 95 % of 1,000 bootstrap draws: speakers are drawn, then passages within each drawn speaker; a pair of
trackers is compared on the same draws.
"""

from __future__ import annotations

import argparse
import subprocess
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import conditions
import numpy as np
import peers
import resynthesis
import soundfile
import soxr
import tables
from resynthesis import Recording, at_times

RATE_HZ = 8000
GROSS = 0.2
NEAR_CENTS = 50.0
DRAWS = 1000
FDA_STEP_S = 0.015
FDA_FILES = 4  # joined to a passage
SLOW = {"pYIN": ("tel",)}  # a tracker that is hardly faster than the call runs in these conditions only,
SLOW_EVERY = 3  # on every third passage
NO_VOICING = ("yin",)
COUNTS = ("frames", "voiced", "false", "missed", "both", "gross", "cents", "cents2", "near")
MEASURES = ("FFE", "VDE", "false", "missed", "GPE", "FPE mean", "FPE sd", "RPA50")
_AT = {name: place for place, name in enumerate(COUNTS)}


# Measures


def counted(truth_hz: np.ndarray, found_hz: np.ndarray) -> np.ndarray:
    """What `COUNTS` names, summed over the frames of `truth_hz` and `found_hz` `[frames]` (NaN = unvoiced)."""
    voiced, called = np.isfinite(truth_hz), np.isfinite(found_hz)
    both = voiced & called
    off = found_hz[both] / truth_hz[both]
    gross = np.abs(off - 1) > GROSS
    cents = 1200 * np.log2(off[~gross])
    near = np.abs(1200 * np.log2(off)) <= NEAR_CENTS
    counts = (voiced.size, voiced.sum(), (~voiced & called).sum(), (voiced & ~called).sum(), both.sum(), gross.sum())
    return np.array([*counts, cents.sum(), (cents**2).sum(), near.sum()], float)


def measures(counts: np.ndarray) -> dict[str, np.ndarray]:
    """What `MEASURES` names, from counts `[..., 9]`: shares in percent, FPE in cents."""
    get = {name: counts[..., place] for name, place in _AT.items()}
    wrong = get["false"] + get["missed"]
    fine = get["both"] - get["gross"]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = get["cents"] / fine
        return {
            "FFE": 100 * (wrong + get["gross"]) / get["frames"],
            "VDE": 100 * wrong / get["frames"],
            "false": 100 * get["false"] / (get["frames"] - get["voiced"]),
            "missed": 100 * get["missed"] / get["voiced"],
            "GPE": 100 * get["gross"] / get["both"],
            "FPE mean": mean,
            "FPE sd": np.sqrt(np.maximum(get["cents2"] / fine - mean**2, 0)),
            "RPA50": 100 * get["near"] / get["voiced"],
        }


def draws(speakers: np.ndarray, random: np.random.Generator, count: int = DRAWS) -> np.ndarray:
    """How often each passage is in each bootstrap draw, `[count, passages]`, from the speaker of each passage.

    Speakers are drawn with replacement, and passages within each drawn speaker. With two speakers half of all draws
    hold one of them only: such intervals say little about speakers, and more about passages.
    """
    groups = [np.flatnonzero(speakers == name) for name in np.unique(speakers)]
    times = np.zeros((count, len(speakers)))
    for row in times:
        for who in random.integers(len(groups), size=len(groups)):
            np.add.at(row, random.choice(groups[who], size=len(groups[who])), 1)
    return times


def interval(values: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of `values` `[draws]`."""
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


# Material


def fda(folder: Path) -> list[Recording]:
    """Bagshaw, Hiller & Jack (1993), Eurospeech: one man, one woman, F0 by laryngograph; sentences joined by fours."""
    made = []
    for speaker in ("rl", "sb"):
        files = sorted(folder.glob(f"{speaker}*.wav"))
        for start in range(0, len(files), FDA_FILES):
            made.append(_joined(speaker, files[start : start + FDA_FILES]))
    if not made:
        raise FileNotFoundError(f"no rl*.wav and sb*.wav with their .f0ref in {folder}")
    return made


def _joined(speaker: str, files: list[Path]) -> Recording:
    parts, time_s, f0_hz, start_s = [], [], [], 0.0
    for file in files:
        samples, rate_hz = soundfile.read(file, dtype="float32")
        samples = conditions.levelled(soxr.resample(samples, rate_hz, RATE_HZ))
        truth_hz = np.loadtxt(file.with_suffix(".f0ref"), ndmin=1)
        at_s = np.arange(len(truth_hz)) * FDA_STEP_S
        inside = at_s < len(samples) / RATE_HZ
        parts.append(samples)
        time_s.append(start_s + at_s[inside])
        f0_hz.append(np.where(truth_hz > 0, truth_hz, np.nan)[inside])
        start_s += len(samples) / RATE_HZ
    name = f"{speaker} {files[0].stem}"
    return Recording(name, speaker, np.concatenate(parts), np.concatenate(time_s), np.concatenate(f0_hz))


def others(recording: Recording, everyone: Iterable[Recording]) -> list[np.ndarray]:
    """One passage of every other speaker, always the same for the same recording."""
    voices: dict[str, list[Recording]] = {}
    for one in everyone:
        if one.speaker != recording.speaker:
            voices.setdefault(one.speaker, []).append(one)
    seed = zlib.crc32(recording.name.encode())
    return [passages[seed % len(passages)].samples for _, passages in sorted(voices.items())]


# The run


@dataclass
class Run:
    """Counts of each tracker in each condition, `[passages, 9]`, for one material."""

    title: str
    passages: list[Recording]
    counts: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def speakers(self) -> np.ndarray:
        return np.array([one.speaker for one in self.passages])

    @cached_property
    def draws(self) -> np.ndarray:
        """The same for every tracker and condition."""
        return draws(self.speakers, np.random.default_rng(1))


def measure(
    run: Run, everyone: list[Recording], trackers: dict[str, peers.Tracker], names: Iterable[str], say: Callable
) -> None:
    """Fill `run.counts`."""
    for name in names:
        short = conditions.needed(name) - len({one.speaker for one in everyone if one.speaker != run.speakers[0]})
        if short > 0:
            run.skipped[name] = f"{conditions.needed(name)} other voices are needed, {short} are missing"
            continue
        heard = [(one, _line(name, one, everyone)) for one in run.passages]
        for tracker, track in trackers.items():
            if name in SLOW.get(tracker, conditions.NAMES) and (tracker == peers.OURS or name != "xt25gate"):
                every = SLOW_EVERY if tracker in SLOW else 1
                rows = {i: _errors(*heard[i], track) for i in range(0, len(heard), every)}
                run.counts[tracker, name] = np.array([rows.get(i, np.zeros(len(COUNTS))) for i in range(len(heard))])
        say(f"  {run.title}: {name}")


def _line(name: str, one: Recording, everyone: list[Recording]) -> np.ndarray:
    random = conditions.seeded(one.name, name.removesuffix("gate"))
    return conditions.make(name, one.samples, others(one, everyone), random)


def _errors(one: Recording, line: np.ndarray, track: peers.Tracker) -> np.ndarray:
    time_s, f0_hz = track(line)
    return counted(one.f0_hz, at_times(time_s, np.atleast_2d(f0_hz)[0], one.time_s))


# Tables


def overview(run: Run) -> str:
    """FFE of every tracker in every condition, and ours against the best peer."""
    names = list(dict.fromkeys(name for _, name in run.counts))
    trackers = list(dict.fromkeys(tracker for tracker, _ in run.counts if tracker not in NO_VOICING))
    rows = [[tracker, *(_ffe(run, tracker, name) for name in names)] for tracker in trackers]
    rows.append(["ours - best peer", *(_difference(run, name) for name in names)])
    return tables.table(["FFE %", *names], rows)


def _peers_of(run: Run, name: str) -> dict[str, np.ndarray]:
    """Counts of the peers that decide on voicing; where ours may listen to both channels, they hear their own one."""
    name, apart = name.removesuffix("gate"), (peers.OURS, *NO_VOICING, *SLOW)
    return {who: c for (who, at), c in run.counts.items() if at == name and who not in apart}


def _ffe(run: Run, tracker: str, name: str) -> str:
    counts = run.counts.get((tracker, name))
    if counts is None:
        return "as xt25" if name == "xt25gate" and (tracker, "xt25") in run.counts else "-"
    low, high = interval(measures(run.draws @ counts)["FFE"])
    text = f"{measures(counts.sum(axis=0))['FFE']:.1f}"
    best = min(measures(c.sum(axis=0))["FFE"] for c in (counts, *_peers_of(run, name).values(), _ours(run, name)))
    return f"{'**' + text + '**' if text == f'{best:.1f}' else text} ({low:.1f}-{high:.1f})"


def _ours(run: Run, name: str) -> np.ndarray:
    return run.counts[peers.OURS, name]


def _difference(run: Run, name: str) -> str:
    theirs = _peers_of(run, name)
    if not theirs:
        return "-"
    best = min(theirs, key=lambda who: measures(theirs[who].sum(axis=0))["FFE"])
    ours, peer, drawn = _ours(run, name), theirs[best], run.draws
    gap = measures(ours.sum(axis=0))["FFE"] - measures(peer.sum(axis=0))["FFE"]
    low, high = interval(measures(drawn @ ours)["FFE"] - measures(drawn @ peer)["FFE"])
    return f"{gap:+.1f} ({low:+.1f} to {high:+.1f}) {best}"


def details(run: Run) -> str:
    """Every measure of every tracker in every condition, with its interval."""
    drawn, rows = run.draws, []
    for (tracker, name), counts in sorted(run.counts.items(), key=lambda item: conditions.NAMES.index(item[0][1])):
        whole, spread = measures(counts.sum(axis=0)), measures(drawn @ counts)
        cells = [_cell(whole[m], spread[m], tracker in NO_VOICING and m not in ("GPE", "RPA50")) for m in MEASURES]
        rows.append([name, tracker, *cells])
    head = ["condition", "", "FFE %", "VDE %", "false %", "missed %", "GPE %", "FPE mean c", "FPE sd c", "RPA50 %"]
    return tables.table(head, rows)


def _cell(value: float, spread: np.ndarray, empty: bool) -> str:
    low, high = interval(spread)
    return "-" if empty else f"{value:.1f} ({low:.1f} to {high:.1f})"


def voices(run: Run) -> str:
    """Who speaks, from the truth alone."""
    sexes = {voice.name: voice.sex for voice in resynthesis.VOICES} | {"rl": "man", "sb": "woman"}
    rows = []
    for name in dict.fromkeys(run.speakers):
        own = [one for one in run.passages if one.speaker == name]
        asis = np.concatenate([one.f0_hz for one in own if " x " not in one.name])
        low, middle, high = np.nanpercentile(asis, [5, 50, 95])
        seconds = sum(len(one.samples) for one in own) / RATE_HZ
        rows.append([name, sexes[name], f"{seconds:.0f}", f"{middle:.0f} ({low:.0f}-{high:.0f})"])
    return tables.table(["voice", "", "s", "F0 as spoken, median (P5-P95) Hz"], rows)


def by_speaker(run: Run, name: str) -> str:
    """FFE of each speaker in one condition: what the intervals are made of."""
    trackers = [tracker for tracker, at in run.counts if at == name and tracker not in NO_VOICING]
    rows = []
    for speaker in dict.fromkeys(run.speakers):
        own = run.speakers == speaker
        ffe = [measures(run.counts[tracker, name][own].sum(axis=0))["FFE"] for tracker in trackers]
        rows.append([speaker, *(f"{value:.1f}" for value in ffe)])
    return tables.table([f"FFE %, {name}", *trackers], rows)


def where_poor(run: Run) -> str:
    """One sentence on the conditions in which a peer's FFE is lower than ours, and on what our errors are there."""
    worse, errors = [], []
    for name in (at for who, at in run.counts if who == peers.OURS):
        theirs = _peers_of(run, name)
        ours = measures(_ours(run, name).sum(axis=0))
        best = min(theirs, key=lambda who: measures(theirs[who].sum(axis=0))["FFE"], default=None)
        if best and (gap := ours["FFE"] - measures(theirs[best].sum(axis=0))["FFE"]) > 0.05:
            worse.append(f"{name} ({best}, by {gap:.1f})")
            errors.append(_kind(ours))
    if not worse:
        return "No peer has a lower FFE than ours in any condition."
    common = max(set(errors), key=errors.count)
    return f"A peer has the lower FFE in {', '.join(worse)}; most of our errors there are {common}."


def _kind(ours: dict[str, np.ndarray]) -> str:
    gross = ours["FFE"] - ours["VDE"]
    if gross > ours["VDE"]:
        return "gross errors"
    return "voice that is missed" if ours["missed"] > ours["false"] else "voice that is not there"


ABOUT_FDA = (
    "Bagshaw's FDA sentences, joined by fours, F0 by laryngograph. Two speakers: half of all draws hold one of them "
    "only, so the intervals are wide and hold for these two. It is development data: some numbers of the extractor "
    "were chosen on it."
)
ABOUT_REAL = (
    "Prompts and words of seven people in six languages, said again by WORLD with a known F0, half of them with the F0 "
    "scaled by 0.5 to 1.4 and the formants moved along. Nothing was trained or tuned on these voices. Voiced is what "
    "two of Praat, RAPT and SwiftF0 agreed on in the original, so the voicing decisions lean towards these three, and "
    "resynthesised voices are more regular than people."
)
REAL = "Resynthesised voices"
ABOUT = {REAL: ABOUT_REAL, "FDA": ABOUT_FDA}
HOW = (
    f"FFE is the share of frames that are wrong, by voicing or by more than 20 %; in brackets 95 % bootstrap intervals "
    f"by speaker. Peers run at their defaults with a hop of 10 ms and 60-500 Hz where these can be set; pYIN on every "
    f"{SLOW_EVERY}rd passage. yin decides on no voicing and stands in the long tables only. With `xt25gate` ours hears "
    f"both channels. The last row pairs ours with the best peer of each column; below zero ours is better."
)


def page(runs: list[Run], notes: str) -> str:
    """The whole text for the README."""
    parts = [HOW]
    for run in runs:
        seconds = sum(len(one.samples) for one in run.passages) / RATE_HZ
        skipped = "".join(f" Left out: {name}, because {why}." for name, why in run.skipped.items())
        parts += [f"### {run.title}, {seconds:.0f} s, {len(run.passages)} passages", ABOUT[run.title], overview(run)]
        parts += [where_poor(run) + skipped, tables.folded("Every measure, with its interval", details(run))]
        who = f"{voices(run)}\n\n{by_speaker(run, 'tel')}" if (peers.OURS, "tel") in run.counts else voices(run)
        parts.append(tables.folded("Speakers", who))
    return "\n\n".join(parts) + notes


def material(options: argparse.Namespace, say: Callable[[str], None]) -> tuple[list[Run], str]:
    """What there is to measure on, and a sentence on what is not there. Ends the program where there is nothing."""
    runs, notes = [], ""
    try:
        runs.append(Run(REAL, resynthesis.recordings(options.seconds, options.material, say)))
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        notes += f"\n\nThe resynthesised voices were left out: {error}."
    if options.fda and options.fda.is_dir():
        runs.append(Run("FDA", fda(options.fda)))
    else:
        notes += f"\n\nFDA was left out: {f'there is no folder {options.fda}' if options.fda else 'no --fda FOLDER'}."
    if not runs:
        raise SystemExit(notes.strip())
    return runs, notes


def main() -> None:
    options = _options()
    start_s = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - start_s:5.0f} s {text}", flush=True)

    trackers, missing = peers.make()
    say(f"trackers: {', '.join(trackers)}")
    runs, notes = material(options, say)
    masks = runs[0].passages if runs[0].title == REAL else []
    for run in runs:
        measure(
            run, run.passages + [one for one in masks if one not in run.passages], trackers, options.conditions, say
        )
    text = page(runs, peers.missing_line(missing) + notes)
    print(text)
    if options.conditions == conditions.NAMES and not options.dry:
        tables.write("pitch", text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fda", type=Path, help="folder of Bagshaw's FDA files: rl*.wav, sb*.wav, *.f0ref")
    parser.add_argument("--material", type=Path, help="unpacked tree of the Debian packages (default: fetch them)")
    parser.add_argument("--seconds", type=float, default=30, help="of each resynthesised voice (default: 30)")
    parser.add_argument("--conditions", nargs="+", default=conditions.NAMES, choices=conditions.NAMES)
    parser.add_argument("--dry", action="store_true", help="print only, leave the README alone")
    return parser.parse_args()


if __name__ == "__main__":
    peers.enter()
    main()
