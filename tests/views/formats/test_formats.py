"""What all formats share: one list, one sentence for what is missing, nothing that depends on when it is written."""

from __future__ import annotations

import re
import sys

import pytest

from speechcoach.cli.export import OF_A_CALL, OF_TABLES
from speechcoach.errors import UsageError
from speechcoach.pipeline import judge
from speechcoach.records import Result
from speechcoach.views import formats
from speechcoach.views.dataframes import to_pandas
from speechcoach.views.formats import tables
from speechcoach.views.formats.libraries import library
from speechcoach.views.formats.timeline import Item, layers, one_line
from tests.talk import talk


def test_the_command_offers_every_format() -> None:
    assert sorted(OF_A_CALL) == sorted(formats.FORMATS)
    assert OF_TABLES == ("csv", "jsonl", "parquet")


@pytest.mark.parametrize("name", formats.FORMATS)
def test_the_same_result_gives_the_same_file(name: str, result: Result) -> None:
    form = formats.FORMATS[name]
    if form.library:
        pytest.importorskip(form.library)
    first, second = (re.sub(r'DATE="[^"]*"', "", formats.render(result, name)) for _ in range(2))
    assert first == second
    assert len(first) > 100


@pytest.mark.parametrize("name", formats.FORMATS)
def test_a_call_in_which_nobody_speaks_is_a_valid_file(name: str) -> None:
    form = formats.FORMATS[name]
    if form.library:
        pytest.importorskip(form.library)
    assert isinstance(formats.render(judge(talk()), name), str)


def hide(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it were not installed, whatever imported it before."""
    for known in [known for known in sys.modules if known.split(".")[0] == module]:
        monkeypatch.setitem(sys.modules, known, None)
    monkeypatch.setitem(sys.modules, module, None)


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [("textgrid", "praatio", "formats"), ("eaf", "pympi", "formats"), ("srt", "srt", "formats")],
)
def test_a_missing_library_is_one_sentence(name: str, module: str, extra: str, result: Result, monkeypatch) -> None:
    hide(module, monkeypatch)
    with pytest.raises(UsageError, match=rf"needs .*; install it: pip install 'speechcoach\[{extra}\]'$"):
        formats.render(result, name)


def test_without_pandas_or_duckdb_it_says_what_to_install(result: Result, tmp_path, monkeypatch) -> None:
    for module in ("pandas", "duckdb", "matplotlib"):
        hide(module, monkeypatch)
    with pytest.raises(UsageError, match=r"data frames need pandas; install it: pip install 'speechcoach\[pandas\]'"):
        to_pandas(result)
    with pytest.raises(UsageError, match=r"pip install 'speechcoach\[parquet\]'"):
        tables.write_parquet([result], "turns", tmp_path / "t.parquet")
    with pytest.raises(UsageError, match=r"pip install 'speechcoach\[plot\]'"):
        library("matplotlib.figure")


def test_an_unknown_format_names_the_known_ones(result: Result) -> None:
    with pytest.raises(UsageError, match="one of textgrid, rttm, ctm, vtt, srt, eaf, contact-lens, not 'ass'"):
        formats.render(result, "ass")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\n b\t c", "a b c"),
        ("\x00\x07", ""),
        ("\ud800x", "x"),
        ("می‌خواهم", "می‌خواهم"),
        ("\ufffe", ""),
        ("👩‍👧", "👩‍👧"),
    ],
)
def test_a_line_keeps_what_a_language_needs(text: str, line: str) -> None:
    """The joiners of Persian and of emoji are kept; what XML forbids is not."""
    assert one_line(text) == line


def test_layers_are_as_few_as_overlaps_ask_for() -> None:
    items = [Item(0, 4, "a"), Item(1, 2, "b"), Item(2, 3, "c"), Item(4, 5, "d"), Item(1.5, 4.5, "e")]
    assert [[item.text for item in row] for row in layers(items)] == [["a", "d"], ["b", "c"], ["e"]]
