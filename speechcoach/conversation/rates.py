"""How measures are written, and rates of words and syllables over units: shared by turns, windows and speakers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from speechcoach.features import SpanVoice
from speechcoach.features.measures import Spread, spread
from speechcoach.records import Span, Turn, Unit

MIXED = "mixed"  # two voices on one channel: nothing is anybody's own
_RATE_PAUSE_S = 2.0  # longer silences inside a turn are not speaking (speech rate; R-RATE)
_MIN_RATED_WORDS = 3  # a rate of fewer words is chance
_MIN_RATED_S = 0.8
Z_OF = {
    "rate": "rate_wpm",
    "articulation": "articulation_sps",
    "level": "level_db",
    "pitch": "pitch_st",
    "pitch_range": "pitch_range_st",
}


def rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(float(value), digits)


def own_measures(voice: SpanVoice, names: Sequence[str]) -> dict[str, float | None]:
    """The measures that a record has under the same name."""
    return {name: rounded(getattr(voice, name)) for name in names}


def usual_of(turns: Sequence[Turn], speaker: str) -> dict[str, Spread]:
    """How the speaker's turns that took the floor are spread, for each measure of a `ZScores`."""
    own = [turn for turn in turns if turn.speaker == speaker and not turn.inserted]
    return {name: spread([getattr(turn, column) for turn in own]) for name, column in Z_OF.items()}


def _speaking_s(units: Sequence[Unit | Span]) -> float:
    """Time from the first to the last unit, without the long silences."""
    silences = (after.start_s - before.end_s for before, after in pairwise(units))
    return units[-1].end_s - units[0].start_s - sum(gap for gap in silences if gap > _RATE_PAUSE_S)


def words_per_minute(words: int, units: Sequence[Unit | Span]) -> float | None:
    return 60 * words / _speaking_s(units) if words >= _MIN_RATED_WORDS else None


def articulation(units: Sequence[Unit]) -> float | None:
    """Syllables a second of speech, pauses left out."""
    spoken_s = sum(unit.end_s - unit.start_s for unit in units)
    return sum(unit.syllables for unit in units) / spoken_s if spoken_s >= _MIN_RATED_S else None
