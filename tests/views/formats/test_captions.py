"""Other parsers read the captions: webvtt-py and srt, in their strict ways. Truth: the result."""

from __future__ import annotations

import html
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings

from speechcoach.records import Facts, Result, Turn, Word
from speechcoach.transcript.imports import subtitles
from speechcoach.views import formats
from speechcoach.views.formats.timeline import NAMES, SPEECH, clamped, one_line
from tests.views.formats.results import results

webvtt = pytest.importorskip("webvtt")


def vtt(result: Result) -> list[tuple[int, int, str, str]]:
    """Start and end in milliseconds, the voice and the text of each cue."""
    read = webvtt.WebVTT.from_string(formats.render(result, "vtt"), strict=True)
    return [
        (c.start_time.in_milliseconds(), c.end_time.in_milliseconds(), c.voice, html.unescape(_bare(c.raw_text)))
        for c in read.captions
    ]


def _bare(raw: str) -> str:
    assert raw.startswith("<v ") and raw.endswith("</v>")
    inside = raw[raw.index(">") + 1 : -4]
    assert "<" not in inside and "-->" not in inside
    return inside


def srt(result: Result) -> list[tuple[int, int, str, str]]:
    library = pytest.importorskip("srt", reason="srt is not installed (speechcoach[formats])")
    read = list(library.parse(formats.render(result, "srt"), ignore_errors=False))
    assert [item.index for item in read] == list(range(1, 1 + len(read)))
    spoken = [item.content.partition(": ") for item in read]
    ends = [(round(item.start.total_seconds() * 1000), round(item.end.total_seconds() * 1000)) for item in read]
    return [(*end, name, text) for end, (name, _, text) in zip(ends, spoken, strict=True)]


READERS = pytest.mark.parametrize("read", [vtt, srt])


@READERS
@settings(max_examples=80, deadline=None)
@given(result=results())
def test_a_player_reads_every_turn_in_order(read, result: Result) -> None:
    facts, cues = clamped(result).facts, read(result)
    last_ms = max(1, round(facts.call.duration_s * 1000))
    assert all(0 <= start < end <= last_ms for start, end, _, _ in cues)
    assert [cue[:2] for cue in cues] == sorted(cue[:2] for cue in cues)
    heard, said = Counter(), Counter()
    for _, _, name, text in cues:
        heard.update((name, word) for word in text.split())
    for turn in facts.turns:
        said.update((NAMES[turn.speaker], word) for word in (one_line(turn.text) or SPEECH).split())
    assert heard == said
    starts = {round(turn.start_s * 1000) for turn in facts.turns}
    assert {min(start, last_ms - 1) for start in starts} <= {start for start, *_ in cues}


def long_turn() -> Result:
    """40 words at two a second, in sentences of ten."""
    words = tuple(Word("agent", 1 + i / 2, 1.4 + i / 2, f"word{i}{'.' if i % 10 == 9 else ''}", 0.9) for i in range(40))
    text = " ".join(word.text for word in words)
    turn = Turn("agent", 1.0, 21.0, text, 40, 120.0, 4.0, 120.0, 5.0, -24.0, -3.0, "fall")
    from speechcoach.pipeline import judge
    from tests.judgement.calls import busy_call

    base = judge(busy_call())
    call = replace(base.facts.call, duration_s=30.0)
    return replace(base, facts=Facts(call, "made", words=words, turns=(turn,)), findings=())


@READERS
def test_a_long_turn_is_cut_between_words_into_what_can_be_read(read) -> None:
    result = long_turn()
    cues = read(result)
    assert " ".join(text for *_, text in cues) == result.facts.turns[0].text
    assert all(len(text) <= 84 and end - start <= 7000 for start, end, _, text in cues)
    assert sum(text.endswith(".") for *_, text in cues) == 4, "every sentence ends a caption"
    at = {word.text: round(word.start_s * 1000) for word in result.facts.words}
    assert [start for start, *_ in cues] == [at[text.split()[0]] for *_, text in cues]


@READERS
def test_fast_speech_without_a_full_stop_is_cut_by_its_length(read) -> None:
    words = tuple(Word("agent", 1 + i / 10, 1.08 + i / 10, f"letters{i}", 0.9) for i in range(40))
    turn = replace(long_turn().facts.turns[0], end_s=5.0, text=" ".join(word.text for word in words))
    base = long_turn()
    cues = read(replace(base, facts=replace(base.facts, words=words, turns=(turn,))))
    assert [len(text) <= 84 < len(text) + 10 for *_, text in cues[:-1]] == [True] * (len(cues) - 1)
    assert " ".join(text for *_, text in cues) == turn.text


@READERS
def test_words_that_do_not_spell_the_turn_leave_it_whole(read) -> None:
    result = long_turn()
    facts = replace(result.facts, words=result.facts.words[1:])
    ((start, end, name, text),) = read(replace(result, facts=facts))
    assert (start, end, name, text) == (1000, 21000, "Agent", result.facts.turns[0].text)


def test_what_is_written_is_read_again_as_a_transcript(result: Result) -> None:
    """By this package's own reader of subtitles."""
    spoken = sorted((turn.start_s, turn.end_s, turn.speaker, turn.text) for turn in result.facts.turns)
    for name in ("vtt", "srt"):
        if name == "srt":
            pytest.importorskip("srt")
        document = subtitles.read(formats.render(result, name))
        assert [(part.start_s, part.end_s) for part in document.segments] == [turn[:2] for turn in spoken]
        assert [part.label.lower() for part in document.segments] == [turn[2] for turn in spoken]
        assert [" ".join(w.text for w in part.words) for part in document.segments] == [turn[3] for turn in spoken]
