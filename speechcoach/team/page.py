"""A team's page: one HTML file that needs nothing else. What deserves an ear first, scores, flags by kind, every call.

Conventions: all text reaches the page through the template's escaping, and the page's one script is named by its sha256
in its Content-Security-Policy. Intervals are bootstrap intervals of 95 % of the median over calls (Efron 1979, Annals
of Statistics 7), with a fixed seed: the same store gives the same page.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from speechcoach.judgement.phrases import cue_title, score_title
from speechcoach.settings import Rubric
from speechcoach.team.rows import DONE, FAILED
from speechcoach.team.store import Store
from speechcoach.team.work import report_name
from speechcoach.views.whole import write_whole

HERE = Path(__file__).parent / "report"
_FIRST = 10  # calls to listen to first
_BINS = 10  # of a score's distribution, ten points each
_DRAWS = 2000
_LEAST = 5  # calls, below which an interval says nothing


@dataclass(frozen=True, slots=True)
class Distribution:
    """A score over calls: bars as shares of the tallest, the median and its interval."""

    title: str
    calls: int
    bars: tuple[tuple[int, float], ...]
    median: float
    interval: tuple[float, float] | None


def write(store: Store, target: Path, reports: Path | None = None, rubric: Path | None = None) -> None:
    """Write the page. Raises OutputError where it cannot be written; calls link to their pages in `reports`."""
    text = render(store, target, reports, rubric)
    write_whole(target, text, "name another file with --report")


def render(store: Store, target: Path, reports: Path | None = None, rubric: Path | None = None) -> str:
    """The page as one HTML document."""
    rules = Rubric.load(rubric)
    lost, by_call = scores(store)
    calls = [_call(row, lost, by_call, target, reports) for row in store.rows("call") if row["state"] == DONE]
    calls.sort(key=lambda call: (-call["lost"], call["name"]))
    failed = [row for row in store.rows("call") if row["state"] == FAILED]
    names = [name for name in rules.scores if any(name in call["scores"] for call in calls)]
    return (
        _environment()
        .get_template("team.html.j2")
        .render(
            calls=calls,
            first=[call for call in calls if call["flags"]][:_FIRST],
            failed=failed,
            hours=sum(call["duration_s"] or 0.0 for call in calls) / 3600,
            transcribed=sum(bool(call["words"]) for call in calls),
            scores=[(name, score_title(name, rules)) for name in names],
            distributions=[distribution(score_title(name, rules), by_call, name) for name in names],
            flags=flags_by_kind(store.rows("finding"), len(calls)),
            filters=[
                (name, sorted({call[name] for call in calls if call[name]})) for name in ("team", "queue", "agent")
            ],
            style=Markup(_text("team.css")),
            script=Markup(_text("team.js")),
            policy=_policy(),
        )
    )


def scores(store: Store) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Points lost by call, and each call's scores by name; what was not judged is left out."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for row in store.rows("score"):
        if row["score"] is not None:
            found[row["call_id"]][row["name"]] = row["score"]
    return {call_id: sum(100 - value for value in own.values()) for call_id, own in found.items()}, found


def _call(
    row: dict[str, Any],
    lost: dict[str, float],
    scores: dict[str, dict[str, float]],
    target: Path,
    reports: Path | None,
) -> dict[str, Any]:
    kept = ("id", "name", "agent", "team", "queue", "recorded_at", "duration_s", "flags", "strengths", "screening")
    own = scores.get(row["id"], {})
    return {
        **{name: row[name] for name in kept},
        "words": row["transcribed_by"],
        "lost": lost.get(row["id"], 0.0),
        "scores": own,
        "link": _link(row, target, reports),
    }


def _link(row: dict[str, Any], target: Path, reports: Path | None) -> str | None:
    """The way from the team's page to the call's, where there is one."""
    if reports is None:
        return None
    page = reports / report_name(row["name"], row["id"])
    return quote(os.path.relpath(page, target.parent).replace(os.sep, "/")) if page.is_file() else None


def distribution(title: str, by_call: Mapping[str, Mapping[str, float]], name: str) -> Distribution:
    """How a score lies over the calls in which it was judged, of which there is one at least."""
    values = np.array([own[name] for own in by_call.values() if name in own])
    counts, _ = np.histogram(values, bins=_BINS, range=(0, 100))
    bars = tuple((int(count), float(count / counts.max())) for count in counts)
    return Distribution(title, len(values), bars, float(np.median(values)), interval(values))


def interval(values: np.ndarray) -> tuple[float, float] | None:
    """Bootstrap interval of 95 % of the median; None of fewer than five values."""
    if len(values) < _LEAST:
        return None
    chance = np.random.default_rng(0)
    drawn = np.median(chance.choice(values, (_DRAWS, len(values))), axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def flags_by_kind(findings: Iterable[Mapping[str, Any]], calls: int) -> list[dict[str, Any]]:
    """The agent's flags by kind: how many, in how many calls, the most frequent first."""
    count: Counter[str] = Counter()
    where: dict[str, set[str]] = defaultdict(set)
    for row in findings:
        if row["speaker"] == "agent" and not row["strength"]:
            count[row["cue"]] += 1
            where[row["cue"]].add(row["call_id"])
    return [
        {
            "cue": cue,
            "title": cue_title(cue),
            "flags": n,
            "calls": len(where[cue]),
            "share": len(where[cue]) / max(calls, 1),
        }
        for cue, n in count.most_common()
    ]


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_text("team.js").encode()).digest()).decode()
    own = f"script-src 'sha256-{digest}'; style-src 'unsafe-inline'"
    return f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'"


@cache
def _text(name: str) -> str:
    return (HERE / name).read_text("utf-8").strip()


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["clock"] = lambda seconds: str(timedelta(seconds=int(seconds or 0))).removeprefix("0:")
    made.filters["day"] = lambda moment: f"{moment:%Y-%m-%d %H:%M}" if moment else ""
    return made
