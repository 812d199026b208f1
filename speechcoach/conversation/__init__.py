"""Who had the floor, and what each turn did: pure functions from units and words to turns and overlaps.

Measured once: `turns` (units and words become turns, pauses, floor-transfer offsets) and the geometry of
`overlaps`. Interpreted again whenever the norms change, because they depend on a language's phrases: the
`acts` of each turn, the kind of each overlap, whether a silence was announced (`interpret`).
"""

from speechcoach.conversation.assembly import Foreign, Party, assemble, speech_only
from speechcoach.conversation.interpretation import interpret
from speechcoach.conversation.one_channel import deal_words, how_told, unfit_on_one_channel, voices_as_parties
from speechcoach.conversation.overlaps import find_overlaps
from speechcoach.conversation.rates import MIXED
from speechcoach.conversation.roles import CHANNELS, Roles, given_roles, guess_roles
from speechcoach.conversation.turns import TurnRules, build_turns, find_pauses, floor_transfers

__all__ = [
    "CHANNELS",
    "MIXED",
    "Foreign",
    "Party",
    "Roles",
    "TurnRules",
    "assemble",
    "build_turns",
    "deal_words",
    "find_overlaps",
    "find_pauses",
    "floor_transfers",
    "given_roles",
    "guess_roles",
    "how_told",
    "interpret",
    "speech_only",
    "unfit_on_one_channel",
    "voices_as_parties",
]
