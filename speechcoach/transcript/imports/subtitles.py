"""WebVTT and SRT, read by webvtt-py.

A voice is told by a `<v Name>` tag (WebVTT), or by "Name:" or "[Name]:" in front of the text where most cues have one
(what WhisperX and meeting software write). Words have times of their own where the cue has timestamp tags, or where
every cue underlines the word that is being said (openai-whisper's --highlight_words).

Sources: W3C, WebVTT: The Web Video Text Tracks Format, sections 4.2 (cue timings, timestamp tags) and 4.3 (voice
spans); openai-whisper, whisper/utils.py `SubtitlesWriter`. SRT has no standard; webvtt-py follows common players.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from speechcoach.errors import TranscriptError
from speechcoach.transcript.imports.document import (
    Document,
    Segment,
    Spoken,
    language_code,
    role,
    segment,
    spread,
    untimed,
)

_TIMES = re.compile(r"((?:\d+:)?\d{1,2}:\d{1,2}[.,]\d+)\s*-->\s*((?:\d+:)?\d{1,2}:\d{1,2}[.,]\d+)")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_STAMP = re.compile(r"<((?:\d+:)?\d{2}:\d{2}\.\d{3})>")
_UNDERLINED = re.compile(r"<u>(.*?)</u>", re.DOTALL)
_NAME = re.compile(r"\s*(?:-\s*)?(?:\[([^\]\n]{1,40})\]|([\w .'-]{1,40})):\s+(?=\S)")
_TAG = re.compile(r"</?[a-z][^>]*>|\{\\[^}]*\}", re.IGNORECASE)
_NAMED_SHARE, _MOST_NAMES = 0.8, 8
_LETTER_S, _SPACE_S = 0.08, 0.1  # of unhurried speech


def fits(text: str) -> bool:
    return text.startswith("WEBVTT") or bool(_TIMES.search(text[:4000]))


def read(text: str) -> Document:
    vtt = text.startswith("WEBVTT")
    captions = _captions(text, vtt)
    segments = _highlighted(captions) or _named([part for caption in captions for part in _voices(caption)])
    roles = {item.label: role(item.label) for item in segments if role(item.label)}
    language = re.search(r"^Language:\s*([\w-]+)", text[:500], re.MULTILINE) if vtt else None
    return Document("WebVTT" if vtt else "SRT", tuple(segments), language_code(language and language[1]), {}, roles)


def _captions(text: str, vtt: bool) -> Sequence[Any]:
    import webvtt

    try:
        read = webvtt.WebVTT.from_buffer(text.splitlines(), format="vtt" if vtt else "srt")
    except (webvtt.errors.MalformedFileError, webvtt.errors.MalformedCaptionError, ValueError) as why:
        raise TranscriptError(f"it is not well-formed ({why}); export it again as WebVTT or SRT") from None
    return read.captions


def _seconds(stamp: str) -> float:
    total = 0.0
    for part in stamp.replace(",", ".").split(":"):
        total = 60 * total + float(part)
    return total


def _voices(caption: Any) -> list[Segment]:
    """A cue's voices share its time."""
    start_s, end_s, raw = _seconds(caption.start), _seconds(caption.end), caption.raw_text
    parts = _VOICE.split(raw)
    pairs = list(zip([None, *parts[1::2]], parts[0::2], strict=True))
    return [_timed(start_s, end_s, said, label and label.strip()) for label, said in pairs if said.strip()]


def _timed(start_s: float, end_s: float, raw: str, label: str | None) -> Segment:
    """Raw text is kept as one word where it has no timestamp tags, until it is known whether cues begin with names."""
    stamps = _STAMP.split(raw)
    if len(stamps) == 1:
        return Segment(start_s, end_s, (Spoken(_plain(raw)),), label)
    starts_s = [start_s, *map(_seconds, stamps[1::2])]
    words: list[Spoken] = []
    for text, from_s, to_s in zip(stamps[0::2], starts_s, [*starts_s[1:], end_s], strict=True):
        # a tag tells when its words begin; they end with the next one's only where no pause is between
        words += _shared(_plain(text), from_s, min(to_s, from_s + _SPACE_S + _LETTER_S * len(_plain(text))))
    return segment(words, label, start_s, end_s)


def _shared(text: str, start_s: float, end_s: float) -> list[Spoken]:
    return spread(untimed(text), start_s, max(start_s, end_s))


def _plain(raw: str) -> str:
    return html.unescape(_TAG.sub("", raw)).replace("\n", " ").strip()


def _highlighted(captions: Sequence[Any]) -> list[Segment]:
    """The underlined words alone, where cues are there for nothing else: they repeat the whole line for every word."""
    found = [(caption, _UNDERLINED.findall(caption.raw_text)) for caption in captions]
    single = [(caption, words[0]) for caption, words in found if len(words) == 1]
    if 2 * len(single) < len(captions):
        return []
    return [
        segment(_shared(_plain(word), _seconds(c.start), _seconds(c.end)), None, _seconds(c.start), _seconds(c.end))
        for c, word in single
    ]


def _named(segments: Sequence[Segment]) -> list[Segment]:
    """Segments with their words, and with the names in front of the text as labels where that is how cues begin."""
    raw = [item for item in segments if len(item.words) == 1 and item.words[0].start_s is None]
    names = Counter((m[1] or m[2]).strip() for item in raw if (m := _NAME.match(item.words[0].text)))
    named = names.total() >= _NAMED_SHARE * len(raw) and 0 < len(names) <= _MOST_NAMES and len(raw) > 1
    out, label = [], None
    for item in segments:
        if item not in raw:
            out.append(item)
            continue
        text, label = item.words[0].text, item.label or label
        if named and (match := _NAME.match(text)):
            label, text = (match[1] or match[2]).strip(), text[match.end() :]
        out.append(segment(untimed(text), label if named or item.label else None, item.start_s, item.end_s))
    return out
