"""How likely somebody who speaks while another does only shows that they listen, by what they say.

"Mm-hmm", "yeah", "right, okay" and their like, after Yngve (1970); what they say decides, and hardly how long it takes.
"""

from __future__ import annotations

from collections.abc import Sequence

from speechcoach.conversation.acts import Phrases, is_backchannel
from speechcoach.conversation.wording import tokens

# Share of what people labelled as backchannel, acknowledgement or agreement among all that began while another spoke:
# counted in 23,000 onsets of the ICSI meetings (MRDA, training part).
_ONE_TOKEN, _SEVERAL, _BEGINS_SO, _OTHER = 0.92, 0.84, 0.45, 0.04
_NO_WORDS = {True: 0.7, False: 0.3}  # by whether it is short: recognisers leave an "mm-hm" out
_SHORT_S = 0.6  # an "mm-hm" takes 0.3-0.5 s


def listening_share(said: Sequence[str], length_s: float, holder_goes_on: bool, phrases: Phrases) -> float:
    """How likely who says these words, while another speaks, only shows that they listen, 0-1.

    `length_s` is how long they speak, `holder_goes_on` whether the other speaks beyond their end.
    """
    read = [token for word in said for token in tokens(word)]
    core = [token for token in read if token not in phrases["filler"]] or read
    if not read:
        return _NO_WORDS[length_s <= _SHORT_S and holder_goes_on]
    if is_backchannel(core, phrases):
        return _ONE_TOKEN if len(core) == 1 else _SEVERAL
    begins = any(is_backchannel(core[:count], phrases) for count in (1, 2))
    return _BEGINS_SO if begins else _OTHER
