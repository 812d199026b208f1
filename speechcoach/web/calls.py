"""The list of calls: filters, search in what was said, and the order in which they deserve an ear.

To an agent it is their own calls, without a figure of those that they have not rated themselves yet; nor can these be
told by asking for what was flagged, or for the order of what they lost.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from speechcoach.judgement.phrases import cue_title
from speechcoach.records import Turn
from speechcoach.team.review import ratings, searching
from speechcoach.team.review.folding import folded
from speechcoach.team.review.people import Person
from speechcoach.web.pages import day, page, shop

_ON_A_PAGE, _LINES = 25, 3
_ORDERS = {"ear": "to hear first", "newest": "newest", "oldest": "oldest", "longest": "longest", "name": "name"}


def show_calls(request: Request) -> Response:
    """The list."""
    who, asked = request.state.person, request.query_params
    wanted = _wanted(who, asked)
    number = _number(asked.get("page", ""))
    store = shop(request).store
    found = searching.calls(store, wanted, (number - 1) * _ON_A_PAGE, _ON_A_PAGE)
    rated = set() if who.is_qa else ratings.rated_by(store, who.name)
    choices = searching.choices(store, who.agent)
    orders = {name: title for name, title in _ORDERS.items() if who.is_qa or name != "ear"}
    return page(
        request,
        "calls.html.j2",
        wanted=wanted_fields(wanted),
        choices=choices,
        cues=[(name, cue_title(name)) for name in choices["cue"]],
        sorts=list(orders.items()),
        reviewed=asked.get("reviewed", ""),
        since=asked.get("since", ""),
        until=asked.get("until", ""),
        count=found.count,
        rows=[_row(request, row, wanted.said, hidden=not who.is_qa and row["id"] not in rated) for row in found.rows],
        number=number,
        pages=max(1, ceil(found.count / _ON_A_PAGE)),
        to=lambda to: "?" + urlencode({**asked, "page": to}),
    )


def _number(given: str) -> int:
    """The page that is asked for, the first where none can be meant."""
    return max(1, int(given)) if given.isascii() and given.isdecimal() and len(given) < 10 else 1


def _wanted(who: Person, asked: Any) -> searching.Wanted:
    given = {name: asked.get(name) or None for name in ("agent", "team", "queue", "language", "cue")}
    reviewed = {"yes": True, "no": False}.get(asked.get("reviewed", ""))
    orders = list(_ORDERS) if who.is_qa else [name for name in _ORDERS if name != "ear"]
    sort = asked.get("sort") if asked.get("sort") in orders else orders[0]
    since, until = day(asked.get("since", "")), day(asked.get("until", ""))
    until = until + timedelta(days=1) if until else None  # the day itself belongs to it
    if not who.is_qa:
        given |= {"agent": who.agent, "cue": None, "team": None, "language": None}
        reviewed = None
    return searching.Wanted(
        **given, since=since, until=until, said=asked.get("said_in", "")[:500], reviewed=reviewed, sort=sort
    )


def wanted_fields(wanted: searching.Wanted) -> dict[str, Any]:
    """What was asked for, by the name of its field."""
    return {name: getattr(wanted, name) for name in wanted.__slots__}


def _row(request: Request, row: dict[str, Any], said: str, hidden: bool) -> dict[str, Any]:
    return {**row, "hidden": hidden, "lost": row["lost"] or 0.0, "lines": _lines(request, row["id"], said)}


def _lines(request: Request, call_id: str, said: str) -> list[dict[str, Any]]:
    """The first turns in which it was said."""
    parts = searching.phrases(said)
    result = shop(request).store.result(call_id) if parts else None
    found = []
    for turn in result.facts.turns if result else ():
        pieces = _marked(turn, parts)
        if any(marked for _, marked in pieces):
            found.append({"start_s": turn.start_s, "speaker": turn.speaker, "pieces": pieces})
    return found[:_LINES]


def _marked(turn: Turn, parts: list[str]) -> list[tuple[str, bool]]:
    """The turn's text in pieces, and which of them were asked for."""
    words = turn.text.split()
    plain = [folded(word).split() for word in words]
    flat = [(token, place) for place, tokens in enumerate(plain) for token in tokens]
    hits: set[int] = set()
    for part in parts:
        asked = part.rstrip("*").split()
        for start in range(len(flat) - len(asked) + 1):
            tokens = [token for token, _ in flat[start : start + len(asked)]]
            last = tokens[-1].startswith(asked[-1]) if part.endswith("*") else tokens[-1] == asked[-1]
            if tokens[:-1] == asked[:-1] and last:
                hits |= {place for _, place in flat[start : start + len(asked)]}
    return [(word + " ", place in hits) for place, word in enumerate(words)]


ROUTES = (Route("/calls", show_calls),)
