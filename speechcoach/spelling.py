"""Phrases that know how their language is spelled: what is looked for in words needs both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, eq=False)
class Spelling:
    """How a transcript may write the words of a language otherwise than its phrases do.

    `short_form`: "can't = can not", where `*` is the rest of any word ("*n't = * not"). `bare_letter`: "í = i", whose
    mark may be left out. `marked_word`: words that are others without their mark (Spanish "sí", yes; "si", if).
    `ending`: what the forms of one word differ in ("declin-ed", "declin-ing"), without marks.
    """

    short_form: tuple[str, ...] = ()
    bare_letter: tuple[str, ...] = ()
    marked_word: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def spelling_of(*groups: tuple[str, ...]) -> Spelling:
    """The same spelling for the same groups, in the order of its fields: what is made of it is kept beside it."""
    return Spelling(*groups)


class PhraseGroup(tuple[str, ...]):
    """Phrases that do the same, with the spelling of their language: what is looked for in words needs both."""

    spelling: Spelling
    _hash: int

    def __new__(cls, listed: Iterable[str], spelling: Spelling) -> PhraseGroup:
        made = super().__new__(cls, listed)
        made.spelling, made._hash = spelling, tuple.__hash__(made)  # looked up by it a thousand times a call
        return made

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[PhraseGroup], tuple[tuple[str, ...], Spelling]]:
        return PhraseGroup, (tuple(self), self.spelling)  # a hash of text holds in one process only

    def __add__(self, other: tuple[str, ...]) -> PhraseGroup:  # type: ignore[override]
        return PhraseGroup(super().__add__(other), self.spelling)
