"""Dialogues as a recogniser would hand them over: words with times, and turns, in three kinds of text.

`written` is as people wrote it, with punctuation. `bare` is lower case without punctuation. `misheard` is `bare` with
15 % of the words wrong: a third each dropped, replaced, put in; by a seed, so the same every time. A word takes 0.3 s,
and a pause of 0.8 s parts utterances, so that all methods get the utterances that people labelled, as in all published
figures; without `parted` the pauses are left out, and punctuation alone tells sentences apart.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from listening_sets import Dialogue, Utterance

from speechcoach.records import Span, Turn, Word

TEXTS = ("written", "bare", "misheard")
SEED = 7
ERRORS = 0.15
_WORD_S, _PAUSE_S = 0.3, 0.8
_COMMON = 1500  # words that stand in for misheard ones
_NOISE = re.compile(r"<[^>]*>|\{[A-Z]|[}\[\]/+#]|\*\S*")


@dataclass(frozen=True, slots=True)
class Told:
    """A dialogue as words and turns, and where on its clock each utterance lies; None for one without words."""

    dialogue: Dialogue
    words: tuple[Word, ...]
    turns: tuple[Turn, ...]
    places: tuple[Span | None, ...]


def common_words(dialogues: Iterable[Dialogue]) -> list[str]:
    """The words that are heard in place of others."""
    counts = Counter(word for one in dialogues for said in one.utterances for word in plain(said.text))
    return [word for word, _ in counts.most_common(_COMMON)]


def plain(text: str) -> list[str]:
    """Lower-case words without punctuation; apostrophes and hyphens inside words stay."""
    return re.findall(r"\w+(?:['\-]\w+)*", _NOISE.sub(" ", text).lower().replace("\u2019", "'"))


def misheard(words: Sequence[str], common: Sequence[str], chance: random.Random) -> list[str]:
    """The words with ERRORS of them wrong; never none at all."""
    heard: list[str] = []
    for word in words:
        draw = chance.random()
        if draw < ERRORS / 3 and len(words) > 1:
            continue
        heard.append(chance.choice(common) if draw < 2 * ERRORS / 3 and draw >= ERRORS / 3 else word)
        if draw >= 1 - ERRORS / 3:
            heard.append(chance.choice(common))
    return heard or list(words[:1])


def tell(dialogue: Dialogue, text: str, common: Sequence[str] = (), parted: bool = True) -> Told:
    """The dialogue's words and turns in one kind of text."""
    chance = random.Random(f"{SEED} {dialogue.name}")
    words: list[Word] = []
    places: list[Span | None] = []
    clock_s = 0.0
    for said in dialogue.utterances:
        heard = _heard(said, text, common, chance)
        starts = [clock_s + place * _WORD_S for place in range(len(heard) + 1)]
        words += [Word(said.speaker, *span, word) for span, word in zip(pairwise(starts), heard, strict=True)]
        places.append(Span(clock_s, starts[-1]) if heard else None)
        clock_s = starts[-1] + (_PAUSE_S if parted else 0.05) * bool(heard)
    return Told(dialogue, tuple(words), _turns(dialogue.utterances, places), tuple(places))


def _heard(said: Utterance, text: str, common: Sequence[str], chance: random.Random) -> list[str]:
    if text == "written":
        return [word for word in _NOISE.sub(" ", said.text).split() if re.search(r"\w", word)]
    words = plain(said.text)
    return misheard(words, common, chance) if text == "misheard" and words else words


def _turns(said: Sequence[Utterance], places: Sequence[Span | None]) -> tuple[Turn, ...]:
    """Utterances of one speaker in a row are a turn."""
    groups: list[list[int]] = []
    for place, span in enumerate(places):
        if span is None:
            continue
        if groups and said[groups[-1][-1]].speaker == said[place].speaker:
            groups[-1].append(place)
        else:
            groups.append([place])
    return tuple(_turn(said, places, group) for group in groups)


def _turn(said: Sequence[Utterance], places: Sequence[Span | None], group: Sequence[int]) -> Turn:
    spans = [span for place in group if (span := places[place])]
    text = " ".join(said[place].text for place in group)
    start_s, end_s = spans[0].start_s, max(span.end_s for span in spans)
    unheard = (None,) * 7  # no audio, so no voice
    return Turn(said[group[0]].speaker, start_s, end_s, text, len(text.split()), *unheard)
