"""How much memory the extractor needs for ten minutes, an hour and ten hours of a two-sided call.

    python benchmarks/memory.py        # prints the table, and writes it into benchmarks/README.md

Each length is measured in a process of its own: its peak resident memory after extraction less the peak before, with
everything imported and the audio of one short call loaded, which is then given over and over in blocks of ten seconds.
The columns of the result are the answer, and grow with the call; what is left over is what the work itself takes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import peers
import soundfile
import tables

from speechcoach import features

RATE_HZ = 8000
BLOCK_S = 10
LENGTHS_S = {"ten minutes": 600, "an hour": 3600, "ten hours": 36_000}
CALL = peers.ROOT / "samples" / "escalation.wav"
STATUS = Path("/proc/self/status")


def peak_mb() -> float:
    """Peak resident memory of this process so far, MB (10^6 bytes).

    Linux tells it of the program itself; `ru_maxrss` also remembers the process that started it.
    """
    if STATUS.exists():
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def blocks(call: np.ndarray, seconds: int) -> Iterator[np.ndarray]:
    """`seconds` of `call` `[channels, n]`, again and again, in blocks of ten seconds."""
    size = BLOCK_S * RATE_HZ
    for start in range(0, seconds * RATE_HZ, size):
        yield np.take(call, np.arange(start, start + size), axis=1, mode="wrap")


def measure(seconds: int) -> dict[str, float]:
    """Megabytes that one extraction takes in this process; `given` is the call, where it has to be one array."""
    call = np.ascontiguousarray(soundfile.read(CALL, dtype="float32", always_2d=True)[0].T)
    before_mb, given_mb = peak_mb(), 0.0
    if hasattr(features, "extract_blocks"):
        frames = features.extract_blocks(blocks(call, seconds), RATE_HZ)
    else:
        whole = np.empty((len(call), seconds * RATE_HZ), np.float32)
        for place, block in enumerate(blocks(call, seconds)):
            whole[:, place * block.shape[1] : (place + 1) * block.shape[1]] = block
        before_mb, given_mb = peak_mb(), whole.nbytes / 1e6
        frames = features.extract(whole, RATE_HZ)
    columns = [getattr(frames, name) for name in frames.__dataclass_fields__]
    columns_mb = sum(column.nbytes for column in columns if isinstance(column, np.ndarray)) / 1e6
    return {"peak": peak_mb() - before_mb, "columns": columns_mb, "hops": frames.time_s.size, "given": given_mb}


def of_fresh_process(seconds: int) -> dict[str, float]:
    made = subprocess.run(
        [sys.executable, __file__, "--child", str(seconds)], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(made.stdout)


def page(found: dict[str, dict[str, float]]) -> str:
    """The text for the README."""
    rows = []
    for name, own in found.items():
        rest = own["peak"] - own["columns"]
        rows.append([name, f"{own['peak']:.0f}", f"{own['columns']:.0f}", f"{max(rest, 0):.0f}"])
    first, last = (found[name]["peak"] - found[name]["columns"] for name in ("ten minutes", "ten hours"))
    a_hop = found["ten hours"]["columns"] * 1e6 / found["ten hours"]["hops"]
    given = max(own["given"] for own in found.values())
    how = "in blocks of ten seconds" if not given else "as one array, which is not counted"
    return "\n\n".join(
        [
            f"Two channels at 8 kHz, given {how}; a fresh process for each length; MB of peak resident memory over "
            f"what was there before the call.",
            tables.table(["length", "peak", "the result's own columns", "the work"], rows),
            f"The columns take {a_hop:.0f} bytes a hop of 10 ms for both channels. Beside them ten hours need "
            f"{last - first:+.0f} MB against ten minutes{_verdict(first, last)}",
        ]
    )


def _verdict(first: float, last: float) -> str:
    if last <= max(2 * first, first + 20):
        return "."
    return ": something besides the columns grows with the call."


def main() -> None:
    found = {}
    for name, seconds in LENGTHS_S.items():
        print(f"{name} ...", file=sys.stderr, flush=True)
        found[name] = of_fresh_process(seconds)
    text = page(found)
    print(text)
    tables.write("memory", text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    child_s = parser.parse_args().child
    if child_s:
        print(json.dumps(measure(child_s)))
    else:
        peers.enter()
        main()
