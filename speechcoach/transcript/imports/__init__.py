"""Finished transcripts in place of a recogniser: words of a file, put into the call's speech, side by side.

Conventions: times are seconds of the call. What comes out is what `transcribe` gives: words by channel, in order of
time, inside their speaker's speech. What a file says is believed where the recording bears it out: words far from any
speech of their side are kept out and counted, and a file whose words do not fall into the call's speech is refused as
another call's.

One file a format: `whisper`, `amazon`, `subtitles`, `ctm`; `reading` tells them apart by content; `sides` tells who is
on which channel; `placing` puts words into speech; `choosing` finds a call's file by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from speechcoach.errors import TranscriptError
from speechcoach.records import Span, Word
from speechcoach.transcript.imports.choosing import check_named, side_of, transcripts_of
from speechcoach.transcript.imports.document import Document, Segment, checked
from speechcoach.transcript.imports.placing import Placed, place
from speechcoach.transcript.imports.reading import FORMATS, read
from speechcoach.transcript.imports.sides import STEP_S, Presence, channels_of, one_by_one, times_of
from speechcoach.transcript.transcribing import Transcript

__all__ = ["FORMATS", "Imported", "TranscriptError", "check_named", "import_words", "transcripts_of"]

_LEAST_INSIDE = 0.5  # of the words
_FEW_WORDS = 20  # fewer tell little about where they fit
_SHIFT_S = 1.0  # files that are off by less are usual
# Correlation of words and speech: .59 to .77 for the sample calls' own words, up to .14 for each other's
_LIKE = 0.5


@dataclass(frozen=True, slots=True)
class Imported:
    """The transcript; the agent's channel where the file tells it; and what was done to the words, in a sentence."""

    transcript: Transcript
    agent: int | None = None
    note: str = ""


def import_words(
    files: Sequence[Path],
    spans: Sequence[Sequence[Span]],
    duration_s: float,
    *,
    call: str,
    speakers: Sequence[str],
    language: str | None = None,
) -> Imported:
    """The words of one file, or of two with a side each, in the call's speech.

    `spans` is the speech of each channel and `speakers` its name in the words; one channel takes all words. `call` is
    the recording's name. `language` overrules the files'. Raises TranscriptError, one sentence with the file's name.
    """
    documents = [_document(file, duration_s, call, len(files)) for file in files]
    name = " and ".join(file.name for file in files)
    try:
        _check_call([item for document in documents for item in document.segments], spans, duration_s, call)
        sided, channel_of, notes = _sided(documents, spans, duration_s)
        placed = [place(segments, of) for segments, of in zip(sided, spans, strict=True)]
        _check_outside(placed, call)
        agent = _agent([document.role_of for document in documents], channel_of)
    except TranscriptError as why:
        raise TranscriptError(f"{' and '.join(map(str, files))}: {why}") from None
    words = tuple(
        tuple(Word(who, word.start_s, word.end_s, word.text, word.probability) for word in of.words)
        for who, of in zip(speakers, placed, strict=True)
    )
    kinds = " and ".join(dict.fromkeys(document.format for document in documents))
    told = language or next((document.language for document in documents if document.language), None)
    notes += _notes(placed) + ([] if told else ["the file does not tell the language: give it with --language"])
    return Imported(Transcript(told, None, words, f"imported from {name} ({kinds})"), agent, "; ".join(notes))


def _document(file: Path, duration_s: float, call: str, files: int) -> Document:
    """The file, checked; of two files each is a side, so all its words have the file's side for a label."""
    try:
        document = checked(read(Path(file), call), duration_s)
    except TranscriptError as why:
        raise TranscriptError(f"{file}: {why}") from None
    side = side_of(Path(file))
    labels = {item.label for item in document.segments} - {None}
    if files == 1 or (len(labels) == 1 and (document.role_of or document.channel_of)):
        return document
    label = str(side) if side is not None else Path(file).name
    return replace(
        document,
        segments=tuple(replace(item, label=label) for item in document.segments),
        channel_of={label: side} if isinstance(side, int) else {},
        role_of={label: side} if isinstance(side, str) else {},
    )


def _sided(
    documents: Sequence[Document], spans: Sequence[Sequence[Span]], duration_s: float
) -> tuple[list[list[Segment]], Mapping[str, int], list[str]]:
    """Segments by channel, the channel of each label, and what is to be said about it."""
    segments = sorted((s for d in documents for s in d.segments), key=lambda item: (item.start_s, item.end_s))
    if len(spans) == 1:
        return [segments], {}, []
    presence = Presence(spans, duration_s)
    stated = {label: channel for document in documents for label, channel in document.channel_of.items()}
    labels = {item.label for item in segments}
    roles = {label for document in documents for label in document.role_of}
    told = len(labels) > 1 or bool(labels & (set(stated) | roles))
    channel_of = channels_of(segments, presence, stated) if told else {}
    sided, unclear = one_by_one([item for item in segments if item.label not in channel_of], presence)
    for item in segments:
        if item.label in channel_of:
            sided[channel_of[item.label]].append(item)
    notes = [] if told else [f"it does not say who speaks: sides by who speaks when, {_count(unclear)} unclear"]
    return [sorted(of, key=lambda item: (item.start_s, item.end_s)) for of in sided], channel_of, notes


def _agent(roles: Sequence[Mapping[str, str]], channel_of: Mapping[str, int]) -> int | None:
    """The agent's channel; raises TranscriptError where both roles are on one."""
    found = {role: channel_of[label] for of in roles for label, role in of.items() if label in channel_of}
    if len(found) == 2 and len(set(found.values())) == 1:
        raise TranscriptError(
            "the words of its agent and its customer are heard on the same channel: it is another call's, or the "
            "recording's sides are mixed; name the transcript of this recording"
        )
    if "agent" in found:
        return found["agent"]
    return 1 - found["customer"] if "customer" in found else None


def _check_outside(placed: Sequence[Placed], call: str) -> None:
    outside = sum(of.outside for of in placed)
    total = outside + sum(len(of.words) for of in placed)
    if outside > (1 - _LEAST_INSIDE) * total:
        raise TranscriptError(
            f"{outside} of its {total} words are where their side is silent in {call}: it is another call's, or its "
            "times are shifted; name the transcript of this recording"
        )


def _check_call(segments: Sequence[Segment], spans: Sequence[Sequence[Span]], duration_s: float, call: str) -> None:
    """Raises TranscriptError where the words would fall into the call's speech better at other times than their own."""
    if sum(len(item.words) for item in segments) < _FEW_WORDS:
        return
    speech = Presence(spans, duration_s).mask.any(axis=0)
    said = np.zeros(len(speech))
    for start_s, end_s in times_of(segments):
        said[round(start_s / STEP_S) : round(end_s / STEP_S)] = 1.0
    shift_s, likeness, better = _best_shift(said, speech)
    if abs(shift_s) > _SHIFT_S and better:
        where = f"{abs(shift_s):.1f} s {'later' if shift_s > 0 else 'earlier'}"
        cause = f"they would {where}: its times are shifted" if likeness >= _LIKE else "it is another call's"
        raise TranscriptError(
            f"its words do not fall into the speech of {call}; {cause}; name the transcript of this recording"
        )


def _best_shift(said: np.ndarray, speech: np.ndarray) -> tuple[float, float, bool]:
    """By how many seconds `said` must go later to be most like `speech`, masks `[frames]` of 10 ms.

    Also the correlation there, and whether it is more than the words have near their own times.
    """
    size = 1 << (2 * len(speech) - 1).bit_length()
    spectrum = np.conj(np.fft.rfft(said - said.mean(), size)) * np.fft.rfft(speech - speech.mean(), size)
    shared = np.fft.irfft(spectrum, size)
    best = int(shared.argmax())
    shift_s = (best if best < size // 2 else best - size) * STEP_S
    near = round(_SHIFT_S / STEP_S)
    likeness = shared[best] / max(len(said) * said.std() * speech.std(), 1e-9)
    return shift_s, float(likeness), bool(shared[best] > max(shared[: near + 1].max(), shared[-near:].max()))


def _notes(placed: Sequence[Placed]) -> list[str]:
    outside, moved, spread = (sum(getattr(of, name) for of in placed) for name in ("outside", "moved", "spread"))
    notes = []
    if spread:
        notes.append(f"{_count(spread)} without times of their own, spread over the speech of their segment")
    if moved:
        notes.append(f"{_count(moved)} moved to the nearest speech")
    if outside:
        notes.append(f"{_count(outside)} left out where their speaker is silent")
    return notes


def _count(words: int) -> str:
    return "1 word" if words == 1 else f"{words} words"
