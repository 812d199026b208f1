"""The frozen records that flow through the house: data and validation, no behaviour.

Conventions, for every record: times are seconds from the start of the recording, on one clock for
both channels. Levels are dB re full scale. Pitch is in semitones re the speaker's own median unless
the name ends in `_hz`. Unknown is None in a record and NaN in an array. Sequences are tuples, in
order of time. `speaker` is "agent" or "customer"; in a recording with one channel, where the two
cannot be told apart, it is "mixed".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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

    The arrays are read-only. `time_s` is the centre of each frame.
    """

    hop_s: float
    time_s: np.ndarray
    f0_hz: np.ndarray  # float32, NaN where unvoiced
    voicing: np.ndarray  # float32, 0-1
    level_db: np.ndarray  # float32, dB re full scale
    noise_db: np.ndarray  # float32, the noise floor that the level is judged against
    active: np.ndarray  # bool, loud enough over the noise floor to be looked at
    nucleus: np.ndarray  # bool, True at the frame nearest to a syllable nucleus

    def __post_init__(self) -> None:
        for name in ("time_s", "f0_hz", "voicing", "level_db", "noise_db", "active", "nucleus"):
            column = getattr(self, name)
            if column.shape[-1] != self.time_s.shape[0]:
                raise ValueError(f"{name} has {column.shape[-1]} frames, time_s has {self.time_s.shape[0]}")
            column.setflags(write=False)


@dataclass(frozen=True, slots=True)
class Call:
    """Which recording this is and who is on which channel."""

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


@dataclass(frozen=True, slots=True)
class Channel:
    """Fitness of one channel: can what is on it be judged?"""

    channel: int
    speech_s: float
    level_db: float | None
    snr_db: float | None
    clipped_share: float
    leak_db: float | None
    problems: tuple[str, ...] = ()


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

    def __post_init__(self) -> None:
        _check_order(self.start_s, self.end_s)


@dataclass(frozen=True, slots=True)
class Act:
    """What one sentence of a turn does, and the words that do it."""

    kind: str
    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's units with no floor change between them.

    A turn inside the other's (`inserted`) did not take the floor: backchannels, attempts that failed.
    `acts` is what the turn does, by the phrases of the norms in force.
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


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker over the whole call."""

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


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that was measured, and all that a cue may read.

    `unfit` maps what cannot be judged ("speakers", "overlaps", "transcript") to the reason.
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
