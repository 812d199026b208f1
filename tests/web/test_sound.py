"""The sound of a call in ranges. Truth: the recordings' own bytes and samples, and RFC 9110 for ranges."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from speechcoach.team.review.people import People
from speechcoach.web.keeping import Kept
from speechcoach.web.sound import Shelf


def sound_of(team, name: str) -> str:
    return f"/calls/{team.calls[name]}/sound"


def listened(store) -> list[tuple[str, str]]:
    return [(row["person"], row["call_id"]) for row in People(store).log() if row["action"] == "listened"]


@pytest.mark.parametrize(
    ("name", "file", "kind"), [("joe-busy", "joe-busy.wav", "wav"), ("mia-quiet", "mia-quiet.flac", "flac")]
)
def test_what_browsers_play_goes_out_as_it_lies(visit, team, name, file, kind):
    answer = visit("ann").get(sound_of(team, name))
    assert answer.status_code == 200
    assert answer.content == (team.folder / file).read_bytes()
    assert answer.headers["Content-Type"] == f"audio/{kind}"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{file}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "no-store" in answer.headers["Cache-Control"] and "private" in answer.headers["Cache-Control"]


def test_ranges(visit, team):
    ann, path = visit("ann"), sound_of(team, "joe-busy")
    whole = (team.folder / "joe-busy.wav").read_bytes()
    part = ann.get(path, headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, whole[1000:2000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(whole)}"
    end = ann.get(path, headers={"Range": "bytes=-500"})
    assert (end.status_code, end.content) == (206, whole[-500:])
    beyond = ann.get(path, headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_a_range_of_what_has_changed_gives_the_whole(visit, team):
    ann, path = visit("ann"), sound_of(team, "joe-busy")
    tag = ann.get(path, headers={"Range": "bytes=0-0"}).headers["ETag"]
    same = ann.get(path, headers={"Range": "bytes=0-9", "If-Range": tag})
    other = ann.get(path, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (same.status_code, len(same.content)) == (206, 10)
    assert other.status_code == 200 and len(other.content) == (team.folder / "joe-busy.wav").stat().st_size


@pytest.mark.parametrize("whole_folder", [False, True])
def test_what_was_decoded_is_made_anew_where_somebody_tidied_up(visit, app, team, whole_folder):
    """Systems remove old files from the folder of temporary ones, while a server runs for weeks."""
    ann, path = visit("ann"), sound_of(team, "joe-quiet")
    first = ann.get(path)
    folder = Path(app.state.shelf._folder.name)
    for file in folder.iterdir():
        file.unlink()
    if whole_folder:
        folder.rmdir()
    again = ann.get(path)
    assert (first.status_code, again.status_code) == (200, 200) and again.content == first.content


def test_head_tells_the_length_and_is_no_listening(visit, team, store):
    ann = visit("ann")
    answer = ann.client.head(sound_of(team, "joe-busy"))
    assert answer.status_code == 200 and answer.content == b""
    assert int(answer.headers["Content-Length"]) == (team.folder / "joe-busy.wav").stat().st_size
    assert listened(store) == []


def test_what_browsers_do_not_play_is_decoded_once_to_the_same_samples(visit, team, app, tmp_path, monkeypatch):
    from speechcoach.web import sound

    decoded, real = [], sound._decoded
    monkeypatch.setattr(sound, "_decoded", lambda *given: decoded.append(given[1]) or real(*given))
    ann, path = visit("ann"), sound_of(team, "joe-quiet")
    first, second = ann.get(path), ann.get(path, headers={"Range": "bytes=0-99"})
    assert (first.headers["Content-Type"], second.content) == ("audio/wav", first.content[:100])
    (tmp_path / "got.wav").write_bytes(first.content)
    got, rate_hz = sf.read(tmp_path / "got.wav", dtype="int16")
    lies, lies_hz = sf.read(team.folder / "joe-quiet.ulaw.wav", dtype="int16")
    assert rate_hz == lies_hz and sf.info(tmp_path / "got.wav").subtype == "PCM_16"
    assert got.shape == lies.shape
    assert np.abs(got.astype(int) - lies).max() <= 1
    (file,) = decoded
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    app.state.shelf.close()
    assert not file.parent.exists()


def test_listening_is_noted_once_a_session_and_call(visit, team, store):
    ann, joe = visit("ann"), visit("joe")
    for start in (0, 1000, 2000):
        ann.get(sound_of(team, "joe-busy"), headers={"Range": f"bytes={start}-{start + 99}"})
    joe.get(sound_of(team, "joe-busy"))
    ann.get(sound_of(team, "joe-quiet"))
    assert listened(store) == [
        ("ann", team.calls["joe-quiet"]),
        ("joe", team.calls["joe-busy"]),
        ("ann", team.calls["joe-busy"]),
    ]


def test_an_agent_hears_their_own_before_they_rate_it_and_nobody_elses(visit, team, store):
    mia = visit("mia")
    assert mia.get(sound_of(team, "mia-busy")).status_code == 200
    assert mia.get(sound_of(team, "joe-busy")).status_code == 404
    assert listened(store) == [("mia", team.calls["mia-busy"])]


@pytest.mark.parametrize("name", ["../../etc/passwd", "%2e%2e%2fcalls.db", "joe-busy.wav"])
def test_a_client_names_calls_and_never_files(visit, team, name):
    assert visit("ann").get(f"/calls/{name}/sound").status_code == 404


def test_without_a_session_there_is_no_sound(visit, team):
    stranger = visit("ann")
    stranger.client.cookies.clear()
    answer = stranger.get(sound_of(team, "joe-busy"))
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")


def test_a_recording_that_is_gone_is_said_to_be(visit, team, store):
    from speechcoach.team.tables import source

    with store.writing() as link:
        link.execute(source.update().values(uri=source.c.uri + "-gone"))
    answer = visit("ann").get(sound_of(team, "joe-busy"))
    assert answer.status_code == 410 and answer.text.startswith("joe-busy.wav is no longer where it lay")
    assert os.fspath(team.folder) not in answer.text


def test_sound_from_an_object_store_is_fetched_and_what_changed_there_is_not_trusted(visit, team, store):
    """Truth: the file that was put there; fsspec's store in memory stands for any other."""
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    from speechcoach.team import sources
    from speechcoach.team.tables import source

    memory, place = fsspec.filesystem("memory"), "memory://calls/joe-busy.wav"
    memory.pipe("/calls/joe-busy.wav", (team.folder / "joe-busy.wav").read_bytes())
    (found,) = sources.listed([place])
    store.remember(found, team.calls["joe-busy"])
    with store.writing() as link:
        link.execute(source.delete().where(source.c.uri != found.uri))
    answer = visit("ann").get(sound_of(team, "joe-busy"))
    assert answer.status_code == 200
    assert len(answer.content) == pytest.approx((team.folder / "joe-busy.wav").stat().st_size, abs=100)
    memory.pipe("/calls/joe-busy.wav", b"another")
    changed = visit("ann").get(sound_of(team, "joe-busy"))
    memory.rm("/calls", recursive=True)
    gone = visit("ann").get(sound_of(team, "joe-busy"))
    assert (changed.status_code, gone.status_code) == (410, 410)
    assert "was changed" in changed.text and "no longer where it lay" in gone.text


def test_a_call_in_two_files_is_not_told_to_be_changed(tmp_path):
    """As a batch keeps it: where the first file lies, with the stamps of both."""
    from speechcoach.errors import MissingRecording
    from speechcoach.pipeline import judge
    from speechcoach.team import sources
    from speechcoach.team.review.whereabouts import whereabouts
    from speechcoach.team.rows import Entry
    from speechcoach.team.store import Store
    from tests.judgement.calls import busy_call

    for side in ("in", "out"):
        sf.write(tmp_path / f"17-{side}.wav", np.zeros(800), 8000)
    (pair,) = sources.find([str(tmp_path)], profile="asterisk")
    with Store(str(tmp_path / "calls.db")) as store:
        store.keep(Entry("a" * 64, "key", pair, result=judge(busy_call())))
        with pytest.raises(MissingRecording, match="two files a call"):
            whereabouts(store, "a" * 64, "17.wav")


def test_decoded_sound_makes_room_for_the_next(team, store, tmp_path):
    from speechcoach.team.review.whereabouts import whereabouts

    shelf = Shelf(most_bytes=1)
    first, second = (
        shelf.playable(whereabouts(store, team.calls[name], name), team.calls[name])
        for name in ("joe-quiet", "mia-busy")
    )
    assert not first.path.exists() and second.path.exists()
    shelf.close()
    assert not second.path.exists()


def test_what_is_asked_for_at_once_is_made_once():
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    made, barrier, kept = [], Barrier(4), Kept(2)

    def ask(_):
        barrier.wait()
        return kept.get("call", lambda: made.append(1) or object())

    with ThreadPoolExecutor(4) as crew:
        answers = list(crew.map(ask, range(4)))
    assert made == [1] and len({id(answer) for answer in answers}) == 1


def test_what_failed_is_tried_again_and_the_longest_unasked_goes_first():
    kept, gone = Kept(2, dropped=lambda value: gone.append(value)), []
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert [kept.get(key, lambda key=key: key.upper()) for key in "ab"] == ["A", "B"]
    kept.get("a", lambda: "not made again")
    kept.get("c", lambda: "C")
    assert gone == ["B"] and kept.get("a", lambda: "made again") == "A"


def test_the_folder_of_recordings_stays_as_it_was(visit, team):
    before = {path.name: path.stat().st_mtime_ns for path in Path(team.folder).iterdir() if path.suffix != ".db"}
    for name in team.calls:
        visit("ann").get(sound_of(team, name))
    after = {path.name: path.stat().st_mtime_ns for path in Path(team.folder).iterdir() if path.suffix != ".db"}
    assert after == before
