"""Run the pages that have code as notebooks, and write what their blocks print where it stands.

    python docs/notebooks.py           # fills in the pages; a test fails where a block prints something else

Conventions: blocks in ```python run in order, in one namespace a page, from the root of the repository. A block in
```text that follows one is what it prints; what a block without one prints is nobody's business.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
PAGES = ("tutorial.md", "start/engineer.md", "extend/engine.md", "extend/language.md")
_BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<shown>.*?)```\n)?", re.DOTALL)


def filled(page: str, names: dict[str, Any] | None = None) -> str:
    """The page with what its blocks print now; what they define is put into `names`."""
    names = {} if names is None else names

    def with_output(block: re.Match[str]) -> str:
        said = _printed(block["code"], names)
        shown = "" if block["shown"] is None else f"\n```text\n{said}```\n"
        return f"```python\n{block['code']}```\n{shown}"

    return _BLOCK.sub(with_output, page)


def shows(page: str) -> int:
    """How many blocks of the page show what they print."""
    return sum(block["shown"] is not None for block in _BLOCK.finditer(page))


def _printed(code: str, names: dict[str, Any]) -> str:
    """What the code prints, run among `names`, without blanks at the ends of lines."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "page", "exec"), names)
    return re.sub(r"[ \t]+$", "", said.getvalue(), flags=re.MULTILINE)


def main() -> None:
    os.chdir(DOCS.parent)
    for page in PAGES:
        (DOCS / page).write_text(filled((DOCS / page).read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
