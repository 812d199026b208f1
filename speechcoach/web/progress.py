"""How an agent is getting on: strengths first, one thing to work on, and what moved, over weeks rather than calls.

Conventions: what is said comes from `team.coaching`; here it is only laid out. An agent is told nothing of single calls
that they have not rated themselves yet: no moment, no dot, no score; what is told over all calls together counts them.
QA may read the page of any agent, and sees every call there, but nothing that is the agent's alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2.environment import TemplateModule
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from speechcoach.errors import UsageError
from speechcoach.settings import Rubric
from speechcoach.team.coaching import LEAST_CALLS, Change, Moment, Observation, drills, history, ratings
from speechcoach.team.coaching import goals as kept_goals
from speechcoach.team.coaching.page import environment, plotted
from speechcoach.team.coaching.plots import TEMPLATES, Plot, svg
from speechcoach.team.coaching.summary import Coaching, Line, Work, coaching
from speechcoach.team.coaching.wording import moved, stands, verdict, why_this
from speechcoach.team.review.ratings import rated_by
from speechcoach.web.goals import STATES, up_to_date
from speechcoach.web.pages import page, shop

_BEFORE_S = 1.0  # of a clip, so that its first word is heard
_UNRATED = "rate it first"


@dataclass(frozen=True, slots=True)
class Clip:
    """A moment to play: from where, in which sound."""

    moment: Moment
    sound: str
    start_s: float
    end_s: float


def show_progress(request: Request) -> Response:
    """The page of an agent: their own, or for QA the one that is named."""
    who, agent, here = request.state.person, _whose(request), shop(request)
    frame = {"agent": agent, "own": not who.is_qa, "least": LEAST_CALLS}
    try:
        known = history(here.store, agent, locale=request.query_params.get("language") or None, edges=True)
    except UsageError:
        return page(request, "agent/progress.html.j2", **frame, told=None)
    goals = up_to_date(request, known)
    told = coaching(
        known,
        kept_goals(here.store, agent),
        ratings(here.store, agent),
        rubric=Rubric.load(here.rubric),
    )
    open_to = None if who.is_qa else rated_by(here.store, who.name)
    return page(
        request,
        "agent/progress.html.j2",
        **frame,
        told=told,
        address=f"/progress/{quote(agent)}" if who.is_qa else "/progress",
        unrated=[call for call in reversed(known.calls) if open_to is not None and call.id not in open_to],
        **laid_out(told, open_to),
        goals=[item for item in goals if item.goal.state == "open"],
        ended=[item for item in goals if item.goal.state in ("reached", "missed")][:2],
        states=STATES,
        drill_language=drills(told.locale).language,
        parts=_parts(),
        filters=environment().filters,
    )


def laid_out(told: Coaching, open_to: Collection[str] | None) -> dict[str, Any]:
    """What the page shows; `open_to` are the calls of which single moments may be shown, None for all."""
    drawn = [(line, _drawn(line, open_to)) for line in told.lines]
    return {
        "better": [(line.metric.title, moved(line)) for line in told.celebrated],
        "strengths": _clips(told.strengths, open_to),
        "work": _work(told.work, open_to),
        "plots": [(plot, svg(plot), verdict(line), _kind(line)) for line, plot in drawn if _says_something(plot)],
        "undrawn": [line.metric.title for line, plot in drawn if plot and not _says_something(plot)],
        "edges": [(line.metric.title, stands(line)) for line in told.edges],
        "alike": [(line.metric.title, _alike(line)) for line in told.lines + told.habits],
    }


def _work(work: Work | None, open_to: Collection[str] | None) -> dict[str, Any] | None:
    if work is None:
        return None
    model = work.model if work.model and (open_to is None or work.model.id in open_to) else None
    clips = {"best": _clips(work.best, open_to), "worst": _clips(work.worst, open_to)}
    return {
        "title": work.title,
        "skill": work.skill,
        "drill": work.drill,
        "why": why_this(work),
        "model": model,
        **clips,
    }


def _clips(moments: Sequence[Moment], open_to: Collection[str] | None) -> list[Clip]:
    return [
        Clip(item, f"/calls/{item.call_id}/sound", max(0.0, item.start_s - _BEFORE_S), item.end_s + _BEFORE_S)
        for item in moments
        if item.start_s is not None and item.end_s is not None and (open_to is None or item.call_id in open_to)
    ]


def _drawn(line: Line, open_to: Collection[str] | None) -> Plot | None:
    plot = plotted(line)
    return plot if plot is None or open_to is None else _only_rated(plot, line.observations, open_to)


def _says_something(plot: Plot | None) -> bool:
    """Whether there is a call or a window in it."""
    return plot is not None and bool(plot.dots or plot.bands)


def _kind(line: Line) -> str:
    return line.change.verdict.replace(" ", "-") if isinstance(line.change, Change) else "few"


def _alike(line: Line) -> str:
    said = getattr(line.alike, "said", None)
    return f"{said}." if said else f"Not enough calls yet: {line.alike.why}."


def _only_rated(plot: Plot, observations: Sequence[Observation], open_to: Collection[str]) -> Plot:
    """The plot without what it says of calls that were not rated; its windows stay."""
    dated = [item for item in observations if item.recorded_at]
    judged = [item for item in dated if item.value is not None]
    return replace(
        plot,
        dots=tuple(dot for dot, item in zip(plot.dots, judged, strict=True) if item.call_id in open_to),
        rows=tuple(
            row if item.call_id in open_to else (row[0], _UNRATED) for row, item in zip(plot.rows, dated, strict=True)
        ),
    )


def _whose(request: Request) -> str:
    who, named = request.state.person, request.path_params.get("agent")
    if not who.is_qa and named is None:
        return who.agent
    if who.is_qa and named in shop(request).people.agents():
        return named
    raise HTTPException(404)


@cache
def _parts() -> TemplateModule:
    """The macros of the coach's own page."""
    return environment().get_template("parts.html.j2").module


def send_style(request: Request) -> Response:
    """What these parts look like."""
    return FileResponse(TEMPLATES / "coach.css")


ROUTES = (
    Route("/coach.css", send_style),
    Route("/progress", show_progress),
    Route("/progress/{agent:path}", show_progress),
)
