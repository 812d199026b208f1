"""Where two speakers overlap or one cuts in, and what kind of event it was.

Length alone never decides: on human-labelled meetings "any overlap over 0.2 s" finds interruptions with a
precision of 0.25. What decides is who yields, and whether what was cut was complete. Kinds after Schegloff
(2000), Beattie (1982) and Goldberg (1990):

    backchannel          the other only shows that they listen
    terminal             the turn was finished, or as good as finished
    interruption         the speaker was cut mid-sentence and gave way
    silent_interruption  the same without overlap, in a pause mid-sentence
    butting_in           an attempt at the floor that the speaker talked through
    completion           the other supplies the word that the speaker takes up, or repeats one as a check
    needed               announced: "sorry to interrupt"
    unclear              the evidence does not decide
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from speechcoach.conversation.acts import Phrases, is_backchannel
from speechcoach.conversation.backchannels import listening_share
from speechcoach.conversation.cut_ins import CutIn, find_cut_ins
from speechcoach.conversation.cut_offs import cut_share, share_by_overlap
from speechcoach.conversation.turns import Spurt, TurnRules, answers, spurts_of
from speechcoach.conversation.voice_evidence import STOPPED_S, cut_by_voice, inserted_by_voice
from speechcoach.conversation.wording import clauses, has_phrase, join, tokens
from speechcoach.records import Overlap, Unit, Word

_REACTION_TOKENS = 6
_REPEATS = 2  # nobody says a word more often than that in one breath, but a token of the list
_ACKNOWLEDGING_TOKENS = 8
_OFFERED_TOKENS = 4  # a word supplied or repeated, not a sentence
_ECHO_S = 5.0  # how long a word said before may be repeated as a check
_REACTS = 0.8
# Of those who did not just listen, who offered a word: by whether it is one; None where the words are not known. A
# recogniser writes some other word for one in ten, so neither is certain.
_OFFERED = {True: 0.4, False: 0.1, None: 0.3}
# Without words the voice names the kind, at even odds; how likely it is, at the odds among people. Between these two
# shares of a cut nothing is said: a wrong reproach costs more than none.
_DONE_BY_VOICE, _CUT_BY_VOICE = 0.46, 0.54
_EVEN = {True: 0.22, False: 0.12}  # the share of cuts that counts as even, with overlap and without
_LONG_S = 0.5  # who was cut has stopped by then, mostly; a melody that ends after it may be either
_LIKELY = 0.5
_WITHOUT_OVERLAP = {"interruption": "silent_interruption", "needed": "needed"}
_SUREST = 0.97  # nothing here is surer than that

Verdict = tuple[str, float, str]


def find_overlaps(units: Sequence[Unit], words: Sequence[Word], phrases: Phrases) -> tuple[Overlap, ...]:
    """Every overlap and every cut-in without overlap, in order of time, typed.

    `words` and `phrases` may be empty: then timing and voice decide, with lower probabilities.
    """
    worded = bool(words) and bool(phrases["backchannel"])
    spurts = spurts_of(units, words if worded else (), TurnRules())
    events = [_typed(event, phrases) for event in find_cut_ins(spurts, worded)]
    return tuple(sorted((e for e in events if e is not None), key=lambda event: (event.start_s, event.end_s)))


def _typed(event: CutIn, phrases: Phrases) -> Overlap | None:
    kind, probability, why = _kind(event, phrases)
    if event.start_s == event.end_s:
        if kind not in _WITHOUT_OVERLAP:
            return None  # without overlap, a change of speaker is no event of its own
        kind = _WITHOUT_OVERLAP[kind]
    overlap = Overlap(event.start_s, event.end_s, event.comer.speaker)
    return replace(overlap, kind=kind, probability=round(probability, 2), why=why)


def _kind(event: CutIn, phrases: Phrases) -> Verdict:
    """Kind, probability, and the reason in words."""
    comer = event.comer.speaker
    if has_phrase(event.said[:8], phrases["interrupting_politely"]):
        return "needed", 0.95, f"the {comer} asked leave to come in"
    if event.said and is_backchannel(event.said, phrases) and not answers(event.comer, event.holder):
        return "backchannel", _listening(event, phrases), f"the {comer} only showed attention"
    if taken_up := _taken_up(event, phrases):
        return "completion", 0.9, taken_up
    if event.start_s == event.end_s and event.holder_goes_on:
        return "unclear", 0.5, "an aside in a pause"
    if event.both_began:
        return "unclear", 0.5, "both began at once"
    if event.holder_goes_on:
        return _inserted(event, phrases)
    return _floor_taken(event, phrases)


def _inserted(event: CutIn, phrases: Phrases) -> Verdict:
    """The holder kept the floor: the comer listened, helped, or tried and gave up."""
    heard = bool(event.said) and not _invented(event.said)
    if heard and _reacts(event, phrases):
        return "backchannel", _REACTS, f"the {event.comer.speaker} only reacted"
    listens, offers = _listening(event, phrases), _OFFERED[_offers(event, phrases) if heard else None]
    prior = {"backchannel": listens, "completion": (1 - listens) * offers, "butting_in": (1 - listens) * (1 - offers)}
    by_voice = inserted_by_voice(event)
    odds = {kind: prior[kind] * share for kind, share in by_voice.items()}
    kind = max(odds, key=(odds if event.worded else by_voice).__getitem__)
    share = min(odds[kind] / sum(odds.values()), _SUREST)
    if event.worded and share < _LIKELY:
        return "unclear", 0.5, f"the {event.comer.speaker} said something short, and the {event.holder.speaker} went on"
    why = {
        "backchannel": f"the {event.comer.speaker} only showed attention",
        "completion": f"the {event.comer.speaker} said a word, and the {event.holder.speaker} went on with it",
        "butting_in": f"the {event.comer.speaker} began and the {event.holder.speaker} talked through it",
    }
    return kind, share, why[kind]


def _listening(event: CutIn, phrases: Phrases) -> float:
    """How likely people who come in like this only listen; invented words are none."""
    said = () if _invented(event.said) else event.said
    return listening_share(said, event.length_s, event.holder_goes_on, phrases)


def _floor_taken(event: CutIn, phrases: Phrases) -> Verdict:
    """The comer has the floor now: the holder was done, or was cut."""
    comer, holder = event.comer.speaker, event.holder.speaker
    if _acknowledges(event.holder, phrases):
        return "unclear", 0.5, f"the {holder} was only acknowledging"
    if not event.holder_yields:
        return "unclear", 0.5, f"neither gave way for {event.end_s - event.start_s:.1f} s"
    cut, named = _cut(event, phrases)
    stopped = f"the {holder} stopped {event.after_s:.1f} s after the {comer} began"
    quoted = _last_words(event.holder)
    if not event.worded and (_DONE_BY_VOICE < named < _CUT_BY_VOICE or _ends_late(event)):
        return "unclear", 0.5, f"{stopped}; without words it cannot be told whether the sentence was finished"
    how = "; in this language the last word alone tells" if event.worded and not phrases["completeness"] else ""
    if named < _LIKELY:
        return "terminal", 1 - cut, f"the {holder} had finished" + (f' with "{quoted}"' if quoted else "") + how
    where = f', in the middle of "{quoted} ..."' if quoted else ""
    if event.start_s == event.end_s:
        return "interruption", cut, f"the {comer} took over before the {holder} had finished{where}{how}"
    return "interruption", cut, f"{stopped}{where}, and the {comer} went on{how}"


def _cut(event: CutIn, phrases: Phrases) -> tuple[float, float]:
    """How likely the holder was cut off, 0-1, and the share that names the kind: the same where there are words."""
    if not event.worded:
        odds = _odds(share_by_overlap(event.after_s)) * cut_by_voice(event)
        return _capped(odds), _capped(odds / _odds(_EVEN[event.start_s < event.end_s]))
    cut = _capped(_odds(cut_share(event.holder, event.start_s, phrases, event.marked)) * cut_by_voice(event))
    return cut, cut


def _odds(share: float) -> float:
    return share / (1 - share)


def _capped(odds: float) -> float:
    return min(max(odds / (1 + odds), 1 - _SUREST), _SUREST)


def _ends_late(event: CutIn) -> bool:
    """The holder's melody came to an end, and the voice faded, but long after the comer began."""
    last = event.holder.units[-1]
    return event.after_s > _LONG_S and last.inflection == "fall" and (last.release_s or 0.0) >= STOPPED_S


def _acknowledges(spurt: Spurt, phrases: Phrases) -> bool:
    """ "Okay, okay, that makes sense" is no turn that could be cut."""
    said = tokens(join(spurt.words))
    return len(said) <= _ACKNOWLEDGING_TOKENS and is_backchannel(said[:2], phrases)


def _invented(said: Sequence[str]) -> bool:
    """Recognisers write "um, um, um, um" for a hum or a laugh."""
    return len(said) > _REPEATS and len(set(said)) == 1


def _reacts(event: CutIn, phrases: Phrases) -> bool:
    """ "Oh, it did, great" claims nothing; "but did you" breaks off, and "that is not what" is no reaction."""
    short = 0 < len(event.said) <= _REACTION_TOKENS
    token = short and any(is_backchannel(edge, phrases) for edge in (event.said[:1], event.said[-1:]))
    return token and event.said[-1] not in phrases["unfinished"] and not _content(event, phrases)


def _offers(event: CutIn, phrases: Phrases) -> bool:
    """ "The adapter?" is a word supplied; "but did anybody" is the beginning of a sentence."""
    offered = len(_content(event, phrases))
    return 0 < offered <= len(event.said) <= min(_OFFERED_TOKENS, offered + 1)


def _content(event: CutIn, phrases: Phrases) -> list[str]:
    """The comer's words that carry content."""
    light = _light(*(phrases[group] for group in ("unfinished", "loose_end", "function_words", "backchannel")))
    return [token for token in event.said if token not in light]


@lru_cache(maxsize=8)
def _light(*groups: tuple[str, ...]) -> frozenset[str]:
    """Words that carry no content."""
    return frozenset(token for group in groups for phrase in group for token in phrase.split())


def _taken_up(event: CutIn, phrases: Phrases) -> str | None:
    """How a short insertion supplied or repeated the holder's own word; None where it did not."""
    offered = _content(event, phrases)
    if not offered or len(event.said) > _OFFERED_TOKENS or not (event.holder_goes_on or event.holder_is_back):
        return None
    if set(offered) <= set(tokens(join(_near(event)))):
        return f'"{" ".join(offered)}" is the {event.holder.speaker}\'s own word'
    if event.holder_is_back and has_phrase(tokens(join(event.resumed.words)), phrases["confirmation"], at_start=True):
        return f'the {event.holder.speaker} took up the offered "{" ".join(offered)}"'
    return None


def _near(event: CutIn) -> list[Word]:
    """The holder's words shortly before the event and after it."""
    said = [*event.holder.words, *(event.resumed.words if event.resumed else ())]
    return [word for word in said if event.start_s - _ECHO_S < word.end_s < event.end_s + _ECHO_S]


def _last_words(spurt: Spurt, count: int = 4) -> str:
    """The last words that were recognised with some certainty."""
    sure = [word for word in spurt.words if word.probability is None or word.probability >= 0.5]
    return join(clauses(sure)[-1].words[-count:]).rstrip(".,?!-…") if sure else ""
