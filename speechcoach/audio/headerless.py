"""Recordings without a header: what the user says of them, or what the ending means in Asterisk.

Conventions: a form is `coding:rate:channels`; the rate may be left out where the coding has one of its own (8 kHz for
G.711, signed linear, GSM and VOX, 16 kHz for G.722), and so may one channel. `sln16` is Asterisk's name for signed
linear at 16 kHz.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from speechcoach.errors import SettingsError

# The subtype as libsndfile names it, or the demuxer as FFmpeg does.
_LIBSNDFILE = {
    "ulaw": "ULAW",
    "alaw": "ALAW",
    "sln": "PCM_16",
    "s16le": "PCM_16",
    "s16be": "PCM_16",
    "s8": "PCM_S8",
    "u8": "PCM_U8",
    "gsm": "GSM610",
    "vox": "VOX_ADPCM",
}
_FFMPEG = {"g722": "g722"}
_SAME = {"mulaw": "ulaw", "pcmu": "ulaw", "pcma": "alaw", "slin": "sln"}
_ONE_CHANNEL = {"gsm", "vox", "g722"}
_OWN_HZ = {"g722": 16_000}
_USUAL_HZ = 8_000
_RATES_HZ = (4_000, 384_000)
_SLIN = re.compile(r"(?:sln|slin)(12|16|24|32|44|48|96|192)")
EXAMPLE = "ulaw:8000:1"

# https://docs.asterisk.org, "Asterisk File Formats": an ending stands for one coding and one rate.
_BY_ENDING = {
    **dict.fromkeys(("ulaw", "ul", "mu", "ulw", "pcm"), "ulaw"),
    **dict.fromkeys(("alaw", "al", "alw"), "alaw"),
    **dict.fromkeys(("sln", "slin", "raw"), "sln"),
    **{f"sln{thousands}": f"sln{thousands}" for thousands in (12, 16, 24, 32, 44, 48, 96, 192)},
    "g722": "g722",
    "gsm": "gsm",
    "vox": "vox",
}
ENDINGS = tuple(_BY_ENDING)


@dataclass(frozen=True, slots=True)
class Raw:
    """What a header would say: coding, samples a second, channels."""

    coding: str
    rate_hz: int
    channels: int = 1

    @property
    def subtype(self) -> str | None:
        """As libsndfile names it; None where it does not read the coding."""
        return _LIBSNDFILE.get(self.coding)

    @property
    def demuxer(self) -> str | None:
        """As FFmpeg names it."""
        return _FFMPEG.get(self.coding)

    @property
    def endian(self) -> str:
        return "BIG" if self.coding == "s16be" else "LITTLE"

    def __str__(self) -> str:
        return f"{self.coding}:{self.rate_hz}:{self.channels}"


def raw_of(form: str) -> Raw:
    """The form in parts. Raises SettingsError, with an example, where it cannot be meant."""
    coding, _, rest = form.strip().casefold().partition(":")
    coding, own_hz = _coding(form, coding)
    rate, _, channels = rest.partition(":")
    rate_hz = _number(form, "rate", rate, own_hz)
    if not _RATES_HZ[0] <= rate_hz <= _RATES_HZ[1]:
        raise _wrong(form, f"the rate must be from {_RATES_HZ[0]} to {_RATES_HZ[1]} samples a second")
    count = _number(form, "number of channels", channels, 1)
    if count not in (1, 2) or (count == 2 and coding in _ONE_CHANNEL):
        raise _wrong(form, f"{coding} has one channel" if coding in _ONE_CHANNEL else "a call has one or two channels")
    return Raw(coding, rate_hz, count)


def raw_by_ending(path: Path) -> Raw | None:
    """What the file's ending means where the file has no header."""
    form = _BY_ENDING.get(path.suffix.casefold().removeprefix("."))
    return raw_of(form) if form else None


def _coding(form: str, coding: str) -> tuple[str, int]:
    if match := _SLIN.fullmatch(coding):
        return "sln", 44_100 if match[1] == "44" else int(match[1]) * 1000
    coding = _SAME.get(coding, coding)
    if coding not in _LIBSNDFILE and coding not in _FFMPEG:
        raise _wrong(form, f"no coding of that name; known are {', '.join((*_LIBSNDFILE, *_FFMPEG))}, sln16")
    return coding, _OWN_HZ.get(coding, _USUAL_HZ)


def _number(form: str, what: str, text: str, otherwise: int) -> int:
    if not text:
        return otherwise
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise _wrong(form, f"the {what} is no whole number")
    return int(text)


def _wrong(form: str, why: str) -> SettingsError:
    return SettingsError(f"raw must be coding:rate:channels, such as {EXAMPLE}, not {form[:40]!r}: {why}")
