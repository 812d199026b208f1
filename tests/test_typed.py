"""The package says that it is typed, and its public surface is: every name, every argument, every result."""

from __future__ import annotations

import inspect
import tomllib
from importlib import resources
from pathlib import Path

import pytest

import speechcoach as sc
from speechcoach.features import extract
from speechcoach.views import formats, plot
from speechcoach.views.dataframes import frames_to_pandas

ROOT = Path(__file__).resolve().parent.parent
PUBLIC = [getattr(sc, name) for name in sc.__all__] + [extract, frames_to_pandas, formats.render, plot.call, plot.turn]


def test_type_checkers_are_told() -> None:
    assert resources.files("speechcoach").joinpath("py.typed").is_file()


@pytest.mark.parametrize("function", [item for item in PUBLIC if inspect.isfunction(item)], ids=lambda f: f.__name__)
def test_public_functions_say_what_they_take_and_give(function) -> None:
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(item.annotation is not item.empty for item in signature.parameters.values())


def test_every_public_room_is_checked_strictly() -> None:
    """`make lint` runs mypy over this list."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert settings["strict"] is True
    checked = [ROOT / name for name in settings["files"]]
    assert all(path.exists() for path in checked)
    for item in PUBLIC:
        home = Path(inspect.getfile(item)).resolve()
        assert any(home == path or path in home.parents for path in checked), home
