"""Manifests and patterns: what they say is read, and what cannot be meant is one sentence that names the line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from speechcoach.errors import SourceError
from speechcoach.team.manifest import Pattern, laid, read_manifest
from speechcoach.team.rows import Meta


def _written(tmp_path: Path, content: str | bytes, name: str = "m.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_csv_and_json_lines_say_the_same(tmp_path: Path) -> None:
    table = _written(tmp_path, 'file,agent,recorded_at\n"a, b.wav",Zoë,2026-03-01T09:30:00+02:00\nc.wav,,\n')
    lines = _written(
        tmp_path,
        '{"file": "a, b.wav", "agent": "Zoë", "recorded_at": "2026-03-01T09:30:00+02:00"}\n\n{"file": "c.wav"}\n',
        "m.jsonl",
    )
    said = read_manifest(table)
    assert said == read_manifest(lines)
    assert said == {
        str(tmp_path / "a, b.wav"): Meta(agent="Zoë", recorded_at=datetime(2026, 3, 1, 7, 30, tzinfo=UTC)),
        str(tmp_path / "c.wav"): Meta(),
    }


def test_files_are_relative_to_the_manifest_and_addresses_stay_as_they_are(tmp_path: Path) -> None:
    path = _written(tmp_path, "file\n../up.wav\n/root/abs.wav\ns3://bucket/a.wav\n")
    assert list(read_manifest(path)) == [str(tmp_path.parent / "up.wav"), "/root/abs.wav", "s3://bucket/a.wav"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_spreadsheets_write_is_read(tmp_path: Path, end: str) -> None:
    """A byte order mark, Windows' line ends, spaces around the heads, and a cell of two lines."""
    path = _written(tmp_path, "\ufeff" + end.join(["file , team", '"two\nlines.wav",Red', ""]))
    assert read_manifest(path) == {str(tmp_path / "two\nlines.wav"): Meta(team="Red")}


def test_a_json_string_may_hold_what_else_ends_a_line(tmp_path: Path) -> None:
    """U+2028, U+0085 and form feed (escaped) stand in JSON strings as any character does (RFC 8259, section 7)."""
    path = _written(tmp_path, '{"file": "a\u2028b\u0085c.wav", "agent": "x"}\n', "m.jsonl")
    assert read_manifest(path) == {str(tmp_path / "a\u2028b\u0085c.wav"): Meta(agent="x")}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("m.csv", "file,agnet\na.wav,Ann\n", r"m\.csv, line 2: unknown column 'agnet'; .*agent, team"),
        ("m.csv", "agent\nAnn\n", r"m\.csv, line 2: names no file"),
        ("m.csv", "file,agent\n ,Ann\n", r"m\.csv, line 2: names no file"),
        ("m.csv", "file\na.wav\nb.wav\n./a.wav\n", r"m\.csv, line 4: './a\.wav' stands there twice"),
        ("m.csv", "file,agent\na.wav\n", "another number of columns"),
        ("m.csv", "file\na.wav,Ann\n", "another number of columns"),
        ("m.csv", "file\n", "names no recordings"),
        ("m.csv", "", "names no recordings"),
        ("m.csv", b"file\ncaf\xe9.wav\n", "not a CSV file in UTF-8"),
        ("m.csv", "file\na.wav\n".encode("utf-16"), "not a CSV file in UTF-8"),
        ("m.csv", 'file\n"a.wav\n', "not a CSV file in UTF-8"),
        ("m.csv", "file,recorded_at\na.wav,yesterday\n", "line 2: recorded_at must be a moment .* not 'yesterday'"),
        ("m.csv", "file,recorded_at\na.wav,0001-01-01T00:00:00+14:00\n", "recorded_at must be a moment"),
        ("m.csv", f"file,agent\na.wav,{'x' * 201}\n", "agent must be text of at most 200"),
        ("m.csv", f"file,language\na.wav,{'x' * 17}\n", "language must be text of at most 16"),
        ("m.jsonl", '{"file": "a.wav"}\n{"file": \n', r"m\.jsonl, line 2: not JSON"),
        ("m.jsonl", "[" * 100_000, r"m\.jsonl, line 1: not JSON"),
        ("m.jsonl", '["a.wav"]\n', "line 1: not a table"),
        ("m.jsonl", '{"file": 5}\n', "names no file"),
        ("m.jsonl", '{"file": "a\\u0000.wav"}\n', "cannot be a file"),
        ("m.jsonl", '{"file": "a.wav", "agent": 7}\n', "agent must be text"),
        ("m.jsonl", b'{"file": "caf\xe9.wav"}\n', "not text in UTF-8"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_one_sentence(tmp_path: Path, name: str, content: str | bytes, says: str) -> None:
    with pytest.raises(SourceError, match=says) as caught:
        read_manifest(_written(tmp_path, content, name))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["none.csv", "none.jsonl", "."])
def test_a_manifest_that_is_not_there_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="check the path of the manifest"):
        read_manifest(tmp_path / name)


def test_a_file_in_a_loop_of_links_is_said(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SourceError, match=r"line 2: .*cannot be a file"):
        read_manifest(_written(tmp_path, "file\nloop/a.wav\n"))


# Patterns


def test_a_pattern_reads_names() -> None:
    reads = Pattern("{agent}_{queue}_{recorded_at:%Y%m%d-%H%M}.wav")
    assert reads.meta("Ann_bills_20260301-0930.WAV") == Meta(
        "Ann", None, "bills", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    )
    assert reads.meta("other.wav") == Meta()
    assert reads.meta("Ann_bills_yesterday.wav") == Meta("Ann", None, "bills")


def test_what_else_stands_in_a_pattern_is_only_text() -> None:
    assert Pattern("call (1) [{agent}]+.wav").meta("call (1) [Ann]+.wav") == Meta(agent="Ann")
    assert Pattern("{agent}.wav").meta("two\nlines.wav") == Meta(agent="two\nlines")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{name}.wav", r"\{name\} cannot stand there"),
        ("{agent}{agent}.wav", r"\{agent\} cannot stand there"),
        ("call.wav", "names no field"),
        ("{recorded_at:%Q}.wav", "cannot be the layout of recorded_at"),
        ("{agent:%Y}.wav", "cannot be the layout of agent"),
    ],
)
def test_a_pattern_that_cannot_be_meant_is_said(text: str, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        Pattern(text)


def test_what_goes_before_is_laid_over_what_follows() -> None:
    early, late = Meta(agent="Ann"), Meta(agent="Bea", team="Red")
    assert laid(early, None, late) == Meta(agent="Ann", team="Red")
    assert laid(None, None) == Meta()


def test_moments_with_a_layout_of_their_own_zone_are_kept() -> None:
    said = Pattern("{recorded_at:%Y%m%dT%H%M%z}.wav").meta("20260301T0930+0200.wav").recorded_at
    assert said is not None and said.utcoffset() == timedelta(0) and said.hour == 7


def test_names_survive_their_way_through_json(tmp_path: Path) -> None:
    names = ['a "quote".wav', "two\nlines.wav", "通話.wav", "it's.wav"]
    path = _written(tmp_path, "".join(json.dumps({"file": name}) + "\n" for name in names), "m.jsonl")
    assert [Path(place).name for place in read_manifest(path)] == names
