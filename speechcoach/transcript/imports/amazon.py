"""JSON of Amazon: Transcribe (by channel, by speaker, or neither), Transcribe Call Analytics, Connect Contact Lens.

Sources: Amazon Transcribe Developer Guide, "Example output" of channel identification and of speaker diarization
(`results.items`, times as text in seconds, punctuation as items without times), and "Post-call analytics output"
(`Transcript` of turns, `Items` with times in milliseconds); Amazon Connect Administrator Guide, "Example Contact Lens
output files for a call" (the same turns without `Items`, `ParticipantId` told by `Participants`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from speechcoach.errors import TranscriptError
from speechcoach.transcript.imports.document import (
    Document,
    Segment,
    Spoken,
    chance,
    language_code,
    role,
    seconds,
    segment,
    spread,
)

_PAUSE_S = 1.0  # items of one voice further apart than this are not one segment


def fits_transcribe(content: Any) -> bool:
    results = content.get("results") if isinstance(content, dict) else None
    return isinstance(results, dict) and ("items" in results or "channel_labels" in results)


def fits_turns(content: Any) -> bool:
    turns = content.get("Transcript") if isinstance(content, dict) else None
    return isinstance(turns, list) and all(isinstance(turn, dict) and "BeginOffsetMillis" in turn for turn in turns[:3])


def read_transcribe(content: Mapping[str, Any]) -> Document:
    """Amazon Transcribe: `ch_0` is the first channel; `spk_0` is any voice."""
    results = content["results"]
    channels = (results.get("channel_labels") or {}).get("channels") or []
    if channels:
        labelled = [(item, str(of.get("channel_label"))) for of in channels for item in of.get("items", [])]
    else:
        speakers = _speakers(results.get("speaker_labels") or {})
        labelled = [
            (item, item.get("speaker_label") or speakers.get(item.get("start_time"))) for item in results["items"]
        ]
    segments = [
        part for label in dict.fromkeys(label for _, label in _voiced(labelled)) for part in _grouped(labelled, label)
    ]
    numbers = {str(of.get("channel_label")): str(of.get("channel_label")).removeprefix("ch_") for of in channels}
    channel_of = {label: int(number) for label, number in numbers.items() if number.isdigit()}
    return Document("Amazon Transcribe", tuple(segments), language_code(results.get("language_code")), channel_of)


def read_turns(content: Mapping[str, Any]) -> Document:
    """Call Analytics and Contact Lens: turns of participants whose roles are AGENT, CUSTOMER and others."""
    roles = {who.get("ParticipantId"): who.get("ParticipantRole") for who in content.get("Participants") or []}
    segments = []
    for turn in content["Transcript"]:
        who = turn.get("ParticipantId")
        label = turn.get("ParticipantRole") or roles.get(who) or who
        segments.append(_turn(turn, str(label) if label else None))
    labels = {item.label for item in segments} - {None}
    name = (
        "Amazon Contact Lens"
        if "Participants" in content and "JobName" not in content
        else "Amazon Transcribe Call Analytics"
    )
    known = {label: role(label) for label in labels if role(label)}
    return Document(name, tuple(segments), language_code(content.get("LanguageCode")), {}, known)


def _turn(turn: Mapping[str, Any], label: str | None) -> Segment:
    start_s, end_s = _ms(turn, "BeginOffsetMillis"), _ms(turn, "EndOffsetMillis")
    items = turn.get("Items")
    if not items:
        return segment([Spoken(word) for word in str(turn.get("Content", "")).split()], label, start_s, end_s)
    spoken: list[Spoken] = []
    for item in items:
        text = str(item.get("Content", ""))
        if item.get("Type") == "punctuation" or item.get("BeginOffsetMillis") is None:
            _punctuate(spoken, text)
        else:
            times = _ms(item, "BeginOffsetMillis"), _ms(item, "EndOffsetMillis")
            spoken.append(Spoken(text, *times, chance(item.get("Confidence"))))
    return segment(_single(spoken), label, start_s, end_s)


def _ms(table: Mapping[str, Any], key: str) -> float:
    return seconds(table.get(key), key) / 1000


def _speakers(labels: Mapping[str, Any]) -> dict[str, str]:
    """Speaker by the start of the item, as older files tell it."""
    return {
        item.get("start_time"): item.get("speaker_label", of.get("speaker_label"))
        for of in labels.get("segments") or []
        for item in of.get("items") or []
    }


def _voiced(labelled: Iterable[tuple[Mapping[str, Any], str | None]]) -> list[tuple[Mapping[str, Any], str | None]]:
    return [(item, label) for item, label in labelled if item.get("start_time") is not None]


def _grouped(labelled: Sequence[tuple[Mapping[str, Any], str | None]], wanted: str | None) -> list[Segment]:
    """One voice's items in segments, punctuation put on the word before it."""
    groups: list[list[Spoken]] = []
    mine = False
    for item, label in labelled:
        text, sure = _content(item)
        if item.get("start_time") is None:
            if mine and groups:
                _punctuate(groups[-1], text)
            continue
        mine = label == wanted
        if mine:
            word = Spoken(
                text, seconds(item["start_time"], "start_time"), seconds(item.get("end_time"), "end_time"), sure
            )
            if not groups or word.start_s - groups[-1][-1].end_s > _PAUSE_S:
                groups.append([])
            groups[-1].append(word)
    return [segment(_single(words), wanted) for words in groups]


def _content(item: Mapping[str, Any]) -> tuple[str, float | None]:
    best = (item.get("alternatives") or [{}])[0]
    if "content" not in best:
        raise TranscriptError("one of its items has no content; export it again")
    return str(best["content"]), chance(best.get("confidence"))


def _punctuate(spoken: list[Spoken], mark: str) -> None:
    if spoken:
        spoken[-1] = replace(spoken[-1], text=spoken[-1].text + mark.strip())


def _single(spoken: Iterable[Spoken]) -> list[Spoken]:
    """An item may hold a phrase; its words share its time."""
    single = []
    for item in spoken:
        parts = [replace(item, text=part) for part in item.text.split()]
        single += parts and spread(parts, item.start_s, item.end_s)
    return single
