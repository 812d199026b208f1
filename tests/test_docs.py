"""The README and the documentation are true: their examples run, their commands exist, their links lead somewhere."""

from __future__ import annotations

import re
import shlex
import tomllib
from xml.etree import ElementTree

import click
import pytest

from speechcoach.cli import main
from speechcoach.cli.configuration import options_of
from speechcoach.doctor import SERVES
from speechcoach.judgement import all_cues
from speechcoach.settings import PROFILES, Norms
from speechcoach.views.formats import FORMATS
from tests.docs_scripts import DOCS, script

ROOT = DOCS.parent
GENERATE = script("generate")
PAGES = sorted(DOCS.rglob("*.md"))
TYPED = [
    (page.name, line)
    for page in PAGES
    for line in page.read_text("utf-8").splitlines()
    if line.startswith("$ speechcoach ")
]
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
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    known = {option for item in command.params if isinstance(item, click.Option) for option in item.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_generated_pages_are_what_the_code_says():
    """`python docs/generate.py` writes them."""
    assert GENERATE.stale(GENERATE.made()) == []


def test_a_page_that_differs_is_missing_or_is_too_many_is_stale(tmp_path, monkeypatch):
    monkeypatch.setattr(GENERATE, "DOCS", tmp_path)
    GENERATE.write({"cues/one.md": "one", "reference/two.md": "two"})
    (tmp_path / "cues" / "stray.md").write_text("stray", "utf-8")
    assert GENERATE.stale({"cues/one.md": "new", "reference/two.md": "two", "cues/three.md": "three"}) == [
        "cues/one.md",
        "cues/stray.md",
        "cues/three.md",
    ]


def test_every_cue_has_its_page_with_a_source():
    pages = [path.read_text("utf-8") for path in (DOCS / "cues").glob("*.md") if path.name != "README.md"]
    assert len(pages) == len(all_cues())
    assert all("**Source.** " in text and "R-" not in text for text in pages)


def test_every_command_stands_in_the_reference():
    text = (DOCS / "reference" / "cli.md").read_text("utf-8")
    paths = {f"speechcoach {name}" for name in options_of(main)}
    assert len(paths) >= 14
    for path in paths:
        assert f"# {path}\n" in text
        assert f"Usage: {path} " in text


def test_every_threshold_stands_among_the_norms():
    text = (DOCS / "reference" / "norms.md").read_text("utf-8")
    for cue, table in Norms.load().thresholds.items():
        for key, entry in table.items():
            assert f"| `{cue}.{key}` | {entry.value:g} | {entry.source} | {entry.mark} |" in text


def test_every_public_name_stands_in_the_reference_of_the_library():
    assert script("library").undocumented() == set()


def test_the_picture_of_the_architecture_holds_the_rooms_of_the_contract():
    rooms = script("architecture").layers()
    picture = ElementTree.fromstring((DOCS / "pictures" / "architecture.svg").read_text("utf-8"))
    names = [item.text for item in picture.iter("{http://www.w3.org/2000/svg}text") if item.get("class") == "name"]
    assert [name for name in names if name in rooms] == rooms


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_pages_are_found_from_the_first_and_their_links_lead_somewhere(page):
    text = page.read_text("utf-8")
    assert text.startswith("# ")
    assert "*For " in text or page == DOCS / "index.md"
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).is_file(), target
    assert all(alt.strip() for alt in re.findall(r"!\[([^]]*)\]", text))


@pytest.mark.parametrize(("page", "line"), TYPED)
def test_commands_of_the_pages_have_the_options_that_are_shown(page, line):
    _, *words = shlex.split(line.removeprefix("$ "), comments=True)
    known = options_of(main)
    name = next((name for name in known if words[: len(name.split())] == name.split()), None)
    assert name, f"{page}: {line}"
    shown = {word.lstrip("-") for word in words if word.startswith("--")}
    assert shown <= set(known[name])


def test_every_extra_profile_and_format_is_told():
    engineer, formats = ((DOCS / page).read_text("utf-8") for page in ("start/engineer.md", "reference/formats.md"))
    for extra in SERVES:
        assert f"| `{extra}` | " in engineer
    for name in (*PROFILES, *FORMATS):
        assert f"| `{name}` | " in formats


def test_links_of_built_pages_are_checked(tmp_path):
    links = script("links")
    (tmp_path / "a.html").write_text(
        '<h1 id="top">A</h1><a href="b.html#there">b</a><a href="#top">up</a><a href="https://example.org/x">out</a>'
        '<a href="gone.html">g</a><a href="b.html#nowhere">n</a><a href="http://plain">p</a><img src="https://a.b/c.png">'
    )
    (tmp_path / "b.html").write_text('<p id="there">B</p>')
    assert [line.split(": ", 1)[1] for line in links.dead(tmp_path)] == [
        "gone.html: there is no such file",
        "b.html#nowhere: there is no such place in it",
        "http://plain: is no address of the form https://name.tld/",
        "https://a.b/c.png: is loaded from elsewhere",
    ]


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
