"""Where the recording of a kept call lies today, if it lies there as it was when it was analysed.

Conventions: a call is what its file holds (sha256). Size and stamp that are as the store remembers them prove that;
where they are not, a file of this machine is read again, and what is at another place is not trusted. Sentences name no
folder: whoever may hear a call need not know where the server keeps it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from speechcoach.errors import MissingRecording, RecordingError, SourceError
from speechcoach.team import sources
from speechcoach.team.rows import Found
from speechcoach.team.store import Store
from speechcoach.team.tables import source

GONE = "{name} is no longer where it lay when it was analysed, so it cannot be played."
FORM = (
    "{name} was read in a form of its own (two files a call, or no header), which is not played here; the page that "
    "batch --reports writes holds its sound."
)
CHANGED = "{name} was changed since it was analysed, so it cannot be played: its times would not fit."


def whereabouts(store: Store, call_id: str, name: str) -> Found:
    """The recording of a call, as it was. Raises MissingRecording with one sentence where it is not to be had.

    `name` is what people call it.
    """
    with store.reading() as link:
        rows = link.execute(select(source).where(source.c.call_id == call_id).order_by(source.c.uri)).all()
    why = GONE
    for row in rows:
        here = _today(row.uri)
        if here is None:
            continue
        if (here.size, here.stamp) == (row.size, row.stamp):
            return here
        if "://" not in here.uri and _holds(here, call_id):
            store.remember(here, call_id)
            return here
        why = FORM if " " in row.stamp else CHANGED  # the stamp holds more than the time of one file
    raise MissingRecording(why.format(name=name))


def _today(uri: str) -> Found | None:
    """What lies at an address now; None where there is nothing, or nobody answers."""
    try:
        found = sources.listed([uri])[0]
    except SourceError:
        return None
    return None if found.stamp == sources.MISSING else found


def _holds(found: Found, call_id: str) -> bool:
    try:
        return sources.content_id(Path(found.uri)) == call_id
    except RecordingError:
        return False
