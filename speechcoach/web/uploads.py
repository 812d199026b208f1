"""A recording that a browser sends: read from its form, and believed to be one only once it was decoded.

Conventions: the bytes are kept as they came; what decodes them reads a file of a random name that only this user can
read, and that is gone afterwards. The name that a browser gives a file is shown to people, and names no file here.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from anyio import from_thread
from starlette.datastructures import UploadFile
from starlette.requests import Request

from speechcoach.audio import Recording, open_recording
from speechcoach.errors import SpeechcoachError, UsageError
from speechcoach.team.review.practice import LONGEST_S, MOST_BYTES
from speechcoach.web.pages import storable


def read(request: Request) -> dict[str, str | bytes]:
    """The fields `form_token`, `name` and `who`, the bytes of the `sound`, and the name of its `file`."""
    return from_thread.run(_read, request)


async def _read(request: Request) -> dict[str, str | bytes]:
    async with request.form(max_files=1, max_fields=6, max_part_size=4096) as given:
        sent = given.get("sound")
        audio = await sent.read() if isinstance(sent, UploadFile) else b""
        named = storable(sent.filename or "") if isinstance(sent, UploadFile) else ""
        said = {name: storable(str(given.get(name, ""))).strip() for name in ("form_token", "name", "who")}
        return {**said, "sound": audio, "file": Path(named).name[:80]}


def checked(audio: bytes, called: str) -> float:
    """How long it lasts, seconds. Raises SpeechcoachError for what is no recording, or too much of it."""
    if not audio:
        raise UsageError("Choose a file, or record something first.")
    if len(audio) > MOST_BYTES:
        raise UsageError(f"That is more than {MOST_BYTES // 1_000_000} MB: record less, or in a tighter format.")
    with decoded(audio, called or "This file") as recording:
        if recording.duration_s > LONGEST_S:
            raise UsageError(f"It lasts {recording.duration_s / 60:.0f} min; up to {LONGEST_S / 60:.0f} are taken.")
        return recording.duration_s


@contextmanager
def decoded(audio: bytes, called: str) -> Iterator[Recording]:
    """The recording, decoded from a file of a random name that only this user can read, and that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="speechcoach-") as folder:
        path = Path(folder) / secrets.token_hex(16)
        path.write_bytes(audio)
        try:
            recording = open_recording(path)
        except SpeechcoachError as why:
            raise UsageError(str(why).replace(str(path), called)) from None
        yield recording
