"""The sound of a call, from where the recording lies, in ranges, as a browser's player asks for it.

Conventions: a client names a call, never a file. What every browser plays to the sample goes out as it lies; all else
is decoded once, into a folder that nobody else can read and that goes when the application stops.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Lock
from uuid import uuid4

import numpy as np
import soundfile as sf
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from speechcoach.audio import Recording, open_recording
from speechcoach.errors import MissingRecording, RecordingError
from speechcoach.records import Span
from speechcoach.team.review import searching
from speechcoach.team.review.whereabouts import whereabouts
from speechcoach.team.rows import Found
from speechcoach.team.sources import at_hand
from speechcoach.web.keeping import Kept
from speechcoach.web.pages import shop

_PLAYED = {("WAV", "PCM_16"), ("WAVEX", "PCM_16"), ("WAV", "PCM_U8"), ("WAV", "PCM_24"), ("WAVEX", "PCM_24")}
_MOST_BYTES = 2 << 30  # of decoded sound: about seventeen hours of two channels at 8 kHz
_BLOCK_S = 30.0
_MOST_SESSIONS = 100_000


@dataclass(frozen=True, slots=True)
class Playable:
    """A file that browsers play; `bytes` is what it takes of the room for decoded sound, 0 where it lies elsewhere."""

    path: Path
    media_type: str
    bytes: int = 0


class Shelf:
    """The sound that was made playable, and who has heard what already."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._held: Kept[Playable] = Kept(most_bytes, lambda made: made.bytes, _removed)
        self._heard: set[tuple[str, str]] = set()
        self._lock = Lock()

    def playable(self, found: Found, call_id: str) -> Playable:
        """The recording as browsers play it. Raises RecordingError where it cannot be read."""
        key = (call_id, found.uri, found.stamp)
        made = self._held.get(key, lambda: self._made(found))
        if made.bytes and not made.path.is_file():  # somebody tidied up the folder of temporary files
            self._held.drop(key)
            made = self._held.get(key, lambda: self._made(found))
        return made

    def first_time(self, session: str, call_id: str) -> bool:
        """Whether a session had not heard the call before."""
        with self._lock:
            if len(self._heard) > _MOST_SESSIONS:
                self._heard.clear()
            new = (session, call_id) not in self._heard
            self._heard.add((session, call_id))
            return new

    def close(self) -> None:
        """Remove what was decoded."""
        self._held.clear()
        with self._lock:
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None

    def _made(self, found: Found) -> Playable:
        as_it_lies = None if "://" in found.uri else _as_it_lies(Path(found.uri))
        if as_it_lies is not None:
            return as_it_lies
        with at_hand(found) as path:
            return _decoded(open_recording(path), self._room() / f"{uuid4().hex}.wav")

    def _room(self) -> Path:
        """A folder of ours alone (its mode is 0700)."""
        with self._lock:
            if self._folder is not None and not Path(self._folder.name).is_dir():
                self._folder.cleanup()
                self._folder = None
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="speechcoach-sound-")
            return Path(self._folder.name)


def send_sound(request: Request) -> Response:
    """The call's sound, or the ranges of it that are asked for."""
    who, call_id, store = request.state.person, request.path_params["call_id"], shop(request).store
    row = searching.kept_call(store, call_id, who.agent)
    if row is None:
        raise HTTPException(404)
    shelf: Shelf = request.app.state.shelf
    try:
        made = shelf.playable(whereabouts(store, call_id, row["name"]), call_id)
    except RecordingError as why:
        sentence = str(why) if isinstance(why, MissingRecording) else f"{row['name']} cannot be decoded any more."
        return Response(sentence, 410, media_type="text/plain; charset=utf-8")
    if request.method == "GET" and shelf.first_time(request.state.form_token, call_id):
        shop(request).people.note(who.name, "listened", call_id)
    name = Path(row["name"]).stem + made.path.suffix.lower()
    headers = {"Cache-Control": "private, no-store"}
    return FileResponse(
        made.path, headers=headers, media_type=made.media_type, filename=name, content_disposition_type="inline"
    )


def _as_it_lies(path: Path) -> Playable | None:
    """The file itself, where every browser plays it and goes to any sample of it."""
    try:
        told = sf.info(os.fsencode(path))
    except (sf.SoundFileError, OSError):
        return None
    if (told.format, told.subtype) in _PLAYED:
        return Playable(path, "audio/wav")
    return Playable(path, "audio/flac") if told.format == "FLAC" else None


def _decoded(recording: Recording, target: Path) -> Playable:
    """The recording as 16-bit WAV, a part at a time."""
    try:
        with sf.SoundFile(target, "w", recording.rate_hz, recording.channels, "PCM_16", format="WAV") as file:
            for block in _blocks(recording):
                file.write(block)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Playable(target, "audio/wav", target.stat().st_size)


def _blocks(recording: Recording) -> Iterator[np.ndarray]:
    """Float32 `[samples, channels]`, in order."""
    read, edges = recording.reader(recording.rate_hz), np.arange(0.0, recording.duration_s + _BLOCK_S, _BLOCK_S)
    for start_s, end_s in pairwise(edges.tolist()):
        yield np.stack([read(channel, Span(start_s, end_s)) for channel in range(recording.channels)], axis=1)


def _removed(made: Playable) -> None:
    if made.bytes:
        made.path.unlink(missing_ok=True)


ROUTES = (Route("/calls/{call_id}/sound", send_sound),)
