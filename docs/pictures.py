"""Make the pictures of the README and of the documentation from real runs on the sample calls, so that they stay true.

    make demo-team                     # once: a team's calls, in a store
    python docs/pictures.py            # all of them

Needs playwright, a chromium, matplotlib and a speech model. What is shown is what a user would see; accounts are made
in a copy of the store.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import notebooks
from playwright.sync_api import Browser, Error, Page, sync_playwright
from rich.console import CONSOLE_SVG_FORMAT, Console
from rich.segment import Segment, Segments
from rich.terminal_theme import MONOKAI

from speechcoach.schema import load
from speechcoach.views import text

DOCS = Path(__file__).resolve().parent
SAMPLES, TEAM, PICTURES = DOCS.parent / "samples", DOCS.parent / "out" / "team", DOCS / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTH, TOP = 1200, 900
COLUMNS, LINES = 100, 42  # of the terminal
PASSWORD, TRIES = "a long password", 60  # of people who exist while the pictures are made
_FONT_FROM_AFAR = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)  # a picture fetches nothing


def main() -> None:
    if not (TEAM / "calls.db").is_file():
        sys.exit(f"{TEAM / 'calls.db'}: there is no such store; run make demo-team")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made, browser() as window:
        run("analyze", SAMPLES / "poor_listener.wav", "--out", made, "--for", "agent")
        summary(Path(made) / "poor_listener.json", PICTURES / "summary.svg")
        run("analyze", SAMPLES / "poor_listener.wav", "--out", made)
        report(window, Path(made) / "poor_listener.html")
        team(window, TEAM / "team.html")
        application(window, Path(shutil.copy(TEAM / "calls.db", made)))
    plots(PICTURES)


def run(*words: object, said: str = "") -> None:
    """The command line, as a user types it, with what is asked for."""
    typed = [sys.executable, "-m", "speechcoach.cli", *map(str, words)]
    subprocess.run(typed, check=True, stdout=subprocess.DEVNULL, input=said, text=True)


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        window = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield window
        window.close()


def opened(window: Browser, file: Path) -> Page:
    """The file in a window, drawn to the end."""
    page = window.new_page(viewport={"width": WIDTH, "height": TOP}, color_scheme="light")
    page.goto(file.resolve().as_uri())
    page.wait_for_timeout(2000)
    return page


def summary(result: Path, target: Path) -> None:
    """The summary in the terminal, as text in an SVG."""
    console = Console(record=True, width=COLUMNS, highlight=False, markup=False, file=open(os.devnull, "w"))  # noqa: SIM115
    lines = console.render_lines(text.layout(load(result), "agent"), pad=False)
    for line in lines[:LINES]:
        console.print(Segments([*line, Segment.line()]), end="")
    form = _FONT_FROM_AFAR.sub("", CONSOLE_SVG_FORMAT)
    drawn = console.export_svg(
        title="speechcoach analyze my-call.wav --for agent", theme=MONOKAI, code_format=form, unique_id="summary"
    )
    target.write_text(drawn, "utf-8")


def report(window: Browser, file: Path) -> None:
    """The top of the report, and its timeline, both without the player's bar."""
    page = opened(window, file)
    page.add_style_tag(content="body > :not(main, header) { display: none !important }")
    page.screenshot(path=DOCS / "report.png")
    page.locator("#timeline").screenshot(path=DOCS / "timeline.png")


def team(window: Browser, file: Path) -> None:
    """The top of the team's page."""
    opened(window, file).screenshot(path=PICTURES / "team.png")


def application(window: Browser, store: Path) -> None:
    """The review application, as QA and as an agent see it."""
    for name, role in (("quality", ("--role", "qa")), ("mia-too", ("--role", "agent", "--agent", "Mia"))):
        run("user", "add", name, "--store", store, *role, said=PASSWORD)
    with served(store) as address:
        page = signed_in(window, address, "quality")
        page.screenshot(path=PICTURES / "calls.png")
        page.locator("main a[href^='/calls/']").first.click()
        page.get_by_role("link", name="Moments", exact=True).click()
        page.wait_for_timeout(2000)
        page.screenshot(path=PICTURES / "review.png")
        page = signed_in(window, address, "mia-too")
        for place in ("progress", "practice"):
            page.goto(f"{address}/{place}")
            page.wait_for_timeout(1000)
            page.screenshot(path=PICTURES / f"{place}.png")


@contextmanager
def served(store: Path) -> Iterator[str]:
    """The application's address, while it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "speechcoach.cli", "serve", "--store", str(store), "--port", str(port)]
    server = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def signed_in(window: Browser, address: str, name: str) -> Page:
    """A window of somebody who just signed in; asked again until the application answers."""
    page = window.new_context(viewport={"width": WIDTH, "height": TOP}, color_scheme="light").new_page()
    for _ in range(TRIES):
        with suppress(Error):
            page.goto(f"{address}/sign-in")
            break
        page.wait_for_timeout(500)
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto(f"{address}/calls")
    return page


def plots(folder: Path) -> None:
    """What the tutorial draws."""
    names: dict[str, Any] = {}
    os.chdir(DOCS.parent)
    notebooks.filled((DOCS / "tutorial.md").read_text("utf-8"), names)
    for name in ("call.png", "turn.png"):
        shutil.copy(names["folder"] / name, folder / name)


if __name__ == "__main__":
    main()
