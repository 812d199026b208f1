"""What `listening.py` asks of each set: which labels are meant, which acts answer, and what others reach."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """An utterance is labelled if it has one of `labels`, told if it has an act of one of `kinds`.

    Only utterances with a label in `among` count, if that is given, and none with a label in `apart`; `speaker` limits
    it to one side. `elsewhere` are figures of others: prototypes measured on the same set (p), or published.
    """

    name: str
    labels: frozenset[str]
    kinds: frozenset[str]
    elsewhere: str = ""
    among: frozenset[str] | None = None
    apart: frozenset[str] = frozenset()
    speaker: str | None = None


def _task(name: str, labels: str, kinds: str, elsewhere: str = "", **more) -> Task:
    for key in ("among", "apart"):
        if key in more:
            more[key] = frozenset(more[key].split())
    return Task(name, frozenset(labels.split("|")), frozenset(kinds.split()), elsewhere, **more)


_ALL = "qy|qw|qo|qy^d|^g"
_RESTATED, _FELT = "Restatement or Paraphrasing", "Reflection of feelings"

TASKS: dict[str, list[Task]] = {
    "swda": [
        _task("any question `qy qw qo qy^d ^g`", _ALL, "question", "rules .72, n-gram model .79; bare .63, .73 (p)"),
        _task("the same, other question forms not counted", _ALL, "question", apart="qrr qw^d qh bh br ^q"),
        _task("open, given a question `qw qo`", "qw|qo", "open_question", ".98 accuracy (p)", among="qy qw qo qy^d"),
        _task("backchannel `b`", "b", "backchannel", "list .78, model .82 (p)"),
        _task("any acknowledgement `b bk aa`", "b|bk|aa", "acknowledgement", "list .87, model .92 (p)"),
        _task("restatement `bf`", "bf", "reformulation", "regular expression .10, model .27 (p)"),
        _task("repeat `b^m`", "b^m", "repeat", "longest common piece .23, model .31 (p)"),
        _task("either, or completion `bf b^m ^2`", "bf|b^m|^2", "taken_up", "model .36-.42 (p)"),
        _task("apology `fa`", "fa", "apology"),
        _task("thanks `ft`", "ft", "thanks"),
        _task("appreciation `ba`", "ba", "appreciation"),
        _task("hedge `h`", "h", "uncertain"),
        _task("greeting `fp`", "fp", "greeting"),
        _task("closing `fc`", "fc", "closing"),
    ],
    "mrda": [
        _task("understanding check `bu`", "bu", "understanding_check", "model .43, bare .23 (p)"),
        _task("backchannel `b`", "b", "backchannel"),
        _task("any acknowledgement `b bk aa`", "b|bk|aa", "acknowledgement"),
        _task("question `qy qw qr qrr qo`", "qy|qw|qr|qrr|qo", "question"),
        _task("apology `fa`", "fa", "apology", "model .87, bare .86 (p)"),
        _task("thanks `ft`", "ft", "thanks", "model .78, bare .78 (p)"),
        _task("appreciation `ba`", "ba", "appreciation"),
    ],
    "annomi": [
        _task("reflection", "reflection", "reflection", speaker="therapist"),
        _task("question", "question", "question", speaker="therapist"),
        _task("open question", "open question", "open_question", speaker="therapist"),
        _task("closed question", "closed question", "closed_question", speaker="therapist"),
        _task("open, given a question", "open question", "open_question", speaker="therapist", among=""),
    ],
    "esconv": [
        _task("restatement or paraphrase", _RESTATED, "reflection reformulation restatement", speaker="supporter"),
        _task("reflection of feelings", _FELT, "reflection empathy", speaker="supporter"),
        _task("either", f"{_RESTATED}|{_FELT}", "reflection empathy restatement", speaker="supporter"),
        _task("question", "Questions", "question", speaker="supporter"),
    ],
}
TASKS["annomi"][-1] = Task(
    "open, given a question",
    frozenset({"open question"}),
    frozenset({"open_question"}),
    among=frozenset({"open question", "closed question"}),
    speaker="therapist",
)
