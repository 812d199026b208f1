"""Run the tutorial as a notebook, and write what its blocks print where it stands.

    python docs/tutorial.py            # fills in docs/tutorial.md; a test fails where a block prints something else

Conventions: blocks in ```python run in order in one namespace, from the root of the repository. A block in ```text that
follows one is what it prints; a block without one prints nothing, or what is nobody's business.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent / "tutorial.md"
ROOT = PAGE.parent.parent
_BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<shown>.*?)```\n)?", re.DOTALL)


def blocks(page: str) -> Iterator[re.Match[str]]:
    """Each block of code, with what it shows."""
    return _BLOCK.finditer(page)


def printed(code: str, names: dict[str, Any]) -> str:
    """What the code prints, run among `names`, each line without blanks at its end."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, PAGE.name, "exec"), names)
    return re.sub(r"[ \t]+$", "", said.getvalue(), flags=re.MULTILINE)


def filled(page: str) -> str:
    """The page with what its blocks print now."""
    names: dict[str, Any] = {}

    def with_output(block: re.Match[str]) -> str:
        said = printed(block["code"], names)
        shown = "" if block["shown"] is None else f"\n```text\n{said}```\n"
        return f"```python\n{block['code']}```\n{shown}"

    return _BLOCK.sub(with_output, page)


def main() -> None:
    os.chdir(ROOT)
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
