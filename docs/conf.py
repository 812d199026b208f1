"""How Sphinx builds the documentation: `make docs`. Nothing is fetched while it builds, and nothing by the pages."""

from __future__ import annotations

import tomllib
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
_PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]
_OF_CUES = "\n```{toctree}\n:hidden:\n:glob:\n\n[a-z]*\n```\n"

project, version = _PROJECT["name"], _PROJECT["version"]
release, copyright = version, f"the authors of {project}"
language = "en"
smartquotes = False  # it makes a dash of the two before an option

extensions = ["myst_parser"]
myst_heading_anchors = 3
exclude_patterns = ["static"]
nitpicky = True

html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["speechcoach.css"]
html_js_files = [("reachable.js", {"defer": "defer"})]
html_copy_source = html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": False}


def _list_cues(_app: Sphinx, page: str, source: list[str]) -> None:
    """The list of cues is made, and readable as it lies; its place in the navigation is given here."""
    if page == "cues/README":
        source[0] += _OF_CUES


def setup(app: Sphinx) -> None:
    app.connect("source-read", _list_cues)
