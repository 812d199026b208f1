"""Measures of spans against columns made by hand (truth: analytic)."""

import numpy as np
import pytest

from speechcoach.features import extract, measure_span, measure_spans
from speechcoach.features.measures import QUALITY, level_rises, spread
from speechcoach.records import Frames, Span

RATE = 8000


def frames_of(f0_hz, level_db=-20.0, active=True, nucleus=None, noise_db=-60.0, **quality):
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
        noise_db=np.broadcast_to(np.float32(noise_db), (count,)).copy(),
        active=np.broadcast_to(active, (count,)).copy(),
        nucleus=mark,
        **{name: np.asarray(column, np.float32) for name, column in quality.items()},
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
    assert (found.pitch_st, found.change_st, found.declination_st_s) == (None,) * 3


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


def test_pitch_is_told_against_the_speakers_own_median():
    f0_hz = np.repeat([150.0, 150.0, 200.0], 100)
    high = measure_span(frames_of(f0_hz), 0, Span(2, 3))
    assert high.pitch_st == pytest.approx(12 * np.log2(200 / 150), abs=1e-4)
    assert measure_span(frames_of(f0_hz), 0, Span(0, 3)).pitch_st == pytest.approx(0, abs=1e-6)


def test_declination_and_final_change_of_a_straight_fall():
    f0_hz = 200 * 2 ** (-2 * np.arange(300) * 0.01 / 12)
    found = measure_span(frames_of(f0_hz), 0, Span(0, 3))
    assert found.declination_st_s == pytest.approx(-2, abs=0.01)
    assert found.change_st == pytest.approx(-0.6, abs=0.03)
    assert measure_span(frames_of(f0_hz), 0, Span(0, 0.9)).declination_st_s is None


def test_noise_floor_of_a_span_is_its_median():
    noise_db = np.repeat([-60.0, -40.0], [170, 130])
    found = measure_spans(frames_of(np.full(300, 150.0), noise_db=noise_db), 0, [Span(0, 3), Span(2, 3)])
    assert [voice.noise_db for voice in found] == [-60, -40]


def test_voice_quality_is_the_median_of_what_was_measured():
    hnr_db = np.full(300, np.nan)
    hnr_db[:50], hnr_db[50:60] = 10, 25
    jitter_pct = np.full(300, np.nan)
    jitter_pct[[10, 40, 70]] = 1, 2, 9
    found = measure_spans(
        frames_of(np.full(300, 150.0), hnr_db=hnr_db, jitter_pct=jitter_pct), 0, [Span(0, 3), Span(0, 0.5), Span(2, 3)]
    )
    assert [voice.hnr_db for voice in found] == [10, 10, None]
    assert [voice.jitter_pct for voice in found] == [2, None, None]  # two stretches are too few
    assert all(voice.tilt_db_oct is None for voice in found)


def test_gain_moves_level_and_noise_only(talk):
    found, louder = (measure_span(extract(gain * talk(8.0), RATE), 0, Span(0, 8)) for gain in (0.25, 1.0))
    for name in ("voiced_s", "pitch_st", "pitch_sd_st", "syllables", "inflection", "change_st", *QUALITY):
        expected = getattr(found, name)
        assert getattr(louder, name) == (
            expected if expected is None or name == "inflection" else pytest.approx(expected)
        )
    gain_db = 20 * np.log10(4)
    assert louder.level_db - found.level_db == pytest.approx(gain_db, abs=0.01)
    assert louder.noise_db - found.noise_db == pytest.approx(gain_db, abs=0.01)


def test_spread_and_z_are_robust():
    """Quartiles of 1 to 9 are 3, 5 and 7; one wild value more moves them by half a step."""
    usual = spread([3, 1, None, 2, 9, 8, 4, 7, 6, 5])
    assert (usual.count, usual.median, usual.iqr) == (9, 5, 4)
    assert usual.z(5) == 0
    assert usual.z(9) == pytest.approx(4 / (4 / 1.349))
    assert usual.z(None) is None
    wild = spread([1, 2, 3, 4, 5, 6, 7, 8, 9, 1e6])
    assert (wild.median, wild.iqr) == (5.5, 4.5)


def test_z_of_normal_values_is_a_normal_z():
    values = np.random.default_rng(3).normal(4.0, 0.5, 4000)
    usual = spread(values.tolist())
    assert usual.z(5.0) == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("values", [[], [1.0] * 7, [None] * 20, [2.0] * 20], ids=["none", "few", "unknown", "alike"])
def test_no_z_where_there_is_nothing_to_stand_against(values):
    assert spread(values).z(3.0) is None


def speech(*parts):
    """Level and activity of parts (seconds, dB) of speech, with silence where the level is None."""
    level_db = np.concatenate([np.full(round(100 * s), -80.0 if db is None else db) for s, db in parts])
    return level_db, level_db > -70


def rises_of(*parts, **more):
    level_db, active = speech(*parts)
    return level_rises(frames_of(np.full(len(level_db), 150.0), level_db, active, **more), 0)


def test_a_level_step_is_a_rise_with_its_place_and_height():
    (rise,) = rises_of((10, -30), (2, -20), (10, -30))
    assert rise.above_db == pytest.approx(10, abs=1e-4)
    assert rise.start_s == pytest.approx(10, abs=0.2) and rise.end_s == pytest.approx(12, abs=0.2)
    assert rise.noise_rise_db == 0


def test_a_pause_does_not_make_two_rises_of_one():
    assert len(rises_of((10, -30), (1, -20), (0.2, None), (1, -20), (10, -30))) == 1
    assert len(rises_of((10, -30), (1, -20), (2, None), (1, -20), (10, -30))) == 2


@pytest.mark.parametrize(
    "parts",
    [
        [(20, -30)],
        [(10, -30), (2, -25), (10, -30)],
        [(10, -30), (0.2, -22), (10, -30)],
        [(5, None)],
        [],
    ],
    ids=["steady", "small", "short", "silent", "empty"],
)
def test_no_rise(parts):
    assert rises_of(*(parts or [(0, -30)])) == []


def test_a_voice_that_rises_with_the_noise_is_no_rise():
    """The Lombard effect: what is louder because the noise is."""
    parts = (10, -30), (2, -20), (10, -30)
    noise_db = np.repeat([-60.0, -50.0, -60.0], [900, 400, 900])
    assert rises_of(*parts, noise_db=noise_db) == []
    assert len(rises_of(*parts, noise_db=-50.0)) == 1  # in steady noise it is one


def test_gain_moves_no_rise():
    parts = (10, -30), (2, -20), (10, -30)
    quiet = rises_of(*((s, db - 12) for s, db in parts), noise_db=-72)
    assert [(rise.start_s, rise.end_s) for rise in quiet] == [(r.start_s, r.end_s) for r in rises_of(*parts)]
