"""Which channel a voice of a transcript is on: by what the file says, else by who speaks when its words were said.

Conventions: a mask is bool `[channels, frames]` on a grid of 10 ms, True where the channel has speech. Evidence is
seconds: those in which one channel alone has speech tell, those in which both have it tell nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from speechcoach.errors import TranscriptError
from speechcoach.records import Span
from speechcoach.transcript.imports.document import Segment, Spoken

STEP_S = 0.01
SURE = 2 / 3  # of a label's time that tells; a coin toss gives half
_FEW = 0.05  # of the words: a label with fewer is placed word by word
_MOST_UNCLEAR = 0.3  # of unlabelled words said while both or neither speak


class Presence:
    """Seconds of speech of each channel in any stretch, from running sums."""

    def __init__(self, spans: Sequence[Sequence[Span]], duration_s: float) -> None:
        self.mask = np.zeros((len(spans), round(duration_s / STEP_S) + 1), bool)
        for row, of in zip(self.mask, spans, strict=True):
            for span in of:
                row[round(span.start_s / STEP_S) : round(span.end_s / STEP_S)] = True
        alone = self.mask & (self.mask.sum(axis=0) == 1)
        self._all, self._alone = _running(self.mask), _running(alone)

    def alone_s(self, times_s: np.ndarray) -> np.ndarray:
        """`times_s` `[n, 2]` -> seconds `[n, channels]` in which that channel alone has speech."""
        return _between(self._alone, times_s)

    def all_s(self, times_s: np.ndarray) -> np.ndarray:
        """As `alone_s`, whether or not the other has speech too."""
        return _between(self._all, times_s)


def _running(mask: np.ndarray) -> np.ndarray:
    return np.concatenate((np.zeros((len(mask), 1)), np.cumsum(mask, axis=1) * STEP_S), axis=1)


def _between(total: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    places = np.clip(np.rint(times_s / STEP_S).astype(int), 0, total.shape[1] - 1)
    return (total[:, places[:, 1]] - total[:, places[:, 0]]).T


def times_of(segments: Sequence[Segment]) -> np.ndarray:
    """Start and end `[n, 2]` of every word with a time, and of every segment whose words have none."""
    pairs = [
        pair
        for item in segments
        for pair in ([(w.start_s, w.end_s) for w in item.words] if item.timed else [(item.start_s, item.end_s)])
    ]
    return np.array(pairs, float).reshape(-1, 2)


def channels_of(segments: Sequence[Segment], presence: Presence, stated: Mapping[str, int]) -> dict[str, int]:
    """Channel of every label; those with few words may be missing.

    Raises TranscriptError where the voice of a label cannot be told, or where the file names other channels than the
    ones on which its words are heard.
    """
    words = {label: sum(len(s.words) for s in segments if s.label == label) for label in {s.label for s in segments}}
    found, total = {}, sum(words.values())
    for label in sorted(set(words) - {None}):
        share = share_left([item for item in segments if item.label == label], presence)
        heard = int(share < 0.5) if share is not None and max(share, 1 - share) >= SURE else None
        if label in stated:
            if heard not in (None, stated[label]) and words[label] > _FEW * total:
                raise _elsewhere(label, stated[label], heard)
            found[label] = stated[label]
        elif heard is not None:
            found[label] = heard
        elif words[label] > _FEW * total:
            raise _coin_toss(label, share)
    return found


def share_left(segments: Sequence[Segment], presence: Presence) -> float | None:
    """Share (0-1) of the telling time in which the first channel speaks; None where there is next to none."""
    times_s = times_of(segments)
    for seconds in (presence.alone_s(times_s).sum(axis=0), presence.all_s(times_s).sum(axis=0)):
        if seconds.sum() >= 10 * STEP_S:
            return float(seconds[0] / seconds.sum())
    return None


def _coin_toss(label: str, share: float | None) -> TranscriptError:
    told = "nobody speaks where its words are" if share is None else f"{share:.0%} of its time is on the left channel"
    return TranscriptError(
        f"the side of the speaker {label!r} cannot be told ({told}, {SURE:.0%} on either side would tell); give a "
        "transcript with channels, or one file for each side"
    )


def _elsewhere(label: str, stated: int, heard: int) -> TranscriptError:
    sides = ("left", "right")
    return TranscriptError(
        f"its channel {label!r} should be the {sides[stated]} one, but its words are heard on the {sides[heard]} one: "
        "it is another call's, or the recording's channels were swapped; name the transcript of this recording"
    )


def one_by_one(segments: Sequence[Segment], presence: Presence) -> tuple[list[list[Segment]], int]:
    """Segments of each channel from words without a side: each goes to the channel that alone speaks then.

    Where both speak, a word stays with the segment's others. Returns the segments by channel, and how many words were
    unclear. Raises TranscriptError where too many are.
    """
    sided: list[list[Segment]] = [[] for _ in presence.mask]
    unclear = 0
    for item in segments:
        item = item if item.timed else replace(item, words=_spread_in_speech(item, presence))
        times_s = times_of([item])
        alone, either = presence.alone_s(times_s), presence.all_s(times_s)
        whole = alone.sum(axis=0) if alone.any() else either.sum(axis=0)
        told = [int(mine.argmax()) if mine.any() else -1 for mine in alone]
        unclear += told.count(-1)
        places = [int(whole.argmax()) if place < 0 else place for place in told]
        for channel, into in enumerate(sided):
            words = tuple(word for word, place in zip(item.words, places, strict=True) if place == channel)
            if words:
                into.append(Segment(words[0].start_s, words[-1].end_s, words))
    if unclear > _MOST_UNCLEAR * sum(len(item.words) for item in segments):
        raise TranscriptError(
            "it does not say who speaks, and both sides or neither speak where its words are; give a transcript with "
            "channels or speakers, or one file for each side"
        )
    return sided, unclear


def _spread_in_speech(item: Segment, presence: Presence) -> tuple[Spoken, ...]:
    """The segment's words over the time in which anybody speaks, by their length."""
    first, stop = round(item.start_s / STEP_S), round(item.end_s / STEP_S)
    speaking = np.flatnonzero(presence.mask[:, first:stop].any(axis=0)) + first
    if not len(speaking):
        speaking = np.arange(first, max(stop, first + 1))
    letters = np.cumsum([0, *(len(word.text) for word in item.words)])
    edges = np.rint(letters / letters[-1] * (len(speaking) - 1)).astype(int)
    return tuple(
        replace(word, start_s=float(speaking[a]) * STEP_S, end_s=float(speaking[b]) * STEP_S)
        for word, a, b in zip(item.words, edges, edges[1:], strict=False)
    )
