"""The JSON of Amazon Connect Contact Lens for an analysed call, version 1.1.0, so that what reads that file reads ours.

Filled, under Amazon's names:

- `Version`, `Channel`, `JobStatus`, `ContentMetadata` (nothing is redacted: "Raw"), `LanguageCode` (the language alone,
  "en", for the region is not known), `CustomerMetadata.ContactId` (the recording's id), `Participants`.
- `Transcript`: a turn is a turn; `Content` is empty without a transcript. `LoudnessScore`, a value of 0-100 for each
  second of the turn, where the frames are given. Amazon says what it is ("speech level per second, normalized, higher
  is louder") and not how it is normalized; here it is 100 + dB re full scale of the active frames.
- `Categories`: each finding is a match of the category named by its cue, "dead_air", with "strength." or "customer."
  before it where it is praise or about the customer. Findings without a place have no point of interest.
- `ConversationCharacteristics`: `TotalConversationDurationMillis`; `TalkTime`; `TalkSpeed` (with a transcript);
  `NonTalkTime`, silence and hold of more than 3 s, as Amazon counts it; `Interruptions`, "one participant cuts off the
  other mid-sentence": the kinds interruption and silent_interruption, not attempts that the other talked through.

Left out, because nothing here measures it and none is invented: `Sentiment` of turns and calls, `IssuesDetected`,
`OutcomesDetected`, `ActionItemsDetected`, `ContactSummary`; and what only Amazon can know: `AccountId`, `InstanceId`,
`InputS3Uri`, `CustomModels`, `JobDetails`. What could not be judged is left out too: where the speakers could not be
told apart there is one participant, whose role is "UNKNOWN", and there are no `Interruptions`.

Sources: Amazon Connect Administrator Guide, "Example Contact Lens conversational analytics output files for a call" and
"Conversational analytics metrics" (non-talk time); Amazon Transcribe Developer Guide, "Call characteristics".
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from speechcoach.records import Facts, Finding, Frames, Result, Turn
from speechcoach.views.formats.timeline import clamped, milliseconds, speakers, utf8

_ROLES = {"agent": "AGENT", "customer": "CUSTOMER"}
_UNKNOWN = "UNKNOWN"
_CUTS_OFF = ("interruption", "silent_interruption")
_SILENCE_MS = 3000
_LOUDEST = 100.0  # the score of a full-scale signal


def render(result: Result, frames: Frames | None = None) -> str:
    """The document as JSON text, times in milliseconds."""
    return json.dumps(document(result, frames), ensure_ascii=False, indent=1) + "\n"


def document(result: Result, frames: Frames | None = None) -> dict[str, Any]:
    """The document as builtins; `frames` of the same recording bring the loudness scores."""
    result = clamped(result)
    facts = result.facts
    return {
        "Version": "1.1.0",
        "Channel": "VOICE",
        "ContentMetadata": {"Output": "Raw"},
        "JobStatus": "COMPLETED",
        **({"LanguageCode": facts.call.language} if facts.call.language else {}),
        "CustomerMetadata": {"ContactId": facts.call.id},
        "Participants": [{"ParticipantId": role, "ParticipantRole": role} for role in _present(facts)],
        "Categories": _categories(result),
        "ConversationCharacteristics": _characteristics(facts),
        "Transcript": [_turn(facts, place, turn, frames) for place, turn in enumerate(facts.turns)],
    }


def _present(facts: Facts) -> list[str]:
    return list(dict.fromkeys(_role(name) for name in [*speakers(facts), *facts.speakers]))


def _role(speaker: str) -> str:
    return _ROLES.get(speaker, _UNKNOWN)


def _turn(facts: Facts, place: int, turn: Turn, frames: Frames | None) -> dict[str, Any]:
    loudness = [] if frames is None else _loudness(facts, turn, frames)
    return {
        "BeginOffsetMillis": milliseconds(turn.start_s),
        "Content": utf8(turn.text),
        "EndOffsetMillis": milliseconds(turn.end_s),
        "Id": str(uuid5(NAMESPACE_URL, f"speechcoach:{facts.call.id}:{place}")),
        "ParticipantId": _role(turn.speaker),
        **({"LoudnessScore": loudness} if loudness else {}),
    }


def _loudness(facts: Facts, turn: Turn, frames: Frames) -> list[float]:
    """A score for each second of the turn, the last of which may be shorter; none at all where one has no frame."""
    channel = facts.call.roles.get(turn.speaker, 0)
    level_db, active = (np.atleast_2d(column)[channel] for column in (frames.level_db, frames.active))
    seconds = range(max(1, math.ceil(turn.end_s - turn.start_s)))
    edges_s = [turn.start_s + second for second in seconds] + [turn.end_s]
    edges = np.searchsorted(frames.time_s, edges_s)
    scores = [_score(level_db[low:high], active[low:high]) for low, high in pairwise(edges)]
    known = [score for score in scores if score is not None]
    return known if len(known) == len(scores) else []


def _score(level_db: np.ndarray, active: np.ndarray) -> float | None:
    """The mean power of the active frames, of all where none is active, as a score; None of no frames."""
    heard = (level_db[active] if active.any() else level_db).astype(np.float64)
    if not len(heard):
        return None
    return round(min(max(_LOUDEST + 10 * math.log10(float(np.mean(10 ** (heard / 10)))), 0.0), _LOUDEST), 2)


def _categories(result: Result) -> dict[str, Any]:
    points: dict[str, list[dict[str, int]]] = {}
    for finding in result.findings:
        own = points.setdefault(_category(finding), [])
        own += [
            {"BeginOffsetMillis": milliseconds(span.start_s), "EndOffsetMillis": milliseconds(span.end_s)}
            for span in finding.spans
        ]
    return {
        "MatchedCategories": list(points),
        "MatchedDetails": {name: {"PointsOfInterest": own} for name, own in points.items()},
    }


def _category(finding: Finding) -> str:
    whose = "" if finding.speaker == "agent" else f"{finding.speaker}."
    return f"{whose}{'strength.' if finding.strength else ''}{finding.cue}"


def _characteristics(facts: Facts) -> dict[str, Any]:
    voices = {_role(name): voice for name, voice in facts.speakers.items()}
    talk = {name: milliseconds(voice.talk_s) for name, voice in voices.items()}
    speed = {name: round(voice.rate_wpm) for name, voice in voices.items() if voice.rate_wpm is not None}
    silences = [_instance(p.start_s, p.end_s) for p in facts.pauses]
    silences = [silence for silence in silences if silence["DurationMillis"] > _SILENCE_MS]
    return {
        "TotalConversationDurationMillis": milliseconds(facts.call.duration_s),
        **_interruptions(facts),
        "NonTalkTime": {"TotalTimeMillis": sum(s["DurationMillis"] for s in silences), "Instances": silences},
        "TalkSpeed": {"DetailsByParticipant": {name: {"AverageWordsPerMinute": wpm} for name, wpm in speed.items()}},
        "TalkTime": {
            "TotalTimeMillis": sum(talk.values()),
            "DetailsByParticipant": {name: {"TotalTimeMillis": time} for name, time in talk.items()},
        },
    }


def _interruptions(facts: Facts) -> dict[str, Any]:
    if "overlaps" in facts.unfit or "speakers" in facts.unfit:
        return {}
    by: dict[str, list[dict[str, int]]] = {}
    for overlap in facts.overlaps:
        if overlap.kind in _CUTS_OFF:
            by.setdefault(_role(overlap.by), []).append(_instance(overlap.start_s, overlap.end_s))
    every = [item for own in by.values() for item in own]
    return {
        "Interruptions": {
            "InterruptionsByInterrupter": by,
            "TotalCount": len(every),
            "TotalTimeMillis": sum(item["DurationMillis"] for item in every),
        }
    }


def _instance(start_s: float, end_s: float) -> dict[str, int]:
    start, end = milliseconds(start_s), milliseconds(end_s)
    return {"BeginOffsetMillis": start, "DurationMillis": end - start, "EndOffsetMillis": end}
