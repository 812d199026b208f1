"""What the feature extractor may be told, with the reason beside each number.

Frequencies are Hz, times seconds, levels dB, lags samples at 8 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeatureConfig:
    """The numbers of the feature extractor; frozen and hashable, so that tables can be cached by it.

    Raises ValueError where a field cannot be meant.
    """

    f0_min_hz: float = 60.0  # the creak of a low male voice; below it Praat and RAPT do not look either
    f0_max_hz: float = 500.0  # an excited woman or a child; above it lie whistles and line tones
    active_over_floor_db: float = 2.0  # steady noise over 50 ms spreads by 0.4 dB: far outside its own spread
    active_under_peak_db: float = 45.0  # mu-law keeps about 38 dB: what lies lower is coding noise
    tonal_under_peak_db: float = 6.0  # with less than this between loud and floor, level cannot tell
    voicing_threshold: float = 0.50  # peak height at which a frame is as likely voiced as not
    switch_cost: float = 0.30  # turning the voice on or off, against flicker
    jump_cost: float = 1.2  # an octave from one hop to the next (Boersma 1993 has 0.35)
    octave_cost: float = 0.02  # per octave of lag, so that the shortest of equal periods wins
    nucleus_prominence: float = 0.1  # dip on both sides of a nucleus, share of the loud envelope
    block_s: float = 20.0  # frames worked on at a time: 2,000 rows of 120 float32 stay in cache

    def __post_init__(self) -> None:
        if not 40 <= self.f0_min_hz < self.f0_max_hz <= 800:
            raise ValueError(
                f"the pitch range must have 40 <= f0_min_hz < f0_max_hz <= 800, "
                f"not {self.f0_min_hz} to {self.f0_max_hz}"
            )
        if self.block_s <= 0:
            raise ValueError(f"block_s must be above 0, not {self.block_s}")
