"""Write every page of the documentation that the code itself knows: cues, norms, scores, commands, library, result.

    python docs/generate.py            # writes them; a test fails where they are not what this writes
    python docs/generate.py --check    # names those that are stale, and leaves them as they are

Conventions: a maker is a module here with `pages()`, text by path under docs/. A folder in `WHOLE` holds nothing else.
"""

from __future__ import annotations

import sys
from pathlib import Path

import architecture
import cli
import cues
import formats
import library
import norms
import result_format

DOCS = Path(__file__).resolve().parent
MAKERS = (cues, norms, cli, formats, library, result_format, architecture)
WHOLE = ("cues",)


def made() -> dict[str, str]:
    """Text of every generated file by its path under docs/."""
    return {path: text for maker in MAKERS for path, text in maker.pages().items()}


def stale(pages: dict[str, str]) -> list[str]:
    """Paths of files that are missing, differ, or should not be there."""
    differ = [path for path, text in pages.items() if not _is(DOCS / path, text)]
    return sorted([*differ, *(path for path in _left_over(pages))])


def write(pages: dict[str, str]) -> None:
    """Make docs/ hold these pages."""
    for path in _left_over(pages):
        (DOCS / path).unlink()
    for path, text in pages.items():
        if not _is(DOCS / path, text):
            (DOCS / path).parent.mkdir(exist_ok=True)
            (DOCS / path).write_text(text, "utf-8")


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == text


def _left_over(pages: dict[str, str]) -> list[str]:
    there = (file.relative_to(DOCS).as_posix() for folder in WHOLE for file in (DOCS / folder).glob("*.md"))
    return [path for path in there if path not in pages]


def main() -> None:
    pages = made()
    if "--check" not in sys.argv[1:]:
        write(pages)
    elif old := stale(pages):
        sys.exit(f"stale: {', '.join(old)}; run python docs/generate.py")


if __name__ == "__main__":
    main()
