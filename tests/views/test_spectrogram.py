"""The spectrogram's picture: truth is a signal whose frequency is known in closed form.

The PNG is read here by the standard's own rules (ISO/IEC 15948), not by the code that wrote it.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from speechcoach.views import html, spectrogram

RATE_HZ = 8000
GAINS = (10 ** (12 / 20), 10 ** (-12 / 20))


def opacity(png: bytes) -> np.ndarray:
    """Opacity 0-255 of each pixel, `[bands, columns]`, lowest band first."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        name, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(name + body)
        chunks[name], at = body, at + 12 + length
    columns, rows, *kind = struct.unpack(">2I5B", chunks[b"IHDR"])
    assert kind == [8, 3, 0, 0, 0], "eight bits, palette"
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(rows, columns + 1)
    pixels, above = np.zeros((rows, columns), np.uint8), np.zeros(columns, np.uint8)
    for row, line in enumerate(lines):
        assert line[0] in (0, 2), "a filter that this reader does not know"
        above = line[1:] + above * (line[0] == 2)
        pixels[row] = above
    assert len(chunks[b"PLTE"]) == 3 * len(chunks[b"tRNS"])
    return np.frombuffer(chunks[b"tRNS"], np.uint8)[pixels][::-1].astype(int)


def mel(f_hz):
    """Slaney's scale (Auditory Toolbox, 1998): linear to 1 kHz, 27 steps for each factor of 6.4 above."""
    f_hz = np.asarray(f_hz, float)
    return np.where(f_hz < 1000, f_hz * 3 / 200, 15 + 27 * np.log(np.maximum(f_hz, 1) / 1000) / np.log(6.4))


def band(f_hz):
    """The band that a tone is brightest in, as a fraction: 64 bands peak evenly between 50 Hz and 4 kHz."""
    return (mel(f_hz) - mel(50)) / (mel(4000) - mel(50)) * 65 - 1


def tone(f_hz: float, seconds: float, rate_hz: int = RATE_HZ) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * f_hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def noisy(seconds: float, seed: int = 5) -> np.ndarray:
    """Noise whose level climbs by 50 dB."""
    n = round(seconds * RATE_HZ)
    rng = np.random.default_rng(seed)
    return (rng.normal(0, 0.1, n) * 10 ** np.linspace(-2.5, 0, n)).astype(np.float32)


@pytest.mark.parametrize("seconds", [20.0, 120.0])
def test_a_chirp_climbs_through_the_bands(seconds):
    low_hz, high_hz = 100.0, 3700.0
    time_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    growth = np.log(high_hz / low_hz) / seconds
    chirp = 0.3 * np.sin(2 * np.pi * low_hz * np.expm1(growth * time_s) / growth)
    seen = opacity(spectrogram.picture(chirp.astype(np.float32), RATE_HZ))
    columns = seen.shape[1]
    at_s = (np.arange(columns) + 0.5) * seconds / columns
    wrong = np.abs(seen.argmax(axis=0) - band(low_hz * np.exp(growth * at_s)))
    assert np.max(wrong[2:-2]) <= 1.5
    assert np.median(wrong) <= 0.5


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 44100])
@pytest.mark.parametrize("f_hz", [300, 1000, 3000])
def test_a_tone_lies_where_its_label_stands(f_hz, rate_hz):
    seen = opacity(spectrogram.picture(tone(f_hz, 1.0, rate_hz), rate_hz)).mean(axis=1)
    row = spectrogram.height(f_hz, rate_hz) * len(seen)
    assert seen.argmax() == pytest.approx(band(f_hz), abs=1)
    assert row - 0.5 == pytest.approx(band(f_hz), abs=1e-6), "the label's height is the middle of that row"


def test_a_click_lies_in_its_column():
    for at_s in (0.5, 65.6, 199.9):  # the middle one near the seam of two blocks
        samples = np.zeros(200 * RATE_HZ, np.float32)
        samples[int(at_s * RATE_HZ)] = 1.0
        seen = opacity(spectrogram.picture(samples, RATE_HZ)).sum(axis=0)
        assert (seen.argmax() + 0.5) / len(seen) * 200 == pytest.approx(at_s, abs=0.05)


@pytest.mark.parametrize("gain", GAINS)
def test_gain_moves_nothing(gain):
    samples = noisy(12.0)
    plain, louder = (opacity(spectrogram.picture(x, RATE_HZ)) for x in (samples, samples * np.float32(gain)))
    assert np.abs(plain - louder).max() <= 5, "rounding may move a pixel by one step"
    assert np.mean(plain != louder) < 1e-3
    assert plain.max() == 255
    assert np.unique(plain).size > 40


def test_blocks_leave_no_seam(monkeypatch):
    samples = noisy(20.0)
    whole = spectrogram.picture(samples, RATE_HZ)
    monkeypatch.setattr(spectrogram, "BLOCK_FRAMES", 97)
    assert spectrogram.picture(samples, RATE_HZ) == whole


def test_a_lone_click_does_not_darken_a_call():
    samples = np.tile(noisy(5.0), 12)
    quiet = opacity(spectrogram.picture(samples, RATE_HZ))
    samples[8000] = 1.0
    clicked = opacity(spectrogram.picture(samples, RATE_HZ))
    assert np.mean(np.abs(quiet - clicked)) < 1


@pytest.mark.parametrize("seconds", [0.0, 0.0005, 0.016, 0.2, 3.0])
def test_silence_is_clear(seconds):
    seen = opacity(spectrogram.picture(np.zeros(round(seconds * RATE_HZ), np.float32), RATE_HZ))
    assert seen.max() == 0
    assert seen.shape == (64, max(1, int(seconds / 0.016)))


def test_samples_that_are_no_numbers_count_as_zero():
    samples = tone(1000, 1.0)
    broken = samples.copy()
    broken[:800], samples[:800] = [np.nan, np.inf, -np.inf, np.nan] * 200, 0
    assert spectrogram.picture(broken, RATE_HZ) == spectrogram.picture(samples, RATE_HZ)


def test_a_short_clip():
    seen = opacity(spectrogram.picture(tone(1000, 0.2), RATE_HZ))
    assert seen.shape == (64, 12)
    assert seen[:, 1:-1].argmax(axis=0) == pytest.approx(np.full(10, band(1000)), abs=1)


def test_a_long_call_is_no_wider_and_no_heavier():
    """Noise compresses worst: a quarter of an hour of it is still no more than two minutes' worth."""
    short, long = (spectrogram.picture(noisy(seconds), RATE_HZ) for seconds in (120.0, 900.0))
    assert opacity(long).shape == (64, spectrogram.MAX_COLUMNS)
    assert len(long) < 1.05 * len(short) < 180_000


def test_the_report_has_it_only_with_samples(result, samples, monkeypatch):
    assert "spectrogram-show" not in html.render(result).split("<script")[0]
    assert "spectrogram-show" in html.render(result, None, samples, RATE_HZ).split("<script")[0]
    monkeypatch.setattr(spectrogram, "LIMIT_S", 10.0)
    assert "spectrogram-show" not in html.render(result, None, samples, RATE_HZ).split("<script")[0]
    assert spectrogram.strip(samples, RATE_HZ) is None
