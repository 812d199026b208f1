"""Whether two files of one call begin together, by what leaks from one side into the other.

Conventions: a lag is in seconds, positive where what is said in the left file comes later in the right one. The lag is
where the cross-correlation with its spectrum whitened is largest (GCC-PHAT; Knapp & Carter 1976, IEEE Trans. ASSP 24),
averaged over stretches of the call: speech of two people does not correlate, a leak or an echo does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from speechcoach.audio.resampling import resampled

if TYPE_CHECKING:
    from speechcoach.audio.recording import Recording

_RATE_HZ = 8_000
_STRETCH = 1 << 18  # 33 s: lags up to half of it are found
_LONGEST_S = 15.0
_BAND_HZ = (300.0, 3_400.0)
_CLEAR = 12.0  # a peak over the root mean square of all lags; two strangers reach 6


def heard_later_s(left: Recording, right: Recording) -> float | None:
    """How much later the left side is heard in the right one's file; None where neither is heard in the other's."""
    total, count = np.zeros(_STRETCH // 2 + 1, complex), 0
    for one, other in zip(_stretches(left), _stretches(right), strict=False):
        cross = np.fft.rfft(other) * np.conj(np.fft.rfft(one))
        total += cross / np.maximum(np.abs(cross), 1e-12)
        count += 1
    if not count:
        return None
    hz = np.fft.rfftfreq(_STRETCH, 1 / _RATE_HZ)
    total[(hz < _BAND_HZ[0]) | (hz > _BAND_HZ[1])] = 0
    lags = np.fft.irfft(total)
    reach = round(_LONGEST_S * _RATE_HZ)
    near = np.concatenate([lags[-reach:], lags[: reach + 1]])
    peak = int(np.argmax(np.abs(near)))
    if abs(near[peak]) < _CLEAR * float(np.sqrt(np.mean(near**2))):
        return None
    return (peak - reach) / _RATE_HZ


def _stretches(side: Recording) -> Iterator[np.ndarray]:
    """Float32 `[_STRETCH]`, one after another; the last one is filled up with silence."""
    held = np.zeros(0, np.float32)
    for block in resampled(side.blocks(), 1, side.rate_hz, _RATE_HZ):
        held = np.concatenate([held, block[:, 0]])
        while len(held) >= _STRETCH:
            yield held[:_STRETCH]
            held = held[_STRETCH:]
    if len(held):
        yield np.concatenate([held, np.zeros(_STRETCH - len(held), np.float32)])
