"""Libraries that write to a path alone: what they wrote, as text."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path


def written(write: Callable[[str], object], name: str) -> str:
    """The text, in UTF-8, of the file `name` that `write` makes at the path it is given."""
    with tempfile.TemporaryDirectory(prefix="speechcoach-") as folder:
        path = Path(folder) / name
        write(str(path))
        return path.read_text("utf-8")
