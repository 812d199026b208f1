"""A batch of recordings in a bucket, on an S3 server of this machine: moto's, beside us or where a variable names one.

moto wants other versions of what we need, so it may live in an environment of its own:
    moto_server -p 5000 & SPEECHCOACH_TEST_S3=http://127.0.0.1:5000 pytest tests/team/test_s3.py
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from speechcoach.errors import SourceError
from speechcoach.team import sources
from speechcoach.team.rows import Found
from speechcoach.team.work import Task, analysed

from .made import VOICE, cut_calls, tables_of, worked

s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed (speechcoach[s3])")

_NAMED = "SPEECHCOACH_TEST_S3"
_CALLS = 3
_STARTED_S = 60


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of an S3 server."""
    named = os.environ.get(_NAMED)
    if named:
        yield named
        return
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        pytest.skip(f"there is no S3 server: install moto[server], or name one in {_NAMED}")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([sys.executable, "-m", "moto.server", "-p", (port := _free_port())], **quiet)
    try:
        yield _answering(f"http://127.0.0.1:{port}")
    finally:
        server.kill()
        server.wait()


def _free_port() -> str:
    import socket

    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return str(chosen.getsockname()[1])


def _answering(address: str) -> str:
    for _ in range(_STARTED_S * 10):
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except urllib.error.HTTPError:
            return address
        except OSError:
            time.sleep(0.1)
        else:
            return address
    pytest.fail("the S3 server did not start")


@pytest.fixture
def service(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server as a user names it: by AWS's own variables; nothing of the user's own account is read."""
    known = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    yield
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def bucket(service: None, tmp_path: Path) -> str:
    """A bucket with calls in a folder of it, one of whose names needs quoting, and a file that is none."""
    name = f"calls-{uuid.uuid4().hex[:8]}"
    system = s3fs.S3FileSystem()
    system.mkdir(name)
    for path in cut_calls(tmp_path / "calls", _CALLS).glob("*.wav"):
        system.put_file(str(path), f"{name}/monday/{path.name.replace('call-00', 'müller & co #1')}")
    system.pipe_file(f"{name}/monday/notes.txt", b"no recording")
    return name


def test_a_folder_of_a_bucket_is_listed(bucket: str) -> None:
    found = sources.find([f"s3://{bucket}/monday"])
    assert [item.name for item in found] == ["call-01.wav", "call-02.wav", "müller & co #1.wav"]
    assert all(item.size > 44 and item.stamp for item in found)
    assert sources.find([f"s3://{bucket}/*/call-*.wav"]) == found[:2]
    assert sources.find([found[2].uri]) == found[2:]


def test_a_bucket_gives_the_table_of_its_files(bucket: str, tmp_path: Path) -> None:
    """Truth: the same recordings as files."""
    url, local = str(tmp_path / "bucket.db"), str(tmp_path / "files.db")
    assert worked(url, f"s3://{bucket}").done == _CALLS
    assert worked(local, tmp_path / "calls").done == _CALLS
    where = ("uri", "name")
    assert tables_of(url, without=where) == tables_of(local, without=where)
    assert all(row["uri"].startswith(f"s3://{bucket}/monday/") for row in tables_of(url)["call"])


def test_the_second_batch_fetches_nothing(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = str(tmp_path / "calls.db")
    worked(url, f"s3://{bucket}")
    monkeypatch.setattr(s3fs.S3FileSystem, "get_file", lambda *_, **__: pytest.fail("fetched again"))
    again = worked(url, f"s3://{bucket}")
    assert (again.found, again.finished, again.done) == (_CALLS, _CALLS, 0)


def test_what_was_removed_since_is_a_row(bucket: str) -> None:
    done = analysed(Task(Found(f"s3://{bucket}/monday/gone.wav", "gone.wav", 1, "1"), VOICE))
    assert done.error_class == "UnreadableRecording"
    assert f"s3://{bucket}/monday/gone.wav: could not be fetched" in done.error
    assert "\n" not in done.error


def test_no_such_bucket_is_one_sentence(service: None) -> None:
    with pytest.raises(SourceError, match=r"s3://no-such-bucket-here/calls: .*check the address") as why:
        sources.find(["s3://no-such-bucket-here/calls"])
    assert "\n" not in str(why.value)


def test_an_empty_folder_of_a_bucket_is_one_sentence(bucket: str) -> None:
    with pytest.raises(SourceError, match="no recordings are there"):
        sources.find([f"s3://{bucket}/tuesday"])


def test_no_credentials_are_one_sentence(service: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(SourceError, match=r"s3://calls: cannot be listed \(.*credentials.*\)") as why:
        sources.find(["s3://calls"])
    assert "\n" not in str(why.value)


def test_a_refusal_is_one_sentence(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """moto takes any credentials, so the server's word for wrong ones is put in here."""

    async def refused(*_: object, **__: object) -> None:
        raise PermissionError("The AWS Access Key Id you provided does not exist in our records.")

    monkeypatch.setattr(s3fs.S3FileSystem, "_call_s3", refused)
    with pytest.raises(SourceError, match=r"cannot be listed \(The AWS Access Key Id .*check the address and the cred"):
        sources.find([f"s3://{bucket}"])
