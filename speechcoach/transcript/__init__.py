"""Words with times: whoever speaks where, in, and what was said when, out.

Conventions: times are seconds of the call. Words come per channel, in order of time, and lie inside the
spans of speech that were given: a word where nobody speaks cannot be written. Importing this room
loads no model and no torch; the first transcription does.

    engine = WhisperEngine()                     # or any other `Engine`
    transcript = transcribe(channels, spans, engine, speakers=("agent", "customer"))
"""

from __future__ import annotations

from speechcoach.transcript.engine import Engine, Heard, Passage
from speechcoach.transcript.transcribing import Progress, Transcript, array_reader, transcribe
from speechcoach.transcript.weights import Weights, resolve
from speechcoach.transcript.whisper import WhisperEngine

__all__ = [
    "Engine",
    "Heard",
    "Passage",
    "Progress",
    "Transcript",
    "Weights",
    "WhisperEngine",
    "array_reader",
    "resolve",
    "transcribe",
]
