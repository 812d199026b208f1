"""What is said on a call's page: verdicts, replies, findings by hand, scores by hand.

Conventions: a finding is looked up in what the reader may see of that very call; what is not there cannot be spoken of.
"""

from __future__ import annotations

import math
import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from speechcoach.team.review import opinions
from speechcoach.web.call.opening import Opened, opened
from speechcoach.web.call.parts import back
from speechcoach.web.call.showing import by_hand, choices, scorecard, slot
from speechcoach.web.doors import only
from speechcoach.web.pages import form, shop

_CLOCK = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,3})?)")


def give_verdict(request: Request) -> Response:
    """Confirm, dispute with a reason, or withdraw what one said of a finding."""
    call, given, store = opened(request), form(request), shop(request).store
    finding = call.shared.get(request.path_params["finding_id"])
    if finding is None:
        raise HTTPException(404)
    verdict, reason = given.get("verdict", ""), given.get("reason", "")
    if verdict == "withdraw":
        opinions.withdraw(store, call.id, finding.id, call.who)
    elif verdict == "confirm" and call.who.is_qa:
        opinions.judge(store, call.id, finding, call.who, True, "")
    elif verdict == "dispute":
        if not reason:
            raise HTTPException(400, "Say why you dispute it: a reason is what the next listener learns from.")
        opinions.judge(store, call.id, finding, call.who, False, reason)
    else:
        raise HTTPException(400, "A finding is confirmed, disputed, or left alone.")
    return _slot_again(request, call, finding.id)


def give_reply(request: Request) -> Response:
    """Say something about a finding, about one by hand, or about the call."""
    call, given = opened(request), form(request)
    about = _about(request, call, given.get("about", ""))
    if not given.get("text"):
        raise HTTPException(400, "There is nothing in it yet.")
    opinions.answer(shop(request).store, call.id, about, call.who, given["text"])
    return _slot_again(request, call, about)


def remove_reply(request: Request) -> Response:
    """Take back what one said."""
    call, given = opened(request), form(request)
    about = _about(request, call, given.get("about", ""))
    opinions.take_back(shop(request).store, call.id, request.path_params["reply_id"], call.who)
    return _slot_again(request, call, about)


@only("qa")
def add_note(request: Request) -> Response:
    """A finding by hand."""
    call, given = opened(request), form(request)
    cue, kind, said = given.get("cue", ""), given.get("kind", ""), given.get("text", "")
    if cue not in dict(choices()) or kind not in ("flag", "strength"):
        raise HTTPException(400, "Say what it is, and whether it went well or is worth another listen.")
    if not said:
        raise HTTPException(400, "Say in a few words what you heard.")
    span_s = _span(given.get("from", ""), given.get("to", ""), call.result.facts.call.duration_s)
    opinions.add_note(shop(request).store, call.id, call.who, cue, kind == "strength", span_s, said)
    return _by_hand_again(request, call)


@only("qa")
def remove_note(request: Request) -> Response:
    """Take back one's own finding by hand."""
    call, _ = opened(request), form(request)
    opinions.remove_note(shop(request).store, call.id, request.path_params["note_id"], call.who)
    return _by_hand_again(request, call)


@only("qa")
def give_scores(request: Request) -> Response:
    """Scores by hand; what is left empty is not scored."""
    call, given, store = opened(request), form(request), shop(request).store
    named = {item.name: given.get(f"score-{item.name}", "") for item in call.result.scores}
    opinions.score(store, call.id, call.who, {name: _score(text) for name, text in named.items() if text})
    said = opinions.of_call(store, call.id)
    return back(request, call, scorecard(request, call, said), "review")


def _about(request: Request, call: Opened, about: str) -> str:
    """What a reply belongs to, where there is such a thing in the call."""
    notes = opinions.of_call(shop(request).store, call.id).notes
    if about and about not in call.shared and about not in {item.name for item in notes}:
        raise HTTPException(404)
    return about


def _slot_again(request: Request, call: Opened, about: str) -> Response:
    said = opinions.of_call(shop(request).store, call.id)
    return back(request, call, slot(request, call, said, about), f"f-{about}" if about else "review")


def _by_hand_again(request: Request, call: Opened) -> Response:
    said = opinions.of_call(shop(request).store, call.id)
    return back(request, call, by_hand(request, call, said), "by-hand")


def _score(given: str) -> float:
    try:
        value = float(given.replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        raise HTTPException(400, f"{given[:20]!r} is no score; give 0 to 100, or leave it empty.")
    return value


def _span(first: str, last: str, duration_s: float) -> tuple[float, float]:
    start_s, end_s = seconds(first), seconds(last)
    if not start_s <= end_s or start_s > duration_s:
        raise HTTPException(400, "A moment begins inside the call, and ends no earlier than it begins.")
    return start_s, min(end_s, duration_s)


def seconds(given: str) -> float:
    """A time as people write it, in seconds: 1:05, 1:02:03.5, 65.2. Raises HTTPException for anything else."""
    found = _CLOCK.fullmatch(given.strip())
    if found is None:
        raise HTTPException(400, f"{given[:20]!r} is no time; write it as 1:05 or 1:05.5.")
    hours, minutes, rest = found.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(rest.replace(",", "."))


ROUTES = (
    Route("/calls/{call_id}/findings/{finding_id}/verdict", give_verdict, methods=["POST"]),
    Route("/calls/{call_id}/replies", give_reply, methods=["POST"]),
    Route("/calls/{call_id}/replies/{reply_id:row}/remove", remove_reply, methods=["POST"]),
    Route("/calls/{call_id}/notes", add_note, methods=["POST"]),
    Route("/calls/{call_id}/notes/{note_id:row}/remove", remove_note, methods=["POST"]),
    Route("/calls/{call_id}/scorecard", give_scores, methods=["POST"]),
)
