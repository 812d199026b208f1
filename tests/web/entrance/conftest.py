"""The application over two calls, and a browser in front of its door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from speechcoach.team.review.people import People
from speechcoach.team.rows import Meta
from speechcoach.team.store import Store
from speechcoach.web import Shop, application, signing
from tests.team.review.kept import kept

SECRET = "a long password"
HERE = {"Origin": "http://localhost"}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr("speechcoach.team.review.people._hasher", lambda: PasswordHasher(1, 8, 1))
    monkeypatch.setattr(signing, "_patience", signing.Patience())
    with Store(str(tmp_path / "calls.db")) as opened:
        kept(opened, "a", Meta(agent="Mia"))
        kept(opened, "b", Meta(agent="Tom"), "Hello, my violin.", "Yes.")
        people = People(opened)
        people.add("ann", "qa", SECRET)
        people.add("mia", "agent", SECRET, "Mia")
        yield opened


@pytest.fixture
def browser(store: Store) -> TestClient:
    return TestClient(application(Shop(store, People(store))), "http://localhost", follow_redirects=False)


def signed_in(browser: TestClient, name: str = "ann") -> TestClient:
    answer = browser.post("/sign-in", data={"name": name, "password": SECRET}, headers=HERE)
    assert answer.status_code == 303, answer.text
    return browser


def form_token(browser: TestClient) -> str:
    return browser.get("/account").text.split('name="form_token" value="')[1].split('"')[0]
