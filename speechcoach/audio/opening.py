"""From a file to a sound that can be read: what is wrong with the file is said in one sentence first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from speechcoach.audio import decoding
from speechcoach.audio.headerless import raw_of
from speechcoach.audio.sound import Lost, Sound
from speechcoach.errors import ChannelCountError, EmptyRecording, MissingRecording, UnreadableRecording
from speechcoach.settings import Config

_RATES_HZ = (4_000, 384_000)  # headers outside these open without an error, and mean damage
_MAX_CHANNELS = 2


def opened(path: Path, config: Config) -> Sound:
    """The file's sound, one or two channels. Raises a RecordingError of the fitting class."""
    _check_file(path)
    sound = decoding.opened(path, raw_of(config.raw) if config.raw else None)
    _check_header(path, sound)
    return _chosen(path, sound, config.channels)


def _check_file(path: Path) -> None:
    try:
        if not path.exists():
            raise MissingRecording(f"{path}: there is no such file; check the path")
        if path.is_dir():
            raise MissingRecording(f"{path}: this is a folder; name the recordings in it, for example {path}/*.wav")
        if not path.is_file():
            raise MissingRecording(f"{path}: not a regular file; name a recording")
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as why:
        raise UnreadableRecording(f"{path}: cannot be opened ({why.strerror}); check its permissions") from None
    except ValueError:
        raise MissingRecording(f"{path!r}: no file can have this name; check the path") from None
    if size == 0:
        raise EmptyRecording(f"{path}: the file is empty (0 bytes); copy it again from the recorder")


def _check_header(path: Path, sound: Sound) -> None:
    low, high = _RATES_HZ
    if not low <= sound.rate_hz <= high:
        raise UnreadableRecording(
            f"{path}: its header claims {sound.rate_hz} samples a second, outside {low} to {high}; the header is "
            "damaged: export the recording again"
        )
    if sound.promised == 0:
        raise EmptyRecording(
            f"{path}: an empty recording: its header promises no audio (0 samples) and none follows; the recorder was "
            "stopped before anything was said, so leave the file out"
        )


def _chosen(path: Path, sound: Sound, channels: tuple[int, ...] | None) -> Sound:
    """The channels that the user chose, counted from 1; all where nothing was chosen."""
    if channels is None:
        if sound.channels > _MAX_CHANNELS:
            raise ChannelCountError(
                f"{path}: {sound.channels} channels, and a call has one or two; choose two, for example with "
                "--channels 1,2"
            )
        return sound
    if max(channels) > sound.channels:
        raise ChannelCountError(f"{path}: has no channel {max(channels)}, only {sound.channels}; check --channels")
    places = [channel - 1 for channel in channels]

    def blocks(lost: Lost) -> Iterator[np.ndarray]:
        return (block[:, places] for block in sound.blocks(lost))

    return replace(sound, channels=len(places), blocks=blocks)
