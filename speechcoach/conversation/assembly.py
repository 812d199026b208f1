"""From frames, speech spans and words to Facts: every measure of units, turns, windows and speakers.

The frames are first cut down to speech, so that no measure ever sees hold music, a leak or noise. Times are
rounded to a millisecond and measures to three digits behind the point: what is stored is what was judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from speechcoach.conversation.acts import Phrases, is_backchannel
from speechcoach.conversation.rates import MIXED, Z_OF, articulation, own_measures, rounded, usual_of, words_per_minute
from speechcoach.conversation.speakers import voices_of
from speechcoach.conversation.turns import build_turns, find_pauses, words_between
from speechcoach.conversation.wording import certainty, join
from speechcoach.features import SpanVoice, measure_spans
from speechcoach.features.measures import QUALITY, Spread
from speechcoach.records import (
    Call,
    Facts,
    Frames,
    Span,
    Turn,
    Unit,
    Window,
    Word,
    ZScores,
)

_WINDOW_S = 4.0  # of own speech, about 8 s of conversation: some phrases, enough for a spread of pitch
_WINDOW_REACH_S = 60.0  # of the call; speech that is further apart is not one stretch
_RELEASE_REACH_S = 2.0  # the loudness that an end is compared with
_LOUD_PERCENTILE = 80
_RELEASE_DROP_DB = 12.0
_OF_UNIT = ("pitch_st", "pitch_sd_st", "level_sd_db", "noise_db", "change_st", "declination_st_s")


@dataclass(frozen=True, slots=True)
class Party:
    """A speaker, the channel to read, where they speak, and where other sound is; two may share a channel."""

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
    voices = _voices(frames, parties)
    units = sorted((unit for party in parties for unit in _units(voices, party)), key=lambda u: (u.start_s, u.end_s))
    words = sorted(words, key=lambda word: (word.start_s, word.end_s))
    groups, inserted = build_turns(units, words, lambda said: is_backchannel(said, phrases))
    turns = [_spoken_in(turn, foreign) for turn in _turns(groups, inserted, words, voices)]
    music = [span for spans in {party.channel: party.music for party in parties}.values() for span in spans]
    return Facts(
        call=call,
        config=config,
        words=tuple(words),
        units=tuple(units),
        turns=tuple(turns),
        pauses=tuple(find_pauses(units, turns, music)),
        windows=tuple(window for party in parties for window in _windows(voices, party, units)),
        speakers=voices_of({party.name: voices[party.name] for party in parties}, units, turns, words, call.duration_s),
    )


def _spoken_in(turn: Turn, foreign: Sequence[Foreign]) -> Turn:
    middle_s = (turn.start_s + turn.end_s) / 2
    found = (f for f in foreign if f.speaker == turn.speaker and f.span.start_s <= middle_s <= f.span.end_s)
    return replace(turn, language=next((stretch.language for stretch in found), None)) if foreign else turn


def speech_only(frames: Frames, parties: Sequence[Party]) -> Frames:
    """The frames with each party's channel emptied of everything but the speech of the parties on it."""
    measured = [name for name in ("f0_hz", *QUALITY) if getattr(frames, name) is not None]
    columns = {name: np.array(getattr(frames, name)) for name in (*measured, "active", "nucleus")}
    for channel in {party.channel for party in parties}:
        silent = np.ones(frames.time_s.shape, bool)
        for span in (span for party in parties if party.channel == channel for span in party.speech):
            first, stop = np.searchsorted(frames.time_s, [span.start_s, span.end_s])
            silent[first:stop] = False
        for name, column in columns.items():
            column[channel, silent] = np.nan if name in measured else False
    return replace(frames, **columns)


def _voices(frames: Frames, parties: Sequence[Party]) -> dict[str, tuple[Frames, int]]:
    """Frames and channel to read of each party; who shares a channel has frames without the other's speech."""
    if len({party.channel for party in parties}) < len(parties):
        return {party.name: (speech_only(frames, [party]), party.channel) for party in parties}
    frames = speech_only(frames, parties)
    return {party.name: (frames, party.channel) for party in parties}


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
        level_db=rounded(voice.level_db),
        pitch_hz=rounded(voice.pitch_hz),
        pitch_range_st=rounded(voice.pitch_range_st),
        final_slope_st_s=rounded(voice.final_slope_st_s),
        inflection=voice.inflection,
        release_s=rounded(release_s),
        **own_measures(voice, _OF_UNIT),
    )


def _turns(groups: Sequence[Sequence[Unit]], inserted: set[int], words: Sequence[Word], voices: dict) -> list[Turn]:
    spans = [Span(group[0].start_s, group[-1].end_s) for group in groups]
    measured: dict[int, SpanVoice] = {}
    for speaker, (frames, channel) in voices.items():
        own = [place for place, group in enumerate(groups) if group[0].speaker == speaker]
        found = measure_spans(frames, channel, [spans[place] for place in own])
        measured |= dict(zip(own, found, strict=True))
    turns = [_turn(group, words, measured[place], place in inserted) for place, group in enumerate(groups)]
    usual = {speaker: usual_of(turns, speaker) for speaker in voices if speaker != MIXED}
    return [_with_z(turn, usual.get(turn.speaker)) for turn in turns]


def _with_z(turn: Turn, usual: dict[str, Spread] | None) -> Turn:
    if usual is None or turn.inserted:
        return turn
    return replace(turn, z=ZScores(**{name: rounded(usual[name].z(getattr(turn, Z_OF[name]))) for name in Z_OF}))


def _turn(units: Sequence[Unit], words: Sequence[Word], voice: SpanVoice, inserted: bool) -> Turn:
    speaker, start_s, end_s = units[0].speaker, units[0].start_s, units[-1].end_s
    said = words_between(words, speaker, start_s, end_s)
    return Turn(
        speaker=speaker,
        start_s=start_s,
        end_s=end_s,
        text=join(said),
        words=len(said),
        rate_wpm=rounded(words_per_minute(len(said), units), 1),
        articulation_sps=rounded(articulation(units)),
        pitch_hz=rounded(voice.pitch_hz),
        pitch_range_st=rounded(voice.pitch_range_st),
        level_db=rounded(voice.level_db),
        final_slope_st_s=rounded(voice.final_slope_st_s),
        inflection=voice.inflection,
        inserted=inserted,
        probability=rounded(certainty(said)),
        **own_measures(voice, (*_OF_UNIT, *QUALITY)),
    )


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
        pitch_sd_st=rounded(voice.pitch_sd_st),
        level_db=rounded(voice.level_db),
        articulation_sps=rounded(articulation(units)),
        pitch_range_st=rounded(voice.pitch_range_st),
    )
