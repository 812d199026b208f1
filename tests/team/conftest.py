"""Stores to test on: a SQLite file, and a PostgreSQL server of our own in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

_FOLDERS = [
    Path(place) for place in ("/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/17/bin")
]
_number = count()


def _program(name: str) -> Path | None:
    places = [str(folder) for folder in _FOLDERS if folder.is_dir()]
    found = shutil.which(name, path=os.pathsep.join([*places, os.environ.get("PATH", "")]))
    return Path(found) if found else None


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A running PostgreSQL, as the start of a URL; it refuses root, so root hands it to another user."""
    initdb, start = _program("initdb"), _program("pg_ctl")
    if initdb is None or start is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql-15)")
    pytest.importorskip("psycopg")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    as_user = []
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]

    def run(*command: object) -> None:
        subprocess.run(
            [*as_user, *map(str, command)],
            check=True,
            capture_output=True,
            cwd="/",
            env={**os.environ, "HOME": str(folder)},
        )

    try:
        run(initdb, "-D", folder / "data", "-U", "coach", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        run(
            start,
            "-D",
            folder / "data",
            "-w",
            "-l",
            folder / "log",
            "-o",
            f"-k {folder} -c listen_addresses='' -c fsync=off",
            "start",
        )
    except subprocess.CalledProcessError as why:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {why.stderr.decode(errors='replace').strip()[:200]}")
    try:
        yield f"postgresql://coach@/{{database}}?host={folder}"
        run(start, "-D", folder / "data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store."""
    if request.param == "sqlite":
        return str(tmp_path / "calls.db")
    return fresh_database(request.getfixturevalue("server"))


def fresh_database(server: str) -> str:
    """A database of its own on the server, as a URL."""
    import psycopg

    name = f"calls_{next(_number)}"
    address = server.format(database="postgres")
    with psycopg.connect(address, autocommit=True) as link:
        link.execute(f"CREATE DATABASE {name}")
    return server.format(database=name)


@pytest.fixture
def opened(chromium):
    """Opens a page; fails where it asked for anything, or complained."""
    contexts, troubles, asked = [], [], []

    def page_of(path: Path, width: int = 1280, **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: troubles.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: troubles.append(str(e)))
        page.on("dialog", lambda d: (troubles.append(f"dialog {d.message}"), d.dismiss()))
        page.on("request", lambda r: asked.append(r.url) if r.url != path.as_uri() else None)
        page.goto(path.as_uri())
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert asked == []
    assert troubles == []
