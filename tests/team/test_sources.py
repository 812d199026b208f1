"""Where recordings are found: each once, whatever links lead to it, whatever it is called, and nothing in silence."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from speechcoach.errors import MissingRecording, SourceError, UnreadableRecording
from speechcoach.team.sources import MISSING, content_id, find, listed, of_file, place_id


def touched(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"some bytes")


def names(*sources: Path | str) -> list[str]:
    return [item.name for item in find([str(source) for source in sources])]


def test_a_folder_is_searched_whole_and_in_order(tmp_path: Path) -> None:
    touched(tmp_path / "b.wav", tmp_path / "a.FLAC", tmp_path / "in" / "deep" / "c.mp3", tmp_path / "notes.txt")
    assert names(tmp_path) == ["a.FLAC", "b.wav", "c.mp3"]


def test_hidden_files_and_folders_are_left_alone(tmp_path: Path) -> None:
    touched(tmp_path / "a.wav", tmp_path / "._a.wav", tmp_path / ".trash" / "b.wav")
    assert names(tmp_path) == ["a.wav"]


def test_a_file_that_is_named_may_have_any_name(tmp_path: Path) -> None:
    touched(tmp_path / ".hidden", tmp_path / "call[1].dat")
    assert names(tmp_path / ".hidden", tmp_path / "call[1].dat") == [".hidden", "call[1].dat"]


def test_loops_of_links_end_and_a_file_is_found_once(tmp_path: Path) -> None:
    touched(tmp_path / "calls" / "a.wav")
    (tmp_path / "calls" / "up").symlink_to(tmp_path)
    (tmp_path / "calls" / "self").symlink_to(".")
    (tmp_path / "calls" / "link.wav").symlink_to("a.wav")
    (tmp_path / "calls" / "broken.wav").symlink_to("nowhere.wav")
    (tmp_path / "calls" / "loop.wav").symlink_to("loop.wav")
    (found,) = find([str(tmp_path), str(tmp_path / "calls"), str(tmp_path / "calls" / "a.wav")])
    assert found.uri == str(tmp_path / "calls" / "a.wav")


def test_recordings_behind_a_link_to_elsewhere_are_found(tmp_path: Path) -> None:
    touched(tmp_path / "archive" / "a.wav")
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "old").symlink_to(tmp_path / "archive")
    assert names(tmp_path / "calls") == ["a.wav"]


def test_any_name_is_found(tmp_path: Path) -> None:
    wanted = {
        "two\nlines.wav",
        'a "quote".wav',
        "it's.wav",
        "通話.wav",
        "e\u0301.wav",
        "\u00e9.wav",
        "100%.wav",
        " .wav",
    }
    wanted.add(os.fsdecode(b"caf\xe9.wav"))
    touched(*(tmp_path / name for name in wanted))
    found = find([str(tmp_path)])
    assert {item.name for item in found} == wanted
    assert len({place_id(item.uri) for item in found}) == len(wanted)
    assert {content_id(Path(item.uri)) for item in found} == {content_id(tmp_path / "it's.wav")}


def test_patterns_find_what_they_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touched(tmp_path / "x" / "1.wav", tmp_path / "x" / "2.wav", tmp_path / "y" / "1.wav")
    monkeypatch.chdir(tmp_path)
    assert names("*/1.wav") == ["1.wav", "1.wav"]
    assert names("**/*.wav") == ["1.wav", "2.wav", "1.wav"]
    assert names("x/[2-9].wav") == ["2.wav"]
    assert all(Path(item.uri).is_absolute() for item in find(["*/*.wav"]))


@pytest.mark.parametrize(
    ("source", "says"),
    [("nothing.wav", "no such file or folder"), ("empty", "no recordings are there"), ("*.flac", "no recordings are")],
)
def test_a_source_without_recordings_is_one_sentence(tmp_path: Path, monkeypatch, source: str, says: str) -> None:
    touched(tmp_path / "a.wav", tmp_path / "empty" / "notes.txt")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match=says) as caught:
        find(["a.wav", source])
    assert source in str(caught.value) and "\n" not in str(caught.value)


def test_an_address_of_an_unknown_kind_is_one_sentence() -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(SourceError, match=r"gopher://host/calls: "):
        find(["gopher://host/calls"])


def test_what_a_manifest_names_and_is_not_there_is_found_all_the_same(tmp_path: Path) -> None:
    touched(tmp_path / "a.wav")
    here, missing = listed([str(tmp_path / "a.wav"), str(tmp_path / "b.wav")])
    assert (here.name, here.size) == ("a.wav", 10)
    assert (missing.name, missing.stamp) == ("b.wav", MISSING)


def test_an_address_in_a_manifest_that_is_not_there_is_found_all_the_same(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    touched(tmp_path / "a.wav")
    here, missing = listed([f"file://{tmp_path}/a.wav", f"file://{tmp_path}/b.wav"])
    assert (here.name, here.size) == ("a.wav", 10)
    assert (missing.uri, missing.stamp) == (f"file://{tmp_path}/b.wav", MISSING)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingRecording, match="check the path"):
        content_id(tmp_path / "none.wav")
    with pytest.raises(MissingRecording, match="check the path"):
        of_file(tmp_path / "a\0b.wav")
    with pytest.raises(UnreadableRecording, match="cannot be read"):
        content_id(tmp_path)


@pytest.fixture
def somebody() -> Iterator[Path]:
    """A folder of a user who may not read everything, which root may."""
    with tempfile.TemporaryDirectory() as name:
        root = os.geteuid() == 0
        if root:
            os.chown(name, 65534, -1)
            os.seteuid(65534)
        try:
            yield Path(name).resolve()
        finally:
            if root:
                os.seteuid(0)


def test_a_folder_that_may_not_be_read_is_found_itself(somebody: Path) -> None:
    touched(somebody / "a.wav", somebody / "shut" / "b.wav")
    (somebody / "shut").chmod(0)
    try:
        found = find([str(somebody)])
        assert [item.name for item in found] == ["a.wav", "shut"]
        with pytest.raises(UnreadableRecording, match=r"shut: cannot be read .*check who may read it"):
            content_id(Path(found[1].uri))
    finally:
        (somebody / "shut").chmod(0o700)
