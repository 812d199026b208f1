"""Which call is asked for, and what of it this reader may see.

Conventions: to an agent another's call does not exist. Their own they see once they have rated themselves; until then
they are led to the form that asks for it. What is an agent's own business (`phrases.told_to`) QA never gets, and the
agent only where they asked for it; nothing can be said about it here, for all that is said here QA reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from speechcoach.judgement.phrases import Audience, told_to
from speechcoach.records import Finding, Result
from speechcoach.team.review import ratings, searching
from speechcoach.team.review.people import Person
from speechcoach.web.pages import shop
from speechcoach.web.private import own_result


@dataclass(frozen=True, slots=True)
class Opened:
    """A call as its reader sees it: its row in the store, and the result; `shared` are the findings that QA sees."""

    id: str
    row: dict[str, Any]
    who: Person
    result: Result
    audience: Audience
    shared: dict[str, Finding]

    @property
    def path(self) -> str:
        return f"/calls/{self.id}"


def opened(request: Request) -> Opened:
    """The call that a request names. Raises HTTPException where there is none, or the reader must rate it first."""
    who, call_id, store = request.state.person, request.path_params["call_id"], shop(request).store
    row = searching.kept_call(store, call_id, who.agent)
    if row is None:
        raise HTTPException(404)
    if not who.is_qa and call_id not in ratings.rated_by(store, who.name):
        raise HTTPException(303, headers={"Location": f"/calls/{call_id}/before"})
    whole = store.result(call_id)
    if whole is None:
        raise HTTPException(404)
    for_all = told_to(whole, "qa")
    shared = {item.id: item for item in for_all.findings}
    return Opened(call_id, row, who, own_result(request, whole), "qa" if who.is_qa else "agent", shared)
