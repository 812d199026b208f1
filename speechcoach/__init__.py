"""speechcoach: listens to recorded customer calls as a good coach would.

    import speechcoach as sc

    result = sc.analyze("call.wav", agent="left")
    for finding in result.findings:
        print(finding.spans[0].start_s, finding.cue, finding.quote)

    again = sc.judge(sc.load("call.json").facts, "our-norms.toml")  # no audio, no model
    turns = sc.to_pandas(again, "turns")  # where pandas is installed

Names are imported when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from speechcoach.audio import Sides
    from speechcoach.errors import SpeechcoachError
    from speechcoach.pipeline import analyze, judge, measure
    from speechcoach.records import Facts, Finding, Frames, Result
    from speechcoach.schema import load, to_json
    from speechcoach.settings import Config, Norms, Rubric
    from speechcoach.views.dataframes import to_pandas

_ROOM_OF = {
    "Config": "settings",
    "Facts": "records",
    "Finding": "records",
    "Frames": "records",
    "Norms": "settings",
    "Result": "records",
    "Rubric": "settings",
    "Sides": "audio",
    "SpeechcoachError": "errors",
    "analyze": "pipeline",
    "judge": "pipeline",
    "load": "schema",
    "measure": "pipeline",
    "to_json": "schema",
    "to_pandas": "views.dataframes",
}

__all__ = [
    "Config",
    "Facts",
    "Finding",
    "Frames",
    "Norms",
    "Result",
    "Rubric",
    "Sides",
    "SpeechcoachError",
    "analyze",
    "judge",
    "load",
    "measure",
    "to_json",
    "to_pandas",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'speechcoach' has no attribute {name!r}")
    return getattr(import_module(f"speechcoach.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_ROOM_OF])
