"""What words two texts have in common, where the words carry content.

Content is a set of stems: words without those that only hold a sentence together, without numbers and without
endings, as far as endings tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from speechcoach.conversation.wording import stem, tokens

_COPIED = 0.8  # share of the sentence that stands in the other's words in one piece


def content(text: str, function_words: tuple[str, ...]) -> set[str]:
    """Stems of the words that carry content."""
    return {
        stem(token, function_words)
        for token in tokens(text)
        if token not in function_words and len(token) > 2 and not any(map(str.isdigit, token))
    }


def digits(text: str) -> str:
    """The digits of a text in order, as a recogniser writes them ("9-2 41" -> "9241")."""
    return "".join(character for character in text if character.isdigit())


def is_copy(said: Sequence[str], heard: Sequence[str], share: float = _COPIED) -> bool:
    """Whether most of it (a share from 0 to 1) is one unbroken piece of what was heard."""
    longest = max((_run_at(said, heard, start) for start in range(len(said))), default=0)
    return longest >= max(share * len(said), 4)


def _run_at(said: Sequence[str], heard: Sequence[str], start: int) -> int:
    """How many tokens from `start` on stand somewhere in what was heard, in one piece."""
    best = 0
    for place, token in enumerate(heard):
        if token != said[start]:
            continue
        length = 0
        while (
            start + length < len(said) and place + length < len(heard) and said[start + length] == heard[place + length]
        ):
            length += 1
        best = max(best, length)
    return best
