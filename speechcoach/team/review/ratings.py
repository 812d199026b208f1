"""Answers to the forms about listening, kept by call and rater; what they mean is told by `team.coaching`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from speechcoach.team import tables
from speechcoach.team.review.tables import rating
from speechcoach.team.rows import now
from speechcoach.team.store import Store

SELF, BY_QA, PEER = "self", "qa", "peer"


def rated_by(store: Store, rater: str) -> set[str]:
    """The calls that somebody has rated as their own."""
    asked = select(rating.c.call_id).where(rating.c.rater == rater, rating.c.kind == SELF).distinct()
    with store.reading() as link:
        return set(link.execute(asked).scalars())


def keep(store: Store, call_id: str, rater: str, kind: str, answers: Mapping[str, int]) -> None:
    """Write a rater's answers about a call, in place of their earlier ones."""
    moment = now()
    rows = [
        {"call_id": call_id, "rater": rater, "kind": kind, "item": item, "value": value, "at": moment}
        for item, value in answers.items()
    ]
    with store.writing() as link:
        link.execute(delete(rating).where(rating.c.call_id == call_id, rating.c.rater == rater))
        link.execute(insert(rating), rows)


def of_call(store: Store, call_id: str) -> list[dict[str, Any]]:
    """Every answer about a call."""
    with store.reading() as link:
        rows = link.execute(select(rating).where(rating.c.call_id == call_id).order_by(rating.c.id))
        return [dict(row) for row in rows.mappings()]


def of_agent(store: Store, agent: str) -> list[dict[str, Any]]:
    """Every answer about an agent's calls."""
    asked = select(rating).join(tables.call, tables.call.c.id == rating.c.call_id).where(tables.call.c.agent == agent)
    with store.reading() as link:
        return [dict(row) for row in link.execute(asked.order_by(rating.c.id)).mappings()]
