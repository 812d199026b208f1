"""Taking up what the other said: summing up, repeating, ending their sentence, checking that it was understood.

What shows it: words of content that come back, from somebody who has been listening rather than telling; speaking of
the other and not of oneself; an inference ("so ..."); and the other saying yes to it. No phrase alone proves it, and
none is needed.
"""

from __future__ import annotations

from math import log1p

from speechcoach.conversation.context import Conversation, Said, longest_run, single
from speechcoach.conversation.wording import ends_sentence

_NEAR = 3  # clauses of the other that a repeat or a completion answers to
_MANY = 12  # tokens beyond which novelty says no more


def evidence(talk: Conversation, place: int, asks: float, asked_before: float) -> dict[str, float]:
    """What speaks for and against taking up, beside what `questions.evidence` tells.

    `asks` is the probability that this clause asks, `asked_before` that the one before did.
    """
    said = talk.said[place]
    heard = talk.heard(place)
    before = talk.said[place - 1] if place else None
    return {
        "asks": asks,
        "asked_by_other": asked_before * float(before is not None and before.speaker != said.speaker),
        "asked_by_self": asked_before * float(before is not None and before.speaker == said.speaker),
        **shared(talk, place, heard),
        **manner(talk, said),
        **last_heard(talk, place, before),
        **turn(talk, place, heard),
    }


def shared(talk: Conversation, place: int, heard: list[Said]) -> dict[str, float]:
    """How much of the clause the other has just said, and how much of it comes back in their reply."""
    said, near = talk.said[place], heard[:_NEAR]
    core = tuple(token for token in said.core if token not in single(talk.phrases["yes"])) or said.core
    words = {token for one in near for token in one.tokens}
    stems = frozenset().union(*(one.content for one in heard))
    own = frozenset().union(*(one.content for one in talk.before(place, False, 6)))
    run = max((longest_run(core, one.tokens) for one in near), default=0)
    last = longest_run(core, heard[0].tokens) if heard else 0
    reply = talk.reply(place)
    count = max(len(said.content), 1)
    return {
        "content": log1p(len(said.content)),
        "content_shared": len(said.content & stems) / count,
        "stems_shared": min(len(said.content & stems), 4) / 2,
        "content_own": len(said.content & own) / count,
        "content_in_reply": len(said.content & reply.content) / count if reply else 0.0,
        "words_shared": sum(token in words for token in core) / len(core),
        "words_new": min(sum(token not in words for token in core), _MANY) / 3,
        "run": run / len(core),
        "run_length": min(run, 5) / 3,
        "run_of_last": last / len(core),
        "all_repeated": float(last == len(core)),
        "same_end": float(bool(heard) and core[-1] == heard[0].tokens[-1]),
    }


def manner(talk: Conversation, said: Said) -> dict[str, float]:
    """How it is said."""
    phrases = talk.phrases
    return {
        "announced": float("restatement" in said.holds),
        "likens": float("likening" in said.holds),
        "feeling": float("feeling" in said.holds),
        "advises": float("advice" in said.holds),
        "must": float("necessity" in said.holds),
        "negates": float("negation" in said.holds),
        "third_person": float("third_person" in said.holds),
        "points_first": float("pointing" in said.opens),
        "number": float(any(token[0].isdigit() for token in said.tokens)),
        "begins_surprised": float(said.tokens[0] in single(phrases["surprise"])),
    }


def last_heard(talk: Conversation, place: int, before: Said | None) -> dict[str, float]:
    """What the other's last words were like, where they come just before."""
    other = before is not None and before.speaker != talk.said[place].speaker
    open_end = other and before is not None and before.tokens[-1] in single(talk.phrases["unfinished"])
    ended = before is not None and ends_sentence(before.clause.words[-1])
    return {
        "heard_unfinished": float(open_end),
        "heard_full_stop": float(other and ended),
        "heard_break": float(other and talk.punctuated and not ended),
        "heard_acknowledgement": float(other and before is not None and before.acknowledges),
        "heard_little": float(other and before is not None and len(before.tokens) <= 3),
        "floors": talk.floor_before(place) * talk.floor_after(place),
    }


def turn(talk: Conversation, place: int, heard: list[Said]) -> dict[str, float]:
    """The turn it stands in, and the story it answers."""
    own = talk.turn_around(place)
    said = talk.said[place]
    flips = "second_person" in said.holds and any("first_person" in one.holds for one in heard[:_NEAR])
    return {
        "turn_length": log1p(sum(len(one.tokens) for one in own)),
        "turn_advises": sum("advice" in one.holds for one in own) / len(own),
        "turn_asks": float(any(one.clause.asks for one in own)),
        "story_length": log1p(talk.story(place)),
        "their_i_is_your_you": float(flips),
        "speaks_of_both": float("second_person" in said.holds and "first_person" in said.holds),
    }
