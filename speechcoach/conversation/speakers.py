"""Each speaker over the whole call: medians and spreads, level rises, a trajectory in steps of half a minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

import numpy as np

from speechcoach.conversation.rates import MIXED, articulation, own_measures, rounded, usual_of, words_per_minute
from speechcoach.conversation.turns import floor_transfers
from speechcoach.features import SpanVoice, measure_span, measure_spans
from speechcoach.features.measures import QUALITY, level_rises
from speechcoach.features.voice import TELEPHONE_LIMITED
from speechcoach.records import Frames, LevelRise, Span, TrajectoryPoint, Turn, Unit, Voice, Word

_TRAJECTORY_S = 30.0  # of the call (R-RATE)
_TRAJECTORY_LEAST_S = 2.0  # of own speech; less is a word or two


def voices_of(
    read_of: Mapping[str, tuple[Frames, int]],
    units: Sequence[Unit],
    turns: Sequence[Turn],
    words: Sequence[Word],
    duration_s: float,
) -> dict[str, Voice]:
    """Each speaker who speaks, by name; `read_of` is the frames and the channel of each."""
    total_s = sum(unit.end_s - unit.start_s for unit in units)
    offsets = floor_transfers(turns)
    found = {}
    for name, read in read_of.items():
        own = [unit for unit in units if unit.speaker == name]
        if own:
            taken = [offset_s for _, after, offset_s in offsets if after.speaker == name]
            voice = _speaker(read, own, turns, total_s if len(read_of) > 1 else None, taken)
            found[name] = replace(
                voice,
                trajectory=_trajectory(read, own, words, duration_s),
                level_rises=_level_rises(read) if name != MIXED else (),
                **(_turns_of(turns, name) if name != MIXED else {}),
            )
    return found


def _speaker(
    read: tuple[Frames, int],
    own: Sequence[Unit],
    turns: Sequence[Turn],
    total_s: float | None,
    offsets_s: Sequence[float],
) -> Voice:
    frames, channel = read
    voice = measure_span(frames, channel, Span(own[0].start_s, own[-1].end_s))
    talk_s = sum(unit.end_s - unit.start_s for unit in own)
    rated = [t for t in turns if t.speaker == own[0].speaker and t.rate_wpm and not t.inserted]
    rated_min = sum(t.words / t.rate_wpm for t in rated)
    return Voice(
        talk_s=round(talk_s, 3),
        talk_share=rounded(talk_s / total_s if total_s else None),
        rate_wpm=rounded(sum(t.words for t in rated) / rated_min if rated else None, 1),
        articulation_sps=rounded(articulation(own)),
        pitch_hz=rounded(voice.pitch_hz),
        pitch_sd_st=rounded(voice.pitch_sd_st),
        pitch_range_st=rounded(voice.pitch_range_st),
        level_db=rounded(voice.level_db),
        level_sd_db=rounded(voice.level_sd_db),
        median_fto_s=rounded(median(offsets_s) if offsets_s else None),
        telephone_limited=tuple(name for name in TELEPHONE_LIMITED if getattr(voice, name) is not None),
        **own_measures(voice, ("noise_db", *QUALITY)),
    )


def _turns_of(turns: Sequence[Turn], speaker: str) -> dict[str, float | None]:
    """Medians and IQRs over the speaker's turns, by their names in `Voice`."""
    usual = usual_of(turns, speaker)
    return {
        "rate_median_wpm": rounded(usual["rate"].median, 1),
        "rate_iqr_wpm": rounded(usual["rate"].iqr, 1),
        "articulation_median_sps": rounded(usual["articulation"].median),
        "articulation_iqr_sps": rounded(usual["articulation"].iqr),
        "pitch_iqr_st": rounded(usual["pitch"].iqr),
        "pitch_range_median_st": rounded(usual["pitch_range"].median),
        "pitch_range_iqr_st": rounded(usual["pitch_range"].iqr),
        "level_median_db": rounded(usual["level"].median),
        "level_iqr_db": rounded(usual["level"].iqr),
    }


def _level_rises(read: tuple[Frames, int]) -> tuple[LevelRise, ...]:
    return tuple(
        LevelRise(*(rounded(value) for value in (rise.start_s, rise.end_s, rise.above_db, rise.noise_rise_db)))
        for rise in level_rises(*read)
    )


def _trajectory(
    read: tuple[Frames, int], own: Sequence[Unit], words: Sequence[Word], duration_s: float
) -> tuple[TrajectoryPoint, ...]:
    """Every 30 s of the call, on one clock for all speakers; a word is said where its middle lies."""
    edges_s = np.append(np.arange(0, duration_s, _TRAJECTORY_S), duration_s).round(3).tolist()
    spans = [Span(*pair) for pair in pairwise(edges_s)]
    middles_s = [(word.start_s + word.end_s) / 2 for word in words if word.speaker == own[0].speaker]
    counts = np.histogram(middles_s, edges_s)[0].tolist()
    measured = measure_spans(*read, spans)
    return tuple(
        _trajectory_point(span, _within(own, span), voice, count)
        for span, voice, count in zip(spans, measured, counts, strict=True)
    )


def _within(units: Sequence[Unit], span: Span) -> list[Span]:
    """What of the units lies in the span."""
    inside = (unit for unit in units if unit.end_s > span.start_s and unit.start_s < span.end_s)
    return [Span(max(unit.start_s, span.start_s), min(unit.end_s, span.end_s)) for unit in inside]


def _trajectory_point(span: Span, speech: Sequence[Span], voice: SpanVoice, words: int) -> TrajectoryPoint:
    speech_s = sum(part.duration_s for part in speech)
    enough = speech_s >= _TRAJECTORY_LEAST_S
    return TrajectoryPoint(
        start_s=span.start_s,
        end_s=span.end_s,
        speech_s=round(speech_s, 3),
        rate_wpm=rounded(words_per_minute(words, speech), 1) if enough else None,
        articulation_sps=rounded(voice.syllables / speech_s) if enough else None,
        pitch_st=rounded(voice.pitch_st) if enough else None,
        level_db=rounded(voice.level_db) if enough else None,
    )
