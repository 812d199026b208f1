"""Words as a recogniser writes them, made comparable: tokens, clauses, phrases with gaps.

A token is case-folded and bare of punctuation ("Mm-hmm." -> "mm-hmm", "I'm" -> "i'm"). A clause is a
sentence as far as a recogniser can be trusted with sentences: words up to a full stop, a question mark, an
exclamation mark or a pause. A phrase is a sequence of tokens in which `*` stands for up to three others; one that ends
in "?" is found at the end of a question only. What a language spells in several ways its norms tell
(`spelling.Spelling`); nothing here knows a language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from speechcoach.records import Word
from speechcoach.spelling import PhraseGroup, Spelling

_PUNCTUATION = re.compile(r"[^\w'\-%&]+|(?<!\w)['\-]+|['\-]+(?!\w)")
_SENTENCE_END = (".", "?", "!", "…", "。", "？", "！")
_CLOSERS = "\"'\u201d\u2019\u00bb) "  # may stand after the mark that ends a sentence
_QUESTION_OPENS, _QUESTION_ENDS = "\u00bf", ("?", "\uff1f")  # in Spanish a question is marked at both ends
_CLAUSE_PAUSE_S = 0.7  # a silence that long ends a sentence even where the recogniser wrote no full stop
_PLAIN = Spelling()
_TOO_SHORT = 2  # words; "por qué" and "por que" are both Spanish, "en que puedo ayudarle" means one thing only
_STEM, _SHORTEST_STEM = 5, 3  # letters: longer words differ in their endings, shorter ones in anything
_GAP = r"(?:\S+ ){0,3}?"


def certainty(words: Iterable[Word]) -> float | None:
    """The mean probability of the words, 0-1; None where the recogniser told none."""
    known = [word.probability for word in words if word.probability is not None]
    return sum(known) / len(known) if known else None


@dataclass(frozen=True)
class Clause:
    """Consecutive words of one speaker that belong to one sentence."""

    words: tuple[Word, ...]

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return self.words[-1].end_s

    @cached_property
    def text(self) -> str:
        return join(self.words)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        return tokens(self.text)

    @cached_property
    def asks(self) -> bool:
        """The recogniser heard a question mark."""
        return _closes_question(self.words[-1]) or any(_opens_question(word) for word in self.words)

    @cached_property
    def marked_tokens(self) -> tuple[str, ...]:
        """The tokens, and "?" behind them where the clause asks: "right ?" is found at the end of a question only."""
        return (*self.tokens, "?") if self.asks else self.tokens

    @cached_property
    def question_tokens(self) -> tuple[str, ...]:
        """From where the question begins, if that is marked; else the whole clause."""
        start = next((place for place, word in enumerate(self.words) if _opens_question(word)), 0)
        return tokens(join(self.words[start:]))


def ends_sentence(word: Word) -> bool:
    """The recogniser heard the end of a sentence."""
    return word.text.rstrip(_CLOSERS).endswith(_SENTENCE_END)


def _opens_question(word: Word) -> bool:
    return _QUESTION_OPENS in word.text


def _closes_question(word: Word) -> bool:
    return word.text.rstrip(_CLOSERS).endswith(_QUESTION_ENDS)


def join(words: Iterable[Word]) -> str:
    """The words as running text."""
    return " ".join(word.text.strip() for word in words).strip()


@lru_cache(maxsize=16_384)
def tokens(text: str) -> tuple[str, ...]:
    """Case-folded words without punctuation, apostrophes made straight."""
    plain = unicodedata.normalize("NFC", text).casefold().replace("\u2019", "'").replace("\u2018", "'")
    return tuple(_PUNCTUATION.sub(" ", plain).split())


def clauses(words: Sequence[Word]) -> list[Clause]:
    """Words of one speaker, in order, cut at sentence ends and at long pauses.

    A pause does not end a question whose beginning is marked, if its end is, too.
    """
    found: list[Clause] = []
    current: list[Word] = []
    for place, word in enumerate(words):
        paused = bool(current) and word.start_s - current[-1].end_s > _CLAUSE_PAUSE_S
        if paused and not (any(map(_opens_question, current)) and _question_goes_on(words[place:])):
            found.append(Clause(tuple(current)))
            current = []
        current.append(word)
        if ends_sentence(word):
            found.append(Clause(tuple(current)))
            current = []
    return [*found, Clause(tuple(current))] if current else found


def _question_goes_on(words: Sequence[Word]) -> bool:
    """The next mark among these words ends a question."""
    mark = next((word for word in words if ends_sentence(word) or _opens_question(word)), None)
    return mark is not None and _closes_question(mark) and not _opens_question(mark)


def has_phrase(said: Sequence[str], phrases: tuple[str, ...], at_start: bool = False) -> bool:
    """Whether one of the phrases stands in the tokens (at their start, if asked)."""
    spelling = _spelling_of(phrases)
    line = _line(tuple(said), spelling)
    found = _by_first_word(phrases, spelling)
    start = 0
    for token in line[:-1].split(" ")[: 1 if at_start else None]:
        pattern = found.get(_bare(token, spelling))
        if pattern is not None and pattern.match(line, start):
            return True
        start += len(token) + 1
    return False


def only_phrases(said: Sequence[str], phrases: tuple[str, ...]) -> bool:
    """Whether the tokens are made of these phrases and nothing else."""
    spelling = _spelling_of(phrases)
    pattern = _whole(phrases, spelling)
    return bool(said) and pattern is not None and pattern.match(_line(tuple(said), spelling)) is not None


def _spelling_of(phrases: tuple[str, ...]) -> Spelling:
    return phrases.spelling if isinstance(phrases, PhraseGroup) else _PLAIN


@lru_cache(maxsize=4_096)
def _by_first_word(phrases: tuple[str, ...], spelling: Spelling) -> dict[str, re.Pattern[str]]:
    """One expression for all phrases that begin with the same word; a gap that opens a phrase says nothing."""
    bodies: dict[str, list[str]] = {}
    for phrase in phrases:
        parts = written_out(tuple(phrase.lstrip("* ").split()), phrases)
        bodies.setdefault(_bare(parts[0], spelling), []).append(_body(parts, spelling))
    return {first: re.compile(_one_of(same)) for first, same in bodies.items()}


@lru_cache(maxsize=4_096)
def _whole(phrases: tuple[str, ...], spelling: Spelling) -> re.Pattern[str] | None:
    bodies = (_body(written_out(tuple(phrase.split()), phrases), spelling) for phrase in phrases)
    return re.compile(f"^{_one_of(bodies)}+$") if phrases else None


def _body(parts: Sequence[str], spelling: Spelling) -> str:
    """The phrase as an expression over tokens that are each followed by a space."""
    return "".join(_GAP if part == "*" else _part(part, len(parts), spelling) + " " for part in parts)


def _one_of(bodies: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(bodies, key=len, reverse=True)) + ")"


def _part(part: str, of: int, spelling: Spelling) -> str:
    """A word of a phrase; its marks may be missing, unless the phrase is too short to tell which word is meant."""
    if of <= _TOO_SHORT and part in spelling.marked_word:
        return re.escape(part)
    bare = dict(pair.split(" = ") for pair in spelling.bare_letter)
    return "".join(f"[{letter}{bare[letter]}]" if letter in bare else re.escape(letter) for letter in part)


def spellings(phrase: Sequence[str], phrases: tuple[str, ...]) -> list[tuple[str, ...]]:
    """How each word of a phrase may be written: as it is, and without its marks unless it is another word then."""
    spelling = _spelling_of(phrases)
    fixed = spelling.marked_word if len(phrase) <= _TOO_SHORT else ()
    return [(part,) if part in fixed else tuple(dict.fromkeys((part, _bare(part, spelling)))) for part in phrase]


def written_out(said: tuple[str, ...], phrases: tuple[str, ...]) -> tuple[str, ...]:
    """Tokens with the short forms of the phrases' language in full ("that's" -> "that", "is")."""
    return tuple(_line(said, _spelling_of(phrases)).split())


@lru_cache(maxsize=16_384)
def _line(said: tuple[str, ...], spelling: Spelling) -> str:
    line = "".join(f"{token} " for token in said)
    for short, full in _short_forms(spelling):
        line = short.sub(full, line)
    return line


@lru_cache(maxsize=64)
def _short_forms(spelling: Spelling) -> list[tuple[re.Pattern[str], str]]:
    pairs = [pair.split(" = ") for pair in spelling.short_form]
    return [(_short_form(short), full.replace("*", r"\1")) for short, full in pairs]


def _short_form(short: str) -> re.Pattern[str]:
    """The whole token; `*` is the rest of it."""
    return re.compile(r"(?<!\S)" + re.escape(short).replace(r"\*", r"(\w+)") + r"(?!\S)")


def stem(token: str, phrases: tuple[str, ...]) -> str:
    """Forms of one word made one ("declined", "declining"), as far as the endings of the phrases' language tell."""
    return _stem(token, _spelling_of(phrases))


@lru_cache(maxsize=16_384)
def _stem(token: str, spelling: Spelling) -> str:
    return _endings(spelling).sub("", _bare(token, spelling))[:_STEM]


@lru_cache(maxsize=16_384)
def _bare(token: str, spelling: Spelling) -> str:
    return token.translate({ord(pair[0]): pair.split(" = ")[1] for pair in spelling.bare_letter})


@lru_cache(maxsize=64)
def _endings(spelling: Spelling) -> re.Pattern[str]:
    """The longest ending that leaves a stem."""
    one_of = "|".join(map(re.escape, spelling.ending)) or "(?!)"
    return re.compile(rf"(?<=\w{{{_SHORTEST_STEM}}})(?:{one_of})$")
