"""The store, on SQLite and on PostgreSQL: what is kept is found again, whole, once, and can be judged again."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from speechcoach import schema
from speechcoach.errors import StoreError
from speechcoach.pipeline import judge
from speechcoach.records import Result
from speechcoach.settings import Norms, Rubric
from speechcoach.team import tables
from speechcoach.team.rows import DONE, FAILED, Entry, Found, Meta
from speechcoach.team.store import Store
from tests.judgement.calls import busy_call


@pytest.fixture(scope="module")
def result() -> Result:
    """A call with flags and strengths, its numbers as a file has them."""
    return schema.from_json(schema.to_json(judge(busy_call())))


def entry(result: Result | None, call_id: str = "a" * 64, name: str = "one.wav", **rest) -> Entry:
    return Entry(call_id, "key/1", Found(f"/calls/{name}", name, 10, "1"), result=result, **rest)


def test_a_result_comes_back_as_it_was(url: str, result: Result) -> None:
    with Store(url) as store:
        store.keep(entry(result))
        back = store.result("a" * 64)
    assert back is not None
    assert schema.to_json(back) == schema.to_json(result)
    assert result.findings, "a call without findings proves little"


def test_rows_say_what_the_result_says(url: str, result: Result) -> None:
    with Store(url) as store:
        store.keep(entry(result, meta=Meta(agent="Ann", team="Red")))
        (row,) = store.rows("call")
        findings, scores, speakers = (list(store.rows(name)) for name in ("finding", "score", "speaker"))
    assert (row["agent"], row["team"], row["state"], row["duration_s"]) == (
        "Ann",
        "Red",
        DONE,
        result.facts.call.duration_s,
    )
    assert [f["id"] for f in findings] == [f.id for f in result.findings]
    assert [f["threshold_value"] for f in findings] == [f.limit for f in result.findings]
    assert {s["name"]: s["score"] for s in scores} == {s.name: s.score for s in result.scores}
    assert {s["speaker"]: s["talk_s"] for s in speakers} == {n: v.talk_s for n, v in result.facts.speakers.items()}


def test_kept_again_nothing_is_doubled(url: str, result: Result) -> None:
    with Store(url) as store:
        for _ in range(3):
            store.keep(entry(result))
        sizes = [len(list(store.rows(table))) for table in ("call", "finding", "score", "source")]
    assert sizes == [1, len(result.findings), len(result.scores), 1]


def test_an_error_takes_the_place_of_a_result_with_all_that_hung_on_it(url: str, result: Result) -> None:
    with Store(url) as store:
        store.keep(entry(result))
        store.keep(entry(None, error_class="UnreadableRecording", error="one.wav: not audio"))
        (row,) = store.rows("call")
        assert (row["state"], row["error_class"], row["duration_s"]) == (FAILED, "UnreadableRecording", None)
        assert store.result("a" * 64) is None
        assert not list(store.rows("finding"))


def test_moments_are_kept_in_utc_whatever_zone_they_were_said_in(url: str, result: Result) -> None:
    said = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    with Store(url) as store:
        store.keep(entry(result, meta=Meta(recorded_at=said)))
        (row,) = store.rows("call")
    assert row["recorded_at"] == said
    assert row["recorded_at"].utcoffset() == timedelta(0)


def test_judging_again_changes_the_judgement_and_nothing_else(url: str, result: Result) -> None:
    strict = replace(Rubric.load(), name="strict")
    with Store(url) as store:
        store.keep(entry(result, meta=Meta(agent="Ann")))
        facts = [schema.facts_bytes(facts) for _, facts in store.facts()]
        quiet = Result(result.facts, replace(result.settings, rubric="strict@0"), (), (), ())
        store.judged([("a" * 64, quiet)])
        assert not list(store.rows("finding")) and not list(store.rows("score"))
        again = judge(result.facts, Norms.load(result.facts.call.language), strict)
        store.judged([("a" * 64, again)])
        assert [schema.facts_bytes(facts) for _, facts in store.facts()] == facts
        (row,) = store.rows("call")
        assert row["agent"] == "Ann" and row["rubric"].startswith("strict@")
        assert len(list(store.rows("finding"))) == len(result.findings)


@pytest.mark.parametrize("page", [7, 15, 45, 100])
def test_every_call_is_read_once_however_many_pages_they_fill(
    url: str, result: Result, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("speechcoach.team.store._PAGE", page)
    few = replace(result.facts, words=(), units=(), turns=(), windows=())
    short = replace(result, facts=few, findings=())
    ids = [f"{number:064x}" for number in range(45)]
    with Store(url) as store:
        for number, call_id in enumerate(ids):
            store.keep(entry(short, call_id, f"{number}.wav"))
        assert [call_id for call_id, _ in store.facts()] == ids


@pytest.mark.parametrize("name", ["it's.wav", 'a "call".wav', "zeile\nzwei.wav", "通話.wav", "'; DROP TABLE call; --"])
def test_names_are_only_names(url: str, result: Result, name: str) -> None:
    with Store(url) as store:
        store.keep(entry(result, name=name))
        (row,) = store.rows("call")
        assert row["name"] == name
        assert store.contents() == {(f"/calls/{name}", 10, "1"): "a" * 64}


def test_describing_writes_what_differs_and_forgets_nothing(url: str, result: Result) -> None:
    found = entry(result).found
    with Store(url) as store:
        store.keep(entry(result, meta=Meta(agent="Ann", queue="bills")))
        assert store.describe({"a" * 64: (found, Meta(agent="Ann"))}) == 0
        assert store.describe({"a" * 64: (found, Meta(agent="Bea")), "b" * 64: (found, Meta(agent="Cy"))}) == 1
        (row,) = store.rows("call")
    assert (row["agent"], row["queue"]) == ("Bea", "bills")


def test_the_steps_of_migration_make_the_tables_that_the_code_describes(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from speechcoach.team.opening import _parsed

    with Store(url):
        pass
    engine = create_engine(_parsed(url))
    ours = {"include_object": lambda _item, name, *_: not name.startswith("transcript_index")}  # each database's own
    assert "verdict" in tables.metadata.tables
    with engine.connect() as link:
        assert compare_metadata(MigrationContext.configure(link, opts=ours), tables.metadata) == []
    engine.dispose()


def test_a_store_of_a_newer_release_is_refused(url: str) -> None:
    from speechcoach.team.opening import _parsed

    with Store(url):
        pass
    engine = create_engine(_parsed(url))
    with engine.begin() as link:
        link.exec_driver_sql("UPDATE alembic_version SET version_num = 'ffff'")
    engine.dispose()
    with pytest.raises(StoreError, match="newer speechcoach"):
        Store(url)


def test_many_who_open_an_empty_store_at_once_find_one_store(url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    together = Barrier(6)

    def opens(_: int) -> dict[str, int]:
        together.wait()
        with Store(url) as store:
            return store.counts()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(opens, range(6))) == [{}] * 6


def test_a_store_whose_making_was_cut_short_is_made_the_next_time(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import text

    from speechcoach.team import opening

    upgrade = opening.command.upgrade

    def cut_short(config, to: str) -> None:
        upgrade(config, to)
        config.attributes["connection"].execute(text("SELECT * FROM no_such_table"))

    monkeypatch.setattr(opening.command, "upgrade", cut_short)
    with pytest.raises(StoreError):
        Store(url)
    monkeypatch.undo()
    with Store(url) as store:
        assert store.counts() == {}


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "phone.db"
    with sqlite3.connect(path) as link:
        link.execute("CREATE TABLE call (number TEXT)")
    link.close()
    with pytest.raises(StoreError, match="something else"):
        Store(str(path))
    with sqlite3.connect(path) as link:
        assert link.execute("SELECT name FROM sqlite_master").fetchall() == [("call",)]
    link.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://host/calls", "use sqlite or postgresql"),
        ("postgresql://nobody@127.0.0.1:1/calls", "check that the server runs"),
        ("nowhere/at/all/calls.db", "make it first"),
        ("://", "not a store's URL"),
    ],
)
def test_a_store_that_cannot_be_is_one_sentence(url: str, says: str) -> None:
    with pytest.raises(StoreError, match=says) as caught:
        Store(url)
    assert "\n" not in str(caught.value)


def test_a_password_is_never_said() -> None:
    with pytest.raises(StoreError) as caught:
        Store("postgresql://ann:geheim@127.0.0.1:1/calls")
    assert "geheim" not in str(caught.value)


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, and no database at all\n" * 40, "utf-8")
    with pytest.raises(StoreError, match="not a database"):
        Store(str(path))
    assert path.read_text("utf-8").startswith("these are notes")


def test_now_is_in_utc() -> None:
    from speechcoach.team.rows import now

    assert now().tzinfo is UTC
