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
from dataclasses import dataclass, replace

from speechcoach.conversation.acts import Phrases, is_backchannel
from speechcoach.conversation.cut_offs import cut_share
from speechcoach.conversation.turns import Spurt, TurnRules, answers, spurts_of
from speechcoach.conversation.wording import clauses, has_phrase, join, tokens
from speechcoach.records import Overlap, Unit, Word

_MIN_OVERLAP_S = 0.05  # Heldner & Edlund (2010): shorter ones are within the error of the edges
_OUTLASTS_S = 0.3  # who takes the floor goes on at least this long after the other stopped
_SILENT_AFTER_S = 0.2  # and the other stays silent at least this long
_YIELDS_WITHIN_S = 2.5  # later than this both simply talked at once
_NO_GAP_S = 0.2  # a cut-in without overlap follows at least this closely
_NOT_YET_A_TURN_S = 0.1  # both begin at once: nobody had the floor to be cut
_BREATH_S = 0.5  # a speaker who goes on within a breath did not give the floor away
_REACTION_TOKENS = 6
_ACKNOWLEDGING_TOKENS = 8
_OFFERED_TOKENS = 4  # a word supplied or repeated, not a sentence
_UPTAKE_S = 1.5
_ECHO_S = 5.0  # how long a word said before may be repeated as a check
_ASIDE_S = 0.8  # who says no more than this, and lets the other go on, did not take the floor
_ONE_TOKEN_S = 0.6  # an "mm-hm" takes 0.3-0.5 s
_LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class CutIn:
    """Everything that typing looks at: `holder` had the floor, `comer` came in at `start_s`."""

    holder: Spurt
    comer: Spurt
    start_s: float
    end_s: float
    resumed: Spurt | None  # the holder's next spurt
    earlier: Spurt | None  # the comer's spurt before this one
    worded: bool  # there is a transcript, and the language's phrases are known

    @property
    def holder_goes_on(self) -> bool:
        """The holder talks through the comer's end, is back at once, or goes on after a mere aside."""
        if self.holder.end_s >= self.comer.end_s - 0.1:
            return True
        if self.resumed is None:
            return False
        aside = self.comer.end_s - self.comer.start_s <= _ASIDE_S
        back_s = self.resumed.start_s - (self.comer.end_s if aside else self.holder.end_s)
        return back_s < (TurnRules().resume_s if aside else _SILENT_AFTER_S)

    @property
    def holder_is_back(self) -> bool:
        """The holder speaks again soon after the comer's end."""
        return self.resumed is not None and self.resumed.start_s - self.comer.end_s <= _UPTAKE_S

    @property
    def holder_yields(self) -> bool:
        soon = self.holder.end_s - self.start_s <= _YIELDS_WITHIN_S
        return soon and self.comer.end_s - self.holder.end_s >= _OUTLASTS_S

    @property
    def both_began(self) -> bool:
        """Nobody had the floor yet: both start at once, or the comer only goes on after a breath."""
        head_start_s = self.start_s - self.holder.start_s
        goes_on = self.earlier is not None and self.holder.start_s - self.earlier.end_s < _BREATH_S
        return head_start_s < (_BREATH_S if goes_on else _NOT_YET_A_TURN_S)

    @property
    def said(self) -> tuple[str, ...]:
        return tokens(join(self.comer.words))


def find_overlaps(units: Sequence[Unit], words: Sequence[Word], phrases: Phrases) -> tuple[Overlap, ...]:
    """Every overlap and every cut-in without overlap, in order of time, typed.

    `words` and `phrases` may be empty: then timing and voice decide, with lower probabilities.
    """
    worded = bool(words) and bool(phrases["backchannel"])
    spurts = spurts_of(units, words if worded else (), TurnRules())
    events = [_typed(event, phrases) for event in _cut_ins(spurts, worded)]
    return tuple(sorted((e for e in events if e is not None), key=lambda event: (event.start_s, event.end_s)))


def _cut_ins(spurts: Sequence[Spurt], worded: bool) -> list[CutIn]:
    found = []
    for place, comer in enumerate(spurts):
        for holder in spurts[:place]:
            if holder.speaker == comer.speaker or comer.start_s - holder.end_s > _NO_GAP_S:
                continue
            shared = _shared(holder, comer)
            if shared is None:
                continue
            resumed = next((s for s in spurts if s.speaker == holder.speaker and s.start_s > holder.end_s), None)
            earlier = next((s for s in reversed(spurts[:place]) if s.speaker == comer.speaker), None)
            found.append(CutIn(holder, comer, *shared, resumed, earlier, worded))
    return found


def _shared(holder: Spurt, comer: Spurt) -> tuple[float, float] | None:
    """First and last second in which both speak; the comer's start where it follows without a gap."""
    both = [
        (max(mine.start_s, theirs.start_s), min(mine.end_s, theirs.end_s))
        for mine in holder.units
        for theirs in comer.units
        if min(mine.end_s, theirs.end_s) - max(mine.start_s, theirs.start_s) >= _MIN_OVERLAP_S
    ]
    if both:
        return both[0][0], both[-1][1]
    if -_MIN_OVERLAP_S <= comer.start_s - holder.end_s <= _NO_GAP_S:
        return comer.start_s, comer.start_s
    return None


def _typed(event: CutIn, phrases: Phrases) -> Overlap | None:
    kind, probability, why = _kind(event, phrases)
    if event.start_s == event.end_s:
        if kind != "interruption":
            return None  # without overlap, a change of speaker is no event of its own
        kind = "silent_interruption"
    overlap = Overlap(event.start_s, event.end_s, event.comer.speaker)
    return replace(overlap, kind=kind, probability=round(probability, 2), why=why)


def _kind(event: CutIn, phrases: Phrases) -> tuple[str, float, str]:
    """Kind, probability, and the reason in words."""
    comer, holder = event.comer.speaker, event.holder.speaker
    if has_phrase(event.said[:8], phrases["interrupting_politely"]):
        return "needed", 0.9, f"the {comer} asked leave to come in"
    if listening := _listening(event, phrases):
        return "backchannel", listening, f"the {comer} only showed attention"
    if taken_up := _taken_up(event, phrases):
        return "completion", 0.7, taken_up
    if event.start_s == event.end_s and event.holder_goes_on:
        return "unclear", 0.5, "an aside in a pause"
    if event.both_began:
        return "unclear", 0.5, "both began at once"
    if event.holder_goes_on:
        share = 0.8 if event.worded else 0.6
        return "butting_in", share, f"the {comer} began and the {holder} talked through it"
    if _acknowledges(event.holder, phrases):
        return "unclear", 0.5, f"the {holder} was only acknowledging"
    if not event.holder_yields:
        return "unclear", 0.5, f"neither gave way for {event.end_s - event.start_s:.1f} s"
    after_s = max(0.0, event.holder.end_s - event.start_s)
    cut = cut_share(event.holder, event.start_s, phrases) if event.worded or after_s > _NO_GAP_S else 0.0
    stopped = f"the {holder} stopped {after_s:.1f} s after the {comer} began"
    quoted = _last_words(event.holder)
    if cut >= _LIKELY:
        where = f', in the middle of "{quoted} ..."' if quoted else ""
        if event.start_s == event.end_s:
            return "interruption", cut, f"the {comer} took over before the {holder} had finished{where}"
        return "interruption", cut, f"{stopped}{where}, and the {comer} went on"
    if not event.worded and after_s > 0.5:
        return "unclear", 0.5, f"{stopped}; without words it cannot be told whether the sentence was finished"
    return (
        "terminal",
        1 - cut if event.worded else 0.6,
        f"the {holder} had finished" + (f' with "{quoted}"' if quoted else ""),
    )


def _listening(event: CutIn, phrases: Phrases) -> float | None:
    """How sure it is that the comer only showed attention; None where they did more."""
    length_s = event.comer.end_s - event.comer.start_s
    if answers(event.comer, event.holder):
        return None
    if event.said and is_backchannel(event.said, phrases):
        return 0.95
    if not event.said and length_s <= TurnRules().token_s and event.holder_goes_on:
        return 0.7
    if len(event.said) == 1 and length_s <= _ONE_TOKEN_S and event.holder_goes_on:
        return 0.6  # recognisers turn an "mm-hm" into whatever word comes next
    if event.holder_goes_on and _reacts(event, phrases):
        return 0.6
    return None


def _acknowledges(spurt: Spurt, phrases: Phrases) -> bool:
    """ "Okay, okay, that makes sense" is no turn that could be cut."""
    said = tokens(join(spurt.words))
    return len(said) <= _ACKNOWLEDGING_TOKENS and is_backchannel(said[:2], phrases)


def _reacts(event: CutIn, phrases: Phrases) -> bool:
    """ "Oh, it did, great" claims nothing; "but did you" breaks off."""
    short = 0 < len(event.said) <= _REACTION_TOKENS
    return short and event.said[-1] not in phrases["unfinished"] and not _content(event, phrases)


def _content(event: CutIn, phrases: Phrases) -> list[str]:
    """The comer's words that carry content."""
    groups = ("unfinished", "loose_end", "function_words", "backchannel")
    light = {token for group in groups for phrase in phrases[group] for token in phrase.split()}
    return [token for token in event.said if token not in light]


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
