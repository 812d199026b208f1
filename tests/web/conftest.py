"""A store of a small team, and ways into the application over it: in this process, and through a browser.

Truth is analytic: the calls are scripted (their text, times and findings are known), and their recordings are cut from
a shipped sample to their length, WAV (PCM), mu-law and FLAC among them. joe and mia are agents with calls of their own,
joe has rated his, mia has not; ann and bob are QA. `team_store` is shared: `store` is a copy of it to write into.
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from starlette.testclient import TestClient

from speechcoach.pipeline import judge
from speechcoach.records import Result
from speechcoach.team.review import ratings
from speechcoach.team.review.people import People, Person
from speechcoach.team.rows import Entry, Meta
from speechcoach.team.sources import content_id, of_file
from speechcoach.team.store import Store
from speechcoach.web.application import Shop, application
from speechcoach.web.call import showing
from speechcoach.web.keeping import Kept
from tests.judgement.calls import busy_call, spoken

PASSWORD = "a long password"
PEOPLE = {"ann": ("qa", None), "bob": ("qa", None), "joe": ("agent", "Joe"), "mia": ("agent", "Mia")}
SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "poor_listener.wav"
KINDS = {"wav": ("WAV", "PCM_16"), "ulaw.wav": ("WAV", "ULAW"), "flac": ("FLAC", "PCM_16")}
QUIET = (
    "A: Good morning, Harbour Bank, this is Sam speaking, how can I help you?",
    "C: My card was declined twice this morning and I need a refund.",
    "A: I see, that is annoying. Do I understand right that it failed twice?",
    "C: Yes, twice.",
    "A: Give me one moment, I have removed the block. Is there anything else that I can do for you?",
    "C: No, thank you, goodbye.",
    "A: Thank you for calling, goodbye.",
)


@dataclass(frozen=True)
class Team:
    """The store's file, its calls by a short name, the folder of their recordings, and a session of everybody."""

    url: str
    calls: dict[str, str]
    folder: Path
    sessions: dict[str, str]

    def open(self) -> Store:
        return Store(self.url, new=False)


def person(store: Store, team: Team, name: str) -> Person:
    """Somebody as they are when they are signed in."""
    found = People(store).session(team.sessions[name])
    assert found is not None
    return found.person


def recorded(path: Path, length_s: float, skip_s: float, kind: str) -> Path:
    """A recording of that length, from a place of the sample, over and over."""
    samples, rate_hz = sf.read(SAMPLE, dtype="int16")
    sound = np.roll(samples, -round(skip_s * rate_hz), axis=0)
    sound = np.resize(sound, (round(length_s * rate_hz), 2))
    file_format, subtype = KINDS[kind]
    sf.write(path, sound, rate_hz, format=file_format, subtype=subtype)
    return path


def _scripts() -> dict[str, tuple[Result, Meta, str]]:
    """Each call's result, what the team knows of it, and how it is recorded."""
    first = datetime(2026, 3, 2, 9, tzinfo=UTC)
    busy, quiet = judge(busy_call()), judge(spoken(*QUIET))
    day = timedelta(days=1)
    return {
        "joe-busy": (busy, Meta("Joe", "Red", "Billing", first), "wav"),
        "joe-quiet": (quiet, Meta("Joe", "Red", "Sales", first + day), "ulaw.wav"),
        "mia-busy": (busy, Meta("Mia", "Red", "Billing", first + 2 * day), "ulaw.wav"),
        "mia-quiet": (quiet, Meta("Mia", "Red", "Sales", first + 3 * day), "flac"),
    }


def _kept(store: Store, name: str, path: Path, result: Result, meta: Meta) -> str:
    """Keep a call as a batch would; returns its id."""
    call_id = content_id(path)
    facts = replace(result.facts, call=replace(result.facts.call, file=path.name))
    store.keep(Entry(call_id, "made", of_file(path), meta, replace(result, facts=facts)))
    return call_id


@pytest.fixture(scope="session")
def team_store(tmp_path_factory) -> Team:
    """The team's store; nobody writes into it."""
    folder = tmp_path_factory.mktemp("team")
    calls = {}
    with Store(str(folder / "calls.db")) as store:
        for number, (name, (result, meta, kind)) in enumerate(_scripts().items()):
            path = recorded(folder / f"{name}.{kind}", result.facts.call.duration_s, 7.0 * number, kind)
            calls[name] = _kept(store, name, path, result, meta)
        people = People(store)
        for name, (role, agent) in PEOPLE.items():
            people.add(name, role, PASSWORD, agent)
        for name in ("joe-busy", "joe-quiet"):
            ratings.keep(store, calls[name], "joe", ratings.SELF, {"attending_room": 5, "an_item_of_an_older_form": 5})
        sessions = {name: people.signed_in(name, PASSWORD) for name in PEOPLE}
    return Team(str(folder / "calls.db"), calls, folder, sessions)


@pytest.fixture
def team(team_store, tmp_path) -> Team:
    """A copy of the store to write into; the recordings stay where they are."""
    copy = tmp_path / "calls.db"
    shutil.copyfile(team_store.url, copy)
    return replace(team_store, url=str(copy))


@pytest.fixture
def store(team) -> Iterator[Store]:
    """The store that the application uses."""
    with team.open() as opened:
        yield opened


@dataclass
class Visitor:
    """Somebody at the application: asks, and sends forms with what a form of theirs brings back."""

    client: TestClient
    token: str

    def get(self, path: str, **more):
        return self.client.get(path, follow_redirects=False, **more)

    def post(self, path: str, *, htmx: bool = False, **fields: str):
        headers = {"Origin": "http://localhost"} | ({"HX-Request": "true"} if htmx else {})
        data = {"form_token": self.token, **{name.rstrip("_"): value for name, value in fields.items()}}
        return self.client.post(path, data=data, headers=headers, follow_redirects=False)


@pytest.fixture(scope="session")
def drawings() -> Kept:
    """What calls' pages draw; working it out once is enough for most tests."""
    return Kept(32)


@pytest.fixture
def app(store, drawings, monkeypatch):
    """The application over the copy; its pages wait for what they draw, however long a busy machine takes."""
    monkeypatch.setattr(showing, "WAIT_S", 600.0)
    made = application(Shop(store, People(store)))
    made.state.drawings = drawings
    return made


@pytest.fixture
def visit(app, store, team) -> Iterator[Callable[[str], Visitor]]:
    """Signs somebody in, by name."""
    opened: list[TestClient] = []

    def signed_in(name: str) -> Visitor:
        client = TestClient(app, base_url="http://localhost")
        token = team.sessions[name]
        client.cookies.set("speechcoach", token)
        opened.append(client)
        return Visitor(client, People(store).session(token).form_token)

    yield signed_in
    for client in opened:
        client.close()
    app.state.shelf.close()


@pytest.fixture
def served(app) -> Iterator[str]:
    """The application at an address of this machine, for a browser."""
    uvicorn = pytest.importorskip("uvicorn", reason="uvicorn is not installed")
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://localhost:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture
def browse(chromium, served):
    """Signs somebody in through the browser's form; fails where a page complains, or asks for anything elsewhere."""
    contexts, troubles, outside = [], [], []

    def signed_in(name: str, width: int = 1280, **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, base_url=served, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: troubles.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: troubles.append(str(e)))
        page.on("request", lambda r: None if r.url.startswith((served, "data:", "blob:")) else outside.append(r.url))
        page.goto("/sign-in")
        page.fill("[name=name]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("button.main")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    signed_in.troubles = troubles
    yield signed_in
    for context in contexts:
        context.close()
    assert outside == []
    assert troubles == []
