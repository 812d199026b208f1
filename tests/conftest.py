"""Fixtures that several rooms' tests share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def _no_cache():
    """Tests transcribe afresh, and leave the user's own transcripts alone; those of the cache name a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPEECHCOACH_CACHE", "off")
        yield


@pytest.fixture(scope="session")
def samples_folder() -> Path:
    """The calls that are shipped, with their truths."""
    return ROOT / "samples"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Recordings of real people that may be used for development but not shipped."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared development recordings are not on this machine")
    return folder


@pytest.fixture(scope="session")
def chromium():
    """Debian's chromium through playwright; a test that needs it is skipped where either is absent."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no chromium on the path")
    args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    args += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # a microphone that beeps
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=args)
        yield browser
        browser.close()
