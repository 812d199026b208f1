"""What `doctor` says of this installation. The truth is the installation itself, and parts of it taken away."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from speechcoach import doctor
from speechcoach.cli import main

ROOT = Path(__file__).parents[1]


def by_name(**rest: str) -> dict[str, doctor.Check]:
    return {item.what: item for item in doctor.checks(**rest)}


def test_the_main_job_is_well_here() -> None:
    found = by_name()
    assert all(item.well is not False for item in found.values()), found
    assert "base" in found["speech recognition"].found
    assert int(found["weights of speechcoach"].found.split()[0]) >= 6
    assert int(found["the report's browser parts"].found.split()[0]) >= 7


def test_extras_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = {
        name: parts
        for name, parts in project["optional-dependencies"].items()
        if name not in ("samples", "train", "test", "docs")
    }
    assert set(doctor.EXTRAS) == set(extras) == set(doctor.SERVES)
    for name, parts in doctor.EXTRAS.items():
        declared = " ".join(extras[name])
        assert all(package in declared for _, package in parts), name


def test_a_part_that_was_changed_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    vendor = tmp_path / "views" / "vendor"
    vendor.mkdir(parents=True)
    (vendor / "a.js").write_text("changed")
    (vendor / "vendor.lock.json").write_text('{"packages": [{"files": {"a.js": {"sha256": "00"}}}]}')
    (tmp_path / "channels" / "weights").mkdir(parents=True)
    (tmp_path / "channels" / "weights" / "net.npz").write_bytes(b"half")
    monkeypatch.setattr(doctor, "_HERE", tmp_path)
    found = by_name()
    assert (
        found["the report's browser parts"].well is False
        and "a.js was changed" in found["the report's browser parts"].found
    )
    assert found["weights of speechcoach"].well is False


def test_what_is_missing_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda module: None)
    for name in doctor.EXTRAS:
        check = by_name()[f"extra: {name}"]
        assert check.well is None and check.cure == f"pip install 'speechcoach[{name}]'" and not check.needed


def test_a_model_that_is_not_there_fails_the_main_job() -> None:
    answer = CliRunner().invoke(main, ["doctor", "--model", "/nowhere/base.pt"])
    assert answer.exit_code == 1
    assert "BAD" in answer.output and "there is no model at /nowhere/base.pt" in " ".join(answer.output.split())


def test_a_store_is_looked_into(tmp_path: Path) -> None:
    from speechcoach.team.store import Store

    with Store(str(tmp_path / "calls.db")):
        pass
    assert by_name(store=str(tmp_path / "calls.db"))["store"].found.endswith("calls.db: no calls yet")
    rows = json.loads(CliRunner().invoke(main, ["doctor", "--json", "--store", str(tmp_path / "none.db")]).stdout)
    (store,) = [row for row in rows if row["what"] == "store"]
    assert store["well"] is False and "there is no store" in store["found"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_for_this_program(shell: str) -> None:
    answer = CliRunner().invoke(main, ["completion", shell])
    assert answer.exit_code == 0 and f"_SPEECHCOACH_COMPLETE={shell}_complete" in answer.output
