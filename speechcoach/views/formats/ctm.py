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
    name = file_id(facts.call)
    parts = sorted(part for word in facts.words for part in _parts(facts, word))
    return "".join(
        f"{name} {channel} {start / 1000:.3f} {(end - start) / 1000:.3f} {text}{rest}\n"
        for channel, start, end, _, text, rest in parts
    )


def _parts(facts: Facts, word: Word) -> Iterator[tuple[str, int, int, int, str, str]]:
    """Channel, start and end in milliseconds, place in the word, text, and the columns after it."""
    texts = one_line(word.text).split()
    start, end = milliseconds(word.start_s), milliseconds(word.end_s)
    channel, rest = "AB"[facts.call.roles.get(word.speaker, 0)], _rest(facts, word)
    for place, text in enumerate(texts):
        from_ms, to_ms = (start + (end - start) * edge // len(texts) for edge in (place, place + 1))
        yield channel, from_ms, to_ms, place, text, rest


def _rest(facts: Facts, word: Word) -> str:
    sure = "NA" if word.probability is None else f"{word.probability:.3f}"
    if len({*facts.call.roles.values()}) < len(facts.call.roles) or word.speaker == "mixed":
        return f" {sure} lex {word.speaker}"
    return "" if word.probability is None else f" {sure}"
