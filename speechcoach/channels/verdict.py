"""From what the net says of each hop to what is speech, and what is music or a tone.

Conventions: masks are bool `[frames]` of 10 ms, runs `[k, 2]` first hops and ends, answers of the net log-odds. A hop
`stands` as many dB above its noise.

No net knows every voice: one that is hoarse or far from the microphone may read as rather no speech throughout. But
what is loudest on a channel, has a pitch and is not music for seconds on end is whoever speaks there. Where the net
doubts those hops, the channel's answers are raised by as much (`doubt`): a lost voice is worse than a crowd kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .runs import close_gaps, count_inside, from_runs, runs
from .sound import SoundConfig, unrest


@dataclass(frozen=True, slots=True)
class ActivityConfig:
    """What makes spans of the net's answers; frames are 10 ms, answers log-odds."""

    sure: float = 0.0  # even odds
    likely: float = -1.2  # .23: beside hops that are sure
    music: float = 0.0
    leak_odds: float = 0.4  # for each dB that a hop lacks to what no leak explains
    leak_over_db: float = 3.9
    least_stands_db: float = 2.5  # over the noise: steady noise itself does not
    crowd: float = 0.5  # noise that moves as other people's voices do: what hardly rises out of it must be surer
    clear: float = 1.0
    clear_stands_db: float = 4.0
    doubt_stands_db: float = 15.0  # what tells the channel's own voice: over the noise ...
    doubt_under_db: float = 8.0  # ... and under its loudest; a crowd is softer
    doubt_over_db: float = 6.0  # and what a leak does not explain by far
    doubt_share: float = 0.02  # of those hops may stay in doubt
    doubt_most: float = 2.5
    doubt_fade_db: tuple[float, float] = (-20.0, -10.0)  # re that loudest: what is softer is raised less
    doubt_least_frames: int = 50
    crowd_vague: float = 2.0  # log-odds that say neither; where a crowd is behind a voice much is so
    crowd_share: tuple[float, float] = (0.35, 0.45)  # of all hops that are vague: no crowd, a crowd
    crowd_range_db: tuple[float, float] = (19.0, 22.0)  # loud over low hops: a crowd, no crowd
    crowd_odds: float = 2.0  # what is a voice in a crowd must be that much surer ...
    crowd_spare: float = 2.0  # ... but the channel's loud voices are kept at least that sure
    tune_reach_frames: int = 150  # music is music for seconds on end: hops within reach on both sides are asked
    tune_over_db: float = 6.0  # those that stand that much out of the noise
    tune: float = 0.0
    sharp_over_db: float = 20.0  # spans that rise that much out of the noise get their edges from the level
    sharp_under_db: float = 34.0  # under the span's loud hops
    sharp_noise_db: float = 2.0
    sharp_least_db: float = 6.0
    sharp_reach_frames: int = 15
    sharp_odds: float = -1.0  # an edge is not moved out over what is less likely a voice: a crowd, the next person
    trim_over_db: float = 16.0  # spans that rise less than this keep the net's edges
    trim_db: float = 2.5
    trim_frames: tuple[int, int] = (3, 3)  # what an edge may reach into the noise, before and after
    gap_frames: int = 18  # Heldner & Edlund 2010
    least_sure_frames: int = 6  # in a span: what is shorter is a click
    music_reach_frames: int = 1200
    music_share: float = 0.08  # of what lies within reach
    denied: float = -2.5  # log-odds under which no rule makes speech of a note
    tone_gap_frames: int = 450  # ring-back is silent for up to 4 s between rings
    least_music_frames: int = 100  # what is shorter is a beep, and nobody's hold


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A channel hop by hop, all `[frames]`.

    `speech` and `tonal` are log-odds, `over_db` how much no leak explains, `voiced` whether there is a pitch;
    `rules` gives what the rules call speech (`rules`), which is asked beside music only.
    """

    speech: np.ndarray
    tonal: np.ndarray
    over_db: np.ndarray
    level_db: np.ndarray
    stands_db: np.ndarray
    voiced: np.ndarray
    rules: Callable[[], np.ndarray]


def told(heard: Heard, config: ActivityConfig) -> tuple[np.ndarray, np.ndarray]:
    """Speech and music of one channel, two masks."""
    tune = around(heard.tonal, heard.stands_db > config.tune_over_db, config.tune_reach_frames)
    odds = heard.speech + config.leak_odds * np.minimum(heard.over_db - config.leak_over_db, 0)
    doubt, loud_db = doubted(heard, tune, config)
    if doubt:
        odds += doubt * _near(heard.level_db - loud_db, config)
    odds -= crowded(heard, odds, config)
    sure = (odds > config.sure) & (heard.stands_db > config.least_stands_db)
    likely = odds > config.likely
    if unrest(heard.stands_db, np.float32(0), SoundConfig()) > config.crowd:
        likely &= (odds > config.clear) | (heard.stands_db > config.clear_stands_db)
    bits = runs(likely)
    found = from_runs(bits[count_inside(bits, sure) > 0], len(sure))
    found = _paused(found, heard.stands_db, config)
    pairs = runs(close_gaps(found, config.gap_frames))
    pairs = pairs[count_inside(pairs, sure) >= config.least_sure_frames]
    speech = from_runs(_edged(pairs, odds, heard.stands_db, config), len(sure))
    notes = (heard.tonal > config.music) & (tune > config.tune)
    beside = around(notes, np.ones(len(notes), bool), config.music_reach_frames) > config.music_share
    if beside.any():
        speech = _beside_music(speech, beside, heard, odds, config)
    other = (heard.tonal > config.music) & (heard.over_db > 0) & ~speech
    long = runs(close_gaps(other, config.tone_gap_frames) & ~speech)
    return speech, from_runs(long[count_inside(long, other) >= config.least_music_frames], len(sure))


def _beside_music(
    speech: np.ndarray, beside: np.ndarray, heard: Heard, odds: np.ndarray, config: ActivityConfig
) -> np.ndarray:
    """The same speech, but beside music what the rules say, unless the net denies it."""
    ruled = heard.rules() & (odds > config.denied)
    mixed = close_gaps(np.where(beside, ruled, speech), config.gap_frames)
    pairs = runs(mixed)
    return from_runs(pairs[pairs[:, 1] - pairs[:, 0] >= config.least_sure_frames], len(speech))


def around(values: np.ndarray, chosen: np.ndarray, reach: int) -> np.ndarray:
    """Mean of the chosen values within `reach` of each hop, 0 where there are none."""
    total, count = (np.concatenate([[0.0], np.cumsum(x, dtype=np.float64)]) for x in (values * chosen, chosen))
    place = np.arange(len(values))
    first, last = np.maximum(place - reach, 0), np.minimum(place + reach + 1, len(values))
    return (total[last] - total[first]) / np.maximum(count[last] - count[first], 1)


def doubted(heard: Heard, tune: np.ndarray, config: ActivityConfig) -> tuple[float, float]:
    """By how much the net underrates the channel's own voice, log-odds, 0 to `doubt_most`; that voice's loudest, dB."""
    plain = heard.voiced & (heard.stands_db > config.doubt_stands_db) & (heard.over_db > config.doubt_over_db)
    own = plain & (tune < config.tune)
    if np.count_nonzero(own) < config.doubt_least_frames:
        return 0.0, 0.0
    loudest = float(np.percentile(heard.level_db[own], 98))
    limit = loudest - config.doubt_under_db
    loud = own & (heard.level_db > limit)
    if 2 * np.count_nonzero(loud) < np.count_nonzero(plain & (heard.level_db > limit)):
        return 0.0, loudest  # most of what is loud is music, and the rest its soft passages
    return float(np.clip(-np.quantile(heard.speech[loud], config.doubt_share), 0, config.doubt_most)), loudest


def crowded(heard: Heard, odds: np.ndarray, config: ActivityConfig) -> float:
    """How much surer a voice must be as there is a crowd behind it, log-odds, 0 to `crowd_odds`.

    The background is then near the voice's level, and the net undecided about much of it.
    """
    if not len(odds):
        return 0.0
    low_db, loud_db = np.percentile(heard.level_db, [30, 98])
    vague = np.mean(np.abs(odds) < config.crowd_vague)
    share = np.interp(vague, config.crowd_share, (0, 1)) * np.interp(loud_db - low_db, config.crowd_range_db, (1, 0))
    loud = heard.voiced & (heard.level_db > loud_db - config.doubt_under_db)
    if not share or not loud.any():
        return 0.0
    return float(share * np.clip(np.median(odds[loud]) - config.crowd_spare, 0, config.crowd_odds))


def _near(under_db: np.ndarray, config: ActivityConfig) -> np.ndarray:
    """How much of the doubt a hop gets, 0-1."""
    low, high = config.doubt_fade_db
    return np.clip((under_db - low) / (high - low), 0, 1)


def _paused(found: np.ndarray, stands_db: np.ndarray, config: ActivityConfig) -> np.ndarray:
    """The same hops without those that lie in the noise inside a run that stands well out of it: pauses."""
    kept = found.copy()
    for start, stop in runs(close_gaps(found, config.gap_frames)).tolist():
        loud = float(np.percentile(stands_db[start:stop], 95))
        if loud >= config.sharp_over_db:
            kept[start:stop] &= stands_db[start:stop] > _limit_db(loud, config)
    return kept


def _limit_db(loud_db: float, config: ActivityConfig) -> float:
    """What ends a voice whose loud hops stand that much out of the noise."""
    return min(max(loud_db - config.sharp_under_db, config.sharp_noise_db), loud_db - config.sharp_least_db)


def _edged(pairs: np.ndarray, odds: np.ndarray, stands_db: np.ndarray, config: ActivityConfig) -> np.ndarray:
    """The runs with edges where the level says; a run in much noise keeps those of the net."""
    found, last = [], 0
    for start, stop in pairs.tolist():
        loud = np.percentile(stands_db[start:stop], 95)
        if loud >= config.sharp_over_db:
            start, stop = _sharp(start, stop, odds, stands_db, float(loud), config)
        elif loud > config.trim_over_db:
            start, stop = _trimmed(start, stop, stands_db, config)
        found.append((max(start, last), stop))
        last = stop
    return np.array(found, int).reshape(-1, 2)


def _sharp(
    start: int, stop: int, odds: np.ndarray, stands_db: np.ndarray, loud_db: float, config: ActivityConfig
) -> tuple[int, int]:
    """Edges where the voice comes out of what lies well under its loud hops, searched near those of the net."""
    limit = _limit_db(loud_db, config)
    reach = config.sharp_reach_frames
    first, last = max(0, start - reach), min(len(odds), stop + reach)
    out = (stands_db[first:last] > limit) & (odds[first:last] > config.sharp_odds)
    inside = np.arange(first, last)
    near = np.flatnonzero(out & ((inside < start + reach) | (inside >= stop - reach)))
    if not len(near):
        return start, stop
    head, tail = first + int(near[0]), first + int(near[-1]) + 1
    start = head if head < start + reach else start
    return start, tail if tail > stop - reach else stop


def _trimmed(start: int, stop: int, stands_db: np.ndarray, config: ActivityConfig) -> tuple[int, int]:
    """Edges without what lies in the noise, but for a little: a voice fades below the noise."""
    out = np.flatnonzero(stands_db[start:stop] > config.trim_db)
    before, after = config.trim_frames
    return max(start, start + int(out[0]) - before), min(stop, start + int(out[-1]) + 1 + after)
