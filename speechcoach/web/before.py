"""An agent rates a call of their own before the machine's scores are revealed, and sees afterwards who heard what.

Conventions: the page holds the sound, the words and the form, and nothing that was found in the call: who has seen a
verdict first rates the verdict. Answers can be changed later; the audit log and the comparison say that they were.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from speechcoach.records import Result
from speechcoach.team.coaching import Dimension
from speechcoach.team.coaching import form as form_of
from speechcoach.team.coaching.forms import HIGHEST, LOWEST
from speechcoach.team.review import opinions, ratings, searching
from speechcoach.web.doors import only
from speechcoach.web.pages import back_to, form, page, shop, text

CHANGED = "rated again"  # in the audit log: answers that were changed after the reveal
_STEPS = range(LOWEST, HIGHEST + 1)


@dataclass(frozen=True, slots=True)
class Heard:
    """How each side rates one dimension of a call, 1-7; None where it says nothing."""

    title: str
    about: str
    own: float | None
    qa: float | None
    peers: float | None
    machine: float | None
    why: str  # what the machine's number is made of


@only("agent")
def show_before(request: Request) -> Response:
    """The call without a verdict, and the form."""
    row = _own_call(request)
    who, store = request.state.person, shop(request).store
    given = {item["item"]: item["value"] for item in ratings.of_call(store, row["id"]) if _is_own(item, who.name)}
    return _asked(request, row, given, _otherwise(request, row["id"]))


@only("agent")
def rate(request: Request) -> Response:
    """Keep the answers, and show what the machine heard."""
    row, given = _own_call(request), form(request)
    who, here = request.state.person, shop(request)
    answers = {item: int(given[item]) for item in form_of().items if given.get(item) in map(str, _STEPS)}
    otherwise = given.get("otherwise", "")[:1000]
    if len(answers) < len(form_of().items):
        left = len(form_of().items) - len(answers)
        said = f"{left} answer{'s are' if left > 1 else ' is'} missing: the machine's part is shown once all are given."
        return _asked(request, row, answers, otherwise, said)
    again = row["id"] in ratings.rated_by(here.store, who.name)
    ratings.keep(here.store, row["id"], who.name, ratings.SELF, answers)
    if otherwise and otherwise != _otherwise(request, row["id"]):
        opinions.answer(here.store, row["id"], "", who, otherwise)
    here.people.note(who.name, CHANGED if again else "rated", row["id"])
    return back_to(f"/calls/{row['id']}", "rated-again" if again else "rated", "h-compared")


def _asked(
    request: Request, row: Mapping[str, Any], given: Mapping[str, int], otherwise: str, sentence: str = ""
) -> Response:
    result = shop(request).store.result(row["id"])
    return page(
        request,
        "agent/before.html.j2",
        status=400 if sentence else 200,
        call=row,
        lines=[(turn.start_s, turn.speaker, turn.text) for turn in result.facts.turns if turn.text] if result else [],
        form=form_of(),
        steps=list(_STEPS),
        given=given,
        otherwise=otherwise,
        sentence=sentence,
        rated=row["id"] in ratings.rated_by(shop(request).store, request.state.person.name),
    )


def compared(request: Request, call_id: str, result: Result) -> Markup:
    """The section of a call's page: how the agent, QA, colleagues and the machine rate it; empty where nobody did."""
    rows = ratings.of_call(shop(request).store, call_id)
    if not rows:
        return Markup()
    log = shop(request).people.log(call_id)
    made = text(
        request,
        "agent/compared.html.j2",
        heard=heard(rows, {score.name: score.score for score in result.scores}),
        sides=("own", "qa", "peers", "machine"),
        names=_names(request),
        changed=any(line["action"] == CHANGED for line in log),
        steps=(LOWEST, HIGHEST),
        call_id=call_id,
    )
    return Markup(made)


def heard(rows: Iterable[Mapping[str, Any]], scores: Mapping[str, float | None]) -> list[Heard]:
    """Every dimension of the form by side; `rows` are those of the table `rating`, `scores` 0-100 by name."""
    items = form_of().items
    own: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        if row["item"] in items:
            own[items[row["item"]], row["kind"]].append(row["value"])

    def mean(dimension: Dimension, kind: str) -> float | None:
        values = own[dimension.name, kind]
        return fmean(values) if values else None

    return [
        Heard(
            one.title,
            one.about,
            *(mean(one, kind) for kind in (ratings.SELF, ratings.BY_QA, ratings.PEER)),
            _of_machine(one, scores),
            one.why,
        )
        for one in form_of().dimensions
    ]


def _of_machine(dimension: Dimension, scores: Mapping[str, float | None]) -> float | None:
    known = [score for name in dimension.scores if (score := scores.get(name)) is not None]
    return LOWEST + (HIGHEST - LOWEST) * fmean(known) / 100 if known else None


def _names(request: Request) -> Mapping[str, str]:
    agent = "Agent" if request.state.person.is_qa else "You"
    return {"own": agent, "qa": "QA", "peers": "Colleagues", "machine": "Machine"}


def _is_own(row: Mapping[str, Any], name: str) -> bool:
    return row["rater"] == name and row["kind"] == ratings.SELF


def _otherwise(request: Request, call_id: str) -> str:
    """What the agent said last of the call as a whole."""
    who, said = request.state.person, opinions.of_call(shop(request).store, call_id)
    return next((r.text for r in reversed(said.replies) if r.person_id == who.id and not r.finding_id), "")


def _own_call(request: Request) -> Mapping[str, Any]:
    """The call's row, where it is one of the agent who asks."""
    row = searching.kept_call(shop(request).store, request.path_params["call_id"], request.state.person.agent)
    if row is None:
        raise HTTPException(404)
    return row


ROUTES = (
    Route("/calls/{call_id}/before", show_before),
    Route("/calls/{call_id}/before", rate, methods=["POST"]),
)
