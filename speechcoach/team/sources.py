"""Where a batch finds its recordings: files, folders, patterns, and addresses of object stores.

Conventions: an address holds `://` (s3://bucket/calls) and is read through fsspec, whose packages are extras; all else
is a path of this machine. What is found is in order of its address, each once, whatever links lead to it.
"""

from __future__ import annotations

import glob
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from speechcoach.audio import Sides, pairs_of
from speechcoach.audio.headerless import ENDINGS
from speechcoach.errors import MissingRecording, SourceError, UnreadableRecording
from speechcoach.team.rows import Form, Found

_NAMES = (
    *("wav", "wave", "flac", "mp3", "ogg", "oga", "opus", "au", "snd", "aif", "aiff", "aifc", "caf", "w64", "rf64"),
    *("m4a", "mp4", "mov", "3gp", "aac", "webm", "mka", "mkv", "wma", "spx", "amr", "awb"),  # by the extra `codecs`
    *(name for name in ENDINGS if name != "raw"),  # without a header; cameras write .raw, too
)
SUFFIXES = frozenset(f".{name}" for name in _NAMES)
"""What a folder is searched for; a file that is named itself may have any name."""

MISSING = "missing"
_BLOCK = 1 << 20


def listed(manifest: Iterable[str], forms: Mapping[str, Form] | None = None) -> list[Found]:
    """The recordings that a manifest names; one that is not there is found all the same, and fails as a call."""
    found: list[Found] = []
    for place in manifest:
        form = (forms or {}).get(place, Form())
        for item in _named(place):
            found += [_joined(item, other, form) for other in _named(form.other)] if form.other else [_as(item, form)]
    return found


def find(sources: Sequence[str], profile: str | None = None, forms: Mapping[str, Form] | None = None) -> list[Found]:
    """Every recording that the sources name, two files of one call as one where the profile or a form tells so.

    Raises SourceError where a source names none.
    """
    found: dict[str, Found] = {}
    for source in sources:
        here = list(_remote(source) if "://" in source else _local(source))
        if not here:
            raise SourceError(
                f"{source}: no recordings are there; name a file, or a folder with {_some_suffixes()} files"
            )
        found |= {item.uri: item for item in here}
    told = {first: Form(second, named=False) for first, second in pairs_of(found, profile)} | dict(forms or {})
    for first, form in told.items():
        if first in found and form.other is not None:
            second = found.pop(form.other, None) or _named(form.other)[0]
            found[first] = _joined(found[first], second, form)
        elif first in found:
            found[first] = _as(found[first], form)
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


def content_of(found: Found, call: Path | Sides | None = None) -> str:
    """The id of a recording's content: the sha256 of its file, or of what stands for two files and how they are read.

    `call` is where it is at hand. Raises MissingRecording or UnreadableRecording where it cannot be read.
    """
    form = found.form
    if isinstance(call, Sides):
        places = [call.left, call.right]
    else:
        places = [call or Path(found.uri), *([Path(form.other)] if form.other else [])]
    ids = [content_id(place) for place in places]
    if form == Form():
        return ids[0]
    return hashlib.sha256(f"{' '.join(ids)} {form.raw or ''} {form.customer_delay_s or 0.0:.6f}".encode()).hexdigest()


def place_id(uri: str) -> str:
    """Stands for the content of what cannot be read."""
    return hashlib.sha256(b"place:" + os.fsencode(uri)).hexdigest()


@contextmanager
def at_hand(found: Found) -> Iterator[Path | Sides]:
    """The recording as a file of this machine, or as two, for as long as the block runs."""
    with _fetched(found.uri) as path:
        if found.form.other is None:
            yield path
            return
        with _fetched(found.form.other) as other:
            yield Sides(path, other, found.form.named)


@contextmanager
def _fetched(uri: str) -> Iterator[Path]:
    if "://" not in uri:
        yield Path(uri)
        return
    system, path = _system(uri)
    with tempfile.TemporaryDirectory(prefix="speechcoach-") as folder:
        copy = Path(folder) / Path(uri).name
        try:
            system.get_file(path, str(copy))
        except OSError as why:
            raise UnreadableRecording(f"{uri}: could not be fetched ({why}); start the batch again") from None
        yield copy


def _named(place: str) -> list[Found]:
    """The recording there; one that is not there is found all the same."""
    try:
        here = [of_file(Path(place))] if "://" not in place else list(_remote(place))
    except MissingRecording:
        here = []
    return here or [Found(place, Path(place).name, 0, MISSING)]


def _as(found: Found, form: Form) -> Found:
    return replace(found, form=form, stamp=f"{found.stamp} {form.raw}") if form != Form() else found


def _joined(first: Found, second: Found, form: Form) -> Found:
    """Two files as one call, known by where the first lies."""
    sides = Sides(Path(first.uri), Path(second.uri), form.named)
    delay = "" if form.customer_delay_s is None else f" {form.customer_delay_s}"
    return Found(
        first.uri,
        sides.stem + Path(first.name).suffix,
        first.size + second.size,
        f"{first.stamp} {second.stamp}{delay}{f' {form.raw}' if form.raw else ''}",
        replace(form, other=second.uri),
    )


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
