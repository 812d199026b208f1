"""The truth of a sample call, written in every format that can be imported, as its program writes it.

A truth is `{"duration_s", "language", "words", "turns"}`, words and turns being `{"speaker", "start_s", "end_s",
"text"}`. Every function gives the file's content as text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

MARKS = ".,?!"


def whisper(truth: dict) -> str:
    """openai-whisper --word_timestamps True, on one side: no speakers."""
    segments = [
        {
            **_segment(turn),
            "words": [{**_times(word), "word": f" {word['text']}", "probability": 0.9} for word in words],
        }
        for turn, words in _turns(truth)
    ]
    return json.dumps({"text": "", "segments": segments, "language": truth["language"]})


def whisper_segments(truth: dict) -> str:
    """openai-whisper without word times."""
    segments = [_segment(turn) for turn, _ in _turns(truth)]
    return json.dumps({"text": "", "segments": segments, "language": truth["language"]})


def whisperx(truth: dict) -> str:
    segments = [
        {
            **_segment(turn),
            "speaker": _speaker(turn),
            "words": [{**_times(w), "word": w["text"], "score": 0.7, "speaker": _speaker(turn)} for w in words],
        }
        for turn, words in _turns(truth)
    ]
    return json.dumps({"segments": segments, "word_segments": [], "language": truth["language"]})


def faster_whisper(truth: dict) -> str:
    """Segments through `dataclasses.asdict`, on one side."""
    return json.dumps(json.loads(whisper(truth))["segments"])


def transcribe_channels(truth: dict) -> str:
    channels = [
        {"channel_label": f"ch_{place}", "items": _items([w for w in _by_start(truth) if w["speaker"] == who])}
        for place, who in enumerate(_sides(truth))
    ]
    results = {"channel_labels": {"channels": channels}, "items": [], "language_code": _code(truth)}
    return json.dumps({"jobName": "call", "results": results, "status": "COMPLETED"})


def transcribe_speakers(truth: dict) -> str:
    items = [item for word in _by_start(truth) for item in _items([word], _speaker(word).replace("SPEAKER_0", "spk_"))]
    results = {"speaker_labels": {"speakers": 2, "segments": []}, "items": items, "language_code": _code(truth)}
    return json.dumps({"jobName": "call", "results": results, "status": "COMPLETED"})


def call_analytics(truth: dict) -> str:
    turns = [
        {**_amazon(turn), "ParticipantRole": turn["speaker"].upper(), "Items": _offsets(words)}
        for turn, words in _turns(truth)
    ]
    return json.dumps({"JobName": "call", "LanguageCode": _code(truth), "Transcript": turns, "Channel": "VOICE"})


def contact_lens(truth: dict) -> str:
    """Turns only: Contact Lens gives no word times."""
    ids = {who: f"{place}2b2288b-ff6e-4996-8d8e-260fd5a8ac02" for place, who in enumerate(_sides(truth))}
    turns = [{**_amazon(turn), "ParticipantId": ids[turn["speaker"]]} for turn, _ in _turns(truth)]
    people = [{"ParticipantId": ids[who], "ParticipantRole": who.upper()} for who in ids]
    content = {"Channel": "VOICE", "LanguageCode": _code(truth), "Participants": people, "Transcript": turns}
    return json.dumps({"Version": "1.1.0", "JobStatus": "COMPLETED", **content})


def vtt(truth: dict) -> str:
    """A cue a turn, with voice tags and a timestamp before every word."""
    cues = []
    for turn, words in _turns(truth):
        said = "".join(f"<{_stamp(word['start_s'])}>{word['text']} " for word in words)
        cues.append(f"{_stamp(turn['start_s'])} --> {_stamp(turn['end_s'])}\n<v {turn['speaker'].title()}>{said}</v>\n")
    return f"WEBVTT\nLanguage: {truth['language']}\n\n" + "\n".join(cues)


def vtt_segments(truth: dict) -> str:
    cues = [
        f"{_stamp(t['start_s'])} --> {_stamp(t['end_s'])}\n[{_speaker(t)}]: {t['text']}\n" for t, _ in _turns(truth)
    ]
    return "WEBVTT\n\n" + "\n".join(cues)


def srt(truth: dict) -> str:
    """A cue a word, as --max_words_per_line 1 writes, with the speaker in front."""
    return _srt(truth, sorted(truth["words"], key=lambda word: word["start_s"]))


def srt_segments(truth: dict) -> str:
    return _srt(truth, [turn for turn, _ in _turns(truth)])


def ctm(truth: dict) -> str:
    lines = [";; made from the truth"]
    for side, who in zip("AB", _sides(truth), strict=True):
        for word in _by_start(truth):
            if word["speaker"] == who:
                long_s = word["end_s"] - word["start_s"]
                lines.append(f"call {side} {word['start_s']:.4f} {long_s:.4f} {word['text']} 0.9")
    return "\n".join(lines)


Writer = Callable[[dict], str]
WORD_TIMES: dict[str, Writer] = {
    "whisperx.json": whisperx,
    "transcribe_channels.json": transcribe_channels,
    "transcribe_speakers.json": transcribe_speakers,
    "call_analytics.json": call_analytics,
    "words.vtt": vtt,
    "words.srt": srt,
    "words.ctm": ctm,
}
SEGMENT_TIMES: dict[str, Writer] = {
    "contact_lens.json": contact_lens,
    "segments.vtt": vtt_segments,
    "segments.srt": srt_segments,
}
ONE_SIDE: dict[str, Writer] = {"whisper.json": whisper, "faster_whisper.json": faster_whisper}


def one_side(truth: dict, speaker: str) -> dict:
    """The truth of one side alone."""
    return {**truth, **{key: [item for item in truth[key] if item["speaker"] == speaker] for key in ("words", "turns")}}


def _turns(truth: dict) -> list[tuple[dict, list[dict]]]:
    """Each turn with its words: those of its speaker that begin in it."""
    words = _by_start(truth)
    return [
        (
            turn,
            [
                w
                for w in words
                if w["speaker"] == turn["speaker"] and turn["start_s"] - 1e-6 <= w["start_s"] < turn["end_s"]
            ],
        )
        for turn in sorted(truth["turns"], key=lambda turn: turn["start_s"])
    ]


def _by_start(truth: dict) -> list[dict]:
    return sorted(truth["words"], key=lambda word: word["start_s"])


def _sides(truth: dict) -> list[str]:
    return sorted(truth["speakers"], key=lambda who: truth["speakers"][who]["channel"])


def _times(item: dict) -> dict:
    return {"start": round(item["start_s"], 3), "end": round(item["end_s"], 3)}


def _segment(turn: dict) -> dict:
    return {"id": 0, **_times(turn), "text": f" {turn['text']}"}


def _speaker(item: dict) -> str:
    return {"customer": "SPEAKER_00", "agent": "SPEAKER_01"}[item["speaker"]]


def _code(truth: dict) -> str:
    return {"en": "en-US", "es": "es-US"}[truth["language"]]


def _items(words: Sequence[dict], speaker: str | None = None) -> list[dict]:
    """Amazon Transcribe's items: times as text, marks apart and without times."""
    items = []
    for word in words:
        text, mark = word["text"].rstrip(MARKS), word["text"][len(word["text"].rstrip(MARKS)) :]
        label = {"speaker_label": speaker} if speaker else {}
        times = {"start_time": f"{word['start_s']:.3f}", "end_time": f"{word['end_s']:.3f}"}
        said = {"alternatives": [{"confidence": "0.9", "content": text}], "type": "pronunciation"}
        items.append({**label, **times, **said})
        if mark:
            items.append({**label, "alternatives": [{"confidence": "0.0", "content": mark}], "type": "punctuation"})
    return items


def _amazon(turn: dict) -> dict:
    return {
        "BeginOffsetMillis": round(1000 * turn["start_s"]),
        "EndOffsetMillis": round(1000 * turn["end_s"]),
        "Content": turn["text"],
        "Id": "e95cbaf4-dfa3-4b6e-a1b5-1b9b1c5a8ad7",
        "LoudnessScores": [70.0],
        "Sentiment": "NEUTRAL",
    }


def _offsets(words: Sequence[dict]) -> list[dict]:
    items = []
    for word, item in zip(words, (i for i in _items(words) if i["type"] == "pronunciation"), strict=True):
        text = item["alternatives"][0]["content"]
        times = {"BeginOffsetMillis": round(1000 * word["start_s"]), "EndOffsetMillis": round(1000 * word["end_s"])}
        items.append({**times, "Content": text, "Confidence": "0.9", "Type": "pronunciation"})
        if mark := word["text"][len(text) :]:
            items.append({"Content": mark, "Confidence": "0.0", "Type": "punctuation"})
    return items


def _stamp(time_s: float) -> str:
    ms = round(1000 * time_s)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def _srt(truth: dict, items: Sequence[dict]) -> str:
    cues = [
        f"{place}\n{_stamp(i['start_s'])} --> {_stamp(i['end_s'])}\n{i['speaker'].title()}: {i['text']}\n".replace(
            ".", ",", 2
        )
        for place, i in enumerate(items, 1)
    ]
    return "\n".join(cues)
