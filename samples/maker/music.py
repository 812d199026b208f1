"""Hold music of our own: four chords, a bass and a melody of soft plucked tones. No recording is used."""

import numpy as np

BEAT_S = 0.42
BEATS_A_BAR = 4
HARMONIC_LEVELS = (1.0, 0.5, 0.3, 0.15)
DECAY_S = 0.9
ATTACK_S = 0.012
FADE_S = 0.25

# MIDI note numbers; one bar a chord.
CHORDS = ((57, 60, 64), (53, 57, 60), (60, 64, 67), (55, 59, 62))
MELODY = (76, 74, 72, 74, 77, 76, 74, 72, 79, 76, 72, 76, 74, 71, 74, 79)
MELODY_LEVEL, CHORD_LEVEL = 0.8, 0.45


def hold_music(length_s: float, rate_hz: int) -> np.ndarray:
    """The tune, repeated and faded to `length_s`. Shape: float64 [n], peak about 1."""
    length = round(length_s * rate_hz)
    tune = np.zeros(length + round(4 * DECAY_S * rate_hz))
    for beat in range(int(length_s / BEAT_S) + 1):
        first = round(beat * BEAT_S * rate_hz)
        for note, level in _notes(beat):
            tone = _tone(note, rate_hz) * level
            stop = min(first + len(tone), len(tune))
            tune[first:stop] += tone[: stop - first]
    return _faded(tune[:length] / np.abs(tune[:length]).max(), rate_hz)


def _notes(beat: int) -> list[tuple[int, float]]:
    """MIDI notes that begin on this beat, with their levels."""
    notes = [(MELODY[beat % len(MELODY)], MELODY_LEVEL)]
    if beat % 2 == 0:
        notes += [(note, CHORD_LEVEL) for note in CHORDS[beat // BEATS_A_BAR % len(CHORDS)]]
    return notes


def _tone(midi_note: int, rate_hz: int) -> np.ndarray:
    times_s = np.arange(0.0, 3 * DECAY_S, 1 / rate_hz)
    pitch_hz = 440.0 * 2 ** ((midi_note - 69) / 12)
    partials = [
        level * np.sin(2 * np.pi * pitch_hz * order * times_s)
        for order, level in enumerate(HARMONIC_LEVELS, start=1)
        if pitch_hz * order < rate_hz / 2
    ]
    return np.sum(partials, axis=0) * np.exp(-times_s / DECAY_S) * np.minimum(times_s / ATTACK_S, 1.0)


def _faded(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    fade = np.linspace(0.0, 1.0, round(FADE_S * rate_hz))
    samples[: len(fade)] *= fade
    samples[-len(fade) :] *= fade[::-1]
    return samples
