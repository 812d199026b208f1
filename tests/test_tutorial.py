"""The pages with code are true: every block runs, and prints what stands under it. The cue of "Add a cue" is a cue.

Truth: what a page shows. The sample calls' own words are given, so no speech model is loaded.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs_scripts import script

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
notebooks = script("notebooks")


@pytest.mark.parametrize("page", notebooks.PAGES)
def test_every_block_prints_what_stands_under_it(page, monkeypatch):
    """`python docs/notebooks.py` writes what they print."""
    for extra in ("pandas", "matplotlib") if page == "tutorial.md" else ():
        pytest.importorskip(extra)
    monkeypatch.chdir(ROOT)
    text = (DOCS / page).read_text("utf-8")
    assert notebooks.filled(text) == text


def test_the_tutorial_shows_what_it_does():
    text = (DOCS / "tutorial.md").read_text("utf-8")
    assert notebooks.shows(text) >= 10
    assert "```text\n```" not in text


def test_a_page_that_shows_something_else_is_told():
    assert notebooks.filled("```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n").endswith("```text\n2\n```\n")


@pytest.fixture(scope="module")
def extended(tmp_path_factory) -> Path:
    """A copy of the package with the cue of the page "Add a cue", as the page says to add it."""
    root = tmp_path_factory.mktemp("extended")
    shutil.copytree(ROOT / "speechcoach", root / "speechcoach", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests", root / "tests", ignore=shutil.ignore_patterns("__pycache__", "data", "vendor"))
    page = (DOCS / "extend" / "cue.md").read_text("utf-8")
    (cue,), (norm,) = (re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL) for language in ("python", "toml"))
    (root / "speechcoach" / "judgement" / "cues" / "long_breath.py").write_text(cue, "utf-8")
    norms, rubric = root / "speechcoach" / "locales" / "und.toml", root / "speechcoach" / "rubrics" / "default.toml"
    tables, phrases = norms.read_text("utf-8").split("[phrases]")
    norms.write_text(f"{tables}{norm}\n[phrases]{phrases}", "utf-8")
    rubric.write_text(rubric.read_text("utf-8").replace("monologue = 10,", "monologue = 10, long_breath = 2,"), "utf-8")
    return root


def in_copy(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True
    )


def test_the_cue_of_the_page_passes_the_contract_of_all_cues(extended):
    done = in_copy(
        extended,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/judgement/test_contract.py",
        "-k",
        "long_breath",
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 8


def test_the_cue_of_the_page_finds_the_long_breaths_of_a_call(extended, samples_folder):
    code = """
        import sys, speechcoach as sc
        result = sc.analyze(sys.argv[1], agent="left", transcript=False)
        found = [finding for finding in result.findings if finding.cue == "long_breath"]
        long = [unit for unit in result.facts.units if unit.speaker == "agent" and unit.end_s - unit.start_s > 3]
        assert [finding.spans[0].start_s for finding in found] == [unit.start_s for unit in long]
        print(len(found), found[0].source)
    """
    done = in_copy(
        extended, "-c", re.sub(r"^ {8}", "", code, flags=re.MULTILINE), str(samples_folder / "escalation.wav")
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.fullmatch(r"[1-9]\d* no study found, our default\n", done.stdout)
