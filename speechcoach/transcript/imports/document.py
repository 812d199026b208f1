"""What a transcript file says, in one shape for every format, and what is wrong with it.

Conventions: times are seconds from the start of the recording, as the file gives them. A label is whatever the file
calls a voice: a channel, a participant, a speaker that a diariser told apart; None where it calls it nothing. A word
whose own time is unknown has None for it, and its segment's times hold.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from speechcoach.errors import TranscriptError

_ROUNDING_S = 0.01
_STEP_BACK_S = 1.0  # recognisers let neighbouring segments lap over each other by some tenths of a second
BEYOND_S = 2.0  # the last segment is often rounded up, and recordings are trimmed
# What transcribers write for sounds: "[MUSIC]", "(laughs)", "<noise>", and notes
_SOUND = re.compile(r"\[[^\]]*\]|\([^)]*\)|<[^>]*>|[♩♪♫♬]")
_LANGUAGES = {
    "arabic": "ar", "chinese": "zh", "dutch": "nl", "english": "en", "french": "fr", "german": "de", "hindi": "hi",
    "italian": "it", "japanese": "ja", "korean": "ko", "polish": "pl", "portuguese": "pt", "russian": "ru",
    "spanish": "es", "turkish": "tr",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word of the file; probability 0-1 that it is right, None where the file does not tell."""

    text: str
    start_s: float | None = None
    end_s: float | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """What one voice said in one go."""

    start_s: float
    end_s: float
    words: tuple[Spoken, ...]
    label: str | None = None

    @property
    def timed(self) -> bool:
        return all(word.start_s is not None for word in self.words)


@dataclass(frozen=True, slots=True)
class Document:
    """A transcript file that was read.

    `channel_of` maps the labels that name a channel themselves to that channel, counted from 0; `role_of` those that
    are a role to "agent" or "customer".
    """

    format: str
    segments: tuple[Segment, ...]
    language: str | None = None
    channel_of: Mapping[str, int] = field(default_factory=dict)
    role_of: Mapping[str, str] = field(default_factory=dict)


def segment(words: Iterable[Spoken], label: str | None, start_s: float | None = None, end_s: float | None = None):
    """A segment whose times are its words' where none are given; words without a time lie between their neighbours."""
    words = tuple(word for word in words if any(map(str.isalnum, word.text)))
    times = [t for word in words if word.start_s is not None for t in (word.start_s, word.end_s)]
    if start_s is None:
        start_s, end_s = (times[0], times[-1]) if times else (0.0, 0.0)
    return Segment(start_s, end_s, _between(words, start_s, end_s) if times else words, label)


def untimed(text: str) -> list[Spoken]:
    """The words of a text, without what it says of sounds."""
    return [Spoken(word) for word in _SOUND.sub(" ", text).split()]


def is_sound(text: str) -> bool:
    return not _SOUND.sub("", text).strip()


def seconds(value: Any, where: str) -> float:
    """A time as a float; raises TranscriptError naming `where` it stands."""
    try:
        if not isinstance(value, bool) and math.isfinite(number := float(value)):
            return number
    except (TypeError, ValueError, OverflowError):
        pass
    raise TranscriptError(f"{where} is no time: {str(value)[:40]!r}; export the transcript again")


def chance(value: Any) -> float | None:
    """A probability of 0-1, None for anything else."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 <= number <= 1 else None


def language_code(name: Any) -> str | None:
    """ISO 639 code of "en", "en-US" or "English"; None for anything else."""
    name = str(name or "").strip().lower()
    code = re.split("[-_]", name)[0]
    return _LANGUAGES.get(name) or (code if re.fullmatch("[a-z]{2,3}", code) else None)


def role(label: str | None) -> str | None:
    """ "agent" or "customer" where the label says so."""
    name = str(label or "").strip().lower()
    return name if name in ("agent", "customer") else None


def checked(document: Document, duration_s: float) -> Document:
    """The document with its segments in order of time; raises TranscriptError where its times cannot be true."""
    kept = tuple(item for item in document.segments if item.words)
    if not kept:
        raise TranscriptError("it holds no words; transcribe the call again, or leave it out with --no-transcript")
    for label in {item.label for item in kept}:
        _check_times([item for item in kept if item.label == label])
    last_s = max(max([item.end_s, *(word.end_s or 0.0 for word in item.words)]) for item in kept)
    if last_s > duration_s + BEYOND_S:
        raise TranscriptError(
            f"its words reach to {last_s:.1f} s, and the recording lasts {duration_s:.1f} s: it is another call's, or "
            "the recording was cut; name the transcript of this recording"
        )
    return replace(document, segments=tuple(sorted(kept, key=lambda item: (item.start_s, item.end_s))))


def _check_times(segments: Sequence[Segment]) -> None:
    for item in segments:
        spans = [(item.start_s, item.end_s), *((w.start_s, w.end_s) for w in item.words if w.start_s is not None)]
        for start_s, end_s in spans:
            if start_s < 0 or end_s < start_s - _ROUNDING_S:
                raise _backwards(f"from {start_s:.2f} to {end_s:.2f} s")
        _check_steps([start_s for start_s, _ in spans[1:]])
    _check_steps([item.start_s for item in segments])


def _check_steps(starts_s: Sequence[float]) -> None:
    for before_s, after_s in pairwise(starts_s):
        if after_s < before_s - _STEP_BACK_S:
            raise _backwards(f"from {before_s:.2f} back to {after_s:.2f} s")


def _backwards(how: str) -> TranscriptError:
    return TranscriptError(
        f"its times run backwards ({how}): it is damaged, or several transcripts were joined; export it again"
    )


def _between(words: Sequence[Spoken], start_s: float, end_s: float) -> tuple[Spoken, ...]:
    """Words without a time share the time between their neighbours, by length."""
    filled: list[Spoken] = []
    place = 0
    while place < len(words):
        stop = place
        while stop < len(words) and words[stop].start_s is None:
            stop += 1
        from_s = filled[-1].end_s if filled else start_s
        to_s = max(words[stop].start_s if stop < len(words) else end_s, from_s)
        filled += spread(words[place:stop], from_s, to_s)
        filled += words[stop : stop + 1]
        place = stop + 1
    return tuple(filled)


def spread(words: Sequence[Spoken], start_s: float, end_s: float) -> list[Spoken]:
    """The words laid side by side, each as long as its share of the letters."""
    total, at_s, laid = sum(len(word.text) for word in words), start_s, []
    for word in words:
        until_s = min(at_s + (end_s - start_s) * len(word.text) / total, end_s)
        laid.append(replace(word, start_s=at_s, end_s=until_s))
        at_s = until_s
    return laid
