"""Finished transcripts on disk, so that no call is transcribed twice: not for another norm, nor for another agent side.

Conventions: a key is 64 hexadecimal digits that change whenever the transcript could: with the audio, the spans,
the weights, the engine and its options, the language, and the code and libraries that transcribe. Under it stands
one JSON file, `{"key", "sha256", "transcript"}`, the sha256 being that of the transcript's own bytes. A hit is
exactly what `transcribe` gave: a transcript that JSON cannot carry unchanged is not kept.

The files hold what people said: only their owner can read them (0600 in a folder of 0700), and each goes 30 days
after its last use, or earlier where there is more than 500 MB of them. The environment decides:

    SPEECHCOACH_CACHE       a folder in place of ~/.cache/speechcoach (or XDG_CACHE_HOME), or "off"
    SPEECHCOACH_CACHE_DAYS  days after the last use, in place of 30
    SPEECHCOACH_CACHE_MB    megabytes in all, in place of 500

A cache that cannot be used is no error: it is said once, and the call is transcribed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from speechcoach.errors import SettingsError
from speechcoach.records import Span
from speechcoach.transcript.engine import Engine
from speechcoach.transcript.transcribing import Transcript
from speechcoach.transcript.weights import Weights

FOLDER, DAYS, MEGABYTES = "SPEECHCOACH_CACHE", "SPEECHCOACH_CACHE_DAYS", "SPEECHCOACH_CACHE_MB"
OFF = "off"

# What decides the words beside our own code: another release may round, or split a word, in another way.
_LIBRARIES = ("openai-whisper", "torch", "faster-whisper", "ctranslate2", "soxr", "numpy")
_ROOMS = ("audio", "features", "locales", "transcript")
_MODEL_FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt", "vocabulary.json")
_ENTRY = re.compile("[0-9a-f]{64}")
_PART_S = 3600.0  # a part of a file that is older was left behind by a process that was killed
_DAY_S = 86_400.0
_MOST = 1e6

_said: set[Path] = set()  # folders whose fault was said: once a process is enough


@dataclass(frozen=True, slots=True)
class Stock:
    """What the cache holds: files, and bytes in all."""

    entries: int
    size: int


class _Stored(msgspec.Struct):
    """The file's layout."""

    key: str
    sha256: str
    transcript: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Cache:
    """Transcripts in `folder`, each for `days` after its last use, `megabytes` in all; see the module's head."""

    folder: Path
    days: float = 30.0
    megabytes: float = 500.0

    def find(self, key: str) -> Transcript | None:
        """The transcript under `key`, or None where there is none, or none that is whole."""
        path = self._path(key)
        try:
            self.prune()
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as why:
            return self._warn(why)
        found = _decoded(key, content)
        if found is not None:
            with contextlib.suppress(OSError):
                os.utime(path)  # the least recently used one goes first
        return found

    def keep(self, key: str, transcript: Transcript) -> None:
        """Put the transcript under `key`, whole or not at all; a full or closed disk is said once."""
        content = _encoded(key, transcript)
        if content is None:
            return
        try:
            self._write(self._path(key), content)
            self.prune()
        except OSError as why:
            self._warn(why)

    def prune(self) -> None:
        """Remove what was not used for `days`, then the least recently used until `megabytes` hold the rest."""
        now_s, left = time.time(), self.megabytes * 1e6
        for path, used_s, size in sorted(self._files(), key=lambda file: -file[1]):
            kept_s = self.days * _DAY_S if _is_entry(path) else _PART_S
            left -= size
            if left < 0 or now_s - used_s > kept_s:
                path.unlink(missing_ok=True)

    def clear(self) -> Stock:
        """Remove every transcript, and nothing else; gives what was removed. Raises OSError."""
        files = list(self._files())
        for path, _, _ in files:
            path.unlink(missing_ok=True)
        return Stock(len(files), sum(size for _, _, size in files))

    def stock(self) -> Stock:
        """What there is now. Raises OSError where the folder cannot be read."""
        sizes = [size for path, _, size in self._files() if _is_entry(path)]
        return Stock(len(sizes), sum(sizes))

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _files(self) -> Iterator[tuple[Path, float, int]]:
        """(path, last use, bytes) of what this cache wrote; other files in the folder are not ours."""
        if not self.folder.exists():
            return
        with os.scandir(self.folder) as found:
            for entry in found:
                path = Path(entry.path)
                if _is_entry(path) or _is_part(path):
                    with contextlib.suppress(FileNotFoundError):  # another process was faster
                        stat = entry.stat(follow_symlinks=False)
                        yield path, stat.st_mtime, stat.st_size

    def _write(self, path: Path, content: bytes) -> None:
        import tempfile  # here, as what is imported above is imported by all who never keep a transcript

        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if self.folder.stat().st_mode & 0o077:
            self.folder.chmod(0o700)  # made by hand, or restored from a backup
        descriptor, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=self.folder)  # 0600 from its beginning
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
            os.replace(part, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise

    def _warn(self, why: OSError) -> None:
        import logging

        if self.folder not in _said:
            _said.add(self.folder)
            logging.getLogger("speechcoach").warning(
                "%s: transcripts cannot be kept there (%s), so calls are transcribed again each time; free some "
                "space, or name another folder in %s, or switch it off with --no-cache",
                self.folder,
                why.strerror or why,
                FOLDER,
            )


def opened() -> Cache | None:
    """The cache that the environment names, None where it is switched off. Raises SettingsError for a bad number."""
    named = os.environ.get(FOLDER, "")
    if named.strip().casefold() == OFF:
        return None
    return Cache(_home(named) / "transcripts", _number(DAYS, 30.0), _number(MEGABYTES, 500.0))


def transcript_of(cache: Cache | None, key: Callable[[], str | None], make: Callable[[], Transcript]) -> Transcript:
    """The transcript under `key`, or the one that `make` makes, which is kept; without a cache just that."""
    name = key() if cache is not None else None
    if cache is None or name is None:
        return make()
    found = cache.find(name)
    if found is None:
        found = make()
        cache.keep(name, found)  # at once: whatever fails later, this work was not in vain
    return found


def key_of(
    audio_sha256: str, lanes: Sequence[int], spans: Sequence[Sequence[Span]], engine: Engine, language: str | None
) -> str | None:
    """The key of a transcript of the channels `lanes` in `spans`; None where the engine cannot be told from another."""
    who = identity(engine)
    if who is None:
        return None
    where = [[(float(span.start_s), float(span.end_s)) for span in of] for of in spans]
    parts = [audio_sha256, list(lanes), where, who, language, _code()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def identity(engine: Engine) -> dict[str, Any] | None:
    """What the engine's words depend on: its class and its options, with the weights told by their files.

    Options are its public attributes, or what its own `options` gives where it has that (a mapping). None where
    one of them is no plain value: then nobody can say whether two engines are the same.
    """
    try:
        options = engine.options if hasattr(engine, "options") else vars(engine)
        plain = {name: _plain(value) for name, value in options.items() if not name.startswith("_")}
    except TypeError:
        return None
    return {"class": f"{type(engine).__module__}.{type(engine).__qualname__}", "name": engine.name, "options": plain}


def weights_identity(weights: Weights) -> list[Any]:
    """Which model: its name, and for its files path, size and time; packaged weights bear their sha256 in the path.

    No hash of the content: a large model has 3 GB, and reading them would take longer than many a call.
    """
    if weights.path is None:
        return [weights.name, weights.kind]
    path = weights.path.resolve()
    files = [path] if path.is_file() else [path / name for name in _MODEL_FILES]
    stats = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()]
    return [weights.name, weights.kind, str(path), stats]


def _plain(value: Any) -> Any:
    """The value as JSON has it; TypeError where it has no such form."""
    if isinstance(value, Weights):
        return weights_identity(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    raise TypeError(f"{value!r} is no plain option")


@lru_cache(maxsize=1)
def _code() -> list[Any]:
    """The code that transcribes, by its text, and the libraries that it calls, by their versions.

    A number raised by hand would be forgotten once, and a stale transcript is worse than one made again.
    """
    package, digest = Path(__file__).parent.parent, hashlib.sha256()
    for file in sorted(file for room in _ROOMS for file in (package / room).rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(f"{file.relative_to(package).as_posix()}\0".encode() + file.read_bytes())
    return [digest.hexdigest(), *(_version(library) for library in _LIBRARIES)]


def _version(library: str) -> str | None:
    from importlib import metadata  # with half of the standard library behind it

    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


def _encoded(key: str, transcript: Transcript) -> bytes | None:
    """The file's bytes; None for what would not come back as it was (a NaN is null in JSON)."""
    try:
        raw = msgspec.json.encode(transcript)
    except (TypeError, ValueError):  # a value that JSON does not know
        return None
    content = msgspec.json.encode(_Stored(key, hashlib.sha256(raw).hexdigest(), msgspec.Raw(raw)))
    return content if _decoded(key, content) == transcript else None


def _decoded(key: str, content: bytes) -> Transcript | None:
    try:
        stored = msgspec.json.decode(content, type=_Stored)
        if stored.key != key or stored.sha256 != hashlib.sha256(stored.transcript).hexdigest():
            return None
        return msgspec.json.decode(stored.transcript, type=Transcript)
    except (msgspec.MsgspecError, ValueError):  # damaged, or of another release
        return None


def _is_entry(path: Path) -> bool:
    return path.suffix == ".json" and _ENTRY.fullmatch(path.stem) is not None


def _is_part(path: Path) -> bool:
    return path.name.startswith(".") and path.suffix == ".part"


def _home(named: str) -> Path:
    if named:
        return Path(named).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "speechcoach"


def _number(variable: str, usual: float) -> float:
    text = os.environ.get(variable) or str(usual)
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= _MOST:
        raise SettingsError(f"{variable} must be a number from 0 to {_MOST:,.0f}, not {text!r}")
    return value
