"""Damage is told with its seconds, and shifts nothing. Truth: chirps and noise that we wrote, damaged by us."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from speechcoach.audio import codecs, open_recording
from speechcoach.audio.mpeg import frames_of
from speechcoach.audio.ogg import checksum, stream_of
from speechcoach.audio.riff import wav_of
from speechcoach.audio.splicing import spliced
from speechcoach.errors import EmptyRecording, TruncatedRecording, UnreadableRecording
from speechcoach.settings import Config

RATE_HZ = 8_000
SECONDS = 20


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    """Speech-like noise in two channels, `[samples, 2]`: its wave tells every moment from any other."""
    made = np.random.default_rng(8).normal(0, 0.1, (RATE_HZ * SECONDS, 2))
    return np.cumsum(made, axis=0)[::1] * 0.02 + made


def wrote(path: Path, samples: np.ndarray, **how) -> Path:
    with sf.SoundFile(path, "w", RATE_HZ, samples.shape[1], **how) as file:
        for start in range(0, len(samples), RATE_HZ):
            file.write(np.clip(samples[start : start + RATE_HZ], -1, 1))
    return path


def late(truth: np.ndarray, found: np.ndarray) -> int:
    """By how many samples `found` comes later."""
    size = 1 << 17
    cross = np.fft.irfft(np.fft.rfft(found, size) * np.conj(np.fft.rfft(truth, size)))
    best = int(np.argmax(cross))
    return best if best < size // 2 else best - size


@pytest.mark.parametrize(("name", "coding"), [("call.ogg", "VORBIS"), ("call.opus", "OPUS")])
@pytest.mark.parametrize("places", [(0.5,), (0.3, 0.7)])
def test_lost_pages_are_silence_of_their_length(tmp_path, noise, name, coding, places):
    path = wrote(tmp_path / name, noise, format="OGG", subtype=coding)
    whole = open_recording(path).samples(RATE_HZ)[0]
    content = bytearray(path.read_bytes())
    for place in places:
        content[round(place * len(content))] ^= 0xFF
    path.write_bytes(content)
    recording = open_recording(path)
    assert recording.frames == pytest.approx(len(whole), abs=1)
    assert len(recording.lost) == len(places)
    samples = recording.samples(RATE_HZ)[0]
    for lost, place in zip(recording.lost, places, strict=True):
        assert lost.start_s - 1.1 <= place * SECONDS <= lost.end_s + 1.1
        assert 0.2 < lost.duration_s < 2.1
        assert not samples[round(lost.start_s * RATE_HZ) : round(lost.end_s * RATE_HZ)].any()
        assert f"s of the audio are lost at {lost.start_s:.1f}-{lost.end_s:.1f} s" in " ".join(recording.notes)
    for start in (0, round(recording.lost[-1].end_s * RATE_HZ) + RATE_HZ // 2):
        assert late(whole[start : start + RATE_HZ], samples[start : start + RATE_HZ]) == 0


def test_the_first_page_of_sound_may_be_lost(tmp_path, noise):
    path = wrote(tmp_path / "call.opus", noise, format="OGG", subtype="OPUS")
    stream = stream_of(path)
    assert stream is not None and len(stream.runs) == 1 and not stream.starts_late
    whole, content = open_recording(path).samples(RATE_HZ)[0], bytearray(path.read_bytes())
    content[stream.runs[0].parts[1][0] + 300] ^= 0xFF
    path.write_bytes(content)
    recording = open_recording(path)
    (lost,) = recording.lost
    assert lost.start_s == 0 and 0.2 < lost.duration_s < 2.1
    samples = recording.samples(RATE_HZ)[0]
    assert late(whole[5 * RATE_HZ : 6 * RATE_HZ], samples[5 * RATE_HZ : 6 * RATE_HZ]) == 0


def test_the_checksum_is_that_of_the_format(tmp_path, noise):
    """Truth: the one that libogg wrote into the first page."""
    content = wrote(tmp_path / "call.ogg", noise[:RATE_HZ], format="OGG", subtype="VORBIS").read_bytes()
    size = content.index(b"OggS", 4)
    page = content[:22] + bytes(4) + content[26:size]
    assert checksum(page) == struct.unpack("<I", content[22:26])[0]


@pytest.mark.parametrize("size", [1, 700, 3_000])
def test_damaged_mp3_keeps_its_clock(tmp_path, noise, size):
    path = wrote(tmp_path / "call.mp3", noise, format="MP3")
    whole = open_recording(path).samples(RATE_HZ)[0]
    assert frames_of(path) is None
    content, middle = bytearray(path.read_bytes()), path.stat().st_size // 2
    middle = content.index(b"\xff\xe3", middle)  # a frame's first bytes: MPEG 2.5, layer III
    content[middle : middle + size] = bytes(size)
    path.write_bytes(content)
    recording = open_recording(path)
    assert recording.read_by.startswith("soundfile")
    assert len(recording.lost) == 1 and 8 < recording.lost[0].start_s < 12
    assert recording.duration_s == pytest.approx(SECONDS, abs=0.1)
    samples = recording.samples(RATE_HZ)[0]
    frame = 576
    for start in (2 * RATE_HZ, 14 * RATE_HZ, 18 * RATE_HZ):
        assert abs(late(whole[start : start + RATE_HZ], samples[start : start + RATE_HZ])) <= frame


def test_a_damaged_count_of_frames_makes_no_hours_of_silence(tmp_path, noise):
    path = wrote(tmp_path / "call.mp3", noise, format="MP3")
    content = bytearray(path.read_bytes())
    at = max(content.find(b"Xing"), content.find(b"Info")) + 8
    content[at : at + 4] = b"\x00\x10\x00\x00"  # a million frames: 20 hours
    middle = content.index(b"\xff\xe3", len(content) // 2)
    content[middle : middle + 700] = bytes(700)
    path.write_bytes(content)
    ((_, lost),) = frames_of(path).holes
    assert lost < 2 * RATE_HZ


def test_a_call_of_which_most_is_lost_is_none(tmp_path, noise):
    path = wrote(tmp_path / "call.opus", noise, format="OGG", subtype="OPUS")
    content = bytearray(path.read_bytes())
    stop = len(content) * 9 // 10
    content[3_000:stop] = bytes(stop - 3_000)
    path.write_bytes(content)
    with pytest.raises(UnreadableRecording, match=r"call\.opus: 1\d of its .* s cannot be decoded; copy it again"):
        open_recording(path)


class TestUnfinishedWav:
    """Truth: the same file with the header as it should be."""

    @pytest.mark.parametrize("coding", ["PCM_16", "ULAW", "ALAW", "GSM610", "IMA_ADPCM", "FLOAT"])
    @pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF])
    def test_every_coding_is_read_to_its_end(self, tmp_path, noise, coding, size):
        path = wrote(tmp_path / "call.wav", noise[: 4 * RATE_HZ, :1], subtype=coding)
        whole = open_recording(path).samples(RATE_HZ)
        content, at = bytearray(path.read_bytes()), wav_of(path).data_at
        content[4:8] = content[at - 4 : at] = struct.pack("<I", size)
        path.write_bytes(content)
        recording = open_recording(path)
        np.testing.assert_array_equal(recording.samples(RATE_HZ)[:, : whole.shape[1]], whole)
        assert recording.frames - whole.shape[1] < 2_000  # ADPCM's last packet
        assert any("did not finish the file" in note for note in recording.notes) == (size == 0)

    def test_a_header_that_tells_of_less_than_there_is(self, tmp_path, noise):
        path = wrote(tmp_path / "call.wav", noise, subtype="PCM_16")
        content, at = bytearray(path.read_bytes()), wav_of(path).data_at
        content[at - 4 : at] = struct.pack("<I", 4 * RATE_HZ)
        path.write_bytes(content)
        recording = open_recording(path)
        assert recording.duration_s == SECONDS
        assert "tells of 32,000 bytes of audio, and all 640,000 bytes there were read" in recording.notes[0]

    def test_chunks_behind_the_audio_are_none_of_it(self, tmp_path, noise):
        path = wrote(tmp_path / "call.wav", noise, subtype="PCM_16")
        with path.open("ab") as file:
            file.write(b"LIST" + struct.pack("<I", 40_000) + bytes(40_000))
        assert open_recording(path).frames == len(noise)

    @pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
    def test_a_bare_header_is_an_empty_recording(self, tmp_path, size):
        """As FreeSWITCH leaves it: 44 bytes."""
        path = wrote(tmp_path / "call.wav", np.zeros((0, 1)), subtype="PCM_16")
        content = bytearray(path.read_bytes())
        content[-4:] = struct.pack("<I", size)
        path.write_bytes(content)
        assert path.stat().st_size == 44
        with pytest.raises(EmptyRecording, match=r"call\.wav: an empty recording"):
            open_recording(path)


@pytest.mark.parametrize(("name", "how"), [("cut.wav", {}), ("cut.mp3", {}), ("cut.ogg", {"subtype": "OPUS"})])
def test_what_is_left_of_a_cut_file_is_read_where_that_is_wanted(tmp_path, noise, name, how):
    path = wrote(tmp_path / name, noise, **how)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with pytest.raises(TruncatedRecording, match="analyse what is left with --partial"):
        open_recording(path)
    recording = open_recording(path, Config(partial=True))
    assert 8 < recording.duration_s < 15
    assert f"only its first {recording.duration_s:.1f} s are judged" in recording.notes[-1]


def test_damaged_flac_without_another_decoder_is_cut_short(tmp_path, noise, monkeypatch):
    monkeypatch.setattr(codecs, "is_installed", lambda: False)
    path = wrote(tmp_path / "call.flac", noise)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 3_000] = bytes(3_000)
    path.write_bytes(content)
    with pytest.raises(TruncatedRecording, match="decoding fails before its end"):
        open_recording(path)
    assert 5 < open_recording(path, Config(partial=True)).duration_s < 15


def test_no_channels_at_all(tmp_path, noise):
    path = wrote(tmp_path / "call.wav", noise, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    content[22:24] = bytes(2)
    path.write_bytes(content)
    with pytest.raises(UnreadableRecording, match=r"call\.wav: WAV with PCM that cannot be read"):
        open_recording(path)


def test_a_spliced_file_reads_as_one(tmp_path):
    path = tmp_path / "parts"
    path.write_bytes(bytes(range(100)))
    with spliced(path, [b"head", (10, 20), b"", (90, 100), b"tail"]) as file:
        whole = file.read()
        assert whole == b"head" + bytes(range(10, 20)) + bytes(range(90, 100)) + b"tail"
        file.seek(-6, 2)
        assert (file.read(3), file.tell()) == (whole[-6:-3], len(whole) - 3)
        file.seek(2)
        assert file.read(5) == whole[2:7]
