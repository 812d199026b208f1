"""What a container says of itself, where the decoder does not: what it is, and that its end is missing.

libsndfile shortens the promised length of a cut WAV to what is there, and takes the last whole page of a
cut Ogg for its end. Both would pass for a shorter call.
"""

from __future__ import annotations

import struct
from pathlib import Path

from speechcoach.audio.riff import wav_of

_LAST_PAGES = 1 << 17  # an Ogg page holds at most 65,307 bytes
_OGG_END_OF_STREAM = 0x04
_LOOKED_AT = 64
# https://www.iana.org/assignments/wave-avi-codec-registry
_WAV_CODINGS = {
    0x0001: "PCM",
    0x0002: "Microsoft ADPCM",
    0x0003: "float",
    0x0006: "A-law",
    0x0007: "mu-law",
    0x0011: "IMA ADPCM",
    0x0020: "Yamaha ADPCM",
    0x0022: "TrueSpeech",
    0x0031: "GSM 6.10",
    0x0042: "G.723.1",
    0x0045: "G.726",
    0x0055: "MP3",
    0x0064: "G.726",
    0x0065: "G.722",
    0x0083: "G.729",
    0x00FF: "AAC",
    0x028F: "G.722",
    0xA106: "AAC",
    0xA112: "G.722",
}


def kind_of(path: Path) -> str | None:
    """The container in words, by the first bytes of the file; None where they are those of none."""
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        wav = wav_of(path)
        return f"WAV with {_WAV_CODINGS.get(wav.tag, f'coding 0x{wav.tag:04x}')}" if wav else "WAV"
    if head[:4] == b"OggS":
        return "Speex in Ogg" if b"Speex   " in head else "Ogg"
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "AMR in 3GP" if head[8:11] == b"3gp" else "MP4 (M4A)"
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)


_MAGIC = {
    b"\x1a\x45\xdf\xa3": "WebM or Matroska",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "WMA",
    b"#!AMR": "AMR",
    b"fLaC": "FLAC",
    b"ID3": "MP3",
    b"\xff\xfb": "MP3",
    b"\xff\xf3": "MP3",
    b"\xff\xf1": "AAC",
    b"\xff\xf9": "AAC",
    b"FORM": "AIFF",
    b".snd": "AU",
    b"caff": "CAF",
    b"FLV": "FLV",
}


def needs_codecs(kind: str) -> bool:
    """Whether only PyAV reads what `kind_of` told."""
    return not kind.startswith(_WITHOUT_CODECS) or kind.removeprefix("WAV with ") in _WAV_WITH_CODECS


_WITHOUT_CODECS = ("WAV", "Ogg", "FLAC", "MP3", "AIFF", "AU", "CAF")
_WAV_WITH_CODECS = ("Yamaha ADPCM", "TrueSpeech", "G.723.1", "G.726", "G.722", "G.729", "AAC")


def is_unfinished(path: Path) -> bool:
    """Whether the file is an MP4 without the index that is written last (ISO/IEC 14496-12: boxes of size and type)."""
    size, at, found = path.stat().st_size, 0, set[bytes]()
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            length, name = struct.unpack(">I4s", file.read(8))
            if length == 1:
                length = int.from_bytes(file.read(8), "big")
            found.add(name)
            at += max(length, 8) if length else size
    return b"ftyp" in found and b"moov" not in found


def cut_short(path: Path) -> str | None:
    """How the file shows that its end is missing, in words; None where it does not."""
    if (wav := wav_of(path)) is not None:
        return _missing(wav.claimed, wav.there) if wav.missing > 1 else None
    with path.open("rb") as file:
        if file.read(4) == b"OggS":
            return _ogg_cut(file, path.stat().st_size)
    return None


def _ogg_cut(file, size: int) -> str | None:  # type: ignore[no-untyped-def]
    file.seek(max(0, size - _LAST_PAGES))
    tail = file.read()
    page = tail.rfind(b"OggS")
    if page < 0 or page + 5 >= len(tail) or not tail[page + 5] & _OGG_END_OF_STREAM:
        return "its last page does not end the stream"
    return None


def _missing(promised: int, present: int) -> str:
    return f"its header promises {promised:,} bytes of audio and {present:,} are there"
