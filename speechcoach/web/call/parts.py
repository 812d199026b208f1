"""What the parts of a call's page share: how one is filled, and how a form is answered."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from speechcoach.judgement import all_cues
from speechcoach.judgement.phrases import cue_title
from speechcoach.team.review.opinions import OTHER
from speechcoach.views.report.story import clock
from speechcoach.web.call.opening import Opened
from speechcoach.web.pages import text


def part(request: Request, template: str, **content: Any) -> Markup:
    """A template of the call's page, filled."""
    return Markup(text(request, template, **content, title_of=title, at=clock))


def back(request: Request, call: Opened, changed: Markup, anchor: str) -> Response:
    """After a form was taken: the changed part where htmx asked, the page elsewhere."""
    if request.headers.get("HX-Request"):
        return HTMLResponse(changed)
    return RedirectResponse(f"{call.path}#{anchor}", 303)


def title(cue: str) -> str:
    """A cue's name for people, also where it is none that the machine has."""
    return cue_title(cue) if cue in all_cues() else "Something else" if cue == OTHER else cue
