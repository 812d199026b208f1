"""Every overlap of a real stereo call, with a verdict made without the product beside what the product says.

    python benchmarks/real_call.py CALL.flac --write      # `car-service-49`, 238 s, role-played, Apache-2.0

The verdicts come from what needs no ear: the energy of each channel says who begins, who stops and when; a draft
transcript says what was being said and whether it was finished. A kind is given where one of these decides: words that
only acknowledge (backchannel), a sentence that was complete when the other began (terminal), a speaker who stops in
the middle of one (interruption). Where both begin within 0.5 s of each other and neither is clearly cut, the verdict is
"unclear". One person gave them, who knew the product's list: a table to argue with, and no figure of accuracy.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tables

from speechcoach import analyze
from speechcoach.records import Overlap

NEAR_S = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """When it begins, who comes in on the other, of which kind it is, and what shows that."""

    start_s: float
    by: str
    kind: str
    because: str


A, C = "agent", "customer"
VERDICTS = (
    Verdict(19.57, A, "backchannel", "an acknowledgement in the customer's story"),
    Verdict(34.02, A, "terminal", "the customer's last word is all that it covers"),
    Verdict(39.26, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(44.60, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(46.31, C, "backchannel", "0.2 s, one word; the agent goes on"),
    Verdict(58.76, C, "backchannel", "a reaction; the agent goes on"),
    Verdict(59.89, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(64.74, A, "terminal", "the customer had said yes three times and adds that it makes sense"),
    Verdict(69.30, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(74.28, C, "terminal", "the answer begins in the last words of the question"),
    Verdict(77.08, A, "backchannel", "an acknowledgement; the customer goes on"),
    Verdict(80.22, A, "backchannel", "an acknowledgement; the customer goes on"),
    Verdict(95.52, A, "backchannel", "an acknowledgement; the customer goes on"),
    Verdict(96.99, A, "backchannel", "an apology is waved away; the customer goes on"),
    Verdict(102.90, A, "backchannel", "says the customer's last word again; the customer goes on"),
    Verdict(106.97, A, "terminal", "the customer's last word is all that it covers"),
    Verdict(110.68, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(129.44, C, "backchannel", "an acknowledgement; the agent's sentence was nearly over"),
    Verdict(131.32, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(138.40, A, "unclear", "the agent adds a question to an offer that the customer is accepting already"),
    Verdict(152.47, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(173.17, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(175.91, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(181.29, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(184.92, C, "interruption", "a question that the agent breaks off for, and answers"),
    Verdict(188.85, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(192.39, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(193.68, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(195.75, C, "backchannel", "says that it was understood; the agent goes on"),
    Verdict(205.09, C, "interruption", "a cry that the agent's sentence, four words old, breaks off at"),
    Verdict(206.43, A, "backchannel", "a reaction; the customer goes on"),
    Verdict(211.52, A, "backchannel", "a reaction; the customer goes on"),
    Verdict(212.62, A, "backchannel", "a reaction; the customer goes on"),
    Verdict(219.97, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(223.26, C, "backchannel", "an acknowledgement; the agent goes on"),
    Verdict(226.34, A, "unclear", "both begin within a third of a second, and the agent gives way"),
    Verdict(228.04, A, "terminal", "0.07 s over the customer's last word"),
    Verdict(230.15, C, "terminal", "the answer begins in the last word of the question"),
    Verdict(234.00, C, "terminal", "0.03 s over the agent's last word"),
)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("call", type=Path)
    given.add_argument("--write", action="store_true", help="write the table into benchmarks/README.md")
    options = given.parse_args()
    text = report(analyze(options.call, agent="left", cache=False).facts.overlaps)
    print(text)
    if options.write:
        tables.write("real_call", text)


def report(found: Sequence[Overlap]) -> str:
    """What agrees, and the table of all."""
    pairs = paired(VERDICTS, found)
    both = [(verdict, item) for verdict, item in pairs if verdict and item]
    alike = sum(verdict.kind == item.kind for verdict, item in both)
    withheld = sum(verdict.kind != item.kind and item.kind == "unclear" for verdict, item in both)
    missed = sum(item is None for _, item in pairs)
    more = sum(verdict is None for verdict, _ in pairs)
    said = (
        f"{len(VERDICTS)} overlaps and cut-ins by hand: the product gives the same kind for {alike}, withholds one "
        f"(`unclear`) for {withheld}, another for {len(both) - alike - withheld}, and has no overlap for {missed}; "
        f"{more} of its overlaps have no verdict."
    )
    rows = [_row(verdict, item) for verdict, item in pairs]
    head = ("from", "by", "verdict", "because", "product", "sure", "its reason")
    return said + "\n\n" + tables.folded("Every overlap", tables.table(head, rows))


def paired(verdicts: Sequence[Verdict], found: Sequence[Overlap]) -> list[tuple[Verdict | None, Overlap | None]]:
    """Each verdict with the product's overlap by the same speaker that begins nearest to it, in order of time."""
    left, pairs = list(found), []
    for verdict in verdicts:
        near = [item for item in left if item.by == verdict.by and abs(item.start_s - verdict.start_s) <= NEAR_S]
        best = min(near, key=lambda item: abs(item.start_s - verdict.start_s), default=None)
        if best is not None:
            left.remove(best)
        pairs.append((verdict, best))
    pairs += [(None, item) for item in left]
    return sorted(pairs, key=lambda pair: (pair[0] or pair[1]).start_s)


def _row(verdict: Verdict | None, item: Overlap | None) -> list[str]:
    first = verdict or item
    by_hand = (verdict.kind, verdict.because) if verdict else ("-", "not looked at")
    product = (item.kind, f"{item.probability:.2f}", item.why) if item else ("none", "", "")
    return [f"{first.start_s:.2f}", first.by, *by_hand, *product]


if __name__ == "__main__":
    main()
