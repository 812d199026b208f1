"""Signing in and out, and one's own account."""

from __future__ import annotations

import time
from collections import defaultdict
from threading import Lock

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from speechcoach.errors import UsageError
from speechcoach.web.doors import COOKIE, keep_signed_in
from speechcoach.web.pages import back_to, form, page, shop

_FREE, _FIRST_WAIT_S, _MOST_WAIT_S = 5, 15.0, 900.0  # wrong passwords before waiting begins; then it doubles
_MOST_NAMES = 10_000


class Patience:
    """How long somebody must wait who gave wrong passwords for a name; it is forgotten when the server stops."""

    def __init__(self) -> None:
        self._wrong: dict[str, int] = defaultdict(int)
        self._until: dict[str, float] = {}
        self._lock = Lock()

    def tried(self, name: str) -> float:
        """Seconds before the name may be tried again; 0 lets one try go on, which counts as wrong until `right`.

        So many tries at the same moment are no more than as many one after the other.
        """
        with self._lock:
            wait_s = self._until.get(name, 0.0) - time.monotonic()
            if wait_s > 0:
                return wait_s
            if len(self._wrong) > _MOST_NAMES:
                self._wrong.clear()
                self._until.clear()
            self._wrong[name] += 1
            over = self._wrong[name] - _FREE
            if over >= 0:
                self._until[name] = time.monotonic() + min(_FIRST_WAIT_S * 2 ** min(over, 10), _MOST_WAIT_S)
            return 0.0

    def right(self, name: str) -> None:
        """The right one: all is forgotten."""
        with self._lock:
            self._wrong.pop(name, None)
            self._until.pop(name, None)


_patience = Patience()


def home(request: Request) -> Response:
    """The first page: to QA the calls, to an agent how they are getting on."""
    return RedirectResponse("/calls" if request.state.person.is_qa else "/progress", 303)


def show_sign_in(request: Request) -> Response:
    """The form."""
    if request.state.person:
        return RedirectResponse("/", 303)
    return page(request, "sign_in.html.j2", next=_inside(request.query_params.get("next", "/")), name="", sentence="")


def sign_in(request: Request) -> Response:
    """Name and password: a session, or the form once more."""
    given = form(request)
    name, to = given.get("name", ""), _inside(given.get("next", "/"))
    wait_s = _patience.tried(name)
    if wait_s:
        said = _later(wait_s)
        return page(request, "sign_in.html.j2", status=429, next=to, name=name, sentence=said)
    people = shop(request).people
    token = people.signed_in(name, given.get("password", ""))
    if token is None:
        people.note(name[:100], "refused")
        said = "This name and this password do not belong together."
        return page(request, "sign_in.html.j2", status=401, next=to, name=name, sentence=said)
    _patience.right(name)
    people.note(name, "signed in")
    answer = RedirectResponse(to, 303)
    keep_signed_in(answer, token, shop(request).secure)
    return answer


def sign_out(request: Request) -> Response:
    """End the session."""
    form(request)
    token = request.cookies.get(COOKIE)
    if token:
        shop(request).people.sign_out(token)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=shop(request).secure)
    return answer


def show_account(request: Request) -> Response:
    """One's own account."""
    return page(request, "account.html.j2", sentence="")


def change_password(request: Request) -> Response:
    """A new password; who changes it knows the old one, and stays signed in here alone."""
    given, people, who = form(request), shop(request).people, request.state.person
    wait_s = _patience.tried(who.name)
    if wait_s:
        return page(request, "account.html.j2", status=429, sentence=_later(wait_s))
    old = people.signed_in(who.name, given.get("old_password", ""))
    try:
        if old is None:
            raise UsageError("the present password is another")
        _patience.right(who.name)
        people.set_password(who.name, given.get("password", ""))
    except UsageError as why:
        said = str(why)
        return page(request, "account.html.j2", status=400, sentence=f"{said[:1].upper()}{said[1:]}.")
    token = people.signed_in(who.name, given["password"])
    if token is None:
        raise HTTPException(409, "The account was changed at the same moment.")
    people.note(who.name, "changed password")
    answer = back_to("/account", "password")
    keep_signed_in(answer, token, shop(request).secure)
    return answer


def _later(wait_s: float) -> str:
    return f"There were too many wrong passwords. Try again in {max(1, round(wait_s / 60))} min."


def _inside(path: str) -> str:
    """Where to go next, which is never another site."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


ROUTES = (
    Route("/", home),
    Route("/sign-in", show_sign_in),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/account", show_account),
    Route("/account/password", change_password, methods=["POST"]),
)
