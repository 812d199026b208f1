"""Decoding: every coding gives the same call, and damage is named. Truth: a signal that we wrote ourselves."""

from __future__ import annotations

import io
import os
import struct

import numpy as np
import pytest
import soundfile as sf

from speechcoach.audio import open_recording, resample_blocks, spool
from speechcoach.errors import (
    ChannelCountError,
    EmptyRecording,
    MissingRecording,
    RecordingError,
    TruncatedRecording,
    UnreadableRecording,
)

RATE_HZ = 8000
SECONDS = 12


@pytest.fixture(scope="module")
def tones() -> np.ndarray:
    """300 Hz on the left at -6 dB, 1 kHz on the right at -12 dB; `[samples, 2]`."""
    time_s = np.arange(RATE_HZ * SECONDS) / RATE_HZ
    return np.stack([0.5 * np.sin(2 * np.pi * 300 * time_s), 0.25 * np.sin(2 * np.pi * 1000 * time_s)], axis=1)


def wrote(path, samples, rate_hz=RATE_HZ, **how):
    with sf.SoundFile(path, "w", rate_hz, samples.shape[1], **how) as file:
        for start in range(0, len(samples), rate_hz):
            file.write(samples[start : start + rate_hz])
    return path


def loudest_hz(samples, rate_hz):
    return np.argmax(np.abs(np.fft.rfft(samples[: rate_hz * 2]))) / 2


CODINGS = [
    ("wav", "PCM_U8"), ("wav", "PCM_16"), ("wav", "PCM_24"), ("wav", "PCM_32"), ("wav", "FLOAT"), ("wav", "ULAW"),
    ("wav", "ALAW"), ("wav", "IMA_ADPCM"), ("flac", "PCM_16"), ("mp3", "MPEG_LAYER_III"),
    ("ogg", "VORBIS"), ("ogg", "OPUS"),
]  # fmt: skip


@pytest.mark.parametrize(("extension", "coding"), CODINGS)
def test_every_coding_keeps_sides_pitch_level_and_length(tmp_path, tones, extension, coding):
    recording = open_recording(wrote(tmp_path / f"call.{extension}", tones, subtype=coding))
    assert (recording.rate_hz, recording.channels) == (RATE_HZ, 2)
    assert recording.duration_s == pytest.approx(SECONDS, abs=0.1)
    left, right = recording.samples(RATE_HZ)
    assert (loudest_hz(left, RATE_HZ), loudest_hz(right, RATE_HZ)) == (300, 1000)
    level_db = [10 * np.log10(np.mean(side**2)) for side in (left, right)]
    assert level_db == pytest.approx([-9.03, -15.05], abs=0.5)  # sine of peak -6.02 and -12.04 dB


def test_gsm_is_read_in_mono(tmp_path, tones):
    recording = open_recording(wrote(tmp_path / "call.wav", tones[:, :1], subtype="GSM610"))
    assert recording.channels == 1
    assert loudest_hz(recording.analysis[0], RATE_HZ) == 300


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 22050, 44100, 48000])
def test_any_rate_comes_out_at_the_rate_asked_for(tmp_path, rate_hz):
    time_s = np.arange(rate_hz * 3) / rate_hz
    path = wrote(tmp_path / "call.wav", 0.5 * np.sin(2 * np.pi * 440 * time_s)[:, None], rate_hz)
    samples = open_recording(path).samples(RATE_HZ)
    assert samples.shape == (1, 3 * RATE_HZ)
    assert samples.dtype == np.float32
    assert loudest_hz(samples[0], RATE_HZ) == pytest.approx(440, abs=0.5)


@pytest.mark.parametrize("cut", [1, 777, 8000])
def test_resampling_in_blocks_equals_resampling_at_once(cut, tones):
    blocks = [tones[start : start + cut].astype(np.float32) for start in range(0, 24_000, cut)]
    whole = resample_blocks([tones[: len(blocks) * cut].astype(np.float32)], 2, 8000, 16_000)
    parts = resample_blocks(blocks, 2, 8000, 16_000)
    np.testing.assert_allclose(parts[:, :40_000], whole[:, :40_000], atol=1e-5)


def test_the_same_samples_are_the_same_call_whatever_the_file(tmp_path, tones):
    exact = (tones * 32_000).astype(np.int16)
    paths = [wrote(tmp_path / name, exact, subtype="PCM_16") for name in ("a.wav", "b.flac")]
    louder = wrote(tmp_path / "c.wav", exact + np.int16(1), subtype="PCM_16")
    ids = [open_recording(path).sha256 for path in (*paths, louder)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("coding", ["PCM_16", "ULAW", "ALAW"])
def test_clipping_is_counted_in_every_coding(tmp_path, tones, coding):
    loud = np.clip(tones * [4.0, 1.0], -1, 1)
    clipped = open_recording(wrote(tmp_path / "loud.wav", loud, subtype=coding)).clipped
    assert clipped[0] == pytest.approx(np.mean(np.abs(loud[:, 0]) >= 0.98), abs=0.02)
    assert clipped[1] == 0


def test_what_is_no_sample_is_silence(tmp_path, tones):
    damaged = tones.astype(np.float32)
    damaged[100:200, 0], damaged[300, 1], damaged[400] = np.nan, np.inf, 1e30
    samples = open_recording(wrote(tmp_path / "odd.wav", damaged, subtype="FLOAT")).samples(RATE_HZ)
    assert np.abs(samples).max() <= 0.51
    assert not samples[0, 100:200].any()
    np.testing.assert_allclose(samples[:, 500:], tones.T[:, 500:], atol=1e-6)


class TestOneSentenceForEachFault:
    def test_no_file(self, tmp_path):
        with pytest.raises(MissingRecording, match=r"gone\.wav: there is no such file; check the path"):
            open_recording(tmp_path / "gone.wav")

    def test_a_folder(self, tmp_path):
        with pytest.raises(MissingRecording, match="this is a folder; name the recordings in it"):
            open_recording(tmp_path)

    def test_a_device(self):
        with pytest.raises(MissingRecording, match="not a regular file"):
            open_recording("/dev/null")

    def test_an_empty_file(self, tmp_path):
        (tmp_path / "empty.wav").touch()
        with pytest.raises(EmptyRecording, match=r"empty\.wav: the file is empty \(0 bytes\); copy it again"):
            open_recording(tmp_path / "empty.wav")

    def test_a_header_without_audio(self, tmp_path):
        path = wrote(tmp_path / "bare.wav", np.zeros((0, 2)))
        with pytest.raises(EmptyRecording, match="promises no audio"):
            open_recording(path)

    def test_a_blink_of_sound(self, tmp_path, tones):
        with pytest.raises(EmptyRecording, match=r"it lasts 9\.9 ms, too short to hold a voice"):
            open_recording(wrote(tmp_path / "blink.wav", tones[:79]))

    @pytest.mark.parametrize("content", [b"Dear customer,\nthis is a letter.\n" * 50, bytes(range(256)) * 40])
    def test_not_audio(self, tmp_path, content):
        path = tmp_path / "letter.wav"
        path.write_bytes(content)
        with pytest.raises(UnreadableRecording, match=r"letter\.wav: not a recording .*readable are WAV"):
            open_recording(path)

    def test_a_file_that_may_not_be_read(self, tmp_path, tones):
        path = wrote(tmp_path / "secret.wav", tones)
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("this user may read everything")
        with pytest.raises(UnreadableRecording, match="check its permissions"):
            open_recording(path)

    @pytest.mark.parametrize(("extension", "coding"), [c for c in CODINGS if c[1] != "IMA_ADPCM"])
    def test_a_cut_file(self, tmp_path, tones, extension, coding):
        path = wrote(tmp_path / f"cut.{extension}", tones, subtype=coding)
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
        with pytest.raises(TruncatedRecording, match=r"cut\..*: the recording is cut short .* s can be read"):
            open_recording(path)

    def test_three_channels(self, tmp_path):
        path = wrote(tmp_path / "three.wav", np.zeros((8000, 3)) + 0.1)
        with pytest.raises(ChannelCountError, match="3 channels, and a call has one or two; choose two"):
            open_recording(path)

    @pytest.mark.parametrize("rate_hz", [1, 2**31 - 1])
    def test_a_rate_that_cannot_be(self, tmp_path, tones, rate_hz):
        path = wrote(tmp_path / "rate.wav", tones, subtype="PCM_16")
        content = bytearray(path.read_bytes())
        content[24:28] = struct.pack("<I", rate_hz)
        path.write_bytes(content)
        with pytest.raises(UnreadableRecording, match=f"claims {rate_hz} samples a second"):
            open_recording(path)

    def test_names_of_any_kind(self, tmp_path, tones):
        for name in ("anruf \u00fcber \u201eM\u00fcll\u201c.wav", "new\nline.wav", "quo'te\".wav"):
            assert open_recording(wrote(tmp_path / name, tones)).channels == 2

    def test_all_are_recording_errors(self):
        for error in (MissingRecording, EmptyRecording, UnreadableRecording, TruncatedRecording, ChannelCountError):
            assert issubclass(error, RecordingError)


def test_a_long_call_lies_in_a_file_and_reads_the_same(tmp_path, monkeypatch):
    samples = np.random.default_rng(6).uniform(-0.5, 0.5, (30 * 44_100, 2)).astype(np.float32)
    path = tmp_path / "long.wav"
    sf.write(path, samples, 44_100, subtype="FLOAT")
    held = open_recording(path).analysis
    monkeypatch.setattr(spool, "HELD_BYTES", 1_000_000)
    long = open_recording(path)
    assert np.array_equal(long.analysis, held) and not list(tmp_path.glob("speechcoach*"))
    long.release()
    assert np.array_equal(np.concatenate(list(long.analysis_blocks()), axis=1), held)


def test_no_room_for_a_long_call_is_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "long.wav"
    sf.write(path, np.zeros((8_000, 2)), 8_000)

    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool, "HELD_BYTES", 1_000)
    monkeypatch.setattr(spool.tempfile, "TemporaryFile", lambda **_: Full())
    with pytest.raises(UnreadableRecording, match=r"long\.wav: lasts .* no room .*No space left.*TMPDIR"):
        _ = open_recording(path).analysis
