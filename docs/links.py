"""Check that every link of the built pages leads somewhere: files and places in them; other sites for their form only.

    python docs/links.py build/docs    # exit code 1, and one line for each link that leads nowhere

Nothing is fetched: a page of the documentation must not depend on another site to be built.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_WHERE = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "src", "iframe": "src"}
_LOADED = ("img", "script", "source", "iframe")


class _Page(HTMLParser):
    """Targets of links by the tag that names them, and the places that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if place := given.get("id"):
            self.places.add(place)
        if target := given.get(_WHERE.get(tag, "")):
            style = tag == "link" and "stylesheet" in (given.get("rel") or "")
            self.links.append(("script" if style else tag, target))


def dead(folder: Path) -> list[str]:
    """A line for each link in the pages under `folder` that leads nowhere, or loads something from elsewhere."""
    pages = {file.resolve(): _Page(file.read_text("utf-8")) for file in sorted(folder.rglob("*.html"))}
    return [
        f"{file.relative_to(folder.resolve())}: {target}: {why}"
        for file, page in pages.items()
        for tag, target in page.links
        for why in _faults(file, tag, target, pages)
    ]


def _faults(file: Path, tag: str, target: str, pages: dict[Path, _Page]) -> Iterator[str]:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        yield from _elsewhere(tag, target)
        return
    aim = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    if not aim.is_file():
        yield "there is no such file"
    elif parts.fragment and aim in pages and unquote(parts.fragment) not in pages[aim].places:
        yield "there is no such place in it"


def _elsewhere(tag: str, target: str) -> Iterator[str]:
    parts = urlsplit(target)
    if parts.scheme == "data":
        return
    if tag in _LOADED:
        yield "is loaded from elsewhere"
    elif parts.scheme not in ("https", "mailto") or not (parts.netloc.count(".") or parts.scheme == "mailto"):
        yield "is no address of the form https://name.tld/"


def main() -> None:
    folder = Path(sys.argv[1])
    if not any(folder.rglob("*.html")):
        sys.exit(f"{folder}: no pages; run make docs")
    if found := dead(folder):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
