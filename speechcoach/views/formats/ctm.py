"""CTM, the time-marked words of NIST's scoring tools, one a line.

    <file> <channel A or B> <start in s> <duration in s> <word> [<confidence 0-1>]

Where both speakers are on one channel, three more columns say who: `<confidence or NA> lex <speaker>`. Lines are in
order of channel and time, as sclite wants them. A word with white space in it becomes several, which share its time.

Sources: NIST SCTK, doc/infmts.htm, "ctm"; the columns after the confidence are those of NIST's RT-09 plan, appendix A.
"""

from __future__ import annotations

from collections.abc import Iterator

from speechcoach.records import Facts, Result, Word
from speechcoach.views.formats.rttm import file_id
from speechcoach.views.formats.timeline import clamped, milliseconds, one_line


def render(result: Result) -> str:
    """The lines as text; times to a millisecond. Empty without a transcript."""
    facts = clamped(result).facts
    words = sorted(facts.words, key=lambda word: (_channel(facts, word), word.start_s, word.end_s))
    columns = [column for word in words for column in _columns(facts, word)]
    return "".join(f"{file_id(facts.call)} {column}\n" for column in columns)


def _channel(facts: Facts, word: Word) -> str:
    return "AB"[facts.call.roles.get(word.speaker, 0)]


def _columns(facts: Facts, word: Word) -> Iterator[str]:
    parts = one_line(word.text).split()
    start, end = milliseconds(word.start_s), milliseconds(word.end_s)
    for place, part in enumerate(parts):
        from_ms, to_ms = (start + (end - start) * edge // len(parts) for edge in (place, place + 1))
        times = f"{_channel(facts, word)} {from_ms / 1000:.3f} {(to_ms - from_ms) / 1000:.3f}"
        yield f"{times} {part}{_rest(facts, word)}"


def _rest(facts: Facts, word: Word) -> str:
    sure = "NA" if word.probability is None else f"{word.probability:.3f}"
    if len({*facts.call.roles.values()}) < len(facts.call.roles) or word.speaker == "mixed":
        return f" {sure} lex {word.speaker}"
    return "" if word.probability is None else f" {sure}"
