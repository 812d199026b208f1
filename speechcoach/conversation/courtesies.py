"""What phrases alone decide: courtesies, refusals, offers, hedges, how a call opens and closes.

A phrase counts anywhere in a clause, but for two whose words also do something else: "sorry" in mid-sentence mends a
slip of the tongue, and on its own with a question mark asks to repeat; "I don't know" only as a whole leaves it open.
"""

from __future__ import annotations

from collections.abc import Iterator

from speechcoach.conversation.context import Said

ANYWHERE = (
    "greeting",
    "self_introduction",
    "offer_of_help",
    "hold_announcement",
    "restatement",
    "check_understanding",
    "check_help",
    "apology",
    "empathy",
    "hardship",
    "thanks",
    "farewell",
    "closing",
    "anything_else",
    "blame",
    "interrupting_politely",
    "appreciation",
    "hedge",
    "refusal",
    "solution_offer",
    "advice",
)
_ASKS_AGAIN_TOKENS = 4  # "I'm sorry?"
_LEAVES_OPEN_TOKENS = 8


def by_phrase(said: Said) -> Iterator[str]:
    """The kinds of acts that a phrase in it decides."""
    asks_again = said.clause.asks and len(said.tokens) <= _ASKS_AGAIN_TOKENS
    for kind in ANYWHERE:
        if kind in said.holds and not (kind == "apology" and asks_again):
            yield kind
    if "apology" not in said.holds and "sorry" in said.begins | said.ends and not asks_again:
        yield "apology"
    if "not_knowing" in said.holds and len(said.tokens) <= _LEAVES_OPEN_TOKENS:
        yield "uncertain"
