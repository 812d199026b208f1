"""Two agents with calls enough for a baseline; each test writes into a copy."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from tests.web.house import built


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return built(tmp_path_factory.mktemp("house"))


@pytest.fixture
def team(house, tmp_path):
    copy = tmp_path / "calls.db"
    shutil.copyfile(house.url, copy)
    return replace(house, url=str(copy))


@pytest.fixture(autouse=True)
def quiet_afterwards(app):
    """What is still being analysed ends with its test."""
    yield
    app.state.listener.close()
