"""Small results that are hard to write: odd characters, empty turns, cutting in without overlap, ranges past the end.

Truth in the tests that use them is the result itself, and the reader is another program's.
"""

from __future__ import annotations

from hypothesis import strategies as st

from speechcoach.records import (
    Act,
    Call,
    Facts,
    Finding,
    Overlap,
    Pause,
    Result,
    Score,
    Settings,
    Span,
    Turn,
    Unit,
    Voice,
    Word,
    ZScores,
)

ODD = (
    'He said "no"', "a < b && c > d", "<v Agent>not a tag</v>", "00:00:01.000 --> 00:00:02.000",
    "two\nlines\r\n\nthree", "tab\tand\x00null\x1b[31m", "\ud800 lone", "\ufffe\uffff", "  spaces  ", "",
    " \n ", "=1+1", "Ünïcödé 通話 😀",
    "می‌خواهم", "&amp; &lt;", "]]>", "<!--", "\\as \\o/", "''", '"', "NOTE", "WEBVTT", ";;", "a;b,c", "\u2028line\u2029",
    "-->", "1\n00:00:00,000 --> 00:00:01,000\nx", "{\\an8}top", "[noise]", "null", "NaN", "\x85\xa0", "e\u0301",
)  # fmt: skip
TEXT = st.one_of(st.sampled_from(ODD), st.text(max_size=30), st.lists(st.sampled_from(ODD), max_size=3).map(" ".join))
MEASURE = st.none() | st.floats(-120, 500, allow_nan=False)
SPEAKERS = (("agent", "customer"), ("mixed",))
KINDS = ("interruption", "butting_in", "silent_interruption", "completion", "backchannel", "terminal", "unclear")


@st.composite
def results(draw: st.DrawFn, speakers: tuple[str, ...] | None = None) -> Result:
    """A valid result of up to some minutes; ranges may reach past the end of the call, and overlap each other."""
    names = speakers or draw(st.sampled_from(SPEAKERS))
    duration_s = draw(st.floats(0.01, 200))
    turns = draw(st.lists(_turns(names, duration_s), max_size=5))
    spelled = [word for turn, words in turns for word in words]
    words = [*spelled, *draw(st.lists(st.builds(_word, st.sampled_from(names), _range(duration_s), TEXT), max_size=4))]
    facts = Facts(
        _call(names, duration_s, draw(TEXT)),
        "made",
        words=tuple(sorted(words, key=lambda word: word.start_s)),
        units=tuple(_unit(turn) for turn, _ in turns),
        turns=tuple(sorted((turn for turn, _ in turns), key=lambda turn: turn.start_s)),
        overlaps=tuple(draw(st.lists(st.builds(_overlap, st.sampled_from(names), _range(duration_s)), max_size=3))),
        pauses=tuple(draw(st.lists(st.builds(_pause, _range(duration_s)), max_size=3))),
        speakers={name: draw(st.builds(_voice, MEASURE, st.floats(0, 200))) for name in names},
    )
    findings = draw(st.lists(_findings(names, duration_s), max_size=4))
    scores = (Score("attention", draw(st.none() | st.floats(0, 100)), ("a", "b"), ("monotone",)),)
    return Result(facts, Settings("made", "en@made", "default@made"), tuple(findings), (), scores)


def _call(names: tuple[str, ...], duration_s: float, file: str) -> Call:
    roles = {name: place for place, name in enumerate(names)}
    return Call("ab" * 32, f"{file}.wav", duration_s, 8000, len(names), roles, language="en")


@st.composite
def _range(draw: st.DrawFn, duration_s: float) -> Span:
    start_s = draw(st.floats(0, duration_s))
    length_s = draw(st.just(0.0) | st.floats(0, duration_s))
    return Span(start_s, start_s + length_s)


@st.composite
def _turns(draw: st.DrawFn, names: tuple[str, ...], duration_s: float) -> tuple[Turn, list[Word]]:
    """A turn, and words that spell it, share its time, and are left out now and then."""
    place, speaker, text = draw(_range(duration_s)), draw(st.sampled_from(names)), draw(TEXT)
    level_db, inserted = draw(MEASURE), draw(st.booleans())
    turn = Turn(
        speaker, place.start_s, place.end_s, text, len(text.split()), draw(MEASURE), 4.5, 120.0, 5.0, level_db, -3.0,
        draw(st.sampled_from(["rise", "fall", "level", None])), inserted, (Act("question", 0.0, 0.0, text),),
        z=ZScores(rate=1.5) if inserted else None,
    )  # fmt: skip
    parts = text.split() if draw(st.booleans()) else []
    edges = [place.start_s + (place.end_s - place.start_s) * i / max(1, len(parts)) for i in range(len(parts) + 1)]
    words = [_word(speaker, Span(*sorted(edges[i : i + 2])), part) for i, part in enumerate(parts)]
    return turn, words


def _word(speaker: str, place: Span, text: str) -> Word:
    return Word(speaker, place.start_s, place.end_s, text, 0.5 if len(text) % 2 else None)


def _unit(turn: Turn) -> Unit:
    return Unit(turn.speaker, turn.start_s, turn.end_s, 0.1, 2, turn.level_db, None, None, None, turn.inflection, None)


def _overlap(by: str, place: Span) -> Overlap:
    return Overlap(place.start_s, place.end_s, by, KINDS[int(place.start_s) % len(KINDS)], 0.7, "the other went on")


def _pause(place: Span) -> Pause:
    kinds = ("gap", "pause", "hold", "dead_air")
    return Pause(place.start_s, place.end_s, kinds[int(place.end_s) % 4], "agent", "customer")


def _voice(rate_wpm: float | None, talk_s: float) -> Voice:
    return Voice(talk_s, 0.5, rate_wpm, 4.5, 120.0, 2.0, 8.0, -24.0, 4.0, None)


@st.composite
def _findings(draw: st.DrawFn, names: tuple[str, ...], duration_s: float) -> Finding:
    spans = tuple(sorted(draw(st.lists(_range(duration_s), max_size=2))))
    cue, strength = draw(st.sampled_from(["dead_air", "monotone", "empathy"])), draw(st.booleans())
    return Finding(
        f"{cue}-{len(spans)}", cue, draw(st.sampled_from(names)), spans, 1.0, 2.0, "s", draw(TEXT), "it was not",
        variant=draw(st.sampled_from(["flag", "good"])), strength=strength,
    )  # fmt: skip
