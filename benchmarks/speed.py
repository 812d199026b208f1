"""How fast the whole extractor is beside the peers' single measures, and where its time goes.

    python benchmarks/speed.py --call CALL ...   # prints the tables, and writes them into benchmarks/README.md

Everything runs on one thread, in one process, in turns: every round runs everybody once, and figures are medians over
the rounds, ratios medians of each round's ratio, so that a machine that is busy or slow for a while harms all alike.
Times are CPU seconds of this process, wall seconds beside them. Peers have what they need loaded before the clock runs.

The floor is what remains of the extractor if nothing but its matrix products is done: their shapes are recorded in one
run (`recorded_products`), and products of these shapes are then run bare, on random numbers that are in cache already.
"""

from __future__ import annotations

import argparse
import ast
import functools
import importlib
import importlib.abc
import importlib.machinery
import json
import statistics
import subprocess
import sys
import time
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import peers
import soundfile
import soxr
import tables

RATE_HZ = 8000
ROUNDS = 7
PIECE_S = 5.0  # of the call for peers that are slower than it; scaled up
FRESH = 7  # processes for the first call
_now_s = time.process_time  # a machine that is shared takes wall time from whatever stage it likes
PACKAGE = "speechcoach.features"

# Which functions are which stage, by where they are defined; every name that another module has for them is watched as
# well. Time in a function that another one of the table calls counts once, for the inner one. What is in none of them
# is "rest". A generator does its work after it has returned: name what it calls instead.
STAGES: dict[str, tuple[str, ...]] = {
    "input": ("frames.Signal.__init__", "frames.Signal.between", "frames.Signal.windows", "frames.Signal.scattered"),
    "level": ("level.loudness",),
    "gate": ("gate.own_hops",),
    "spectrum": ("spectrum.magnitudes", "spectrum.power_spectrum", "spectrum.noise_spectrum"),
    "net": ("net.levels", "net.answer"),
    "kernel products": ("pitch.candidates",),
    "peaks": ("pitch._peaks", "pitch._refined"),
    "path": ("path.best_path",),
    "rate": ("rate.nuclei",),
    "voice": ("voice.voice_columns",),
}
# What we aim at, of the whole against a peer or against the floor: at least, or at most.
AT_LEAST = {"Praat F0": 15.0, "RAPT F0": 3.0, "SwiftF0 F0": 40.0}
AT_MOST = {"floor": 2.0, "16 kHz": 1.5, "first call": 0.3}


# Clocks


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of one run: CPU of this process, and wall."""

    cpu_s: float
    wall_s: float


def spent(work: Callable[[], object]) -> Spent:
    """What `work` takes."""
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    work()
    return Spent(time.process_time() - cpu_s, time.perf_counter() - wall_s)


def in_turns(works: dict[str, Callable[[], object]], rounds: int, say: Callable[[str], None]) -> dict[str, list[Spent]]:
    """Each of `works` once unmeasured and then once a round."""
    for work in works.values():
        work()
    found: dict[str, list[Spent]] = {name: [] for name in works}
    for number in range(rounds):
        for name, work in works.items():
            found[name].append(spent(work))
        say(f"  round {number + 1} of {rounds}")
    return found


def ratio(one: list[Spent], other: list[Spent], clock: str = "cpu_s") -> float:
    """How many times `other` the runs of `one` took: median over the rounds."""
    pairs = zip(one, other, strict=True)
    return statistics.median(getattr(a, clock) / getattr(b, clock) for a, b in pairs)


def middle(runs: list[Spent], clock: str = "cpu_s") -> float:
    return statistics.median(getattr(run, clock) for run in runs)


# Peers


def of_channels(track: Callable, call: np.ndarray) -> Callable[[], object]:
    """A tracker over both channels of the call."""
    rows = [np.ascontiguousarray(row) for row in call]
    return lambda: [track(row) for row in rows]


def works(call: np.ndarray) -> tuple[dict[str, Callable[[], object]], dict[str, float], dict[str, str]]:
    """What runs, by name, `call` being `[2, n]` at 8 kHz; by what to multiply its time; and who is missing."""
    from speechcoach import features

    trackers, missing = peers.make(tuple(name for name in peers.TRACKERS if name != "pYIN"))
    made: dict[str, Callable[[], object]] = {"speechcoach, all features": lambda: features.extract(call, RATE_HZ)}
    named = {"Praat": "Praat F0", "RAPT": "RAPT F0", "SwiftF0": "SwiftF0 F0", "openSMILE": "openSMILE eGeMAPS"}
    for name, track in trackers.items():
        if name != peers.OURS:
            made[named.get(name, f"librosa {name}")] = of_channels(track, call)
    scale = {}
    piece = call[:, : round(PIECE_S * RATE_HZ)]
    slow, gone = peers.make((peers.OURS, "pYIN"))
    if "pYIN" in slow:
        made["librosa pYIN"] = of_channels(slow["pYIN"], piece)
        scale["librosa pYIN"] = call.shape[1] / piece.shape[1]
    if "Praat" in trackers:
        made["Praat intensity"] = of_channels(_praat_intensity, call)
        made["Praat harmonicity"] = of_channels(_praat_harmonicity, call)
    return made, scale, missing | gone


def _praat_intensity(samples: np.ndarray) -> object:
    import parselmouth

    return parselmouth.Sound(samples.astype(np.float64), RATE_HZ).to_intensity(minimum_pitch=60, time_step=0.01)


def _praat_harmonicity(samples: np.ndarray) -> object:
    import parselmouth

    sound = parselmouth.Sound(samples.astype(np.float64), RATE_HZ)
    return sound.to_harmonicity_cc(time_step=0.01, minimum_pitch=60)


def against_peers(call: np.ndarray, rounds: int, say: Callable[[str], None]) -> tuple[str, list[str], dict[str, str]]:
    """The table of ratios, where an aim is missed, and who is missing."""
    made, scale, missing = works(call)
    found = in_turns(made, rounds, say)
    ours = next(iter(found.values()))
    seconds = call.shape[1] / RATE_HZ
    rows, poor = [], []
    for name, runs in found.items():
        runs = [Spent(run.cpu_s * scale.get(name, 1), run.wall_s * scale.get(name, 1)) for run in runs]
        cpu, wall = ratio(runs, ours), ratio(runs, ours, "wall_s")
        aim = AT_LEAST.get(name)
        rows.append([name, f"{middle(runs):.3f}", f"{seconds / middle(runs):,.0f}", f"{cpu:.2f}", f"{wall:.2f}"])
        rows[-1].append(f">= {aim:g}" if aim else "")
        if aim and cpu < aim:
            poor.append(f"{name} takes {cpu:.1f} times our time, not {aim:g}")
    head = ["both channels", "CPU s", "x real time", "CPU / ours", "wall / ours", "aim"]
    return tables.table(head, rows), poor, missing


def by_rate(call: np.ndarray, rounds: int) -> tuple[str, list[str]]:
    """8 against 16 and 48 kHz of the same call."""
    from speechcoach import features

    inputs = {"8 kHz": call}
    for rate_hz in (16_000, 48_000):
        inputs[f"{rate_hz // 1000} kHz"] = np.ascontiguousarray(soxr.resample(call.T, RATE_HZ, rate_hz).T)
    work = {name: _extracting(features.extract, given, int(name.split()[0]) * 1000) for name, given in inputs.items()}
    found = in_turns(work, rounds, lambda _: None)
    ratios = {name: ratio(runs, found["8 kHz"]) for name, runs in found.items()}
    rows = [[name, f"{middle(runs):.3f}", f"{ratios[name]:.2f}"] for name, runs in found.items()]
    poor = [] if ratios["16 kHz"] <= AT_MOST["16 kHz"] else [f"16 kHz costs {ratios['16 kHz']:.2f} times 8 kHz"]
    return tables.table(["input", "CPU s", "/ 8 kHz"], rows), poor


def _extracting(extract: Callable, samples: np.ndarray, rate_hz: int) -> Callable[[], object]:
    return lambda: extract(samples, rate_hz)


# The first call


def first_call(file: Path) -> tuple[str, list[str]]:
    """What a fresh process pays once: for importing, and for its first call over its second."""
    runs = [json.loads(_fresh("-c", _FIRST, str(file))) for _ in range(FRESH)]
    get = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    over_s = statistics.median(run["first"] - run["second"] for run in runs)
    text = (
        f"A fresh process, wall time, median of {FRESH}: importing the features takes {get['import']:.3f} s, of which "
        f"{get['numpy']:.3f} s NumPy, the first call {get['first']:.3f} s and the second {get['second']:.3f} s, so "
        f"{over_s:.3f} s of overhead (aim <= {AT_MOST['first call']:g})."
    )
    return text, [f"the first call takes {over_s:.2f} s more than the second"] if over_s > AT_MOST["first call"] else []


_FIRST = """
import json, sys, time
marks = [time.perf_counter()]
import numpy
marks.append(time.perf_counter())
from speechcoach import features
marks.append(time.perf_counter())
import soundfile
samples, rate_hz = soundfile.read(sys.argv[1], dtype="float32", always_2d=True)
call = numpy.ascontiguousarray(samples.T)
marks.append(time.perf_counter())
for _ in range(2):
    features.extract(call, rate_hz)
    marks.append(time.perf_counter())
spent = [after - before for before, after in zip(marks, marks[1:])]
print(json.dumps({"numpy": spent[0], "import": spent[0] + spent[1], "first": spent[3], "second": spent[4]}))
"""


def _fresh(*given: str) -> str:
    return subprocess.run([sys.executable, *given], check=True, stdout=subprocess.PIPE, text=True).stdout


# Stages


class Stages:
    """Seconds by stage: wraps the functions of `STAGES` while it is entered."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = {}
        self.absent: list[str] = []
        self._open: list[tuple[str, float]] = []  # stage, and the seconds of what it called

    @contextmanager
    def watching(self) -> Iterator[None]:
        kept = []
        for stage, names in STAGES.items():
            for name in names:
                owner, last = _owner(name)
                if owner is None or not hasattr(owner, last):
                    self.absent.append(name)
                    continue
                plain = getattr(owner, last)
                timed = self._timed(stage, plain)
                for holder, alias in _names_of(plain, owner, last):
                    kept.append((holder, alias, plain))
                    setattr(holder, alias, timed)
        try:
            yield
        finally:
            for owner, last, plain in reversed(kept):
                setattr(owner, last, plain)

    def _timed(self, stage: str, plain: Callable) -> Callable:
        @functools.wraps(plain)
        def timed(*given: object, **named: object) -> object:
            self._open.append((stage, 0.0))
            start_s = _now_s()
            try:
                return plain(*given, **named)
            finally:
                whole_s = _now_s() - start_s
                _, inner_s = self._open.pop()
                self.spent_s[stage] = self.spent_s.get(stage, 0.0) + whole_s - inner_s
                if self._open:
                    outer, before_s = self._open[-1]
                    self._open[-1] = (outer, before_s + whole_s)

        return timed


def _owner(name: str) -> tuple[object | None, str]:
    """What holds the last part of a dotted name below the features, or None."""
    module, *path, last = name.split(".")
    try:
        owner: object = importlib.import_module(f"{PACKAGE}.{module}")
    except ImportError:
        return None, last
    for part in path:
        owner = getattr(owner, part, None)
    return owner, last


def _names_of(function: Callable, owner: object, last: str) -> list[tuple[object, str]]:
    """Where a function is defined, and every module of the features that has imported it by name."""
    modules = [module for name, module in list(sys.modules.items()) if (name + ".").startswith(PACKAGE + ".")]
    found = [(module, alias) for module in modules for alias, value in vars(module).items() if value is function]
    return found if isinstance(owner, types.ModuleType) else [(owner, last), *found]


def by_stage(call: np.ndarray, file: Path, rounds: int) -> tuple[str, list[str], list[str]]:
    """The table of stages beside the floor of each, where an aim is missed, and functions that were not found."""
    from speechcoach import features

    floors = floor(json.loads(_fresh(__file__, "--products", str(file))))
    rows_s: list[dict[str, float]] = []
    stages = Stages()
    for _ in range(rounds):
        stages = Stages()
        with stages.watching():
            whole = spent(lambda: features.extract(call, RATE_HZ)).cpu_s
        own = {**dict.fromkeys(STAGES, 0.0), **stages.spent_s}
        own["rest"] = whole - sum(own.values())
        bare = {name: sum(spent(run).cpu_s for run in runs) for name, runs in floors.items()}
        plain = spent(lambda: features.extract(call, RATE_HZ)).cpu_s
        rows_s.append({**own, **{f"floor {k}": v for k, v in bare.items()}, "plain": plain})
    get = {key: statistics.median(row[key] for row in rows_s) for key in rows_s[0]}
    bare_s = statistics.median(sum(v for k, v in row.items() if k.startswith("floor ")) for row in rows_s)
    times = statistics.median(r["plain"] / sum(v for k, v in r.items() if k.startswith("floor ")) for r in rows_s)
    whole_s = sum(get[name] for name in (*STAGES, "rest"))
    rows = [
        [name, f"{1000 * get[name]:.1f}", f"{get[name] / whole_s:.0%}", _ms(get.get(f"floor {name}"))]
        for name in (*STAGES, "rest")
        if get[name] > 0
    ]
    rows.append(["whole, not watched", f"{1000 * get['plain']:.1f}", "", f"{1000 * bare_s:.1f}"])
    poor = [] if times <= AT_MOST["floor"] else [f"the whole takes {times:.1f} times its matrix products"]
    text = tables.table(["stage", "CPU ms", "share", "its products alone, CPU ms"], rows)
    return f"{text}\n\nThe whole takes {times:.2f} times the floor (aim <= {AT_MOST['floor']:g}).", poor, stages.absent


def _ms(seconds: float | None) -> str:
    return f"{1000 * seconds:.1f}" if seconds is not None else ""


# The floor


@dataclass
class Products:
    """Every matrix product that ran: where, and the shapes and kinds of its two sides."""

    seen: list[tuple[str, list[int], list[int], str]] = field(default_factory=list)

    def __call__(self, where: str, left: np.ndarray, right: np.ndarray, **named: object) -> np.ndarray:
        left, right = np.asarray(left), np.asarray(right)
        made = np.matmul(left, right, **named)
        self.seen.append((where, list(left.shape), list(right.shape), made.dtype.str))
        return made


class _Recorded(ast.NodeTransformer):
    """Sends every `a @ b`, `np.matmul` and `np.dot` of a module through a recorder, with the function that it is in."""

    def __init__(self, module: str) -> None:
        self._path = [module]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._inside(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._inside(node)

    def _inside(self, node: ast.AST) -> ast.AST:
        self._path.append(node.name)
        self.generic_visit(node)
        self._path.pop()
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return self._call(node, [node.left, node.right], []) if isinstance(node.op, ast.MatMult) else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        product = isinstance(node.func, ast.Attribute) and ast.unparse(node.func) in ("np.matmul", "np.dot")
        return self._call(node, node.args, node.keywords) if product else node

    def _call(self, node: ast.AST, sides: list[ast.expr], named: list[ast.keyword]) -> ast.AST:
        where = ast.Constant(".".join(self._path))
        made = ast.Call(ast.Name("__product__", ast.Load()), [where, *sides], named)
        return ast.fix_missing_locations(ast.copy_location(made, node))


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> object:
        """From the source each time: what is cached as bytecode has plain products."""
        path = self.get_filename(fullname)
        tree = ast.parse(self.get_data(path), path)
        module = fullname.removeprefix(PACKAGE).lstrip(".")
        return compile(_Recorded(module).visit(tree), path, "exec")

    def exec_module(self, module: object) -> None:
        module.__dict__["__product__"] = _PRODUCTS
        super().exec_module(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, path: object, target: object = None) -> object:
        if not (fullname + ".").startswith(PACKAGE + "."):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


_PRODUCTS = Products()


def recorded_products(file: Path) -> list[tuple[str, list[int], list[int], str]]:
    """The products of one extraction, in a process that has not imported the features yet."""
    sys.meta_path.insert(0, _Finder())
    from speechcoach import features

    features.extract(read(file), RATE_HZ)  # tables are made once a process, and are no part of the hot path
    _PRODUCTS.seen.clear()
    features.extract(read(file), RATE_HZ)
    return _PRODUCTS.seen


def floor(products: list[tuple[str, list[int], list[int], str]]) -> dict[str, list[Callable[[], object]]]:
    """By stage, what runs its products bare: all shapes anew, sides and result allocated before."""
    random = np.random.default_rng(0)
    made: dict[str, list[Callable[[], object]]] = {}
    sides: dict[tuple, tuple[np.ndarray, ...]] = {}
    for where, left, right, kind in products:
        key = (*left, -1, *right, kind)
        if key not in sides:
            pair = [random.standard_normal(shape).astype(kind) for shape in (left, right)]
            sides[key] = (*pair, np.matmul(*pair))
        left_side, right_side, out = sides[key]
        run = functools.partial(np.matmul, left_side, right_side, out=out) if out.ndim else None
        made.setdefault(stage_of(where), []).append(run or functools.partial(np.matmul, left_side, right_side))
    return made


def stage_of(where: str) -> str:
    """The stage of a function by the innermost listed one that it lies in, or that of its module, if it has one."""
    listed = {name: stage for stage, names in STAGES.items() for name in names}
    parts = where.split(".")
    inside = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    of_module = {stage for name, stage in listed.items() if name.split(".")[0] == parts[0]}
    return next((listed[name] for name in inside if name in listed), of_module.pop() if len(of_module) == 1 else "rest")


# The page


def read(file: Path) -> np.ndarray:
    """A call with two channels at 8 kHz, float32 `[2, n]`."""
    samples, rate_hz = soundfile.read(file, dtype="float32", always_2d=True)
    if samples.shape[1] != 2:
        raise SystemExit(f"{file} must have two channels, not {samples.shape[1]}")
    if rate_hz != RATE_HZ:
        samples = soxr.resample(samples, rate_hz, RATE_HZ)
    return np.ascontiguousarray(samples.T)


def of_call(file: Path, rounds: int, say: Callable[[str], None]) -> str:
    """All tables for one call."""
    from speechcoach import features

    call = read(file)
    active = features.extract(call, RATE_HZ).active.mean()
    say(f"{file.name}, {call.shape[1] / RATE_HZ:.0f} s")
    peer_table, slow, missing = against_peers(call, rounds, say)
    say("  input rates, first call, stages")
    rate_table, rates = by_rate(call, rounds)
    first, firsts = first_call(file)
    stage_table, stages, absent = by_stage(call, file, 2 * rounds)
    if absent:
        print(f"not found, so counted as rest: {', '.join(absent)}", file=sys.stderr)
    poor = slow + rates + firsts + stages
    return "\n\n".join(
        [
            f"### {file.name}, two channels, {call.shape[1] / RATE_HZ:.0f} s, {active:.0%} of the hops active",
            f"Ours is everything that `features.extract` measures, the peers' only what is named. pYIN ran on "
            f"{PIECE_S:g} s and is scaled up. Medians of {rounds} rounds.{peers.missing_line(missing)}",
            peer_table,
            f"Short of what we aim at: {'; '.join(poor)}." if poor else "All aims are met on this call.",
            rate_table,
            first,
            stage_table,
        ]
    )


def main(options: argparse.Namespace) -> None:
    start_s = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - start_s:5.0f} s {text}", file=sys.stderr, flush=True)

    text = "\n\n".join(of_call(file, options.rounds, say) for file in options.call)
    print(text)
    if not options.dry:
        tables.write("speed", text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = [peers.ROOT / "samples" / "escalation.wav"]
    parser.add_argument("--call", type=Path, nargs="+", default=default, help="recordings with two channels")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"at least {ROUNDS} for figures to print")
    parser.add_argument("--dry", action="store_true", help="print only, leave the README alone")
    parser.add_argument("--products", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    chosen = _options()
    if chosen.products:
        print(json.dumps(recorded_products(chosen.products)))
    else:
        peers.enter()
        main(chosen)
