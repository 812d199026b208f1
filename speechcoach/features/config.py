"""What the feature extractor may be told, with the reason beside each number.

Frequencies are Hz, times seconds, levels dB. Peak heights are shares of a frame that repeat, 0-1.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeatureConfig:
    """The numbers of the feature extractor; frozen and hashable, so that tables can be cached by it.

    The voicing and cost numbers were searched on FDA (Bagshaw 1993; one man, one woman) and on
    resynthesised telephone prompts of known F0, each clean, in the telephone band, and at 10 and
    5 dB of noise; one half of the files chose, the other half confirmed.

    Raises ValueError where a field cannot be meant.
    """

    f0_min_hz: float = 60.0  # the creak of a low male voice; below it Praat and RAPT do not look either
    f0_max_hz: float = 500.0  # an excited woman or a child; above it lie whistles and line tones
    active_over_floor_db: float = 2.0  # steady noise over 50 ms spreads by 0.4 dB: far outside its own spread
    active_under_peak_db: float = 45.0  # mu-law keeps about 38 dB: what lies lower is coding noise
    steady_db: float = 6.0  # with less between loud and floor level cannot tell voice from noise, pitch can
    voicing_threshold: float = 0.155  # peak height of a loud, evenly bright hop that is as likely voiced as not
    voicing_per_level_db: float = 0.0046  # the threshold rises with each dB below the loud hops: soft is rarely voice
    voicing_per_tilt_db: float = 0.0102  # and falls with each dB of low over high band: fricatives are bright
    tilt_most_db: float = 4.5  # beyond this tilt says no more: a hum is dark too
    switch_cost: float = 0.39  # turning the voice on or off, against flicker
    jump_cost: float = 0.73  # an octave from one hop to the next; Boersma 1993 has 0.35 against noisier peaks
    octave_cost: float = 0.1  # power of lag by which peaks are weighed down: the shortest of equal periods wins
    nucleus_dip: float = 0.07  # share of the loud envelope; between slow prompts (+6 %) and quick talkers (-11 %)
    block_s: float = 30.0  # of the call worked on at a time: at half activity 1,500 rows of 120 float32 stay in cache

    def __post_init__(self) -> None:
        if not 40 <= self.f0_min_hz < self.f0_max_hz <= 800:
            raise ValueError(
                f"the pitch range must have 40 <= f0_min_hz < f0_max_hz <= 800, "
                f"not {self.f0_min_hz} to {self.f0_max_hz}"
            )
        if not self.block_s >= 0.01:
            raise ValueError(f"block_s must be at least one hop of 0.01, not {self.block_s}")
