"""From facts to findings and scores; pure, fast, repeatable under other norms.

`judge_facts` runs every cue that the folder `cues/` holds. What a cue cannot judge becomes an abstention, never a
zero.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from functools import cache
from types import ModuleType

from speechcoach.errors import SettingsError
from speechcoach.judgement import cues
from speechcoach.judgement.cue import Abstain, missing
from speechcoach.judgement.scorecard import listen_first, score_call
from speechcoach.records import Abstention, Facts, Finding
from speechcoach.settings import Norms, Rubric

__all__ = ["all_cues", "check_rubric", "judge_facts", "listen_first", "score_call"]


@cache
def all_cues() -> dict[str, ModuleType]:
    """Every cue by name, in alphabetical order."""
    names = sorted(entry.name for entry in pkgutil.iter_modules(cues.__path__))
    return {name: importlib.import_module(f"{cues.__name__}.{name}") for name in names}


def check_rubric(rubric: Rubric) -> None:
    """Raise SettingsError where the rubric names a cue that does not exist, or prices one that not everybody may read.

    A score is everybody's: what it lost would tell of a finding that is nobody else's business.
    """
    known = all_cues()
    rubric.check_cues(tuple(known))
    for name, rule in rubric.scores.items():
        for cue, cost in rule.costs.items():
            if cost > 0 and hasattr(known[cue], "AUDIENCES"):
                raise SettingsError(
                    f"rubric {rubric.name}: scores.{name}: {cue} is told to the {' and '.join(known[cue].AUDIENCES)} "
                    "alone, and its price would show it to everybody; make it 0"
                )


def judge_facts(facts: Facts, norms: Norms) -> tuple[tuple[Finding, ...], tuple[Abstention, ...]]:
    """Findings in order of time, and what could not be judged."""
    findings: list[Finding] = []
    abstained: list[Abstention] = []
    for name, cue in all_cues().items():
        found, why = (), missing(cue.NEEDS, facts, norms)
        if why is None:
            try:
                found = cue.detect(facts, norms.of(name, cue.Norm))
            except Abstain as reason:
                found, why = reason.findings, str(reason)
        findings += [replace(item, source=norms.source(name, item.threshold)) for item in found]
        if why is not None:
            abstained.append(Abstention(name, why))
    return tuple(sorted(findings, key=_in_time)), tuple(abstained)


def _in_time(item: Finding) -> tuple[float, str]:
    return (item.spans[0].start_s if item.spans else 0.0, item.id)
