"""From frames, speech spans and words to Facts: every measure of units, turns, windows and speakers.

The frames are first cut down to speech, so that no measure ever sees hold music, a leak or noise. Times are
rounded to a millisecond and measures to three digits behind the point: what is stored is what was judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import numpy as np

from speechcoach.conversation.acts import Phrases, is_backchannel
from speechcoach.conversation.turns import build_turns, find_pauses, floor_transfers, words_between
from speechcoach.conversation.wording import certainty, join
from speechcoach.features import SpanVoice, measure_span, measure_spans
from speechcoach.features.measures import QUALITY, Spread, level_rises, spread
from speechcoach.features.voice import TELEPHONE_LIMITED
from speechcoach.records import (
    Call,
    Facts,
    Frames,
    LevelRise,
    Span,
    TrajectoryPoint,
    Turn,
    Unit,
    Voice,
    Window,
    Word,
    ZScores,
)

_WINDOW_S = 4.0  # of own speech, about 8 s of conversation: some phrases, enough for a spread of pitch
_WINDOW_REACH_S = 60.0  # of the call; speech that is further apart is not one stretch
_RATE_PAUSE_S = 2.0  # longer silences inside a turn are not speaking (speech rate; R-RATE)
_MIN_RATED_WORDS = 3  # a rate of fewer words is chance
_MIN_RATED_S = 0.8
_RELEASE_REACH_S = 2.0  # the loudness that an end is compared with
_LOUD_PERCENTILE = 80
_RELEASE_DROP_DB = 12.0
_TRAJECTORY_S = 30.0  # of the call (R-RATE)
_TRAJECTORY_LEAST_S = 2.0  # of own speech; less is a word or two
_OF_UNIT = ("pitch_st", "pitch_sd_st", "level_sd_db", "noise_db", "change_st", "declination_st_s")
_Z_OF = {
    "rate": "rate_wpm",
    "articulation": "articulation_sps",
    "level": "level_db",
    "pitch": "pitch_st",
    "pitch_range": "pitch_range_st",
}
_MIXED = "mixed"  # two voices on one channel: nothing is anybody's own


@dataclass(frozen=True, slots=True)
class Party:
    """A speaker, the channel to read, where they speak, and where other sound is."""

    name: str
    channel: int
    speech: tuple[Span, ...]
    music: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A stretch in which `speaker` speaks another language than the call's."""

    speaker: str
    span: Span
    language: str


def assemble(
    call: Call,
    config: str,
    frames: Frames,
    parties: Sequence[Party],
    words: Sequence[Word],
    phrases: Phrases,
    foreign: Sequence[Foreign] = (),
) -> Facts:
    """Facts without fitness, which is not conversation's to know."""
    frames = speech_only(frames, parties)
    voices = {party.name: (frames, party.channel) for party in parties}
    units = sorted((unit for party in parties for unit in _units(voices, party)), key=lambda u: (u.start_s, u.end_s))
    words = sorted(words, key=lambda word: (word.start_s, word.end_s))
    groups, inserted = build_turns(units, words, lambda said: is_backchannel(said, phrases))
    turns = [_spoken_in(turn, foreign) for turn in _turns(groups, inserted, words, voices)]
    music = [span for party in parties for span in party.music]
    return Facts(
        call=call,
        config=config,
        words=tuple(words),
        units=tuple(units),
        turns=tuple(turns),
        pauses=tuple(find_pauses(units, turns, music)),
        windows=tuple(window for party in parties for window in _windows(voices, party, units)),
        speakers=_speakers(voices, parties, units, turns, words, call.duration_s),
    )


def _spoken_in(turn: Turn, foreign: Sequence[Foreign]) -> Turn:
    middle_s = (turn.start_s + turn.end_s) / 2
    found = (f for f in foreign if f.speaker == turn.speaker and f.span.start_s <= middle_s <= f.span.end_s)
    return replace(turn, language=next((stretch.language for stretch in found), None)) if foreign else turn


def speech_only(frames: Frames, parties: Sequence[Party]) -> Frames:
    """The frames with each party's channel emptied of everything but its speech."""
    measured = [name for name in ("f0_hz", *QUALITY) if getattr(frames, name) is not None]
    columns = {name: np.array(getattr(frames, name)) for name in (*measured, "active", "nucleus")}
    for party in parties:
        silent = np.ones(frames.time_s.shape, bool)
        for span in party.speech:
            first, stop = np.searchsorted(frames.time_s, [span.start_s, span.end_s])
            silent[first:stop] = False
        for name, column in columns.items():
            column[party.channel, silent] = np.nan if name in measured else False
    return replace(frames, **columns)


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(float(value), digits)


def _units(voices: dict, party: Party) -> list[Unit]:
    frames, channel = voices[party.name]
    measured = measure_spans(frames, channel, party.speech)
    return [
        _unit(party.name, span, voice, _release_s(frames, channel, span))
        for span, voice in zip(party.speech, measured, strict=True)
    ]


def _release_s(frames: Frames, channel: int, span: Span) -> float | None:
    """Time from the last loud frame to the end; a voice that is cut off has hardly any."""
    first, stop = np.searchsorted(frames.time_s, [max(span.start_s, span.end_s - _RELEASE_REACH_S), span.end_s])
    level_db = frames.level_db[channel, first:stop]
    if not level_db.size:
        return None
    loud = np.flatnonzero(level_db > np.percentile(level_db, _LOUD_PERCENTILE) - _RELEASE_DROP_DB)
    return (len(level_db) - 1 - int(loud[-1])) * frames.hop_s


def _unit(speaker: str, span: Span, voice: SpanVoice, release_s: float | None) -> Unit:
    return Unit(
        speaker=speaker,
        start_s=round(span.start_s, 3),
        end_s=round(span.end_s, 3),
        voiced_s=round(voice.voiced_s, 3),
        syllables=voice.syllables,
        level_db=_rounded(voice.level_db),
        pitch_hz=_rounded(voice.pitch_hz),
        pitch_range_st=_rounded(voice.pitch_range_st),
        final_slope_st_s=_rounded(voice.final_slope_st_s),
        inflection=voice.inflection,
        release_s=_rounded(release_s),
        **_own_measures(voice, _OF_UNIT),
    )


def _own_measures(voice: SpanVoice, names: Sequence[str]) -> dict[str, float | None]:
    """The measures that a record has under the same name."""
    return {name: _rounded(getattr(voice, name)) for name in names}


def _turns(groups: Sequence[Sequence[Unit]], inserted: set[int], words: Sequence[Word], voices: dict) -> list[Turn]:
    spans = [Span(group[0].start_s, group[-1].end_s) for group in groups]
    measured: dict[int, SpanVoice] = {}
    for speaker, (frames, channel) in voices.items():
        own = [place for place, group in enumerate(groups) if group[0].speaker == speaker]
        found = measure_spans(frames, channel, [spans[place] for place in own])
        measured |= dict(zip(own, found, strict=True))
    turns = [_turn(group, words, measured[place], place in inserted) for place, group in enumerate(groups)]
    usual = {speaker: _usual(turns, speaker) for speaker in voices if speaker != _MIXED}
    return [_with_z(turn, usual.get(turn.speaker)) for turn in turns]


def _usual(turns: Sequence[Turn], speaker: str) -> dict[str, Spread]:
    """How the speaker's turns that took the floor are spread, for each measure of a `ZScores`."""
    own = [turn for turn in turns if turn.speaker == speaker and not turn.inserted]
    return {name: spread([getattr(turn, column) for turn in own]) for name, column in _Z_OF.items()}


def _with_z(turn: Turn, usual: dict[str, Spread] | None) -> Turn:
    if usual is None or turn.inserted:
        return turn
    return replace(turn, z=ZScores(**{name: _rounded(usual[name].z(getattr(turn, _Z_OF[name]))) for name in _Z_OF}))


def _turn(units: Sequence[Unit], words: Sequence[Word], voice: SpanVoice, inserted: bool) -> Turn:
    speaker, start_s, end_s = units[0].speaker, units[0].start_s, units[-1].end_s
    said = words_between(words, speaker, start_s, end_s)
    return Turn(
        speaker=speaker,
        start_s=start_s,
        end_s=end_s,
        text=join(said),
        words=len(said),
        rate_wpm=_rounded(_words_per_minute(len(said), units), 1),
        articulation_sps=_rounded(_articulation(units)),
        pitch_hz=_rounded(voice.pitch_hz),
        pitch_range_st=_rounded(voice.pitch_range_st),
        level_db=_rounded(voice.level_db),
        final_slope_st_s=_rounded(voice.final_slope_st_s),
        inflection=voice.inflection,
        inserted=inserted,
        probability=_rounded(certainty(said)),
        **_own_measures(voice, (*_OF_UNIT, *QUALITY)),
    )


def _speaking_s(units: Sequence[Unit | Span]) -> float:
    """Time from the first to the last unit, without the long silences."""
    silences = (after.start_s - before.end_s for before, after in pairwise(units))
    return units[-1].end_s - units[0].start_s - sum(gap for gap in silences if gap > _RATE_PAUSE_S)


def _words_per_minute(words: int, units: Sequence[Unit | Span]) -> float | None:
    return 60 * words / _speaking_s(units) if words >= _MIN_RATED_WORDS else None


def _articulation(units: Sequence[Unit]) -> float | None:
    """Syllables a second of speech, pauses left out."""
    spoken_s = sum(unit.end_s - unit.start_s for unit in units)
    return sum(unit.syllables for unit in units) / spoken_s if spoken_s >= _MIN_RATED_S else None


def _windows(voices: dict, party: Party, units: Sequence[Unit]) -> list[Window]:
    frames, channel = voices[party.name]
    groups = _speech_windows([unit for unit in units if unit.speaker == party.name])
    measured = measure_spans(frames, channel, [Span(group[0].start_s, group[-1].end_s) for group in groups])
    return [_window(group, voice) for group, voice in zip(groups, measured, strict=True)]


def _speech_windows(own: Sequence[Unit]) -> list[list[Unit]]:
    """A speaker's units in groups of `_WINDOW_S` of speech; what is left over, or too spread out, is not judged."""
    groups: list[list[Unit]] = []
    current: list[Unit] = []
    for unit in own:
        if current and unit.end_s - current[0].start_s > _WINDOW_REACH_S:
            current = []
        current.append(unit)
        if sum(item.end_s - item.start_s for item in current) >= _WINDOW_S:
            groups.append(current)
            current = []
    return groups


def _window(units: Sequence[Unit], voice: SpanVoice) -> Window:
    return Window(
        speaker=units[0].speaker,
        start_s=units[0].start_s,
        end_s=units[-1].end_s,
        voiced_s=round(voice.voiced_s, 3),
        pitch_sd_st=_rounded(voice.pitch_sd_st),
        level_db=_rounded(voice.level_db),
        articulation_sps=_rounded(_articulation(units)),
        pitch_range_st=_rounded(voice.pitch_range_st),
    )


def _speakers(
    voices: dict,
    parties: Sequence[Party],
    units: Sequence[Unit],
    turns: Sequence[Turn],
    words: Sequence[Word],
    duration_s: float,
) -> dict[str, Voice]:
    total_s = sum(unit.end_s - unit.start_s for unit in units)
    offsets = floor_transfers(turns)
    found = {}
    for party in parties:
        own = [unit for unit in units if unit.speaker == party.name]
        if own:
            taken = [offset_s for _, after, offset_s in offsets if after.speaker == party.name]
            read = voices[party.name]
            voice = _speaker(read, own, turns, total_s if len(parties) > 1 else None, taken)
            found[party.name] = replace(
                voice,
                trajectory=_trajectory(read, own, words, duration_s),
                level_rises=_level_rises(read) if party.name != _MIXED else (),
                **(_turns_of(turns, party.name) if party.name != _MIXED else {}),
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
        talk_share=_rounded(talk_s / total_s if total_s else None),
        rate_wpm=_rounded(sum(t.words for t in rated) / rated_min if rated else None, 1),
        articulation_sps=_rounded(_articulation(own)),
        pitch_hz=_rounded(voice.pitch_hz),
        pitch_sd_st=_rounded(voice.pitch_sd_st),
        pitch_range_st=_rounded(voice.pitch_range_st),
        level_db=_rounded(voice.level_db),
        level_sd_db=_rounded(voice.level_sd_db),
        median_fto_s=_rounded(median(offsets_s) if offsets_s else None),
        telephone_limited=tuple(name for name in TELEPHONE_LIMITED if getattr(voice, name) is not None),
        **_own_measures(voice, ("noise_db", *QUALITY)),
    )


def _turns_of(turns: Sequence[Turn], speaker: str) -> dict[str, float | None]:
    """Medians and IQRs over the speaker's turns, by their names in `Voice`."""
    usual = _usual(turns, speaker)
    return {
        "rate_median_wpm": _rounded(usual["rate"].median, 1),
        "rate_iqr_wpm": _rounded(usual["rate"].iqr, 1),
        "articulation_median_sps": _rounded(usual["articulation"].median),
        "articulation_iqr_sps": _rounded(usual["articulation"].iqr),
        "pitch_iqr_st": _rounded(usual["pitch"].iqr),
        "pitch_range_median_st": _rounded(usual["pitch_range"].median),
        "pitch_range_iqr_st": _rounded(usual["pitch_range"].iqr),
        "level_median_db": _rounded(usual["level"].median),
        "level_iqr_db": _rounded(usual["level"].iqr),
    }


def _level_rises(read: tuple[Frames, int]) -> tuple[LevelRise, ...]:
    return tuple(
        LevelRise(*(_rounded(value) for value in (rise.start_s, rise.end_s, rise.above_db, rise.noise_rise_db)))
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
        rate_wpm=_rounded(_words_per_minute(words, speech), 1) if enough else None,
        articulation_sps=_rounded(voice.syllables / speech_s) if enough else None,
        pitch_st=_rounded(voice.pitch_st) if enough else None,
        level_db=_rounded(voice.level_db) if enough else None,
    )
