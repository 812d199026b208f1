"""A file written whole or not at all: who opens it, or stops the program, never meets half of one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from speechcoach.errors import OutputError


def write_whole(target: Path, text: str, cure: str) -> None:
    """Write `text` as UTF-8 in place of `target`. Raises OutputError, which ends with the cure, where it cannot be."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_text(text, "utf-8", "replace")
        part.replace(target)
    except OSError as why:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise OutputError(f"{target}: cannot be written ({why.strerror}); {cure}") from None
