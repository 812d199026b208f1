"""How each thing is drawn: a colour that the colour-blind can tell from its neighbours, and a shape that needs none.

The two colours are of Okabe and Ito (2008, "Color Universal Design"), the third is grey. What stands in one panel
differs in shape, pattern or place too, so that a page printed in grey says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

BLUE, VERMILION = "#0072B2", "#D55E00"
INK, GREY, RULE, WASH = "#1E2227", "#767B82", "#E2DFD9", "#F2F0EC"


@dataclass(frozen=True, slots=True)
class Voice:
    """How a speaker is drawn: the bars of turns, the lines and points of measures."""

    name: str
    colour: str
    hatch: str
    marker: str
    line: str


@dataclass(frozen=True, slots=True)
class Mark:
    """How a kind of event is drawn."""

    name: str
    colour: str
    marker: str
    filled: bool = True


VOICES: Mapping[str, Voice] = MappingProxyType(
    {
        "agent": Voice("Agent", BLUE, "", "o", "-"),
        "customer": Voice("Customer", VERMILION, "////", "s", "--"),
        "mixed": Voice("Both", GREY, "....", "D", "-."),
    }
)

OVERLAPS: Mapping[str, Mark] = MappingProxyType(  # who takes the floor, who leaves it, who cannot be told
    {
        "interruption": Mark("interruption", VERMILION, "v"),
        "silent_interruption": Mark("silent interruption", VERMILION, "v", filled=False),
        "butting_in": Mark("butting in", VERMILION, "X"),
        "completion": Mark("completion", BLUE, "s"),
        "backchannel": Mark("backchannel", BLUE, "o"),
        "terminal": Mark("terminal overlap", BLUE, "^", filled=False),
        "needed": Mark("needed", BLUE, "P"),
        "unclear": Mark("unclear", GREY, "d", filled=False),
    }
)

FLAG = Mark("flag", VERMILION, "v")
STRENGTH = Mark("strength", BLUE, "*")
CUSTOMERS = Mark("customer's side", GREY, "D", filled=False)
