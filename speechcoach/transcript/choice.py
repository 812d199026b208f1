"""Which engine recognises a call.

"auto" is openai-whisper: in 8-bit integers the fast engine loses short answers of one word now and then, and they
decide what an overlap was. Nothing is loaded here, and no engine's packages are imported.
"""

from __future__ import annotations

from speechcoach.errors import SettingsError
from speechcoach.settings import ENGINES
from speechcoach.transcript.engine import Engine
from speechcoach.transcript.faster import FasterEngine
from speechcoach.transcript.whisper import WhisperEngine


def engine_for(model: str = "auto", engine: str = "auto") -> Engine:
    """The engine for `model`: a Whisper name, a `.pt`, a CTranslate2 folder, or "auto" for what is installed.

    "auto" is openai-whisper.
    Raises `SettingsError` for an engine that is unknown or not installed, `WeightsError` for the weights.
    """
    if engine not in ENGINES:
        raise SettingsError(f"engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    return FasterEngine(model) if engine == "faster-whisper" else WhisperEngine(model)
