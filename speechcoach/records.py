"""The frozen records that flow through the house: data and validation, no behaviour.

Conventions, for every record: times are seconds from the start of the recording, on one clock for
both channels. Levels are dB re full scale. Pitch is in semitones re the speaker's own median unless
the name ends in `_hz`. Unknown is None in a record and NaN in an array. Sequences are tuples, in
order of time. `speaker` is "agent" or "customer"; where both are on one channel and cannot be told apart by
their voices either, it is "mixed".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

import numpy as np

Speaker = Literal["agent", "customer", "mixed"]
OverlapKind = Literal[
    "interruption", "butting_in", "silent_interruption", "completion", "backchannel", "terminal", "needed", "unclear"
]
PauseKind = Literal["gap", "pause", "hold", "dead_air"]
Inflection = Literal["rise", "fall", "level"]
RolesFrom = Literal["option", "metadata", "speech", "default"]


def _check_order(start_s: float, end_s: float) -> None:
    if not 0 <= start_s <= end_s:
        raise ValueError(f"a span must have 0 <= start <= end, not {start_s} to {end_s}")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of the call, `start_s <= end_s`."""

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        _check_order(self.start_s, self.end_s)

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """What the feature extractor sees every hop; columns of `[frames]`, or `[channels, frames]`.

    The arrays are read-only. `time_s` is the centre of each frame. From `hnr_db` on the columns are voice quality,
    telephone-limited, NaN where unvoiced or not measured; None where none of it was measured.
    """

    hop_s: float
    time_s: np.ndarray
    f0_hz: np.ndarray  # float32, NaN where unvoiced
    voicing: np.ndarray  # float32, 0-1
    level_db: np.ndarray  # float32, dB re full scale
    noise_db: np.ndarray  # float32, the noise floor that the level is judged against
    active: np.ndarray  # bool, loud enough over the noise floor to be looked at
    nucleus: np.ndarray  # bool, True at the frame nearest to a syllable nucleus
    hnr_db: np.ndarray | None = None  # float32, harmonics to noise, 0-25
    balance_db: np.ndarray | None = None  # float32, what is below 930 Hz over what is above 1530 Hz
    tilt_db_oct: np.ndarray | None = None  # float32, slope of the spectrum, 300-2350 Hz, dB per octave
    jitter_pct: np.ndarray | None = None  # float32, at one frame of a voiced stretch
    shimmer_db: np.ndarray | None = None  # float32, at one frame of a voiced stretch

    def __post_init__(self) -> None:
        for name in (item.name for item in fields(self) if item.name != "hop_s"):
            column = getattr(self, name)
            if column is None:
                continue
            if column.shape[-1] != self.time_s.shape[0]:
                raise ValueError(f"{name} has {column.shape[-1]} frames, time_s has {self.time_s.shape[0]}")
            column.setflags(write=False)


@dataclass(frozen=True, slots=True)
class Call:
    """Which recording this is and who is on which channel.

    Where both are on the same one, they were told apart by their voices: `speakers_why` says so, and
    `speakers_probability` is how likely that is right. `notes` are sentences on how the file was read and what is wrong
    with it; where audio is `lost`, silence of the same length stands, so that no time shifts.
    """

    id: str  # sha256 of the decoded samples
    file: str
    duration_s: float
    rate_hz: int
    channels: int
    roles: Mapping[str, int] = field(default_factory=dict)
    roles_from: RolesFrom = "default"
    roles_why: str = ""
    language: str | None = None
    transcribed_by: str | None = None
    speakers_why: str = ""
    speakers_probability: float | None = None
    notes: tuple[str, ...] = ()
    lost: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Leakage:
    """A stretch in which the other side is heard in a channel.

    `level_db` is re the other side's own channel (-20: heard 20 dB down), `delay_s` how much later than there.
    """

    start_s: float
    end_s: float
    level_db: float
    delay_s: float

    def __post_init__(self) -> None:
        _check_order(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Channel:
    """Fitness of one channel: can what is on it be judged?

    `leaks` are the stretches, to 10 s, in which the other side is heard in it, `leak_db` the level in most of them.
    `hum_db` is how far the mains' harmonics stand out of the line's noise, `band_hz` the lowest and highest frequency
    at which speech is within 45 dB of its loudest, `lost_s` how long the signal dropped out while somebody spoke.
    """

    channel: int
    speech_s: float
    level_db: float | None
    snr_db: float | None
    clipped_share: float
    leak_db: float | None
    problems: tuple[str, ...] = ()
    hum_db: float | None = None
    band_hz: tuple[float, float] | None = None
    lost_s: float = 0.0
    leaks: tuple[Leakage, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A spoken word, with the recogniser's own probabilities (0-1): that it is right, and that it ends a sentence."""

    speaker: str
    start_s: float
    end_s: float
    text: str
    probability: float | None = None
    closes: float | None = None

    def __post_init__(self) -> None:
        _check_order(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Unit:
    """An inter-pausal unit: one speaker's speech between two pauses, and its voice.

    `release_s` is how long it takes to fade: from its last frame within 12 dB of its loud frames to its end.
    `pitch_st` is the median re the speaker's, `change_st` how far the last 0.3 s of voice move. `noise_db` is the
    noise floor under it: the unit stands `level_db - noise_db` over the noise.
    """

    speaker: str
    start_s: float
    end_s: float
    voiced_s: float
    syllables: int
    level_db: float | None
    pitch_hz: float | None
    pitch_range_st: float | None
    final_slope_st_s: float | None
    inflection: Inflection | None
    release_s: float | None
    pitch_st: float | None = None
    pitch_sd_st: float | None = None
    level_sd_db: float | None = None
    noise_db: float | None = None
    change_st: float | None = None
    declination_st_s: float | None = None

    def __post_init__(self) -> None:
        _check_order(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Act:
    """What one sentence of a turn does, and the words that do it.

    `probability` is how likely it is (0-1), None where a phrase or a form decided; `why` is what decided.
    """

    kind: str
    start_s: float
    end_s: float
    text: str
    probability: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ZScores:
    """How a turn stands against the turns of its speaker in this call: distance from their median over IQR / 1.349.

    0 is usual, beyond 2 in either direction is rare for this speaker, which need not be heard: of somebody who is
    always as loud half a decibel is rare. No value is known where the speaker has fewer than eight turns that
    took the floor and were measured, or all of them are alike.
    """

    rate: float | None = None  # words a minute
    articulation: float | None = None  # syllables a second
    level: float | None = None  # dB
    pitch: float | None = None  # semitones
    pitch_range: float | None = None  # semitones


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's units with no floor change between them.

    A turn inside the other's (`inserted`) did not take the floor: backchannels, attempts that failed.
    `acts` is what the turn does, by the phrases of the norms in force. `rate_wpm` includes pauses of up to 2 s,
    `articulation_sps` none. `pitch_st` is the median re the speaker's, `change_st` how far the last 0.3 s of voice
    move, `declination_st_s` the trend over the whole (from 1 s on). From `hnr_db` to `shimmer_db` it is voice
    quality, telephone-limited. `probability` is the mean of its words': below 0.5 the text is doubtful. `language` is
    named where the turn is in another one than the call.
    """

    speaker: str
    start_s: float
    end_s: float
    text: str
    words: int
    rate_wpm: float | None
    articulation_sps: float | None
    pitch_hz: float | None
    pitch_range_st: float | None
    level_db: float | None
    final_slope_st_s: float | None
    inflection: Inflection | None
    inserted: bool = False
    acts: tuple[Act, ...] = ()
    pitch_st: float | None = None
    pitch_sd_st: float | None = None
    level_sd_db: float | None = None
    noise_db: float | None = None
    change_st: float | None = None
    declination_st_s: float | None = None
    hnr_db: float | None = None
    balance_db: float | None = None
    tilt_db_oct: float | None = None
    jitter_pct: float | None = None
    shimmer_db: float | None = None
    z: ZScores | None = None
    probability: float | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        _check_order(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Both speak, or one cuts in on the other without overlap (then `start_s == end_s`)."""

    start_s: float
    end_s: float
    by: str
    kind: OverlapKind = "unclear"
    probability: float = 0.0
    why: str = ""

    def __post_init__(self) -> None:
        _check_order(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Pause:
    """Nobody speaks. `before` is who spoke last before it, `after` who speaks next."""

    start_s: float
    end_s: float
    kind: PauseKind
    before: str | None
    after: str | None = None
    announced: bool | None = None
    music: bool = False

    def __post_init__(self) -> None:
        _check_order(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Window:
    """The voice of one speaker over some seconds of own speech, for trajectories and monotony."""

    speaker: str
    start_s: float
    end_s: float
    voiced_s: float
    pitch_sd_st: float | None
    level_db: float | None
    articulation_sps: float | None
    pitch_range_st: float | None = None


@dataclass(frozen=True, slots=True)
class TrajectoryPoint:
    """One speaker in 30 s of the call; measures are None where there is too little of their speech in it."""

    start_s: float
    end_s: float
    speech_s: float
    rate_wpm: float | None
    articulation_sps: float | None
    pitch_st: float | None
    level_db: float | None

    def __post_init__(self) -> None:
        _check_order(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class LevelRise:
    """A moment in which a speaker stands 6 dB or more over their own median level; `above_db` is its loudest.

    The noise floor under it stands `noise_rise_db` over its own median: a voice that follows the noise is no raised
    voice (Lombard; Junqua 1993, J. Acoust. Soc. Am. 93), and is not listed.
    """

    start_s: float
    end_s: float
    above_db: float
    noise_rise_db: float

    def __post_init__(self) -> None:
        _check_order(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker over the whole call.

    Names with `median` and `iqr` (distance of the quartiles) are over the turns that took the floor, so they tell
    how turns differ; the others are over all speech. What `telephone_limited` names is measured as well as the
    band allows, and compares this speaker with the same speaker on the same line only.
    """

    talk_s: float
    talk_share: float | None
    rate_wpm: float | None
    articulation_sps: float | None
    pitch_hz: float | None
    pitch_sd_st: float | None
    pitch_range_st: float | None
    level_db: float | None
    level_sd_db: float | None
    median_fto_s: float | None
    rate_median_wpm: float | None = None
    rate_iqr_wpm: float | None = None
    articulation_median_sps: float | None = None
    articulation_iqr_sps: float | None = None
    pitch_iqr_st: float | None = None
    pitch_range_median_st: float | None = None
    pitch_range_iqr_st: float | None = None
    level_median_db: float | None = None
    level_iqr_db: float | None = None
    noise_db: float | None = None
    hnr_db: float | None = None
    balance_db: float | None = None
    tilt_db_oct: float | None = None
    jitter_pct: float | None = None
    shimmer_db: float | None = None
    telephone_limited: tuple[str, ...] = ()
    trajectory: tuple[TrajectoryPoint, ...] = ()
    level_rises: tuple[LevelRise, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that was measured, and all that a cue may read.

    `unfit` maps what cannot be judged ("speakers", "overlaps", "transcript") to the reason. `overlaps_unjudged` are
    stretches in which the other side is heard so loud that nobody can tell who speaks at the same time: there
    no overlap is listed, and what counts overlaps counts those of the rest of the call.
    """

    call: Call
    config: str  # fingerprint of the configuration that measured it
    channels: tuple[Channel, ...] = ()
    words: tuple[Word, ...] = ()
    units: tuple[Unit, ...] = ()
    turns: tuple[Turn, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    pauses: tuple[Pause, ...] = ()
    windows: tuple[Window, ...] = ()
    speakers: Mapping[str, Voice] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)
    overlaps_unjudged: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One behaviour at one place, with the evidence that lets a person agree or argue.

    `strength` tells praise from a flag. `limit` is the value of the norm's `threshold`, `source` where it
    comes from, `why` is the evidence in words, and `unless` says what would have made it not a finding.
    `variant` names the cue's sentence that tells it.
    """

    id: str
    cue: str
    speaker: str
    spans: tuple[Span, ...]
    value: float
    limit: float
    unit: str
    quote: str
    unless: str
    why: str = ""
    threshold: str = ""
    source: str = ""
    variant: str = "flag"
    strength: bool = False


@dataclass(frozen=True, slots=True)
class Abstention:
    """A cue that was not judged, and why."""

    cue: str
    why: str


@dataclass(frozen=True, slots=True)
class Score:
    """A score of 0-100, or None where nothing it rests on could be judged.

    `because` names the findings that cost points, `without` the cues that abstained.
    """

    name: str
    score: float | None
    because: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Fingerprints of the settings that made a result."""

    config: str
    norms: str
    rubric: str


@dataclass(frozen=True, slots=True)
class Result:
    """A judged call: the facts and what they mean under one set of norms and one rubric."""

    facts: Facts
    settings: Settings
    findings: tuple[Finding, ...] = ()
    abstained: tuple[Abstention, ...] = ()
    scores: tuple[Score, ...] = ()
