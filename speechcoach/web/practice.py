"""Practice: private recordings of one's own, analysed like a call, heard and read by nobody else.

Conventions: every address is answered to agents only, and to the owner only; to everybody else there is nothing there.
Nothing that happens here is written into the audit log. A report is made when it is opened, and kept nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from speechcoach.errors import SpeechcoachError, UsageError
from speechcoach.judgement.phrases import explain
from speechcoach.records import Result
from speechcoach.team.review import practice
from speechcoach.team.review.listening import UNSURE, WHO, Job, Listener
from speechcoach.team.review.practice import LONGEST_S, MOST_BYTES, Take
from speechcoach.team.rows import Found
from speechcoach.views import html
from speechcoach.views.report.living import Surroundings
from speechcoach.web import uploads
from speechcoach.web.call.drawing import drawn
from speechcoach.web.doors import POLICY, form_is_ours, only
from speechcoach.web.own_voice import against_own_calls, measures
from speechcoach.web.pages import back_to, form, page, shop, text
from speechcoach.web.private import own_result
from speechcoach.web.ranges import ranged

_SIDE_BY_SIDE = 6  # takes of an exercise in one table
_RECORDER_POLICY = POLICY.replace("media-src 'self'", "media-src 'self' blob:")  # to hear it before it is sent
_AS = {b"RIFF": "audio/wav", b"fLaC": "audio/flac", b"OggS": "audio/ogg"}


@only("agent")
def show_practice(request: Request) -> Response:
    """What was practised, by exercise, and the form for a new recording."""
    return _listed(request)


def _listed(request: Request, status: int = 200, sentence: str = "", called: str = "") -> Response:
    listed = practice.takes(shop(request).store, request.state.person.id)
    by_name: dict[str, list[Take]] = defaultdict(list)
    for item in listed:
        by_name[item.name].append(item)
    made = page(
        request,
        "agent/practice.html.j2",
        status=status,
        sentence=sentence,
        called=called or request.query_params.get("exercise", "")[:80],
        who=WHO,
        exercises=[_exercise(request, name, takes) for name, takes in by_name.items()],
        known=list(by_name),
        most_minutes=round(LONGEST_S / 60),
        most_mb=MOST_BYTES // 1_000_000,
    )
    made.headers["Content-Security-Policy"] = _RECORDER_POLICY
    return made


def _exercise(request: Request, name: str, takes: list[Take]) -> dict[str, Any]:
    """An exercise with its takes, and what of them can be laid side by side, the oldest first."""
    done = [item for item in takes if item.state == practice.DONE][:_SIDE_BY_SIDE][::-1]
    results = [practice.result(shop(request).store, request.state.person.id, item.id) for item in done]
    table = measures([result for result in results if result])
    shown = [_shown(request, item, len(takes) - place) for place, item in enumerate(takes)]
    counts = {item["take"].id: item["count"] for item in shown}
    return {"name": name, "takes": shown, "done": done, "counts": counts, "table": table}


def _shown(request: Request, item: Take, count: int | None = None) -> dict[str, Any]:
    """A take, the how manieth of its exercise it is, and where it stands in the queue.

    What nobody works at any more can be asked for again.
    """
    if count is None:
        same = practice.takes(shop(request).store, request.state.person.id)
        count = sum(other.name == item.name and other.id <= item.id for other in same)
    place = _listener(request).place(item.id) if item.state == practice.WAITING else None
    lost = item.state == practice.WAITING and place is None
    return {
        "take": item,
        "count": count,
        "place": place,
        "state": practice.FAILED if lost else item.state,
        "lost": lost,
        "who": WHO,
    }


@only("agent")
def add(request: Request) -> Response:
    """Keep a recording and have it analysed."""
    given = uploads.read(request)
    if not form_is_ours(request, str(given["form_token"])):
        raise HTTPException(403, "This form has grown old: open the page again, and send it once more.")
    called, who, audio = str(given["name"]), str(given["who"]), given["sound"]
    try:
        duration_s = uploads.checked(audio, str(given["file"]))
        number = practice.keep(shop(request).store, request.state.person.id, called, audio, duration_s)
    except (SpeechcoachError, UsageError) as why:
        return _listed(request, 400, str(why), called)
    _analyse(request, number, called, who)
    return back_to("/practice", "kept")


def _analyse(request: Request, number: int, called: str, who: str) -> None:
    here, owner = shop(request), request.state.person.id
    _listener(request).add(
        Job(
            number,
            partial(practice.sound, here.store, owner, number),
            who if who in WHO else UNSURE,
            called,
            partial(practice.done, here.store, number),
            partial(practice.failed, here.store, number),
            here.norms,
            here.rubric,
        )
    )


@only("agent")
def show_status(request: Request) -> Response:
    """One take of the list, which htmx asks for until it is done."""
    item = _own(request)
    return HTMLResponse(text(request, "agent/take.html.j2", **_shown(request, item)))


@only("agent")
def show_take(request: Request) -> Response:
    """A take: its sound, what stands out, and its voice against one's own calls."""
    item, result = _own(request), _result(request)
    found = own_result(request, result).findings if result else ()
    return page(
        request,
        "agent/practised.html.j2",
        shown=_shown(request, item),
        take=item,
        sentences=[(finding, explain(finding, "agent")) for finding in found if finding.speaker == "agent"],
        against=against_own_calls(shop(request).store, request.state.person.agent, result) if result else None,
        who=WHO,
    )


@only("agent")
def show_report(request: Request) -> Response:
    """The report of a take, as that of a call."""
    item, result = _own(request), _result(request)
    audio = practice.sound(shop(request).store, request.state.person.id, item.id)
    if result is None or audio is None:
        raise HTTPException(404)
    with uploads.decoded(audio, item.name) as recording:
        seen = drawn(result.facts, Found(str(recording.path), item.name, len(audio), ""))
    around = Surroundings(
        head=Markup(text(request, "call/head.html.j2")),
        bar=Markup(text(request, "agent/practice_bar.html.j2", take=item)),
        slot=lambda _: Markup(),
        moments=Markup(),
        end=Markup(),
        audio_src=f"/practice/{item.id}/sound",
        drawn=seen,
    )
    made = html.render(own_result(request, result), audience="agent", around=around)
    return HTMLResponse(made, headers={"Content-Security-Policy": html.policy_around()})


@only("agent")
def play(request: Request) -> Response:
    """The sound as it was given."""
    audio = practice.sound(shop(request).store, request.state.person.id, _number(request))
    if audio is None:
        raise HTTPException(404)
    return ranged(request, audio, _AS.get(audio[:4], "audio/mpeg"))


@only("agent")
def analyse_again(request: Request) -> Response:
    """Have it analysed once more, with another word of who speaks in it."""
    given, item = form(request), _own(request)
    _listener(request).drop(item.id)
    practice.wait(shop(request).store, request.state.person.id, item.id)
    _analyse(request, item.id, item.name, given.get("who", UNSURE))
    return RedirectResponse(f"/practice#take-{item.id}", 303)


@only("agent")
def delete(request: Request) -> Response:
    """Delete a recording and all that was found in it."""
    form(request)
    item = _own(request)
    practice.forget(shop(request).store, request.state.person.id, item.id)
    _listener(request).drop(item.id)
    return back_to("/practice", "deleted")


def _own(request: Request) -> Take:
    found = practice.take(shop(request).store, request.state.person.id, _number(request))
    if found is None:
        raise HTTPException(404)
    return found


def _result(request: Request) -> Result | None:
    return practice.result(shop(request).store, request.state.person.id, _number(request))


def _number(request: Request) -> int:
    return int(request.path_params["number"])


def _listener(request: Request) -> Listener:
    return request.app.state.listener


ROUTES = (
    Route("/practice", show_practice),
    Route("/practice", add, methods=["POST"]),
    Route("/practice/{number:row}", show_take),
    Route("/practice/{number:row}/status", show_status),
    Route("/practice/{number:row}/report", show_report),
    Route("/practice/{number:row}/sound", play),
    Route("/practice/{number:row}/again", analyse_again, methods=["POST"]),
    Route("/practice/{number:row}/delete", delete, methods=["POST"]),
)
