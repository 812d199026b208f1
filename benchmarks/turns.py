"""Who came in on whom, and what it was: made calls with exact truth, against simple rules and a peer.

    python benchmarks/turns.py                       # 200 calls a line, and the page
    python benchmarks/turns.py --calls 20 --dry      # fewer, and print instead of writing the page
    python benchmarks/turns.py --half tuning --dry   # the half that the typing is tuned on

Needs the extra [samples] for its voices; recorded prompts are used where Debian's asterisk-core-sounds-en-wav is
installed. What the voices said is kept in `.venv-peers/turns`. See events.py for what is in a call.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import peers
import turns_quality as quality
import turns_scores as scores
from events import make_call
from tables import folded, table, write
from turns_calls import KINDS, SILENCES, Call, Cast
from turns_mixing import CONDITIONS, Condition, mixed, true_words, worse_words
from turns_product import PEER, facts_of, hear, measured, peer, rules_of
from turns_scores import NONE, TAKEN, UNCLEAR, Pair
from turns_texts import HELD_OUT, TUNING
from turns_voices import RECORDED, bank, prompts

from speechcoach.records import Word

HALVES = {"tuning": TUNING, "held_out": HELD_OUT}
WORDS, WORSE, VOICE, WHISPER = "words as said", "10 % of words wrong, no marks", "voice only", "Whisper base"
FOLDER = peers.HOME / "turns"
_SLOWER = (0.93, 1.07)
_DUAL_MONO_CALLS = 10
SILENT_SHARE = 0.1  # among people, of the changes of floor without overlap; in these calls it is a half
SIX = tuple(kind for kind in KINDS if kind != "needed")  # "sorry to interrupt" is nothing without words


@dataclass(slots=True)
class Run:
    """Pairs by condition and by what was known of the words; pairs of the rules; turn quality by condition."""

    pairs: dict[tuple[str, str], list[Pair]] = field(default_factory=lambda: defaultdict(list))
    rules: dict[str, list[Pair]] = field(default_factory=lambda: defaultdict(list))
    quality: dict[str, quality.Quality] = field(default_factory=lambda: defaultdict(quality.Quality))
    peer_says: str = ""
    dual_mono: int = 0
    whisper_calls: int = 0
    recorded: int = 0


def cast_of(half: str, sayings: dict, recorded: dict, seed: int) -> tuple[Cast, bool]:
    """Two voices of the half; one of three held-out calls has a recorded voice on one side."""
    chance = np.random.default_rng(seed)
    first, second = chance.permutation(sorted(sayings))[:2]
    slower = (float(chance.uniform(*_SLOWER)), float(chance.uniform(*_SLOWER)))
    with_prompts = half == "held_out" and bool(recorded) and seed % 3 == 0
    side = int(chance.integers(2))
    spoken = tuple(recorded if with_prompts and side == place else {} for place in (0, 1))
    return Cast(
        HALVES[half], (sayings[first], sayings[second]), slower, spoken, chance, (str(first), str(second))
    ), with_prompts


def calls_of(half: str, count: int, folder: Path, sounds: Path | None) -> tuple[list[Call], int]:
    sayings, recorded = bank(half, HALVES[half], folder), prompts(sounds)
    if not recorded:
        print("Debian's asterisk-core-sounds-en-wav is not installed: no recorded voice.", flush=True)
    casts = [cast_of(half, sayings, recorded, seed) for seed in range(count)]
    calls = [make_call(cast) for cast, _ in casts]
    for call, (cast, _) in zip(calls, casts, strict=True):
        call.voices = cast.voices
    return calls, sum(with_prompts for _, with_prompts in casts)


def add_call(run: Run, call: Call, seed: int, condition: Condition) -> np.ndarray:
    """The product on one call under one condition, in every way."""
    chance = np.random.default_rng([seed, CONDITIONS.index(condition)])
    samples = mixed(call, condition, chance)
    heard, words = hear(samples), true_words(call)
    known: dict[str, list[Word]] = {WORDS: words, WORSE: worse_words(words, chance), VOICE: []}
    for name, given in known.items():
        facts = facts_of(heard, given)
        run.pairs[condition.name, name] += scores.paired(call.events, facts.overlaps)
        if name == WORDS:
            quality.add(run.quality[condition.name], call, facts)
        if condition is CONDITIONS[0] and name == WORDS:
            for rule, called in rules_of(facts).items():
                run.rules[rule] += scores.paired(call.events, called)
    return samples


def run_all(calls: list[Call], whisper: int) -> Run:
    run = Run(whisper_calls=min(whisper, len(calls)))
    recordings = []
    for condition in CONDITIONS:
        for seed, call in enumerate(calls):
            samples = add_call(run, call, seed, condition)
            if condition is CONDITIONS[0]:
                recordings.append(samples)
        print(f"{condition.name}: done", flush=True)
    said = peer(recordings, peers.PYTHON)
    if isinstance(said, str):
        run.peer_says = said
    else:
        for call, called in zip(calls, said, strict=True):
            run.rules[PEER] += scores.paired(call.events, called)
    for call, samples in zip(calls[:whisper], recordings, strict=False):
        facts = measured(samples, language="en", cache=False)
        run.pairs[CONDITIONS[0].name, WHISPER] += scores.paired(call.events, facts.overlaps)
    for seed, call in enumerate(calls[:_DUAL_MONO_CALLS]):
        same = mixed(call, Condition("dual-mono", 20.0, dual_mono=True), np.random.default_rng(seed))
        run.dual_mono += len(measured(same, transcript=False).overlaps)
    return run


# The page


def _f(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.2f}".removeprefix("0")


def summary(run: Run) -> str:
    rows = []
    for (condition, known), pairs in run.pairs.items():
        wrong, of = scores.false_interruptions(pairs)
        each = [_f(scores.figures(pairs, (kind,)).f1) for kind in KINDS]
        row = [condition, known, f"**{_f(scores.macro_f1(pairs))}**", _f(scores.macro_f1(pairs, SIX)), *each]
        rows.append([*row, f"{wrong} of {of}", _f(scores.calibration_error(pairs))])
    head = [
        "line",
        "known",
        "macro-F1",
        "without needed",
        *KINDS,
        "backchannels called interruptions",
        "calibration error",
    ]
    return table(head, rows)


def rules_table(run: Run) -> str:
    ours = {f"speechcoach, {name}": run.pairs[CONDITIONS[0].name, name] for name in (WORDS, WORSE, VOICE)}
    rows = []
    for name, pairs in (ours | run.rules).items():
        judged = [pair for pair in pairs if pair.true != "needed"]
        found, (wrong, of) = scores.figures(judged, TAKEN), scores.false_interruptions(pairs)
        rows.append([name, _f(found.precision), _f(found.recall), _f(found.f1), f"{100 * wrong / of:.0f}"])
    head = ["", "precision", "recall", "F1", "of 100 backchannels called interruptions"]
    return table(head, rows) + (f"\n\n{PEER} did not run: {run.peer_says}" if run.peer_says else "")


def flag_table(run: Run) -> str:
    """How right the flags are, as the calls are and with fewer silent cuts."""
    rows = []
    for name in (WORDS, WORSE, VOICE):
        for condition in (CONDITIONS[0].name, "leak -30 dB"):
            pairs = run.pairs[condition, name]
            found = [scores.flags(pairs, share) for share in (0.5, SILENT_SHARE)]
            rows.append([condition, name, _f(found[0].precision), _f(found[1].precision), _f(found[0].recall)])
    return table(["line", "known", "precision", "precision, 1 silent change in 10 a cut", "recall"], rows)


def details(run: Run, condition: str, known: str) -> str:
    pairs = run.pairs[condition, known]
    counts = scores.confusion(pairs)
    columns = [*KINDS, UNCLEAR, NONE]
    by_kind = [(kind, scores.figures(pairs, (kind,))) for kind in KINDS]
    rates = [[kind, _f(item.precision), _f(item.recall), _f(item.f1)] for kind, item in by_kind]
    rows = [[f"**{true}**", *(counts[true, found] or "" for found in columns)] for true in (*KINDS, NONE)]
    text = table(["", "precision", "recall", "F1"], rates) + "\n\n" + table(["happened \\ reported", *columns], rows)
    return folded(f"{condition}, {known}: every kind, and what was taken for what", text)


def turn_table(run: Run) -> str:
    rows = []
    for name, item in run.quality.items():
        kept = {which: sum(n for (t, _), n in item.silences.items() if t == which) for which in ("pause", "gap")}
        right = [f"{100 * item.silences[which, which] / max(kept[which], 1):.1f}" for which in ("pause", "gap")]
        offsets = f"{item.transfers['found']} of {item.transfers['happened']}, {item.transfers['reported']} reported"
        rows.append([
            name,
            quality.median_and_p95(item.edges_s),
            offsets,
            quality.median_and_p95(item.offsets_s),
            *right,
            f"{100 * _inserted_right(item.wrongly_inserted):.1f}",
        ])  # fmt: skip
    head = ["line", "edges, median / p95 ms", "changes of floor found", "their offset, median / p95 ms"]
    return table([*head, "pauses told, %", "gaps told, %", "inserted or not, right %"], rows)


def _inserted_right(counts: Counter[tuple[bool, bool]]) -> float:
    return sum(n for (true, found), n in counts.items() if true == found) / max(sum(counts.values()), 1)


def silence_table(run: Run) -> str:
    counts = run.quality[CONDITIONS[0].name].long
    columns = [*SILENCES, NONE]
    return table(["happened \\ reported", *columns], [[k, *(counts[k, f] or "" for f in columns)] for k in SILENCES])


def page(run: Run, calls: list[Call], half: str) -> str:
    events = sum(len(call.events) for call in calls)
    minutes = sum(call.end_s for call in calls) / 60
    main = CONDITIONS[0].name
    parts = [
        f"{len(calls)} calls, {minutes:.0f} minutes and {events} events a line, {run.recorded} of them with a recorded "
        f"human voice ({RECORDED}, Debian's prompts) for statements on one side; voices and sentences of the "
        f"{half.replace('_', '-')} half. Whisper on {run.whisper_calls} calls. Both sides the same mix "
        f"({min(_DUAL_MONO_CALLS, len(calls))} calls): {run.dual_mono} overlaps reported.",
        "### F1 by kind",
        summary(run),
        "\n\n".join(details(run, line, known) for line in (main, "leak -30 dB") for known in (WORDS, VOICE)),
        "### Interruptions that are flagged: said to be more likely than not",
        flag_table(run),
        f"### Interruptions with and without overlap, against simple rules, {main}",
        rules_table(run),
        "### Turns, with words as said",
        turn_table(run),
        f"### Silences of 3 s and more, {main}, with words as said",
        silence_table(run),
    ]
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=200, help="calls a line; each has one event of every kind")
    parser.add_argument("--whisper", type=int, default=10, help="calls that are transcribed as well")
    parser.add_argument("--half", choices=HALVES, default="held_out")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the voices' sayings are kept")
    parser.add_argument("--sounds", type=Path, help="recorded prompts; by default where Debian installs them")
    parser.add_argument("--dry", action="store_true", help="print, and leave the page alone")
    options = parser.parse_args()
    peers.install()
    calls, recorded = calls_of(options.half, options.calls, options.folder, options.sounds)
    run = run_all(calls, options.whisper)
    run.recorded = recorded
    text = page(run, calls, options.half)
    if options.dry:
        print(text)
    else:
        write("turns", text)


if __name__ == "__main__":
    main()
