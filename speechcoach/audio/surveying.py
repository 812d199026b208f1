"""A sound read to its end once: counted, hashed, and searched for what is clipped and what is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from speechcoach.audio.sound import DecodingFailed, Lost, NotDecodable, Sound

_CLIPPED_AT = 0.995  # of full scale; mu-law's own full scale reads 0.980, so see `_full_scale`
_POSSIBLE = 8.0  # a float file may run over full scale a little; a value beyond this is damage


@dataclass(frozen=True, slots=True)
class Survey:
    """What reading to the end tells; `whole` is False where the decoder gave up."""

    sha256: str
    frames: int
    clipped: tuple[float, ...]
    lost: Lost
    whole: bool


def blocks_of(sound: Sound, lost: Lost) -> Iterator[np.ndarray]:
    """Float32 `[samples, channels]` blocks until the file gives no more.

    What is no sample at all (not a number, or far beyond full scale) is silence: one of them would drown the call.
    """
    for block in sound.blocks(lost):
        damage = ~(np.abs(block) <= _POSSIBLE)
        yield np.where(damage, np.float32(0), block) if damage.any() else block


def surveyed(sound: Sound) -> Survey:
    """The samples' sha256, their count, the share at full scale in each channel, and what is lost."""
    digest = hashlib.sha256(f"{sound.rate_hz} {sound.channels} ".encode())
    frames, at_limit, limit = 0, np.zeros(sound.channels), _full_scale(sound.coding)
    lost: Lost = []
    whole = True
    try:
        for block in blocks_of(sound, lost):
            digest.update(np.ascontiguousarray(block, "<f4").tobytes())
            frames += len(block)
            at_limit += (np.abs(block) >= limit).sum(axis=0)
    except (DecodingFailed, NotDecodable, OSError):
        whole = False
    clipped = tuple(float(share) for share in at_limit / max(frames, 1))
    return Survey(digest.hexdigest(), frames, clipped, lost, whole)


def _full_scale(coding: str) -> float:
    """Where a coding clips: G.711's largest codes decode to 0.980 (mu-law) and 0.984 (A-law)."""
    return {"ULAW": 0.979, "ALAW": 0.983, "pcm_mulaw": 0.979, "pcm_alaw": 0.983}.get(coding, _CLIPPED_AT)
