"""Options from files, and what `config show` says of them. The truth is the order that the room's head promises."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from speechcoach.cli import main
from speechcoach.cli.configuration import options_of


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The working folder, and the user's folder of settings."""
    work, users = tmp_path / "work", tmp_path / "home" / "speechcoach"
    work.mkdir()
    users.mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(users.parent))
    monkeypatch.chdir(work)
    return work, users


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def shown(*words: str) -> dict[str, tuple[object, str]]:
    """Value and place of each option of a command."""
    answer = run(*words, "--json")
    assert answer.exit_code == 0, answer.output
    return {row["option"]: (row["value"], row["from"]) for row in json.loads(answer.stdout)}


def test_each_value_says_where_it_is_from(folders: tuple[Path, Path]) -> None:
    work, users = folders
    (users / "config.toml").write_text('model = "tiny"\nlanguage = "en"\n[batch]\njobs = 8\nteam = "Red"\n')
    (work / "speechcoach.toml").write_text('[batch]\njobs = 4\nmodel = "small"\n')
    (work / "mine.toml").write_text("[batch]\njobs = 2\n")
    batch = shown("--config", "mine.toml", "config", "show", "batch")
    assert batch["jobs"] == (2, str(work / "mine.toml"))
    assert batch["model"] == ("small", str(work / "speechcoach.toml"))
    assert batch["team"] == ("Red", str(users / "config.toml"))
    assert batch["transcript"] == ("all", "default")
    assert shown("config", "show", "analyze")["model"] == ("tiny", str(users / "config.toml"))
    assert shown("config", "show", "batch")["jobs"] == (4, str(work / "speechcoach.toml"))


def test_a_command_takes_what_the_file_says_and_the_line_wins(folders: tuple[Path, Path]) -> None:
    work, _ = folders
    (work / "speechcoach.toml").write_text('norms = "nothing.toml"\n')
    assert f"{work / 'nothing.toml'}: there is no such settings file" in run("batch", ".").output
    (work / "mine.toml").write_text("[thresholds.nothing]\n")
    assert "mine.toml" in run("batch", ".", "--norms", "mine.toml").output


def test_paths_lie_beside_the_file_that_names_them(folders: tuple[Path, Path]) -> None:
    work, users = folders
    (users / "config.toml").write_text('norms = "team.toml"\nstore = "calls.db"\n')
    batch = shown("config", "show", "batch")
    assert batch["norms"][0] == str(users / "team.toml") and batch["store"][0] == str(users / "calls.db")
    for words in ('["a.json"]', '"a.json"'):
        (users / "config.toml").write_text(f"words = {words}\n")
        assert shown("config", "show", "analyze")["words"][0] == [str(users / "a.json")]
    (users / "config.toml").write_text('store = "postgresql://host/calls"\n')
    assert shown("config", "show", "batch")["store"][0] == "postgresql://host/calls"
    assert work.is_dir()


def test_a_command_within_a_command_has_its_own_table(folders: tuple[Path, Path]) -> None:
    work, _ = folders
    (work / "speechcoach.toml").write_text('[user.add]\nrole = "qa"\n')
    assert shown("config", "show", "user", "add")["role"] == ("qa", str(work / "speechcoach.toml"))
    answer = run("user", "add", "ann", "--store", "none.db")
    assert answer.exit_code == 2 and "there is no store" in answer.output, "the role was taken from the file"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("job = 2", "no command has an option 'job'; did you mean 'jobs'?"),
        ("[bach]\njobs = 2", "[bach] is no command; did you mean 'batch'?"),
        ("[batch]\nmodle = 'x'", "batch has no option 'modle'; did you mean 'model'?"),
        ("[batch]\nquiet = 'yes'", "quiet is true or false, not 'yes'"),
        ("[batch]\nteam = ['a', 'b']", "team takes one value, not a list"),
        ("jobs =", "not TOML"),
        ("[analyze]\nout = 5", "out is a path, as text in quotes, not 5"),
        ("[analyze]\nwords = ['a.json', 5]", "words is a path, as text in quotes, not 5"),
        ("[serve]\nname = [['a']]", "name is one word or number, not ['a']"),
        ("[user]\nadd = 1", "user.add is a command; write its options under [user.add]"),
        ("[user.ad]\nrole = 'qa'", "[user ad] is no command; did you mean 'user add'?"),
    ],
)
def test_what_cannot_be_meant_names_file_and_cure(folders: tuple[Path, Path], text: str, said: str) -> None:
    work, _ = folders
    (work / "speechcoach.toml").write_text(text)
    answer = run("config", "show")
    assert answer.exit_code == 2
    assert answer.stderr.startswith(f"error: {work / 'speechcoach.toml'}: ") and said in answer.stderr


def test_a_named_file_that_is_not_there_is_said(folders: tuple[Path, Path]) -> None:
    answer = run("--config", "none.toml", "config", "show")
    assert answer.exit_code == 2 and "none.toml: there is no such file" in answer.stderr
    assert folders[0].is_dir()


def test_every_option_of_every_command_can_be_set(folders: tuple[Path, Path]) -> None:
    """Long names are unique within a command, so a file can name each."""
    known = options_of(main)
    assert {"analyze", "batch", "serve", "user add"} <= set(known)
    for command, options in known.items():
        for name, option in options.items():
            assert f"--{name}" in option.opts, (command, name)
    assert folders[0].is_dir()


def test_the_users_mistakes_are_met_with_the_nearest_word() -> None:
    assert "Did you mean 'analyze'?" in run("analize").output
    assert "'--model'" in run("analyze", "--modle", "x").output
    assert "did you mean 'batch'?" in run("config", "show", "bach").output


def test_a_full_standard_output_is_a_sentence() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "speechcoach.cli", "config", "path"], stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 1
    assert done.stderr.decode().startswith("error: standard output cannot be written (")
