"""The audit log as a page: who opened, heard and exported which call, and when; who signed in, and who could not."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from speechcoach.web.doors import only
from speechcoach.web.pages import page, shop

_MOST = 500


@only("qa")
def show_audit(request: Request) -> Response:
    """The latest lines, of everybody or of one person, of all calls or of one."""
    asked, people = request.query_params, shop(request).people
    who, call_id = asked.get("person", "")[:200], asked.get("call", "")[:64]
    rows = people.log(call_id or None, _MOST, who or None)
    return page(
        request,
        "audit.html.j2",
        rows=rows,
        who=who,
        call_id=call_id,
        call_name=next((row["name"] for row in rows if row["name"]), "") if call_id else "",
        names=people.noted(),
        most=_MOST,
    )


ROUTES = (Route("/audit", show_audit),)
