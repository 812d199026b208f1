"""Goals: one metric, a target among the agent's own good calls, a number of calls, and a look at the end.

Conventions: an agent sets and withdraws their own, QA anybody's; each line of a history says who wrote it. What becomes
of an open goal is told by `team.coaching`, when a page that shows it is opened. The centre of a goal's calls so far is
shown once there are a few of them: of the first call it would be that call's score.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from speechcoach.errors import UsageError
from speechcoach.team.coaching import (
    Baseline,
    Goal,
    GoalEvent,
    History,
    Interval,
    KeptGoal,
    Metric,
    baseline,
    history,
    metric,
    metrics,
    newest,
    progress,
    set_goal,
    target_range,
    window_for,
    withdraw,
)
from speechcoach.team.coaching import goals as kept_goals
from speechcoach.team.review import goals
from speechcoach.team.rows import now
from speechcoach.web.pages import back_to, form, page, shop

_LEAST_SHOWN = 5  # calls of a goal before their centre is shown
STATES = {"open": "open", "reached": "reached", "missed": "not reached", "withdrawn": "withdrawn"}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a goal of one metric may be: where the agent stands, where a target may lie, and over how many calls."""

    metric: Metric
    known: Baseline
    allowed: Interval
    calls: int

    @property
    def step(self) -> float:
        """Of the field for the target."""
        return 10.0**-self.metric.digits

    @property
    def ends(self) -> tuple[float, float]:
        """The range in whole steps, where one lies in it."""
        low, high = math.ceil(self.allowed.low / self.step), math.floor(self.allowed.high / self.step)
        if low > high:
            return self.allowed.low, self.allowed.high
        return round(low * self.step, 6), round(high * self.step, 6)

    @property
    def in_steps(self) -> bool:
        """Whether the ends are whole steps."""
        return math.isclose(self.ends[0] / self.step, round(self.ends[0] / self.step), abs_tol=1e-6)

    def shown(self, value: float) -> str:
        """A number for the field."""
        return f"{value:.{self.metric.digits}f}" if self.in_steps else f"{value:.6g}"

    @property
    def suggested(self) -> float:
        """The near end: what can be reached first."""
        return self.ends[0] if self.metric.sign > 0 else self.ends[1]


@dataclass(frozen=True, slots=True)
class Shown:
    """A goal for a page: `calls` of `goal.window_calls` are there, `value` is their centre once that may be shown."""

    id: int
    goal: Goal
    metric: Metric
    events: tuple[GoalEvent, ...]
    calls: int
    value: float | None

    @property
    def share(self) -> float:
        """How much of the window is there, 0-1."""
        return self.calls / self.goal.window_calls


def show_goals(request: Request) -> Response:
    """An agent's goals, and what a new one may be."""
    return _page(request, _whose(request))


def propose(request: Request) -> Response:
    """Set a goal."""
    agent, given = _whose(request), form(request)
    known = _known(request, agent)
    try:
        if known is None:
            raise UsageError("There are no calls yet to set a goal from.")
        what = metric(given.get("metric", ""))
        observations = newest(known.observations[what.name])
        target = _target(what, given.get("target", ""), target_range(observations))
        fresh, event = set_goal(observations, target=target, set_by=request.state.person.name, set_at=now())
        if goals.keep(shop(request).store, fresh, event) is None:
            raise UsageError(f"{what.title}: there is an open goal already; withdraw it to set another.")
    except UsageError as why:
        return _page(request, agent, str(why), given.get("metric", ""))
    return back_to(_address(request, agent), "goal")


def give_up(request: Request) -> Response:
    """Withdraw a goal, with a reason."""
    given, who, store = form(request), request.state.person, shop(request).store
    number = int(request.path_params["number"])
    agent = goals.agent_of(store, number)
    if agent is None or not (who.is_qa or who.agent == agent):
        raise HTTPException(404)
    kept = next(item for item in kept_goals(store, agent) if item.id == number)
    try:
        event = withdraw(kept.goal, now(), given.get("why", "")[:500])
    except UsageError as why:
        return _page(request, agent, str(why))
    goals.happened(store, number, replace(event, why=f"{who.name}: {event.why}"))
    return back_to(_address(request, agent), "withdrawn")


def up_to_date(request: Request, known: History) -> list[Shown]:
    """The agent's goals, the newest first, after a look at the open ones."""
    store = shop(request).store
    goals.bring_up_to_date(store, known, now())
    return [_shown(kept, known) for kept in kept_goals(store, known.agent)]


def offers(known: History) -> list[Metric]:
    """The metrics of which a goal can be set."""
    return [what for what in metrics().values() if what.sign and offer(known, what.name)]


def offer(known: History, name: str) -> Offer | None:
    """What a goal of this metric may be, or None where none can be set."""
    observations = newest(known.observations[name])
    try:
        allowed, stands = target_range(observations), baseline(observations)
    except UsageError:
        return None
    if not isinstance(allowed, Interval) or not isinstance(stands, Baseline):
        return None
    what = metric(name)
    return Offer(what, stands, allowed, window_for(observations, allowed.low if what.sign > 0 else allowed.high))


def _page(request: Request, agent: str, sentence: str = "", chosen: str = "") -> Response:
    known, who = _known(request, agent), request.state.person
    listed = up_to_date(request, known) if known else []
    choices = offers(known) if known else []
    chosen = chosen or request.query_params.get("metric", "")
    return page(
        request,
        "agent/goals.html.j2",
        status=400 if sentence else 200,
        agent=agent,
        own=who.agent == agent,
        address=_address(request, agent),
        open_goals=[item for item in listed if item.goal.state == "open"],
        past=[item for item in listed if item.goal.state != "open"],
        choices=choices,
        offer=offer(known, chosen) if known and chosen in [what.name for what in choices] else None,
        calls=len(known.calls) if known else 0,
        states=STATES,
        sentence=sentence,
    )


def _shown(kept: KeptGoal, known: History) -> Shown:
    what, same = metric(kept.goal.metric), kept.goal.locale == known.locale
    sofar = progress(kept.goal, known.observations[what.name]) if same else None
    calls = sofar.calls if sofar else 0
    value = sofar.value if sofar and calls >= _LEAST_SHOWN else None
    return Shown(kept.id, kept.goal, what, kept.events, calls, value)


def _target(what: Metric, given: str, allowed: Any) -> float | None:
    """The target as it was meant: who types an end of the range as it is shown means that end."""
    if not given:
        return None
    try:
        target = float(given.replace(",", "."))
    except ValueError:
        raise UsageError(f"{given!r} is no number; write the target as 80 or 2.5.") from None
    if not math.isfinite(target):
        raise UsageError(f"{given!r} is no number; write the target as 80 or 2.5.")
    if isinstance(allowed, Interval):
        near = min(max(target, allowed.low), allowed.high)
        return near if abs(near - target) <= 0.5 * 10.0**-what.digits else target
    return target


def _whose(request: Request) -> str:
    """The agent whose goals are meant: QA names one of the store's, an agent is asked about themselves."""
    who, named = request.state.person, request.path_params.get("agent")
    if not who.is_qa and named is None:
        return who.agent
    if who.is_qa and named in shop(request).people.agents():
        return named
    raise HTTPException(404)


def _known(request: Request, agent: str) -> History | None:
    try:
        return history(shop(request).store, agent)
    except UsageError:
        return None  # no finished call yet


def _address(request: Request, agent: str) -> str:
    return f"/goals/{quote(agent)}" if request.state.person.is_qa else "/goals"


ROUTES = (
    Route("/goals", show_goals),
    Route("/goals", propose, methods=["POST"]),
    Route("/goals/withdraw/{number:row}", give_up, methods=["POST"]),
    Route("/goals/{agent:path}", show_goals),
    Route("/goals/{agent:path}", propose, methods=["POST"]),
)
