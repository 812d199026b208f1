"""Tables for benchmarks/README.md: Markdown rows, and the place between two markers where a script's text goes.

A script called `pitch` owns what stands between `<!-- pitch -->` and `<!-- /pitch -->`, and nothing else of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

PAGE = Path(__file__).parent / "README.md"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, one string; cells are written as they are."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def folded(title: str, text: str) -> str:
    """`text` behind a line that opens it: for long tables."""
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def write(name: str, text: str, page: Path = PAGE) -> None:
    """Put `text` between the markers of `name` in `page`.

    Raises ValueError where the page has no such markers.
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    old = page.read_text("utf-8")
    found = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    if not found.search(old):
        raise ValueError(f"{page} has no markers {start} and {end}")
    page.write_text(found.sub(lambda _: f"{start}\n\n{text.strip()}\n\n{end}", old, count=1), "utf-8")
