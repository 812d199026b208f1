"""Whether a turn was broken off or finished: what its words tell, and the recogniser of them.

The words give a share: a net that knows where sentences end, and the class of the last word. What the recogniser says
of the end is a likelihood ratio, multiplied as if independent. Neither decides alone: people end sentences on "with",
and recognisers repair what was torn. What the voice tells is in `voice_evidence`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from speechcoach.conversation import completeness
from speechcoach.conversation.acts import Phrases
from speechcoach.conversation.turns import Spurt
from speechcoach.conversation.wording import only_phrases, tokens
from speechcoach.records import Word

# How often a speaker who gives way had not finished, by the last word, without and with overlap. Counted in 11,530
# changes of speaker of the ICSI meetings (MRDA, training part), where people marked what was broken off.
_PRIOR = {"fragment": (0.77, 0.86), "open": (0.45, 0.66), "loose": (0.11, 0.22), "closed": (0.03, 0.1)}
_WORDLESS = (0.1, 0.25)  # of all changes of speaker with these times, whatever the words
# The same by seconds of overlap: below a reaction time nobody was cut more often than without any. Beside the words,
# how long both speak tells no more than that they do.
_BY_OVERLAP = ((0.1, 0.12), (0.2, 0.2), (0.3, 0.24), (0.45, 0.31))
# The same where a net knows how sentences of the language end: the weights of a logistic scale for what `evidence`
# finds, set on the same changes of speaker by `benchmarks/cut_offs.py --scale`.
SCALE = {
    "base": -2.6, "openness": 0.75, "fragment": 4.98, "open": 0.3, "loose": -0.19, "overlaps": 0.67,
    "log_tokens": -0.38, "one_token": -0.78, "only_lead_ins": -1.89, "only_fillers": -3.04, "ends_on_filler": 1.02,
}  # fmt: skip
# Likelihood ratios of a cut against an end, set on the sample calls and held back: they know few real cuts.
_GUESSED, _TORN_RATIO = 0.5, 6.0  # a torn word is recognised with little certainty, and as some other word
_TORN_S = 0.3  # what sounded longer was a whole word, however hard to recognise
_NO_SOUND_S = 0.03  # a guess that takes less was made up to follow the words before it
_TORN_MOST = 8.0  # the doubt about the word and about the end are nearly one
_WORDLESS_END_S = 0.25
# The recogniser puts the chance of a sentence's end at 0.01-0.28 after the cut words of the sample calls, and at 0.73
# and more after nearly all that were not cut: a cut is as likely as not at 0.7. Slope and bound were set on Whisper's
# words for the tuning half of `benchmarks/turns.py`, beside all that the net and the voice tell.
_CLOSING_EVEN, _CLOSING_SLOPE = 0.7, 5.0
_CLOSING_MOST = 10.0  # one wrong word at the end makes any sentence look open
_SUREST = 0.97  # nothing here is surer than that
_FEW = 8  # tokens; from here on more tell nothing, and a spurt may hold several sentences
_BARELY_S = 0.1  # of overlap; less is the other's reaction time


def cut_share(holder: Spurt, came_in_s: float, phrases: Phrases, marked: bool = True) -> float:
    """How likely what the holder said was unfinished, 0-1, when somebody else came in at `came_in_s`, by the words.

    `marked` where the transcript has punctuation: only there a missing mark tells something. Without words, the share
    among people for that much overlap.
    """
    after_s = holder.end_s - came_in_s
    if not holder.words:
        return share_by_overlap(after_s)
    words = _sounding(holder.words)
    if _is_torn(words[-1], holder):
        return _share(share_by_overlap(after_s), min(_TORN_RATIO * max(_closing(words[-1], marked), 1.0), _TORN_MOST))
    prior = unfinished_share([word.text for word in words], after_s >= _BARELY_S, phrases)
    return _share(prior, _closing(words[-1], marked))


def share_by_overlap(after_s: float) -> float:
    """How often people who gave way had not finished, 0-1, by how long they still spoke; whatever they said."""
    below = [(0.0, _BY_OVERLAP[0][1]), *(point for point in _BY_OVERLAP if point[0] <= after_s)][-1]
    above = next((point for point in _BY_OVERLAP if point[0] > after_s), None)
    if above is None:
        return below[1]
    return below[1] + (above[1] - below[1]) * max(after_s - below[0], 0.0) / (above[0] - below[0])


def unfinished_share(said: Sequence[str], overlaps: bool, phrases: Phrases) -> float:
    """How likely these words, after which another took the floor, were unfinished, 0-1: by the words alone.

    `said` are words as written; `overlaps` where the other began before their end. Without words or the language's
    phrases, the share of all changes of speaker.
    """
    found = evidence(said, overlaps, phrases)
    if found is None:
        return _WORDLESS[overlaps]
    if not phrases["completeness"]:
        return _PRIOR[ending(said[-1].strip(), phrases)][overlaps]
    return 1 / (1 + math.exp(-sum(SCALE[name] * value for name, value in found.items())))


def evidence(said: Sequence[str], overlaps: bool, phrases: Phrases) -> dict[str, float] | None:
    """What the words tell, by the names of `SCALE`; None where nothing was said or the language is not known.

    A filler at the end is no end: what stood before it tells. Fillers and lead-ins alone only hold the floor.
    """
    read = _read(said)
    if not read or not phrases["unfinished"]:
        return None
    core = _without_fillers(read, phrases)
    last = "fragment" if core[-1] == completeness.TORN else ending(core[-1], phrases)
    known = phrases["completeness"] and last != "fragment"
    return {
        "base": 1.0,
        "openness": completeness.load(phrases["completeness"][0]).openness(core) if known else 0.0,
        "fragment": last == "fragment",
        "open": last == "open",
        "loose": last == "loose",
        "overlaps": overlaps,
        "log_tokens": math.log(min(len(read), _FEW)),
        "one_token": len(read) == 1,
        "only_lead_ins": only_phrases(read, phrases["lead_in"]),
        "only_fillers": only_phrases(read, phrases["filler"]),
        "ends_on_filler": read[-1] in phrases["filler"],
    }


def _read(words: Sequence[str]) -> tuple[str, ...]:
    """Tokens, a word that was broken off as one of its own kind."""
    return tuple(t for word in words for t in ([completeness.TORN] if _broken(word.strip()) else tokens(word)))


def _broken(word: str) -> bool:
    return word.endswith(("-", "\u2014"))


def _without_fillers(said: tuple[str, ...], phrases: Phrases) -> tuple[str, ...]:
    """Up to the last token that is no filler; the first one stays in any case."""
    end = next((place for place in range(len(said), 1, -1) if said[place - 1] not in phrases["filler"]), 1)
    return said[:end]


def _sounding(words: Sequence[Word]) -> Sequence[Word]:
    """Without the guesses at the end that no sound was left for; the first word stays in any case."""
    end = next((place for place in range(len(words), 1, -1) if not _made_up(words[place - 1])), 1)
    return words[:end]


def _made_up(word: Word) -> bool:
    return _guessed(word) and word.end_s - word.start_s < _NO_SOUND_S


def _is_torn(last: Word, holder: Spurt) -> bool:
    """The last word is a guess, or speech goes on after it: whatever was broken off became another word, or none."""
    guessed = _guessed(last) and last.end_s - last.start_s < _TORN_S
    return guessed or holder.end_s - last.end_s > _WORDLESS_END_S


def _guessed(word: Word) -> bool:
    return word.probability is not None and word.probability < _GUESSED


def _closing(last: Word, marked: bool) -> float:
    """Likelihood ratio of a cut, from the recogniser's own doubt that a sentence ends here."""
    if last.closes is None:
        return _mark(last.text.strip()) if marked else 1.0
    return min(math.exp(_CLOSING_SLOPE * (_CLOSING_EVEN - last.closes)), _CLOSING_MOST)


def ending(last: str, phrases: Phrases) -> str:
    """What the last word tells of the sentence."""
    said = tokens(last)
    if _broken(last):
        return "fragment"
    if said and said[-1] in phrases["unfinished"]:
        return "open"
    return "loose" if said and said[-1] in phrases["loose_end"] else "closed"


def _mark(last: str) -> float:
    """What the recogniser's own mark tells; it was trained on sentences, and hears the melody too."""
    if last.endswith((",", "...", "\u2026")):
        return 6.0
    return 0.25 if last.endswith((".", "?", "!", "\u3002")) else 3.0


def _share(prior: float, ratio: float) -> float:
    odds = prior / (1 - prior) * ratio
    return min(odds / (1 + odds), _SUREST)
