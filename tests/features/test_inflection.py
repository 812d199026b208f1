"""Final contours whose slope is known in closed form (truth: analytic), clean and on the telephone."""

import numpy as np
import pytest

from speechcoach.features import extract, measure_span
from speechcoach.features.inflection import declination_st_s, final_contour
from speechcoach.records import Span

RATE = 8000
HOP_S = 0.01


def ending(change_st, base_hz=150.0, level_s=0.8, glide_s=0.3):
    """F0 in Hz at 100 hops a second: level, then a glide of `change_st`."""
    glide = np.linspace(0, change_st, round(glide_s / HOP_S))
    return (base_hz * 2 ** (np.concatenate([np.zeros(round(level_s / HOP_S)), glide]) / 12)).astype(np.float32)


@pytest.mark.parametrize(("change_st", "name"), [(4, "rise"), (-4, "fall"), (0, "level"), (0.5, "level")])
def test_name_of_an_ending(change_st, name):
    contour = final_contour(ending(change_st), HOP_S)
    assert contour.inflection == name
    assert contour.change_st == pytest.approx(change_st, abs=0.2)


@pytest.mark.parametrize("slope_st_s", [-12.0, -1.0, 0.0, 6.0])
def test_slope_is_exact_and_survives_octave_errors(slope_st_s):
    f0_hz = 200 * 2 ** (slope_st_s * HOP_S * np.arange(100) / 12)
    assert final_contour(f0_hz, HOP_S).slope_st_s == pytest.approx(slope_st_s, abs=1e-6)
    f0_hz[[55, 70, 71, 72, 88, 97, 98, 99]] /= 2
    assert final_contour(f0_hz, HOP_S).slope_st_s == pytest.approx(slope_st_s, abs=1.5)


def test_threshold_is_the_glissando_threshold():
    """0.32 / 0.3^2 = 3.56 st/s over the last 0.3 s ('t Hart et al. 1990)."""
    for slope_st_s, name in ((3.4, "level"), (3.7, "rise"), (-3.4, "level"), (-3.7, "fall")):
        f0_hz = 200 * 2 ** (slope_st_s * HOP_S * np.arange(60) / 12)
        assert final_contour(f0_hz, HOP_S).inflection == name


def test_unvoiced_hops_count_as_time_not_as_voice():
    f0_hz = 200 * 2 ** (5.0 * HOP_S * np.arange(100) / 12)
    f0_hz[75:82] = np.nan
    f0_hz[95:] = np.nan
    assert final_contour(f0_hz, HOP_S).slope_st_s == pytest.approx(5.0, abs=1e-6)


def test_a_step_up_to_the_last_syllable_is_no_rise():
    f0_hz = np.concatenate([np.full(15, 170.0), np.full(12, np.nan), 240 * 2 ** (-30 * HOP_S * np.arange(14) / 12)])
    assert final_contour(f0_hz, HOP_S).inflection == "fall"


@pytest.mark.parametrize("voiced", [0, 1, 9])
def test_too_little_voice(voiced):
    f0_hz = np.full(50, np.nan)
    f0_hz[20 : 20 + voiced] = 120
    contour = final_contour(f0_hz, HOP_S)
    assert (contour.slope_st_s, contour.change_st, contour.inflection) == (None, None, None)


def test_declination():
    f0_hz = 200 * 2 ** (-2.5 * HOP_S * np.arange(400) / 12)
    f0_hz[50:90] = np.nan
    assert declination_st_s(f0_hz, HOP_S) == pytest.approx(-2.5, abs=1e-6)
    assert declination_st_s(f0_hz[:80], HOP_S) is None


@pytest.mark.parametrize("base_hz", [100.0, 220.0])
@pytest.mark.parametrize(("change_st", "name"), [(5, "rise"), (-5, "fall"), (0, "level")])
@pytest.mark.parametrize("snr_db", [None, 12])
def test_from_samples_to_name(voice, telephone, padded, base_hz, change_st, name, snr_db):
    hops = ending(change_st, base_hz)
    pitch_hz = np.interp(np.arange(len(hops) * 80) / 80, np.arange(len(hops)) + 0.5, hops)
    samples = telephone(padded(voice(pitch_hz)), snr_db)
    frames = extract(samples, RATE)
    found = measure_span(frames, 0, Span(0.5, 0.5 + len(hops) * HOP_S))
    assert found.inflection == name
    heard = hops[: np.flatnonzero(np.isfinite(frames.f0_hz[50 : 50 + len(hops)]))[-1] + 1]
    assert len(heard) >= len(hops) - 2  # a frame of 45 ms may have no voice at the very end
    truth = final_contour(heard, HOP_S).slope_st_s
    assert found.final_slope_st_s == pytest.approx(truth, abs=1.5)
