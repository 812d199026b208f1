"""JSON of the Whisper family: openai-whisper, WhisperX, faster-whisper, and OpenAI's transcription service.

All have segments of `start`, `end`, `text` and, where asked for, `words`; a list of segments alone is what people
write from faster-whisper, which has no writer of its own.

Sources: openai-whisper, whisper/utils.py `WriteJSON` and whisper/timing.py (a word is {word, start, end, probability});
WhisperX, whisperx/types.py (`score` in place of `probability`, `speaker` of words and segments, numerals without
times); faster-whisper, faster_whisper/transcribe.py `Segment` and `Word` through `dataclasses.asdict`; OpenAI API
reference, "Verbose transcription object" (words beside the segments, the language by its English name).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from speechcoach.transcript.imports.document import (
    Document,
    Segment,
    Spoken,
    TranscriptError,
    chance,
    is_sound,
    language_code,
    role,
    seconds,
    segment,
    untimed,
)


def fits(content: Any) -> bool:
    listed = content if isinstance(content, list) else content.get("segments", content.get("words"))
    return isinstance(listed, list) and all(
        isinstance(item, dict) and "start" in item and ("text" in item or "word" in item) for item in listed[:3]
    )


def read(content: Any) -> Document:
    """The document; times of words that have none lie between those of their neighbours."""
    table = {"segments": content} if isinstance(content, list) else content
    listed = [_table(item) for item in table.get("segments") or []]
    if listed and not any(item.get("words") for item in listed) and table.get("words"):
        listed = []  # the service lists words beside the segments
    segments = [part for item in listed for part in _segments(item)] if listed else _flat(table.get("words") or [])
    labels = {item.label for item in segments} - {None}
    roles = {label: role(label) for label in labels if role(label)}
    info = table.get("info") if isinstance(table.get("info"), dict) else {}
    language = language_code(table.get("language") or info.get("language"))
    return Document(_name(content, listed), tuple(segments), language, {}, roles)


def _name(content: Any, listed: Sequence[Mapping]) -> str:
    words = [word for item in listed for word in item.get("words") or []]
    if isinstance(content, dict) and ("word_segments" in content or any("score" in word for word in words)):
        return "WhisperX"
    if isinstance(content, list) or "info" in content:
        return "faster-whisper"
    return "Whisper"


def _table(item: Any) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        raise TranscriptError("one of its segments is no table; export it again as JSON")
    return item


def _segments(item: Mapping[str, Any]) -> list[Segment]:
    """The segment, in parts where its words have several speakers."""
    start_s, end_s = seconds(item.get("start"), "a segment's start"), seconds(item.get("end"), "a segment's end")
    label = _label(item.get("speaker"))
    if not item.get("words"):
        return [segment(untimed(str(item.get("text", ""))), label, start_s, end_s)]
    groups: list[tuple[str | None, list[Spoken]]] = []
    for word in map(_table, item["words"]):
        who = _label(word.get("speaker")) or (groups[-1][0] if groups else label)
        if not groups or groups[-1][0] != who:
            groups.append((who, []))
        groups[-1][1].extend(_spoken(word))
    if len(groups) == 1:
        return [segment(groups[0][1], groups[0][0], start_s, end_s)]
    return [segment(words, who) for who, words in groups if any(word.start_s is not None for word in words)]


def _flat(words: Sequence[Any]) -> list[Segment]:
    return [
        segment([spoken], _label(_table(word).get("speaker"))) for word in words for spoken in _spoken(_table(word))
    ]


def _spoken(word: Mapping[str, Any]) -> list[Spoken]:
    text = str(word.get("word", word.get("text", ""))).strip()
    if not text or is_sound(text):
        return []
    # WhisperX's score tells how well the aligner found the word, not how sure the recogniser was of it
    sure = chance(word.get("probability"))
    if word.get("start") is None or word.get("end") is None:
        return [Spoken(text, None, None, sure)]
    return [
        Spoken(
            text, seconds(word["start"], f"the start of {text!r}"), seconds(word["end"], f"the end of {text!r}"), sure
        )
    ]


def _label(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None
