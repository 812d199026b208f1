"""Looking for calls, on both databases: by what is known, and by what was said; no words break out of a question."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, insert, update

from speechcoach.pipeline import judge
from speechcoach.team import tables
from speechcoach.team.opening import _parsed
from speechcoach.team.review import opinions, ratings
from speechcoach.team.review.folding import folded
from speechcoach.team.review.people import People
from speechcoach.team.review.searching import SORTS, Wanted, calls, choices, kept_call, phrases
from speechcoach.team.rows import Entry, Found, Meta, call_row, document_row
from speechcoach.team.store import Store
from tests.judgement.calls import busy_call, spoken
from tests.team.review.kept import kept

MAY = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def store(url: str):
    with Store(url) as opened:
        kept(
            opened,
            "a",
            Meta("Mia", "Red", "bills", MAY),
            "Good sunshine.",
            "My lantern is broken.",
            "Café, s'il vous plaît",
        )
        kept(opened, "b", Meta("Tom", "Red", "faults", MAY.replace(month=6)), "Ahoy.", "It is broken, my lantern.")
        kept(opened, "c", Meta("Tom", "Blue", "bills"), facts=busy_call())
        yield opened


def names(store: Store, **wanted) -> list[str]:
    return sorted(row["name"][0] for row in calls(store, Wanted(**wanted)).rows)


WORDS = (
    ("lantern", "ab"),
    ("LANTERN broken", "ab"),
    ('"lantern is broken"', "a"),
    ('"broken lantern"', ""),
    ("lant*", "ab"),
    ("lant", ""),
    ("cafe", "a"),
    ("CAFÉ plait", "a"),
    ("lantern ahoy", "b"),
    ('"my lantern" sunshine', "a"),
    ("", "abc"),
    ("?!", ""),
    ("'; DROP TABLE call; --", ""),
    ('" OR 1=1', ""),
    ("lantern) OR (ahoy", ""),
    ("NEAR(lantern broken)", ""),
    ("words:lantern", ""),
    ("xyzzy & ! | <-> :*", ""),
    ("\x00", ""),
)
KNOWN = (
    ({"agent": "Tom"}, "bc"),
    ({"agent": "Tom", "queue": "bills"}, "c"),
    ({"team": "Red"}, "ab"),
    ({"cue": "interruption"}, "c"),
    ({"since": MAY}, "ab"),
    ({"since": MAY.replace(day=5)}, "b"),
    ({"until": MAY.replace(day=5)}, "a"),
    ({"agent": "Nobody"}, ""),
)


def test_words_that_were_said(store: Store) -> None:
    assert {said: "".join(names(store, said=said)) for said, _ in WORDS} == dict(WORDS)


def test_what_a_team_knows(store: Store) -> None:
    for wanted, found in KNOWN:
        assert "".join(names(store, **wanted)) == found, wanted


def test_in_order_of_what_deserves_an_ear(store: Store) -> None:
    lost = [row["lost"] for row in calls(store, Wanted()).rows]
    assert lost == sorted(lost, reverse=True) and lost[0] > 0
    assert calls(store, Wanted()).rows[0]["name"] == "c.wav"


def test_every_order_has_all_calls_and_pages_hold_each_once(store: Store) -> None:
    for sort in SORTS:
        whole = [row["id"] for row in calls(store, Wanted(sort=sort)).rows]
        paged = [row["id"] for at in range(3) for row in calls(store, Wanted(sort=sort), at, 1).rows]
        assert paged == whole and len(set(whole)) == 3
    newest = [row["name"][0] for row in calls(store, Wanted(sort="newest")).rows]
    assert newest == ["b", "a", "c"], "what has no date comes last"


def test_a_call_is_reviewed_when_somebody_else_said_something(store: Store) -> None:
    ratings.keep(store, "a" * 64, "mia", ratings.SELF, {"attending_1": 5})
    assert names(store, reviewed=True) == []
    people = People(store)
    people.add("mia", "agent", "a long password", "Mia")
    people.add("ann", "qa", "a long password")
    (flag,) = [item for item in store.result("c" * 64).findings if item.cue == "dead_air" and not item.strength][:1]
    for name in ("mia", "ann"):
        who = people.session(people.signed_in(name, "a long password")).person
        opinions.judge(store, "c" * 64, flag, who, False, "The line was slow.")
        assert names(store, reviewed=True) == (["c"] if name == "ann" else []), "the agent's own word is no review"
    opinions.withdraw(store, "c" * 64, flag.id, who)
    ratings.keep(store, "a" * 64, "ann", ratings.BY_QA, {"attending_1": 5})
    assert names(store, reviewed=True) == ["a"]
    assert names(store, reviewed=False) == ["b", "c"]


def test_an_agent_is_told_of_their_own_calls_alone(store: Store) -> None:
    assert kept_call(store, "a" * 64, "Mia") is not None
    assert kept_call(store, "a" * 64, "Tom") is None
    assert kept_call(store, "d" * 64) is None
    assert choices(store, "Mia") == {
        "agent": ["Mia"],
        "team": ["Red"],
        "queue": ["bills"],
        "language": ["en"],
        "cue": choices(store, "Mia")["cue"],
    }
    assert choices(store)["queue"] == ["bills", "faults"]
    assert "interruption" in choices(store)["cue"]


def test_a_call_that_is_kept_again_is_searched_as_it_is_now(store: Store) -> None:
    kept(store, "a", Meta("Mia"), "Ahoy.", "My violin is broken.")
    assert names(store, said="violin") == ["a"]
    assert names(store, said="sunshine") == []
    store.keep(Entry("a" * 64, "key", Found("/calls/a.wav", "a.wav", 10, "2"), error_class="X", error="gone"))
    assert names(store, said="violin") == []


NO_FACTS = (b"[]", b'{"words": 5}', b'{"words": [{"txt": "violin"}]}')


def test_a_store_of_the_first_release_is_searched_too(url: str) -> None:
    """What was kept before there was a search: the step fills in its words, and passes over what is damaged."""
    from alembic import command
    from alembic.config import Config

    from speechcoach.team.opening import _HERE

    engine = create_engine(_parsed(url))
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    with engine.begin() as link:
        config.attributes["connection"] = link
        command.upgrade(config, "0001")
    damaged = {"b": b"x", **{letter: zlib.compress(what) for letter, what in zip("cde", NO_FACTS, strict=True)}}
    for letter in ("a", *damaged):
        call = Entry(
            letter * 64, "key", Found(letter, letter, 1, "1"), Meta("Mia"), judge(spoken("A: My violin is broken."))
        )
        with engine.begin() as link:
            link.execute(insert(tables.call), [call_row(call)])
            link.execute(insert(tables.document), [document_row(call.id, call.result)])
    with engine.begin() as link:
        for letter, what in damaged.items():
            whose = tables.document.c.call_id == letter * 64
            link.execute(update(tables.document).where(whose).values(facts=what))
    with Store(url) as store:
        assert names(store, said="violin") == ["a"]
    engine.dispose()


def test_folding_is_the_same_for_what_was_said_and_what_is_asked() -> None:
    assert folded("  Perdón, Mr O'Neil! ÇA_va?") == "perdon mr o neil ca va"
    assert phrases('one "two  Three!" fou* "five*"') == ["one", "two three", "fou*", "five"]
    assert judge(busy_call()).findings, "the call that is sought by its flags has some"
