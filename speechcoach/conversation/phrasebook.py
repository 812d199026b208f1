"""All phrases of a language at once: which groups of them stand in a clause, at its start, or at its end.

Looking for sixty groups one by one would take longer than everything else that judging does; a tree of words finds
them in one walk over the clause. Contractions are written out, `*` stands for up to three words, as in `wording`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from speechcoach.conversation.wording import spellings, written_out

Groups = frozenset[str]
_GAP = "*"
_GAP_TOKENS = 3
_END = ""  # no token is empty: under this key stand the groups of the phrase that ends here
_NONE: Groups = frozenset()
Node = dict  # token -> Node, and _END -> set of groups


@dataclass(frozen=True, slots=True, eq=False)
class Phrasebook:
    """The tree of all phrases."""

    root: Node

    def at(self, said: Sequence[str], place: int) -> set[str]:
        """The groups of the phrases that begin at this token."""
        found: set[str] = set()
        _walk(self.root, said, place, found)
        return found

    def anywhere(self, said: Sequence[str]) -> Groups:
        found: set[str] = set()
        for place, token in enumerate(said):
            if token in self.root:
                _walk(self.root, said, place, found)
        return frozenset(found)

    def at_end(self, said: Sequence[str]) -> Groups:
        """The groups of the phrases of up to three tokens that are the end of it, after something else."""
        found: set[str] = set()
        for size in range(1, min(_GAP_TOKENS, len(said) - 1) + 1):
            node = self.root
            for token in said[-size:]:
                node = node.get(token)
                if node is None:
                    break
            else:
                found |= node.get(_END, _NONE)
        return frozenset(found)


def _walk(node: Node, said: Sequence[str], place: int, found: set[str]) -> None:
    if _END in node:
        found |= node[_END]
    if place < len(said) and said[place] in node:
        _walk(node[said[place]], said, place + 1, found)
    if _GAP in node:
        for skipped in range(_GAP_TOKENS + 1):
            _walk(node[_GAP], said, place + skipped, found)


def phrasebook(phrases: Mapping[str, tuple[str, ...]]) -> Phrasebook:
    """The tree of these phrases, made once."""
    return _planted(tuple(phrases.items()))


@lru_cache(maxsize=8)
def _planted(groups: tuple[tuple[str, tuple[str, ...]], ...]) -> Phrasebook:
    root: Node = {}
    for group, phrases in groups:
        for phrase in phrases:
            parts = written_out(tuple(phrase.lstrip("* ").split()), phrases)
            for written in product(*spellings(parts, phrases)):
                node = root
                for token in written:
                    node = node.setdefault(token, {})
                node.setdefault(_END, set()).add(group)
    return Phrasebook(root)
