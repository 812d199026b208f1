"""Which call of a store somebody means: its id, the begin of it, the recording's name, or where it lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from speechcoach.errors import UsageError
from speechcoach.team.store import Store

_SHOWN = 3  # of the calls that a name fits
_LEAST = 3  # characters of an id


def named(store: Store, wanted: str) -> dict[str, Any]:
    """The call's row. Raises UsageError where none or two fit."""
    rows = list(store.rows("call"))
    fits = [row for row in rows if wanted in (row["id"], row["name"], row["uri"], Path(row["name"]).stem)]
    if not fits and len(wanted) >= _LEAST:
        fits = [row for row in rows if row["id"].startswith(wanted)]
    if not fits:
        raise UsageError(f"{store.shown}: holds no call {wanted!r}; name its id or its recording")
    if len(fits) > 1:
        ids = ", ".join(row["id"][:12] for row in fits[:_SHOWN])
        raise UsageError(f"{store.shown}: {len(fits)} calls are {wanted!r} ({ids} ...); name the id of one")
    return fits[0]
