"""The team's pages: how scores lie, what was flagged, and each agent and each queue in a line.

Conventions: calls of one language are shown at a time, for pace, pitch and phrases do not compare between languages.
Agents stand in order of their names: a table that ranks people would say more than its intervals bear.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from speechcoach.judgement.phrases import score_title
from speechcoach.settings import Rubric
from speechcoach.team import page as team_page
from speechcoach.team.review import opinions
from speechcoach.team.rows import DONE
from speechcoach.team.store import Store
from speechcoach.views.report.story import LANGUAGES
from speechcoach.web.doors import only
from speechcoach.web.pages import page, shop


@dataclass(frozen=True, slots=True)
class Middle:
    """The median over calls, and its interval where there are calls enough."""

    calls: int
    median: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Group:
    """The calls of an agent or of a queue; `scores` by name, without those that were not judged in any call."""

    name: str
    link: str
    calls: int
    hours: float
    flags: Middle
    scores: Mapping[str, Middle]


@only("qa")
def show_team(request: Request) -> Response:
    """Distributions, flags by kind, and the agents."""
    return _shown(request, "agent", "Team")


@only("qa")
def show_queues(request: Request) -> Response:
    """The same by queue."""
    return _shown(request, "queue", "Queues")


def language_of(request: Request, languages: Sequence[str | None]) -> tuple[list[tuple[str, str]], str | None]:
    """What languages there are to choose from, and the one that is asked for, else the most frequent."""
    asked = request.query_params.get("language")
    chosen = next((item for item in languages if (item or "") == asked), languages[0] if languages else None)
    return [(item or "", LANGUAGES.get(item or "", item or "not known")) for item in languages], chosen


def _shown(request: Request, by: str, title: str) -> Response:
    store, rules = shop(request).store, Rubric.load(shop(request).rubric)
    languages, language = language_of(request, opinions.languages(store))
    calls = [row for row in store.rows("call") if row["state"] == DONE and row["language"] == language]
    ids = {row["id"] for row in calls}
    scores = {call_id: own for call_id, own in team_page.scores(store)[1].items() if call_id in ids}
    names = [name for name in rules.scores if any(name in own for own in scores.values())]
    return page(
        request,
        "team.html.j2",
        title=title,
        by=by,
        languages=languages,
        language=language,
        calls=len(calls),
        hours=sum(row["duration_s"] or 0.0 for row in calls) / 3600,
        distributions=[team_page.distribution(score_title(name, rules), scores, name) for name in names],
        flags=_flags(store, ids, language),
        names=[(name, score_title(name, rules)) for name in names],
        groups=_groups(calls, scores, names, by),
        unnamed=sum(row[by] is None for row in calls),
    )


def _flags(store: Store, ids: set[str], language: str | None) -> list[dict[str, Any]]:
    rows = (row for row in store.rows("finding") if row["call_id"] in ids)
    return [row | {"link": _link(cue=row["cue"], language=language)} for row in team_page.flags_by_kind(rows, len(ids))]


def _groups(
    calls: Sequence[dict[str, Any]], scores: Mapping[str, Mapping[str, float]], names: Sequence[str], by: str
) -> list[Group]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in calls:
        if row[by] is not None:
            groups[row[by]].append(row)
    return [
        Group(
            name,
            _link(**{by: name}),
            len(own),
            sum(row["duration_s"] or 0.0 for row in own) / 3600,
            _middle([float(row["flags"] or 0) for row in own]),
            {
                score: _middle(values)
                for score in names
                if (values := [scores[row["id"]][score] for row in own if score in scores.get(row["id"], {})])
            },
        )
        for name, own in sorted(groups.items())
    ]


def _middle(values: Sequence[float]) -> Middle:
    listed = np.array(values)
    return Middle(len(values), float(np.median(listed)), team_page.interval(listed))


def _link(**asked: str | None) -> str:
    return "/calls?" + urlencode({name: value for name, value in asked.items() if value})


ROUTES = (Route("/team", show_team), Route("/queues", show_queues))
