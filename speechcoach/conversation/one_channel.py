"""Two speakers on one channel: their parties, whose each word is, and what cannot be known of them.

Conventions: parties stand in the order in which they first speak, words in order of time. Before roles are known, a
party is called by where it is heard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from speechcoach.channels.speakers import Speakers
from speechcoach.conversation.assembly import Party
from speechcoach.records import Span, Word

VOICES = ("the voice heard first", "the voice heard second")
NO_OVERLAPS = "Both sides are on one channel, where what they say at once cannot be told apart."


def voices_as_parties(told: Speakers, channel: int, music: Sequence[Span]) -> list[Party]:
    """A party for each of two voices."""
    return [Party(name, channel, spans, tuple(music)) for name, spans in zip(VOICES, told.spans, strict=True)]


def how_told(told: Speakers) -> str:
    """How the two were told apart, for the call's record; `told` holds two voices."""
    return f"two speakers told apart by their voices on one channel, p = {told.probability:.2f}"


def unfit_on_one_channel(unfit: Mapping[str, str], told: Speakers, channels: int) -> dict[str, str]:
    """What cannot be judged, now that the voices were compared; `channels` is how many the recording has."""
    if told.count == 2:
        return {what: why for what, why in unfit.items() if what != "speakers"} | {"overlaps": NO_OVERLAPS}
    if channels == 1:
        return {**unfit, "speakers": f"The recording has one channel, and its speakers cannot be told: {told.why}."}
    return {**unfit, "speakers": f"{unfit['speakers']} The speakers cannot be told by voice: {told.why}."}


def deal_words(words: Sequence[Word], parties: Sequence[Party]) -> list[list[Word]]:
    """The words of one channel by party: to the one in whose speech a word's middle lies, or which is nearest.

    A word that reaches over a change of speakers ends, or begins, with it.
    """
    spans = sorted((span, place) for place, party in enumerate(parties) for span in party.speech)
    dealt: list[list[Word]] = [[] for _ in parties]
    if not spans:
        return dealt
    starts_s, ends_s = np.array([(span.start_s, span.end_s) for span, _ in spans]).T
    for word in words:
        middle_s = (word.start_s + word.end_s) / 2
        nearest = int(np.argmin(np.maximum(starts_s - middle_s, middle_s - ends_s).clip(0)))
        span, place = spans[nearest]
        dealt[place].append(_within(word, span) if span.start_s <= middle_s <= span.end_s else word)
    return dealt


def _within(word: Word, span: Span) -> Word:
    return replace(word, start_s=max(word.start_s, span.start_s), end_s=min(word.end_s, span.end_s))
