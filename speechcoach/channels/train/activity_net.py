"""Train the net that tells speech from all else, and write its weights.

    python -m speechcoach.channels.train.activity_net FOLDER                  # about half an hour on one core
    python -m speechcoach.channels.train.activity_net FOLDER --share 0.01 --out FILE    # whether all of it runs

FOLDER holds material.npz, which `python -m speechcoach.features.train.material FOLDER` makes; more packages of Debian
are fetched below FOLDER. Needs the extra `[train]` and torch. Deterministic from SEED on one machine.

Split: whoever speaks in the held-out voices of `features.train.material`, and the hold music of asterisk, is in no
scene; `benchmarks/activity.py` judges with them alone. The loss is the cross-entropy of speech and, at a third of the
weight, of music. Three rounds: a crowd is learnt first, then calm calls, then strained, far and several near voices
with all of the others, for a net of healthy studio voices loses hoarse callers. The last weights are an average over
the steps (Polyak & Juditsky 1992).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from speechcoach.channels import bands, net
from speechcoach.features import extract
from speechcoach.features.frames import RATE_HZ, Signal
from speechcoach.features.train.material import unpack

from . import material, scenes

SEED = 41
SCENES, CALM_SCENES, VARIED_SCENES = 1000, 900, 840
HIDDEN = 48
PASSES, LAST_PASSES = 18, 5
BATCH = 8
RATE, LATER_RATE = 3e-3, 1.5e-3
LAST_RATE = 0.02
AVERAGED = 0.998
MUSIC_WEIGHT = 0.35
LOOKS = scenes.HOPS // 2
DROPPED = 0.1  # share of scenes whose pitch columns are emptied: it must not rest on them alone
WEIGHTS = Path(__file__).parents[1] / "weights" / "activity.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--share", type=float, default=1.0, help="of the scenes")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    chosen = parser.parse_args()
    made = stock(chosen.folder, np.random.default_rng(SEED))
    np.savez_compressed(chosen.out, **trained(made, chosen.share).named())
    print(chosen.out, chosen.out.stat().st_size)


def trained(made: scenes.Stock, share: float = 1.0) -> Layers:
    """The net after its three rounds, over a share of their scenes."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    busy_count, calm_count, varied_count = (
        max(BATCH, round(share * count)) for count in (SCENES, CALM_SCENES, VARIED_SCENES)
    )
    busy = examples(made, scenes.BUSY, busy_count, np.random.default_rng(SEED + 1))
    model = Layers()
    learn(model, *busy, PASSES, RATE, np.random.default_rng(SEED + 2))
    calm = examples(made, scenes.CALM, calm_count, np.random.default_rng(SEED))
    both = [np.concatenate(pair) for pair in zip(calm, busy, strict=True)]
    learn(model, *both, LAST_PASSES, LATER_RATE, np.random.default_rng(SEED + 3))
    varied = examples(made, scenes.VARIED, varied_count, np.random.default_rng(SEED + 4))
    every = [np.concatenate(parts) for parts in zip(*(varied, calm, busy), strict=True)]
    learn(model, *every, LAST_PASSES, LATER_RATE, np.random.default_rng(SEED + 5))
    return model


def stock(folder: Path, rng: np.random.Generator) -> scenes.Stock:
    root = unpack(folder, material.MUSIC_PACKAGES)
    voices = material.said(folder)
    return scenes.Stock(list(voices.values()), material.music(root, rng), material.sounds(root))


def examples(
    stock: scenes.Stock, mix: scenes.Mix, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """What the net sees, float16 `[count, looks, columns]`, and what it should say, bool `[count, looks, 4]`."""
    rows = np.empty((count, LOOKS, bands.COLUMNS), np.float16)
    targets = np.empty((count, LOOKS, net.ANSWERS), bool)
    for place in range(count):
        made = scenes.scene(stock, mix, rng)
        rows[place] = looks_of(made.samples)
        targets[place, :, :2] = made.speech.reshape(LOOKS, 2)
        targets[place, :, 2:] = made.music.reshape(LOOKS, 2)
        if place % 100 == 0:
            print(f"scene {place}", flush=True)
    return rows, targets


def looks_of(samples: np.ndarray) -> np.ndarray:
    frames = extract(samples, RATE_HZ)
    return bands.seen(Signal(samples), frames.f0_hz, frames.voicing, frames.level_db, frames.noise_db)


def learn(
    model: Layers, rows: np.ndarray, targets: np.ndarray, passes: int, rate: float, rng: np.random.Generator
) -> None:
    """Some passes over the examples; the model is left with the average of its weights."""
    descent = torch.optim.AdamW(model.all, lr=rate, weight_decay=1e-3)
    average = [value.detach().clone() for value in model.all]
    step, steps = 0, passes * (len(rows) // BATCH)
    for turn in range(passes):
        shares = np.zeros(3)
        order = rng.permutation(len(rows))
        for chosen in order[: len(order) // BATCH * BATCH].reshape(-1, BATCH):
            for group in descent.param_groups:
                falling = LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + np.cos(np.pi * step / steps))
                group["lr"] = rate * min(1, (step + 1) / 200) * falling
            seen = torch.tensor(jittered(rows[chosen].astype(np.float32), rng))
            aim = torch.tensor(targets[chosen].astype(np.float32))
            loss, wrong = loss_of(model(seen), aim)
            descent.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.all, 1.0)
            descent.step()
            step += 1
            keep = min(AVERAGED, step / (step + 10))
            with torch.no_grad():
                for kept, value in zip(average, model.all, strict=True):
                    kept.lerp_(value, 1 - keep)
            shares += [float(loss.detach()), *wrong]
        print(turn + 1, np.round(shares / (len(order) // BATCH), 4), flush=True)
    with torch.no_grad():
        for kept, value in zip(average, model.all, strict=True):
            value.copy_(kept)


def jittered(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another loudness of the loud hops, another colour of the line, and at times no pitch."""
    size = len(rows)
    shift = rng.normal(0, 3 / bands.SCALE_DB, (size, 1, 1)).astype(np.float32)
    colour = rng.normal(0, 2 / bands.SCALE_DB, (size, 1, bands.BANDS)).astype(np.float32)
    rows[..., : bands.BANDS] += shift + colour
    at = 2 * bands.BANDS
    rows[..., at : at + 2] += shift
    rows[..., at + 4 : at + 7] += shift
    rows[rng.random(size) < DROPPED, :, -2 * bands.PITCH :] = 0
    return rows


def loss_of(said: torch.Tensor, aim: torch.Tensor) -> tuple[torch.Tensor, tuple[float, float]]:
    each = torch.nn.functional.binary_cross_entropy_with_logits(said, aim, reduction="none")
    loss = each[..., :2].mean() + MUSIC_WEIGHT * each[..., 2:].mean()
    with torch.no_grad():
        wrong = ((said > 0) != (aim > 0.5)).float().mean(dim=(0, 1))
    return loss, (float(wrong[:2].mean()), float(wrong[2:].mean()))


class Layers:
    """The net while it learns; the same sums as `net.answer`, over batches."""

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(SEED)

        def drawn(rows: int, columns: int, gain: float = 1.0) -> torch.Tensor:
            return (torch.randn(rows, columns, generator=generator) * gain * (2 / rows) ** 0.5).requires_grad_()

        self.layers = [drawn(3 * (HIDDEN if i else bands.COLUMNS), HIDDEN, 0.7 if i else 1.0) for i in range(6)]
        self.biases = [torch.zeros(HIDDEN, requires_grad=True) for _ in range(6)]
        self.pool = drawn(len(net.POOLS) * HIDDEN, HIDDEN, 0.5)
        self.out, self.out_bias = drawn(HIDDEN, net.ANSWERS, 0.3), torch.zeros(net.ANSWERS, requires_grad=True)

    @property
    def all(self) -> list[torch.Tensor]:
        return [*self.layers, *self.biases, self.pool, self.out, self.out_bias]

    def named(self) -> dict[str, np.ndarray]:
        """The weights, by their names in the file."""
        names = [*(f"layer{i}" for i in range(6)), *(f"bias{i}" for i in range(6)), "pool", "out", "out_bias"]
        return {name: value.detach().numpy().astype(np.float16) for name, value in zip(names, self.all, strict=True)}

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        hidden = rows
        for place, dilation in enumerate(net.DILATIONS):
            before = torch.nn.functional.pad(hidden[:, :-dilation], (0, 0, dilation, 0))
            after = torch.nn.functional.pad(hidden[:, dilation:], (0, 0, 0, dilation))
            fresh = torch.cat([before, hidden, after], dim=2) @ self.layers[place] + self.biases[place]
            if place == net.POOLED + 1:
                fresh = fresh + _means(hidden) @ self.pool
            hidden = torch.relu(fresh + hidden if place else fresh)
        return hidden @ self.out + self.out_bias


def _means(rows: torch.Tensor) -> torch.Tensor:
    total = torch.nn.functional.pad(torch.cumsum(rows.double(), dim=1), (0, 0, 1, 0))
    place = torch.arange(rows.shape[1])
    found = []
    for reach in net.POOLS:
        first, last = (place - reach).clamp(min=0), (place + reach + 1).clamp(max=rows.shape[1])
        found.append((total[:, last] - total[:, first]) / (last - first)[None, :, None])
    return torch.cat(found, dim=2).float()


if __name__ == "__main__":
    main()
