"""Neither too much nor too little.

What it sees: on the one side, what the agent tells again in nearly the same words although nobody asked for it; on the
other, customer's questions that were passed over, where there is more than one. A summary is no repetition.
Why it matters: what is told twice is listened to half; what is not told has to be asked for again.
Source: R-AMOUNT; the maxims of quantity (Grice 1975): as much as is needed, and not more.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.wording import has_phrase
from speechcoach.judgement.answers import AnswerWords, exchanges
from speechcoach.judgement.content import content
from speechcoach.judgement.cue import AGENT, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import Sentence, before, sentences
from speechcoach.records import Facts, Finding

TITLE = "Too much or too little"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_NOT_INFORMATION = (
    "restatement", "check_understanding", "check_help", "anything_else", "greeting", "thanks", "farewell", "apology",
    "empathy", "hold_announcement", "offer_of_help", "question", "read_back", "blame",
)  # fmt: skip
_CLIPS = 5
_ASKED_FOR_S = 20.0


@dataclass(frozen=True, slots=True)
class Norm(AnswerWords):
    max_repeated: float = 0
    same_share: float = 0.8
    min_content_words: float = 6
    max_unanswered: float = 1
    min_informing: float = 2
    repair_request: tuple[str, ...] = ()


EXPLAIN = {
    "too_much": "{Who} said the same thing again in nearly the same words, and nobody had asked for it.",
    "too_little": "{value:.0f} questions of {other} were passed over.",
}
ADVICE = {
    "too_much": 'Ask whether it arrived instead of telling it again: "Does that make sense so far?"',
    "too_little": "Note each question as it comes, and tick it off before you go on.",
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    told = [item for item in sentences(facts, AGENT) if _informs(item, norm)]
    asked = exchanges(facts, norm)
    if len(told) < norm.min_informing and not asked:
        raise Abstain("the agent gave little information, and the customer asked for none")
    repeated = _repeated(facts, told, norm)
    unanswered = [item for item in asked if item.passed_over]
    found = [_too_much(repeated, norm)] if len(repeated) > norm.max_repeated else []
    if len(unanswered) > norm.max_unanswered:
        found.append(_too_little([item.question for item in unanswered], norm))
    return sorted(found, key=lambda item: item.spans[0])


def _informs(item: Sentence, norm: Norm) -> bool:
    return item.sure and not item.does(*_NOT_INFORMATION) and len(_content(item, norm)) >= norm.min_content_words


def _content(item: Sentence, norm: Norm) -> set[str]:
    return content(item.text, norm.function_words)


def _repeated(facts: Facts, told: list[Sentence], norm: Norm) -> list[tuple[Sentence, Sentence]]:
    """What was told before, and where it was told again."""
    stems = [_content(item, norm) for item in told]
    found = []
    for place, again in enumerate(told):
        for earlier in range(place):
            shared = len(stems[earlier] & stems[place])
            same = shared >= norm.same_share * max(len(stems[earlier]), len(stems[place]))
            if same and not _asked_for(facts, again, norm):
                found.append((told[earlier], again))
                break
    return found


def _asked_for(facts: Facts, item: Sentence, norm: Norm) -> bool:
    """The customer had just asked, or had not understood."""
    near = before(facts, item, _ASKED_FOR_S)
    return any(other.does("question") or has_phrase(other.tokens, norm.repair_request) for other in near)


def _too_much(repeated: list[tuple[Sentence, Sentence]], norm: Norm) -> Finding:
    first, again = repeated[0]
    return finding(
        "amount",
        [item.span for _, item in repeated[:_CLIPS]],
        value=len(repeated),
        norm=norm,
        threshold="max_repeated",
        unit="time told again" if len(repeated) == 1 else "times told again",
        quote=f"{shortened(first.text)} | {shortened(again.text)}",
        variant="too_much",
        unless="the customer had asked for it, or it had been new",
    )


def _too_little(questions: list[Sentence], norm: Norm) -> Finding:
    return finding(
        "amount",
        [item.span for item in questions[:_CLIPS]],
        value=len(questions),
        norm=norm,
        threshold="max_unanswered",
        unit="questions without an answer",
        quote=" | ".join(shortened(item.text, 16) for item in questions[:3]),
        variant="too_little",
        unless="they had been answered",
    )
