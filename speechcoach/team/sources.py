"""Where a batch finds its recordings: files, folders, patterns, and addresses of object stores.

Conventions: an address holds `://` (s3://bucket/calls) and is read through fsspec, whose packages are extras; all else
is a path of this machine. What is found is in order of its address, each once, whatever links lead to it.
"""

from __future__ import annotations

import glob
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from speechcoach.errors import MissingRecording, SourceError, UnreadableRecording
from speechcoach.team.rows import Found

_NAMES = (
    "wav",
    "wave",
    "flac",
    "mp3",
    "ogg",
    "oga",
    "opus",
    "au",
    "snd",
    "aif",
    "aiff",
    "aifc",
    "caf",
    "gsm",
    "w64",
    "rf64",
)
SUFFIXES = frozenset(f".{name}" for name in _NAMES)
"""What a folder is searched for; a file that is named itself may have any name."""

MISSING = "missing"
_BLOCK = 1 << 20


def listed(manifest: Iterable[str]) -> list[Found]:
    """The recordings that a manifest names; one that is not there is found all the same, and fails as a call."""
    found: list[Found] = []
    for place in manifest:
        try:
            here = [of_file(Path(place))] if "://" not in place else list(_remote(place))
        except MissingRecording:
            here = []
        found += here or [Found(place, Path(place).name, 0, MISSING)]
    return found


def find(sources: Sequence[str]) -> list[Found]:
    """Every recording that the sources name. Raises SourceError where one of them names none."""
    found: dict[str, Found] = {}
    for source in sources:
        here = list(_remote(source) if "://" in source else _local(source))
        if not here:
            raise SourceError(
                f"{source}: no recordings are there; name a file, or a folder with {_some_suffixes()} files"
            )
        found |= {item.uri: item for item in here}
    return [found[uri] for uri in sorted(found)]


def of_file(path: Path) -> Found:
    """A file of this machine as a source. Raises MissingRecording where there is none."""
    try:
        state = path.stat()
    except (OSError, ValueError) as why:
        why = why if isinstance(why, OSError) else OSError(0, str(why))  # a name that no file can have
        raise MissingRecording(f"{path}: cannot be found ({why.strerror}); check the path") from None
    return Found(str(path.resolve()), path.name, state.st_size, str(state.st_mtime_ns))


def content_id(path: Path) -> str:
    """The sha256 of a file. Raises MissingRecording or UnreadableRecording where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise MissingRecording(f"{path}: there is no such file; check the path") from None
    except OSError as why:
        raise UnreadableRecording(f"{path}: cannot be read ({why.strerror}); check who may read it") from None
    return digest.hexdigest()


def place_id(uri: str) -> str:
    """Stands for the content of what cannot be read."""
    return hashlib.sha256(b"place:" + os.fsencode(uri)).hexdigest()


@contextmanager
def at_hand(found: Found) -> Iterator[Path]:
    """The recording as a file of this machine, for as long as the block runs."""
    if "://" not in found.uri:
        yield Path(found.uri)
        return
    system, path = _system(found.uri)
    with tempfile.TemporaryDirectory(prefix="speechcoach-") as folder:
        copy = Path(folder) / Path(found.name).name
        try:
            system.get_file(path, str(copy))
        except OSError as why:
            raise UnreadableRecording(f"{found.uri}: could not be fetched ({why}); start the batch again") from None
        yield copy


def _local(source: str) -> Iterator[Found]:
    path = Path(source)
    if path.is_dir():
        yield from _in_folder(path)
    elif path.exists():
        yield of_file(path)
    elif glob.has_magic(source):
        for name in glob.iglob(source, recursive=True):
            if os.path.isfile(name):
                yield of_file(Path(name))
    else:
        raise SourceError(f"{source}: there is no such file or folder; check the path")


def _in_folder(folder: Path) -> Iterator[Found]:
    """Recordings under a folder; links are followed, but no folder is entered twice.

    A folder that cannot be read is found itself, and fails as a call: nothing is left out in silence.
    """
    seen: set[tuple[int, int]] = set()
    shut: list[OSError] = []
    for place, inner, names in os.walk(folder, followlinks=True, onerror=shut.append):
        state = os.stat(place)
        if (state.st_dev, state.st_ino) in seen:
            inner.clear()
            continue
        seen.add((state.st_dev, state.st_ino))
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            path = Path(place) / name
            if path.suffix.casefold() in SUFFIXES and not name.startswith(".") and path.is_file():
                yield of_file(path)
    for why in shut:
        yield Found(os.path.abspath(why.filename), Path(why.filename).name, 0, MISSING)


def _remote(source: str) -> Iterator[Found]:
    system, path = _system(source)
    scheme = source.partition("://")[0]
    try:
        listed = system.glob(path, detail=True) if glob.has_magic(path) else system.find(path, detail=True)
    except Exception as why:  # each kind of object store fails in its own way
        cause = " ".join(str(why).split())
        raise SourceError(f"{source}: cannot be listed ({cause}); check the address and the credentials") from None
    named = len(listed) == 1 and next(iter(listed)).strip("/") == path.strip("/")
    for inner, info in listed.items():
        if info.get("type") == "file" and (named or Path(inner).suffix.casefold() in SUFFIXES):
            stamp = info.get("ETag") or info.get("LastModified") or info.get("mtime") or info.get("created") or ""
            yield Found(f"{scheme}://{inner}", Path(inner).name, int(info.get("size") or 0), str(stamp))


def _system(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it."""
    scheme = address.partition("://")[0]
    try:
        from fsspec.core import url_to_fs

        return url_to_fs(address)
    except ImportError:
        wanted = "s3" if scheme == "s3" else "s3, or the fsspec package of this kind of address"
        raise SourceError(f"{address}: cannot be read yet; install it: pip install 'speechcoach[{wanted}]'") from None
    except ValueError as why:
        raise SourceError(f"{address}: no such kind of address is known ({why}); use a path, or s3://") from None


def _some_suffixes() -> str:
    return ".wav, .flac, .mp3 or .ogg"
