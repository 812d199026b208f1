"""Every clause of a call with what stands around it: who spoke before, what they said, who answers and how.

A listener is known by what they do with the other's words, so nothing here looks at a clause alone. "The other" is
whoever else speaks; with one channel for both there is no other, and what rests on one is unknown. Words of content are
compared as stems ("declined", "declining"), without the language's function words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from speechcoach.conversation.phrasebook import Groups, Phrasebook, phrasebook
from speechcoach.conversation.wording import Clause, clauses, ends_sentence, only_phrases, stem, written_out
from speechcoach.records import Turn, Word

Phrases = Mapping[str, tuple[str, ...]]

_NEAR = 3  # clauses of the other that a repeat or a completion answers to
_FAR = 8  # clauses of the other that a summary may sum up
_AHEAD = 3  # clauses within which a reply comes
_STORY = 20  # clauses back and forth within which a story or a turn is looked for
_FLOOR = 60  # words before and after by which it is told who holds the floor


@dataclass(frozen=True, slots=True)
class Said:
    """A clause: its tokens with contractions written out, `core` without fillers, repetitions and lead-ins.

    `core` is never empty. `content` are the stems that carry meaning, `acknowledges` tells that it only says "I am
    listening".
    """

    turn: int
    speaker: str
    clause: Clause
    tokens: tuple[str, ...]
    core: tuple[str, ...]
    content: frozenset[str]
    acknowledges: bool
    holds: Groups  # groups of phrases anywhere in it
    begins: Groups  # at its start, lead-ins or not
    opens: Groups  # at the start of its core
    ends: Groups  # at its end, after something else


@dataclass(frozen=True, slots=True, eq=False)
class Conversation:
    """All clauses of a call in order of time.

    `punctuated` tells whether the recogniser wrote sentence ends at all: only then does a missing one mean anything.
    """

    said: tuple[Said, ...]
    phrases: Phrases
    book: Phrasebook
    punctuated: bool
    spoken: tuple[int, ...]  # words before each clause
    spoken_by: Mapping[str, tuple[int, ...]]

    def before(self, place: int, other: bool, most: int) -> list[Said]:
        """The last clauses before this one, by the other or by the same speaker; the latest first."""
        speaker = self.said[place].speaker
        found: list[Said] = []
        for one in self.said[max(0, place - 4 * most) : place][::-1]:
            if (one.speaker != speaker) == other:
                found.append(one)
                if len(found) == most:
                    break
        return found

    def heard(self, place: int) -> list[Said]:
        """The other's last clauses that a summary may sum up; the latest first."""
        return self.before(place, True, _FAR)

    def reply(self, place: int) -> Said | None:
        """The other's next clause, if it comes soon."""
        speaker = self.said[place].speaker
        return next((one for one in self.said[place + 1 : place + 1 + _AHEAD] if one.speaker != speaker), None)

    def story(self, place: int) -> int:
        """The other's words since this speaker last said more than that they listen."""
        said = self.said[place]
        words = 0
        for one in reversed(self.said[:place][-_STORY:]):
            if one.speaker != said.speaker:
                words += len(one.tokens)
            elif not one.acknowledges and one.turn != said.turn:
                break
        return words

    def turn_around(self, place: int) -> list[Said]:
        """The clauses of the turn, this one with them."""
        turn = self.said[place].turn
        near = self.said[max(0, place - _STORY) : place + _STORY]
        return [one for one in near if one.turn == turn]

    def opens_turn(self, place: int) -> bool:
        return place == 0 or self.said[place - 1].speaker != self.said[place].speaker

    def closes_turn(self, place: int) -> bool:
        return place + 1 == len(self.said) or self.said[place + 1].speaker != self.said[place].speaker

    def floor_before(self, place: int) -> float:
        """The other's share of the words just before."""
        total = self.spoken[place]
        return self._others_share(place, bisect_left(self.spoken, total - _FLOOR), place)

    def floor_after(self, place: int) -> float:
        """The other's share of the words just after."""
        end = bisect_right(self.spoken, self.spoken[place + 1] + _FLOOR) - 1
        return self._others_share(place, place + 1, max(end, place + 1))

    def _others_share(self, place: int, start: int, end: int) -> float:
        own = self.spoken_by[self.said[place].speaker]
        total = self.spoken[end] - self.spoken[start]
        return 1 - (own[end] - own[start]) / total if total else 0.5


def converse(turns: Sequence[Turn], words: Sequence[Word], phrases: Phrases) -> Conversation:
    """The call's clauses, turn by turn, in order of time."""
    book = phrasebook(phrases)
    said = [
        _said(number, clause, phrases, book)
        for number, own in enumerate(words_by_turn(turns, words))
        for clause in clauses(own)
        if clause.tokens
    ]
    said.sort(key=lambda one: (one.clause.start_s, one.clause.end_s))
    counts = [len(one.tokens) for one in said]
    by_speaker = {
        speaker: tuple(
            accumulate((n * (one.speaker == speaker) for n, one in zip(counts, said, strict=True)), initial=0)
        )
        for speaker in {one.speaker for one in said}
    }
    punctuated = any(ends_sentence(word) for word in words)
    return Conversation(tuple(said), phrases, book, punctuated, tuple(accumulate(counts, initial=0)), by_speaker)


def words_by_turn(turns: Sequence[Turn], words: Sequence[Word]) -> list[list[Word]]:
    """For each turn the words of its speaker whose middle lies in it."""
    own: dict[str, tuple[list[float], list[Word]]] = {}
    for speaker in {turn.speaker for turn in turns}:
        spoken = sorted((word for word in words if word.speaker == speaker), key=_middle_s)
        own[speaker] = ([_middle_s(word) for word in spoken], spoken)
    found = []
    for turn in turns:
        middles, spoken = own[turn.speaker]
        inside = spoken[bisect_left(middles, turn.start_s) : bisect_right(middles, turn.end_s)]
        found.append(sorted(inside, key=lambda word: (word.start_s, word.end_s)))
    return found


def _middle_s(word: Word) -> float:
    return (word.start_s + word.end_s) / 2


def _said(turn: int, clause: Clause, phrases: Phrases, book: Phrasebook) -> Said:
    read = written_out(clause.tokens, phrases["lead_in"])
    fluent = without_repetitions(token for token in read if token not in single(phrases["filler"])) or read
    core = without_lead_in(fluent, phrases) or fluent
    opens = frozenset(book.at(core, 0))
    return Said(
        turn,
        clause.words[0].speaker,
        clause,
        read,
        core,
        content(read, phrases),
        only_phrases(fluent, phrases["backchannel"]),
        book.anywhere((*read, "?") if clause.asks else read),
        opens | book.at(read, 0),
        opens,
        book.at_end(core),
    )


def without_repetitions(read: Iterable[str]) -> tuple[str, ...]:
    """Tokens without what was said twice in a row, one or two words at a time ("do you, do you have")."""
    kept: list[str] = []
    for token in read:
        kept.append(token)
        for size in (1, 2):
            if len(kept) >= 2 * size and kept[-size:] == kept[-2 * size : -size]:
                del kept[-size:]
    return tuple(kept)


def without_lead_in(said: Sequence[str], phrases: Phrases) -> tuple[str, ...]:
    """Tokens after "okay, so ..." and the like, which hide how a sentence opens."""
    lead_ins = single(phrases["lead_in"])
    start = next((place for place, token in enumerate(said) if token not in lead_ins), len(said))
    return tuple(said[start:])


@lru_cache(maxsize=64)
def single(listed: tuple[str, ...]) -> frozenset[str]:
    """The phrases of one word."""
    return frozenset(phrase for phrase in listed if " " not in phrase)


def content(read: Iterable[str], phrases: Phrases) -> frozenset[str]:
    """Stems of the words that carry content."""
    light = single(phrases["function_words"]) | single(phrases["backchannel"])
    return frozenset(stem(token, phrases["function_words"]) for token in read if len(token) > 2 and token not in light)


def longest_run(said: Sequence[str], heard: Sequence[str]) -> int:
    """The most tokens in a row that both have."""
    best, ending = 0, [0] * (len(heard) + 1)
    for token in said:
        row = [0] * (len(heard) + 1)
        for place, other in enumerate(heard):
            if token == other:
                row[place + 1] = ending[place] + 1
                best = max(best, row[place + 1])
        ending = row
    return best
