"""How well dialogue acts are told from words alone, on labels by people.

    python benchmarks/listening.py FOLDER                    # swda/, mrda/, annomi-dev.csv, empathy/ in the folder
    python benchmarks/listening.py FOLDER --write            # the same into benchmarks/README.md
    python benchmarks/listening.py FOLDER --only mrda        # one set
    python benchmarks/listening.py FOLDER --fit              # the scales of conversation/weights/acts.json, set anew

Truth: people's labels, one utterance at a time. An utterance counts as told if an act of the kind lies in it for the
most part. The weights of the acts were set on dialogues that are not held out; all figures are of those held out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import listening_sets as sets
import tables
from listening_fit import SCALES, fit
from listening_scores import Counts, auc, listens, score
from listening_tasks import TASKS, Task
from listening_text import TEXTS, Told, common_words, tell

from speechcoach.conversation.acts import tag_turns
from speechcoach.settings import Norms

PHRASES = Norms.load("en").phrases
NAMES = {"written": "as written", "bare": "no punctuation", "misheard": "15 % of words wrong"}
SETS: dict[str, Callable[[Path], Iterable[sets.Dialogue]]] = {
    "swda": sets.swda,
    "mrda": sets.mrda,
    "annomi": sets.annomi,
    "esconv": sets.esconv,
}


def measure(dialogues: Sequence[sets.Dialogue], tasks: Sequence[Task], text: str) -> tuple[list[Counts], list[float]]:
    """Hits and misses of each task over all dialogues, and how well each dialogue's second party is listened to."""
    common = common_words(dialogues)
    counts = [Counts() for _ in tasks]
    listened = []
    for dialogue in dialogues:
        told = tell(dialogue, text, common)
        tagged = tag_turns(told.turns, told.words, PHRASES)
        acts = acts_by_utterance(told, tagged)
        for task, count in zip(tasks, counts, strict=True):
            score(task, dialogue.utterances, acts, count)
        listened.append(listens(dialogue, acts))
    return counts, listened


def acts_by_utterance(told: Told, tagged: Sequence) -> list[dict[str, float]]:
    """For each utterance the kinds of the acts that lie in it by more than half, with their probability."""
    found: list[dict[str, float]] = [{} for _ in told.places]
    acts = sorted((act for turn in tagged for act in turn.acts), key=lambda act: act.start_s)
    spans = [(place, span) for place, span in enumerate(told.places) if span]
    at = 0
    for act in acts:
        middle_s = (act.start_s + act.end_s) / 2
        while at < len(spans) - 1 and spans[at][1].end_s < middle_s:
            at += 1
        while at and spans[at][1].start_s > middle_s:
            at -= 1
        kinds = found[spans[at][0]]
        kinds[act.kind] = max(kinds.get(act.kind, 0.0), act.probability or 1.0)
    return found


def section(name: str, dialogues: Sequence[sets.Dialogue]) -> str:
    """The table of one set."""
    tasks = TASKS[name]
    held = [one for one in dialogues if one.held_out]
    results = {text: measure(held, tasks, text) for text in TEXTS}
    head = ["", "labelled", *(f"{NAMES[text]}: P / R / **F1**" for text in TEXTS), "elsewhere (F1)"]
    rows = [
        [task.name, results["written"][0][at].labelled, *(results[text][0][at].cell for text in TEXTS), task.elsewhere]
        for at, task in enumerate(tasks)
    ]
    said = sum(len(one.utterances) for one in held)
    text = f"### {name}: {len(held)} dialogues, {said:,} utterances\n\n" + tables.table(head, rows)
    if any(one.quality for one in held):
        cells = [f"{NAMES[text]} {auc(held, results[text][1]):.3f}" for text in TEXTS]
        text += "\n\nSessions done well against sessions done badly, area under the curve: " + "; ".join(cells)
    return text


def main() -> None:
    asked = argparse.ArgumentParser(description="dialogue acts against people's labels")
    asked.add_argument("folder", type=Path)
    asked.add_argument("--write", action="store_true")
    asked.add_argument("--only", choices=list(SETS))
    asked.add_argument("--fit", action="store_true")
    given = asked.parse_args()
    if given.fit:
        for name in SCALES:
            if given.only in (None, name):
                fit(name, list(SETS[name](given.folder)))
        return
    parts = [section(name, list(read(given.folder))) for name, read in SETS.items() if given.only in (None, name)]
    text = "\n\n".join(parts)
    print(text)
    if given.write:
        tables.write("listening", text)


if __name__ == "__main__":
    main()
