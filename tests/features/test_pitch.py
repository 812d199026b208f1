"""F0 against signals whose frequency is known in closed form (truth: analytic)."""

import numpy as np
import pytest

from speechcoach.features import FeatureConfig, extract, net, spectrum
from speechcoach.features.path import best_path

RATE = 8000
LEAD_S = 0.5


def chirp_hz(first_hz, last_hz, seconds, time_s):
    return first_hz * (last_hz / first_hz) ** (time_s / seconds)


def cents_off(frames, truth_hz, start_s, end_s):
    """Cents between F0 and `truth_hz(time)` inside a stretch, NaN where unvoiced."""
    inside = (frames.time_s > start_s) & (frames.time_s < end_s)
    return 1200 * np.log2(frames.f0_hz[inside] / truth_hz(frames.time_s[inside]))


@pytest.mark.parametrize(
    ("first_hz", "last_hz", "low_hz"),
    [(70, 450, 0), (450, 70, 0), (80, 400, 300)],
    ids=["up", "down", "fundamental missing"],
)
def test_chirp(voice, padded, first_hz, last_hz, low_hz):
    seconds = 4.0
    time_s = (np.arange(round(seconds * RATE)) + 0.5) / RATE
    samples = padded(voice(chirp_hz(first_hz, last_hz, seconds, time_s), low_hz=low_hz), LEAD_S)
    off = cents_off(
        extract(samples, RATE), lambda t: chirp_hz(first_hz, last_hz, seconds, t - LEAD_S), LEAD_S + 0.1, seconds + 0.4
    )
    assert np.isfinite(off).mean() > 0.99
    assert np.nanmedian(np.abs(off)) < 2
    assert abs(np.nanmedian(off)) < 1
    assert np.nanpercentile(np.abs(off), 95) < 6


@pytest.mark.parametrize("pitch_hz", [110.0, 220.0])
def test_pure_tone(pitch_hz):
    """As of a voice with its fundamental alone."""
    samples = (0.1 * np.sin(2 * np.pi * pitch_hz * np.arange(3 * RATE) / RATE)).astype(np.float32)
    f0_hz = extract(samples, RATE).f0_hz[5:-5]
    assert np.isfinite(f0_hz).all()
    assert np.abs(1200 * np.log2(f0_hz / pitch_hz)).max() < 15


@pytest.mark.parametrize("tone_hz", [350.0, 440.0, 480.0])
def test_a_tone_of_the_line_is_no_voice(tone_hz):
    samples = (0.1 * np.sin(2 * np.pi * tone_hz * np.arange(3 * RATE) / RATE)).astype(np.float32)
    assert not np.isfinite(extract(samples, RATE).f0_hz).any()


def test_vibrato(voice, padded):
    time_s = (np.arange(3 * RATE) + 0.5) / RATE
    truth = lambda t: 200 * 2 ** (np.sin(2 * np.pi * 5 * t) / 12)  # noqa: E731
    off = cents_off(extract(padded(voice(truth(time_s))), RATE), lambda t: truth(t - 0.5), 0.6, 3.4)
    # A window of 45 ms sees a quarter of a period of 5 Hz, and so flattens a semitone by a few cents.
    assert np.nanpercentile(np.abs(off), 95) < 15
    swing = np.ptp(extract(padded(voice(truth(time_s))), RATE).f0_hz[100:300])
    assert swing == pytest.approx(200 * (2 ** (1 / 12) - 2 ** (-1 / 12)), rel=0.12)


@pytest.mark.parametrize("pitch_hz", [95.0, 210.0])
def test_telephone_in_noise(voice, telephone, padded, pitch_hz):
    time_s = np.arange(2 * RATE) / RATE
    samples = telephone(padded(voice(np.full(len(time_s), pitch_hz)), 1.0), snr_db=10)
    frames = extract(samples, RATE)
    inside = (frames.time_s > 1.1) & (frames.time_s < 2.9)
    assert np.isfinite(frames.f0_hz[inside]).mean() > 0.97
    assert np.nanmedian(np.abs(1200 * np.log2(frames.f0_hz[inside] / pitch_hz))) < 5
    outside = (frames.time_s < 0.9) | (frames.time_s > 3.1)
    assert np.isfinite(frames.f0_hz[outside]).mean() < 0.05


@pytest.mark.parametrize("share", [0.05, 1.0], ids=["in silence", "all along"])
def test_noise_has_no_pitch(share):
    noise = 0.1 * np.random.default_rng(1).standard_normal(10 * RATE)
    noise[round(share * len(noise)) :] = 0
    frames = extract(noise.astype(np.float32), RATE)
    assert np.isfinite(frames.f0_hz).mean() < 0.02


def test_hops_between_lie_between(voice, padded):
    """Every second hop is searched; the others must follow a glide as well as their neighbours do."""
    seconds = 3.0
    time_s = (np.arange(round(seconds * RATE)) + 0.5) / RATE
    samples = padded(voice(chirp_hz(90, 360, seconds, time_s)))
    frames = extract(samples, RATE)
    off = 1200 * np.log2(frames.f0_hz / chirp_hz(90, 360, seconds, frames.time_s - LEAD_S))
    inside = slice(60, 340)
    for parity in (0, 1):
        assert np.isfinite(off[inside][parity::2]).all()
        assert np.median(np.abs(off[inside][parity::2])) < 2


def test_voicing_agrees_with_f0(talk):
    frames = extract(talk(), RATE)
    voiced = np.isfinite(frames.f0_hz)
    assert 0.2 < voiced.mean() < 0.8
    assert (frames.voicing[voiced] >= 0.5).all()
    assert (frames.voicing[~voiced] <= 0.5).all()
    assert frames.voicing.min() >= 0
    assert frames.voicing.max() <= 1
    assert (frames.voicing[~frames.active] < 0.5).all()


def test_range_is_kept(voice, padded):
    config = FeatureConfig(f0_min_hz=150, f0_max_hz=300)
    samples = padded(voice(np.geomspace(80, 450, 3 * RATE)))
    f0_hz = extract(samples, RATE, config).f0_hz
    found = f0_hz[np.isfinite(f0_hz)]
    assert len(found) > 50
    assert found.min() >= 150
    assert found.max() <= 300


def test_a_voice_outside_the_range_is_not_pressed_into_it(voice, padded):
    samples = padded(voice(np.full(2 * RATE, 110.0)))
    f0_hz = extract(samples, RATE, FeatureConfig(f0_min_hz=260, f0_max_hz=300)).f0_hz
    assert np.isfinite(f0_hz).mean() < 0.1


@pytest.mark.parametrize("seconds", [1.0, 7.3, 1000.0])
def test_block_size_changes_nothing(talk, seconds):
    samples = talk(20.0)
    whole, cut = extract(samples, RATE), extract(samples, RATE, FeatureConfig(block_s=seconds))
    assert np.array_equal(np.isnan(whole.f0_hz), np.isnan(cut.f0_hz))
    # The BLAS may add in another order for another number of rows: the last bits are free.
    np.testing.assert_allclose(whole.f0_hz, cut.f0_hz, rtol=1e-5)
    np.testing.assert_allclose(whole.voicing, cut.voicing, atol=1e-4)


@pytest.mark.parametrize(
    ("field", "value", "match"),
    [("f0_min_hz", 600.0, "600.0 to 500.0"), ("f0_max_hz", 2000.0, "2000.0"), ("block_s", 0.0, "not 0.0")],
)
def test_config_refuses_nonsense(field, value, match):
    with pytest.raises(ValueError, match=match):
        FeatureConfig(**{field: value})


def test_a_steady_tone_on_the_line_is_taken_off(voice, padded):
    samples = padded(voice(np.full(2 * RATE, 120.0), amplitude=0.1), 2.0)
    samples += 0.06 * np.sin(2 * np.pi * 430 * np.arange(len(samples)) / RATE).astype(np.float32)
    f0_hz = extract(samples, RATE).f0_hz
    assert np.isfinite(f0_hz[210:390]).mean() > 0.95
    assert np.nanmedian(np.abs(1200 * np.log2(f0_hz[210:390] / 120))) < 5


def test_a_weak_second_pulse_is_no_lower_octave(voice, padded):
    """A period that alternates by a little is heard at its own pitch: the shortest of near-equal periods."""
    time_s = np.arange(2 * RATE) / RATE
    samples = voice(np.full(len(time_s), 220.0)) * (1 + 0.12 * np.cos(2 * np.pi * 110 * time_s))
    f0_hz = extract(padded(samples), RATE).f0_hz[60:240]
    assert np.nanmean(f0_hz > 180) > 0.95


def test_path_looks_across_the_seams_of_its_stretches():
    """Three hops left over for a second stretch alone prefer the octave; what came before says otherwise."""
    f0_hz = np.tile(np.float32([100, 200]), (123, 1))
    odds = np.tile(np.float32([4.0, 0.0]), (123, 1))
    odds[120:] = (2.0, 2.5)
    state = best_path(f0_hz, odds, np.arange(123), FeatureConfig())
    assert (state == 0).all()
    # Where the last three stand apart in the recording, nothing ties them to the others.
    apart = np.concatenate([np.arange(120), np.arange(200, 203)])
    assert (best_path(f0_hz, odds, apart, FeatureConfig())[120:] == 1).all()


def test_the_net_answers_for_a_hop_the_same_in_any_company():
    """A hop's answer depends on the hops within 90 ms that are looked at, and on no others."""
    rng = np.random.default_rng(0)
    rows = rng.random((60, len(spectrum.BINS_HZ) + net.LEVELS)).astype(np.float32) / 100
    hops = np.concatenate([np.arange(30), np.arange(45, 75)])
    whole = net.answer(rows, hops, slice(0, 60))
    part = net.answer(rows[10:40], hops[10:40], slice(9, 12))
    for one, other in zip(whole, part, strict=True):
        np.testing.assert_allclose(one[19:22], other, atol=1e-4)
    alone = net.answer(rows[30:31], hops[30:31], slice(0, 1))
    assert np.abs(alone[0][0] - whole[0][30]).max() > 1e-3
