"""What people say of calls, in both databases. Truth: what was just said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from speechcoach.pipeline import judge
from speechcoach.team.review import opinions
from speechcoach.team.review.people import People, Person
from speechcoach.team.rows import Entry, Found, Meta
from speechcoach.team.store import Store
from tests.judgement.calls import busy_call

pytest.importorskip("argon2", reason="argon2 is not installed")
CALL, OTHER_CALL = "a" * 64, "b" * 64


@pytest.fixture
def store(url):
    with Store(url) as store:
        result = judge(busy_call())
        for call_id, language in ((CALL, "en"), (OTHER_CALL, "es")):
            found = Found(f"/calls/{call_id}.wav", f"{call_id}.wav", 1, "1")
            store.keep(Entry(call_id, "made", found, Meta("Joe", language=language), result))
        for name, role, agent in (("ann", "qa", None), ("bob", "qa", None), ("joe", "agent", "Joe")):
            People(store).add(name, role, "a long password", agent)
        yield store


@pytest.fixture
def people(store) -> dict[str, Person]:
    rows = enumerate(("ann", "bob", "joe"), 1)
    return {name: Person(number, name, "agent" if name == "joe" else "qa", None, False) for number, name in rows}


@pytest.fixture
def silence(store):
    return next(item for item in store.result(CALL).findings if item.cue == "dead_air" and not item.strength)


def test_a_verdict_given_again_replaces_the_first_and_only_its_own(store, people, silence):
    opinions.judge(store, CALL, silence, people["ann"], True, "")
    opinions.judge(store, CALL, silence, people["joe"], False, "They were reading.")
    opinions.judge(store, CALL, silence, people["ann"], False, "Two seconds.")
    said = opinions.of_call(store, CALL).verdicts
    assert {(v.by, v.role, v.confirmed, v.reason) for v in said} == {
        ("ann", "qa", False, "Two seconds."),
        ("joe", "agent", False, "They were reading."),
    }
    opinions.withdraw(store, CALL, silence.id, people["ann"])
    assert [v.by for v in opinions.of_call(store, CALL).verdicts] == ["joe"]
    assert opinions.of_call(store, OTHER_CALL).verdicts == ()


def test_verdicts_come_with_what_was_measured_by_language(store, people, silence):
    opinions.judge(store, CALL, silence, people["ann"], True, "")
    opinions.judge(store, OTHER_CALL, silence, people["ann"], False, "No.")
    (line,) = opinions.of_team(store, "en")
    assert (line.call_id, line.finding_id, line.cue, line.by, line.confirmed) == (
        CALL,
        silence.id,
        "dead_air",
        "ann",
        True,
    )
    assert (line.value, line.limit, line.unit) == (silence.value, silence.limit, silence.unit)
    assert [line.call_id for line in opinions.of_team(store, "es")] == [OTHER_CALL]
    assert opinions.of_team(store, None) == [] and set(opinions.languages(store)) == {"en", "es"}
    count = sum(item.cue == "dead_air" and not item.strength for item in store.result(CALL).findings)
    assert opinions.found(store, "en")["dead_air", False] == count


def test_what_is_judged_again_keeps_its_verdicts_and_what_is_found_no_more_counts_no_more(store, people, silence):
    opinions.judge(store, CALL, silence, people["ann"], True, "")
    result = store.result(CALL)
    store.judged([(CALL, result)])
    assert len(opinions.of_team(store, "en")) == 1
    store.judged([(CALL, replace(result, findings=()))])
    assert opinions.of_team(store, "en") == [] and len(opinions.of_call(store, CALL).verdicts) == 1


def test_findings_and_scores_by_hand(store, people):
    first = opinions.add_note(store, CALL, people["ann"], "dead_air", False, (1.0, 5.0), "A silence.")
    second = opinions.add_note(store, CALL, people["bob"], "other", True, (7.0, 8.0), "Warm.")
    opinions.answer(store, CALL, opinions.by_hand(first), people["joe"], "Yes.")
    assert opinions.missed(store, "en") == {("dead_air", False): 1, ("other", True): 1}
    opinions.remove_note(store, CALL, second, people["ann"])
    assert len(opinions.of_call(store, CALL).notes) == 2
    opinions.remove_note(store, CALL, first, people["ann"])
    left = opinions.of_call(store, CALL)
    assert [note.id for note in left.notes] == [second] and left.replies == ()
    opinions.score(store, CALL, people["ann"], {"attention": 70.0, "voice": 80.0})
    opinions.score(store, CALL, people["bob"], {"attention": 60.0})
    opinions.score(store, CALL, people["ann"], {"voice": 90.0})
    assert {(s.by, s.name, s.score) for s in opinions.of_call(store, CALL).scores} == {
        ("ann", "voice", 90.0),
        ("bob", "attention", 60.0),
    }
