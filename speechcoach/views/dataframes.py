"""A result as data frames of pandas, where pandas is installed: for a notebook, a statistic, a plot of one's own.

Types do not depend on the rows, and unknown is NaN or NA: times and measures are float64, counts Int64, marks such as
`strength` boolean, text is pandas' own string, and what has few values (speaker, kind, cue) is a category.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from speechcoach.records import Frames, Result
from speechcoach.views.formats.libraries import library
from speechcoach.views.formats.tables import columns, rows

if TYPE_CHECKING:
    import pandas as pd

_TYPES = {str: "string", int: "Int64", float: "float64", bool: "boolean"}
_CATEGORIES = {"call", "file", "speaker", "by", "kind", "cue", "variant", "inflection", "unit", "name", "language"}


def to_pandas(results: Result | Iterable[Result], table: str = "turns") -> pd.DataFrame:
    """A table of one or several results as a data frame: turns, words, findings, overlaps, scores or speakers.

    Times are seconds of the call, levels dB, pitch semitones re the speaker's median unless the name ends in `_hz`.
    Raises UsageError for an unknown table, and where pandas is not installed.
    """
    pandas, types = library("pandas"), columns(table)
    several = [results] if isinstance(results, Result) else results
    found = list(chain.from_iterable(rows(result, table) for result in several))
    made = {
        name: pandas.array([row[name] for row in found], dtype="string" if name in _CATEGORIES else _TYPES[kind])
        for name, kind in types.items()
    }
    frame: pd.DataFrame = pandas.DataFrame(made, columns=list(types))
    return frame.astype({name: "category" for name in types if name in _CATEGORIES})


def frames_to_pandas(frames: Frames) -> pd.DataFrame:
    """What is measured every 10 ms: `time_s`, `channel` (from 0) and a column for each of `Frames` that was measured.

    Channels follow one another. Raises UsageError where pandas is not installed.
    """
    names = [item.name for item in fields(frames) if item.name not in ("hop_s", "time_s")]
    measured = {name: np.atleast_2d(values) for name in names if (values := getattr(frames, name)) is not None}
    channels, count = measured["level_db"].shape
    frame: pd.DataFrame = library("pandas").DataFrame(
        {
            "time_s": np.tile(frames.time_s, channels),
            "channel": np.repeat(np.arange(channels, dtype=np.uint8), count),
            **{name: values.reshape(-1) for name, values in measured.items()},
        }
    )
    return frame
