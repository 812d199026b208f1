"""The peers: other people's pitch trackers and voice measures, in an environment of their own.

    python benchmarks/peers.py        # makes .venv-peers beside .venv, and says which peers work

Conventions: a tracker takes float32 samples `[n]` at 8000 Hz and gives `(time_s, f0_hz)`, both `[frames]`: the centre
of each frame, and F0 with NaN where it says unvoiced. Each runs at its own defaults, but for a hop of 10 ms and a range
of 60 to 500 Hz where these can be set, on one thread. A tracker is made once (`make`), which loads its model, and
called many times.

What is off a tracker's own time stamps was measured on a vibrato of known F0 and is put right here: no peer loses by a
shift of its clock. A peer that cannot be installed or imported is kept as a name with the reason.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy comes with the environment that this file makes
    import numpy as np

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv-peers"
PYTHON = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LIST = Path(__file__).with_name("peers.txt")
RATE_HZ = 8000
HOP_S = 0.01
LOW_HZ, HIGH_HZ = 60.0, 500.0
THREADS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")

Tracker = Callable[["np.ndarray"], tuple["np.ndarray", "np.ndarray"]]


# The environment


def enter() -> None:
    """Go on inside the peers' environment, made on first use: replaces this process unless it runs there already."""
    if Path(sys.prefix).resolve() == HOME.resolve():
        return
    install()
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    command = [str(PYTHON), *sys.argv]
    sys.stdout.flush()
    if os.name == "nt":  # there exec starts a second process and lets the shell go on
        sys.exit(subprocess.run(command, env={**os.environ, **THREADS, "PYTHONPATH": path}).returncode)
    os.execve(command[0], command, {**os.environ, **THREADS, "PYTHONPATH": path})


def install() -> None:
    """Make the environment and install into it what `peers.txt` lists, unless that is done."""
    done = HOME / "installed"
    if done.exists() and done.stat().st_mtime >= LIST.stat().st_mtime:
        return
    print(f"Installing the peers into {HOME} ...", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
    (HOME / ".gitignore").write_text("*\n", "utf-8")
    ours, theirs = wanted()
    _pip(*ours, check=True)
    failed = {name: reason for name in theirs if (reason := _pip(name))}
    done.write_text("".join(f"{name}\t{reason}\n" for name, reason in failed.items()), "utf-8")


def wanted() -> tuple[list[str], list[str]]:
    """Requirements of the benchmarks themselves, and the peers, from `peers.txt`."""
    ours, theirs, _ = re.split(r"^# (?:peers|needed by peers)$", LIST.read_text("utf-8"), flags=re.MULTILINE)
    return tuple([line for line in part.splitlines() if line and line[0] != "#"] for part in (ours, theirs))


def _pip(*names: str, check: bool = False) -> str:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", str(LIST), *names]
    made = subprocess.run(command, capture_output=True, text=True)
    if check and made.returncode:
        raise SystemExit(f"cannot install {' '.join(names)}:\n{made.stderr}")
    errors = [line for line in made.stderr.splitlines() if line.startswith("ERROR")]
    return (errors or ["pip failed"])[-1] if made.returncode else ""


# The trackers


def speechcoach() -> Tracker:
    """Ours: the whole of `features.extract`, of which F0 is one column."""
    from speechcoach import features

    def track(samples):
        frames = features.extract(samples, RATE_HZ)
        return frames.time_s, frames.f0_hz

    return track


def praat() -> Tracker:
    """Boersma (1993), IFA Proceedings 17: autocorrelation and a path."""
    import numpy as np
    import parselmouth

    def track(samples):
        sound = parselmouth.Sound(samples.astype(np.float64), RATE_HZ)
        found = sound.to_pitch_ac(time_step=HOP_S, pitch_floor=LOW_HZ, pitch_ceiling=HIGH_HZ)
        return found.xs(), _unvoiced_nan(found.selected_array["frequency"])

    return track


def rapt() -> Tracker:
    """Talkin (1995), in: Kleijn & Paliwal, Speech Coding and Synthesis."""
    import numpy as np

    pysptk = _pysptk()

    def track(samples):
        hop = round(HOP_S * RATE_HZ)
        f0_hz = pysptk.rapt(samples * np.float32(32768), RATE_HZ, hopsize=hop, min=LOW_HZ, max=HIGH_HZ, otype="f0")
        return np.arange(len(f0_hz)) * HOP_S + 0.007, _unvoiced_nan(f0_hz)

    return track


def swift_f0() -> Tracker:
    """SwiftF0 (Nieradzik 2025): a convolutional net; 16 kHz inside, a frame every 16 ms."""
    import swift_f0 as package

    detector = package.SwiftF0(threads=1)

    def track(samples):
        found = detector.detect(samples, RATE_HZ, fmin=LOW_HZ, fmax=HIGH_HZ)
        return found.timestamps, _unvoiced_nan(found.pitch_hz * (found.confidence >= 0.5))

    return track


def opensmile() -> Tracker:
    """F0 of the eGeMAPSv02 set (Eyben et al. 2016, IEEE Trans. Affect. Comput. 7), which comes with all of the set."""
    import numpy as np

    columns = opensmile_columns()

    def track(samples):
        semitones = columns(samples)["F0semitoneFrom27.5Hz_sma3nz"].to_numpy()
        f0_hz = np.where(semitones > 0, 27.5 * 2 ** (semitones / 12), np.nan)
        return np.arange(len(f0_hz)) * HOP_S + 0.03, f0_hz

    return track


def opensmile_columns() -> Callable:
    """All low-level descriptors of eGeMAPSv02 as a table, a row every 10 ms."""
    import opensmile as package

    smile = package.Smile(
        feature_set=package.FeatureSet.eGeMAPSv02,
        feature_level=package.FeatureLevel.LowLevelDescriptors,
        num_workers=1,
        multiprocessing=False,
    )
    return lambda samples: smile.process_signal(samples, RATE_HZ)


def yin() -> Tracker:
    """de Cheveigne & Kawahara (2002), JASA 111, by librosa: no voicing decision, every frame has an F0."""
    return _librosa("yin")


def pyin() -> Tracker:
    """Mauch & Dixon (2014), ICASSP, by librosa."""
    return _librosa("pyin")


def _librosa(name: str) -> Tracker:
    import librosa
    import numpy as np

    # Two periods of the lowest F0 fit into 64 ms; librosa's 2048 samples are meant for 22 kHz.
    options = {"sr": RATE_HZ, "fmin": LOW_HZ, "fmax": HIGH_HZ, "frame_length": 512, "hop_length": 80}

    def track(samples):
        found = getattr(librosa, name)(samples, **options)
        f0_hz = found[0] if name == "pyin" else found
        return np.arange(len(f0_hz)) * HOP_S, f0_hz

    return track


def _pysptk():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it still uses pkg_resources
        import pysptk
    return pysptk


def _unvoiced_nan(f0_hz):
    import numpy as np

    return np.where(f0_hz > 0, f0_hz, np.nan)


OURS = "speechcoach"
TRACKERS: dict[str, Callable[[], Tracker]] = {
    OURS: speechcoach,
    "Praat": praat,
    "RAPT": rapt,
    "SwiftF0": swift_f0,
    "openSMILE": opensmile,
    "yin": yin,
    "pYIN": pyin,
}


def make(names: tuple[str, ...] = tuple(TRACKERS)) -> tuple[dict[str, Tracker], dict[str, str]]:
    """The trackers that work, by name, and the reason for each that does not."""
    working: dict[str, Tracker] = {}
    missing: dict[str, str] = {}
    for name in names:
        try:
            working[name] = TRACKERS[name]()
        except Exception as error:  # a peer may fail in any way: the benchmark goes on without it, and says so
            missing[name] = f"{type(error).__name__}: {error}{_why_not_installed(name)}"
    if OURS in missing:
        raise RuntimeError(missing[OURS])
    return working, missing


def missing_line(missing: dict[str, str]) -> str:
    """A sentence for the page on the peers that did not run; empty where all did."""
    return "".join(f"\n\n{name} did not run: {reason}." for name, reason in missing.items())


def _why_not_installed(name: str) -> str:
    package = {"Praat": "praat-parselmouth", "RAPT": "pysptk", "SwiftF0": "swift-f0", "openSMILE": "opensmile"}
    done = HOME / "installed"
    lines = done.read_text("utf-8").splitlines() if done.exists() else []
    reasons = [line.split("\t")[1] for line in lines if line.startswith(package.get(name, "librosa") + "==")]
    return f" ({reasons[0]})" if reasons else ""


if __name__ == "__main__":
    enter()
    works, fails = make()
    print("These work:", ", ".join(works))
    for who, why in fails.items():
        print(f"{who} does not: {why}")
