"""RTTM, who speaks when: the diarisation format of NIST's Rich Transcription evaluations.

    SPEAKER <file> <channel from 1> <start in s> <duration in s> <NA> <NA> <speaker> <NA> <NA>

A line is one inter-pausal unit (a turn, of results without units), in order of time; what has no length is left out,
for the format has no such segment. Names have no white space: it becomes "_".

Source: NIST, "The 2009 (RT-09) Rich Transcription Meeting Recognition Evaluation Plan", appendix A. Only lines of type
SPEAKER are written, as scoring tools expect.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from speechcoach.records import Call, Result, Turn, Unit
from speechcoach.views.formats.timeline import clamped, milliseconds, one_line


def render(result: Result) -> str:
    """The lines as text; times to a millisecond."""
    facts = clamped(result).facts
    parts: Sequence[Unit | Turn] = facts.units or facts.turns
    spoken = sorted(parts, key=lambda part: (part.start_s, part.end_s))
    name, lines = file_id(facts.call), []
    for part in spoken:
        start, end = milliseconds(part.start_s), milliseconds(part.end_s)
        if start < end:
            channel = facts.call.roles.get(part.speaker, 0) + 1
            times = f"{start / 1000:.3f} {(end - start) / 1000:.3f}"
            lines.append(f"SPEAKER {name} {channel} {times} <NA> <NA> {part.speaker} <NA> <NA>\n")
    return "".join(lines)


def file_id(call: Call) -> str:
    """The recording's name without its ending, as one word: how NIST's formats name a recording."""
    name = one_line(Path(call.file).stem) or call.id
    return "_".join(name.split()).lstrip(";") or "call"  # ";;" would begin a comment
