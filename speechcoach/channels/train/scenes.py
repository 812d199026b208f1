"""Forty seconds of one channel of a call, made of what people say, noise, other people, music, tones and a line.

Conventions: samples are float32 `[n]` at 8 kHz, masks bool `[hops]` of 10 ms; levels dB re the near voice's loud
parts. What is speech is what the near voice says, also over music; other people in the room are none.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import soundfile
import soxr

from speechcoach.channels.runs import close_gaps, runs

from . import sounds, voices
from .material import GAP_HOPS, HOP, RATE_HZ, SPEECH_LEVEL, Said

SCENE_S = 40.0
COUNT = int(SCENE_S * RATE_HZ)
HOPS = COUNT // HOP
TOKEN_HOPS = (11, 32)
HELD = 0.35  # share of the tokens that are drawn out
ALONE = 0.7  # share of music and tones that stop the talk
CODES = ("none", "ULAW", "ULAW", "ULAW", "ALAW", "GSM610", "GSM610")


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """What scenes are made of."""

    voices: list[list[Said]]
    music: list[np.ndarray]
    sounds: list[np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A channel, where the near voice speaks, and where there is music or a tone."""

    samples: np.ndarray
    speech: np.ndarray
    music: np.ndarray


@dataclass(frozen=True, slots=True)
class Mix:
    """How often what is in a scene: shares of the scenes, and how much softer than the voice a crowd is at least.

    `several` are scenes of up to four near voices, which may speak at once; there is no crowd behind them.
    """

    nobody: float
    crowded: float
    tonal: float
    crowd_db: float
    strained: float = 0.0
    far: float = 0.0
    several: float = 0.0


CALM = Mix(nobody=0.2, crowded=0.3, tonal=0.4, crowd_db=6.0)
BUSY = Mix(nobody=0.25, crowded=0.4, tonal=0.35, crowd_db=5.0)
VARIED = Mix(nobody=0.12, crowded=0.15, tonal=0.3, crowd_db=6.0, strained=0.6, far=0.35, several=0.35)


def scene(stock: Stock, mix: Mix, rng: np.random.Generator) -> Scene:
    """One channel; all choices come from `rng`."""
    nobody, crowded = rng.random() < mix.nobody, rng.random() < mix.crowded
    several = rng.random() < mix.several
    crowded &= not several
    speech, near = np.zeros(HOPS, bool), np.zeros(COUNT, np.float32)
    if not nobody:
        near, speech = said_near(stock, mix, crowded, rng)
        for _ in range(int(rng.integers(1, 4)) if several else 0):
            wave, mark = said_near(stock, mix, crowded, rng)
            near, speech = near + db(-rng.uniform(0, 16)) * wave, speech | mark
    far = noise(rng, speech, crowded) + others(stock, mix, nobody, crowded, rng)
    music = np.zeros(HOPS, bool)
    for _ in range(int(rng.choice([1, 1, 2, 3])) if rng.random() < (0.8 if nobody else mix.tonal) else 0):
        wave, mark, loudest = tonal(stock, rng)
        if rng.random() < ALONE:  # on hold nobody speaks
            speech &= ~mark
            near = near * faded(~mark)
        else:
            wave = wave * db(-rng.uniform(8, 30) - max(0, loudest))
        far, music = far + wave, music | mark
    return Scene(over_a_line(near / SPEECH_LEVEL + far, rng), speech, music)


def said_near(stock: Stock, mix: Mix, crowded: bool, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """What is said near the microphone, or as near as people of this mix come to it, and where."""
    near, speech = at_another_speed(*talk(stock, crowded, rng), rng)
    if rng.random() < mix.strained:
        near = voices.strained(near, rng)
    if rng.random() < mix.far:
        near = voices.far(near, rng)
    elif rng.random() < 0.25:
        near = in_a_room(near, rng)
    return (voices.pumped(near, rng) if rng.random() < mix.strained / 3 else near), speech


def talk(stock: Stock, crowded: bool, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One or two voices in turn, dense or sparse, with short tokens alone between them."""
    count = int(COUNT * 1.25)
    wave, speech = np.zeros(count, np.float32), np.zeros(count // HOP, bool)
    chosen = [stock.voices[rng.integers(len(stock.voices))] for _ in range(2)]
    levels_db = (0.0, -rng.uniform(0, 3 if crowded else 14))  # softer ones would be the crowd's
    second, tokens = rng.choice([0.0, 0.3, 0.5]), rng.choice([0.0, 0.15, 0.5, 0.9])
    pause_s, spread_db = np.exp(rng.uniform(np.log(0.15), np.log(4))), rng.uniform(0.5, 2 if crowded else 4)
    at = int(rng.exponential(pause_s) * 100)
    while at < len(speech):
        who = int(rng.random() < second)
        said = chosen[who][rng.integers(len(chosen[who]))]
        if rng.random() < tokens:
            said = token(said, rng) or said
        size = min(len(said.speech), len(speech) - at)
        level_db = levels_db[who] + np.clip(rng.normal(0, spread_db), -9, 6)
        wave[at * HOP : (at + size) * HOP] += said.samples[: size * HOP] * np.float32(10 ** (level_db / 20))
        speech[at : at + size] |= said.speech[:size]
        at += size + int(rng.exponential(pause_s) * 100) + 3
    return wave, close_gaps(speech, GAP_HOPS)


def token(said: Said, rng: np.random.Generator) -> Said | None:
    """A voiced bit of 110-310 ms, as a "mm" is; None where nothing is voiced that long."""
    size = int(rng.integers(*TOKEN_HOPS))
    held = [(a, b) for a, b in runs(said.voiced[: len(said.speech)]) if b - a >= size]
    if not held:
        return None
    first, last = held[rng.integers(len(held))]
    start = int(rng.integers(first, last - size + 1))
    wave = said.samples[start * HOP : (start + size) * HOP].copy()
    ramp = int(rng.integers(40, 240))
    if rng.random() < HELD and len(wave) > 800:
        wave = voices.held(wave, rng.uniform(1.3, 3.5))
        wave, size = wave[: len(wave) // HOP * HOP], len(wave) // HOP
    place = np.arange(len(wave))
    wave *= np.minimum(1, np.minimum(place, place[::-1]) / ramp)
    level = np.sqrt(np.mean(np.square(wave)))
    if level < 0.01:
        return None
    wave *= SPEECH_LEVEL / level * 10 ** (-rng.uniform(0, 8) / 20)
    pad = np.zeros(8 * HOP, np.float32)
    mark = np.zeros(size + 16, bool)
    mark[8:-8] = True
    return Said(np.concatenate([pad, wave, pad]).astype(np.float32), mark, mark)


def at_another_speed(wave: np.ndarray, speech: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Half of the scenes as they are, the others up to a fifth faster or slower: other heads, other pitches."""
    speed = np.exp(rng.uniform(np.log(0.82), np.log(1.22))) if rng.random() < 0.5 else 1.0
    if speed != 1.0:
        wave = soxr.resample(wave, RATE_HZ * speed, RATE_HZ, "MQ")
        place = ((np.arange(HOPS) + 0.5) * speed).astype(int)
        speech = speech[np.minimum(place, len(speech) - 1)]
    return wave[:COUNT], speech[:HOPS]


def in_a_room(wave: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """With the sound of a small room."""
    size = int(rng.uniform(0.1, 0.5) * RATE_HZ)
    tail = rng.standard_normal(size) * np.exp(-6.9 * np.arange(size) / size)
    tail *= 10 ** (-rng.uniform(5, 18) / 20) / np.sqrt(np.sum(tail**2))
    width = 1 << (len(wave) + size).bit_length()
    late = np.fft.irfft(np.fft.rfft(wave, width) * np.fft.rfft(tail, width), width)
    return (wave + late[: len(wave)]).astype(np.float32)


def faded(mask: np.ndarray) -> np.ndarray:
    """A mask of hops as a gain of samples with soft edges, float32 `[n]`."""
    return np.interp(np.arange(COUNT), (np.arange(HOPS) + 0.5) * HOP, mask).astype(np.float32)


def others(stock: Stock, mix: Mix, nobody: bool, crowded: bool, rng: np.random.Generator) -> np.ndarray:
    """People in the room, one who leaks in, and single sounds."""
    far = np.zeros(COUNT, np.float32)
    if crowded:
        level_db = -rng.uniform(0, 40) if nobody else -mix.crowd_db - rng.exponential(5)
        far = far + db(level_db) * crowd(stock, int(rng.integers(4, 20)), rng)
    if rng.random() < 0.08:
        far = far + db(-rng.uniform(30, 42)) * crowd(stock, 1, rng)  # a leak
    return far + some_sounds(stock, rng) if rng.random() < 0.3 else far


def noise(rng: np.random.Generator, speech: np.ndarray, crowded: bool) -> np.ndarray:
    """A line's or a room's noise, steady or not; of a line with discontinuous transmission it stops in pauses."""
    level_db = -rng.uniform(45, 70) if rng.random() < 0.3 else -rng.uniform(18 if crowded else 6, 44)
    made = rng.choice(5)
    if made < 2:
        wave = sounds.coloured(COUNT, rng.choice([0.0, 0.0, 3.0, 6.0, rng.uniform(-3, 9)]), rng)
    elif made < 4:
        wave = sounds.shaped(COUNT, rng)
    else:
        wave = sounds.coloured(COUNT, 2, rng) + db(rng.uniform(-10, 6)) * sounds.hum(COUNT, rng)
    if rng.random() < 0.25:
        knots = rng.normal(0, rng.uniform(1, 5), 30)
        wave = wave * db(np.interp(np.arange(COUNT), np.linspace(0, COUNT, 30), knots))
    if rng.random() < 0.08:
        gate = np.convolve(speech, np.ones(31), "same") > 0
        wave = wave * np.repeat(np.where(gate, 1, rng.uniform(0, 0.3)), HOP)
    return wave * db(level_db)


def crowd(stock: Stock, people: int, rng: np.random.Generator) -> np.ndarray:
    """Several voices at once, at a mean square of one."""
    total = np.zeros(COUNT, np.float32)
    for _ in range(people):
        voice = stock.voices[rng.integers(len(stock.voices))]
        at = -int(rng.integers(0, 3 * RATE_HZ))
        gain = db(rng.normal(0, 3))
        while at < COUNT:
            wave = voice[rng.integers(len(voice))].samples
            start, stop = max(0, at), min(COUNT, at + len(wave))
            if stop > start:
                total[start:stop] += gain * wave[start - at : stop - at]
            at += len(wave) + int(rng.exponential(0.4) * RATE_HZ)
    return sounds.levelled(in_a_room(total, rng) if rng.random() < 0.5 else total)


def some_sounds(stock: Stock, rng: np.random.Generator) -> np.ndarray:
    """Breaths, keys and other single sounds."""
    wave = np.zeros(COUNT, np.float32)
    kind = rng.integers(3)
    if kind == 0:
        return db(-rng.uniform(5, 35)) * sounds.clicks(COUNT, rng)
    for _ in range(rng.integers(1, 9)):
        bit = stock.sounds[rng.integers(len(stock.sounds))] if kind == 1 else sounds.breath(rng)
        level_db = -rng.uniform(5, 30) if kind == 1 else -rng.uniform(12, 35)
        start = int(rng.integers(COUNT - RATE_HZ))
        wave[start : start + len(bit)] += db(level_db) * bit[: COUNT - start]
    return wave


def tonal(stock: Stock, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Music, a tune or tones for some time: samples, where they sound, and their level."""
    kind = rng.choice(["music", "music", "music", "music", "tune", "call", "keys", "keys", "signals"])
    whole = rng.random() < 0.3
    size = COUNT if whole else int(rng.uniform(1.0, 30.0) * RATE_HZ)
    start = 0 if whole else int(rng.integers(0, COUNT - size))
    if kind == "music":
        wave = np.resize(stock.music[rng.integers(len(stock.music))], size)
    else:
        make = {"tune": sounds.tune, "call": sounds.call_tone, "keys": sounds.keys, "signals": sounds.signals}[kind]
        wave = make(size, rng)
    level_db = rng.uniform(-30, 6) if kind in ("music", "tune") else rng.uniform(-22, 8)
    placed, mark = np.zeros(COUNT, np.float32), np.zeros(HOPS, bool)
    placed[start : start + size] = wave * db(level_db)
    power = np.square(placed.reshape(HOPS, HOP)).mean(axis=1)
    mark[
        close_gaps(power > max(1e-6, 1e-3 * np.percentile(power[power > 0], 90)) if (power > 0).any() else mark, 30)
    ] = True
    return placed, mark, float(level_db)


def over_a_line(wave: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What a telephone line leaves: its band, a level, a coder."""
    if rng.random() < 0.8:
        hz = np.maximum(np.fft.rfftfreq(len(wave), 1 / RATE_HZ), 1e-3)
        low, high = rng.uniform(60, 350), rng.uniform(3000, 3900)
        gain = 1 / np.sqrt(
            (1 + (low / hz) ** (2 * rng.integers(1, 5))) * (1 + (hz / high) ** (2 * rng.integers(3, 10)))
        )
        gain *= (np.maximum(hz, 100) / 1000) ** (rng.uniform(-3, 4) / 6.02)
        wave = np.fft.irfft(np.fft.rfft(wave) * gain, len(wave))
    wave = wave + db(rng.uniform(-75, -45)) * rng.standard_normal(len(wave)) if rng.random() < 0.5 else wave
    wave = np.clip(wave * db(-rng.uniform(14, 42)), -1, 1).astype(np.float32)
    code = CODES[rng.integers(len(CODES))]
    return wave if code == "none" else coded(wave, code)


def coded(samples: np.ndarray, code: str) -> np.ndarray:
    """`samples` through a coder of libsndfile and back, the same length."""
    file = io.BytesIO()
    soundfile.write(file, np.clip(samples, -1, 1), RATE_HZ, format="WAV", subtype=code)
    file.seek(0)
    found, _ = soundfile.read(file, dtype="float32")
    return np.pad(found[: len(samples)], (0, max(0, len(samples) - len(found))))


def db(level_db):
    return np.float32(1) * 10 ** (np.asarray(level_db, np.float32) / 20)
