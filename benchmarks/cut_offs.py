"""How well broken-off turns and backchannels are told by words and times, on labels by people.

    python benchmarks/cut_offs.py FOLDER            # with MRDA as train.jsonl.gz and val.jsonl.gz, a unit a line
    python benchmarks/cut_offs.py FOLDER --write    # the same into benchmarks/README.md
    python benchmarks/cut_offs.py FOLDER --scale    # the logistic scale of conversation/cut_offs.py, set anew

Truth: the ICSI meetings as MRDA labels them (`%-` interrupted, `%--` abandoned, `b` backchannel), with word times;
words as people wrote them, which have no punctuation; no audio. A change of speaker counts where the other begins 0.1 s
or more into the unit, at most 2.5 s before its end or 0.2 s after it, says more than a backchannel, outlasts it by
0.3 s, and the first stays silent for 0.2 s.

The scale and the thresholds are set on the meetings for setting; all figures are of the meetings held out: those of
val.jsonl.gz and five of the others. Intervals: 95 %, meetings drawn anew.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tables

from speechcoach.conversation.acts import is_backchannel
from speechcoach.conversation.backchannels import listening_share
from speechcoach.conversation.cut_offs import SCALE, ending, evidence, unfinished_share
from speechcoach.settings import Norms

PHRASES = Norms.load("en").phrases
SEED = 5
ERRORS = 0.15  # of the words: a third each dropped, replaced, put in
_BEFORE = 12  # units back in which the one that was talked into is looked for
_OVERLAPS_S = 0.1
_DRAWS = 500
_LISTENING = {"b", "bk", "aa"}  # backchannel, acknowledgement, agreement


@dataclass(frozen=True, slots=True)
class Event:
    """A change of speaker, or an onset in overlap: whose words are judged, and what people called it."""

    meeting: str
    held_out: bool
    words: tuple[str, ...]
    length_s: float
    overlap_s: float
    tags: frozenset[str]


def units_of(path: Path) -> dict[str, list[dict]]:
    """Units with words by meeting, in order of time."""
    meetings: dict[str, list[dict]] = defaultdict(list)
    with gzip.open(path, "rt") as lines:
        for unit in map(json.loads, lines):
            if unit["words"] and unit["da"] != "z":
                meetings[unit["m"]].append(unit)
    return {name: sorted(units, key=lambda unit: unit["s"]) for name, units in meetings.items()}


def written(unit: dict) -> tuple[str, ...]:
    """The words as a recogniser would write them: no angle brackets, no underscores."""
    plain = (word.strip("<>").replace("o_k", "okay").replace("_", "") for *_, word in unit["words"])
    return tuple(word for word in plain if word)


def changes(units: list[dict]) -> list[tuple[dict, float]]:
    """Units at whose end another takes the floor, and for how long both speak (negative: not at all)."""
    next_of = _next_of_same_speaker(units)
    found = []
    for place, comer in enumerate(units):
        if is_backchannel(written(comer), PHRASES):
            continue
        for holder in units[max(0, place - _BEFORE) : place]:
            if _is_change(holder, comer, next_of.get(holder["id"])):
                found.append((holder, holder["e"] - comer["s"]))
    return found


def onsets(units: list[dict]) -> list[tuple[dict, float]]:
    """Units that begin while another speaks, and how long the other goes on after their end (negative: not)."""
    found = []
    for place, comer in enumerate(units):
        before = units[max(0, place - _BEFORE) : place]
        holders = [unit for unit in before if unit["spk"] != comer["spk"] and unit["s"] < comer["s"] < unit["e"]]
        if holders:
            found.append((comer, max(unit["e"] for unit in holders) - comer["e"]))
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


def read(folder: Path, find: Callable[[list[dict]], list[tuple[dict, float]]]) -> list[Event]:
    """All events of both parts."""
    events = []
    for part in ("train", "val"):
        for name, units in units_of(folder / f"{part}.jsonl.gz").items():
            held_out = part == "val" or zlib.crc32(name.encode()) % 13 == 0
            for unit, seconds in find(units):
                tags = frozenset(re.split(r"[\^.|:]", unit["da"]))
                events.append(Event(name, held_out, written(unit), unit["e"] - unit["s"], seconds, tags))
    return events


def undashed(events: Sequence[Event]) -> list[tuple[str, ...]]:
    """The words without the transcriber's mark of a torn word."""
    return [tuple(word.rstrip("-") for word in event.words if word.strip("-")) for event in events]


def misheard(texts: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The words with ERRORS of them wrong, others taken as often as they are said."""
    chance = np.random.default_rng(SEED)
    said = [word for words in texts for word in words]
    return [tuple(heard for word in words for heard in _heard(word, said, chance)) for words in texts]


def _heard(word: str, said: Sequence[str], chance: np.random.Generator) -> list[str]:
    fate, other = chance.random(), said[chance.integers(len(said))]
    if fate < ERRORS / 3:
        return []
    if fate < 2 * ERRORS / 3:
        return [other]
    return [word, other] if fate < ERRORS else [word]


def best_threshold(share: np.ndarray, true: np.ndarray) -> float:
    """The share from which on saying yes gives the highest F1."""
    order = np.argsort(-share, kind="stable")
    hits = np.cumsum(true[order])
    return float(share[order][np.argmax(hits / (np.arange(1, len(order) + 1) + true.sum()))])


def scores(said: np.ndarray, true: np.ndarray) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    hits = float((said & true).sum())
    return hits / max(said.sum(), 1), hits / max(true.sum(), 1), 2 * hits / max(said.sum() + true.sum(), 1)


def interval(said: np.ndarray, true: np.ndarray, meetings: np.ndarray) -> tuple[float, float]:
    """95 % of F1 when meetings are drawn with replacement."""
    names, place = np.unique(meetings, return_inverse=True)
    counts = np.stack([np.bincount(place, x, len(names)) for x in (said & true, said, true)], axis=1)
    drawn = np.random.default_rng(SEED).integers(len(names), size=(_DRAWS, len(names)))
    hits, yes, right = counts[drawn].sum(axis=1).T
    return tuple(np.percentile(2 * hits / (yes + right), (2.5, 97.5)))


def row(name: str, said: np.ndarray, true: np.ndarray, meetings: np.ndarray) -> list[str]:
    precision, recall, f1 = scores(said, true)
    low, high = interval(said, true, meetings)
    return [name, f"{precision:.2f}", f"{recall:.2f}", f"**{f1:.3f}**", f"{low:.2f}-{high:.2f}"]


def calibration(share: np.ndarray, true: np.ndarray) -> tuple[float, list[list[str]]]:
    """Expected calibration error in ten equal steps, and the table of them."""
    step = np.minimum((share * 10).astype(int), 9)
    rows, error = [], 0.0
    for place in range(10):
        here = step == place
        if here.any():
            error += abs(share[here].mean() - true[here].mean()) * here.mean()
            rows.append([f"{place / 10:.1f}-{place / 10 + 0.1:.1f}", here.sum(), f"{share[here].mean():.2f}",
                         f"{true[here].mean():.2f}"])  # fmt: skip
    return error, rows


def set_scale(events: Sequence[Event]) -> dict[str, float]:
    """Weights of the logistic scale by Newton's method with a small ridge, on words with and without errors."""
    setting = [event for event in events if not event.held_out]
    texts = [[event.words for event in setting], undashed(setting), misheard(undashed(setting))]
    found = [(evidence(w, e.overlap_s >= _OVERLAPS_S, PHRASES), e) for words in texts
             for w, e in zip(words, setting, strict=True)]  # fmt: skip
    known = [(facts, event) for facts, event in found if facts is not None]
    x = np.array([[float(facts[name]) for name in SCALE] for facts, _ in known])
    y = np.array([broken_off(event) for _, event in known], float)
    weights = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ weights))
        weights += np.linalg.solve((x.T * (p * (1 - p))) @ x + np.eye(len(weights)), x.T @ (y - p) - weights)
    return {name: round(float(weight), 2) for name, weight in zip(SCALE, weights, strict=True)}


def interrupted(event: Event) -> bool:
    return "%-" in event.tags


def broken_off(event: Event) -> bool:
    return bool(event.tags & {"%-", "%--"})


def cut_tables(events: Sequence[Event]) -> str:
    """Interrupted and any broken-off turn, in three conditions of the words, against two rules."""
    conditions = {"human words": [event.words for event in events], "torn words unmarked": undashed(events)}
    conditions["15 % of words wrong"] = misheard(conditions["torn words unmarked"])
    held = np.array([event.held_out for event in events])
    meetings = np.array([event.meeting for event in events])[held]
    overlaps = [event.overlap_s >= _OVERLAPS_S for event in events]
    parts, shares = [], {}
    for name, words in conditions.items():
        shares[name] = np.array([unfinished_share(w, o, PHRASES) for w, o in zip(words, overlaps, strict=True)])
    for title, is_true in (("interrupted", interrupted), ("any broken-off turn", broken_off)):
        true = np.array([is_true(event) for event in events])
        limit = best_threshold(shares["human words"][~held], true[~held])
        long = np.array([event.overlap_s > 0.2 for event in events])
        rows = [row("overlap longer than 0.2 s", long[held], true[held], meetings)]
        for name, words in conditions.items():
            open_end = np.array([bool(w) and ending(w[-1], PHRASES) in ("open", "fragment") for w in words])
            rows.append(row(f"class of the last word, {name}", open_end[held], true[held], meetings))
            rows.append(
                row(f"`unfinished_share` >= {limit:.2f}, {name}", (shares[name] >= limit)[held], true[held], meetings)
            )
            rows.append(row(f"`unfinished_share` >= 0.50, {name}", (shares[name] >= 0.5)[held], true[held], meetings))
        parts.append(f"**{title[0].upper()}{title[1:]}** ({true[held].sum()} of {held.sum()} changes of speaker)\n\n"
                     + tables.table(("", "precision", "recall", "F1", "95 %"), rows))  # fmt: skip
    true = np.array([broken_off(event) for event in events])[held]
    for name in ("human words", "15 % of words wrong"):
        error, rows = calibration(shares[name][held], true)
        text = tables.table(("share said", "changes", "mean share", "broken off"), rows)
        parts.append(tables.folded(f"Calibration, {name}: expected calibration error {error:.3f}", text))
    return "\n\n".join(parts)


def backchannel_table(events: Sequence[Event]) -> str:
    """Who only listens, among all that begin while another speaks."""
    conditions = {"human words": undashed(events)}
    conditions["15 % of words wrong"] = misheard(conditions["human words"])
    held = np.array([event.held_out for event in events])
    meetings = np.array([event.meeting for event in events])[held]
    parts = []
    for title, tags in (
        ("Backchannel, acknowledgement or agreement (`b`, `bk`, `aa`)", _LISTENING),
        ("`b` only", {"b"}),
    ):
        true = np.array([bool(event.tags & tags) for event in events])
        short = np.array([event.length_s < 0.7 for event in events])
        rows = [row("shorter than 0.7 s", short[held], true[held], meetings)]
        for name, words in conditions.items():
            listed = np.array([is_backchannel(w, PHRASES) for w in words])
            share = np.array([listening_share(w, e.length_s, e.overlap_s >= 0, PHRASES)
                              for w, e in zip(words, events, strict=True)])  # fmt: skip
            rows.append(row(f"all words in the list, {name}", listed[held], true[held], meetings))
            rows.append(row(f"`listening_share` >= 0.50, {name}", (share >= 0.5)[held], true[held], meetings))
        parts.append(f"**{title}** ({true[held].sum()} of {held.sum()} onsets in overlap)\n\n"
                     + tables.table(("", "precision", "recall", "F1", "95 %"), rows))  # fmt: skip
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--scale", action="store_true")
    options = parser.parse_args()
    events = read(options.folder, changes)
    if options.scale:
        print(json.dumps(set_scale(events)))
        return
    count = Counter(event.held_out for event in {event.meeting: event for event in events}.values())
    head = f"Held out: {count[True]} meetings of {count.total()}; the scale and the thresholds were set on the others."
    text = "\n\n".join([head, cut_tables(events), backchannel_table(read(options.folder, onsets))])
    if options.write:
        tables.write("cut_offs", text)
    else:
        print(text)


if __name__ == "__main__":
    main()
