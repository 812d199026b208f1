"""The activity net and what surrounds it: its sums, its chapters, its leaks, and the sounds it learns from."""

from __future__ import annotations

import numpy as np
import pytest

from speechcoach.channels import activity, bands, cancel, find_activity, net, verdict
from speechcoach.channels.train import sounds, voices
from speechcoach.features import extract
from speechcoach.features.frames import Signal

from .made_calls import RATE_HZ, hum_of_voice, mask, mulaw, noise, placed, scaled, talk


def seen(samples: np.ndarray) -> np.ndarray:
    frames = extract(samples, RATE_HZ)
    return bands.seen(Signal(samples), frames.f0_hz, frames.voicing, frames.level_db, frames.noise_db)


def test_an_answer_depends_on_what_is_near_only():
    rows = np.random.default_rng(1).normal(0, 1, (1500, bands.COLUMNS)).astype(np.float32)
    other = rows.copy()
    other[: 700 - net.REACH] = 0
    np.testing.assert_allclose(net.answer(rows)[700:], net.answer(other)[700:], atol=1e-3)
    assert np.abs(net.answer(rows)[:300] - net.answer(other)[:300]).max() > 0.1


@pytest.mark.parametrize("hops", [0, 1, 2, 3, 7, 64, 301])
def test_any_number_of_hops_gets_its_answers(hops):
    rows = seen(noise(hops * 0.01, -30))
    assert rows.shape == ((hops + 1) // 2, bands.COLUMNS)
    assert net.answer(rows).shape == ((hops + 1) // 2, net.ANSWERS)


def test_what_the_net_sees_does_not_move_with_gain():
    wave = talk(6)[0] + noise(6, -55)
    np.testing.assert_allclose(seen(wave), seen(wave * np.float32(0.1)), atol=2e-2)


@pytest.mark.parametrize("hz", [200, 440, 1000, 2500])
def test_a_tone_lies_in_the_band_of_its_frequency(hz):
    wave = np.sin(2 * np.pi * hz * np.arange(4000) / RATE_HZ).astype(np.float32)
    level = bands.band_db(Signal(wave), 25)[5:20]
    assert set(level.argmax(axis=1)) == {np.searchsorted(bands.EDGES_HZ, hz, side="right") - 1}
    assert (np.sort(level, axis=1)[:, -3] < level.max(axis=1) - 15).all()


def test_chapters_have_every_hop_once_and_none_is_short():
    for count in (0, 5, 59_999, 60_000, 89_999, 90_000, 150_001, 400_000):
        parts = activity.chapters(count)
        assert [part.start for part, _ in parts] == [0, *(part.stop for part, _ in parts[:-1])]
        assert parts[-1][0].stop == count
        assert all(around.start <= own.start and around.stop >= own.stop for own, around in parts)
        assert len(parts) == 1 or min(own.stop - own.start for own, _ in parts) >= 30_000


def test_a_long_call_reads_like_its_parts():
    """Truth: the same half minute again and again, cut into chapters at another place of it each time."""
    wave = mulaw(talk(35)[0] + noise(35, -50))
    found = mask(find_activity(extract(x := np.tile(wave, 45), RATE_HZ), x).speech[0], 45 * 3500).reshape(45, 3500)
    assert (found[1:-1] == found[20]).mean() > 0.998


@pytest.mark.parametrize("delay", [0, 37, 160])
def test_a_linear_leak_is_subtracted(delay):
    other = mulaw(talk(30, seed=3)[0] + noise(30, -60, 1))
    leak = 0.1 * np.concatenate([np.zeros(delay, np.float32), other[: len(other) - delay]])
    own = (leak + noise(30, -75, 2)).astype(np.float32)
    found = cancel.leak_of(own, other, np.ones(3000, bool), round(delay / 80) * 0.01)
    assert 10 * np.log10(np.mean((own - found) ** 2) / np.mean(own**2)) < -18


def test_short_tokens_under_the_other_sides_leak_are_kept():
    other = talk(40, 210, -20, 5)[0]
    tokens = [(at, hum_of_voice(0.2, 120, -22, int(at))) for at in np.arange(3.0, 37.0, 3.3)]
    own = placed(40, *tokens)
    pair = mulaw(np.stack([other + noise(40, -60, 1), own + scaled(other, -38) + noise(40, -62, 2)]))
    found = mask(find_activity(extract(pair, RATE_HZ), pair).speech[1], 4000)
    kept = [found[round(at * 100) : round(at * 100) + 20].mean() > 0.5 for at, _ in tokens]
    assert np.mean(kept) >= 0.9
    away = np.ones(4000, bool)
    for at, _ in tokens:
        away[round(at * 100) - 15 : round(at * 100) + 35] = False
    assert found[away].mean() < 0.03


@pytest.mark.parametrize(
    "make", [sounds.call_tone, sounds.keys, sounds.signals, sounds.tune, sounds.clicks, sounds.hum]
)
def test_the_sounds_to_learn_from_are_as_long_and_loud_as_asked(make):
    for seed in range(5):
        wave = make(3 * RATE_HZ, np.random.default_rng(seed))
        assert wave.shape == (3 * RATE_HZ,)
        assert np.isfinite(wave).all()
        assert np.square(wave).mean() < 3


def _heard(speech: np.ndarray, tonal: float, level_db: np.ndarray) -> verdict.Heard:
    count = len(speech)
    speech = speech + np.random.default_rng(1).normal(0, 0.2, count)
    whole, voiced = np.full(count, np.inf, np.float32), level_db > -60
    return verdict.Heard(
        speech, np.full(count, tonal), whole, level_db, level_db + 70, voiced, lambda: np.zeros(count, bool)
    )


@pytest.mark.parametrize(("tonal", "kept"), [(-3.0, True), (3.0, False)])
def test_a_voice_that_the_net_doubts_is_kept_unless_it_is_music(tonal, kept):
    """Truth: by construction; half-second sayings that read -1.5, as those of a hoarse caller do."""
    on = np.arange(3000) % 100 < 50
    heard = _heard(np.where(on, -1.5, -6.0), tonal, np.where(on, -20.0, -70.0))
    speech, music = verdict.told(heard, verdict.ActivityConfig())
    assert (speech[on].mean() > 0.99) == kept
    assert music.any() != kept


def test_softer_people_are_not_raised_with_a_doubted_voice():
    place = np.arange(3000)
    on, far = place % 100 < 40, (place % 100 >= 60) & (place % 100 < 80)
    heard = _heard(
        np.where(on, -1.5, np.where(far, -2.2, -6.0)), -3.0, np.where(on, -20.0, np.where(far, -42.0, -70.0))
    )
    speech, _ = verdict.told(heard, verdict.ActivityConfig())
    assert speech[on].mean() > 0.99
    assert not speech[far][: 20 * 28].any()


def test_a_strained_voice_is_as_long_and_nearly_as_loud():
    wave = talk(4)[0]
    for seed in range(6):
        made = voices.strained(wave, np.random.default_rng(seed))
        assert made.shape == wave.shape
        assert abs(10 * np.log10(np.mean(made**2) / np.mean(wave**2))) < 5


def test_a_held_token_is_longer_at_the_same_pitch():
    wave = hum_of_voice(0.3, 120, -20, 1)
    made = voices.held(wave, 2.5)
    assert len(made) / len(wave) == pytest.approx(2.5, abs=0.2)
    plain, longer = (np.nanmedian(extract(np.pad(x, 4000), RATE_HZ).f0_hz) for x in (wave, made))
    assert longer == pytest.approx(plain, rel=0.05)


def test_a_crowd_behind_a_voice_asks_for_more():
    """Truth: by construction; sayings that are sure over a background that the net is undecided about."""
    on = np.arange(3000) % 200 < 80
    heard = _heard(np.where(on, 5.0, 0.2), -3.0, np.where(on, -20.0, -32.0))
    speech, _ = verdict.told(heard, verdict.ActivityConfig())
    assert speech[on].mean() > 0.98
    assert speech[~on].mean() < 0.1
    quiet = _heard(np.where(on, 5.0, -6.0), -3.0, np.where(on, -20.0, -32.0))
    assert verdict.crowded(quiet, quiet.speech, verdict.ActivityConfig()) == 0


def test_a_pause_in_the_noise_is_a_pause_whatever_the_net_says():
    """Truth: by construction; 200 ms at the noise's level between two loud words, which read as rather a voice."""
    level_db = np.full(600, -70.0)
    level_db[100:300] = level_db[320:500] = -20.0
    speech, _ = verdict.told(_heard(np.where(level_db > -60, 6.0, -1.0), -5.0, level_db), verdict.ActivityConfig())
    assert not speech[302:320].any()
    assert speech[100:300].all()
    assert speech[320:500].all()
