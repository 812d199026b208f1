"""Words with times: whoever speaks where, in, and what was said when, out.

Conventions: times are seconds of the call. Words come per channel, in order of time, and lie inside the
spans of speech that were given: a word where nobody speaks cannot be written. Importing this room
loads no model and no torch; the first transcription does.

    engine = engine_for("auto")                  # or any other `Engine`
    transcript = transcribe(channels, spans, engine, speakers=("agent", "customer"))

Words that were transcribed elsewhere come by `import_words` instead.

Names are imported when they are first used: who measures voices or judges needs none of the engines.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from speechcoach.transcript.choice import engine_for
    from speechcoach.transcript.engine import Engine, Heard, Passage
    from speechcoach.transcript.faster import FasterEngine
    from speechcoach.transcript.imports import Imported, check_named, import_words, transcripts_of
    from speechcoach.transcript.transcribing import Progress, Transcript, array_reader, transcribe
    from speechcoach.transcript.weights import Weights, resolve
    from speechcoach.transcript.whisper import WhisperEngine

_MODULE_OF = {
    "Engine": "engine",
    "FasterEngine": "faster",
    "Heard": "engine",
    "Imported": "imports",
    "Passage": "engine",
    "Progress": "transcribing",
    "Transcript": "transcribing",
    "Weights": "weights",
    "WhisperEngine": "whisper",
    "array_reader": "transcribing",
    "check_named": "imports",
    "engine_for": "choice",
    "import_words": "imports",
    "resolve": "weights",
    "transcribe": "transcribing",
    "transcripts_of": "imports",
}

__all__ = [
    "Engine",
    "FasterEngine",
    "Heard",
    "Imported",
    "Passage",
    "Progress",
    "Transcript",
    "Weights",
    "WhisperEngine",
    "array_reader",
    "check_named",
    "engine_for",
    "import_words",
    "resolve",
    "transcribe",
    "transcripts_of",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'speechcoach.transcript' has no attribute {name!r}")
    return getattr(import_module(f"speechcoach.transcript.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULE_OF])
