"""What every request passes through: strangers, forged forms, foreign hosts, guessed passwords.

The truth is RFC 6265bis, the Fetch and CSP standards, and OWASP on sessions.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from speechcoach.errors import UsageError
from speechcoach.team.review.people import People
from speechcoach.team.store import Store
from speechcoach.web import Shop, application
from speechcoach.web.serving import Address, checked

from .conftest import HERE, SECRET, form_token, signed_in


@pytest.mark.parametrize("path", ["/", "/calls", "/account", "/calls/" + "a" * 64, "/nothing"])
def test_a_stranger_is_led_to_signing_in_and_back(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in?next={path}"
    assert "Mia" not in answer.text


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(browser: TestClient, store: Store) -> None:
    answer = browser.post("/sign-in", data={"name": "ann", "password": SECRET}, headers=HERE)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie and "secure" not in cookie
    safe = TestClient(application(Shop(store, People(store), secure=True)), "https://localhost", follow_redirects=False)
    answer = safe.post("/sign-in", data={"name": "ann", "password": SECRET})
    assert "secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"]
)
def test_signing_in_leads_to_no_other_site(browser: TestClient, to: str) -> None:
    answer = browser.post("/sign-in", data={"name": "ann", "password": SECRET, "next": to}, headers=HERE)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "192.0.2.7"])
def test_another_host_is_refused(browser: TestClient, host: str) -> None:
    """A page elsewhere whose name leads here (DNS rebinding) is answered nothing."""
    answer = browser.get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400 and "speechcoach" not in answer.text


def test_every_answer_says_what_a_browser_may_do(browser: TestClient) -> None:
    for answer in (
        browser.get("/sign-in"),
        browser.get("/calls"),
        signed_in(browser).get("/calls"),
        browser.get("/no"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_elsewhere_is_refused(browser: TestClient, headers: dict[str, str]) -> None:
    token = form_token(signed_in(browser))
    answer = browser.post("/sign-out", data={"form_token": token}, headers=headers)
    assert answer.status_code == 403
    assert browser.get("/calls").status_code == 200, "still signed in"
    other = browser.post("/sign-in", data={"name": "ann", "password": SECRET}, headers=headers)
    assert other.status_code == 403 and "set-cookie" not in other.headers


@pytest.mark.parametrize("given", [{}, {"form_token": ""}, {"form_token": "x" * 43}, {"form_token": "ä"}])
def test_a_form_without_the_sessions_token_is_refused(browser: TestClient, given: dict[str, str]) -> None:
    signed_in(browser)
    assert browser.post("/sign-out", data=given, headers=HERE).status_code == 403
    assert browser.get("/calls").status_code == 200


def test_another_sessions_token_is_none(browser: TestClient, store: Store) -> None:
    other = TestClient(application(Shop(store, People(store))), "http://localhost", follow_redirects=False)
    token = form_token(signed_in(other, "mia"))
    signed_in(browser)
    assert browser.post("/sign-out", data={"form_token": token}, headers=HERE).status_code == 403


def test_signing_out_ends_the_session_on_the_server(browser: TestClient) -> None:
    signed_in(browser)
    cookie = browser.cookies["speechcoach"]
    browser.post("/sign-out", data={"form_token": form_token(browser)}, headers=HERE)
    answer = browser.get("/calls", headers={"Cookie": f"speechcoach={cookie}"})
    assert answer.status_code == 303, "a copied cookie opens nothing"


def test_a_session_is_a_new_one_after_signing_in(browser: TestClient) -> None:
    """Nobody can lay a cookie of their own into somebody's browser first (session fixation)."""
    browser.cookies.set("speechcoach", "laid-there")
    answer = browser.post("/sign-in", data={"name": "ann", "password": SECRET}, headers=HERE)
    assert "laid-there" not in answer.headers["set-cookie"]


def test_guessing_must_wait_and_the_answer_tells_no_names(browser: TestClient) -> None:
    said = {}
    for name in ("ann", "nobody"):
        tries = [
            browser.post("/sign-in", data={"name": name, "password": f"guess {n}"}, headers=HERE) for n in range(6)
        ]
        said[name] = [(answer.status_code, answer.text.replace(name, "")) for answer in tries]
    assert said["ann"] == said["nobody"]
    assert [status for status, _ in said["ann"]] == [401] * 5 + [429]
    right = browser.post("/sign-in", data={"name": "ann", "password": SECRET}, headers=HERE)
    assert right.status_code == 429, "the right one must wait too, or guessing goes on"
    assert browser.post("/sign-in", data={"name": "mia", "password": SECRET}, headers=HERE).status_code == 303


@pytest.mark.parametrize("length", [str(1 << 20), "", "-1", "1e3"])
def test_a_form_is_short_and_says_how_long_it_is(browser: TestClient, length: str) -> None:
    answer = browser.post("/sign-in", content=b"name=ann", headers={**HERE, "Content-Length": length})
    assert answer.status_code == 413


def test_a_password_is_changed_by_who_knows_it(browser: TestClient) -> None:
    signed_in(browser)
    old, token = browser.cookies["speechcoach"], form_token(browser)
    wrong = browser.post(
        "/account/password", data={"form_token": token, "old_password": "no", "password": "x" * 12}, headers=HERE
    )
    assert wrong.status_code == 400 and "present password" in wrong.text
    short = browser.post(
        "/account/password", data={"form_token": token, "old_password": SECRET, "password": "x"}, headers=HERE
    )
    assert short.status_code == 400 and "10 to 1000" in short.text
    done = browser.post(
        "/account/password", data={"form_token": token, "old_password": SECRET, "password": "x" * 12}, headers=HERE
    )
    assert done.status_code == 303 and browser.get("/account").status_code == 200
    assert browser.cookies["speechcoach"] != old
    assert browser.get("/account", headers={"Cookie": f"speechcoach={old}"}).status_code == 303


def test_an_agent_is_shown_their_own_calls_whatever_they_ask(browser: TestClient) -> None:
    signed_in(browser, "mia")
    for query in (
        "",
        "?agent=Tom",
        "?said_in=violin",
        "?agent=Tom&said_in=violin&cue=interruption&sort=ear&reviewed=no",
    ):
        page = browser.get(f"/calls{query}").text
        assert "b.wav" not in page and "Tom" not in page.replace("agent=Tom", "")
    assert "a.wav" in browser.get("/calls").text
    assert "points" not in browser.get("/calls").text, "nothing is told of a call that is not rated yet"


def test_qa_finds_what_was_said(browser: TestClient) -> None:
    signed_in(browser)
    page = browser.get("/calls?said_in=VIOLIN").text
    assert "b.wav" in page and "a.wav" not in page and "<mark>violin. </mark>" in page


@pytest.mark.parametrize(
    "query", ["?page=0", "?page=-1", "?page=x", "?page=999999", "?sort=nothing", "?since=2026-13-45", "?said_in=%00"]
)
def test_nonsense_in_the_address_is_no_fault(browser: TestClient, query: str) -> None:
    assert signed_in(browser).get(f"/calls{query}").status_code in (200, 400)


def test_what_is_said_after_a_form_cannot_be_put_there(browser: TestClient) -> None:
    page = signed_in(browser).get("/calls?said=Your+account+is+locked").text
    assert "locked" not in page


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (Address("0.0.0.0", 80), "by which --name"),
        (Address("192.0.2.7", 80, ("coach.example",)), "unencrypted"),
        (Address("127.0.0.1", 0), "1 to 65535"),
        (Address("127.0.0.1", 80, (), Path("only.pem")), "belong together"),
        (Address("127.0.0.1", 80, (), Path("no.pem"), Path("no.key")), "no.pem: there is no such file"),
    ],
)
def test_an_address_that_would_be_unsafe_is_refused(address: Address, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        checked(address)


def test_it_answers_to_this_machine_and_to_what_it_was_told() -> None:
    assert checked(Address("127.0.0.1", 80)).hosts == ("127.0.0.1", "localhost")
    outside = checked(Address("192.0.2.7", 443, ("coach.example",), behind_https=True))
    assert outside.hosts == ("192.0.2.7", "coach.example") and outside.shown == "https://coach.example:443/"
