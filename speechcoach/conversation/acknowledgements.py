"""Saying that one listens: "uh-huh", "yeah", "oh, okay", told from answers and from agreeing by who holds the floor.

A backchannel leaves the floor to the other (Yngve 1970); any other acknowledgement takes note, or agrees. Their words
are the same; what tells them apart is whether the other goes on, and whether something was asked.
"""

from __future__ import annotations

from math import log1p

from speechcoach.conversation.context import Conversation, Said, single
from speechcoach.conversation.wording import ends_sentence

MOST_TOKENS = 6  # more are no acknowledgement


def may_acknowledge(said: Said) -> bool:
    """Short enough to be one."""
    return said.acknowledges or len(said.core) <= MOST_TOKENS


def evidence(talk: Conversation, place: int, asks: float) -> dict[str, float]:
    """What speaks for and against an acknowledgement; `asks` is the probability that the clause before asks."""
    said, phrases = talk.said[place], talk.phrases
    filler = single(phrases["filler"])
    core = tuple(token for token in said.tokens if token not in filler) or said.tokens
    begins = said.begins | talk.book.at(core, 0)
    before = talk.said[place - 1] if place else None
    other = before is not None and before.speaker != said.speaker
    own = before is not None and not other
    ended = before is not None and ends_sentence(before.clause.words[-1])
    reply = talk.reply(place)
    return {
        "acknowledges": float(said.acknowledges),
        "continuer": float(core[0] in single(phrases["continuer"])),
        "yes": float("yes" in begins),
        "no": float("no" in begins),
        "takes_note": float("taking_note" in begins),
        "agrees": float("agreement" in begins),
        "agrees_strongly": float("strong_agreement" in said.holds),
        "appreciates": float("appreciation" in said.holds),
        "surprised": float("surprise" in said.holds),
        "only_filler": float(all(token in filler for token in said.tokens)),
        "one_word": float(len(core) == 1),
        "only_yes": float(len(core) == 1 and "yes" in begins),
        "only_continuer": float(len(core) == 1 and "continuer" in begins),
        "only_note": float(len(core) == 1 and "taking_note" in begins),
        "points_first": float("pointing" in said.opens),
        "first_person": float("first_person" in said.holds),
        "heard_full_stop": float(other and ended),
        "heard_break": float(other and talk.punctuated and not ended),
        "length": log1p(len(core)),
        "content": float(bool(said.content)),
        "joins_on": float(said.tokens[0] in single(phrases["joining"])),
        "question_mark": float(said.clause.asks),
        "opens_turn": float(talk.opens_turn(place)),
        "closes_turn": float(talk.closes_turn(place)),
        "floor_before": talk.floor_before(place),
        "floor_after": talk.floor_after(place),
        "asked": asks if other else 0.0,
        "asked_yes": asks * float("yes" in begins) if other else 0.0,
        "just_acknowledged": float(own and before is not None and before.acknowledges),
        "after_acknowledgement": float(other and before is not None and before.acknowledges),
        "answered_by_acknowledgement": float(reply is not None and reply.acknowledges),
        "answer_length": log1p(len(reply.tokens)) if reply and talk.closes_turn(place) else 0.0,
        "yes_closes": float("yes" in begins and talk.closes_turn(place)),
        "yes_alone_in_floor": float("yes" in begins) * talk.floor_after(place),
    }
