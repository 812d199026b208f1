"""A recording in chapters is the recording (truth: analytic properties)."""

import numpy as np
import pytest

from speechcoach.features import chapters as room
from speechcoach.features import extract, extract_blocks
from speechcoach.features.frames import HOP

RATE = 8000
COLUMNS = ("f0_hz", "voicing", "level_db", "noise_db", "active", "nucleus")


@pytest.fixture
def short_chapters(monkeypatch):
    """Chapters of a minute, so that a few minutes of sound have several."""
    monkeypatch.setattr(room, "CHAPTER", 6000)
    monkeypatch.setattr(room, "REST", 3000)


def counted(hops, channels=1):
    """Samples that tell their own hop."""
    return np.repeat(np.arange(hops, dtype=np.float32), HOP)[None].repeat(channels, 0)


@pytest.mark.parametrize("hops", [0, 1, 8999, 9000, 9001, 15_000, 31_234])
@pytest.mark.parametrize("size", [7777, 1_000_000])
def test_every_hop_belongs_to_one_chapter(short_chapters, hops, size):
    samples = counted(hops)
    blocks = [samples[:, i : i + size] for i in range(0, max(1, samples.shape[1]), size)]
    found = list(room.in_chapters(blocks, RATE))
    own = np.concatenate([chapter.samples[0, ::HOP][chapter.start : chapter.stop] for chapter in found])
    np.testing.assert_array_equal(own, np.arange(hops))
    assert all(chapter.samples.shape[1] // HOP <= 6000 + 3000 + 2 * room.MARGIN + 1 for chapter in found)
    assert all(chapter.start == room.MARGIN for chapter in found[1:])
    assert all(chapter.samples.shape[1] // HOP == chapter.stop + room.MARGIN for chapter in found[:-1])


@pytest.mark.parametrize("size", [80, 12_345, 160_000])
@pytest.mark.parametrize("rate", [RATE, 16_000])
def test_blocks_change_nothing(talk, size, rate):
    samples = np.stack([talk(20.0, rate), talk(20.0, rate, seed=3)])
    whole = extract(samples, rate)
    parts = extract_blocks((samples[:, i : i + size] for i in range(0, samples.shape[1], size)), rate)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name), err_msg=name)


def test_seams_do_not_show(talk, short_chapters, monkeypatch):
    samples = np.concatenate([talk(60.0, seed=seed) for seed in range(4)])
    cut = extract(samples, RATE)
    monkeypatch.setattr(room, "CHAPTER", 100_000)
    whole = extract(samples, RATE)
    for seam in (6000, 12_000):
        near = slice(seam - 300, seam + 300)
        assert np.mean(np.isnan(cut.f0_hz[near]) == np.isnan(whole.f0_hz[near])) > 0.99
        # The mean that is taken off is that of the chapter, which moves a hop of faint noise by a hair.
        np.testing.assert_allclose(cut.level_db[near], whole.level_db[near], atol=0.05)
        np.testing.assert_allclose(cut.noise_db[near], whole.noise_db[near], atol=0.05)
    assert abs(int(cut.nucleus.sum()) - int(whole.nucleus.sum())) <= 0.01 * whole.nucleus.sum()


def test_what_is_in_flight_does_not_grow(short_chapters):
    """The longest piece that is held at once is the same for a quarter of an hour and for one."""
    block = np.zeros((2, 60 * RATE), np.float32)
    longest = {
        minutes: max(c.samples.shape[1] for c in room.in_chapters((block for _ in range(minutes)), RATE))
        for minutes in (15, 60)
    }
    assert longest[15] == longest[60]


def test_columns_grow_beyond_the_room_that_was_reserved(monkeypatch):
    monkeypatch.setattr(room, "DAY", 50)
    columns = room.Columns()
    for start in range(0, 400, 20):
        columns.add({"a": np.arange(start, start + 20)[None], "b": np.zeros((1, 20), bool)})
    found = columns.all()
    np.testing.assert_array_equal(found["a"], np.arange(400)[None])
    assert found["b"].shape == (1, 400)


@pytest.mark.parametrize(
    ("blocks", "match"),
    [
        ([], "at least one block"),
        ([np.zeros((1, 80), np.float32), np.zeros((2, 80), np.float32)], "has 2 channels, the ones before it 1"),
        ([np.zeros(80, np.float32)], r"\(80,\)"),
        ([np.zeros((1, 80), int)], "int64"),
    ],
)
def test_wrong_blocks_are_named(blocks, match):
    with pytest.raises(ValueError, match=match):
        extract_blocks(blocks, RATE)
