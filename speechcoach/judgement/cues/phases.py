"""The course of the call: opened, understood, proposed, agreed, closed.

What it sees: where each part first comes, whether they come in this order, how often the talk goes back from a proposal
to questions, and how the call ends for the customer: resolved or promised in so many words, or with the
customer's own word that it is not good.
Why it matters: a proposal before the questions solves the wrong thing, one without a yes is not agreed, and a
call that ends on "that is not good enough" will be made again.
Source: R-PROBLEM; problem solving as identify, analyse, decide, implement; phases of institutional telephone talk
(Zimmerman 1992).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from speechcoach.conversation.wording import has_phrase
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import Sentence, sentences
from speechcoach.records import Facts, Finding

TITLE = "Course of the call"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_RITUAL = ("offer_of_help", "greeting", "anything_else", "check_help", "hold_announcement")
_TELLS_WORDS = 8
_LAST_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Norm:
    min_phases: float = 5
    max_back_tracks: float = 3
    max_objections: float = 0
    min_call_s: float = 40.0
    solution: tuple[str, ...] = ()
    confirmation: tuple[str, ...] = ()
    solved: tuple[str, ...] = ()
    not_solved: tuple[str, ...] = ()
    promise: tuple[str, ...] = ()


EXPLAIN = {
    "course": "The call went through its parts in order and ended well: {why}.",
    "back_tracks": "After a proposal the talk went back to questions {value:.0f} times.",
    "unresolved": "{Other} said near the end that it was not good enough, and agreed to nothing after that.",
}
ADVICE = {
    "course": "Keep it.",
    "back_tracks": "Collect all you need before the first proposal: what happened, since when, what was tried.",
    "unresolved": 'Stay for one more sentence: "I hear that this does not help you. What would?"',
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    said = [item for item in sentences(facts) if item.sure]
    if not said or said[-1].end_s - said[0].start_s < norm.min_call_s:
        raise Abstain(f"the conversation is shorter than {norm.min_call_s:g} s")
    objection = _last_objection(said, norm)
    if objection:
        return [_unresolved(objection, norm)]
    proposed = [item for item in said if _proposes(item, norm)]
    if not proposed:
        raise Abstain("no proposal was recognised in the agent's words")
    back = _back_tracks(said, norm)
    if len(back) > norm.max_back_tracks:
        return [_went_back(back, norm)]
    return _course(said, proposed[0], norm)


def _proposes(item: Sentence, norm: Norm) -> bool:
    waits = item.does("hold_announcement", "offer_of_help", "interrupting_politely")
    return (
        item.speaker == AGENT
        and not waits
        and not item.asks
        and (item.does("solution_offer") or has_phrase(item.tokens, norm.solution))
    )


def _asks(item: Sentence) -> bool:
    return item.speaker == AGENT and item.asks and len(item.tokens) > 3 and not item.does(*_RITUAL)


def _agrees(item: Sentence, norm: Norm) -> bool:
    yes = item.does("thanks") or has_phrase(item.tokens, norm.confirmation + norm.solved, at_start=True)
    return item.speaker == CUSTOMER and (yes or has_phrase(item.tokens, norm.solved)) and not _objects(item, norm)


def _objects(item: Sentence, norm: Norm) -> bool:
    return item.speaker == CUSTOMER and not item.asks and has_phrase(item.tokens, norm.not_solved)


def _last_objection(said: list[Sentence], norm: Norm) -> Sentence | None:
    """The customer's word that it is not good, late in the call, with no agreement of the customer's after it."""
    late_s = said[0].start_s + _LAST_SHARE * (said[-1].end_s - said[0].start_s)
    objections = [item for item in said if item.start_s >= late_s and _objects(item, norm)]
    if not objections or any(_agrees(item, norm) and item.start_s > objections[-1].start_s for item in said):
        return None
    return objections[-1]


def _back_tracks(said: list[Sentence], norm: Norm) -> list[Sentence]:
    """Questions about the matter right after a stretch that had come to a proposal."""
    steps = [item for item in said if _proposes(item, norm) or _asks(item)]
    return [later for first, later in pairwise(steps) if _proposes(first, norm) and _asks(later)]


def _course(said: list[Sentence], proposal: Sentence, norm: Norm) -> list[Finding]:
    parts = {
        "opened": _first(said, lambda item: item.speaker == AGENT and item.does("greeting", "offer_of_help")),
        "understood": _first(said, lambda item: _finds_out(item)),
        "proposed": proposal,
        "agreed": _first(said, lambda item: item.start_s > proposal.end_s and _agrees(item, norm)),
        "closed": _first(
            said,
            lambda item: (
                item.start_s > proposal.end_s and item.speaker == AGENT and item.does("farewell", "anything_else")
            ),
        ),
    }
    there = {name: item for name, item in parts.items() if item}
    ordered = all(first.start_s <= later.start_s for first, later in pairwise(there.values()))
    outcome = _outcome(said, proposal, norm)
    if len(there) < norm.min_phases or not ordered or not outcome:
        return []
    return [_praise(list(there.values()), f"{', '.join(there)}; {outcome}", norm)]


def _finds_out(item: Sentence) -> bool:
    """The customer tells the matter, or the agent asks about it."""
    return _asks(item) or (item.speaker == CUSTOMER and len(item.tokens) >= _TELLS_WORDS)


def _first(said: list[Sentence], what: Callable[[Sentence], bool]) -> Sentence | None:
    return next((item for item in said if what(item)), None)


def _outcome(said: list[Sentence], proposal: Sentence, norm: Norm) -> str:
    after = [item for item in said if item.start_s > proposal.start_s]
    solved = [item for item in after if item.speaker == CUSTOMER and has_phrase(item.tokens, norm.solved)]
    if solved:
        return f'the customer said "{shortened(solved[-1].text, 12).rstrip(".")}"'
    promised = [item for item in after if item.speaker == AGENT and has_phrase(item.tokens, norm.promise)]
    return f'promised: "{shortened(promised[-1].text, 16)}"' if promised else ""


def _praise(parts: list[Sentence], why: str, norm: Norm) -> Finding:
    return finding(
        "phases",
        sorted({item.span for item in parts}),
        value=len(parts),
        norm=norm,
        threshold="min_phases",
        unit="parts in order",
        quote=shortened(parts[2].text),
        why=why,
        variant="course",
        strength=True,
        unless="a part had been missing or out of order, or the customer had not agreed",
    )


def _went_back(back: list[Sentence], norm: Norm) -> Finding:
    return finding(
        "phases",
        [item.span for item in back],
        value=len(back),
        norm=norm,
        threshold="max_back_tracks",
        unit="times back to questions",
        quote=" | ".join(shortened(item.text, 14) for item in back[:3]),
        variant="back_tracks",
        unless="the questions had come before the first proposal",
    )


def _unresolved(objection: Sentence, norm: Norm) -> Finding:
    return finding(
        "phases",
        [objection.span],
        value=1,
        norm=norm,
        threshold="max_objections",
        unit="objection left standing",
        quote=objection.text,
        variant="unresolved",
        unless="the customer had agreed to something after it",
    )
