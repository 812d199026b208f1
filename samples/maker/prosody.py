"""Impose a known pitch on speech: analyse it, change the F0 contour, synthesise again with WORLD.

Because the F0 is imposed, it is known exactly for every voice, also for those that do not tell it.
F0 in Hz, one value each 5 ms, 0 = unvoiced. Praat's autocorrelation finds it: one of the voices has next to
no energy at its fundamental, where WORLD's own two estimators look for it.
"""

from dataclasses import dataclass

import numpy as np

from maker.problems import import_voice
from maker.voices import Speech, Voice

FRAME_S = 0.005
FINAL_S = 0.35
FLOOR_RATIO, CEIL_RATIO = 0.6, 1.7  # search range re the voice's usual pitch: keeps octave errors out
MARGIN_S = 0.05  # silence around the speech, so that its first and last periods fill a window
LOWEST_HZ, HIGHEST_HZ = 55.0, 500.0
NO_VOICING_OF_ITS_OWN = 0.0  # WORLD's aperiodicity step would judge voicing again; Praat's judgement stands


@dataclass(frozen=True)
class PitchWish:
    """How the pitch of a turn shall differ from the voice's own.

    shift_st : semitones up, over the whole turn
    contour : scale of the movement about the voice's usual pitch, 1 is its own
    final_st : movement over the turn's last FINAL_S in place of the voice's own, 0 leaves that as it is
    """

    shift_st: float = 0.0
    contour: float = 1.0
    final_st: float = 0.0


@dataclass(frozen=True, eq=False)
class PitchedSpeech:
    """Speech with the F0 that was imposed on it.

    f0_hz : float64 [frames], frame k at k * FRAME_S
    """

    speech: Speech
    f0_hz: np.ndarray


def impose_pitch(speech: Speech, voice: Voice, wish: PitchWish) -> PitchedSpeech:
    """The same speech with the pitch that is wished for."""
    world = import_voice("pyworld")
    samples = speech.samples.astype(np.float64)
    rate_hz = speech.rate_hz
    f0_hz = _pitch(samples, rate_hz, voice.reference_hz)
    times_s = np.arange(len(f0_hz)) * FRAME_S
    envelope = world.cheaptrick(samples, f0_hz, times_s, rate_hz)
    aperiodicity = world.d4c(samples, f0_hz, times_s, rate_hz, threshold=NO_VOICING_OF_ITS_OWN)
    wanted_hz = _reshaped(f0_hz, voice.reference_hz, wish)
    spoken = world.synthesize(wanted_hz, envelope, aperiodicity, rate_hz, FRAME_S * 1000)
    return PitchedSpeech(Speech(spoken[: len(samples)], rate_hz, speech.words), wanted_hz)


def _pitch(samples: np.ndarray, rate_hz: int, reference_hz: float) -> np.ndarray:
    """F0 at k * FRAME_S for the whole of the samples. Shape: float64 [frames]."""
    padded = np.pad(samples, round(MARGIN_S * rate_hz))
    sound = import_voice("parselmouth").Sound(padded, rate_hz)
    track = sound.to_pitch_ac(FRAME_S, FLOOR_RATIO * reference_hz, pitch_ceiling=CEIL_RATIO * reference_hz)
    found_hz = track.selected_array["frequency"]
    wanted_s = np.arange(0.0, len(samples) / rate_hz, FRAME_S)
    nearest = np.round((wanted_s + MARGIN_S - track.xs()[0]) / FRAME_S).astype(int)
    inside = (nearest >= 0) & (nearest < len(found_hz))
    return np.where(inside, found_hz[np.clip(nearest, 0, len(found_hz) - 1)], 0.0)


def _reshaped(f0_hz: np.ndarray, reference_hz: float, wish: PitchWish) -> np.ndarray:
    voiced = np.flatnonzero(f0_hz)
    result = np.zeros_like(f0_hz)
    if len(voiced):
        own_st = wish.contour * 12 * np.log2(f0_hz[voiced] / reference_hz)
        if wish.final_st:
            own_st = _with_final(own_st, (voiced[-1] - voiced) * FRAME_S, wish.final_st)
        wanted_hz = reference_hz * 2 ** ((own_st + wish.shift_st) / 12)
        result[voiced] = np.clip(wanted_hz, LOWEST_HZ, HIGHEST_HZ)
    return result


def _with_final(own_st: np.ndarray, before_end_s: np.ndarray, final_st: float) -> np.ndarray:
    """Hold the pitch from FINAL_S before the end on, and move it evenly by `final_st`."""
    final = before_end_s < FINAL_S
    held_st = own_st[np.argmax(final)]
    return np.where(final, held_st + final_st * (1 - before_end_s / FINAL_S), own_st)
