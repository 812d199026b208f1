"""Who may sign in, who is signed in, and who listened to what.

Conventions: passwords are kept as argon2id hashes (RFC 9106), tokens as their sha256: who reads the store can sign in
as nobody. A session ends by signing out, after `IDLE` without a request, after `LONGEST` anyhow, and when the password
is changed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from speechcoach.errors import UsageError
from speechcoach.team import tables
from speechcoach.team.review.tables import AGENT, QA, audit, person, session
from speechcoach.team.rows import now
from speechcoach.team.store import Store

IDLE = timedelta(hours=10)
LONGEST = timedelta(days=7)
_SEEN_EVERY = timedelta(minutes=1)  # writing at each request would make every reader a writer
_AT_ONCE = BoundedSemaphore(2)  # passwords: checking one takes 64 MiB, and anybody may ask for it
LEAST_PASSWORD, MOST_PASSWORD = 10, 1000  # characters (NIST SP 800-63B asks for eight at least, and no rules beside)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in. `agent` is the name under which their calls are kept, None for QA."""

    id: int
    name: str
    role: str
    agent: str | None
    private_cues: bool

    @property
    def is_qa(self) -> bool:
        return self.role == QA


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person, and what each of their forms must bring back."""

    person: Person
    form_token: str


class People:
    """The people of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # Accounts

    def add(self, name: str, role: str, password: str, agent: str | None = None) -> None:
        """Make an account. Raises UsageError for what cannot be meant."""
        name = name.strip()
        self._check(name, role, agent)
        check_password(password)
        row = {"name": name, "role": role, "agent": agent, "password": _hasher().hash(password)}
        with self._store.writing() as link:
            if link.execute(select(person.c.id).where(person.c.name == name)).first():
                raise UsageError(f"there is a user {name!r} already; choose another name, or set their password")
            link.execute(insert(person), [row | {"private_cues": False, "made_at": now()}])

    def set_password(self, name: str, password: str) -> None:
        """Give an account another password, and end its sessions."""
        check_password(password)
        with self._store.writing() as link:
            found = link.execute(select(person.c.id).where(person.c.name == name)).first()
            if found is None:
                raise UsageError(_unknown(name, self.names()))
            link.execute(update(person).where(person.c.id == found.id).values(password=_hasher().hash(password)))
            link.execute(delete(session).where(session.c.person_id == found.id))

    def remove(self, name: str) -> None:
        """Remove an account with all that it holds; what it said in the audit log stays."""
        with self._store.writing() as link:
            if link.execute(delete(person).where(person.c.name == name)).rowcount == 0:
                raise UsageError(_unknown(name, self.names()))

    def set_private_cues(self, who: Person, wanted: bool) -> None:
        """Note whether an agent wants to see what only they may see."""
        with self._store.writing() as link:
            link.execute(update(person).where(person.c.id == who.id).values(private_cues=wanted and not who.is_qa))

    def names(self) -> list[str]:
        """The names of all accounts."""
        with self._store.reading() as link:
            return list(link.execute(select(person.c.name).order_by(person.c.name)).scalars())

    def all(self) -> list[dict[str, Any]]:
        """Every account, but for its password."""
        columns = (person.c.name, person.c.role, person.c.agent, person.c.made_at)
        with self._store.reading() as link:
            return [dict(row) for row in link.execute(select(*columns).order_by(person.c.name)).mappings()]

    # Sessions

    def signed_in(self, name: str, password: str) -> str | None:
        """The token of a new session, or None; a wrong name and a wrong password look alike, and take as long."""
        with self._store.reading() as link:
            found = link.execute(select(person.c.id, person.c.password).where(person.c.name == name)).first()
        if not _matches(found.password if found else _nobodys(), password[:MOST_PASSWORD]) or found is None:
            return None
        token = secrets.token_urlsafe(32)
        moment = now()
        row = {"token": _kept(token), "person_id": found.id, "form_token": secrets.token_urlsafe(32)}
        with self._store.writing() as link:
            link.execute(delete(session).where(session.c.made_at < moment - LONGEST))
            link.execute(insert(session), [row | {"made_at": moment, "seen_at": moment}])
            if _hasher().check_needs_rehash(found.password):
                link.execute(update(person).where(person.c.id == found.id).values(password=_hasher().hash(password)))
        return token

    def session(self, token: str, at: datetime | None = None) -> Session | None:
        """Whose session it is, while it lasts."""
        moment = at or now()
        asked = select(session, person).join(person, person.c.id == session.c.person_id)
        with self._store.reading() as link:
            row = link.execute(asked.where(session.c.token == _kept(token))).mappings().first()
        if row is None or moment - row["seen_at"] > IDLE or moment - row["made_at"] > LONGEST:
            return None
        if moment - row["seen_at"] > _SEEN_EVERY:
            with self._store.writing() as link:
                link.execute(update(session).where(session.c.token == _kept(token)).values(seen_at=moment))
        who = Person(row["person_id"], row["name"], row["role"], row["agent"], row["private_cues"])
        return Session(who, row["form_token"])

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._store.writing() as link:
            link.execute(delete(session).where(session.c.token == _kept(token)))

    # The audit log

    def note(self, who: str, action: str, call_id: str | None = None, detail: str | None = None) -> None:
        """Write into the audit log who did what."""
        row = {"at": now(), "person": who, "action": action, "call_id": call_id, "detail": detail}
        with self._store.writing() as link:
            link.execute(insert(audit), [row])

    def log(self, call_id: str | None = None, limit: int = 500, who: str | None = None) -> list[dict[str, Any]]:
        """The latest lines of the audit log, of one call or of all, of `who` or of everybody, with the calls' names."""
        asked = select(audit, tables.call.c.name).outerjoin(tables.call, tables.call.c.id == audit.c.call_id)
        if call_id is not None:
            asked = asked.where(audit.c.call_id == call_id)
        if who is not None:
            asked = asked.where(audit.c.person == who)
        with self._store.reading() as link:
            return [dict(row) for row in link.execute(asked.order_by(audit.c.id.desc()).limit(limit)).mappings()]

    def noted(self) -> list[str]:
        """Who stands in the audit log."""
        with self._store.reading() as link:
            return list(link.execute(select(audit.c.person).distinct().order_by(audit.c.person)).scalars())

    def _check(self, name: str, role: str, agent: str | None) -> None:
        if not name.isprintable() or not 0 < len(name) <= 100:
            raise UsageError("a user needs a name of 1 to 100 characters, on one line")
        if role not in (QA, AGENT):
            raise UsageError(f"a user's role must be qa or agent, not {role!r}")
        if (role == AGENT) != bool(agent):
            raise UsageError("an agent's account needs --agent, the name under which the calls are kept; QA has none")
        if agent and agent not in (known := self.agents()):
            raise UsageError(f"no call is kept of an agent {agent!r}; known: {', '.join(known) or 'none yet'}")

    def agents(self) -> list[str]:
        """The agents of whom calls are kept."""
        column = tables.call.c.agent
        with self._store.reading() as link:
            return list(
                link.execute(select(column).where(column.is_not(None)).group_by(column).order_by(column)).scalars()
            )

    def count(self) -> int:
        """How many accounts there are."""
        with self._store.reading() as link:
            return link.execute(select(func.count()).select_from(person)).scalar_one()


def check_password(password: str) -> None:
    """Raise UsageError for a password that nobody should have."""
    if not _text(password):
        raise UsageError("the password is no text in UTF-8; type it, or give it in that coding")
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise UsageError(
            f"a password needs {LEAST_PASSWORD} to {MOST_PASSWORD} characters; a short sentence is a good one"
        )


def _text(given: str) -> bool:
    """Whether it is whole characters; bytes of another coding are kept as halves of some."""
    try:
        return bool(given.encode()) or not given
    except UnicodeEncodeError:
        return False


def _unknown(name: str, known: Sequence[str]) -> str:
    return f"there is no user {name!r}; known: {', '.join(known) or 'none yet'}"


def _kept(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@cache
def _hasher() -> Any:
    try:
        from argon2 import PasswordHasher
    except ImportError:
        raise UsageError("accounts need argon2; install it: pip install 'speechcoach[web]'") from None
    return PasswordHasher()


@cache
def _nobodys() -> str:
    """A hash to check against where there is no such person: it takes as long."""
    return _hasher().hash(secrets.token_urlsafe(16))


def _matches(kept: str, password: str) -> bool:
    from argon2.exceptions import VerificationError

    try:
        with _AT_ONCE:
            return _hasher().verify(kept, password)
    except VerificationError:
        return False
