"""Makes the sample calls: scripts in, stereo telephone recordings and their exact truth out.

The work flows one way: script -> voices (phonemes, engines, prosody) -> timeline -> mixing and truth.
Conventions everywhere: times in seconds on the recording's clock, levels in dB re full scale
(dBFS) or relative (dB), pitch changes in semitones (st), samples in [-1, 1], one channel unless said.
"""
