"""Text as it is searched: its words alone, in order, without case and accents; the same for both databases."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """The words of a text, single spaces between them: "Perdón, Mr O'Neil!" is "perdon mr o neil"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign))))
