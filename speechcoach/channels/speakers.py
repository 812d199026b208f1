"""Two speakers on one channel: who of them speaks when, and how sure that is.

Conventions: spans are seconds from the start of the recording, ordered. A step is 20 ms of speech; steps of all spans
stand in one row, silence between them left out. `lean` is positive where the first voice is the likelier. Voices are
unit vectors `[192]`, windows `[windows, 192]`. Speakers have no names here: the first is the one who speaks first.

The way: embeddings of windows of 1.5 s and 0.7 s inside each span; two means of the long ones; the difference of
the cosines, Hann-averaged over the windows that cover a step; a Viterbi path that changes more easily between spans
than inside one; means again from the windows of one speaker alone, three times. At any moment one of the two
speaks: what they say at once is not seen, so overlaps must not be counted from this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from speechcoach.records import Frames, Span

from . import embedding
from .embedding import STEP_S

_SEEDS = 24  # windows around which a voice is looked for
_APART = 0.1  # what a difference of voices counts beside their fit, among several ways to split
# Log odds that there are two and that less than a tenth is given to the wrong one: constant, a cosine of both voices,
# 1 / root of the seconds of the one who says less. Fitted on made calls of 14-90 s (benchmarks/README.md, mono).
_TWO = (7.31, -12.54, -6.13)
_THREE_EVEN, _THREE_SLOPE = 0.42, 25.0  # of the nearest two of three voices; two people's read .33 at the least
_LEAST_SHARE = 0.1  # of the speech: what a third voice must have


@dataclass(frozen=True, slots=True)
class SpeakersConfig:
    """How the voices are told apart, with the reason beside each number."""

    long_steps: int = 75  # 1.5 s: shorter ones hold too few sounds to know a voice by
    short_steps: int = 35  # beside the long ones, to place a change
    hop_steps: int = 5
    long_share: float = 0.4  # of the long windows in the lean
    gain: float = 8.0  # of a difference of cosines: the log odds of one step
    inside_cost: float = 6.0  # an inter-pausal unit seldom changes its speaker
    between_cost: float = 4.0
    passes: int = 3
    least_s: float = 6.0  # of speech: less cannot be split
    least_turns_s: float = 1.5  # of each voice
    sure: float = 0.7  # a split that is less likely to be right is none
    doubtful: float = 0.1  # less likely than that, and there is one voice


@dataclass(frozen=True, slots=True)
class Speakers:
    """Who speaks when on one channel.

    `spans` holds one tuple for each speaker: two where two voices were told apart, else one with all speech; empty
    without speech. `count` is how many voices were heard: 0, 1, 2, 3 for three or more, None where it cannot be told.
    `probability` (0-1) is that of `count`, and where it is 2 or None, that of two voices rightly split; `why` says what
    was heard. At any moment one of the two has the word, so what they say at once is not in `spans`.
    """

    spans: tuple[tuple[Span, ...], ...]
    count: int | None
    probability: float
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class _Windows:
    """Windows of one span: unit vectors `[windows, 192]`, first steps `[windows]`, how many steps each covers."""

    vectors: np.ndarray
    starts: np.ndarray
    width: int


@dataclass(frozen=True, slots=True, eq=False)
class _Split:
    """`first` bool `[steps]`: the first voice speaks. `voices` `[2, 192]`."""

    first: np.ndarray
    voices: np.ndarray
    lean: np.ndarray


def tell_apart(
    frames: Frames,
    samples: np.ndarray,
    speech: Sequence[Span],
    channel: int = 0,
    config: SpeakersConfig | None = None,
) -> Speakers:
    """Who of two speakers speaks when, where two can be told apart.

    `samples` float32 `[n]` at 8 kHz in -1..1, of one channel; `channel` is its row in `frames`; `speech` is where
    `find_activity` hears speech in them. Needs torch and about a second for a minute of speech.
    """
    config = config or SpeakersConfig()
    if sum(span.duration_s for span in speech) < config.least_s:
        return _undivided(speech, None if speech else 0, 0.0, "there is too little speech to compare voices")
    if not embedding.is_available():
        return _undivided(speech, None, 0.0, "voices are compared with torch, which is not installed")
    long, short, lengths = [], [], []
    for steps in _heard(samples, speech, config):
        long.append(_windows(steps, config.long_steps, config))
        short.append(_windows(steps, config.short_steps, config))
        lengths.append(len(steps))
    split = _split(long, short, lengths, _pitches(np.atleast_2d(frames.f0_hz)[channel], speech, long), config)
    return _judged(split, long, speech, lengths, config)


def _undivided(speech: Sequence[Span], count: int | None, probability: float, why: str) -> Speakers:
    return Speakers((tuple(speech),) if speech else (), count, probability, why)


def _heard(samples: np.ndarray, speech: Sequence[Span], config: SpeakersConfig) -> Iterator[np.ndarray]:
    """The net's features of each span, `[steps, 512]`; the line's own colour, the mean of all speech, is taken off.

    One by one, because those of an hour take 400 MB.
    """
    spectra = embedding.log_mel(samples)
    parts = [spectra[round(span.start_s * 100) : round(span.end_s * 100)] for span in speech]
    mean = np.concatenate(parts).mean(axis=0)
    return (embedding.features(part - mean) for part in parts)


def _windows(steps: np.ndarray, width: int, config: SpeakersConfig) -> _Windows:
    """Windows of `width` steps, or one of them all where there are fewer."""
    width = min(width, len(steps))
    starts = np.unique(np.append(np.arange(0, len(steps) - width + 1, config.hop_steps), len(steps) - width))
    sums = (np.cumsum(np.pad(steps.astype(np.float64) ** power, ((1, 0), (0, 0))), axis=0) for power in (1, 2))
    mean, square = ((total[starts + width] - total[starts]) / width for total in sums)
    deviation = np.sqrt(np.maximum(square - mean**2, 0) * width / max(width - 1, 1))
    vectors = embedding.embeddings(mean.astype(np.float32), deviation.astype(np.float32)) - embedding.centre()
    return _Windows(_unit(vectors), starts, width)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def _pitches(f0_hz: np.ndarray, speech: Sequence[Span], windows: Sequence[_Windows]) -> np.ndarray:
    """Median F0 of every window in octaves, NaN where it has hardly any voice; `[windows]`."""
    octaves = np.log2(f0_hz)
    found = []
    for span, part in zip(speech, windows, strict=True):
        first = round(span.start_s * 100) + 2 * part.starts
        bits = (octaves[start : start + 2 * part.width] for start in first)
        found += [np.median(bit[np.isfinite(bit)]) if np.isfinite(bit).sum() > 10 else np.nan for bit in bits]
    return np.array(found)


def _split(long, short, lengths: list[int], pitches: np.ndarray, config: SpeakersConfig) -> _Split:
    """Means, path, means again."""
    vectors, weights = _pooled(long, config)
    voices = _two_means(vectors, weights, pitches)
    cost = np.full(sum(lengths), config.inside_cost)
    cost[np.cumsum([0, *lengths[:-1]])] = config.between_cost
    for last in (*[False] * (config.passes - 1), True):
        lean = config.long_share * _lean(long, lengths, voices)
        lean += (1 - config.long_share) * _lean(short, lengths, voices)
        first = _path(config.gain * lean, cost)
        if not last:
            voices = _means(vectors, weights, _pure(first, long, lengths), voices)
    return _Split(first, voices, lean)


def _pooled(windows: Sequence[_Windows], config: SpeakersConfig) -> tuple[np.ndarray, np.ndarray]:
    """All vectors, and what each counts: short ones say little, the shortest nothing."""
    vectors = np.concatenate([part.vectors for part in windows])
    share = np.concatenate([np.full(len(part.starts), part.width / config.long_steps) for part in windows])
    weights = np.where(share >= 0.5, share, 0) ** 2
    return vectors, weights if np.count_nonzero(weights) >= 4 else share


def _two_means(vectors: np.ndarray, weights: np.ndarray, pitches: np.ndarray) -> np.ndarray:
    """The best of several two-means, unit vectors `[2, 192]`; begun along the main
    directions, around single windows and from the pitch."""
    spread = vectors - np.average(vectors, axis=0, weights=weights)
    axes = np.linalg.svd(spread * np.sqrt(weights)[:, None], full_matrices=False)[2][:3]
    begins = [(vectors @ axis) > np.quantile(vectors @ axis, share) for axis in axes for share in (0.3, 0.5, 0.7)]
    seeds = np.flatnonzero(weights)
    for seed in seeds[np.linspace(0, len(seeds) - 1, _SEEDS).astype(int)]:  # finds one who says little
        near = vectors @ vectors[seed]
        begins.append(near > np.quantile(near, 0.85))
    if np.isfinite(pitches).any():
        begins.append(pitches > np.nanmedian(pitches))
    found = [_settled(vectors, weights, begin) for begin in begins]
    return max(found, key=lambda voices: _fit(vectors, weights, voices))


def _settled(vectors: np.ndarray, weights: np.ndarray, first: np.ndarray, rounds: int = 12) -> np.ndarray:
    voices = _unit(np.average(vectors, axis=0, weights=weights))[None].repeat(2, axis=0)
    for _ in range(rounds):
        voices = _means(vectors, weights, np.where(first, 1, 0), voices)
        first = vectors @ voices[0] > vectors @ voices[1]
    return voices


def _fit(vectors: np.ndarray, weights: np.ndarray, voices: np.ndarray) -> float:
    """How well two voices explain the windows: their mean cosine, and how far the voices are apart."""
    near = np.average((vectors @ voices.T).max(axis=1), weights=weights)
    return float(near - _APART * voices[0] @ voices[1])


def _means(vectors, weights, whose: np.ndarray, voices: np.ndarray) -> np.ndarray:
    """The mean voice of the windows that are one's own: 1 the first's, 0 the second's, -1 nobody's."""
    found = []
    for mine, old in zip((1, 0), voices, strict=True):
        own = (whose == mine) & (weights > 0)
        found.append(_unit(weights[own] @ vectors[own]) if own.any() else old)
    return np.array(found)


def _lean(windows: Sequence[_Windows], lengths: Sequence[int], voices: np.ndarray) -> np.ndarray:
    """Difference of the cosines with both voices, Hann-averaged over the windows at each step; `[steps]`."""
    rows = []
    for part, length in zip(windows, lengths, strict=True):
        shape = np.hanning(part.width + 2)[1:-1] + 0.02
        places = part.starts[:, None] + np.arange(part.width)
        towards = (part.vectors @ (voices[0] - voices[1]))[:, None] * shape
        total = np.bincount(places.ravel(), towards.ravel(), length)
        rows.append(total / np.bincount(places.ravel(), np.tile(shape, len(part.starts)), length))
    return np.concatenate(rows)


def _path(odds: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """The likeliest path (Viterbi 1967) of a voice that changes at a cost, bool `[steps]`."""
    stays = np.empty((len(odds), 2), bool)
    one, two = 0.0, 0.0
    for step, (odd, change) in enumerate(zip(odds.tolist(), cost.tolist(), strict=True)):
        stays[step] = one >= two - change, two >= one - change
        one, two = max(one, two - change) + odd / 2, max(two, one - change) - odd / 2
    first = np.empty(len(odds), bool)
    now = one >= two
    for step in range(len(odds) - 1, -1, -1):
        first[step] = now
        now = now == stays[step, 0 if now else 1]
    return first


def _pure(first: np.ndarray, windows: Sequence[_Windows], lengths: Sequence[int]) -> np.ndarray:
    """Whose each window is: 1 all the first's, 0 all the second's, -1 of both."""
    whose, offset = [], 0
    for part, length in zip(windows, lengths, strict=True):
        total = np.concatenate([[0], np.cumsum(first[offset : offset + length])])
        share = (total[part.starts + part.width] - total[part.starts]) / part.width
        whose.append(np.where(share > 0.95, 1, np.where(share < 0.05, 0, -1)))
        offset += length
    return np.concatenate(whose)


def _judged(split: _Split, long, speech: Sequence[Span], lengths: list[int], config: SpeakersConfig) -> Speakers:
    """What the split is worth: nothing where both voices are alike, or a third is heard."""
    less_s = min(split.first.sum(), (~split.first).sum()) * STEP_S
    if less_s < config.least_turns_s:
        return _undivided(speech, None, 0.0, "one voice is heard; another may say a word or two")
    alike = float(split.voices[0] @ split.voices[1])
    two = _chance(_TWO[0] + _TWO[1] * alike + _TWO[2] / np.sqrt(less_s))
    if two < config.doubtful:
        return _undivided(speech, 1, round(1 - two, 3), f"one voice is heard (its halves have a cosine of {alike:.2f})")
    further = _further_voice(split, long, lengths, config)
    three = _chance(_THREE_SLOPE * (_THREE_EVEN - further))
    if three >= 0.5:
        return _undivided(
            speech,
            3,
            round(three * two, 3),
            f"more than two voices are heard (cosine of the nearest two of three {further:.2f})",
        )
    sure = two * (1 - three)
    if sure < config.sure:
        return _undivided(
            speech, None, round(sure, 3), f"one voice is heard, or two that are alike (cosine {alike:.2f})"
        )
    return Speakers(_spans(split.first, speech, lengths), 2, round(sure, 3), f"two voices, cosine {alike:.2f}")


def _chance(odds: float) -> float:
    return float(1 / (1 + np.exp(-odds)))


def _further_voice(split: _Split, long, lengths: list[int], config: SpeakersConfig) -> float:
    """How alike the two nearest of three voices are, begun with the windows like neither; 1 where there is no third."""
    vectors, weights = _pooled(long, config)
    likeness = (vectors @ split.voices.T).max(axis=1)
    odd = likeness < np.quantile(likeness[weights > 0], 0.15)
    voices = np.vstack([split.voices, _unit((vectors[odd] * weights[odd, None]).sum(axis=0))])
    for _ in range(10):
        whose = (vectors @ voices.T).argmax(axis=1)
        shares = np.bincount(whose, weights, 3) / weights.sum()
        if shares.min() < _LEAST_SHARE:
            return 1.0
        voices = _unit(np.array([weights[whose == voice] @ vectors[whose == voice] for voice in range(3)]))
    return float(max(voices[0] @ voices[1], voices[0] @ voices[2], voices[1] @ voices[2]))


def _spans(first: np.ndarray, speech: Sequence[Span], lengths: Sequence[int]) -> tuple[tuple[Span, ...], ...]:
    """Spans of both, who speaks first first. The last step of a span ends with it."""
    found: tuple[list[Span], list[Span]] = ([], [])
    offset = 0
    for span, length in zip(speech, lengths, strict=True):
        mine = first[offset : offset + length]
        cuts = np.flatnonzero(np.diff(mine)) + 1
        times = [span.start_s, *(round(span.start_s + float(cut) * STEP_S, 2) for cut in cuts), span.end_s]
        for index, start in enumerate([0, *cuts]):
            found[int(not mine[start])].append(Span(times[index], times[index + 1]))
        offset += length
    return tuple(tuple(item) for item in sorted(found))
