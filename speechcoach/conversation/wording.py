"""Words as a recogniser writes them, made comparable: tokens, clauses, phrases with gaps.

A token is case-folded and bare of punctuation ("Mm-hmm." -> "mm-hmm", "I'm" -> "i'm"). A clause is a
sentence as far as a recogniser can be trusted with sentences: words up to a full stop, a question mark, an
exclamation mark or a pause. A phrase is a sequence of tokens in which `*` stands for up to three others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from speechcoach.records import Word

_PUNCTUATION = re.compile(r"[^\w'\-%&]+|(?<!\w)['\-]+|['\-]+(?!\w)")
_SENTENCE_END = (".", "?", "!", "…", "。", "？", "！")
_CLAUSE_PAUSE_S = 0.7  # a silence that long ends a sentence even where the recogniser wrote no full stop
_CONTRACTIONS = [
    (re.compile(rf"\b{short}(?=\s|$)"), long)
    for short, long in (
        ("can't|cannot", "can not"),
        ("won't", "will not"),
        ("shan't", "shall not"),
        ("(\\w+)n't", r"\1 not"),
        ("(\\w+)'re", r"\1 are"),
        ("(\\w+)'ve", r"\1 have"),
        ("(\\w+)'ll", r"\1 will"),
        ("(\\w+)'d", r"\1 would"),
        ("i'm", "i am"),
        ("(that|it|what|there|here|how|where|who|he|she)'s", r"\1 is"),
    )
]
_GAP = r"(?:\S+ ){0,3}?"


def certainty(words: Iterable[Word]) -> float | None:
    """The mean probability of the words, 0-1; None where the recogniser told none."""
    known = [word.probability for word in words if word.probability is not None]
    return sum(known) / len(known) if known else None


@dataclass(frozen=True, slots=True)
class Clause:
    """Consecutive words of one speaker that belong to one sentence."""

    words: tuple[Word, ...]

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return self.words[-1].end_s

    @property
    def text(self) -> str:
        return join(self.words)

    @property
    def tokens(self) -> tuple[str, ...]:
        return tokens(self.text)

    @property
    def asks(self) -> bool:
        """The recogniser heard a question mark."""
        return self.words[-1].text.rstrip("\"' ").endswith(("?", "？"))


def ends_sentence(word: Word) -> bool:
    """The recogniser heard the end of a sentence."""
    return word.text.rstrip("\"' ").endswith(_SENTENCE_END)


def join(words: Iterable[Word]) -> str:
    """The words as running text."""
    return " ".join(word.text.strip() for word in words).strip()


@lru_cache(maxsize=16_384)
def tokens(text: str) -> tuple[str, ...]:
    """Case-folded words without punctuation, apostrophes made straight."""
    plain = text.casefold().replace("\u2019", "'").replace("\u2018", "'")
    return tuple(_PUNCTUATION.sub(" ", plain).split())


def clauses(words: Sequence[Word]) -> list[Clause]:
    """Words of one speaker, in order, cut at sentence ends and at long pauses."""
    found: list[Clause] = []
    current: list[Word] = []
    for word in words:
        if current and word.start_s - current[-1].end_s > _CLAUSE_PAUSE_S:
            found.append(Clause(tuple(current)))
            current = []
        current.append(word)
        if ends_sentence(word):
            found.append(Clause(tuple(current)))
            current = []
    return [*found, Clause(tuple(current))] if current else found


def has_phrase(said: Sequence[str], phrases: tuple[str, ...], at_start: bool = False) -> bool:
    """Whether one of the phrases stands in the tokens (at their start, if asked)."""
    line = _line(tuple(said))
    found = _by_first_word(phrases)
    start = 0
    for token in line[:-1].split(" ")[: 1 if at_start else None]:
        pattern = found.get(token)
        if pattern is not None and pattern.match(line, start):
            return True
        start += len(token) + 1
    return False


def only_phrases(said: Sequence[str], phrases: tuple[str, ...]) -> bool:
    """Whether the tokens are made of these phrases and nothing else."""
    pattern = _whole(phrases)
    return bool(said) and pattern is not None and pattern.match(_line(tuple(said))) is not None


@lru_cache(maxsize=4_096)
def _by_first_word(phrases: tuple[str, ...]) -> dict[str, re.Pattern[str]]:
    """One expression for all phrases that begin with the same word; a gap that opens a phrase says nothing."""
    bodies: dict[str, list[str]] = {}
    for phrase in phrases:
        body = _body(phrase.lstrip("* "))
        bodies.setdefault(_written_out(phrase.lstrip("* ")).split()[0], []).append(body)
    return {first: re.compile(_one_of(same)) for first, same in bodies.items()}


@lru_cache(maxsize=4_096)
def _whole(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile(f"^{_one_of(map(_body, phrases))}+$") if phrases else None


def _body(phrase: str) -> str:
    """The phrase as an expression over tokens that are each followed by a space."""
    return "".join(_GAP if part == "*" else re.escape(part) + " " for part in _written_out(phrase).split())


def _one_of(bodies: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(bodies, key=len, reverse=True)) + ")"


@lru_cache(maxsize=16_384)
def written_out(said: tuple[str, ...]) -> tuple[str, ...]:
    """Tokens with contractions in full ("that's" -> "that", "is")."""
    return tuple(_line(said).split())


@lru_cache(maxsize=16_384)
def _line(said: tuple[str, ...]) -> str:
    return _written_out("".join(f"{token} " for token in said))


@lru_cache(maxsize=16_384)
def _written_out(line: str) -> str:
    """English contractions in full, so that "that's" is found where "that is" is looked for, and the reverse."""
    if "'" not in line and "cannot" not in line:
        return line
    for short, long in _CONTRACTIONS:
        line = short.sub(long, line)
    return line
