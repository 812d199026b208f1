"""Which decoder reads a file: libsndfile first, then PyAV, and one sentence where neither does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from speechcoach.audio import codecs, sndfile
from speechcoach.audio.containers import is_unfinished, kind_of, needs_codecs
from speechcoach.audio.headerless import EXAMPLE, Raw, raw_by_ending
from speechcoach.audio.sound import NotDecodable, Sound
from speechcoach.errors import UnreadableRecording

SUPPORTED = "WAV (PCM, float, mu-law, A-law, GSM, ADPCM), FLAC, MP3, Ogg Vorbis and Opus"
MORE = "AAC (M4A, MP4), WebM, WMA, Speex, AMR, G.722 and G.726"


def opened(path: Path, raw: Raw | None = None) -> Sound:
    """The recording, ready to be read. Raises UnreadableRecording."""
    kind = kind_of(path)
    if raw is None and kind is None:
        raw = raw_by_ending(path)
        if raw is not None:
            return _headerless(path, raw, f"it has no header, and was read as {raw} by its ending")
    if raw is not None:
        return _headerless(path, raw)
    try:
        return sndfile.opened(path)
    except NotDecodable as why:
        first = str(why)
    if not codecs.is_installed():
        raise _unreadable(path, kind, first)
    try:
        return codecs.opened(path)
    except NotDecodable as why:
        said = (
            "it has no index (moov): the recorder was stopped before it finished" if is_unfinished(path) else str(why)
        )
        raise UnreadableRecording(_sentence(path, kind, said)) from None


def otherwise(path: Path, sound: Sound) -> Sound | None:
    """Another decoder for a file in which the first one gave up; None where there is none."""
    if sound.read_by != "soundfile" or not codecs.is_installed():
        return None
    try:
        return codecs.opened(path)
    except NotDecodable:
        return None


def _headerless(path: Path, raw: Raw, *notes: str) -> Sound:
    try:
        if raw.subtype is not None:
            sound = sndfile.opened(path, raw)
        elif codecs.is_installed():
            sound = codecs.opened(path, raw)
        else:
            raise UnreadableRecording(f"{path}: {raw.coding} needs one more package; install it: {codecs.INSTALL}")
    except NotDecodable as why:
        raise UnreadableRecording(f"{path}: cannot be read as {raw} ({why}); check what --raw says") from None
    return replace(sound, notes=(*notes, *sound.notes))


def _unreadable(path: Path, kind: str | None, why: str) -> UnreadableRecording:
    if kind is None or not needs_codecs(kind):
        return UnreadableRecording(_sentence(path, kind, why))
    return UnreadableRecording(f"{path}: {kind} needs one more package; install it: {codecs.INSTALL}")


def _sentence(path: Path, kind: str | None, why: str) -> str:
    if kind is not None:
        cure = "" if ";" in why else "; export it again, as WAV for example"
        return f"{path}: {kind} that cannot be read: {why}{cure}"
    more = f", {MORE}" if codecs.is_installed() else f", and with {codecs.INSTALL} {MORE}"
    return (
        f"{path}: not a recording that can be decoded ({why}); readable are {SUPPORTED}{more}; of one without a "
        f"header say the coding, such as --raw {EXAMPLE}"
    )
