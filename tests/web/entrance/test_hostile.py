"""What nobody means who only uses the pages: broken addresses, forms that never end, numbers beyond any row.

The truth is HTTP's (RFC 9110): such a request is a client's mistake, and the others are answered meanwhile.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from speechcoach.errors import StoreError, UsageError
from speechcoach.team.review.people import People
from speechcoach.team.store import Store
from speechcoach.web import doors
from speechcoach.web.arriving import Unfinished, arrived, room
from speechcoach.web.serving import Address, checked

from .conftest import HERE, SECRET, form_token, signed_in

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HUGE, LONG = "9" * 30, "9" * 5000  # more than a database's number; more digits than Python turns into one


@pytest.mark.parametrize(
    "address",
    [
        f"/calls?page={HUGE}",
        f"/calls?page={LONG}",
        "/calls?until=9999-12-31",
        "/calls?since=0001-01-01",
        "/calls?queue=%00",
        "/calls/%00",
        f"/practice/{HUGE}",
        f"/practice/{LONG}/sound",
    ],
)
@pytest.mark.parametrize("name", ["ann", "mia"])
def test_no_number_and_no_date_in_an_address_is_a_fault(browser: TestClient, name: str, address: str) -> None:
    assert signed_in(browser, name).get(address).status_code in (200, 400, 404)


@pytest.mark.parametrize("number", [HUGE, LONG])
@pytest.mark.parametrize(
    "path", ["/calls/{call}/replies/{}/remove", "/calls/{call}/notes/{}/remove", "/goals/withdraw/{}"]
)
def test_no_number_of_a_form_is_a_fault(browser: TestClient, store: Store, path: str, number: str) -> None:
    call_id = next(row["id"] for row in store.rows("call"))
    token = form_token(signed_in(browser))
    answer = browser.post(path.format(number, call=call_id), data={"form_token": token}, headers=HERE)
    assert answer.status_code == 404


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "//", "localhost"])
def test_an_origin_that_is_no_address_is_another_site(browser: TestClient, origin: str) -> None:
    answer = browser.post("/sign-in", data={"name": "ann", "password": SECRET}, headers={"Origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize("coding", ["undefined", "utf-7", "unicode_escape", "idna", "no such coding"])
def test_a_form_in_an_odd_coding_is_no_fault(browser: TestClient, coding: str) -> None:
    """Some of them make halves of characters, which no database takes."""
    part = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\\ud800+2AA-\x00\r\n'
    headers = {**HERE, "Content-Type": f"multipart/form-data; boundary=x; charset={coding}"}
    answer = browser.post("/sign-in", content=part + b"--x--\r\n", headers=headers)
    assert answer.status_code in (400, 401)


def test_a_form_that_tells_its_length_in_two_ways_is_refused(browser: TestClient) -> None:
    """Of the two a server believes the chunks, which may go on for ever."""
    headers = {**HERE, **FORM, "Content-Length": "8", "Transfer-Encoding": "chunked"}
    assert browser.post("/sign-in", content=b"name=ann", headers=headers).status_code == 413


def _sent(*pieces: bytes, ends: bool) -> list[Message]:
    last = len(pieces) - 1 if ends else None
    return [{"type": "http.request", "body": body, "more_body": at != last} for at, body in enumerate(pieces)]


async def _whole(messages: list[Message], most_bytes: int, wait_s: float) -> bytes:
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting:
            await anyio.sleep_forever()
        return waiting.pop(0)

    with room() as kept:
        here, body, more = await arrived(receive, kept, most_bytes, wait_s), b"", True
        while more:
            message = await here()
            body, more = body + message["body"], message["more_body"]
    return body


def test_what_arrived_is_what_was_sent() -> None:
    pieces = [bytes([n]) * (1 << 17) for n in range(12)]  # more than stays in memory
    assert anyio.run(_whole, _sent(*pieces, ends=True), 1 << 24, 60.0) == b"".join(pieces)
    assert anyio.run(_whole, _sent(b"", ends=True), 0, 60.0) == b""


@pytest.mark.parametrize(
    ("messages", "status"),
    [
        (_sent(b"name=", ends=False), 408),
        (_sent(b"x" * 6, b"y" * 6, ends=False), 413),
        ([*_sent(b"name=", ends=False), {"type": "http.disconnect"}], 400),
    ],
)
def test_what_never_comes_whole_is_given_up(messages: list[Message], status: int) -> None:
    with pytest.raises(Unfinished) as why:
        anyio.run(_whole, messages, 10, 0.01)
    assert why.value.status == status


def test_forms_that_never_come_take_no_thread(browser: TestClient) -> None:
    """More of them than there are threads wait, and a page is answered all the same."""

    async def tried() -> int:
        app, answered = browser.app, anyio.Event()

        async def never() -> Message:
            await anyio.sleep_forever()
            raise AssertionError("unreachable")

        async def ignored(_: Message) -> None:
            answered.set()

        got: list[int] = []

        async def noted(message: Message) -> None:
            got.append(message.get("status", 0))

        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(app, _scope("POST", (b"content-length", b"9")), never, ignored)
            await anyio.wait_all_tasks_blocked()
            await app(_scope("GET"), never, noted)
            assert not answered.is_set(), "the forms wait still"
            group.cancel_scope.cancel()
        return got[0]

    assert anyio.run(tried) == 200


def _scope(method: str, *headers: tuple[bytes, bytes]) -> dict[str, object]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": "/sign-in",
        "raw_path": b"/sign-in",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"content-type", FORM["Content-Type"].encode()), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }


def test_guesses_at_the_same_moment_are_counted_each(browser: TestClient) -> None:
    def guessed(number: int) -> int:
        return browser.post("/sign-in", data={"name": "ann", "password": f"guess {number}"}, headers=HERE).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guessed, range(16)))
    assert sorted(answers) == [401] * 5 + [429] * 11


def test_the_present_password_is_not_guessed_at_leisure(browser: TestClient) -> None:
    """Who finds a computer left signed in would else have all the time."""
    token = form_token(signed_in(browser))
    given = {"form_token": token, "old_password": "no", "password": "x" * 12}
    answers = [browser.post("/account/password", data=given, headers=HERE).status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]


def test_a_lost_store_tells_nobody_where_it_lies(
    browser: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def lost(*_: object, **__: object) -> None:
        raise StoreError("/secret/calls.db: the store cannot be used (disk I/O error)")

    signed_in(browser)
    monkeypatch.setattr("speechcoach.team.review.searching.calls", lost)
    with caplog.at_level(logging.ERROR, doors.__name__):
        page = browser.get("/calls")
        monkeypatch.setattr(People, "session", lost)
        door = browser.get("/calls")
    for answer in (page, door):
        assert answer.status_code == 503 and "Try again in a minute" in answer.text and "secret" not in answer.text
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["/secret/calls.db"] * 2


@pytest.mark.parametrize("name", ["a*b", "", "a b", "coach.example:80", "http://coach.example", "*.", "-x"])
def test_what_is_no_hosts_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no host's name"):
        checked(Address("127.0.0.1", 80, (name,)))


def test_a_certificate_that_is_none_is_said_before_the_server_begins(tmp_path: Path) -> None:
    for file in ("own.pem", "own.key"):
        (tmp_path / file).write_text("x\n")
    with pytest.raises(UsageError, match=r"own\.pem and .*own\.key: no certificate with its key"):
        checked(Address("127.0.0.1", 443, (), tmp_path / "own.pem", tmp_path / "own.key"))


def test_another_loopback_address_is_the_one_that_is_shown() -> None:
    assert checked(Address("127.0.0.2", 80)).shown == "http://127.0.0.2:80/"
    assert checked(Address("::1", 80)).shown == "http://[::1]:80/"
    assert "coach.example" in checked(Address("127.0.0.1", 80, ("Coach.Example",))).hosts, (
        "browsers ask in small letters"
    )
