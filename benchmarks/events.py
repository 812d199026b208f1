"""Made stereo calls with known events: who came in on whom, and what it was.

A call is a row of scenes, each with one event of the seven kinds or something harmless that must not be taken for one.

Kinds, by construction:

    terminal             the other begins 0.1-0.5 s before a finished sentence ends; some are answers to questions
    backchannel          a token of 0.25-0.95 s while the other goes on
    completion           a word supplied to a speaker who searches for it, repeated as a check, or said along
    butting_in           2-6 words, broken off, while the other goes on
    interruption         the holder is cut mid-sentence, 0.2-1 s after the other began, and stays silent
    silent_interruption  the holder is cut between two words, the other begins up to 0.1 s later
    needed               as an interruption, but the other asks leave ("sorry to interrupt")
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from turns_calls import SILENCES, Call, Cast, Event, Placed, Silence
from turns_voices import RATE_HZ, Saying


def make_call(cast: Cast) -> Call:
    """Every kind once, four harmless scenes and one long silence, in an order of chance."""
    call = Call()
    scenes: list[Callable] = [*SCENES.values(), smooth, latched, paused, token_in_pause, trailing_off]
    scenes.append(SILENCE_SCENES[cast.one(SILENCES)])
    holder = int(cast.chance.integers(2))
    for place in cast.chance.permutation(len(scenes)):
        scenes[place](call, cast, holder)
        last = max((item for item in call.placed if not item.inserted), key=lambda item: item.end_s).channel
        holder = 1 - last if cast.chance.random() < 0.75 else last
    return call


def _put(
    call: Call, cast: Cast, who: int, saying: Saying, start_s: float, inserted: bool = False, quiet: bool = False
) -> Placed:
    level_db = cast.between(-5.0, 0.0) if quiet else cast.between(-1.5, 2.0)
    item = Placed(who, round(start_s * RATE_HZ) / RATE_HZ, saying, level_db, inserted)
    call.placed.append(item)
    return item


def _next_s(call: Call, cast: Cast) -> float:
    """When the next scene begins: after a gap of everyday length (median 0.4 s)."""
    return call.end_s + min(1.8, float(cast.chance.lognormal(np.log(0.4), 0.5)) + 0.12)


def _event(call: Call, kind: str, holder: Placed, comer: Placed) -> None:
    both = [(max(a, c), min(b, d)) for a, b in holder.spans for c, d in comer.spans if min(b, d) - max(a, c) >= 0.05]
    start_s, end_s = (both[0][0], both[-1][1]) if both else (comer.start_s, comer.start_s)
    call.events.append(Event(kind, comer.channel, start_s, end_s))


def _cut(saying: Saying, cast: Cast, torn: bool, least_s: float = 1.2) -> float:
    """A time at which the saying is unfinished: in the middle of a word, or at the end of one."""
    words = saying.words
    inner = [
        (word.start_s + cast.between(0.4, 0.8) * (word.end_s - word.start_s)) if torn else word.end_s
        for place, word in enumerate(words[:-2])
        if place >= 3 and word.end_s > least_s and (word.end_s - word.start_s > 0.2 if torn else not word.may_end)
    ]
    if not inner:  # a short prompt
        inner = [word.end_s for word in words[2:-1] if not word.may_end] or [words[-2].start_s + 0.1]
    return float(cast.chance.choice(inner))


def terminal(call: Call, cast: Cast, holder: int) -> None:
    asked = cast.chance.random() < 0.35
    saying = cast.say(holder, cast.one(cast.texts.questions)) if asked else cast.holding(holder)
    reply = cast.one(cast.texts.answers if asked else cast.texts.takers)
    first = _put(call, cast, holder, saying, _next_s(call, cast))
    after = _put(call, cast, 1 - holder, cast.say(1 - holder, reply), first.end_s - cast.between(0.1, 0.5))
    _event(call, "terminal", first, after)


def backchannel(call: Call, cast: Cast, holder: int) -> None:
    saying = cast.holding(holder)
    tokens = [cast.say(1 - holder, text) for text in cast.texts.tokens]
    token = cast.chance.choice(np.array([t for t in tokens if 0.25 <= t.length_s <= 0.95], dtype=object))
    first = _put(call, cast, holder, saying, _next_s(call, cast))
    low_s, high_s = first.start_s + 0.7, first.end_s - token.length_s - 0.35
    start_s = _while_sounding(first, cast, low_s, max(low_s, high_s), 0.2)
    _event(call, "backchannel", first, _put(call, cast, 1 - holder, token, start_s, inserted=True, quiet=True))


def _while_sounding(item: Placed, cast: Cast, low_s: float, high_s: float, for_s: float) -> float:
    """A time between the two at which the item sounds, and goes on for `for_s`."""
    for _ in range(50):
        start_s = cast.between(low_s, high_s)
        if any(a <= start_s and start_s + for_s <= b for a, b in item.spans):
            return start_s
    return item.start_s + 0.7


def completion(call: Call, cast: Cast, holder: int) -> None:
    cast.chance.choice([_supplied, _repeated])(call, cast, holder)


def _supplied(call: Call, cast: Cast, holder: int) -> None:
    searching, word, uptake = cast.texts.searches[cast.chance.integers(len(cast.texts.searches))]
    first = _put(call, cast, holder, cast.say(holder, searching), _next_s(call, cast))
    start_s = first.end_s - cast.between(0.12, 0.35)
    offered = _put(call, cast, 1 - holder, cast.say(1 - holder, word), start_s, inserted=True)
    _put(call, cast, holder, cast.say(holder, uptake), offered.end_s + cast.between(0.05, 0.4))
    _event(call, "completion", first, offered)


def _repeated(call: Call, cast: Cast, holder: int) -> None:
    """The word is repeated just after it was said, or said along with the holder."""
    statement, phrase = cast.texts.checks[cast.chance.integers(len(cast.texts.checks))]
    saying = cast.say(holder, statement)
    first = _put(call, cast, holder, saying, _next_s(call, cast))
    plain = [word.text.rstrip(".,") for word in saying.words]
    place = plain.index(phrase.split()[0])
    said = saying.words[place], saying.words[place + len(phrase.split()) - 1]
    along = cast.chance.random() < 0.4
    at_s = said[0].start_s + cast.between(0.0, 0.15) if along else said[1].end_s + cast.between(0.05, 0.4)
    word = cast.say(1 - holder, f"{phrase.capitalize()}?")
    at_s = min(at_s, max(0.3, saying.length_s - word.length_s - 0.3))
    _event(call, "completion", first, _put(call, cast, 1 - holder, word, first.start_s + at_s, inserted=True))


def butting_in(call: Call, cast: Cast, holder: int) -> None:
    attempt = cast.say(1 - holder, cast.one(cast.texts.takers))
    count = int(cast.chance.integers(2, 7))
    stop_s = attempt.words[count - 1].end_s if cast.chance.random() < 0.6 else attempt.words[count].start_s + 0.1
    attempt = attempt.upto(float(np.clip(stop_s, 0.4, 1.4)))
    saying = cast.holding(holder)
    while saying.length_s < attempt.length_s + 1.6:
        saying = saying.then(cast.statement(holder), cast.between(0.2, 0.5))
    first = _put(call, cast, holder, saying, _next_s(call, cast))
    start_s = _while_sounding(
        first, cast, first.start_s + 0.6, first.end_s - attempt.length_s - 0.6, attempt.length_s * 0.7
    )
    _event(call, "butting_in", first, _put(call, cast, 1 - holder, attempt, start_s, inserted=True))


def interruption(call: Call, cast: Cast, holder: int, kind: str = "interruption") -> None:
    whole = cast.holding(holder)
    stop_s = _cut(whole, cast, torn=bool(cast.chance.random() < 0.5))
    first = _put(call, cast, holder, whole.upto(stop_s), _next_s(call, cast))
    words = cast.texts.announced if kind == "needed" else cast.texts.takers
    yields_s = 0.4 if cast.chance.random() < 0.25 else cast.between(0.2, 1.0)
    start_s = max(first.start_s + 0.3, first.end_s - yields_s)
    taken = _put(call, cast, 1 - holder, cast.say(1 - holder, cast.one(words)), start_s)
    _event(call, kind, first, taken)
    _maybe_resumed(call, cast, holder, whole, stop_s, taken)


def needed(call: Call, cast: Cast, holder: int) -> None:
    interruption(call, cast, holder, "needed")


def silent_interruption(call: Call, cast: Cast, holder: int) -> None:
    whole = cast.holding(holder)
    stop_s = _cut(whole, cast, torn=False)
    first = _put(call, cast, holder, whole.upto(stop_s), _next_s(call, cast))
    start_s = first.end_s + cast.between(0.0, 0.1)
    taken = _put(call, cast, 1 - holder, cast.say(1 - holder, cast.one(cast.texts.takers)), start_s)
    call.events.append(Event("silent_interruption", 1 - holder, taken.start_s, taken.start_s))
    _maybe_resumed(call, cast, holder, whole, stop_s, taken)


def _maybe_resumed(call: Call, cast: Cast, holder: int, whole: Saying, stop_s: float, taken: Placed) -> None:
    """Four in ten go on later with what was cut."""
    if cast.chance.random() < 0.4:
        _put(call, cast, holder, whole.since(stop_s), taken.end_s + cast.between(0.15, 0.6))


def smooth(call: Call, cast: Cast, holder: int) -> None:
    """A finished turn, a gap, the next one."""
    first = _put(call, cast, holder, cast.holding(holder), _next_s(call, cast))
    _put(
        call, cast, 1 - holder, cast.say(1 - holder, cast.one(cast.texts.takers)), first.end_s + cast.between(0.12, 0.9)
    )


def latched(call: Call, cast: Cast, holder: int) -> None:
    """A finished turn, and the next one with hardly a gap."""
    first = _put(call, cast, holder, cast.holding(holder), _next_s(call, cast))
    _put(
        call, cast, 1 - holder, cast.say(1 - holder, cast.one(cast.texts.takers)), first.end_s + cast.between(0.0, 0.1)
    )


def paused(call: Call, cast: Cast, holder: int) -> None:
    """A pause in the middle of a sentence in which nobody comes in."""
    whole = cast.statement(holder)
    stop_s = _cut(whole, cast, torn=False)
    _put(call, cast, holder, whole.upto(stop_s).then(whole.since(stop_s), cast.between(0.4, 0.95)), _next_s(call, cast))


def token_in_pause(call: Call, cast: Cast, holder: int) -> None:
    """A token in a pause of the holder, with no overlap: listening, and no event."""
    token = cast.say(1 - holder, cast.one(cast.texts.tokens))
    before_s, after_s = cast.between(0.12, 0.3), cast.between(0.12, 0.3)
    first = cast.statement(holder)
    saying = first.then(cast.statement(holder), before_s + token.length_s + after_s)
    item = _put(call, cast, holder, saying, _next_s(call, cast))
    _put(call, cast, 1 - holder, token, item.start_s + first.length_s + before_s, inserted=True, quiet=True)


def trailing_off(call: Call, cast: Cast, holder: int) -> None:
    """An unfinished turn, a second of silence, and then the other: nobody was cut."""
    whole = cast.statement(holder)
    first = _put(call, cast, holder, whole.upto(_cut(whole, cast, torn=False)), _next_s(call, cast))
    _put(
        call, cast, 1 - holder, cast.say(1 - holder, cast.one(cast.texts.takers)), first.end_s + cast.between(0.9, 1.8)
    )


def _silence(call: Call, cast: Cast, kind: str, before: tuple[int, str], after: tuple[int, str], long_s: float) -> None:
    first = _put(call, cast, before[0], cast.say(*before), _next_s(call, cast))
    second = _put(call, cast, after[0], cast.say(*after), first.end_s + long_s)
    call.silences.append(Silence(kind, first.end_s, second.start_s))


def announced(call: Call, cast: Cast, _: int) -> None:
    words = cast.texts
    _silence(call, cast, "announced", (0, cast.one(words.waits)), (0, cast.one(words.takers)), cast.between(4, 9))


def music(call: Call, cast: Cast, _: int) -> None:
    words = cast.texts
    _silence(call, cast, "music", (0, cast.one(words.waits)), (0, cast.one(words.takers)), cast.between(7, 12))
    call.music.append((call.silences[-1].start_s + 0.5, call.silences[-1].end_s - 0.3))


def unannounced(call: Call, cast: Cast, _: int) -> None:
    words = cast.texts
    _silence(
        call, cast, "unannounced", (1, cast.one(words.statements)), (0, cast.one(words.takers)), cast.between(4, 8)
    )


def thinking(call: Call, cast: Cast, _: int) -> None:
    words = cast.texts
    _silence(call, cast, "thinking", (0, cast.one(words.questions)), (1, cast.one(words.answers)), cast.between(3.2, 6))


_KINDS = (terminal, backchannel, completion, butting_in, interruption, silent_interruption, needed)
SCENES = {scene.__name__: scene for scene in _KINDS}
SILENCE_SCENES = {scene.__name__: scene for scene in (announced, music, unannounced, thinking)}
