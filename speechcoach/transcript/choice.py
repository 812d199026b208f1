"""Which engine recognises a call.

"auto" is faster-whisper where it is installed and can read the weights, since it gives the same words for a third of
the time; else openai-whisper. Nothing is loaded here, and no engine's packages are imported.
"""

from __future__ import annotations

from speechcoach.errors import SettingsError
from speechcoach.settings import ENGINES
from speechcoach.transcript.engine import Engine
from speechcoach.transcript.faster import FasterEngine, installed, readable
from speechcoach.transcript.weights import resolve
from speechcoach.transcript.whisper import WhisperEngine


def engine_for(model: str = "auto", engine: str = "auto") -> Engine:
    """The engine for `model`: a Whisper name, a `.pt`, a CTranslate2 folder, or "auto" for what is installed.

    Raises `SettingsError` for an engine that is unknown or not installed, `WeightsError` for the weights.
    """
    if engine not in ENGINES:
        raise SettingsError(f"engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    if engine == "auto":
        engine = "faster-whisper" if installed() and _readable(model) else "openai-whisper"
    return FasterEngine(model) if engine == "faster-whisper" else WhisperEngine(model)


def _readable(model: str) -> bool:
    weights = resolve(model)
    return weights.kind == "named" or readable(weights)
