"""Whether a turn was broken off or finished: the evidence of its last word, its melody and its fade.

Each piece is a prior or a likelihood ratio, and they are multiplied as if independent. None decides alone: people end
sentences on "with", and recognisers repair what was torn.
"""

from __future__ import annotations

import math

from speechcoach.conversation.acts import Phrases
from speechcoach.conversation.turns import Spurt
from speechcoach.conversation.wording import tokens
from speechcoach.records import Word

# How often a speaker who gives way had not finished, by the last word, without and with overlap. Counted in 11,530
# changes of speaker of the ICSI meetings (MRDA, training part), where people marked what was broken off. On the
# validation part the words "open" and "fragment" alone find interrupted units with precision 0.59, recall 0.66.
_PRIOR = {"fragment": (0.77, 0.86), "open": (0.45, 0.66), "loose": (0.11, 0.22), "closed": (0.03, 0.1)}
_WORDLESS = (0.1, 0.25)  # of all changes of speaker with these times, whatever the words
# Likelihood ratios of a cut against an end, set on the sample calls and held back: they know few real cuts.
_MELODY = {"fall": 0.7, "level": 1.5, "rise": 1.0, None: 1.0}
_FADES = ((0.02, 6.0), (0.03, 3.0), (0.05, 1.0), (float("inf"), 0.4))
_GUESSED, _TORN_RATIO = 0.5, 2.0  # a torn word is recognised with little certainty, and as some other word
_WORDLESS_END_S = 0.25
# The recogniser puts the chance of a sentence's end at 0.01-0.28 after the cut words of the sample calls, and at 0.73
# and more after nearly all that were not cut: a cut is as likely as not at 0.7.
_CLOSING_EVEN, _CLOSING_SLOPE = 0.7, 7.0
_SUREST = 0.97  # nothing here is surer than that
_BARELY_S = 0.1  # of overlap; less is the other's reaction time


def cut_share(holder: Spurt, came_in_s: float, phrases: Phrases) -> float:
    """How likely what the holder said was unfinished, 0-1, when somebody else came in at `came_in_s`."""
    unit, overlaps = holder.units[-1], holder.end_s - came_in_s >= _BARELY_S
    ratio = _MELODY[unit.inflection] * _fade(unit.release_s)
    if not holder.words:
        return _share(_WORDLESS[overlaps], ratio)
    last = holder.words[-1]
    if _is_torn(last, holder):
        return _share(_WORDLESS[overlaps], ratio * _TORN_RATIO * max(_closing(last), 1.0))
    return _share(_PRIOR[ending(last.text.strip(), phrases)][overlaps], ratio * _closing(last))


def _is_torn(last: Word, holder: Spurt) -> bool:
    """The last word is a guess, or speech goes on after it: whatever was broken off became another word, or none."""
    guessed = last.probability is not None and last.probability < _GUESSED
    return guessed or holder.end_s - last.end_s > _WORDLESS_END_S


def _closing(last: Word) -> float:
    """Likelihood ratio of a cut, from the recogniser's own doubt that a sentence ends here."""
    if last.closes is None:
        return _mark(last.text.strip())
    return math.exp(_CLOSING_SLOPE * (_CLOSING_EVEN - last.closes))


def _fade(release_s: float | None) -> float:
    """What the way the voice ends tells: a sentence fades, a voice that is stopped does not."""
    if release_s is None:
        return 1.0
    return next(ratio for limit_s, ratio in _FADES if release_s <= limit_s)


def ending(last: str, phrases: Phrases) -> str:
    """What the last word tells of the sentence."""
    said = tokens(last)
    if last.endswith(("-", "\u2014")):
        return "fragment"
    if said and said[-1] in phrases["unfinished"]:
        return "open"
    return "loose" if said and said[-1] in phrases["loose_end"] else "closed"


def _mark(last: str) -> float:
    """What the recogniser's own mark tells; it was trained on sentences, and hears the melody too."""
    if last.endswith((",", "...", "\u2026")):
        return 6.0
    return 0.5 if last.endswith((".", "?", "!", "\u3002")) else 2.0


def _share(prior: float, ratio: float) -> float:
    odds = prior / (1 - prior) * ratio
    return min(odds / (1 + odds), _SUREST)
