"""Voice quality against voices whose jitter, shimmer, harmonicity and tilt are known (truth: analytic)."""

import numpy as np
import pytest

from speechcoach.features import voice
from speechcoach.features.frames import HOP, RATE_HZ, Signal
from speechcoach.features.train import harmonicity

UP = 8  # pulses are set on a grid of 64 kHz, so that a period may have any length
SECONDS = 4.0


def pulses(periods_s, levels_db, formants_hz=(650.0, 1150.0, 2500.0), width_hz=300.0):
    """A pulse after each period, of each level, through a glottis (-6 dB per octave) and three formants.

    The formants are so wide that a pulse has died away before the next: narrow ones ring on, and mix the neighbours.
    """
    places = (0.01 + np.concatenate([[0], np.cumsum(periods_s)[:-1]])) * RATE_HZ * UP
    train = np.zeros(round((SECONDS + 0.1) * RATE_HZ * UP))
    inside = places < len(train) - 2
    whole = places[inside].astype(int)
    part, size = places[inside] - whole, 10 ** (np.asarray(levels_db)[inside] / 20)
    np.add.at(train, whole, (1 - part) * size)
    np.add.at(train, whole + 1, part * size)
    hz = 1j * np.fft.rfftfreq(len(train), 1 / (RATE_HZ * UP))
    response = hz / (1 + hz / 200) ** 2 * (np.abs(hz) < 3900)
    for formant_hz in formants_hz:
        pole = -width_hz / 2 + 1j * formant_hz
        response *= np.abs(pole) ** 2 / ((hz - pole) * (hz - np.conj(pole)))
    samples = np.fft.irfft(np.fft.rfft(train) * response, len(train))[::UP]
    return (0.3 * samples / np.abs(samples).max()).astype(np.float32)


def alternating(f0_hz, jitter_pct=0.0, shimmer_db=0.0):
    """Pulses whose neighbours always differ by just so much: local jitter and shimmer are exactly these."""
    count = round(SECONDS * f0_hz * 1.1)
    sign = np.where(np.arange(count) % 2, 0.5, -0.5)
    return pulses((1 + sign * jitter_pct / 100) / f0_hz, sign * shimmer_db)


def stretches_of(f0_hz):
    """A steady F0 column, voiced in stretches of 24 hops with an unvoiced one between."""
    column = np.full(round(SECONDS * 100), f0_hz, np.float32)
    column[::25] = np.nan
    return column


def measured(samples, f0_hz):
    jitter_pct, shimmer_db = voice.perturbation(Signal(samples), stretches_of(f0_hz))
    return np.nanmean(jitter_pct), np.nanmean(shimmer_db)


@pytest.mark.parametrize("f0_hz", [83.0, 120.0, 211.0, 330.0])
def test_a_perfect_voice_has_neither_jitter_nor_shimmer(f0_hz):
    jitter_pct, shimmer_db = measured(alternating(f0_hz), f0_hz)
    assert jitter_pct < 0.05 and shimmer_db < 0.05


@pytest.mark.parametrize("f0_hz", [95.0, 210.0])
@pytest.mark.parametrize("truth_pct", [0.5, 1.0, 2.0, 4.0])
def test_known_jitter(f0_hz, truth_pct):
    assert measured(alternating(f0_hz, jitter_pct=truth_pct), f0_hz)[0] == pytest.approx(truth_pct, rel=0.1)


@pytest.mark.parametrize("f0_hz", [95.0, 210.0])
@pytest.mark.parametrize("truth_db", [0.3, 0.6, 1.0, 2.0])
def test_known_shimmer(f0_hz, truth_db):
    assert measured(alternating(f0_hz, shimmer_db=truth_db), f0_hz)[1] == pytest.approx(truth_db, rel=0.15)


@pytest.mark.parametrize("truth_pct", [0.5, 2.0])
@pytest.mark.parametrize("f0_hz", [110.0, 220.0])
def test_jitter_by_chance_through_a_telephone(telephone, f0_hz, truth_pct):
    """Normal deviations: neighbours differ by 2 / sqrt(pi) standard deviations in the mean."""
    deviation = np.random.default_rng(5).normal(0, truth_pct / 100 * np.sqrt(np.pi) / 2, round(SECONDS * f0_hz * 1.1))
    samples = telephone(pulses((1 + deviation) / f0_hz, np.zeros(len(deviation))))
    assert measured(samples, f0_hz)[0] == pytest.approx(truth_pct, rel=0.25)


def test_noise_reads_as_jitter_and_shimmer_and_no_more_than_is_said(telephone):
    quiet, loud = (measured(telephone(alternating(150.0), snr_db), 150.0) for snr_db in (20, 10))
    assert 0.05 < quiet[0] < 0.35 and 0.05 < quiet[1] < 0.35
    assert quiet[0] < loud[0] < 1.0 and quiet[1] < loud[1] < 0.8


def test_one_value_a_stretch_at_its_middle():
    jitter_pct, shimmer_db = voice.perturbation(Signal(alternating(200.0)), stretches_of(200.0))
    np.testing.assert_array_equal(np.flatnonzero(np.isfinite(jitter_pct)), np.arange(13, 400, 25))
    np.testing.assert_array_equal(np.isfinite(jitter_pct), np.isfinite(shimmer_db))


@pytest.mark.parametrize(("hops", "known"), [(5, False), (6, False), (8, True)])
def test_a_stretch_of_less_than_six_periods_says_nothing(hops, known):
    f0_hz = np.full(400, np.nan, np.float32)
    f0_hz[100 : 100 + hops] = 90.0
    jitter_pct, _ = voice.perturbation(Signal(alternating(90.0)), f0_hz)
    assert np.isfinite(jitter_pct).any() == known


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_blocks_change_nothing(monkeypatch, size):
    signal = Signal(alternating(140.0, 1.0, 0.5))
    f0_hz = stretches_of(140.0)
    whole = voice.perturbation(signal, f0_hz)
    monkeypatch.setattr(voice, "STRETCHES", size)
    np.testing.assert_array_equal(voice.perturbation(signal, f0_hz), whole)


def test_a_shift_in_time_shifts_jitter_and_shimmer():
    samples, f0_hz = alternating(140.0, 1.0, 0.5), stretches_of(140.0)
    late = np.concatenate([np.zeros(50 * HOP, np.float32), samples])
    gap = np.full(50, np.nan, np.float32)
    for early, later in zip(
        voice.perturbation(Signal(samples), f0_hz),
        voice.perturbation(Signal(late), np.concatenate([gap, f0_hz])),
        strict=True,
    ):
        np.testing.assert_allclose(later[50:], early, rtol=1e-3, atol=1e-3)


@pytest.fixture
def columns():
    """What the pitch stage might say of `SECONDS` of voice, by name."""
    rng = np.random.default_rng(1)
    f0_hz = stretches_of(140.0)
    height = np.where(np.isfinite(f0_hz), rng.uniform(0.3, 0.95, len(f0_hz)), np.nan).astype(np.float32)
    bands = rng.normal(0, 6, (3, len(f0_hz))).astype(np.float32)
    return {"f0_hz": f0_hz, "height": height, **dict(zip(("low_db", "mid_db", "high_db"), bands, strict=True))}


def test_columns_are_float32_and_nan_where_unvoiced(columns):
    made = voice.voice_columns(Signal(alternating(140.0)), **columns)
    assert tuple(made) == voice.TELEPHONE_LIMITED
    unvoiced = ~np.isfinite(columns["f0_hz"])
    for name, column in made.items():
        assert column.dtype == np.float32 and column.shape == unvoiced.shape
        assert np.isnan(column[unvoiced]).all() and np.isfinite(column).any()
        assert name.startswith(("jitter", "shimmer")) or np.isfinite(column[~unvoiced]).all()


def test_gain_moves_nothing(columns):
    samples = alternating(140.0, 1.0, 0.5)
    usual = voice.voice_columns(Signal(samples), **columns)
    louder = {name: column + 12 if name.endswith("_db") else column for name, column in columns.items()}
    loud = voice.voice_columns(Signal(4 * samples), **louder)
    for name, column in usual.items():
        np.testing.assert_allclose(loud[name], column, atol=1e-4)


def test_where_nothing_is_voiced_nothing_is_measured(columns):
    columns["f0_hz"] = np.full_like(columns["f0_hz"], np.nan)
    made = voice.voice_columns(Signal(alternating(140.0)), **columns)
    assert all(np.isnan(column).all() for column in made.values())


def test_no_frames():
    nothing = np.zeros(0, np.float32)
    made = voice.voice_columns(Signal(nothing), *[nothing] * 5)
    assert all(column.shape == (0,) for column in made.values())


@pytest.mark.parametrize("samples", [np.zeros(32000, np.float32), np.full(32000, np.nan, np.float32)], ids=["0", "nan"])
def test_a_pitch_without_samples_has_no_periods(samples):
    jitter_pct, shimmer_db = voice.perturbation(Signal(samples), stretches_of(140.0))
    assert np.isnan(jitter_pct).all() and np.isnan(shimmer_db).all()


def test_noise_has_no_periods_to_compare():
    noise = np.random.default_rng(2).normal(0, 0.1, 32000).astype(np.float32)
    jitter_pct, _ = voice.perturbation(Signal(noise), stretches_of(140.0))
    assert np.isfinite(jitter_pct).sum() <= 2  # of 16 stretches


@pytest.mark.parametrize("slope_db_oct", [-12.0, -6.0, 0.0, 3.0])
def test_known_tilt(slope_db_oct):
    """Bins every 20 Hz of a spectrum that falls by so much per octave, in the telephone band."""
    hz = harmonicity.BINS_HZ[harmonicity.BINS_HZ > 300]
    magnitude = (hz / 1000) ** (slope_db_oct / (20 * np.log10(2)))
    low_db, mid_db, high_db = (
        20 * np.log10(magnitude[inside].sum()) for inside in (hz < 930, (hz >= 930) & (hz < 1530), hz >= 1530)
    )
    found = voice.tilt_db_oct(*np.array([[low_db], [mid_db], [high_db]]))
    assert found[0] == pytest.approx(slope_db_oct, abs=0.6)


def test_balance_is_low_over_high(columns):
    made = voice.voice_columns(Signal(alternating(140.0)), **columns)
    voiced = np.isfinite(columns["f0_hz"])
    np.testing.assert_allclose(made["balance_db"][voiced], (columns["low_db"] - columns["high_db"])[voiced], rtol=1e-5)


@pytest.mark.parametrize("f0_hz", [100.0, 160.0, 260.0])
@pytest.mark.parametrize("truth_db", [5.0, 10.0, 15.0, 20.0])
def test_known_harmonicity(truth_db, f0_hz):
    """Voices and noises that the table was not fitted on; the spread is that of vowels and kinds of noise."""
    rng = np.random.default_rng(99)
    pitch_hz = np.full(harmonicity.SAMPLES, f0_hz)
    heights = [harmonicity.heights(harmonicity.mixed(truth_db, pitch_hz, rng), pitch_hz) for _ in range(16)]
    found_db = np.array([voice.hnr_db(height, f0_hz).mean() for height in heights])
    assert found_db.mean() == pytest.approx(truth_db, abs=2.5)
    assert found_db.std() < 4.0


def test_harmonicity_rises_with_the_height_and_stays_in_its_range():
    found_db = voice.hnr_db(np.linspace(-0.2, 1.2, 200), 150.0)
    assert (np.diff(found_db) >= 0).all()
    assert (found_db.min(), found_db.max()) == voice.HNR_RANGE_DB


def test_the_shipped_table_is_what_the_recipe_makes():
    """A tenth of the material, drawn anew, gives nearly the same table."""
    again, shipped = harmonicity.fit(*harmonicity.material(seed=1, voices=200)), voice.harmonicity()
    useful = (shipped.height >= 0.3) & (shipped.height <= 0.9)
    np.testing.assert_allclose(np.array(again["hnr_db"])[useful], shipped.hnr_db[useful], atol=1.5)
    assert again["db_per_octave"] == pytest.approx(shipped.db_per_octave, abs=1.0)
