"""Whether a clause asks, and how: by its mark, its form, and what the other does next.

A recogniser's question mark is evidence and no more: statements that ask ("so you live in Dallas") often have none, and
without any punctuation there is nothing but form and answer. How much a clause sounds like a question comes from
`asking.py`. Open and closed are told by form alone: Yes and no can answer a closed one.
"""

from __future__ import annotations

from math import log1p

from speechcoach.conversation import asking
from speechcoach.conversation.context import Conversation, Phrases, Said, single

_REACH = 5  # tokens from a question word to the verb that it asks with ("how many calls have you")
_ASKING = 6.0  # beyond this logit nothing is surer


def sounds_asking(said: Said, phrases: Phrases) -> float:
    """Logit that its words ask, -6 to 6; 0 in a language that has no counts of it."""
    if not phrases["asking"]:
        return 0.0
    logit = asking.load(phrases["asking"][0]).logit(said.core)
    return max(-_ASKING, min(_ASKING, logit))


def evidence(talk: Conversation, place: int) -> dict[str, float]:
    """What speaks for and against a question; numbers of about -2 to 3."""
    said, phrases = talk.said[place], talk.phrases
    return {**form(said, phrases, talk.punctuated), **answer(talk, place), **situation(talk, place)}


def form(said: Said, phrases: Phrases, punctuated: bool) -> dict[str, float]:
    """What the clause itself tells."""
    core = said.core
    auxiliary, subject = single(phrases["auxiliary"]), single(phrases["subject"])
    inverted = [at for at in range(len(core) - 1) if core[at] in auxiliary and core[at + 1] in subject]
    return {
        "question_mark": float(said.clause.asks),
        "no_question_mark": float(punctuated and not said.clause.asks),
        "sounds_asking": sounds_asking(said, phrases) / 3,
        "sounds_asking_unmarked": 0.0 if punctuated else sounds_asking(said, phrases) / 3,
        "question_word_first": float("question_word" in said.opens),
        "inverted_first": float(inverted[:1] == [0]),
        "inverted_later": float(any(at > 0 for at in inverted)),
        "question_tag": float("question_tag" in said.ends),
        "open_end": float(said.tokens[-1] in single(phrases["alternative"])),
        "alternative": float(any(token in single(phrases["alternative"]) for token in core[1:-1])),
        "begins_alternative": float(said.tokens[0] in single(phrases["alternative"])),
        "wonders": float("wondering" in said.holds),
        "second_person": float("second_person" in said.holds),
        "second_person_first": float("second_person" in said.opens),
        "first_person": float("first_person" in said.holds),
        "first_person_first": float("first_person" in said.opens),
        "thinks": float("opinion" in said.holds),
        "infers": float("inference" in said.begins),
        "joins_on": float(said.tokens[0] in single(phrases["joining"])),
        "begins_yes": float("yes" in said.begins),
        "one_word": float(len(core) == 1),
        "few_words": float(len(core) <= 4),
        "length": log1p(len(core)),
        "no_content": float(not said.content),
        "acknowledges": float(said.acknowledges),
    }


def answer(talk: Conversation, place: int) -> dict[str, float]:
    """What the other says next; nothing where nobody else speaks soon."""
    reply, closes = talk.reply(place), talk.closes_turn(place)
    begins = reply.begins if reply else frozenset()
    yes, no = "yes" in begins, "no" in begins
    return {
        "answered": float(reply is not None),
        "closes_turn": float(closes),
        "yes_at_once": float(yes and closes),
        "yes_later": float(yes and not closes),
        "no_at_once": float(no and closes),
        "no_later": float(no and not closes),
        "agreed": float("agreement" in begins),
        "only_acknowledged": float(reply is not None and reply.acknowledges),
        "only_continuer": float("continuer" in begins),
        "answer_length": log1p(len(reply.tokens)) if reply and closes else 0.0,
        "answer_of_self": float(closes and reply is not None and "first_person" in reply.opens),
    }


def situation(talk: Conversation, place: int) -> dict[str, float]:
    """Who holds the floor, and what the same speaker has just done."""
    said = talk.said[place]
    before = talk.said[place - 1] if place else None
    own = before is not None and before.speaker == said.speaker
    return {
        "opens_turn": float(talk.opens_turn(place)),
        "floor_before": talk.floor_before(place),
        "floor_after": talk.floor_after(place),
        "just_acknowledged": float(own and before is not None and before.acknowledges),
    }


def is_open(said: Said, phrases: Phrases) -> bool:
    """A question that yes or no does not answer: a question word stands where it asks, or it invites to tell."""
    core, words = said.core, single(phrases["question_word"])
    auxiliary, subject = single(phrases["auxiliary"]), single(phrases["subject"])
    if "invitation" in said.holds:
        return True
    tells = single(phrases["telling_word"])
    asking_at = [
        at
        for at, token in enumerate(core)
        if token in words and not (token in tells and at + 1 < len(core) and core[at + 1] in subject)
    ]
    inverted = next((at for at in range(len(core) - 1) if core[at] in auxiliary and core[at + 1] in subject), None)
    if inverted is not None:
        return any(0 < inverted - place <= _REACH for place in asking_at)
    return bool(asking_at) and asking_at[0] in (0, 1, len(core) - 1)
