"""A call's page and its JSON, and what stands under each finding."""

from __future__ import annotations

from functools import partial
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from speechcoach import schema
from speechcoach.errors import MissingRecording, RecordingError
from speechcoach.judgement import all_cues
from speechcoach.judgement.phrases import cue_title
from speechcoach.team.review import opinions
from speechcoach.team.review.opinions import OTHER, Opinions
from speechcoach.team.review.whereabouts import whereabouts
from speechcoach.views import html
from speechcoach.views.report.living import Drawn, Surroundings
from speechcoach.web.before import compared
from speechcoach.web.call.drawing import drawn
from speechcoach.web.call.listening import listening, may_compare
from speechcoach.web.call.opening import Opened, opened
from speechcoach.web.call.parts import part, title
from speechcoach.web.pages import shop
from speechcoach.web.private import ALONE, private_findings

WAIT_S = 4.0  # for what is drawn of a long call; then the page comes without it
_LATER = "The lanes of a long call are still being worked out: load the page again in a moment to see them."
_UNREADABLE = "{name} cannot be decoded any more, so it cannot be played."


def show_call(request: Request) -> Response:
    """The page."""
    call = opened(request)
    said = opinions.of_call(shop(request).store, call.id)
    around = _surroundings(request, call, said)
    page = html.render(call.result, audience=call.audience, around=around)
    shop(request).people.note(call.who.name, "opened", call.id)
    return HTMLResponse(page, headers={"Content-Security-Policy": html.policy_around()})


def send_json(request: Request) -> Response:
    """The result as the reader may have it, as a file."""
    call = opened(request)
    shop(request).people.note(call.who.name, "exported", call.id)
    headers = {"Content-Disposition": f'attachment; filename="call-{call.id[:12]}.json"'}
    return Response(schema.to_json(call.result), media_type="application/json", headers=headers)


def slot(request: Request, call: Opened, said: Opinions, about: str) -> Markup:
    """What people said of a finding, and the forms to say more; `about` is its id, or the call's, which is empty."""
    given = [item for item in said.verdicts if item.finding_id == about]
    return part(
        request,
        "call/slot.html.j2",
        call=call,
        about=about,
        verdicts=given,
        own=next((item for item in given if item.person_id == call.who.id), None),
        replies=[item for item in said.replies if item.finding_id == about],
        judged=about in call.shared,
    )


def by_hand(request: Request, call: Opened, said: Opinions) -> Markup:
    """The findings by hand, and the form for another."""
    return part(
        request,
        "call/by_hand.html.j2",
        call=call,
        notes=sorted(said.notes, key=lambda item: item.start_s),
        slot=partial(slot, request, call, said),
        cues=choices(),
    )


def scorecard(request: Request, call: Opened, said: Opinions) -> Markup:
    """The machine's scores with those by hand beside them."""
    people = list(dict.fromkeys(item.by for item in said.scores))
    given = {(item.by, item.name): item.score for item in said.scores}
    return part(request, "call/scorecard.html.j2", call=call, scorers=people, given=given)


def choices() -> list[tuple[str, str]]:
    """What a finding by hand may be: the cues that everybody reads, by name and title."""
    shared = [name for name, cue in all_cues().items() if "qa" in getattr(cue, "AUDIENCES", ("qa",))]
    return [*sorted(((name, cue_title(name)) for name in shared), key=lambda pair: pair[1]), (OTHER, "Something else")]


def _surroundings(request: Request, call: Opened, said: Opinions) -> Surroundings:
    sound, seen, why = _heard(request, call)
    known = {item.finding_id for item in said.verdicts} | {item.finding_id for item in said.replies}
    lost = known - set(call.shared) - {item.name for item in said.notes} - {""}
    end = part(
        request,
        "call/review.html.j2",
        call=call,
        scorecard=scorecard(request, call, said),
        listening=listening(request, call),
        talk=slot(request, call, said, ""),
        lost=len(lost) if call.audience == "qa" else 0,
        compared=compared(request, call.id, call.result) if may_compare(request, call) else Markup(),
        alone=private_findings(call.result),
    )
    return Surroundings(
        head=part(request, "call/head.html.j2"),
        bar=part(request, "call/bar.html.j2", call=call),
        slot=lambda about: slot(request, call, said, about) if about in call.shared else ALONE,
        moments=by_hand(request, call, said),
        end=end,
        parts=(("review", "Review"),),
        pins=tuple(_pin(item) for item in said.notes),
        audio_src=sound,
        audio_why=why,
        drawn=seen,
    )


def _heard(request: Request, call: Opened) -> tuple[str | None, Drawn | None, str]:
    """Where the sound comes from, what can be drawn of it, and in one sentence what of this is missing, and why."""
    name, kept = call.row["name"], request.app.state.drawings
    try:
        found = whereabouts(shop(request).store, call.id, name)
        key = (call.id, call.row["analysed_at"], found.stamp)
        seen = kept.within(WAIT_S, key, lambda: drawn(call.result.facts, found))
    except MissingRecording as why:
        return None, None, str(why)
    except RecordingError:
        return None, None, _UNREADABLE.format(name=name)
    return f"{call.path}/sound", seen, "" if seen else _LATER


def _pin(note: opinions.Note) -> dict[str, Any]:
    return {
        "id": note.name,
        "kind": "strength" if note.strength else "flag",
        "title": f"{title(note.cue)}, by {note.by}",
        "spans": [[note.start_s, note.end_s]],
    }


ROUTES = (Route("/calls/{call_id}.json", send_json), Route("/calls/{call_id}", show_call))
