"""Accounts, sessions and the audit log, on both databases. The truth is what the store must refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from speechcoach.errors import UsageError
from speechcoach.team.review.people import IDLE, LONGEST, People
from speechcoach.team.review.tables import person, session
from speechcoach.team.rows import Entry, Found, Meta, now
from speechcoach.team.store import Store
from tests.team.review.kept import kept

SECRET = "correct horse battery"


@pytest.fixture
def store(url: str):
    with Store(url) as opened:
        kept(opened, "a", Meta(agent="Mia"))
        yield opened


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes guessing slow makes testing slow."""
    monkeypatch.setattr("speechcoach.team.review.people._hasher", lambda: PasswordHasher(1, 8, 1))


@pytest.fixture
def people(store: Store) -> People:
    made = People(store)
    made.add("ann", "qa", SECRET)
    made.add("mia", "agent", SECRET + " mia", "Mia")
    return made


def test_who_knows_the_password_is_signed_in_as_who_they_are(people: People) -> None:
    token = people.signed_in("mia", SECRET + " mia")
    assert token is not None
    found = people.session(token)
    assert found is not None
    assert (found.person.name, found.person.role, found.person.agent, found.person.is_qa) == (
        "mia",
        "agent",
        "Mia",
        False,
    )
    assert len(found.form_token) > 30


def test_who_does_not_is_not(people: People) -> None:
    for name, password in (("mia", SECRET), ("nobody", SECRET), ("mia", ""), ("", SECRET)):
        assert people.signed_in(name, password) is None, name


def test_a_guess_costs_what_the_library_recommends(
    monkeypatch: pytest.MonkeyPatch, people: People, store: Store
) -> None:
    """RFC 9106, second recommended option: argon2id, three passes over 64 MiB."""
    monkeypatch.undo()
    people.add("bob", "qa", SECRET)
    with store.reading() as link:
        kept = link.execute(select(person.c.password).where(person.c.name == "bob")).scalar_one()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_store_holds_neither_passwords_nor_tokens(people: People, store: Store) -> None:
    token = people.signed_in("ann", SECRET)
    with store.reading() as link:
        passwords = list(link.execute(select(person.c.password)).scalars())
        tokens = list(link.execute(select(session.c.token)).scalars())
    assert all(kept.startswith("$argon2id$") and SECRET not in kept for kept in passwords)
    assert len(tokens) == 1 and token not in tokens


def test_a_session_ends_when_it_is_idle_when_it_is_old_and_when_it_is_ended(people: People) -> None:
    token = people.signed_in("ann", SECRET)
    assert token is not None
    assert people.session(token, now() + IDLE - timedelta(minutes=1)) is not None
    assert people.session(token, now() + 2 * IDLE) is None
    late = now()
    while late < now() + LONGEST - IDLE / 2:  # somebody who never rests
        late += IDLE / 2
        assert people.session(token, late) is not None
    assert people.session(token, late + IDLE / 2 + timedelta(minutes=1)) is None
    people.sign_out(token)
    assert people.session(token) is None


def test_a_new_password_ends_the_sessions_and_the_old_one(people: People) -> None:
    token = people.signed_in("ann", SECRET)
    people.set_password("ann", "another long one")
    assert token is not None and people.session(token) is None
    assert people.signed_in("ann", SECRET) is None
    assert people.signed_in("ann", "another long one")


def test_who_is_removed_is_signed_out(people: People) -> None:
    token = people.signed_in("mia", SECRET + " mia")
    people.remove("mia")
    assert token is not None and people.session(token) is None
    assert people.names() == ["ann"]


REFUSED = (
    ("ann", "qa", SECRET, None, "a user 'ann' already"),
    ("bob", "boss", SECRET, None, "must be qa or agent, not 'boss'"),
    ("bob", "agent", SECRET, None, "needs --agent"),
    ("bob", "qa", SECRET, "Mia", "QA has none"),
    ("bob", "agent", SECRET, "Mai", "no call is kept of an agent 'Mai'; known: Mia"),
    ("bob", "qa", "short", None, "10 to 1000 characters"),
    (" ", "qa", SECRET, None, "a name of 1 to 100"),
)


def test_what_cannot_be_meant_is_said(people: People) -> None:
    for name, role, password, agent, said in REFUSED:
        with pytest.raises(UsageError, match=said):
            people.add(name, role, password, agent)
    assert people.names() == ["ann", "mia"]


def test_somebody_unknown_is_said_with_who_is_known(people: People) -> None:
    for tried in (people.remove, lambda name: people.set_password(name, SECRET)):
        with pytest.raises(UsageError, match="no user 'bob'; known: ann, mia"):
            tried("bob")


def test_only_an_agent_may_ask_for_what_is_theirs_alone(people: People) -> None:
    for name, secret, wanted in (("mia", SECRET + " mia", True), ("ann", SECRET, False)):
        token = people.signed_in(name, secret)
        assert token is not None
        who = people.session(token)
        assert who is not None
        people.set_private_cues(who.person, True)
        again = people.session(token)
        assert again is not None and again.person.private_cues is wanted


def test_the_log_stays_when_people_and_calls_go(people: People, store: Store) -> None:
    people.note("mia", "listened", "a" * 64)
    people.note("ann", "opened", "b" * 64)
    people.remove("mia")
    failed = Entry("b" * 64, "key", Found("/calls/b.wav", "b.wav", 1, "1"), error_class="X", error="x")
    store.keep(failed)
    assert [(line["person"], line["action"]) for line in people.log()] == [("ann", "opened"), ("mia", "listened")]
    (only,) = people.log("a" * 64)
    assert (only["person"], only["name"]) == ("mia", "a.wav")


@pytest.mark.parametrize("name", ["a\nb", "\udcff", "a\0b", "", "x" * 101])
def test_a_name_is_one_line_of_text(store: Store, name: str) -> None:
    with pytest.raises(UsageError, match="1 to 100 characters, on one line"):
        People(store).add(name, "qa", SECRET)


def test_a_password_in_another_coding_is_said_to_be_so(store: Store) -> None:
    with pytest.raises(UsageError, match="no text in UTF-8"):
        People(store).add("ann", "qa", "\udcff" * 12)
