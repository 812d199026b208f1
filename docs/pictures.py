"""Make the pictures of the README from a real report, so that they stay true.

    speechcoach analyze samples/poor_listener.wav --out out
    python docs/pictures.py out/poor_listener.html

Needs playwright and a chromium.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTH, TOP = 1200, 900


def take(report: Path, folder: Path) -> None:
    """The top of the report, and its timeline, both without the player's bar."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": TOP}, color_scheme="light")
        page.goto(report.resolve().as_uri())
        page.wait_for_timeout(2000)
        page.add_style_tag(content="body > :not(main, header) { display: none !important }")
        page.screenshot(path=folder / "report.png")
        page.locator("#timeline").screenshot(path=folder / "timeline.png")
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(__file__).parent)
