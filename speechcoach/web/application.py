"""The application put together: its routes, what every request passes through, and what all of it shares."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from speechcoach.team.review.listening import Listener
from speechcoach.team.review.people import People
from speechcoach.team.store import Store
from speechcoach.web import (
    agreement,
    audit,
    before,
    call,
    calls,
    doors,
    goals,
    pages,
    practice,
    private,
    progress,
    signing,
    sound,
    team,
)
from speechcoach.web.keeping import Kept

LOOPBACK = ("127.0.0.1", "localhost")
_HERE = Path(__file__).parent
_ROOMS = (signing, progress, calls, sound, call, before, goals, practice, private, team, agreement, audit)
_DRAWINGS = 32  # calls whose lanes are kept: up to a megabyte each


@dataclass(frozen=True, slots=True)
class Shop:
    """What all requests share. `norms` and `rubric` are files that judge; `secure` says that browsers come by https."""

    store: Store
    people: People
    norms: Path | None = None
    rubric: Path | None = None
    secure: bool = False


def application(shop: Shop, hosts: Sequence[str] = LOOPBACK) -> Starlette:
    """The application over a store; `hosts` are the names under which browsers may ask for it."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with shop.store, contextlib.closing(app.state.shelf), contextlib.closing(app.state.listener):
            yield

    app = Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=_HERE / "static"), name="static"),
            *(route for room in _ROOMS for route in room.ROUTES),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            Middleware(doors.Doors, people=shop.people, secure=shop.secure),
        ],
        exception_handlers=pages.FAULTS,
        lifespan=lifespan,
    )
    app.state.shop = shop
    app.state.shelf, app.state.drawings = sound.Shelf(), Kept(_DRAWINGS)
    app.state.listener = Listener()
    return app
