"""The story of two agents, kept once for all tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from speechcoach.team.store import Store
from tests.team.coaching.story import filled


@pytest.fixture(scope="session")
def story_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("story") / "story.db")
    with Store(path) as store:
        filled(store)
    return path


@pytest.fixture(scope="module")
def told(story_file: str) -> Iterator[Store]:
    with Store(story_file, new=False) as store:
        yield store
