"""Goals of agents and their history are written here; `team.coaching` reads them, and tells what becomes of one.

Conventions: a goal's state changes only together with a line of its history, and only while it is open: who comes
second changes nothing. A line that a person wrote begins with their name.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, insert, select, update

from speechcoach.team.coaching import Goal, GoalEvent, History, assess, goals
from speechcoach.team.review.tables import goal, goal_event
from speechcoach.team.store import Store

_GOALS = 7300515  # a number of our own, for the server's locks


def keep(store: Store, fresh: Goal, event: GoalEvent) -> int | None:
    """Keep a new goal with the first line of its history; its number, or None where one of this metric is open."""
    columns = goal.c
    same = select(columns.id).where(
        columns.agent == fresh.agent, columns.metric == fresh.metric, columns.locale == fresh.locale
    )
    with store.writing() as link:
        if link.dialect.name == "postgresql":  # who sets a goal for the agent at the same moment waits
            link.execute(select(func.pg_advisory_xact_lock(_GOALS, func.hashtext(fresh.agent))))
        if link.execute(same.where(columns.state == "open")).first():
            return None
        number = int(link.execute(insert(goal).returning(goal.c.id), [asdict(fresh)]).scalar_one())
        link.execute(insert(goal_event), [{"goal_id": number, **asdict(event)}])
    return number


def agent_of(store: Store, number: int) -> str | None:
    """Whose goal it is; None where there is none of that number."""
    with store.reading() as link:
        return link.execute(select(goal.c.agent).where(goal.c.id == number)).scalar_one_or_none()


def happened(store: Store, number: int, event: GoalEvent) -> bool:
    """Write a line into an open goal's history and take its state over; whether the goal was open still."""
    with store.writing() as link:
        still = update(goal).where(goal.c.id == number, goal.c.state == "open")
        if link.execute(still.values(state=event.state)).rowcount == 0:
            return False
        link.execute(insert(goal_event), [{"goal_id": number, **asdict(event)}])
    return True


def bring_up_to_date(store: Store, known: History, at: datetime) -> int:
    """Look at the agent's open goals of this language; how many lines of history that made."""
    made = 0
    for kept in goals(store, known.agent):
        if kept.goal.state != "open" or kept.goal.locale != known.locale:
            continue
        event = assess(kept.goal, known.observations[kept.goal.metric], at)
        if event is None or (event.state == "open" and event.why == kept.events[-1].why):
            continue  # nothing new: a page that is opened twice tells it once
        made += happened(store, kept.id, event)
    return made
