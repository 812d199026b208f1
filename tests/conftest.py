"""Fixtures that several rooms' tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


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
