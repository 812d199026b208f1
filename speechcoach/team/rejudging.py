"""Every call of a store judged again from its facts: other thresholds, other costs, and neither audio nor a model.

Conventions: a page of calls is read, judged and written in one transaction, so whoever reads the store meanwhile sees
each call under the old judgement or the new one, never half; stopped, it is begun again from the first call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import islice
from pathlib import Path

from speechcoach.judgement import check_rubric
from speechcoach.pipeline import judge
from speechcoach.records import Facts, Result
from speechcoach.settings import Norms, Rubric
from speechcoach.team.rows import DONE
from speechcoach.team.store import Store

_PAGE = 100  # calls in one transaction

Judge = Callable[[Facts], Result]
Tell = Callable[[int, int], None]
"""(calls judged, calls in all)"""


def judge_again(store: Store, judged: Judge, tell: Tell) -> tuple[int, list[str]]:
    """How many calls of the store were judged again, and a sentence for each whose facts are damaged."""
    of, done, damaged = store.counts().get(DONE, 0), 0, list[str]()
    tell(0, of)
    calls = store.facts(lambda why: damaged.append(str(why)))
    while page := [(call_id, judged(facts)) for call_id, facts in islice(calls, _PAGE)]:
        store.judged(page)
        done += len(page)
        tell(done, of)
    return done, damaged


def judge_by(norms: Path | None, rubric: Path | None) -> Judge:
    """Judges facts; each language's norms are read once, and the rubric once.

    Raises SettingsError where a file cannot be meant.
    """
    costs = Rubric.load(rubric)
    check_rubric(costs)
    of_language = cache(lambda language: Norms.load(language, norms))
    of_language(None)
    return lambda facts: judge(facts, of_language(facts.call.language), costs)
