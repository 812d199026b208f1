"""Speech where there is music: by rules over pitch, level and colour, for the net takes many a note for a voice.

Conventions: masks are bool `[frames]` of 10 ms. What sounds like somebody (`sound`), without line tones (`tones`) and
music (`music`). It keeps every crowd and loses soft short answers, so it is asked beside music only.
"""

from __future__ import annotations

import numpy as np

from .music import music
from .runs import close_gaps, count_inside, from_runs, runs
from .sound import SoundConfig, even, sounding
from .tones import tones

GAP_FRAMES = 18  # Heldner & Edlund 2010
LEAST_SEED_FRAMES = 6  # in a span: clicks and breaths of 60 ms are no speech


def ruled(f0_hz: np.ndarray, level_db: np.ndarray, noise_db: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Speech of one channel; columns `[frames]`, samples `[n]` at 8 kHz."""
    config = SoundConfig()
    seed, sound = sounding(f0_hz, level_db, noise_db, samples, config)
    bits = runs(sound)
    tonal = from_runs(bits[tones(bits, samples, level_db, noise_db)], len(sound)) | even(sound, level_db, config)
    mask = sound & ~tonal & ~music(f0_hz, sound & ~tonal, samples)
    pairs = runs(close_gaps(mask, GAP_FRAMES))
    return from_runs(pairs[count_inside(pairs, seed & mask) >= LEAST_SEED_FRAMES], len(mask))
