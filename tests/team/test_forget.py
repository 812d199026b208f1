"""Deleting calls: the truth is the bytes of the store's file before and after, and every table."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from speechcoach.cli import main
from speechcoach.errors import UsageError
from speechcoach.pipeline import judge
from speechcoach.team import tables
from speechcoach.team.naming import named
from speechcoach.team.review import ratings
from speechcoach.team.review.people import People
from speechcoach.team.rows import Entry, Found, Meta
from speechcoach.team.store import Store
from tests.judgement.calls import busy_call
from tests.team.review.kept import kept

GONE, STAYS = "a" * 64, "b" * 64


def filled(url: str) -> None:
    with Store(url) as store:
        found = Found("/calls/one.wav", "one.wav", 10, "1")
        store.keep(Entry(GONE, "key", found, Meta("Mia"), judge(busy_call())))
        kept(store, "b", Meta("Mia"), "Hello.", "My violin is broken.")
        ratings.keep(store, GONE, "mia", ratings.SELF, {"attending_room": 5})
        People(store).note("ann", "listened", GONE)


def test_all_that_hangs_on_a_call_goes_with_it_and_nothing_else(url: str) -> None:
    filled(url)
    with Store(url) as store:
        store.forget([named(store, "one.wav")["id"]])
        for table in tables.metadata.tables.values():
            if "call_id" in table.c and table.name != "audit":
                assert {row["call_id"] for row in store.rows(table.name)} <= {STAYS}, table.name
        assert [row["id"] for row in store.rows("call")] == [STAYS]
        assert store.result(STAYS) is not None and store.result(GONE) is None
        assert [line["person"] for line in People(store).log(GONE)] == ["ann"]


def test_its_words_leave_the_file(tmp_path: Path) -> None:
    file = tmp_path / "calls.db"
    filled(str(file))
    with Store(str(tmp_path / "other.db")) as store:
        kept(store, "b", Meta("Mia"), "Hello.", "My violin is broken.")
    without = (tmp_path / "other.db").read_bytes()
    (tmp_path / "other.db").unlink()
    spoken = set(re.findall(r"[a-z]{8,}", " ".join(turn.text for turn in busy_call().turns)))
    words = {word for word in spoken if word.encode() not in without}
    assert len(words) > 5 and all(word.encode() in file.read_bytes() for word in words)
    answer = CliRunner().invoke(main, ["forget", "one.wav", "--store", str(file), "--yes"])
    assert (answer.exit_code, answer.stdout) == (0, f"1 deleted from {file}\n")
    left = [path.read_bytes() for path in tmp_path.iterdir()]
    assert [word for word in words if any(word.encode() in content for content in left)] == []
    with closing(sqlite3.connect(file)) as link:
        assert link.execute(
            "SELECT count(*) FROM transcript_index WHERE transcript_index MATCH 'violin'"
        ).fetchone() == (1,)


def test_somebody_is_asked_first(tmp_path: Path) -> None:
    file = str(tmp_path / "calls.db")
    filled(file)
    answer = CliRunner().invoke(main, ["forget", "one.wav", "bbbbbbbb", "--store", file], input="n\n")
    assert answer.exit_code == 1 and "Delete these 2 calls?" in answer.stderr
    with Store(file) as store:
        assert len(list(store.rows("call"))) == 2


def test_a_name_that_none_or_two_calls_have_is_said(tmp_path: Path) -> None:
    file = str(tmp_path / "calls.db")
    filled(file)
    with Store(file) as store:
        kept(store, "c")
        store.keep(Entry("b1" + "0" * 62, "key", Found("/other/b.wav", "b.wav", 1, "1"), error_class="X", error="x"))
        for wanted, said in (
            ("two.wav", "holds no call"),
            ("", "holds no call"),
            ("aa", "holds no call"),
            ("b.wav", "2 calls are"),
        ):
            with pytest.raises(UsageError, match=said):
                named(store, wanted)
        assert named(store, "aaaaaa")["id"] == GONE and named(store, "/calls/one.wav")["id"] == GONE
