"""Placed turns -> the recording: line noise, hold music, leak, mu-law."""

import zlib
from pathlib import Path

import numpy as np
import soundfile

from maker.events import music_spans
from maker.music import hold_music
from maker.script import SPEAKERS, CallScript
from maker.timeline import RATE_HZ, PlacedTurn, at_level, telephone_band

MUSIC_BELOW_SPEECH_DB = -12.0
LEAK_DELAY_S = 0.012
MONO_GAIN_DB = -3.0
PEAK_LIMIT = 0.98


def mix(call: CallScript, turns: list[PlacedTurn]) -> np.ndarray:
    """The whole recording. Shape: float64 [samples, channels]; agent is channel 0, or both share one."""
    length_s = max(turn.end_s for turn in turns) + call.tail_s
    sides = np.zeros((round(length_s * RATE_HZ), len(SPEAKERS)))
    for turn in turns:
        _add(sides[:, SPEAKERS.index(turn.script.speaker)], turn.samples, turn.start_s)
    for start_s, end_s in music_spans(turns):
        tune = at_level(telephone_band(hold_music(end_s - start_s, RATE_HZ)), _music_db(call))
        _add(sides[:, 0], tune, start_s)
    if call.leak_db is not None:
        sides = sides + _leak(sides, call.leak_db)
    sides = sides + np.column_stack([_line_noise(call, side, len(sides)) for side in range(len(SPEAKERS))])
    recording = sides.sum(axis=1, keepdims=True) * 10 ** (MONO_GAIN_DB / 20) if call.mono else sides
    return np.clip(recording, -PEAK_LIMIT, PEAK_LIMIT)


def write_recording(path: Path, recording: np.ndarray) -> None:
    """Write G.711 mu-law at 8 kHz in a WAV file."""
    soundfile.write(path, recording, RATE_HZ, format="WAV", subtype="ULAW")


def _music_db(call: CallScript) -> float:
    return call.speech_db + call.speakers["agent"].level_db + MUSIC_BELOW_SPEECH_DB


def _add(side: np.ndarray, samples: np.ndarray, start_s: float) -> None:
    first = round(start_s * RATE_HZ)
    side[first : first + len(samples)] += samples


def _leak(sides: np.ndarray, leak_db: float) -> np.ndarray:
    """What each side picks up of the other one, a little later."""
    delay = round(LEAK_DELAY_S * RATE_HZ)
    delayed = np.vstack([np.zeros((delay, sides.shape[1])), sides[:-delay]])
    return delayed[:, ::-1] * 10 ** (leak_db / 20)


def _line_noise(call: CallScript, side: int, length: int) -> np.ndarray:
    """Noise of the telephone band, the call's own and different in each channel."""
    seed = zlib.crc32(f"{call.name}/{side}".encode())
    noise = telephone_band(np.random.default_rng(seed).standard_normal(length))
    return noise * 10 ** (call.noise_db / 20) / np.sqrt(np.mean(noise**2))
