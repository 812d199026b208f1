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
from speechcoach.conversation.wording import join
from speechcoach.features import SpanVoice, measure_span, measure_spans
from speechcoach.records import Call, Facts, Frames, Span, Turn, Unit, Voice, Window, Word

_WINDOW_S = 4.0  # of own speech, about 8 s of conversation: some phrases, enough for a spread of pitch
_WINDOW_REACH_S = 60.0  # of the call; speech that is further apart is not one stretch
_RATE_PAUSE_S = 2.0  # longer silences inside a turn are not speaking (speech rate; R-RATE)
_MIN_RATED_WORDS = 3  # a rate of fewer words is chance
_MIN_RATED_S = 0.8
_RELEASE_REACH_S = 2.0  # the loudness that an end is compared with
_LOUD_PERCENTILE = 80
_RELEASE_DROP_DB = 12.0


@dataclass(frozen=True, slots=True)
class Party:
    """A speaker, the channel to read, where they speak, and where other sound is."""

    name: str
    channel: int
    speech: tuple[Span, ...]
    music: tuple[Span, ...]


def assemble(
    call: Call, config: str, frames: Frames, parties: Sequence[Party], words: Sequence[Word], phrases: Phrases
) -> Facts:
    """Facts without fitness, which is not conversation's to know."""
    frames = speech_only(frames, parties)
    voices = {party.name: (frames, party.channel) for party in parties}
    units = sorted((unit for party in parties for unit in _units(voices, party)), key=lambda u: (u.start_s, u.end_s))
    words = sorted(words, key=lambda word: (word.start_s, word.end_s))
    groups, inserted = build_turns(units, words, lambda said: is_backchannel(said, phrases))
    turns = [_turn(group, words, voices, place in inserted) for place, group in enumerate(groups)]
    music = [span for party in parties for span in party.music]
    return Facts(
        call=call,
        config=config,
        words=tuple(words),
        units=tuple(units),
        turns=tuple(turns),
        pauses=tuple(find_pauses(units, turns, music)),
        windows=tuple(window for party in parties for window in _windows(voices, party, units)),
        speakers=_speakers(voices, parties, units, turns),
    )


def speech_only(frames: Frames, parties: Sequence[Party]) -> Frames:
    """The frames with each party's channel emptied of everything but its speech."""
    f0_hz, active, nucleus = (np.array(column) for column in (frames.f0_hz, frames.active, frames.nucleus))
    for party in parties:
        silent = np.ones(frames.time_s.shape, bool)
        for span in party.speech:
            first, stop = np.searchsorted(frames.time_s, [span.start_s, span.end_s])
            silent[first:stop] = False
        f0_hz[party.channel, silent] = np.nan
        active[party.channel, silent] = False
        nucleus[party.channel, silent] = False
    return replace(frames, f0_hz=f0_hz, active=active, nucleus=nucleus)


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
    )


def _turn(units: Sequence[Unit], words: Sequence[Word], voices: dict, inserted: bool) -> Turn:
    speaker, start_s, end_s = units[0].speaker, units[0].start_s, units[-1].end_s
    frames, channel = voices[speaker]
    voice = measure_span(frames, channel, Span(start_s, end_s))
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
    )


def _speaking_s(units: Sequence[Unit]) -> float:
    """Time from the first to the last unit, without the long silences."""
    silences = (after.start_s - before.end_s for before, after in pairwise(units))
    return units[-1].end_s - units[0].start_s - sum(gap for gap in silences if gap > _RATE_PAUSE_S)


def _words_per_minute(words: int, units: Sequence[Unit]) -> float | None:
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
    )


def _speakers(voices: dict, parties: Sequence[Party], units: Sequence[Unit], turns: Sequence[Turn]) -> dict[str, Voice]:
    total_s = sum(unit.end_s - unit.start_s for unit in units)
    offsets = floor_transfers(turns)
    found = {}
    for party in parties:
        own = [unit for unit in units if unit.speaker == party.name]
        if own:
            taken = [offset_s for _, after, offset_s in offsets if after.speaker == party.name]
            found[party.name] = _speaker(voices[party.name], own, turns, total_s if len(parties) > 1 else None, taken)
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
    )
