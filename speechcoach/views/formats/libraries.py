"""Libraries that only some formats need: imported where they are used, named in one sentence where they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from speechcoach.errors import UsageError

_FROM = {  # module: what needs it, the extra that brings it
    "duckdb": ("Parquet needs DuckDB", "parquet"),
    "matplotlib": ("plots need matplotlib", "plot"),
    "pandas": ("data frames need pandas", "pandas"),
    "praatio": ("TextGrid needs praatio", "formats"),
    "pympi": ("EAF needs pympi-ling", "formats"),
    "srt": ("SRT needs srt", "formats"),
    "webvtt": ("WebVTT needs webvtt-py", "formats"),
}


def library(name: str) -> Any:
    """The module `name`, which may have a dot. Raises UsageError with what to type where it is not installed."""
    what, extra = _FROM[name.partition(".")[0]]
    try:
        return import_module(name)
    except ImportError:
        raise UsageError(f"{what}; install it: pip install 'speechcoach[{extra}]'") from None
