"""Train the net that tells whether a sentence may be over, and write its weights.

    pip install chitchat-dataset==0.9.0
    python -m speechcoach.conversation.train.completeness        # about ten minutes on one core

What it reads: 258,000 messages that people wrote to each other in 7,168 chats (BYU Perception, Control and Cognition
lab; MIT licence), as English as it is spoken as text comes. A sentence ends at a full stop, a question mark or an
exclamation mark, and at the last message before the other answers; it is open after every other word, and after a comma
or a message that another by the same writer follows nobody knows.

How: the net reads a message without its punctuation and says after each word whether the sentence is over; the loss is
cross-entropy. Writing is made more like speech: lead-ins, fillers, repeated and torn words are put in, two messages are
joined, and a word in thirty is replaced by another, as a recogniser would. Deterministic from SEED on one machine.
"""

from __future__ import annotations

import importlib.util
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from speechcoach.conversation.completeness import FOLDER, NUMBER, PAD, START, TORN, UNKNOWN

SEED = 3
PACKAGE = "chitchat_dataset"
VOCABULARY, VECTOR, STATE = 6000, 40, 96
ROUNDS, ROWS, RATE_OF_LEARNING = 5, 128, 4e-3
LONGEST = 50  # tokens
COMMON = 1500  # words that stand in for misheard ones
OVER, OPEN, NOBODY_KNOWS = 1, 0, -1
FILLERS = ("um", "uh")
LEAD_INS = (
    "so", "well", "and", "but", "um", "uh", "i mean", "okay so", "and so", "because", "yeah", "oh", "okay", "right",
    "you know",
)  # fmt: skip
SAYS_ENOUGH = {"yeah", "oh", "okay", "right", "know"}  # after these, it may be over
_PIECE = re.compile(r"[a-z]+(?:'[a-z]+)*|\d[\d.,]*|[.?!]+|[,;:()\"\n-]+")
_NOISE = re.compile(r"https?\S+|[:;]-?[()dp]\b|<3|\b(?:ha|he|lol)+h?\b")
_SHORT = (
    "i'm i've don't didn't doesn't can't won't isn't aren't wasn't weren't haven't hasn't hadn't couldn't wouldn't "
    "shouldn't that's what's there's he's you're they're you've they've we've you'd let's who's where's how's"
)
_SPELLING = {word.replace("'", ""): word for word in _SHORT.split()} | {
    "u": "you", "ur": "your", "r": "are", "ya": "yeah", "yea": "yeah", "ok": "okay", "cuz": "because", "bc": "because",
    "thru": "through", "idk": "i don't know", "tho": "though",
}  # fmt: skip

Line = tuple[list[str], list[int]]  # tokens, and after each whether the sentence is over


def chats_of() -> dict[str, dict]:
    """The chats by name, in a fixed order. Exits with a sentence where the package is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise SystemExit("the chats are not installed: pip install chitchat-dataset==0.9.0")
    chats = json.loads((Path(found.origin).parent / "dataset.json").read_text("utf-8"))
    return {name: chats[name] for name in sorted(chats)}


def read_chats() -> list[Line]:
    """Every message as a line."""
    turns = (turn for chat in chats_of().values() for turn in chat["messages"])
    lines = [to_line(said["text"], said is turn[-1]) for turn in turns for said in turn]
    return [line for line in lines if 0 < len(line[0]) <= LONGEST + 10]


def to_line(text: str, last: bool) -> Line:
    """A message as tokens and marks; `last` where the other answers next."""
    words: list[str] = []
    marks: list[int] = []
    for said, piece in pieces_of(text):
        if said:
            words += said
            marks += [OPEN] * len(said)
        elif words and marks[-1] != OVER:
            marks[-1] = OVER if piece[0] in ".?!" and not piece.startswith("..") else NOBODY_KNOWS
    if words and marks[-1] == OPEN:
        marks[-1] = OVER if last else NOBODY_KNOWS
    return words, marks


def pieces_of(text: str) -> Iterator[tuple[list[str], str]]:
    """Words, spelled out, and marks in order: for a mark the words are none."""
    for piece in _PIECE.findall(_NOISE.sub("", text.lower().replace("\u2019", "'").replace("\u2018", "'"))):
        spelled = [NUMBER] if piece[0].isdigit() else _SPELLING.get(piece, piece).split()
        yield (spelled if piece[0].isalnum() else [], piece)


def as_spoken(line: Line, common: list[str], chance: random.Random) -> Line:
    """The line with what people do when they speak, and a few words misheard."""
    spoken: list[tuple[str, int]] = []
    begins = True
    for word, mark in zip(*line, strict=True):
        if begins and chance.random() < 0.25:
            spoken += _opening(chance.choice(LEAD_INS))
        if chance.random() < 0.04:
            spoken.append((chance.choice(FILLERS), OPEN))
        if chance.random() < 0.02:
            spoken += _opening(chance.choice(("you know", "i mean")))
        if chance.random() < (0.12 if begins else 0.02):
            spoken.append((word, OPEN))
        if chance.random() < 0.015:
            spoken.append((TORN, OPEN))
        spoken.append((chance.choice(common) if chance.random() < 0.03 else word, mark))
        begins = mark == OVER
    return [word for word, _ in spoken], [mark for _, mark in spoken]


def _opening(phrase: str) -> list[tuple[str, int]]:
    *before, last = phrase.split()
    return [*((word, OPEN) for word in before), (last, NOBODY_KNOWS if last in SAYS_ENOUGH else OPEN)]


class Net(torch.nn.Module):
    """Word vectors, one gated recurrent layer, one number a word."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.vectors = torch.nn.Embedding(words, VECTOR, padding_idx=0)
        self.layer = torch.nn.GRU(VECTOR, STATE, batch_first=True)
        self.readout = torch.nn.Linear(STATE, 1)
        self.drop = torch.nn.Dropout(0.1)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.readout(self.drop(self.layer(self.drop(self.vectors(rows)))[0])).squeeze(-1)


def batches(lines: list[Line], places: dict[str, int], chance: random.Random) -> Iterator[tuple[torch.Tensor, ...]]:
    """Rows of tokens and marks, lines of like length together, in a random order."""
    common = list(islice((word for word in places if word[0] != "<"), COMMON))
    encoded = []
    for words, marks in chance.sample(lines, len(lines)):
        if marks[-1] == OVER and chance.random() < 0.25:
            more_words, more_marks = chance.choice(lines)
            words, marks = words + more_words, marks + more_marks
        words, marks = as_spoken((words, marks), common, chance)
        rows = [places.get(word, places[UNKNOWN]) for word in words[-LONGEST:]]
        encoded.append(([places[START], *rows], [NOBODY_KNOWS, *marks[-LONGEST:]]))
    encoded.sort(key=lambda line: len(line[0]) + chance.random())
    groups = [encoded[start : start + ROWS] for start in range(0, len(encoded), ROWS)]
    for group in chance.sample(groups, len(groups)):
        yield _padded([rows for rows, _ in group], 0), _padded([marks for _, marks in group], NOBODY_KNOWS)


def _padded(lines: list[list[int]], fill: int) -> torch.Tensor:
    longest = max(map(len, lines))
    return torch.tensor([line + [fill] * (longest - len(line)) for line in lines])


def train(lines: list[Line], places: dict[str, int]) -> Net:
    """The net after ROUNDS readings of all lines."""
    torch.manual_seed(SEED)
    chance = random.Random(SEED)
    net = Net(len(places))
    descent = torch.optim.AdamW(net.parameters(), lr=RATE_OF_LEARNING, weight_decay=0.01)
    steps = ROUNDS * -(-len(lines) // ROWS)
    schedule = torch.optim.lr_scheduler.OneCycleLR(descent, RATE_OF_LEARNING, total_steps=steps)
    began_s = time.monotonic()
    for turn in range(ROUNDS):
        losses = []
        for rows, marks in batches(lines, places, chance):
            known = marks != NOBODY_KNOWS
            loss = binary_cross_entropy_with_logits(net(rows)[known], marks[known].float())
            descent.zero_grad()
            loss.backward()
            descent.step()
            schedule.step()
            losses.append(loss.item())
        print(f"round {turn + 1}: loss {np.mean(losses):.4f}, {time.monotonic() - began_s:.0f} s", flush=True)
    return net


def write(net: Net, words: list[str], path: Path) -> None:
    """The tables: word vectors in 8 bits with a step each, the rest in half precision."""
    vectors = net.vectors.weight.detach().numpy()
    step = np.maximum(np.abs(vectors).max(axis=1), 1e-6) / 127
    tables = {
        "from_word": net.layer.weight_ih_l0, "from_state": net.layer.weight_hh_l0, "word_offset": net.layer.bias_ih_l0,
        "state_offset": net.layer.bias_hh_l0, "readout": net.readout.weight[0], "readout_offset": net.readout.bias[0],
    }  # fmt: skip
    np.savez_compressed(
        path,
        words=np.frombuffer("\n".join(words).encode("utf-8"), np.uint8),
        vectors=np.round(vectors / step[:, None]).astype(np.int8),
        step=step.astype(np.float32),
        **{name: table.detach().numpy().astype(np.float16) for name, table in tables.items()},
    )


def main() -> None:
    torch.set_num_threads(1)
    lines = read_chats()
    counted = Counter(word for words, _ in lines for word in words)
    words = list(dict.fromkeys([PAD, UNKNOWN, START, TORN, *FILLERS, *(word for word, _ in counted.most_common())]))
    words = words[:VOCABULARY]
    print(f"{len(lines)} messages, {sum(counted.values())} words")
    write(train(lines, {word: place for place, word in enumerate(words)}), words, FOLDER / "english.npz")


if __name__ == "__main__":
    main()
