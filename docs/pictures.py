"""Make the pictures of the README and of the documentation from real runs on the sample calls, so that they stay true.

    python docs/pictures.py            # all of them, in some minutes: the calls are transcribed

Needs playwright, a chromium, matplotlib and a speech model. What is shown is what a user would see.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import notebooks
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import CONSOLE_SVG_FORMAT, Console
from rich.segment import Segments
from rich.terminal_theme import MONOKAI

from speechcoach.schema import load
from speechcoach.views import text

DOCS = Path(__file__).resolve().parent
SAMPLES, PICTURES = DOCS.parent / "samples", DOCS / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTH, TOP = 1200, 900
COLUMNS, LINES = 100, 42  # of the terminal
_FONT_FROM_AFAR = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)  # a picture fetches nothing
_AGENTS = {
    "good_listener": "Laura",
    "escalation": "Kumi",
    "poor_listener": "Joe",
    "spanish": "Elena",
    "mono_mix": "Laura",
}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made, browser() as window:
        run("analyze", SAMPLES / "poor_listener.wav", "--out", made, "--for", "agent")
        summary(Path(made) / "poor_listener.json", PICTURES / "summary.svg")
        run("analyze", SAMPLES / "poor_listener.wav", "--out", made)
        report(window, Path(made) / "poor_listener.html")
        team(window, Path(made))
    pitch(PICTURES / "pitch.png")


def run(*words: object) -> None:
    """The command line, as a user types it."""
    subprocess.run([sys.executable, "-m", "speechcoach.cli", *map(str, words)], check=True, stdout=subprocess.DEVNULL)


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
        console.print(Segments(line))
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


def team(window: Browser, made: Path) -> None:
    """The top of the team's page, of all sample calls."""
    rows = [f"{SAMPLES / call}.wav,{agent}" for call, agent in _AGENTS.items()]
    manifest, store, page = made / "calls.csv", made / "calls.db", made / "team.html"
    manifest.write_text("\n".join(["file,agent", *rows, ""]), "utf-8")
    run("batch", "--manifest", manifest, "--store", store, "--report", page, "--jobs", 1, "--quiet")
    opened(window, page).screenshot(path=PICTURES / "team.png")


def pitch(target: Path) -> None:
    """What the tutorial draws."""
    names: dict[str, Any] = {}
    os.chdir(DOCS.parent)
    notebooks.filled((DOCS / "tutorial.md").read_text("utf-8"), names)
    shutil.copy(names["folder"] / "pitch.png", target)


if __name__ == "__main__":
    main()
