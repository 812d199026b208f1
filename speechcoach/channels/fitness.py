"""Can what is on the channels be judged, and if not, why not.

Conventions: samples are float32 `[channels, n]` at 8 kHz, levels dB re full scale, correlations and
shares 0-1. Problems are plain words: "silent", "dual-mono", "mixed", "leak", "clipped", "noisy", "hum", "narrow band",
"drop-outs". The last three say which measures to read with care, and make nothing abstain.
What a problem makes unfit to judge is said in one sentence that carries the figure. A strong leak makes only those
seconds unfit in which it is heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from speechcoach.records import Channel, Frames, Leakage, Span

from .activity import Activity
from .likeness import SAME_MIX, likeness
from .line import Line, line_of
from .runs import from_spans, spans

RATE_HZ = 8000
HOP, HOP_S = 80, 0.01

Unfit = dict[str, str]


@dataclass(frozen=True, slots=True)
class FitnessConfig:
    """Where a channel stops being fit, with the reason beside each number.

    "Seen" is what 16 made calls of each kind read: fake stereo .96-1.00, one side mixed in .39-.82,
    clean calls up to .02.
    """

    least_speech_share: float = 0.01  # seen: who says a word in a minute is above it
    least_range_db: float = 3.0  # seen: a dead line spreads its level by 0-1 dB between p10 and p95
    mixed_in: float = 0.3  # seen, within +-50 ms
    strong_leak_db: float = -15.0  # re the own voice: there the gate drops 12 % of true double talk, at -10 dB 21 %
    judged_share: float = 0.1  # of the speech: with less outside strong leaks the call's overlaps are not judged at all
    clipped_share: float = 0.001  # one sample in a thousand is some clipped peaks a second
    hum_db: float = 6.0  # seen: lines without hum reach 2
    hum_below_speech_db: float = 45.0  # fainter hum is not heard beside the speech
    lowest_hz: float = 500.0  # a telephone line begins at 300 Hz and ends at 3400 (ITU-T G.712)
    highest_hz: float = 2600.0
    lost_share: float = 0.01  # of the speech; a default of ours: some packets in a minute
    noisy_snr_db: float = 10.0  # there 7 % of the frames of speech are missed, at 5 dB 15 %


def assess_channels(
    frames: Frames,
    samples: np.ndarray,
    activity: Activity,
    clipped: tuple[float, ...],
    config: FitnessConfig | None = None,
) -> tuple[tuple[Channel, ...], Unfit]:
    """The fitness of each recorded channel, and what of the call cannot be judged.

    `samples` is float32 `[channels, n]` at 8 kHz, as recorded; `frames` and `activity` were made of
    it, or of what `fold` left of it; `clipped` is the share of clipped samples of each recorded
    channel. The second value maps "speakers" (who speaks cannot be told), "overlaps" (who speaks at
    the same time cannot be told) and "recording" (no speech at all) to a sentence that says what was
    seen.
    """
    config = config or FitnessConfig()
    samples = np.atleast_2d(samples)
    levels, noise = np.atleast_2d(frames.level_db), np.atleast_2d(frames.noise_db)
    source = range(len(samples)) if len(levels) == len(samples) else [0] * len(samples)
    channels = tuple(
        _channel(
            channel,
            samples[channel],
            levels[row],
            noise[row],
            activity.speech[row],
            activity.leaks[row],
            clipped[channel],
            config,
        )
        for channel, row in enumerate(source)
    )
    if not any(activity.speech):
        seconds = samples.shape[1] / RATE_HZ
        return channels, {"recording": f"No speech was found in the {seconds:.1f} s of the recording."}
    if len(samples) == 1:
        return channels, {"speakers": "The recording has one channel, which carries both sides."}
    return _pair(channels, samples, activity, config) if len(samples) == 2 else (channels, {})


def _channel(
    number: int,
    samples: np.ndarray,
    level_db: np.ndarray,
    noise_db: np.ndarray,
    speech: tuple[Span, ...],
    leaks: tuple[Leakage, ...],
    clipped_share: float,
    config: FitnessConfig,
) -> Channel:
    """What a channel shows by itself."""
    talk = from_spans(speech, len(level_db), HOP_S)
    loud = noise = None
    if talk.any():
        loud = round(10 * float(np.log10(np.mean(10 ** (level_db[talk].astype(np.float64) / 10)))), 1)
        noise = float(np.mean(noise_db[talk], dtype=np.float64))
    snr = None if loud is None or noise is None else round(loud - noise, 1)
    line = line_of(samples, talk)
    problems = {
        "silent": _silent(level_db, talk, config),
        "leak": bool(leaks),
        "clipped": clipped_share > config.clipped_share,
        "noisy": snr is not None and snr < config.noisy_snr_db,
        "hum": _hums(line, loud, config),
        "narrow band": _is_narrow(line, config),
        "drop-outs": sum(line.lost_s) > config.lost_share * talk.sum() * HOP_S,
    }
    return Channel(
        channel=number,
        speech_s=round(float(talk.sum()) * HOP_S, 3),
        level_db=loud,
        snr_db=snr,
        clipped_share=clipped_share,
        leak_db=_usual(leaks),
        problems=tuple(name for name, there in problems.items() if there),
        hum_db=None if line.hum_db is None else round(line.hum_db, 1),
        band_hz=line.band_hz,
        lost_s=round(sum(line.lost_s), 3),
        leaks=leaks,
    )


def _usual(leaks: Sequence[Leakage]) -> float | None:
    """The level under which half of the seconds with a leak are."""
    if not leaks:
        return None
    ordered = sorted(leaks, key=lambda leak: leak.level_db)
    seconds = np.cumsum([leak.end_s - leak.start_s for leak in ordered])
    return ordered[int(np.searchsorted(seconds, seconds[-1] / 2))].level_db


def _hums(line: Line, speech_db: float | None, config: FitnessConfig) -> bool:
    if line.hum_db is None or line.hum_level_db is None or line.hum_db < config.hum_db:
        return False
    return speech_db is None or line.hum_level_db > speech_db - config.hum_below_speech_db


def _is_narrow(line: Line, config: FitnessConfig) -> bool:
    return line.band_hz is not None and (line.band_hz[0] > config.lowest_hz or line.band_hz[1] < config.highest_hz)


def _silent(level_db: np.ndarray, talk: np.ndarray, config: FitnessConfig) -> bool:
    if not len(level_db) or talk.mean() < config.least_speech_share:
        return True
    low, high = np.percentile(level_db, [10, 95])
    return bool(high - low < config.least_range_db)


def _pair(
    channels: tuple[Channel, ...], samples: np.ndarray, activity: Activity, config: FitnessConfig
) -> tuple[tuple[Channel, ...], Unfit]:
    """What two channels show together; a silent one first, for what leaks into it looks like the same mix."""
    silent = [channel.channel for channel in channels if "silent" in channel.problems]
    if silent:
        said = channels[silent[0]].speech_s
        return channels, {
            "speakers": f"Channel {silent[0]} is silent: {said:.1f} s of speech in {samples.shape[1] / RATE_HZ:.0f} s."
        }
    same = likeness(samples)
    if same.correlation > SAME_MIX:
        return _with(channels, "dual-mono"), {
            "speakers": f"Both channels carry the same sound (correlation {same.correlation:.2f})."
        }
    if same.correlation > config.mixed_in:
        return _with(channels, "mixed"), {
            "speakers": f"One side is mixed into the other's channel (correlation {same.correlation:.2f})."
        }
    return channels, _strong_throughout(channels, activity, samples.shape[1] // HOP, config)


def _with(channels: tuple[Channel, ...], problem: str) -> tuple[Channel, ...]:
    """The channels with a problem that both have, which explains what looked like a leak."""
    return tuple(
        replace(channel, leak_db=None, leaks=(), problems=(problem, *(p for p in channel.problems if p != "leak")))
        for channel in channels
    )


def overlaps_unjudged(channels: Sequence[Channel], config: FitnessConfig | None = None) -> tuple[Span, ...]:
    """Where one side is heard in the other's channel so loud that nobody can tell who speaks at the same time.

    What counts is how loud a leak is re the voice that it lies under, so the gain of either channel moves nothing.
    """
    strong = [leak for channel in channels for leak in _strong(channel, channels, config or FitnessConfig())]
    if not strong:
        return ()
    hops = max(round(leak.end_s / HOP_S) for leak in strong)
    return spans(from_spans([Span(leak.start_s, leak.end_s) for leak in strong], hops, HOP_S), HOP_S)


def _strong(channel: Channel, channels: Sequence[Channel], config: FitnessConfig) -> list[Leakage]:
    other = next((one for one in channels if one.channel != channel.channel), None)
    if other is None or channel.level_db is None or other.level_db is None:
        return []
    louder_db = other.level_db - channel.level_db
    return [leak for leak in channel.leaks if leak.level_db + louder_db > config.strong_leak_db]


def _strong_throughout(channels: Sequence[Channel], activity: Activity, hops: int, config: FitnessConfig) -> Unfit:
    """That overlaps cannot be judged at all, where hardly any speech lies outside strong leaks."""
    strong = {channel.channel: _strong(channel, channels, config) for channel in channels}
    if not any(strong.values()):
        return {}
    speech = np.any([from_spans(row, hops, HOP_S) for row in activity.speech], axis=0)
    free = speech & ~from_spans(overlaps_unjudged(channels, config), hops, HOP_S)
    if np.count_nonzero(free) > config.judged_share * np.count_nonzero(speech):
        return {}
    down_db, channel = max((leak.level_db, name) for name, leaks in strong.items() for leak in leaks)
    how = f"only {-down_db:.0f} dB down" if down_db <= -1 else "as loud as in its own"
    return {"overlaps": f"The other side is heard in channel {channel}, {how}."}
