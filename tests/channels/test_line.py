"""Truth: what the test put on the line."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from speechcoach.channels import line
from speechcoach.channels.line import RATE_HZ, line_of
from tests.channels.made_calls import hum_of_voice, noise, placed

SECONDS, TALK = 20.0, ((2.0, 5.0), (9.0, 13.0), (16.0, 18.0))


def call(line_db: float = -65.0, seed: int = 1) -> np.ndarray:
    """A voice with wide harmonics in line noise, float32 `[n]`."""
    rng = np.random.default_rng(seed)
    voice = placed(SECONDS, *((start_s, hum_of_voice(end_s - start_s, seed=seed)) for start_s, end_s in TALK))
    breath = np.zeros_like(voice)
    for start_s, end_s in TALK:
        part = slice(round(start_s * RATE_HZ), round(end_s * RATE_HZ))
        breath[part] = 0.02 * rng.standard_normal(part.stop - part.start)
    return (voice + breath + noise(SECONDS, line_db, seed=seed)).astype(np.float32)


def talk() -> np.ndarray:
    mask = np.zeros(round(SECONDS * 100), bool)
    for start_s, end_s in TALK:
        mask[round(start_s * 100) : round(end_s * 100)] = True
    return mask


@pytest.mark.parametrize("mains_hz", [50, 60])
@pytest.mark.parametrize("level_db", [-50, -40])
def test_hum_is_told_with_its_level(mains_hz, level_db):
    time_s = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    harmonics = sum(np.sin(2 * np.pi * mains_hz * place * time_s + place) for place in range(2, 9))
    mains = 10 ** (level_db / 20) * harmonics / np.sqrt(np.mean(harmonics**2))
    line = line_of((call() + mains).astype(np.float32), talk())
    assert line.hum_db > 6 and line.hum_level_db == pytest.approx(level_db, abs=1.5)


@pytest.mark.parametrize("seed", range(4))
def test_a_line_without_hum_has_none(seed):
    assert abs(line_of(call(seed=seed), talk()).hum_db) < 2


@pytest.mark.parametrize(("low_hz", "high_hz"), [(300, 3400), (300, 2000), (700, 3400)])
def test_the_band_is_where_the_filter_lets_through(low_hz, high_hz):
    heard = sosfilt(butter(8, (low_hz, high_hz), "bandpass", fs=RATE_HZ, output="sos"), call(line_db=-90))
    low, high = line_of(heard.astype(np.float32), talk()).band_hz
    assert 0.4 * low_hz <= low <= low_hz and high_hz <= high <= 1.3 * high_hz


def test_lost_packets_are_counted():
    samples, lost = call(), (2.5, 3.1, 9.7, 10.4, 16.9)
    for at_s in lost:
        samples[round(at_s * RATE_HZ) : round((at_s + 0.04) * RATE_HZ)] = 0
    found = line_of(samples, talk()).lost_s
    assert len(found) == len(lost) and found == pytest.approx([0.04] * len(lost), abs=0.002)
    assert line_of(call(), talk()).lost_s == ()


def test_zeros_between_words_are_no_loss():
    samples = call()
    samples[~np.repeat(talk(), RATE_HZ // 100)] = 0  # a recorder that writes nothing where nobody speaks
    samples[round(3.0 * RATE_HZ) : round(3.04 * RATE_HZ)] = 0
    assert line_of(samples, talk()).lost_s == ()


def test_too_little_tells_nothing():
    line = line_of(np.zeros(800, np.float32), np.zeros(10, bool))
    assert (line.hum_db, line.hum_level_db, line.band_hz, line.lost_s) == (None, None, None, ())


def test_looking_piece_by_piece_is_looking_at_the_whole(monkeypatch):
    """Truth: the same call in one piece; drop-outs were cut at random, and some lie across the pieces' edges."""
    draw = np.random.default_rng(7)
    samples = draw.normal(0, 0.01, 60_000).astype(np.float32)
    for start in draw.integers(0, 34_000, 15):
        samples[start : start + draw.integers(100, 4_000)] = 0
    talk = np.ones(len(samples) // 80, bool)
    talk[500:] = False  # a pause, in which the line is heard
    whole = line_of(samples, talk)
    assert len(whole.lost_s) > 5
    for hops in (3, 10, 97):
        monkeypatch.setattr(line, "_PIECE", 80 * hops)
        assert line_of(samples, talk) == whole
