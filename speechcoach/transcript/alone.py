"""Short speech with nothing of the same speaker around it: answers, and tokens that say "I am listening".

Conventions: each span, or two that are close, stands in a *cell* of two seconds, its speech beginning at .4 s; fifteen
cells are encoded as one window and decoded each by itself. Probabilities are 0-1.

In a window of sentences a recogniser passes over "mm-hmm", or writes it as what would follow in the sentence. By itself
it is asked about this sound only, and how sure it is of its first word tells whether there was one. Where it was not
sure, the sound decides (`wordless`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from speechcoach.records import Span
from speechcoach.settings import Norms
from speechcoach.transcript.doubt import believable, mean_probability
from speechcoach.transcript.engine import RATE_HZ, WINDOW_S, Engine, Heard, Passage
from speechcoach.transcript.packing import Piece, Read, Window, samples, unpack
from speechcoach.transcript.wordless import Token

CELL_S, LEAD_S = 2.0, 0.4
CELLS = round(WINDOW_S / CELL_S)
# In a second people say six words at most.
TOKENS = 16
# A listener's sound is a token, rather than words that are less sure than this; then it is one with that probability
# at least (of ten such sounds in a real call all were).
LISTENER, LISTENED = 0.25, 0.6
# How sure words must be: those that are an answer of the language, and others. Silence reads "you" with .26, keys and
# music read "Oh" with .12.
KNOWN, UNKNOWN = 0.15, 0.35
# Whole utterances that need little certainty: what else would somebody say who says so little?
ANSWERS = ("backchannel", "confirmation", "farewell", "greeting", "thanks")


@dataclass(frozen=True, slots=True)
class Alone:
    """Spans that are read by themselves; `listens` where another speaker goes on after them.

    `tokens` is what each of them sounds like.
    """

    channel: int
    spans: tuple[Span, ...]
    listens: bool
    tokens: tuple[Token | None, ...]

    @property
    def window(self) -> Window:
        start_s = self.spans[0].start_s - LEAD_S
        return Window(self.channel, tuple(Piece(span, span.start_s - start_s) for span in self.spans))


def answers(language: str | None) -> tuple[str, ...]:
    """What is said alone in this language, as `_plain` writes it; empty without a locale file."""
    phrases = Norms.load(language).phrases
    whole = {_plain(phrase) for kind in ANSWERS for phrase in phrases[kind] if "*" not in phrase}
    return tuple(sorted(whole - {""}))


def encode(engine: Engine, cells: Sequence[Alone], read: Read) -> tuple[Any, Any]:
    """The cells, `CELLS` at most, as one encoded window, and that window cut into cells."""
    row = np.zeros((len(cells), round(CELL_S * RATE_HZ)), np.float32)
    for place, cell in enumerate(cells):
        heard = samples(cell.window, read)[: row.shape[1]]
        row[place, : len(heard)] = heard
    encoded = engine.encode([row.reshape(-1)], len(cells) * CELL_S)
    return encoded, engine.cut(encoded, len(cells))


def heard_in(cell: Alone, passage: Passage, known: Sequence[str]) -> list[list[Heard]]:
    """What was said in each span, on the call's clock: words, a token without words, or nothing to be sure of."""
    said = unpack(cell.window, _said_once(passage.words))
    parts = zip(cell.spans, said, cell.tokens, strict=True)
    return [_believed(span, _filling(span, words), token, cell.listens, known) for span, words, token in parts]


def _filling(span: Span, words: list[Heard]) -> list[Heard]:
    """The words, the last of which ends where the span does: so short a span ends with a word."""
    return [*words[:-1], replace(words[-1], end_s=span.end_s)] if words else []


def _believed(span: Span, words: list[Heard], token: Token | None, listens: bool, known: Sequence[str]) -> list[Heard]:
    sure = mean_probability(words)
    if sure >= KNOWN and _is_answer("".join(_plain(word.text) for word in words), known):
        return words
    if token is not None and sure < (max(token.probability, LISTENER) if listens else token.probability):
        chance = max(token.probability, LISTENED) if listens else token.probability
        return [Heard(token.text, span.start_s, span.end_s, (span.start_s + span.end_s) / 2, chance)]
    return words if sure >= UNKNOWN and believable(words, span) else []


def _is_answer(said: str, known: Sequence[str]) -> bool:
    """Whether this is one known answer after another."""
    starts = [said[len(answer) :] for answer in known if said.startswith(answer)]
    return any(not rest or _is_answer(rest, known) for rest in starts)


def _said_once(words: Sequence[Heard]) -> Sequence[Heard]:
    """The words up to where they begin again, or one of them comes for the third time in a row.

    A decoder that cannot see that nothing follows goes on with what it has.
    """
    said = [_plain(word.text) for word in words]
    again = (n for n, text in enumerate(said) if n and (text == said[0] or said[max(n - 2, 0) : n] == [text, text]))
    return words[: next(again, len(words))]


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
