"""Train the pitch net on `material.npz` and write its weights.

    python -m speechcoach.features.train.pitch_net FOLDER [PARTS]      # writes FOLDER/pitch.npz

In every part some clips are heard, each over another line (`lines`) and half of them at another
speed; one in eight is made, of harmonics and of noise (`complexes`). What the net is given is computed by the very
code that runs on calls. The same material, seed and number of parts give the same net, but for the last bits of
other machines' arithmetic. Needs torch.

The net is a perceptron over time: 122 magnitudes and three levels of a hop -> 128; seven such rows, from 80 ms
before to 80 ms after -> 128 -> 156 pitches a quarter of a semitone apart, and the log-odds of voice.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
import torch

from speechcoach.features import level, net, spectrum
from speechcoach.features.config import FeatureConfig
from speechcoach.features.frames import HOP, Signal

from .complexes import F0_HZ, made_clip
from .lines import RATE_HZ, over_a_line

SEED = 7
PARTS = 260
CLIPS_A_PART = 240
OTHERS_A_PART = 80
MADE_SHARE = 0.125
HIDDEN = 128
SPREAD_BINS = 1.2  # standard deviation of a target: 30 cents
RUN, RUNS, PASSES = 24, 48, 2  # hops in a row, rows in a batch, passes over a part
RATE, LAST_RATE, WARM_STEPS = 2e-3, 0.02, 200
LEVEL_WANDERS_DB = 1.5  # the loud hops of a clip are not those of its call
CONFIG = FeatureConfig()
Clip = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Hops of many clips in a row, with gaps between: inputs `[n, 125]`, place in bins, voiced, looked at, known."""

    rows: torch.Tensor
    place: torch.Tensor
    voiced: torch.Tensor
    look: torch.Tensor
    use: np.ndarray


def main(folder: Path, parts: int = PARTS) -> None:
    torch.set_num_threads(1)
    clips = stored_clips(folder / "material.npz")
    rng = np.random.default_rng(SEED)
    layers = Layers()
    descent = torch.optim.AdamW(layers.all, lr=RATE, weight_decay=1e-4)
    with ProcessPoolExecutor(1) as pool:
        ready = _order(pool, clips, rng)
        step = 0
        for number in range(parts):
            part = _part(*ready.result())
            ready = _order(pool, clips, rng)
            told = []
            for batch in _batches(part.use, rng):
                _set_rate(descent, step, number / parts)
                loss, figures = loss_of(layers, part, torch.tensor(batch))
                descent.zero_grad()
                loss.backward()
                descent.step()
                told.append(figures)
                step += 1
            if number % 10 == 9:
                names = ("pitch", "voice", "gross errors", "voicing errors")
                line = ", ".join(
                    f"{name} {value:.3f}" for name, value in zip(names, np.mean(told, axis=0), strict=True)
                )
                print(f"part {number + 1} of {parts}: {line}", flush=True)
                layers.save(folder / "pitch.npz")
    layers.save(folder / "pitch.npz")


def stored_clips(path: Path) -> list[Clip]:
    stored = np.load(path)
    samples, f0_hz, hops = stored["samples"], stored["f0_hz"], stored["hops"]
    ends = np.cumsum(hops)
    return [(samples[(e - n) * HOP : e * HOP], f0_hz[e - n : e]) for e, n in zip(ends, hops, strict=True)]


def _order(pool: ProcessPoolExecutor, clips: list[Clip], rng: np.random.Generator):
    """Have the next part made while this one is learnt."""
    chosen = rng.permutation(len(clips))[:CLIPS_A_PART]
    near = [clips[place][0] for place in rng.permutation(len(clips))[:OTHERS_A_PART]]
    return pool.submit(examples, [clips[place] for place in chosen], near, int(rng.integers(1 << 31)))


def examples(clips: list[Clip], others: list[np.ndarray], seed: int) -> list[np.ndarray]:
    """Inputs, F0 and looked-at of all clips in a row."""
    rng = np.random.default_rng(seed)
    rows = [example(made_clip(rng) if rng.random() < MADE_SHARE else clip, others, rng) for clip in clips]
    return [np.concatenate(column) for column in zip(*rows, strict=True)]


def example(clip: Clip, others: list[np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    samples, f0_hz = at_another_speed(clip[0].astype(np.float32), clip[1], rng)
    rows, look = inputs(over_a_line(samples, others, rng), rng.normal(0, LEVEL_WANDERS_DB))
    count = min(len(rows), len(f0_hz))
    after = [(0, net.REACH)]  # no context across clips
    return (
        np.pad(rows[:count], [*after, (0, 0)]),
        np.pad(f0_hz[:count].astype(np.float32), after, constant_values=np.nan),
        np.pad(look[:count], after),
    )


def at_another_speed(samples: np.ndarray, f0_hz: np.ndarray, rng: np.random.Generator) -> Clip:
    """Half of the clips as they are, the others up to a quarter faster or slower: other heads, other pitches."""
    if rng.random() < 0.5:
        return samples, f0_hz
    speed = np.exp(rng.uniform(np.log(0.8), np.log(1.25)))
    samples = soxr.resample(samples, RATE_HZ * speed, RATE_HZ, "MQ")
    place = ((np.arange(len(samples) // HOP) + 0.5) * speed).astype(int)
    f0_hz = f0_hz[np.minimum(place, len(f0_hz) - 1)] * speed
    return samples, np.where((f0_hz > 0) & ((f0_hz < F0_HZ[0]) | (f0_hz > F0_HZ[1])), np.nan, f0_hz)


def inputs(samples: np.ndarray, loud_shift_db: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """What the net is given for each hop, `[hops, 125]`, and which hops are looked at."""
    signal = Signal(samples)
    steady = level.smooth(level.level_db(signal))
    floor = level.noise_db(steady)
    _, look = level.active(steady, floor, CONFIG)
    rows = np.zeros((signal.frames, len(spectrum.BINS_HZ) + net.LEVELS), np.float32)
    index = np.flatnonzero(look)
    if len(index):
        table = spectrum.tables(CONFIG)
        noise = spectrum.noise_spectrum(signal, ~look, table)
        seen = np.empty((len(index), len(spectrum.BINS_HZ)), np.float32)
        spectrum.magnitudes(signal.windows(index, spectrum.WINDOW), noise, table, seen)
        rows[index, : -net.LEVELS] = seen
        rows[index, -net.LEVELS :] = net.levels(steady, floor, level.loud_db(steady) + loud_shift_db)[index]
    return rows, look


def _part(rows: np.ndarray, f0_hz: np.ndarray, look: np.ndarray) -> Part:
    voiced = np.nan_to_num(f0_hz) > 0
    octaves = np.log2(np.where(voiced, f0_hz, net.LOWEST_HZ) / net.LOWEST_HZ)
    use = np.flatnonzero(np.isfinite(f0_hz) & look)
    use = use[(use >= net.REACH) & (use < len(look) - net.REACH)]
    columns = (rows, (net.BINS_PER_OCTAVE * octaves).astype(np.float32), voiced.astype(np.float32), look[:, None])
    return Part(*(torch.tensor(column) for column in columns), use)


def _batches(use: np.ndarray, rng: np.random.Generator):
    """Rows of hops, for neighbours share most of what has to be computed."""
    runs = np.array_split(use, len(use) // RUN)
    for _ in range(PASSES):
        for chosen in np.array_split(rng.permutation(len(runs)), len(runs) // RUNS):
            yield np.concatenate([runs[place] for place in chosen])


def _set_rate(descent: torch.optim.Optimizer, step: int, done: float) -> None:
    """Half a cosine after a short rise (Loshchilov & Hutter 2017, ICLR)."""
    falling = LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + np.cos(np.pi * done))
    for group in descent.param_groups:
        group["lr"] = RATE * min(1, step / WARM_STEPS) * falling


def loss_of(layers: Layers, part: Part, take: torch.Tensor) -> tuple[torch.Tensor, tuple[float, ...]]:
    """Cross entropy of the pitch where there is one, and of voice; and the same as shares of errors."""
    out = layers(part, take)
    voiced = part.voiced[take] > 0
    logits, place = out[voiced][:, : net.BINS], part.place[take][voiced][:, None]
    aim = torch.exp(-0.5 * ((torch.arange(net.BINS) - place) / SPREAD_BINS) ** 2)
    pitch = -(aim / aim.sum(dim=1, keepdim=True) * torch.log_softmax(logits, dim=1)).sum(dim=1).mean()
    voice = torch.nn.functional.binary_cross_entropy_with_logits(out[:, net.BINS], part.voiced[take])
    with torch.no_grad():
        gross = ((logits.argmax(dim=1, keepdim=True) - place).abs() > net.BINS_PER_OCTAVE / 4).float().mean()
        wrong = ((out[:, net.BINS] > 0) != voiced).float().mean()
    loss = pitch * voiced.float().mean() + 2 * voice
    return loss, tuple(float(value.detach()) for value in (pitch, voice, gross, wrong))


class Layers:
    """The net while it learns. Its first layer sees the magnitudes and their lag curve, and is stored as one matrix."""

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(SEED)

        def drawn(rows: int, columns: int, gain: float = 1.0) -> torch.Tensor:
            return (torch.randn(rows, columns, generator=generator) * gain * (2 / rows) ** 0.5).requires_grad_()

        self.kernel = torch.tensor(spectrum.tables(CONFIG).kernel)
        self.by_bin = drawn(len(spectrum.BINS_HZ), HIDDEN)
        self.by_lag = drawn(self.kernel.shape[1], HIDDEN)
        self.by_level = drawn(net.LEVELS, HIDDEN)
        self.second = drawn(len(net.CONTEXT) * HIDDEN, HIDDEN)
        self.third = drawn(HIDDEN, net.BINS + 1, 0.3)
        self.biases = [torch.zeros(size, requires_grad=True) for size in (HIDDEN, HIDDEN, net.BINS + 1)]

    @property
    def all(self) -> list[torch.Tensor]:
        return [self.by_bin, self.by_lag, self.by_level, self.second, self.third, *self.biases]

    def first(self) -> torch.Tensor:
        # Shares are about 1 / 114 and lag curves up to 1: scaled so that both start about even.
        bins = 30 * self.by_bin
        bins = torch.cat([bins[: spectrum.LOWER] + 2 * self.kernel @ self.by_lag, bins[spectrum.LOWER :]])
        return torch.cat([bins, self.by_level])

    def __call__(self, part: Part, take: torch.Tensor) -> torch.Tensor:
        near, back = torch.unique(torch.stack([take + shift for shift in net.CONTEXT], dim=1), return_inverse=True)
        with torch.autocast("cpu", torch.bfloat16):
            first = torch.relu(part.rows[near] @ self.first() + self.biases[0]) * part.look[near]
            second = torch.relu(first[back].reshape(len(take), -1) @ self.second + self.biases[1])
            third = second @ self.third
        return third.float() + self.biases[2]

    def save(self, path: Path) -> None:
        layers = (self.first(), self.biases[0], self.second, self.biases[1], self.third, self.biases[2])
        stored = [layer.detach().numpy().astype(np.float16) for layer in layers]
        np.savez_compressed(path, **dict(zip(net.Weights.__slots__, stored, strict=True)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
