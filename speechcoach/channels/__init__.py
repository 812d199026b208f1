"""Channels: who is where, and can it be judged.

Conventions: samples are float32 `[channels, n]` at 8 kHz in -1..1; times are seconds from the start
of the recording; levels dB re full scale. The order of work: the features, `find_activity`, then
`assess_channels`, which tells what of the call can be judged.
"""

from __future__ import annotations

from .activity import Activity, ActivityConfig, find_activity
from .fitness import FitnessConfig, assess_channels, overlaps_unjudged
from .speakers import Speakers, SpeakersConfig, tell_apart

__all__ = [
    "Activity",
    "ActivityConfig",
    "FitnessConfig",
    "Speakers",
    "SpeakersConfig",
    "assess_channels",
    "find_activity",
    "overlaps_unjudged",
    "tell_apart",
]
