"""What the feature extractor may be told, with the reason beside each number.

Frequencies are Hz, times seconds, levels dB.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeatureConfig:
    """The numbers of the feature extractor; frozen and hashable, so that tables can be cached by it.

    The costs of the path are log-odds. They were searched on FDA (Bagshaw 1993; one man, one woman): clean, in the
    telephone band, over GSM, in noise of 20, 10 and 5 dB, in babble, and with a leak.

    Raises ValueError where a field cannot be meant.
    """

    f0_min_hz: float = 60.0  # the creak of a low male voice; below it Praat and RAPT do not look either
    f0_max_hz: float = 500.0  # an excited woman or a child; above it lie whistles and line tones
    active_over_floor_db: float = 2.0  # steady noise over 50 ms spreads by 0.4 dB: far outside its own spread
    active_under_peak_db: float = 45.0  # mu-law keeps about 38 dB: what lies lower is coding noise
    steady_db: float = 6.0  # with less between loud and floor level cannot tell voice from noise, pitch can
    voicing_bias: float = 0.3  # added to the net's log-odds of voice: soft edges of voice count as voice
    pitch_weight: float = 1.0  # of the log-odds between two pitches: hops side by side see much the same sound
    switch_cost: float = 1.0  # turning the voice on or off, against flicker
    jump_cost: float = 12.0  # an octave from one hop to the next
    nucleus_dip: float = 0.1  # on both sides of a peak of the net: two syllables may hardly dip between
    nucleus_least: float = 0.33  # height of a peak, 0-1; lower suits quick talkers, higher slow readers
    block_s: float = 30.0  # of the call worked on at a time: at half activity 750 rows of 125 float32 stay in cache

    def __post_init__(self) -> None:
        if not 40 <= self.f0_min_hz < self.f0_max_hz <= 800:
            raise ValueError(
                f"the pitch range must have 40 <= f0_min_hz < f0_max_hz <= 800, "
                f"not {self.f0_min_hz} to {self.f0_max_hz}"
            )
        if not self.block_s >= 0.01:
            raise ValueError(f"block_s must be at least one hop of 0.01, not {self.block_s}")
