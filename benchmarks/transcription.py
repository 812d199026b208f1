"""Words and what they cost: speechcoach beside plain openai-whisper and plain faster-whisper, with the same weights.

    python benchmarks/transcription.py                   # prints the tables, and writes them into benchmarks/README.md
    python benchmarks/transcription.py --only calls      # a part of it, printed and not written
    python benchmarks/transcription.py --calls FOLDER    # and recordings with a draft text beside them

The peers are ordinary or optional dependencies of the project, so it runs in the project's own environment, with the
extras `fast` and `test`. Every system reads each file in turn, one thread, in this process, both channels one after
the other; a side's whole way counts as ours: features, activity, transcription.

| part | what | truth |
|---|---|---|
| calls | three made English calls | every word and its time (samples/README.md) |
| prompts | a two-sided call joined from Debian's Asterisk prompts | the published text, the times chosen here |
| silence | hold music, white noise, ring-back, keys: 15 s each | nobody speaks: every word is invented |
| --calls | recordings beside a `NAME.draft-turns.tsv` | a draft: a recogniser's text in spans found by energy |

A word is *invented* where its speaker's nearest turn is more than half a second away. *Onset* is the distance of a
word's start from the true one, over the words that were recognised right. A backchannel is *recalled* where the words
at its place are nothing but backchannels by the English norms, or the very words said.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import jiwer  # noqa: E402  (threads are set before anything that reads them)
import numpy as np  # noqa: E402
import tables  # noqa: E402
from transcription_material import Material, Said, TrueTurn, calls, drafted, prompts, silence  # noqa: E402
from transcription_systems import OURS, SYSTEMS, System  # noqa: E402

from speechcoach.conversation.acts import is_backchannel  # noqa: E402
from speechcoach.conversation.wording import tokens  # noqa: E402
from speechcoach.settings import Norms  # noqa: E402
from speechcoach.transcript import engine_for  # noqa: E402

NEAR_S = 0.5


@dataclass
class Tally:
    """What one system did, summed over recordings."""

    wrong: int = 0
    said: int = 0
    invented: int = 0
    recalled: int = 0
    backchannels: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    audio_s: float = 0.0
    onsets_s: list[float] = field(default_factory=list)


@cache
def normaliser() -> Callable[[str], str]:
    from whisper.normalizers import EnglishTextNormalizer

    return EnglishTextNormalizer()


def count(tally: Tally, turns: Sequence[TrueTurn], heard: Sequence[Said]) -> None:
    """Add one channel to the tally."""
    plain = normaliser()
    said = plain(" ".join(turn.text for turn in turns)).split()
    found = plain(" ".join(word.text for word in heard)).split()
    if said:
        made = jiwer.process_words(" ".join(said), " ".join(found))
        tally.wrong += made.substitutions + made.deletions + made.insertions
    else:
        tally.wrong += len(found)
    tally.said += len(said)
    tally.invented += sum(all(_far(word, turn) for turn in turns) for word in heard)
    tally.onsets_s += onset_errors([word for turn in turns for word in turn.words], heard)
    for turn in turns:
        if turn.backchannel:
            tally.backchannels += 1
            tally.recalled += recalled(turn, heard)


def _far(word: Said, turn: TrueTurn) -> bool:
    return word.start_s < turn.start_s - NEAR_S or word.start_s > turn.end_s + NEAR_S


def onset_errors(said: Sequence[Said], heard: Sequence[Said]) -> list[float]:
    """Seconds between the true and the found start of each word that was recognised right."""
    plain = normaliser()
    said = sorted((word for word in said if len(plain(word.text).split()) == 1), key=lambda word: word.start_s)
    heard = [word for word in heard if len(plain(word.text).split()) == 1]
    if not said or not heard:
        return []
    made = jiwer.process_words(*(" ".join(plain(word.text) for word in words) for words in (said, heard)))
    return [
        abs(said[part.ref_start_idx + step].start_s - heard[part.hyp_start_idx + step].start_s)
        for part in made.alignments[0]
        if part.type == "equal"
        for step in range(part.ref_end_idx - part.ref_start_idx)
    ]


def recalled(turn: TrueTurn, heard: Sequence[Said]) -> bool:
    """Whether a backchannel was heard as one."""
    inside = [word for word in heard if turn.start_s - 0.15 < (word.start_s + word.end_s) / 2 < turn.end_s + 0.15]
    text = " ".join(word.text for word in inside)
    same = normaliser()(text) == normaliser()(turn.text)
    return bool(inside) and (same or is_backchannel(tokens(text), Norms.load("en").phrases))


def measure(materials: Iterator[Material], systems: dict[str, System]) -> dict[str, Tally]:
    """Every system on every recording, in turns."""
    tallies = {name: Tally() for name in systems}
    for material in materials:
        for name, system in systems.items():
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            heard = system(material.samples)
            tally = tallies[name]
            tally.cpu_s += time.process_time() - cpu_s
            tally.wall_s += time.perf_counter() - wall_s
            tally.audio_s += material.duration_s
            for turns, words in zip(material.turns, heard, strict=True):
                count(tally, turns, words)
            print(f"  {material.name}, {name}: {time.process_time() - cpu_s:.1f} s", file=sys.stderr, flush=True)
    return tallies


def page(part: str, found: dict[str, Tally]) -> str:
    """One table."""
    head = ["", "WER", "words invented", "CPU s per s", "our CPU re it", "our wall re it"]
    timed = any(tally.onsets_s for tally in found.values())
    listened = any(tally.backchannels for tally in found.values())
    head += ["onset median ms", "p95"] * timed + ["backchannels recalled"] * listened
    return f"### {TITLES[part]}\n\n" + tables.table(head, [_row(name, found, timed, listened) for name in found])


def _row(name: str, found: dict[str, Tally], timed: bool, listened: bool) -> list[str]:
    own, us = found[name], found[OURS]
    row = [
        name,
        f"{own.wrong / own.said:.1%}" if own.said else "",
        str(own.invented),
        f"{own.cpu_s / own.audio_s:.3f}",
        f"{us.cpu_s / own.cpu_s:.2f}",
        f"{us.wall_s / own.wall_s:.2f}",
    ]
    if timed:
        row += [f"{1000 * np.median(own.onsets_s):.0f}", f"{1000 * np.percentile(own.onsets_s, 95):.0f}"]
    return row + [f"{own.recalled} of {own.backchannels}"] * listened


PARTS: dict[str, Callable[[], Iterator[Material]]] = {"calls": calls, "prompts": prompts, "silence": silence}
TITLES = {
    "calls": "Three made English calls, both sides",
    "prompts": "Prompts read by one woman, two-sided",
    "silence": "Hold music, noise, ring-back, keys: nobody speaks",
    "drafts": "Recordings with a draft text (a recogniser's own: WER here is distance from it, not error)",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=tuple(PARTS), action="append", help="this part; may be repeated")
    parser.add_argument("--calls", type=Path, metavar="FOLDER", help="recordings with NAME.draft-turns.tsv beside them")
    parser.add_argument("--without", choices=tuple(SYSTEMS)[1:], action="append", default=[], help="leave a peer out")
    given = parser.parse_args()
    systems = {name: make() for name, make in SYSTEMS.items() if name not in given.without}
    parts = {name: PARTS[name] for name in given.only or PARTS}
    if given.calls:
        parts["drafts"] = lambda: drafted(given.calls)
    head = f"Ours is {engine_for('auto').name}, greedy; the peers run at their defaults with word times."
    text = "\n\n".join([head, *(page(name, measure(make(), systems)) for name, make in parts.items())])
    print(text)
    if not given.only and not given.without:
        tables.write("transcription", text)


if __name__ == "__main__":
    main()
