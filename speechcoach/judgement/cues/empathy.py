"""Meeting hardship when the customer states it.

What it sees: customer's sentences that state a hardship (loss, worry, anger, a repeated failure), and what the agent's
next turns make of it, in grades: 0 = nothing, 1 = a set phrase of regret, 2 = names the feeling or takes up what
happened. A sentence that was used before in the call counts for nothing: a script is not empathy.
Why it matters: people want to be understood before they are helped; a solution that skips it sounds like a form.
Source: R-EMPATHY; Sharma et al. (2020), EMNLP, who grade reactions, interpretations and explorations from 0 to 2
with the words that show them. Only words are read here: no emotion is inferred from a voice.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.conversation.wording import has_phrase
from speechcoach.judgement.content import content, is_copy
from speechcoach.judgement.cue import AGENT, CUSTOMER, Abstain, Need, finding, shortened
from speechcoach.judgement.sentences import SAYS_BACK, Sentence, by_turn, sentences, text_of, words_in
from speechcoach.records import Facts, Finding

TITLE = "Empathy"
NEEDS = frozenset({Need.SPEAKERS, Need.WORDS, Need.PHRASES})
_PARROTED = 0.5  # share of the sentence; it may be announced ("If I understand, ...") and still only repeat
_WHY = {1: "in general words", 2: "naming the feeling or what happened"}


@dataclass(frozen=True, slots=True)
class Norm:
    min_grade: float = 1
    answer_turns: float = 2
    max_words_after: float = 30
    same_hardship_s: float = 30.0
    hardship: tuple[str, ...] = ()
    regret: tuple[str, ...] = ()
    denial: tuple[str, ...] = ()
    lead_in: tuple[str, ...] = ()
    second_person: tuple[str, ...] = ()
    instruction: tuple[str, ...] = ()
    function_words: tuple[str, ...] = ()


EXPLAIN = {
    "met": "{Other} told how hard this is, and {who} answered {why}: {value:.0f} of 2 points.",
    "missed": "{Other} told how hard this is, and {own} next words did not mention it.",
}
ADVICE = {
    "met": 'One honest sentence is enough; best is one with their own matter in it ("Three weeks without a kitchen").',
    "missed": 'Name what happened before you solve it, in your own words: "That has cost you a lot of time. Let me see '
    'what went wrong."',
}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    hardships = _hardships(facts, norm)
    if not hardships:
        raise Abstain("no hardship was recognised in the customer's words")
    used: set[tuple[str, ...]] = set()
    return [_judged(facts, hardship, norm, used) for hardship in hardships]


def _hardships(facts: Facts, norm: Norm) -> list[Sentence]:
    """Stated hardships that the agent came to speak after; one that follows another soon is the same story."""
    found: list[Sentence] = []
    for item in sentences(facts, CUSTOMER):
        stated = item.does("hardship") and item.sure and not item.asks and not _denied(item, norm)
        new = not found or item.start_s - found[-1].end_s > norm.same_hardship_s
        if stated and new and not _is_aside(facts, item, norm) and _next_turns(facts, item, norm):
            found.append(item)
    return found


def _denied(item: Sentence, norm: Norm) -> bool:
    """ "I am not worried" is no hardship."""
    said = item.tokens
    denied = [place for place in range(len(said)) if has_phrase(said[place:], norm.denial, at_start=True)]
    return any(has_phrase(said[place + step :], norm.hardship, at_start=True) for place in denied for step in (1, 2, 3))


def _is_aside(facts: Facts, item: Sentence, norm: Norm) -> bool:
    """The customer went on at length to something else: the answer is due to that."""
    later = [
        other for other in sentences(facts, CUSTOMER) if other.place == item.place and other.start_s > item.start_s
    ]
    rest = [other for other in later if not other.does("hardship")]
    return words_in(rest) > norm.max_words_after


def _next_turns(facts: Facts, hardship: Sentence, norm: Norm) -> list[list[Sentence]]:
    """The agent's next turns that said something; one under way may still answer."""
    later = by_turn(item for item in sentences(facts, AGENT) if item.end_s > hardship.start_s)
    said = [turn for turn in later if not all(item.does("backchannel") for item in turn)]
    return said[: int(norm.answer_turns)]


def _judged(facts: Facts, hardship: Sentence, norm: Norm, used: set[tuple[str, ...]]) -> Finding:
    answers = [
        (grade, item)
        for turn in _next_turns(facts, hardship, norm)
        for item in turn
        if (grade := _grade(facts, hardship, item, norm)) and _bare(item, norm) not in used
    ]
    if not answers:
        return _missed(hardship, norm)
    used |= {_bare(item, norm) for _, item in answers}
    grade, best = max(answers, key=lambda answer: answer[0])
    return _met(hardship, best, grade, norm)


def _grade(facts: Facts, hardship: Sentence, item: Sentence, norm: Norm) -> int:
    """0-2 for one sentence of the agent's."""
    if not item.sure:
        return 0
    names = has_phrase(item.tokens, norm.hardship)
    if item.does("empathy") or has_phrase(item.tokens, norm.regret):
        told = [other for other in sentences(facts, CUSTOMER) if other.place == hardship.place]
        shared = content(text_of(told), norm.function_words) & content(item.text, norm.function_words)
        return 2 if shared or _names_theirs(item, norm) else 1
    if _says_back(hardship, item, names, norm):
        return 2
    uncopied = not is_copy(item.tokens, hardship.tokens, _PARROTED)
    return int(item.does("restatement") and uncopied and has_phrase(item.tokens, norm.second_person))


def _names_theirs(item: Sentence, norm: Norm) -> bool:
    """The feeling is the customer's: "you are angry", and not "that is annoying"."""
    said = item.tokens
    yours = [place for place, token in enumerate(said) if token in norm.second_person]
    return any(has_phrase(said[place + step :], norm.hardship, at_start=True) for place in yours for step in (1, 2, 3))


def _says_back(hardship: Sentence, item: Sentence, names: bool, norm: Norm) -> bool:
    """The feeling, or two words of the sentence, come back as the customer's own, without advice."""
    shared = content(hardship.text, norm.function_words) & content(item.text, norm.function_words)
    told = item.does(*SAYS_BACK) or not item.asks
    advises = item.does("solution_offer") or has_phrase(item.tokens, norm.instruction)
    theirs = has_phrase(item.tokens, norm.second_person) and not is_copy(item.tokens, hardship.tokens, _PARROTED)
    return told and (names or len(shared) >= 2) and theirs and not advises


def _bare(item: Sentence, norm: Norm) -> tuple[str, ...]:
    """The sentence without what may stand before it: "Oh, I'm sorry" is "I'm sorry" again."""
    start = next((place for place, token in enumerate(item.tokens) if token not in norm.lead_in), 0)
    return item.tokens[start:]


def _met(hardship: Sentence, answer: Sentence, grade: int, norm: Norm) -> Finding:
    return finding(
        "empathy",
        [hardship.span, answer.span],
        value=grade,
        norm=norm,
        threshold="min_grade",
        unit="of 2",
        quote=f"Customer: {hardship.text} | Agent: {answer.text}",
        why=_WHY[grade],
        variant="met",
        strength=True,
        unless="the agent had gone on without a word about it",
    )


def _missed(hardship: Sentence, norm: Norm) -> Finding:
    return finding(
        "empathy",
        [hardship.span],
        value=0,
        norm=norm,
        threshold="min_grade",
        unit="of 2",
        quote=shortened(hardship.text, 40),
        variant="missed",
        unless=f"one of the agent's next {norm.answer_turns:g} turns had acknowledged it",
    )
