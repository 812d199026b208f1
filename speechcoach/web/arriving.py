"""What a browser sends with a form, taken in whole before anybody works on it.

Conventions: a handler runs in one of a few threads, and waits there for its form. So the form is here before a thread
is taken: who sends slowly, or not at all, keeps nobody waiting, and is turned away in the end. A recording is taken in
to the disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile

import anyio
from starlette.types import Message, Receive

_IN_MEMORY, _PIECE = 1 << 20, 1 << 18  # bytes


class Unfinished(Exception):
    """It did not come whole; `status` says why, as HTTP does."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@contextmanager
def room() -> Iterator[SpooledTemporaryFile[bytes]]:
    """Where it is kept meanwhile."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY, prefix="speechcoach-") as kept:
        yield kept


async def arrived(receive: Receive, kept: SpooledTemporaryFile[bytes], most_bytes: int, wait_s: float) -> Receive:
    """What is sent, to be received again at once. Raises Unfinished for more bytes (413) or seconds (408) than that."""
    with anyio.move_on_after(wait_s) as waited:
        await _take(receive, kept, most_bytes)
    if waited.cancelled_caught:
        raise Unfinished(408)
    kept.seek(0)
    return _again(receive, kept)


async def _take(receive: Receive, kept: SpooledTemporaryFile[bytes], most_bytes: int) -> None:
    """Write down what comes."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Unfinished(400)
        if kept.tell() + len(message.get("body", b"")) > most_bytes:
            raise Unfinished(413)
        kept.write(message.get("body", b""))
        more = message.get("more_body", False)


def _again(receive: Receive, kept: SpooledTemporaryFile[bytes]) -> Receive:
    """Hand out what was kept; after it whatever the server says, such as that the browser went away."""
    done = False

    async def receiving() -> Message:
        nonlocal done
        if done:
            return await receive()
        piece = kept.read(_PIECE)
        done = len(piece) < _PIECE
        return {"type": "http.request", "body": piece, "more_body": not done}

    return receiving
