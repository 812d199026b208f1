"""How a page is made: templates, what every page shows, forms read back, and faults as a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from anyio import from_thread
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from speechcoach.errors import SpeechcoachError, StoreError
from speechcoach.judgement.phrases import cue_title, score_title
from speechcoach.web.doors import away, form_is_ours

if TYPE_CHECKING:
    from speechcoach.web.application import Shop

_HERE = Path(__file__).parent
_MOST_FIELDS, _MOST_TEXT = 200, 5000  # of a form; characters of what somebody writes


class Place(NamedTuple):
    """A line of the navigation: its address, its name, and who sees it."""

    path: str
    name: str
    roles: tuple[str, ...]


PLACES = [
    Place("/progress", "Your progress", ("agent",)),
    Place("/calls", "Calls", ("qa", "agent")),
    Place("/team", "Team", ("qa",)),
    Place("/agreement", "Agreement", ("qa",)),
    Place("/audit", "Audit", ("qa",)),
    Place("/goals", "Goals", ("agent",)),
    Place("/practice", "Practice", ("agent",)),
]
"""The navigation, in order; each room adds its own where the application is put together."""


def page(request: Request, template: str, *, status: int = 200, **content: Any) -> HTMLResponse:
    """A page of the application."""
    return HTMLResponse(text(request, template, **content), status)


def text(request: Request, template: str, **content: Any) -> str:
    """A template filled with what every page shows, and with its own."""
    person = request.state.person
    places = [place for place in PLACES if person and person.role in place.roles]
    said = request.query_params.get("said", "")
    return (
        environment()
        .get_template(template)
        .render(
            person=person,
            form_token=request.state.form_token,
            places=places,
            path=request.url.path,
            notice=NOTICES.get(said, ""),
            **content,
        )
    )


NOTICES = {
    "password": "Your password is changed.",
    "private-on": "Kept: the pages of your calls now show you your voice in hard moments.",
    "private-off": "Kept: it is no longer shown.",
    "rated": "Your answers are kept. Here is what the machine heard.",
    "rated-again": "Your answers are changed.",
    "goal": "Your goal is set.",
    "withdrawn": "The goal is withdrawn. Its history stays.",
    "kept": "Your recording is kept, and is being analysed.",
    "deleted": "The recording is deleted, and all that was found in it.",
}
"""What a page says after a form was taken, by what the address names: nobody else's words can be put there."""


def shop(request: Request) -> Shop:
    """What all requests share."""
    return request.app.state.shop


def form(request: Request) -> Mapping[str, str]:
    """What a form holds, trimmed. Raises HTTPException where it is not ours."""
    given = from_thread.run(_read_form, request)
    if request.state.person is not None and not form_is_ours(request, given.get("form_token", "")):
        raise HTTPException(403, "This form has grown old: open the page again, and send it once more.")
    return {name: value.strip()[:_MOST_TEXT] if "password" not in name else value for name, value in given.items()}


async def _read_form(request: Request) -> dict[str, str]:
    try:
        async with request.form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=64 * 1024) as given:
            return {name: storable(str(value)) for name, value in given.items()}
    except UnicodeError:  # it names a coding that nobody can mean
        raise HTTPException(400, "This form cannot be read.") from None


def storable(text: str) -> str:
    """A text without what no database takes: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


class _Row(Convertor[int]):
    """The number of a row in an address; what is longer than any number of a row is no address."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("row", _Row())


def back_to(path: str, said: str = "", part: str = "") -> RedirectResponse:
    """After a form was taken: the page, by GET, at one of its parts."""
    return RedirectResponse((f"{path}?said={said}" if said else path) + (f"#{part}" if part else ""), 303)


@cache
def environment() -> Environment:
    """The templates."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["pair"] = lambda value: (value, value)
    made.filters["clock"] = lambda seconds: str(timedelta(seconds=int(seconds or 0))).removeprefix("0:")
    made.filters["day"] = lambda moment: f"{moment:%Y-%m-%d %H:%M}" if moment else ""
    made.filters["date"] = lambda moment: f"{moment:%Y-%m-%d}" if moment else ""
    made.filters["cue"] = cue_title
    made.filters["score"] = score_title
    return made


def fault(request: Request, why: Exception) -> Response:
    """What went wrong, as a page, or as plain words where htmx asked."""
    status = why.status_code if isinstance(why, HTTPException) else 503 if isinstance(why, StoreError) else 500
    if isinstance(why, HTTPException) and status == 303:  # not here, but there
        return RedirectResponse((why.headers or {})["Location"], status)
    said = _SAID.get(status) or "This did not work."
    if isinstance(why, HTTPException) and why.detail and status in (400, 403, 409):
        said = why.detail
    if isinstance(why, SpeechcoachError):
        said = away(why) if isinstance(why, StoreError) else str(why)
    if request.headers.get("HX-Request"):
        return Response(said, status, media_type="text/plain; charset=utf-8")
    return page(request, "fault.html.j2", status=status, sentence=said)


_SAID = {
    404: "There is nothing here, or it is not yours to see.",
    405: "This page cannot be asked for in that way.",
    413: "That is more than the application takes.",
}
FAULTS: Mapping[Any, Callable[[Request, Any], Response]] = {HTTPException: fault, SpeechcoachError: fault}


def day(given: str) -> datetime | None:
    """A date as a form gives it, as midnight UTC; None where none is given."""
    try:
        moment = datetime.fromisoformat(f"{given}T00:00:00+00:00") if given else None
    except ValueError:
        raise HTTPException(400, f"{given!r} is no date; write it as 2026-11-30.") from None
    if moment is not None and not 1900 <= moment.year < 9000:  # a day more or less must be a date, too
        raise HTTPException(400, f"{given!r} is no date of a call; write it as 2026-11-30.")
    return moment
