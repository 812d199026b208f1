"""The README is true: its examples run, its commands exist, its pictures and links are there."""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from speechcoach.cli import main
from speechcoach.settings import Norms

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_there_are_examples_to_test():
    assert len(blocks("python")) == 2
    assert len(blocks("console")) >= 3
    assert len(blocks("toml")) == 1


@pytest.mark.parametrize("code", blocks("python"))
def test_python_examples_run(code, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    "line", [line for block in blocks("console") for line in block.splitlines() if line.startswith("$ speechcoach")]
)
def test_commands_have_the_options_that_are_shown(line):
    _, _, name, *words = shlex.split(line, comments=True)
    command = main.commands[name]
    known = {option for item in command.params if isinstance(item, click.Option) for option in item.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_the_pages_of_the_cues_are_what_the_cues_say():
    """`python docs/cues.py` writes them."""
    spec = importlib.util.spec_from_file_location("cues", ROOT / "docs" / "cues.py")
    written = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(written)
    there = {path.name: path.read_text("utf-8") for path in (ROOT / "docs" / "cues").glob("*.md")}
    assert there == written.pages()
    assert all("**Source.**" in text for name, text in there.items() if name != "README.md")


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"make (\w+)", "".join(blocks("console"))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_norms_example_is_accepted(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text(blocks("toml")[0], "utf-8")
    assert tomllib.loads(path.read_text("utf-8"))
    assert Norms.load("en", path).thresholds["dead_air"]["silence_s"].value == 5


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "samples/README.md", "benchmarks/README.md"])
def test_links_and_pictures_lead_somewhere(page):
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / page).parent / target).exists(), target


def test_the_two_commands_are_on_the_first_screen():
    first = README.splitlines()[:30]
    assert any("make demo" in line for line in first)
    assert any("make test" in line for line in first)
    assert any("](docs/" in line for line in first)
