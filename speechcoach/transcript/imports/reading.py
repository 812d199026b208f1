"""A transcript file of any known format, told by its content and never by its name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from speechcoach.transcript.imports import amazon, ctm, subtitles, whisper
from speechcoach.transcript.imports.document import Document, TranscriptError

FORMATS = (
    "JSON of Whisper, WhisperX, faster-whisper, Amazon Transcribe, its Call Analytics or Contact Lens; WebVTT, SRT, CTM"
)
_TABLES = (
    (amazon.fits_turns, amazon.read_turns),
    (amazon.fits_transcribe, amazon.read_transcribe),
    (whisper.fits, whisper.read),
)


def read(path: Path, call: str) -> Document:
    """The words of `path`, a transcript of the recording named `call`.

    Raises TranscriptError without the file's name, which the caller adds.
    """
    text = _text(path)
    if not text.strip():
        raise TranscriptError("it is empty; export the transcript again")
    if text.lstrip()[0] in "{[" and not ctm.fits(text):
        return _json(text)
    if subtitles.fits(text):
        return subtitles.read(text)
    if ctm.fits(text):
        return ctm.read(text, call)
    raise TranscriptError(f"it is in no known format; give {FORMATS}")


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise TranscriptError("there is no such file; check the path") from None
    except OSError as why:
        raise TranscriptError(f"it cannot be read ({why.strerror}); check its permissions") from None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    if b"\0" in raw:
        raise TranscriptError(f"it is no text; give {FORMATS}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")  # subtitles of older Windows programs


def _json(text: str) -> Document:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as why:
        raise TranscriptError(f"it begins like JSON and is none ({str(why)[:80]}); export it again") from None
    try:
        for fits, reader in _TABLES:
            if fits(content):
                return reader(content)
    except (AttributeError, KeyError, TypeError, IndexError):
        # a known format up to a place where a list, a table or a name is something else
        raise TranscriptError("it is damaged: a part of it is not what its format says; export it again") from None
    raise TranscriptError(_unknown(content))


def _unknown(content: Any) -> str:
    if isinstance(content, dict) and {"speechcoach", "schema"} <= set(content):
        return "it is a result of speechcoach and no transcript; judge it again with `speechcoach judge`"
    if isinstance(content, dict) and str(content.get("status", content.get("JobStatus", ""))).upper() == "FAILED":
        return "it is the answer of a transcription that failed; transcribe the call again"
    return f"it is JSON of no known format; give {FORMATS}"
