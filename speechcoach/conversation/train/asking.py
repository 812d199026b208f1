"""Count how people ask, and write the weights of `conversation/asking.py`.

    pip install chitchat-dataset==0.9.0
    python -m speechcoach.conversation.train.asking        # about a minute on one core

What it reads: the same chats as `conversation/train/completeness.py` (MIT licence). A sentence that ends with a
question mark asks, one that ends with a full stop or an exclamation mark does not; a message without a mark is taken
for none, unless it opens as questions do, because then nobody knows. Every fifth chat is kept apart; its F1 is printed.

How: lead-ins, fillers and repetitions are taken out as the product takes them out, runs of words that eight sentences
have are counted, and a logistic regression (L2, by full-batch L-BFGS) weighs them. Weights below a tenth are dropped.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from speechcoach.conversation.asking import Asking, runs
from speechcoach.conversation.completeness import FOLDER
from speechcoach.conversation.context import without_lead_in, without_repetitions
from speechcoach.conversation.train.completeness import chats_of, pieces_of
from speechcoach.conversation.wording import has_phrase, written_out
from speechcoach.settings import Norms

ENGLISH = Norms.load("en").phrases
SEEN = 8  # sentences that a run must be in
PENALTY = 1.7  # half of it times the sum of squared weights is added to the summed loss
STEPS = 120
LEAST = 0.1


@dataclass(frozen=True, slots=True)
class Sentence:
    runs: tuple[str, ...]
    asks: bool
    held_out: bool


def sentences() -> Iterator[Sentence]:
    """All sentences whose end is known, in a fixed order."""
    for name, chat in chats_of().items():
        held_out = zlib.crc32(name.encode()) % 5 == 0
        for text in (said["text"] for turn in chat["messages"] for said in turn):
            for words, asks in marked(text):
                core = core_of(words)
                unknown = asks is None and has_phrase(core, ENGLISH["question_opener"], at_start=True)
                if core and not unknown:
                    yield Sentence(tuple(sorted(runs(core))), bool(asks), held_out)


def marked(text: str) -> Iterator[tuple[list[str], bool | None]]:
    """The sentences of a message, and whether a question mark ends them; None for no mark at all."""
    words: list[str] = []
    for said, piece in pieces_of(text):
        if said:
            words += said
        elif piece[0] in ".?!" and words:
            yield words, "?" in piece
            words = []
    if words:
        yield words, None


def core_of(words: list[str]) -> tuple[str, ...]:
    """The words as the product reads them."""
    plain = written_out(tuple(word for word in words if word not in ENGLISH["filler"]))
    fluent = without_repetitions(plain)
    return without_lead_in(fluent, ENGLISH) or fluent


def fit(told: list[Sentence]) -> Asking:
    """Weights by logistic regression over all runs that are common enough."""
    counts = Counter(run for one in told for run in one.runs)
    places = {run: place for place, run in enumerate(run for run, count in sorted(counts.items()) if count >= SEEN)}
    rows = [[places[run] for run in one.runs if run in places] for one in told]
    flat = torch.tensor([place for row in rows for place in row])
    starts = torch.tensor(np.cumsum([0, *(len(row) for row in rows[:-1])]))
    asks = torch.tensor([float(one.asks) for one in told])
    weights = torch.zeros(len(places), 1, requires_grad=True)
    offset = torch.zeros(1, requires_grad=True)
    descent = torch.optim.LBFGS([weights, offset], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        descent.zero_grad()
        logits = torch.nn.functional.embedding_bag(flat, weights, starts, mode="sum").squeeze(1) + offset
        summed = torch.nn.functional.binary_cross_entropy_with_logits(logits, asks, reduction="sum")
        total = summed + PENALTY * weights.square().sum()
        total.backward()
        return total

    descent.step(loss)
    learned = weights.detach().squeeze(1).tolist()
    return Asking({run: learned[place] for run, place in places.items()}, float(offset))


def f1(net: Asking, told: list[Sentence]) -> float:
    """At logit 0."""
    found = [net.offset + sum(net.weights.get(run, 0.0) for run in one.runs) > 0 for one in told]
    hits = sum(one.asks and yes for one, yes in zip(told, found, strict=True))
    return 2 * hits / (sum(found) + sum(one.asks for one in told))


def main() -> None:
    torch.set_num_threads(1)
    told = list(sentences())
    known, held = [one for one in told if not one.held_out], [one for one in told if one.held_out]
    net = fit(known)
    kept = {run: weight for run, weight in net.weights.items() if abs(weight) >= LEAST}
    print(f"{len(known)} sentences, {len(kept)} of {len(net.weights)} runs, F1 held out {f1(net, held):.3f}")
    step = max(map(abs, kept.values())) / 127
    np.savez_compressed(
        FOLDER / "english_asking.npz",
        runs=np.frombuffer("\n".join(kept).encode("utf-8"), np.uint8),
        weights=np.round(np.array(list(kept.values())) / step).astype(np.int8),
        step=np.float32(step),
        offset=np.float32(net.offset),
    )


if __name__ == "__main__":
    main()
