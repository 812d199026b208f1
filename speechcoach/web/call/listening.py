"""The form about listening, as QA answers it of somebody else's call.

Conventions: the form is answered whole, 1 to 7 for each item, and may be answered anew. What others answered is not
shown before: who has seen another's answers no longer gives their own.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from speechcoach.team.coaching.forms import HIGHEST, LOWEST, form
from speechcoach.team.review import ratings
from speechcoach.web import pages
from speechcoach.web.call.opening import Opened, opened
from speechcoach.web.call.parts import back, part
from speechcoach.web.doors import only


def listening(request: Request, call: Opened) -> Markup:
    """The form with what one answered before; nothing for agents, who have their own."""
    if not call.who.is_qa:
        return Markup()
    rows = ratings.of_call(pages.shop(request).store, call.id)
    given = {row["item"]: row["value"] for row in rows if row["rater"] == call.who.name}
    asked = {"form": form(), "steps": range(LOWEST, HIGHEST + 1), "others": _others(rows, call)}
    return part(request, "call/listening.html.j2", call=call, given=given, **asked)


@only("qa")
def answer(request: Request) -> Response:
    """Keep the answers."""
    call, given = opened(request), pages.form(request)
    answers = {item: _value(given.get(item, "")) for item in form().items}
    ratings.keep(pages.shop(request).store, call.id, call.who.name, ratings.BY_QA, answers)
    return back(request, call, listening(request, call), "listening")


def may_compare(request: Request, call: Opened) -> bool:
    """Whether others' answers may be shown: to QA once they have given their own."""
    rows = ratings.of_call(pages.shop(request).store, call.id)
    return not call.who.is_qa or any(row["rater"] == call.who.name for row in rows)


def _value(given: str) -> int:
    if given not in map(str, range(LOWEST, HIGHEST + 1)):
        raise HTTPException(400, f"Answer every sentence, from {LOWEST} to {HIGHEST}.")
    return int(given)


def _others(rows: list[dict[str, Any]], call: Opened) -> list[str]:
    """Who else of QA answered."""
    return sorted({row["rater"] for row in rows if row["kind"] == ratings.BY_QA} - {call.who.name})


ROUTES = (Route("/calls/{call_id}/listening", answer, methods=["POST"]),)
