"""Many calls: how fast a batch is, what it costs beside bare analysis, how soon it goes on, how much memory it needs.

    python benchmarks/batch.py                       # all but the three ways, and writes benchmarks/README.md
    python benchmarks/batch.py --equal 1000          # the same through SQLite, PostgreSQL and Dask, a worker killed
    python benchmarks/batch.py --parts again --finished 2000

Conventions: calls are made of the samples (`batch_calls`), by voice alone. What is held against each other is run in
turns, each time in a fresh process, its start included; ratios are medians over the rounds. Each part's figures are
kept in `batch.json` beside the made calls (--folder), so that parts can be measured one by one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path

import batch_calls
import batch_equal
import tables
from batch_stores import ENV, batch
from batch_text import page
from memory import peak_mb

from speechcoach import pipeline
from speechcoach.records import Result
from speechcoach.settings import Config
from speechcoach.team.batch import key_of
from speechcoach.team.rows import Entry
from speechcoach.team.sources import content_id, of_file
from speechcoach.team.store import Store
from speechcoach.team.tables import OF_CALL, call
from speechcoach.team.work import Task, analysed

VOICE = Config(transcript=False)
CALL_S = 60.0
MIB = 1e6 / 2**20
_SHARE = 200  # calls judged again in one transaction


def speed(folder: Path, calls: int, rounds: int) -> dict:
    """Seconds of the bare loop, and of batches with one and two processes, in turns."""
    made = folder / f"calls-{calls}"
    batch_calls.make(made, calls, CALL_S)
    took: dict[str, list[float]] = {name: [] for name in ("bare", "1", "2", "bare cpu", "1 cpu", "2 cpu")}
    load = os.getloadavg()[0]
    for turn in range(rounds):
        for name in (("bare", "1", "2"), ("2", "1", "bare"))[turn % 2]:
            before = _processor_s()
            took[name].append(_bare(made) if name == "bare" else _fresh(made, int(name)))
            took[f"{name} cpu"].append(_processor_s() - before)
    hours = sum(of.stat().st_size for of in made.glob("*.wav")) / 4 / batch_calls.RATE_HZ / 3600
    return {"calls": calls, "hours": hours, "load": load, "cpus": os.cpu_count(), **took}


def _processor_s() -> float:
    """Processor time of the programs that were started here and are over."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _fresh(made: Path, jobs: int) -> float:
    with tempfile.TemporaryDirectory() as scratch:
        return batch(made, Path(scratch) / "calls.db", "--jobs", jobs)


def _bare(made: Path) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, __file__, "--child", "bare", str(made)], check=True, env=ENV)
    return time.perf_counter() - began


def _bare_child(made: str) -> None:
    for path in sorted(Path(made).glob("*.wav")):
        pipeline.analyze(path, transcript=False)


def resume(folder: Path, finished: int) -> dict:
    """Seconds of a batch that finds all its calls finished; they are small files, and results of the samples."""
    calls, store = _filled(folder, finished)
    return {"calls": finished, "seconds": [batch(calls, store, "--jobs", 2) for _ in range(3)]}


def _filled(folder: Path, count: int) -> tuple[Path, Path]:
    """Files that differ in a few bytes, and a store in which each has a sample's whole result, words and all."""
    calls, url = folder / f"finished-{count}", folder / f"finished-{count}.db"
    if url.exists():
        return calls, url
    results = [_with_words(name, folder) for name in batch_calls.TWO_SIDED]
    files = _small_files(calls, count)
    part = url.with_suffix(".part")
    part.unlink(missing_ok=True)
    with Store(str(part)) as store:
        for file, result in zip(files, results, strict=False):
            store.keep(Entry(content_id(file), key_of(VOICE), of_file(file), result=result))
    _copied(part, files, len(results))
    part.rename(url)
    return calls, url


def _small_files(folder: Path, count: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"call-{place:05d}.wav" for place in range(count)]
    for place, file in enumerate(files):
        file.write_bytes(b"RIFF, the rest of which nobody reads: %d" % place)
    return files


def _copied(url: Path, files: list[Path], kept: int) -> None:
    """Every further file gets the rows of one of the first, as `Store.keep` wrote them."""
    ids, found = [content_id(file) for file in files], [of_file(file) for file in files]
    with closing(sqlite3.connect(url)) as link, link:
        link.execute("CREATE TEMP TABLE copy (old, new, uri, name, size, stamp)")
        rows = [(ids[at % kept], ids[at], own.uri, own.name, own.size, own.stamp) for at, own in enumerate(found)]
        link.executemany("INSERT INTO copy VALUES (?, ?, ?, ?, ?, ?)", rows[kept:])
        changed = {"id": "new", "call_id": "new", "uri": "copy.uri", "name": "copy.name"}
        for table in (call, *OF_CALL):
            key = "id" if table is call else "call_id"
            names = [column.name for column in table.columns]
            given = [changed.get(n, f"t.{n}") if table is call or n == key else f"t.{n}" for n in names]
            link.execute(
                f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(given)} "
                f"FROM {table.name} t JOIN copy ON t.{key} = copy.old"
            )
        link.execute("INSERT INTO source (uri, size, stamp, call_id) SELECT uri, size, stamp, new FROM copy")


def _with_words(name: str, folder: Path) -> Result:
    """A sample's result with the words that are spoken in it: judging without words is half the work."""
    truth = json.loads((batch_calls.SAMPLES / f"{name}.truth.json").read_text("utf-8"))
    words = [{**word, "start": word["start_s"], "end": word["end_s"], "word": word["text"]} for word in truth["words"]]
    file = folder / f"{name}.json"
    file.write_text(json.dumps({"language": truth["language"], "text": "", "words": words}), "utf-8")
    sample = batch_calls.SAMPLES / f"{name}.wav"
    return pipeline.analyze(sample, words=(str(file),), language=truth["language"])


def again(folder: Path, finished: int, judged: int) -> dict:
    """Seconds by stage of judging calls of the store again: reading facts, judging, writing."""
    _, url = _filled(folder, finished)
    spent = {"read": 0.0, "judge": 0.0, "write": 0.0}
    words = size = 0

    def timed(stage: str, work: Callable) -> object:
        began = time.process_time()
        made = work()
        spent[stage] += time.process_time() - began
        return made

    began = time.perf_counter()
    with Store(str(url)) as store:
        stored, fresh = islice(store.facts(), judged), []
        while (item := timed("read", lambda: next(stored, None))) is not None:
            call_id, facts = item
            words, size = words + len(facts.words), size + 1
            fresh.append((call_id, timed("judge", lambda facts=facts: pipeline.judge(facts))))
            if len(fresh) == _SHARE:
                timed("write", lambda fresh=fresh: store.judged(fresh))
                fresh = []
        if fresh:
            timed("write", lambda: store.judged(fresh))
    return {"calls": size, "words": words / max(size, 1), "wall": time.perf_counter() - began, **spent}


def growth(folder: Path, calls: int, times: int) -> dict:
    """Peak memory (MiB) of one worker after each pass over the same calls."""
    made = folder / f"calls-{calls}"
    if not made.exists():
        batch_calls.make(made, calls, CALL_S)
    return {"calls": calls, "peaks": _asked("growth", str(made), str(times))}


def _growth_child(made: str, times: str) -> None:
    tasks, peaks = [Task(of_file(path), VOICE) for path in sorted(Path(made).glob("*.wav"))], []
    for _ in range(int(times)):
        for task in tasks:
            analysed(task)
        peaks.append(peak_mb() * MIB)
    print(json.dumps(peaks))


def long_calls(folder: Path, hours: list[float]) -> dict:
    """Peak memory (MiB) and seconds of the whole way of one call of so many hours, two sides, by voice alone."""
    return {f"{length:g}": _asked("long", str(folder), str(length)) for length in hours}


def _long_child(folder: str, hours: str) -> None:
    path = batch_calls.tile(Path(folder) / "long.wav", float(hours))
    try:
        before, began = peak_mb() * MIB, time.process_time()
        done = analysed(Task(of_file(path), VOICE))
        if done.result is None:
            raise RuntimeError(done.error)
        print(json.dumps({"before": before, "peak": peak_mb() * MIB, "cpu_s": time.process_time() - began}))
    finally:
        path.unlink()


def _asked(*words: str) -> object:
    """What a fresh process answers."""
    run = subprocess.run([sys.executable, __file__, "--child", *words], check=True, env=ENV, stdout=subprocess.PIPE)
    return json.loads(run.stdout)


def equal(folder: Path, calls: int, seconds: float) -> dict:
    """What three stores hold of the same calls, a worker killed in the middle of each batch."""
    made = folder / f"equal-{calls}"
    batch_calls.make(made, calls, seconds)
    with tempfile.TemporaryDirectory() as scratch:
        held = batch_equal.compare(made, calls, Path(scratch))
    return {"calls": calls, "call_s": seconds, "ways": {name: _plain(own) for name, own in held.items()}}


def _plain(own: batch_equal.Held) -> dict:
    return {name: getattr(own, name) for name in ("rows", "prints", "failed", "killed", "seconds")}


def main(given: argparse.Namespace) -> None:
    given.folder.mkdir(parents=True, exist_ok=True)
    note = given.folder / "batch.json"
    found = json.loads(note.read_text()) if note.exists() else {}
    parts = {
        "speed": lambda: speed(given.folder, given.calls, given.rounds),
        "resume": lambda: resume(given.folder, given.finished),
        "again": lambda: again(given.folder, given.finished, given.judged),
        "growth": lambda: growth(given.folder, 50, 6),
        "long": lambda: long_calls(given.folder, given.hours),
    }
    if given.equal:
        parts["equal"] = lambda: equal(given.folder, given.equal, given.seconds)
    for name in given.parts or (["equal"] if given.equal else list(parts)):
        print(f"{name} ...", file=sys.stderr, flush=True)
        found[name] = parts[name]()
        note.write_text(json.dumps(found, indent=1))
        print(page({name: found[name]}), flush=True)
    tables.write("batch", page(found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", help="speed, resume, again, growth, long, equal  [all but equal]")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "speechcoach-batch")
    parser.add_argument("--calls", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--finished", type=int, default=10_000)
    parser.add_argument("--judged", type=int, default=10_000)
    parser.add_argument("--hours", type=float, nargs="+", default=[1, 3, 10])
    parser.add_argument("--equal", type=int, help="so many calls through SQLite, PostgreSQL and Dask")
    parser.add_argument("--seconds", type=float, default=12.0, help="length of each of them  [12]")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        {"bare": _bare_child, "growth": _growth_child, "long": _long_child}[options.child[0]](*options.child[1:])
    else:
        main(options)
