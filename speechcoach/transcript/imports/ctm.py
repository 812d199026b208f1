"""CTM, the time-marked conversation format of NIST's scoring tools: a word a line.

    <file> <channel> <start in s> <duration in s> <word> [<confidence 0-1> [<type> [<speaker>]]]

Channels are A and B, or 1 and 2 (0 and 1 in some tools). Lines that start with ";;" are comments. Of alternatives
the first is read. Source: NIST SCTK, doc/infmts.htm, "ctm"; the columns after the word are those of RT-09.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from speechcoach.transcript.imports.document import (
    Document,
    Segment,
    Spoken,
    TranscriptError,
    chance,
    is_sound,
    seconds,
    segment,
)

_LINE = re.compile(r"\S+\s+\S+\s+\d+(\.\d+)?\s+\d+(\.\d+)?\s+\S+(\s+\S+){0,3}\s*")
_PAUSE_S = 1.0
_SIDES = ({"A": 0, "B": 1}, {"0": 0, "1": 1}, {"1": 0, "2": 1})
_NO_WORDS = {"lex", "fp", "frag", "un-lex", "for-lex", ""}  # the types that are words; all others are sounds


def fits(text: str) -> bool:
    lines = _lines(text)
    return bool(lines) and all(_LINE.fullmatch(line) or "*" in line.split() for line in lines[:5])


def read(text: str, call: str) -> Document:
    """The document of the recording `call`, where the file holds several: by the name in its first column."""
    rows = [row for line in _lines(text) if "*" not in (row := line.split())]
    rows = _of_call(_first_alternatives(rows, text), call)
    for row in rows:
        if len(row) < 5:
            raise TranscriptError(f"a line has fewer than five columns ({' '.join(row)[:60]!r}); export it again")
    labels = sorted({row[1] for row in rows})
    sides = next((s for s in _SIDES if set(labels) <= set(s)), {}) if len(labels) > 1 or labels == ["B"] else {}
    parts = [part for label in labels for part in _segments([row for row in rows if row[1] == label], label)]
    return Document("CTM", tuple(parts), None, {label: sides[label] for label in labels if label in sides})


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.startswith((";;", "#"))]


def _first_alternatives(rows: Sequence[list[str]], text: str) -> list[list[str]]:
    """Rows without the second and later of <ALT_BEGIN> first <ALT> second <ALT_END>, which stand in rows of stars."""
    if "<ALT" not in text:
        return list(rows)
    kept, skipping = [], False
    for line in _lines(text):
        row = line.split()
        if "*" in row:
            skipping = "<ALT>" in row or (skipping and "<ALT_END>" not in row)
        elif not skipping:
            kept.append(row)
    return kept


def _of_call(rows: list[list[str]], call: str) -> list[list[str]]:
    names = {row[0] for row in rows}
    if len(names) <= 1:
        return rows
    wanted = [name for name in names if Path(name).stem == Path(call).stem or name == call]
    if len(wanted) != 1:
        listed = ", ".join(sorted(names)[:3])
        raise TranscriptError(f"it holds {len(names)} recordings ({listed}...) and none of them is {Path(call).stem}")
    return [row for row in rows if row[0] == wanted[0]]


def _segments(rows: Sequence[list[str]], label: str) -> list[Segment]:
    groups: list[list[Spoken]] = []
    for row in rows:
        start_s = seconds(row[2], "a word's start")
        end_s = start_s + seconds(row[3], "a word's duration")
        kind = row[6].lower() if len(row) > 6 else ""
        if is_sound(row[4]) or kind not in _NO_WORDS:
            continue
        word = Spoken(row[4], start_s, end_s, chance(row[5]) if len(row) > 5 else None)
        if not groups or start_s - groups[-1][-1].end_s > _PAUSE_S:
            groups.append([])
        groups[-1].append(word)
    return [segment(words, label) for words in groups]
