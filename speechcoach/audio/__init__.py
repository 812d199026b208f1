"""From a file to samples: float32 `[channels, samples]`, -1 to 1, at the rate that a room asks for.

A recording is decoded in blocks and never loaded at its own rate as a whole: the rate of the analysis
(8 kHz) is a fifth of what a phone may have recorded at. The call's id is the sha256 of the decoded
samples, so that the same audio under another name, or in another lossless container, is the same call.
"""

from speechcoach.audio.reading import SpanReader
from speechcoach.audio.recording import SUPPORTED, Recording, open_recording
from speechcoach.audio.resampling import resample_blocks

__all__ = ["SUPPORTED", "Recording", "SpanReader", "open_recording", "resample_blocks"]
