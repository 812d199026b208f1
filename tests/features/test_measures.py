"""Measures of spans against columns made by hand (truth: analytic)."""

import numpy as np
import pytest

from speechcoach.features import extract, measure_span, measure_spans
from speechcoach.records import Frames, Span

RATE = 8000


def frames_of(f0_hz, level_db=-20.0, active=True, nucleus=None):
    """Frames of one channel with these columns, every 10 ms."""
    count = len(f0_hz)
    mark = np.zeros(count, bool)
    mark[list(nucleus or ())] = True
    return Frames(
        hop_s=0.01,
        time_s=(np.arange(count) + 0.5) * 0.01,
        f0_hz=np.asarray(f0_hz, np.float32),
        voicing=np.isfinite(f0_hz).astype(np.float32),
        level_db=np.broadcast_to(np.float32(level_db), (count,)).copy(),
        noise_db=np.full(count, -60, np.float32),
        active=np.broadcast_to(active, (count,)).copy(),
        nucleus=mark,
    )


def test_pitch_of_a_known_contour():
    semitones = 3 * np.sin(2 * np.pi * np.arange(400) / 100)
    found = measure_span(frames_of(200 * 2 ** (semitones / 12)), 0, Span(0, 4))
    assert found.voiced_s == pytest.approx(4.0)
    assert found.pitch_hz == pytest.approx(200, rel=0.005)
    assert found.pitch_sd_st == pytest.approx(3 / np.sqrt(2), rel=0.01)
    assert found.pitch_range_st == pytest.approx(2 * 3 * np.cos(0.1 * np.pi), rel=0.02)


def test_octave_errors_are_left_out():
    f0_hz = np.full(500, 200.0)
    f0_hz[100:120], f0_hz[300:320] = 100, 400
    found = measure_span(frames_of(f0_hz), 0, Span(0, 5))
    assert found.pitch_sd_st == pytest.approx(0, abs=1e-4)
    assert found.voiced_s == pytest.approx(5.0)


def test_another_voice_is_not_an_octave_error():
    f0_hz = np.concatenate([np.full(900, 100.0), np.full(100, 210.0)])
    assert measure_span(frames_of(f0_hz), 0, Span(9, 10)).pitch_hz == pytest.approx(210, rel=1e-4)


def test_level_is_mean_energy_without_pauses():
    level_db = np.repeat([-20.0, -23.0, -70.0], 100)
    found = measure_span(frames_of(np.full(300, 150.0), level_db), 0, Span(0, 3))
    assert found.level_db == pytest.approx(10 * np.log10((10**-2 + 10**-2.3) / 2), abs=1e-3)
    assert found.level_sd_db == pytest.approx(1.5, abs=1e-3)


def test_syllables_are_the_nuclei_inside():
    frames = frames_of(np.full(300, 150.0), nucleus=(0, 99, 100, 150, 299))
    spans = [Span(0, 1), Span(1, 2), Span(0, 3), Span(1.6, 1.7)]
    assert [voice.syllables for voice in measure_spans(frames, 0, spans)] == [2, 2, 5, 0]


@pytest.mark.parametrize("span", [Span(0.5, 0.5), Span(1.0, 2.0), Span(50, 60)], ids=["empty", "silent", "beyond"])
def test_nothing_to_hear(span):
    frames = frames_of(np.full(300, np.nan), active=False)
    found = measure_span(frames, 0, span)
    assert (found.voiced_s, found.syllables) == (0, 0)
    assert (found.pitch_hz, found.pitch_sd_st, found.pitch_range_st) == (None, None, None)
    assert (found.level_db, found.level_sd_db, found.final_slope_st_s, found.inflection) == (None,) * 4


def test_many_spans_are_each_alone(talk):
    frames = extract(np.stack([talk(12.0, seed=1), talk(12.0, seed=2)]), RATE)
    spans = [Span(0.5 * i, 0.5 * i + 1.5) for i in range(20)]
    for channel in (0, 1):
        many = measure_spans(frames, channel, spans)
        assert many == [measure_span(frames, channel, span) for span in spans]
        assert sum(voice.pitch_hz is not None for voice in many) > 10


def test_no_spans_and_no_frames():
    assert measure_spans(frames_of([]), 0, []) == []
    assert measure_span(frames_of([]), 0, Span(0, 1)).pitch_hz is None


@pytest.mark.parametrize("channel", [-1, 1])
def test_channel_that_is_not_there(channel):
    with pytest.raises(ValueError, match=f"0 to 0, not {channel}"):
        measure_spans(frames_of(np.full(10, 100.0)), channel, [Span(0, 0.1)])
