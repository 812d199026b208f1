"""What every request passes through: who asks, whether a form is ours, and what a browser may do with the answer.

Conventions: without a session only `OPEN` is answered, all else leads to signing in. A form is ours when it comes from
this site (Origin, Fetch Metadata) and brings back the session's token, in the field `form_token` or the header
`X-Form-Token`; the cookie alone never suffices. A form has come whole before anybody reads it.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from speechcoach.errors import SpeechcoachError
from speechcoach.team.review.people import LONGEST, People
from speechcoach.web.arriving import Unfinished, arrived, room

COOKIE = "speechcoach"
OPEN = ("/sign-in", "/static/")
UPLOADS = "/practice"
_SAFE = ("GET", "HEAD", "OPTIONS")
_MOST_BYTES, _MOST_SOUND_BYTES = 1 << 18, 1 << 26  # of a form; of a recording for practice
_MOST_S, _MOST_SOUND_S = 20.0, 900.0  # until it has come: the largest recording at 0.6 Mbit/s
_UNFINISHED = {
    400: "The form broke off.",
    408: "The form took too long to come: send it once more.",
    413: "That is more than this form takes.",
}
AWAY = "The store does not answer just now. Try again in a minute; whoever runs this finds the cause in its log."
_log = logging.getLogger(__name__)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # "no-referrer" would hide where our own forms come from
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Cache-Control": "no-store",
}


class Doors:
    """The middleware: it finds the session, turns strangers away, and adds the headers."""

    def __init__(self, app: ASGIApp, people: People, secure: bool) -> None:
        self._app, self._people, self._secure = app, people, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        scope.setdefault("state", {}).update(person=None, form_token="")
        sending = _with_headers(send, self._secure)
        refused = await self._refused(request)
        if refused is not None or request.method in _SAFE:
            await (refused or self._app)(scope, receive, sending)
            return
        with room() as kept:
            try:
                here = await arrived(receive, kept, *_most(scope["path"]))
            except Unfinished as why:
                refused = Response(_UNFINISHED[why.status], why.status, media_type="text/plain")
                await refused(scope, receive, sending)
                return
            await self._app(scope, here, sending)

    async def _refused(self, request: Request) -> Response | None:
        """Why not, as an answer."""
        if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
            return Response("There is no such address.", 400, media_type="text/plain")  # and no database takes it
        if request.method not in _SAFE and not _from_here(request):
            return Response("This form does not come from this site.", 403, media_type="text/plain")
        if request.method not in _SAFE and not 0 <= _length(request) <= _most(request.scope["path"])[0]:
            return Response("That is more than this form takes.", 413, media_type="text/plain")
        token = request.cookies.get(COOKIE)
        try:
            found = await run_in_threadpool(self._people.session, token) if token else None
        except SpeechcoachError as why:
            return Response(away(why), 503, media_type="text/plain")
        if found is not None:
            request.state.person, request.state.form_token = found.person, found.form_token
            return None
        if request.scope["path"].startswith(OPEN):
            return None
        return _to_sign_in(request)


def only(*roles: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """For a handler that is not for everybody: to the others the page does not exist."""

    def made(handler: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(handler)
        def guarded(request: Request) -> Any:
            if request.state.person.role not in roles:
                raise HTTPException(404)
            return handler(request)

        return guarded

    return made


def form_is_ours(request: Request, given: str) -> bool:
    """Whether what a form brought back is the session's token."""
    token = request.headers.get("X-Form-Token") or given
    return bool(request.state.form_token) and hmac.compare_digest(token.encode(), request.state.form_token.encode())


def away(why: SpeechcoachError) -> str:
    """What people are told where the store is lost; where it lies, and what it says, the log alone is told."""
    _log.error("%s", why)
    return AWAY


def keep_signed_in(answer: Response, token: str, secure: bool) -> None:
    """Hand the token to the browser."""
    answer.set_cookie(
        COOKIE, token, max_age=int(LONGEST.total_seconds()), path="/", secure=secure, httponly=True, samesite="strict"
    )


def _from_here(request: Request) -> bool:
    """By what a browser says of where a form stands; a program that says nothing must bring the token all the same."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        return False
    try:
        return origin is None or urlsplit(origin).netloc == request.headers.get("Host")
    except ValueError:  # no address at all
        return False


def _length(request: Request) -> int:
    """Bytes that a form says it has; -1 where it says nothing that can be meant, or says it in two ways."""
    if "Transfer-Encoding" in request.headers:
        return -1
    given = request.headers.get("Content-Length", "")
    return int(given) if given.isascii() and given.isdecimal() else -1


def _most(path: str) -> tuple[int, float]:
    """Bytes that a form may have, and seconds that it may take."""
    return (_MOST_SOUND_BYTES, _MOST_SOUND_S) if path == UPLOADS else (_MOST_BYTES, _MOST_S)


def _to_sign_in(request: Request) -> Response:
    if request.method not in _SAFE or request.headers.get("HX-Request"):
        return Response("Sign in again.", 401, {"HX-Redirect": "/sign-in"}, media_type="text/plain")
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(back, safe='/')}", 303)


def _with_headers(send: Send, secure: bool) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            named = {name.decode("latin-1").lower() for name, _ in message["headers"]}
            headers = _HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})
            message["headers"] = [
                *message["headers"],
                *((name.encode(), value.encode()) for name, value in headers.items() if name.lower() not in named),
            ]
        await send(message)

    return sending
