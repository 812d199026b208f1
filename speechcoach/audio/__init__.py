"""From a file to samples: float32 `[channels, samples]`, -1 to 1, at the rate that a room asks for.

A recording is decoded in blocks and never loaded at its own rate as a whole: the rate of the analysis
(8 kHz) is a fifth of what a phone may have recorded at. The call's id is the sha256 of the decoded
samples, so that the same audio under another name, or in another lossless container, is the same call.
"""

from speechcoach.audio.profiles import known_side, paired, pairs_of, profile, unsided
from speechcoach.audio.reading import SpanReader
from speechcoach.audio.recording import Recording, open_recording, with_losses
from speechcoach.audio.resampling import resample_blocks
from speechcoach.audio.sides import Sides

__all__ = [
    "Recording",
    "Sides",
    "SpanReader",
    "known_side",
    "open_recording",
    "paired",
    "pairs_of",
    "profile",
    "resample_blocks",
    "unsided",
    "with_losses",
]
