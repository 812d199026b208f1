"""How well the last word tells a turn that was broken off, on labels by people.

    python benchmarks/cut_offs.py FOLDER    # with MRDA as train.jsonl.gz and val.jsonl.gz, a unit a line

Truth: the ICSI meetings as MRDA labels them (`%-` interrupted, `%--` abandoned), with word times; words as people wrote
them, no audio. A change of speaker counts where the other begins 0.1 s or more into the unit, at most 2.5 s before
its end or 0.2 s after it, says more than a backchannel, outlasts it by 0.3 s, and the first stays silent for 0.2 s.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

from speechcoach.conversation.acts import is_backchannel
from speechcoach.conversation.cut_offs import ending
from speechcoach.settings import Norms

PHRASES = Norms.load("en").phrases
_BEFORE = 12  # units back in which the one that was talked into is looked for


def units_of(path: Path) -> dict[str, list[dict]]:
    """Units with words by meeting, in order of time."""
    meetings: dict[str, list[dict]] = defaultdict(list)
    with gzip.open(path, "rt") as lines:
        for unit in map(json.loads, lines):
            if unit["words"] and unit["da"] != "z":
                meetings[unit["m"]].append(unit)
    return {name: sorted(units, key=lambda unit: unit["s"]) for name, units in meetings.items()}


def changes(units: list[dict]) -> list[tuple[dict, float]]:
    """Units at whose end another takes the floor, and for how long both speak (negative: not at all)."""
    next_of = _next_of_same_speaker(units)
    found = []
    for place, comer in enumerate(units):
        if is_backchannel([word for *_, word in comer["words"]], PHRASES):
            continue
        for holder in units[max(0, place - _BEFORE) : place]:
            if _is_change(holder, comer, next_of.get(holder["id"])):
                found.append((holder, holder["e"] - comer["s"]))
    return found


def _next_of_same_speaker(units: list[dict]) -> dict[str, dict]:
    last: dict[str, dict] = {}
    following = {}
    for unit in units:
        if unit["spk"] in last:
            following[last[unit["spk"]]["id"]] = unit
        last[unit["spk"]] = unit
    return following


def _is_change(holder: dict, comer: dict, resumed: dict | None) -> bool:
    return (
        holder["spk"] != comer["spk"]
        and comer["s"] >= holder["s"] + 0.1
        and -0.2 <= holder["e"] - comer["s"] <= 2.5
        and comer["e"] - holder["e"] >= 0.3
        and (resumed is None or resumed["s"] - holder["e"] >= 0.2)
    )


def row(name: str, said: list[bool], true: list[bool]) -> str:
    hits = Counter(zip(said, true, strict=True))
    precision = hits[True, True] / max(sum(said), 1)
    recall = hits[True, True] / max(sum(true), 1)
    return f"| {name} | {precision:.2f} | {recall:.2f} | {2 * precision * recall / (precision + recall):.2f} |"


def main(folder: Path) -> None:
    for part in ("train", "val"):
        events = [event for units in units_of(folder / f"{part}.jsonl.gz").values() for event in changes(units)]
        interrupted = ["%-" in holder["da"].replace("%--", "") for holder, _ in events]
        broken_off = ["%-" in holder["da"] for holder, _ in events]
        long = [overlap_s > 0.2 for _, overlap_s in events]
        left_open = [ending(holder["words"][-1][2], PHRASES) in ("open", "fragment") for holder, _ in events]
        print(f"\n{part}: {len(events)} changes of speaker, {sum(interrupted) / len(events):.0%} interrupted\n")
        print("| | precision | recall | F1 |\n|---|---|---|---|")
        for title, true in (("interrupted", interrupted), ("any broken-off turn", broken_off)):
            print(row(f"{title}: overlap longer than 0.2 s", long, true))
            print(row(f"{title}: the last word leaves the sentence open", left_open, true))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
