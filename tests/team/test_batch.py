"""Batches over real recordings: what is missing is done, once; a bad file is a row, and nothing else is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from speechcoach.errors import StoreError
from speechcoach.settings import Config, Screening
from speechcoach.team import batch
from speechcoach.team.crews import processes
from speechcoach.team.manifest import Pattern, laid, read_manifest
from speechcoach.team.rows import DONE, FAILED, Meta
from speechcoach.team.sources import content_id, find, listed
from speechcoach.team.store import Store
from speechcoach.team.work import Done, Task, analysed
from tests.team.recordings import VOICES, Told, cut, here, run, table


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "calls.db")) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "calls"
    made.mkdir()
    return made


def rows(store: Store) -> dict[str, dict]:
    return {row["name"]: row for row in store.rows("call")}


def test_processes_give_what_this_process_gives_and_a_second_run_does_nothing(tmp_path: Path, folder: Path) -> None:
    for place in range(3):
        cut(folder / f"{place}.wav", 10 + place)
    with Store(str(tmp_path / "a.db")) as apart, Store(str(tmp_path / "b.db")) as alone:
        first = run(apart, folder, crew=processes(2))
        run(alone, folder)
        assert table(apart) == table(alone)
        before = list(apart.rows("call"))
        second = run(apart, folder, crew=_nobody)
        assert list(apart.rows("call")) == before
    assert (first.found, first.done, first.finished, first.failed) == (3, 3, 0, [])
    assert (second.found, second.done, second.finished) == (3, 0, 3)


def _nobody(tasks) -> Iterator[Done]:
    """A crew that may not be asked for anything."""
    assert list(tasks) == []
    return iter(())


def test_a_changed_file_is_done_again_and_the_call_that_it_was_is_kept(store: Store, folder: Path) -> None:
    path = cut(folder / "a.wav", 10)
    run(store, folder)
    old = content_id(path)
    os.utime(cut(path, 20), ns=(1, 1))
    assert run(store, folder).done == 1
    assert {row["id"]: row["state"] for row in store.rows("call")} == {old: DONE, content_id(path): DONE}


def test_a_touched_file_is_read_and_not_done_again(store: Store, folder: Path) -> None:
    path = cut(folder / "a.wav", 10)
    run(store, folder)
    os.utime(path, ns=(1, 1))
    assert run(store, folder, crew=_nobody).finished == 1


def test_a_copy_under_another_name_is_not_done_twice(store: Store, folder: Path) -> None:
    shutil.copy(cut(folder / "a.wav", 10), folder / "b.wav")
    summary = run(store, folder)
    assert (summary.found, summary.done, summary.copies) == (2, 1, 1)
    assert [row["name"] for row in store.rows("call")] == ["a.wav"]
    (folder / "a.wav").unlink()
    assert run(store, folder, crew=_nobody).finished == 1, "known by its content, wherever it lies"


def test_another_configuration_is_another_result(store: Store, folder: Path) -> None:
    cut(folder / "a.wav", 10)
    run(store, folder)
    other = replace(VOICES, config=replace(VOICES.config, agent="left"))
    assert run(store, folder, order=other).done == 1
    assert len(rows(store)) == 1


def test_a_bad_file_is_one_row_and_the_others_are_done(store: Store, folder: Path) -> None:
    good = cut(folder / "good.wav", 10)
    (folder / "text.wav").write_text("this is no recording\n" * 50, "utf-8")
    (folder / "empty.wav").touch()
    whole = good.read_bytes()
    (folder / "truncated.wav").write_bytes(whole[: len(whole) // 2])
    summary = run(store, folder)
    there = rows(store)
    assert {name: row["error_class"] for name, row in there.items()} == {
        "good.wav": None,
        "text.wav": "UnreadableRecording",
        "empty.wav": "EmptyRecording",
        "truncated.wav": "TruncatedRecording",
    }
    for name in ("text.wav", "empty.wav", "truncated.wav"):
        assert name in there[name]["error"] and "\n" not in there[name]["error"]
    assert (summary.done, len(summary.failed)) == (1, 3)
    again = run(store, folder, crew=_nobody)
    assert (again.finished, again.failed_before) == (4, 3)


def test_again_tries_what_failed_and_nothing_else(store: Store, folder: Path) -> None:
    cut(folder / "good.wav", 10)
    (folder / "text.wav").write_text("no recording", "utf-8")
    run(store, folder)
    summary = run(store, folder, order=replace(VOICES, again=True))
    assert (summary.done, summary.finished, [d.task.found.name for d in summary.failed]) == (0, 1, ["text.wav"])


def test_a_file_that_is_complete_by_now_leaves_no_failed_row(store: Store, folder: Path) -> None:
    path = cut(folder / "a.wav", 10)
    whole = path.read_bytes()
    path.write_bytes(whole[:9000])
    run(store, folder)
    assert rows(store)["a.wav"]["state"] == FAILED
    path.write_bytes(whole)
    run(store, folder)
    assert [row["state"] for row in store.rows("call")] == [DONE]


def test_a_manifest_entry_that_is_missing_is_a_row_until_it_is_there(store: Store, folder: Path) -> None:
    cut(folder / "a.wav", 10)
    manifest = folder / "calls.csv"
    manifest.write_text("file,agent\na.wav,Ann\nb.wav,Bea\n", "utf-8")
    for _ in range(2):  # what cannot be read is tried each time
        said = read_manifest(manifest)
        summary = batch.run(store, listed(said), said, VOICES, here, Told([]))
        there = rows(store)
        assert (there["a.wav"]["state"], there["b.wav"]["error_class"]) == (DONE, "MissingRecording")
        assert there["b.wav"]["agent"] == "Bea"
        assert [d.task.found.name for d in summary.failed] == ["b.wav"]
    cut(folder / "b.wav", 20)
    batch.run(store, listed(said), said, VOICES, here, Told([]))
    assert {name: (row["state"], row["agent"]) for name, row in rows(store).items()} == {
        "a.wav": (DONE, "Ann"),
        "b.wav": (DONE, "Bea"),
    }
    assert len(list(store.rows("call"))) == 2


def test_the_manifest_goes_before_the_name_and_the_name_before_the_options(store: Store, folder: Path) -> None:
    cut(folder / "Ann_bills.wav", 10)
    (folder / "m.csv").write_text("file,agent,team\nAnn_bills.wav,Anna,\n", "utf-8")
    said, reads = read_manifest(folder / "m.csv"), Pattern("{agent}_{queue}.wav")
    every = Meta(team="Red", queue="other")
    metas = {f.uri: laid(said.get(f.uri), reads.meta(f.name), every) for f in find([str(folder)])}
    run(store, folder, metas=metas)
    (row,) = store.rows("call")
    assert (row["agent"], row["queue"], row["team"]) == ("Anna", "bills", "Red")


def test_what_is_said_later_is_written_and_what_is_not_said_again_stays(store: Store, folder: Path) -> None:
    path = cut(folder / "a.wav", 10)
    run(store, folder)
    run(store, folder, metas={str(path): Meta(agent="Ann")}, crew=_nobody)
    run(store, folder, order=replace(VOICES, config=replace(VOICES.config, agent="left")))
    (row,) = store.rows("call")
    assert row["agent"] == "Ann"


def test_names_that_are_only_names(store: Store, folder: Path) -> None:
    names = [
        "two\nlines.wav",
        'a "quote".wav',
        "it's; DROP TABLE call; --.wav",
        "通話.wav",
        os.fsdecode(b"caf\xe9.wav"),
    ]
    for place, name in enumerate(names):
        cut(folder / name, 10 + place)
    metas = {str(folder / names[4]): Meta(agent=os.fsdecode(b"Ren\xe9"))}
    assert run(store, folder, metas=metas).done == len(names)
    assert set(rows(store)) == {*names[:4], "caf\\udce9.wav"}
    assert rows(store)["caf\\udce9.wav"]["agent"] == "Ren\\udce9"
    assert run(store, folder, crew=_nobody).finished == len(names)


def test_names_that_are_no_utf8_on_postgresql(server: str, folder: Path) -> None:
    from tests.team.conftest import fresh_database

    cut(folder / os.fsdecode(b"caf\xe9.wav"), 10)
    (folder / os.fsdecode(b"bad\xe9.wav")).write_text("no recording", "utf-8")
    with Store(fresh_database(server)) as store:
        run(store, folder, metas={str(folder / os.fsdecode(b"caf\xe9.wav")): Meta(agent="A\0nn")})
        assert {name: row["state"] for name, row in rows(store).items()} == {
            "caf\\udce9.wav": DONE,
            "bad\\udce9.wav": FAILED,
        }


# Screening


@pytest.mark.parametrize(
    ("lot", "points_lost", "how"),
    [("00000000", 30.0, "flagged"), ("ffffffff", 30.0, "flagged"), ("00000000", 29.9, "sampled"),
     ("0ccccccc", 0.0, "sampled"), ("0ccccccd", 0.0, "skipped"), ("ffffffff", 29.9, "skipped")],
)  # fmt: skip
def test_points_decide_and_then_the_lot(lot: str, points_lost: float, how: str) -> None:
    """0x0ccccccc / 16**8 is the last below the share of 0.05."""
    decided, why = batch.screened(lot + "0" * 56, points_lost, Screening(points=30, sample_share=0.05))
    assert decided == how
    assert "30 are asked for" in why


def test_the_sample_is_the_share_asked_for_and_the_same_each_time() -> None:
    import hashlib

    ids = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(4000)]
    rule = Screening(points=30, sample_share=0.1)
    drawn = [batch.screened(one, 0.0, rule)[0] for one in ids]
    share = drawn.count("sampled") / len(ids)
    assert abs(share - 0.1) < 3 * (0.1 * 0.9 / len(ids)) ** 0.5, "three standard errors of a share"
    assert drawn == [batch.screened(one, 0.0, rule)[0] for one in ids]


def _rubric(path: Path, points: float, share: float) -> Path:
    path.write_text(
        f'name = "own"\n[screening]\npoints = {points}\nsample_share = {share}\n'
        '[scores.voice]\ntitle = "Voice"\ncosts = { monotone = 20 }\n',
        "utf-8",
    )
    return path


def test_screening_transcribes_what_the_lot_draws_and_says_what_it_skipped(store: Store, folder: Path) -> None:
    """Points that nobody can lose, and a share that draws just one of the calls: only that one is transcribed."""
    ids = {content_id(cut(folder / f"{place}.wav", 10 + place)): f"{place}.wav" for place in range(3)}
    first, second, _ = sorted(int(one[:8], 16) / 16**8 for one in ids)
    rubric = _rubric(folder / "rubric.toml", 1000, (first + second) / 2)
    order = batch.Order(Config(language="en"), rubric=rubric, screened=True)
    told = Told([])
    summary = run(store, folder, order=order, tell=told)
    drawn = ids[min(ids)]
    assert summary.screened == {"sampled": 1, "skipped": 2}
    assert (summary.done, summary.failed) == (3, [])
    assert ("voices", 0, 3) in told.steps and ("transcripts", 1, 1) in told.steps
    there = rows(store)
    assert {name: row["screening"] for name, row in there.items()} == {
        name: "sampled" if name == drawn else "skipped" for name in ids.values()
    }
    assert [name for name, row in there.items() if row["transcribed_by"]] == [drawn]
    again = run(store, folder, order=order, crew=_nobody)
    assert (again.finished, again.screened) == (3, {"sampled": 1, "skipped": 2})


# Stores that fail in the middle


def test_a_full_disk_ends_the_batch_and_with_room_the_rest_is_done(tmp_path: Path, folder: Path) -> None:
    for place in range(3):
        cut(folder / f"{place}.wav", 10 + place)
    url = str(tmp_path / "calls.db")
    with Store(url) as store:
        with store._engine.connect() as link:
            pages = 6 + link.exec_driver_sql("PRAGMA page_count").scalar_one()
        from sqlalchemy import event

        event.listen(store._engine, "connect", lambda link, _: link.execute(f"PRAGMA max_page_count = {pages}"))
        store._engine.dispose()
        with pytest.raises(StoreError, match=r"calls\.db: .*full.*room") as caught:
            run(store, folder)
        assert "\n" not in str(caught.value)
    with Store(url) as store:
        before = store.counts().get(DONE, 0)
        assert before < 3
        assert run(store, folder).done == 3 - before
        assert store.counts() == {DONE: 3}
        with Store(str(tmp_path / "undisturbed.db")) as other:
            run(other, folder)
            assert table(store) == table(other)
    with sqlite3.connect(url) as link:
        assert link.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    link.close()


def test_a_connection_that_is_lost_between_two_calls_is_opened_again(server: str, folder: Path) -> None:
    import psycopg

    from tests.team.conftest import fresh_database

    for place in range(3):
        cut(folder / f"{place}.wav", 10 + place)
    url = fresh_database(server)
    ended = []

    def crew(tasks: Iterator[Task]) -> Iterator[Done]:
        for task in tasks:
            done = analysed(task)
            with psycopg.connect(server.format(database="postgres"), autocommit=True) as link:
                name = url.partition("@/")[2].partition("?")[0]
                sessions = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                ended.extend(link.execute(sessions, [name]).fetchall())
            yield done

    with Store(url) as store:
        assert run(store, folder, crew=crew).done == 3
        assert store.counts() == {DONE: 3}
    assert ended, "no connection was cut: nothing was tested"


def test_a_failure_of_the_machine_is_tried_again_without_being_asked(store: Store, folder: Path) -> None:
    cut(folder / "a.wav", 10)
    reports = folder / "reports"
    reports.write_text("a file where the folder should be", "utf-8")
    run(store, folder, order=replace(VOICES, reports=reports))
    assert rows(store)["a.wav"]["error_class"] == "OutputError"
    reports.unlink()
    reports.mkdir()
    assert run(store, folder, order=replace(VOICES, reports=reports)).done == 1
    assert len(list(reports.glob("a-*.html"))) == 1


def test_two_recordings_of_one_name_are_two_calls_with_a_page_each(store: Store, folder: Path) -> None:
    for place, name in enumerate(("monday", "tuesday")):
        (folder / name).mkdir()
        cut(folder / name / "call.wav", 10 + place)
    reports = folder / "reports"
    reports.mkdir()
    assert run(store, folder, order=replace(VOICES, reports=reports)).done == 2
    assert len(list(store.rows("call"))) == len(list(reports.glob("call-*.html"))) == 2
