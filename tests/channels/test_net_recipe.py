"""The recipe of the activity net runs from scenes to weights; what it learns, `benchmarks/activity.py` judges."""

from __future__ import annotations

import numpy as np
import pytest

from speechcoach.channels import bands, net

torch = pytest.importorskip("torch")

from speechcoach.channels.train import activity_net, scenes  # noqa: E402
from speechcoach.channels.train.material import Said  # noqa: E402

from .made_calls import chords, hum_of_voice, noise  # noqa: E402


def _stock() -> scenes.Stock:
    """Two made voices of one saying each, a chord and a noise."""
    voices = []
    for f0_hz in (110, 200):
        wave = np.pad(hum_of_voice(0.6, f0_hz, -20), 800).astype(np.float32)
        on = np.zeros(len(wave) // 80, bool)
        on[10:-10] = True
        voices.append([Said(wave, on, on)])
    return scenes.Stock(voices, [chords(5)], [noise(0.5, -20)])


@pytest.fixture(scope="module")
def examples() -> tuple[np.ndarray, np.ndarray]:
    return activity_net.examples(_stock(), scenes.CALM, 2, np.random.default_rng(1))


def test_two_scenes_become_rows_and_aims(examples):
    rows, aims = examples
    assert rows.shape == (2, activity_net.LOOKS, bands.COLUMNS)
    assert np.isfinite(rows).all()
    assert aims.shape == (2, activity_net.LOOKS, net.ANSWERS)
    assert aims[..., :2].any()


def test_learning_lowers_the_loss_and_both_nets_say_the_same(examples):
    """Truth: the sums of the net that learns, by torch, against those of the net that ships."""
    rows, aims = (np.tile(part, (activity_net.BATCH // 2, 1, 1)) for part in examples)
    seen, aim = torch.tensor(rows.astype(np.float32)), torch.tensor(aims.astype(np.float32))
    model = activity_net.Layers()
    before = activity_net.loss_of(model(seen), aim)[0].item()
    activity_net.learn(model, rows, aims, 3, activity_net.RATE, np.random.default_rng(3))
    assert activity_net.loss_of(model(seen), aim)[0].item() < before
    said = model(seen[:1])[0].detach().numpy()
    np.testing.assert_allclose(net.answer(rows[0].astype(np.float32), net.of(model.named())), said, atol=0.05)
