"""The gate against the other side's voice in a channel.

Truth: analytic where levels are made from random syllables and a leak is added in power; for the
shipped samples a leak of known level and delay, mixed in here.
"""

import numpy as np
import pytest
import soundfile as sf

from speechcoach.features import extract, gate
from speechcoach.features.level import SILENCE_DB

MINUTE = 6000
NOISE_DB = -70.0


def voice(turns, hops=MINUTE, level_db=-20.0, seed=0):
    """Levels of a voice `[hops]`: during its turns syllables of 60-250 ms, 20 dB deep, else nothing."""
    rng = np.random.default_rng(seed)
    edges = np.cumsum(rng.integers(6, 25, hops))
    edges = edges[edges < hops]
    peaks = rng.normal(level_db, 4, len(edges) + 1)
    syllable = np.repeat(peaks, np.diff(edges, prepend=0, append=hops))
    place = np.arange(hops) - np.repeat(np.r_[0, edges], np.diff(edges, prepend=0, append=hops))
    rise = 20 * np.exp(-place / 3) + 1.5 * place
    talking = np.zeros(hops, bool)
    for start, stop in turns:
        talking[start:stop] = True
    return np.where(talking, syllable - rise, -300.0)


def power(level_db):
    return 10 ** (np.asarray(level_db) / 10)


def later(level_db, hops):
    return np.concatenate([np.full(hops, -300.0), level_db[: len(level_db) - hops]])


def heard(*voices, noise_db=NOISE_DB, seed=0):
    """Voices added in power over a line's noise, whose level of 80 samples scatters by 0.7 dB."""
    scatter = np.random.default_rng(seed).normal(0, 0.7, len(voices[0]))
    return (10 * np.log10(sum(power(v) for v in voices) + power(noise_db + scatter))).astype(np.float32)


def columns(*channels, noise_db=NOISE_DB):
    """What the gate is given: levels, floors and activity, `[2, hops]`."""
    level_db = np.stack(channels)
    floor_db = np.full_like(level_db, noise_db)
    return level_db, floor_db, level_db > floor_db + 3


def turns(first, period=800, length=700, hops=MINUTE):
    return [(start, start + length) for start in range(first, hops, period)]


# A takes turns with B; 100 hops of each turn of B are in the middle of one of A.
A = voice(turns(0, 1200, 600), seed=1)
B = voice(turns(500, 1200, 700), seed=2)


def call(leak_db=None, delay=0, back_db=None, a=A, b=B):
    """Channel 0 is A with B leaking into it, channel 1 is B with A leaking back."""
    into_a = [] if leak_db is None else [later(b, delay) + leak_db]
    into_b = [] if back_db is None else [later(a, delay) + back_db]
    return columns(heard(a, *into_a, seed=3), heard(b, *into_b, seed=4))


@pytest.mark.parametrize("leak_db", [-15, -20, -25, -30])
@pytest.mark.parametrize("delay", [0, 7, 50])
def test_a_known_leak_is_found_where_it_is(leak_db, delay):
    _, (leak, back) = gate.own_hops(*call(leak_db, delay))
    assert back is None
    assert leak.level_db == pytest.approx(leak_db, abs=1)
    assert leak.delay_s == pytest.approx(delay / 100)
    assert 0.5 < leak.following <= 1


@pytest.mark.parametrize("leak_db", [-15, -20, -30])
def test_what_leaks_goes_and_what_is_own_stays(leak_db):
    delay = 12
    keep, _ = gate.own_hops(*call(leak_db, delay))
    leaked = later(B, delay) + leak_db
    only_leak = (A < -100) & (leaked > NOISE_DB + 3)
    alone = (A > NOISE_DB + 3) & (B < -100) & (later(B, 100) < -100)
    together = (leaked + 10 < A) & (B > -100)
    assert min(only_leak.sum(), alone.sum(), together.sum()) > 200
    assert keep[0][only_leak].mean() < 0.01
    assert keep[0][alone].all()
    assert keep[0][together].mean() > 0.95
    assert keep[1].all()


def test_a_soft_word_of_the_listener_stays():
    words = voice([(start, start + 40) for start in range(650, MINUTE, 1200)], level_db=-38.0, seed=5)
    own = heard(A, words, later(B, 5) - 35, seed=3)
    keep, (leak, _) = gate.own_hops(*columns(own, heard(B, seed=4)))
    said = (words > later(B, 5) - 35 + 10) & (words > NOISE_DB + 7)
    assert leak is not None
    assert said.sum() > 50
    assert keep[0][said].mean() > 0.9


def test_leaks_both_ways_do_not_feed_on_each_other():
    keep, leaks = gate.own_hops(*call(-18, 30, back_db=-15))
    assert [leak.level_db for leak in leaks] == pytest.approx([-18, -15], abs=1)
    own_alone = (A > -45) & (later(B, 30) < -100) & (later(B, 100) < -100)
    assert keep[0][own_alone].mean() > 0.99


def test_an_echo_dies_away_in_the_gate_too():
    falls = np.array([later(B, 4 + k) - 20 - 3 - 1.0 * k for k in range(40)])
    own = heard(A, *falls, seed=3)
    keep, (leak, _) = gate.own_hops(*columns(own, heard(B, seed=4)))
    only_leak = (A < -100) & (own > NOISE_DB + 3)
    assert leak is not None
    assert keep[0][only_leak].mean() < 0.02


@pytest.mark.parametrize("gains_db", [(12, 0), (0, 12), (-20, 0), (0, -25), (6, 6)])
def test_gain_moves_the_leak_level_and_nothing_else(gains_db):
    level_db, floor_db, active = call(-20, 10, back_db=-25)
    gain = np.float32(gains_db)[:, None]
    keep, leaks = gate.own_hops(level_db, floor_db, active)
    louder_keep, louder = gate.own_hops(level_db + gain, floor_db + gain, active)
    np.testing.assert_array_equal(louder_keep, keep)
    moved = gains_db[0] - gains_db[1]
    assert louder[0].level_db == pytest.approx(leaks[0].level_db + moved, abs=0.01)
    assert louder[1].level_db == pytest.approx(leaks[1].level_db - moved, abs=0.01)


def test_swapped_channels_give_swapped_answers():
    given = call(-20, 10, back_db=-30)
    keep, leaks = gate.own_hops(*given)
    other_keep, other = gate.own_hops(*(column[::-1] for column in given))
    np.testing.assert_array_equal(other_keep[::-1], keep)
    assert other == leaks[::-1]


def test_a_shift_in_time_shifts_the_answer():
    given = call(-20, 10)
    quiet = columns(heard(np.full(300, -300.0), seed=8), heard(np.full(300, -300.0), seed=9))
    shifted = [np.concatenate([before, column], axis=1) for before, column in zip(quiet, given, strict=True)]
    keep, (leak, _) = gate.own_hops(*given)
    later_keep, (later_leak, _) = gate.own_hops(*shifted)
    assert later_leak.delay_s == leak.delay_s
    assert later_leak.level_db == pytest.approx(leak.level_db, abs=0.1)
    assert (later_keep[:, 300:] != keep).mean() < 0.002


ALWAYS = voice([(0, MINUTE)], seed=6)
SOFT = voice(turns(700, 1200, 60), level_db=-40.0, seed=7)
NOTHING = np.full(MINUTE, -300.0)
NO_LEAK = {
    "conversation": (heard(A, seed=3), heard(B, seed=4)),
    "perfect alternation": (
        heard(voice(turns(0, 600, 300), seed=1), seed=3),
        heard(voice(turns(300, 600, 300), seed=2), seed=4),
    ),
    "both at once": (heard(ALWAYS, seed=3), heard(voice([(0, MINUTE)], seed=9), seed=4)),
    "soft backchannels": (heard(SOFT, seed=3), heard(B, seed=4)),
    "one side is noise": (heard(NOTHING, seed=3), heard(B, seed=4)),
    "one side is digital silence": (np.full(MINUTE, SILENCE_DB, np.float32), heard(B, seed=4)),
    "both sides are digital silence": (np.full(MINUTE, SILENCE_DB, np.float32),) * 2,
    "music on one side": (heard(A, seed=3), heard(ALWAYS, seed=4)),
    "the same on both": (heard(B, seed=3), heard(B, seed=4)),
    "the same on both, later and 6 dB down": (heard(later(B, 9) - 6, seed=3), heard(B, seed=4)),
    "one side mixed into the other": (heard(A, B, seed=3), heard(B, seed=4)),
}


@pytest.mark.parametrize("name", NO_LEAK)
def test_without_a_leak_all_is_kept(name):
    keep, leaks = gate.own_hops(*columns(*NO_LEAK[name]))
    assert leaks == (None, None)
    assert keep.all()


def test_unrelated_voices_are_never_taken_for_leaks():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        hops = int(rng.integers(500, MINUTE))
        pair = [voice(turns(int(rng.integers(900)), 900, 500, hops), hops, seed=1000 * seed + i) for i in (1, 2)]
        _, leaks = gate.own_hops(*columns(heard(pair[0], seed=seed), heard(pair[1], seed=seed + 500)))
        assert leaks == (None, None), f"seed {seed}"


@pytest.mark.parametrize("leak_db", [-15, -30])
def test_a_channel_with_nothing_but_the_leak_is_emptied(leak_db):
    own = heard(later(B, 8) + leak_db, seed=3)
    keep, (leak, back) = gate.own_hops(*columns(own, heard(B, seed=4)))
    assert back is None
    assert leak.level_db == pytest.approx(leak_db, abs=1)
    assert not keep[0][own > NOISE_DB + 4].any()
    assert keep[1].all()


def test_a_mono_call_has_no_other_side():
    level_db, floor_db, active = (column[:1] for column in call(-20))
    keep, leaks = gate.own_hops(level_db, floor_db, active)
    assert keep.all()
    assert keep.shape == level_db.shape
    assert leaks == (None,)


@pytest.mark.parametrize("hops", [0, 1, 2, 60, 150])
def test_a_moment_proves_nothing(hops):
    level_db, floor_db, active = (column[:, 500 : 500 + hops] for column in call(-20, 3))
    keep, leaks = gate.own_hops(level_db, floor_db, active)
    assert keep.shape == (2, hops)
    assert keep.all()
    assert leaks == (None, None)


def sample(folder, name):
    samples, rate_hz = sf.read(folder / f"{name}.wav", dtype="float32")
    return samples.T, rate_hz


def measured(samples, rate_hz):
    """F0, level, floor and activity of each channel alone, so that no gate has been at work yet: `[2, hops]`."""
    alone = [extract(row, rate_hz) for row in samples]
    return [np.stack([getattr(side, name) for side in alone]) for name in ("f0_hz", "level_db", "noise_db", "active")]


@pytest.mark.parametrize("name", ["good_listener", "poor_listener", "spanish"])
def test_clean_samples_are_left_alone(samples_folder, name):
    keep, leaks = gate.own_hops(*measured(*sample(samples_folder, name))[1:])
    assert leaks == (None, None)
    assert keep.all()


@pytest.mark.parametrize(("leak_db", "delay_s"), [(-15, 0.0), (-20, 0.12), (-30, 0.45)])
def test_a_leak_mixed_into_a_sample_is_taken_out(samples_folder, leak_db, delay_s):
    clean, rate_hz = sample(samples_folder, "poor_listener")
    late = np.pad(clean[1], (round(delay_s * rate_hz), 0))[: clean.shape[1]]
    leaky = np.stack([clean[0] + late * np.float32(10 ** (leak_db / 20)), clean[1]])
    true_hz, _, _, truly_active = measured(clean, rate_hz)
    f0_hz, level_db, floor_db, active = measured(leaky, rate_hz)
    keep, (leak, back) = gate.own_hops(level_db, floor_db, active)
    assert back is None
    assert leak.level_db == pytest.approx(leak_db, abs=1)
    assert leak.delay_s == pytest.approx(delay_s, abs=0.01)
    leaked = active[0] & ~truly_active[0]
    assert leaked.sum() > 2000
    assert keep[0][leaked].mean() < 0.05
    voiced = np.isfinite(true_hz[0])
    foreign = np.isfinite(f0_hz[0]) & ~voiced
    assert (foreign & keep[0]).sum() < 0.01 * voiced.sum()
    assert keep[0][voiced & ~truly_active[1]].mean() > 0.98
    assert keep[0][voiced & truly_active[1]].mean() > 0.75
