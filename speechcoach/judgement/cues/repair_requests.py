"""When the customer has not understood.

What it sees: customer's requests for repair ("sorry?", "could you say that again?", "what do you mean?"), and whether
the agent's next turn comes back to it in other words, or slower than usual for this speaker.
Why it matters: the same words at the same pace fail the same way; many callers ask once and then pretend.
Source: R-ACCESS; other-initiated repair as a universal of talk (Dingemanse et al. 2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from speechcoach.conversation.wording import has_phrase, only_phrases, tokens
from speechcoach.judgement.content import content, digits, is_copy
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, floor_turns, shortened
from speechcoach.judgement.sentences import Sentence, before, replies, sentences, text_of
from speechcoach.records import Facts, Finding

TITLE = "Not understood"
PRAISE = "Said again, better"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_HEARD_S = 20.0
_MIN_TOKENS = 4


@dataclass(frozen=True, slots=True)
class Norm:
    max_passed_over: float = 0
    slower_share: float = 0.95
    min_answered: float = 1
    repair_request: tuple[str, ...] = ()
    repair_word: tuple[str, ...] = ()
    function_words: tuple[str, ...] = ()


EXPLAIN = {
    "repaired": "{Other} had not understood, and {who} said it again ({why}).",
    "passed_over": "{Other} had not understood, and {who} went on with another question.",
}
ADVICE = {
    "repaired": "Keep it: other words and less speed are what helps.",
    "passed_over": "Go back one step: the same thing in shorter words, and slower.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    requests = [item for item in sentences(facts, CUSTOMER, inserted=True) if _requests(facts, item, norm)]
    answered = [(item, reply) for item in requests if (reply := replies(facts, item))]
    if not answered:
        raise Abstain("the customer never asks to hear something again")
    repaired = [(item, reply, how) for item, reply in answered if (how := _how(facts, item, reply, norm))]
    done = [item for item, _, _ in repaired]
    passed = [(item, reply) for item, reply in answered if item not in done and _goes_on(reply)]
    found = [_passed_over(item, reply, norm) for item, reply in passed]
    if len(repaired) >= norm.min_answered:
        found.append(_repaired(repaired, norm))
    return sorted(found, key=lambda item: item.spans[0])


def _requests(facts: Facts, item: Sentence, norm: Norm) -> bool:
    """Asked in so many words, or with one word that stands alone and asks ("Sorry?"); after the agent spoke."""
    alone = item.text.rstrip().endswith("?") and only_phrases(item.tokens, norm.repair_word)
    asks = alone or has_phrase(item.tokens, norm.repair_request)
    return asks and item.sure and bool(before(facts, item, _HEARD_S))


def _goes_on(reply: list[Sentence]) -> bool:
    """The reply asks something else: a statement may always be another way of saying it."""
    return all(item.asks for item in reply) and len(reply[0].tokens) >= _MIN_TOKENS


def _how(facts: Facts, item: Sentence, reply: list[Sentence], norm: Norm) -> str:
    """In which way the reply comes back to what was not understood; "" where it does not."""
    heard = text_of(before(facts, item, _HEARD_S))
    said = text_of(reply)
    about = content(heard, norm.function_words) & content(said, norm.function_words)
    same = is_copy(tokens(said), tokens(heard))
    number = any(piece and piece in digits(heard) for piece in map(digits, said.split()) if len(piece) >= 2)
    ways = ["in other words" if about else "the number again"] if number or (about and not same) else []
    if _is_slower(facts, reply, norm):
        ways.append("slower than usual")
    return " and ".join(ways)


def _is_slower(facts: Facts, reply: list[Sentence], norm: Norm) -> bool:
    rates = [turn.articulation_sps for turn in floor_turns(facts, AGENT) if turn.articulation_sps]
    rate = reply[0].turn.articulation_sps
    return bool(rates) and rate is not None and rate < norm.slower_share * median(rates)


def _repaired(repaired: list[tuple[Sentence, list[Sentence], str]], norm: Norm) -> Finding:
    item, reply, how = repaired[0]
    return finding(
        "repair_requests",
        [request.span for request, _, _ in repaired],
        value=len(repaired),
        norm=norm,
        threshold="min_answered",
        unit="request answered" if len(repaired) == 1 else "requests answered",
        quote=f"Customer: {shortened(item.text)} | Agent: {shortened(text_of(reply))}",
        why=how,
        variant="repaired",
        strength=True,
        unless="the agent had gone on without saying it again",
    )


def _passed_over(item: Sentence, reply: list[Sentence], norm: Norm) -> Finding:
    return finding(
        "repair_requests",
        [item.span],
        value=1,
        norm=norm,
        threshold="max_passed_over",
        unit="request passed over",
        quote=f"Customer: {shortened(item.text)} | Agent: {shortened(text_of(reply))}",
        variant="passed_over",
        unless="the agent had said it again in other words, or slower",
    )
