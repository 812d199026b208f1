"""The label sets that `listening.py` reads, all in one form: utterances in order, with people's labels.

SwDA: a label an utterance. MRDA: labels joined by `^`, `|` and `.`, here one by one. AnnoMI: what more than half of an
utterance's annotators saw. ESConv: the strategy of a supporter's message. None of them is customer service.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import tarfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Utterance:
    """Who says what, and what people called it."""

    speaker: str
    text: str
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """`quality` is AnnoMI's "high" or "low"; `held_out` dialogues were not looked at when anything was set."""

    name: str
    utterances: tuple[Utterance, ...]
    held_out: bool
    quality: str | None = None


def is_held_out(name: str, share: int = 5) -> bool:
    """One dialogue in `share`, the same ones every time."""
    return zlib.crc32(name.encode()) % share == 0


def swda(folder: Path) -> Iterator[Dialogue]:
    """Switchboard telephone conversations; all of `val` and a fifth of `train` are held out."""
    for part in ("train", "val"):
        with tarfile.open(folder / "swda" / f"{part}.tar.gz") as archive:
            for entry in sorted((entry for entry in archive if entry.isfile()), key=lambda entry: entry.name):
                file = archive.extractfile(entry)
                lines = file.read().decode("utf-8").splitlines() if file else []
                name = Path(entry.name).stem
                said = tuple(_of_swda(line) for line in lines if line.count("|") >= 2)
                yield Dialogue(name, said, part == "val" or is_held_out(name))


def _of_swda(line: str) -> Utterance:
    speaker, rest = line.split("|", 1)
    text, label = rest.rsplit("|", 1)
    return Utterance(speaker, text, frozenset([label.strip()]))


def mrda(folder: Path) -> Iterator[Dialogue]:
    """ICSI meetings of several people; all of `val` and a fifth of `train` are held out."""
    for part in ("train", "val"):
        meetings: dict[str, list[tuple[float, float, Utterance]]] = defaultdict(list)
        with gzip.open(folder / "mrda" / f"{part}.jsonl.gz", "rt") as lines:
            for unit in map(json.loads, lines):
                labels = frozenset(re.split(r"[\^|:.]", unit["da"]))
                if "z" not in labels:  # not labelled
                    said = Utterance(unit["spk"], _of_mrda(unit["text"]), labels)
                    meetings[unit["m"]].append((unit["s"], unit["e"], said))
        for name, timed in sorted(meetings.items()):
            ordered = tuple(said for *_, said in sorted(timed, key=lambda one: one[:2]))
            yield Dialogue(name, ordered, part == "val" or is_held_out(name))


def _of_mrda(text: str) -> str:
    text = re.sub(r"==|[|<>]|(?<= )-(?= )", " ", text).replace("o_k", "okay").replace("_", "")
    return re.sub(r"\s+(?=[.,?!])", "", text)


def annomi(folder: Path) -> Iterator[Dialogue]:
    """Counselling sessions shown to teach, done well ("high") or badly ("low")."""
    sessions: dict[str, dict[int, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    with (folder / "annomi-dev.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sessions[row["transcript_id"]][int(row["utterance_id"])].append(row)
    for name, said in sorted(sessions.items()):
        rows = [rows for _, rows in sorted(said.items())]
        # half of the sessions: there are too few bad ones for less
        yield Dialogue(name, tuple(map(_of_annomi, rows)), is_held_out(name, 2), rows[0][0]["mi_quality"])


def _of_annomi(rows: list[dict[str, str]]) -> Utterance:
    seen: dict[str, int] = defaultdict(int)
    for row in rows:
        seen["reflection"] += row["reflection_exists"] == "True"
        seen["question"] += row["question_exists"] == "True"
        seen[f"{row['reflection_subtype']} reflection"] += 1
        seen[f"{row['question_subtype']} question"] += 1
    return Utterance(
        rows[0]["interlocutor"],
        rows[0]["utterance_text"],
        frozenset(label for label, count in seen.items() if count > len(rows) / 2),
    )


def esconv(folder: Path) -> Iterator[Dialogue]:
    """Written support chats, put together again from the windows of five messages that the set is made of."""
    chats: list[dict[int, Utterance]] = []
    for line in (folder / "empathy" / "esconv-dev.tsv").read_text("utf-8").splitlines():
        window = dict(filter(None, (_of_esconv(piece) for piece in line.split(" EOS "))))
        if not chats or any(chats[-1].get(place, said) != said for place, said in window.items()):
            chats.append({})
        chats[-1] |= window
    for place, chat in enumerate(chats):
        said = tuple(utterance for _, utterance in sorted(chat.items()))
        yield Dialogue(f"chat {place}", said, is_held_out(f"chat {place}", 2))


def _of_esconv(piece: str) -> tuple[int, Utterance] | None:
    found = re.match(r"\s*[\d.]+ (\d) (\d+) (?:\[([^\]]+)\] ?)?(.*)", piece, re.DOTALL)
    if not found:
        return None
    side, place, strategy, text = found.groups()
    labels = frozenset([strategy] if strategy else [])
    return int(place), Utterance("supporter" if side == "1" else "seeker", text, labels)
