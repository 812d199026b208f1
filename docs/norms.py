"""The tables of what is flagged, from which number on, by whose authority, and of what a flag costs.

Made from locales/*.toml and rubrics/default.toml, as the product itself reads them.
"""

from __future__ import annotations

from types import ModuleType

from speechcoach.judgement import all_cues
from speechcoach.settings import MARKS, Norms, Rubric, Threshold, locales

_NAMES = {"en": "English", "es": "Spanish", "de": "German", "fr": "French", "pt": "Portuguese"}
_NORMS = """# Norms: every threshold and its source

*For QA leads and linguists, who own these numbers.* A norms file of your own changes any of them: see
[thresholds of your own](../start/qa.md#thresholds-of-your-own). A mark says how far to trust a source:

| mark | meaning |
|---|---|
{marks}

No threshold compares accents, and none is an absolute pitch or loudness: voices are held against the same speaker on
the same line. Where our default has no study behind it, the source says so.
"""
_SCORES = """# Scores: what a flag costs

*For managers, who own the rubric, and for everybody who is scored.* A score starts at 100 and loses what each flag
costs, up to the most that a cue can cost; a flag that is 55 % sure costs 55 %. What could not be judged costs nothing,
and where nothing that a score rests on could be judged there is no score. Strengths are told, and add nothing. A cue
that costs 0 is told beside the score and moves nothing.

Every lost point names the flags that cost it. No study that we know links such points to what customers think of a
call, and nothing was fitted to customers' ratings: the prices are a rubric to talk about, not a measurement. Write your
own and give it with `--rubric ours.toml`; the one that ships is `speechcoach/rubrics/default.toml`.
"""


def pages() -> dict[str, str]:
    """Both pages by their path under docs/."""
    return {"reference/norms.md": norms(), "reference/scores.md": scores()}


def norms() -> str:
    """Every threshold of every cue, and how many phrases a language has."""
    marks = "\n".join(f"| {mark} | {text} |" for mark, text in MARKS.items())
    tables = [_cue(name, cue) for name, cue in all_cues().items() if name in Norms.load().thresholds]
    return "\n".join([_NORMS.format(marks=marks), *tables, _phrases()])


def _cue(name: str, cue: ModuleType) -> str:
    rows = [_row(name, key, entry) for key, entry in Norms.load().thresholds[name].items()]
    rows += [
        f"{_row(name, key, entry)[:-2]}; {_language(language)} |"
        for language in locales()
        for key, entry in Norms.load(language).thresholds[name].items()
        if entry != Norms.load().thresholds[name][key]
    ]
    head = f"## {cue.TITLE}\n\n[What this cue sees](../cues/{name}.md).\n"
    return "\n".join([head, "| key | value | source | mark |", "|---|---|---|---|", *rows, ""])


def _row(name: str, key: str, entry: Threshold) -> str:
    return f"| `{name}.{key}` | {entry.value:g} | {entry.source} | {entry.mark} |"


def _phrases() -> str:
    groups = sorted({group for language in locales() for group in Norms.load(language).phrases})
    head = ["| group | " + " | ".join(map(_language, locales())) + " |", "|---|" + "---|" * len(locales())]
    counts = {language: Norms.load(language).phrases for language in locales()}
    rows = [
        f"| `{group}` | " + " | ".join(str(len(counts[language][group])) for language in locales()) + " |"
        for group in groups
    ]
    said = "How many phrases a language has. A file of yours may add to a group (`[add]`) or replace it (`[phrases]`)."
    return "\n".join(["## Phrases\n", f"{said}\n", *head, *rows, ""])


def scores() -> str:
    """Every score of the shipped rubric."""
    rubric = Rubric.load()
    tables = [_score(title=rule.title, costs=rule.costs, most=rule.at_most) for rule in rubric.scores.values()]
    screening = (
        "## Screening\n\nWith `batch --transcript flagged`, calls whose voice and timing cost "
        f"{rubric.screening.points:g} points or more are transcribed, and a random {rubric.screening.sample_share:.0%} "
        "of the others.\n"
    )
    return "\n".join([_SCORES, *tables, screening])


def _score(title: str, costs: dict[str, float], most: dict[str, float]) -> str:
    rows = [
        f"| [{all_cues()[cue].TITLE}](../cues/{cue}.md) | {cost:g} | {f'{most[cue]:g}' if cue in most else '-'} |"
        for cue, cost in costs.items()
    ]
    return "\n".join([f"## {title}\n", "| cue | points a flag | at most |", "|---|---|---|", *rows, ""])


def _language(code: str) -> str:
    return _NAMES.get(code, code)
