"""How often the coach celebrates what is chance, and how often it sees what is not.

Usage: python -m benchmarks.coaching [--looks 1000] [--results FOLDER] [--write]

Truth is the simulation's: agents whose behaviour is known to have changed, or not (`coaching_agents`). With --results
the same is asked of calls drawn again from results of real or sample calls (JSON files of `analyze`), which keeps their
true distributions; nothing changes in them, so every celebration is false. With --write the figures go into README.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import click
import numpy as np

from benchmarks import tables
from benchmarks.coaching_agents import made_agent, observed, scores
from speechcoach import load
from speechcoach.pipeline import judge
from speechcoach.team.coaching import Change, Windows, change, changes
from speechcoach.team.coaching.estimates import bootstrap, centre

_WINDOWS = ((20, 20), (40, 20), (40, 40))
_STEPS = (0.4, 0.6, 0.8, 1.0, 1.2, 1.6)  # edges of the effects, in standard deviations of single calls
_PLANTED = ("attention", "understanding", "feedback", "response", "voice", "courtesy")


@click.command()
@click.option("--looks", default=1000, help="Pages looked at in each row.")
@click.option("--results", type=click.Path(path_type=Path, exists=True), help="Folder of results to draw from.")
@click.option("--write", is_flag=True, help="Write the figures into README.md.")
def main(looks: int, results: Path | None, write: bool) -> None:
    """Prints all tables."""
    parts = []
    made = (
        lambda: _false(looks, results),
        lambda: _power(looks),
        lambda: _coverage(looks // 4),
        lambda: _centres(looks),
    )
    for part in made:
        parts.append(part())
        click.echo(f"{parts[-1]}\n")
    if write:
        tables.write("coaching", "\n\n".join(parts))


def _false(looks: int, results: Path | None) -> str:
    rows = [
        _false_row(
            f"made agents, {b} calls before, {n} now, resemblance {r:g}",
            looks,
            lambda c, b=b, n=n, r=r: _null(c, b, n, r),
        )
        for b, n in _WINDOWS
        for r in (0.0, 0.3)
    ]
    rows.append(_false_row("as the second row, the harder queue twice as frequent before", looks, _shifted_queues))
    if results is not None:
        pool = _pool(results)
        said = f"{len(pool)} real and sample calls drawn again, 20 before, 20 now"
        rows.append(_false_row(said, looks, lambda c: _drawn_again(pool, c)))
    head = ("calls in which nothing changed", "pages with a false celebration", "with a false warning")
    return (
        f"**False celebrations**, {looks} pages of eight scores a row: a page counts if it celebrates any score.\n\n"
        + tables.table(head, rows)
    )


def _false_row(said: str, looks: int, page: object) -> tuple[str, str, str]:
    chance, good, bad = np.random.default_rng(11), 0, 0
    for _ in range(looks):
        series, windows = page(chance)
        verdicts = [c.verdict for c in changes(series, windows).values() if isinstance(c, Change)]
        good += "improved" in verdicts
        bad += "worsened" in verdicts
    return said, f"{good / looks:.1%}", f"{bad / looks:.1%}"


def _null(chance: np.random.Generator, before: int, now: int, resemblance: float):
    queues = chance.integers(2, size=before + now)
    made = scores(made_agent(chance, resemblance), before + now, chance, queues, {})
    return observed(made, queues), Windows(now, before)


def _shifted_queues(chance: np.random.Generator):
    queues = np.concatenate([chance.random(20) < 2 / 3, chance.random(20) < 1 / 3]).astype(int)
    return observed(scores(made_agent(chance, 0.3), 40, chance, queues, {}), queues), Windows(20, 20)


def _pool(folder: Path) -> list[dict[str, float | None]]:
    """The scores of each result of the folder, judged by the rules of today."""
    judged = [judge(load(path).facts) for path in sorted(folder.glob("*.json"))]
    return [{score.name: score.score for score in result.scores} for result in judged]


def _drawn_again(pool: list[dict[str, float | None]], chance: np.random.Generator):
    drawn = [pool[place] for place in chance.integers(len(pool), size=40)]
    series = {name: np.array([np.nan if own.get(name) is None else own[name] for own in drawn]) for name in pool[0]}
    return {name: _judged(listed) for name, listed in observed(series, np.zeros(40, int)).items()}, Windows(20, 20)


def _judged(listed: list) -> list:
    return [replace(item, value=None) if np.isnan(item.value) else item for item in listed]


def _power(looks: int) -> str:
    steps = [f"{low:g}-{high:g} SD" for low, high in pairwise(_STEPS)]
    rows = []
    for before, now in _WINDOWS:
        seen = list(_planted(before, now, looks))
        for place, said in ((1, "any of eight scores"), (2, "one chosen before")):
            cells = [_share([s[place] for s in seen if low <= s[0] < high]) for low, high in pairwise(_STEPS)]
            rows.append((before, now, said, *cells))
    head = ("calls before", "calls now", "what the page looks at", *steps)
    return (
        "**Power**: share of true improvements of one score that are celebrated, by their size in standard deviations "
        "of the agent's calls before (about 20 points); resemblance 0.2; number of agents in brackets.\n\n"
        + tables.table(head, rows)
    )


def _planted(before: int, now: int, looks: int) -> Iterator[tuple[float, bool, bool]]:
    """True size of the effect in standard deviations; celebrated among eight; celebrated alone."""
    chance = np.random.default_rng(12)
    for look in range(looks):
        name = _PLANTED[look % len(_PLANTED)]
        agent, left = made_agent(chance, 0.2), float(chance.uniform(0.05, 0.6))
        queues = chance.integers(2, size=before + now)
        factor = np.where(np.arange(before + now) < before, 1.0, left)
        series = observed(scores(agent, before + now, chance, queues, {name: factor}), queues)
        windows = Windows(now, before)
        page, alone = changes(series, windows)[name], change(series[name], windows)
        if isinstance(page, Change) and isinstance(alone, Change):
            yield _true_size(agent, name, left, chance), page.is_celebrated, alone.is_celebrated


def _true_size(agent: object, name: str, left: float, chance: np.random.Generator, calls: int = 2000) -> float:
    queues = chance.integers(2, size=calls)
    old = scores(agent, calls, chance, queues, {})[name]
    new = scores(agent, calls, chance, queues, {name: np.full(calls, left)})[name]
    return float((new.mean() - old.mean()) / max(old.std(), 1.0))


def _share(hits: list[bool]) -> str:
    return f"{np.mean(hits):.2f} ({len(hits)})" if len(hits) >= 20 else "–"


def _coverage(agents: int) -> str:
    rows = []
    for calls in (5, 8, 10, 15, 20, 40):
        chance, held = np.random.default_rng(13), []
        for _ in range(agents):
            queues = chance.integers(2, size=4000)
            for values in scores(made_agent(chance), 4000, chance, queues, {}).values():
                drawn = bootstrap(chance.choice(values, calls), lambda d: centre(d, 0.1))
                held.append(drawn.low - 1e-9 <= float(centre(values, 0.1)) <= drawn.high + 1e-9)
        rows.append((calls, f"{np.mean(held):.1%}"))
    return (
        f"**Baseline**: how often the interval of 95 % holds the true centre, {agents} agents, eight scores each.\n\n"
        + tables.table(("calls", "holds"), rows)
    )


def _centres(draws: int) -> str:
    """Power of each centre at the same false rate, by its own null: what a robust centre costs."""
    of = {
        "mean": lambda v: v.mean(axis=1),
        "trimmed 10 %": lambda v: centre(v, 0.1),
        "trimmed 20 %": lambda v: centre(v, 0.2),
        "median": lambda v: np.median(v, axis=1),
        "Hodges-Lehmann": _hodges_lehmann,
    }
    kinds = {"scores (mean of six)": _PLANTED, "a rate with Student's t of 4 degrees": (None,)}
    rows = []
    for said, names in kinds.items():
        powers = np.array([[_found(statistic, name, draws) for statistic in of.values()] for name in names])
        rows.append((said, *(f"{value:.2f}" for value in powers.mean(axis=0))))
    return (
        "**Which centre**: power to see a change at a false rate of 5 %, 20 calls before and 20 now; behaviour falls "
        "to 0.4 of its rate, or the rate moves by one standard deviation.\n\n" + tables.table(("values", *of), rows)
    )


def _found(statistic, name: str | None, draws: int) -> float:
    chance = np.random.default_rng(14)
    agent = made_agent(chance, apart=0.0)

    def window(left: float) -> np.ndarray:
        if name is None:
            return chance.standard_t(4, (draws, 20)) * 12 + 165 - (1 - left) * 17 / 0.6
        queues = np.zeros(draws * 20, int)
        return scores(agent, draws * 20, chance, queues, {name: np.full(draws * 20, left)})[name].reshape(draws, 20)

    null = np.abs(statistic(window(1.0)) - statistic(window(1.0)))
    return float(np.mean(np.abs(statistic(window(0.4)) - statistic(window(1.0))) > np.quantile(null, 0.95) + 1e-9))


def _hodges_lehmann(values: np.ndarray) -> np.ndarray:
    first, second = np.triu_indices(values.shape[1])
    return np.median((values[:, first] + values[:, second]) / 2, axis=1)


if __name__ == "__main__":
    main()
