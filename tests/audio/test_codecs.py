"""What PyAV reads. Truth: the sample call from which the files were made, and signals that we wrote ourselves."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from speechcoach.audio import codecs, decoding, open_recording
from speechcoach.errors import EmptyRecording, TruncatedRecording, UnreadableRecording
from speechcoach.settings import Config

av = pytest.importorskip("av", reason="the extra `codecs` is not installed")

DATA = Path(__file__).parent / "data"
FILES = sorted(path.name for path in DATA.iterdir() if path.suffix != ".md")
RATE_HZ = 8_000
# Where the coding's own delay stands in the file: FFmpeg's WMA begins half a frame of 128 ms late.
LATE_S = {"call.wma": 0.064, "g722.wav": 0.0014, "call.amr": 0.005, "call.awb": 0.006, "call.spx": 0.005}
CHANNELS = {"call.m4a": 2, "call.webm": 2, "call.wma": 2}
TWO_S = np.arange(2 * RATE_HZ) / RATE_HZ


@pytest.fixture(scope="module")
def call(samples_folder) -> np.ndarray:
    """The stretch of the sample that the files hold, float32 `[samples, 2]`."""
    return sf.read(samples_folder / "escalation.wav", start=52 * RATE_HZ, stop=round(54.2 * RATE_HZ), dtype="float32")[
        0
    ]


def late_s(truth: np.ndarray, found: np.ndarray) -> tuple[float, float]:
    """By how much `found` comes later, and how like it is there (0-1)."""
    size = 1 << 16
    cross = np.fft.irfft(np.fft.rfft(found, size) * np.conj(np.fft.rfft(truth, size)))
    near = np.concatenate([cross[-2000:], cross[:2001]])
    best = int(np.argmax(near))
    return (best - 2000) / RATE_HZ, float(near[best] / np.sqrt(np.sum(truth**2) * np.sum(found**2)))


def test_there_are_files_to_read():
    assert len(FILES) == 7


@pytest.mark.parametrize("name", FILES)
def test_every_coding_is_read_whole_at_its_time(name, call):
    recording = open_recording(DATA / name)
    assert recording.read_by.startswith("PyAV")
    assert recording.channels == CHANNELS.get(name, 1)
    assert recording.duration_s == pytest.approx(2.2, abs=0.17)  # WMA and AAC hold whole frames of 128 ms
    assert not recording.lost
    left = recording.samples(RATE_HZ)[0]
    shift_s, like = late_s(call[:, 0] if recording.channels == 2 else call.mean(axis=1), left)
    assert shift_s == pytest.approx(LATE_S.get(name, 0.0), abs=0.002)
    assert like > 0.85  # AMR and Speex keep the sound of a voice, and not its wave


def encoded(path, samples, codec, rate_hz=RATE_HZ, **stream_options):
    """Float `[samples, channels]` by FFmpeg's encoder; skips where the wheel has none."""
    try:
        av.Codec(codec, "w")
    except ValueError:
        pytest.skip(f"this PyAV writes no {codec}")
    layout = "mono" if samples.shape[1] == 1 else "stereo"
    whole = np.round(samples * 32_768).clip(-32_768, 32_767).astype(np.int16)
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate_hz, layout=layout, **stream_options)
        frame = av.AudioFrame.from_ndarray(whole.reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
    return path


def tones(seconds: float = 6.0) -> np.ndarray:
    """A chirp on the left, whose every moment has a pitch of its own, and another on the right; `[samples, 2]`."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    left = 0.5 * np.sin(2 * np.pi * (300 * time_s + 100 * time_s**2))
    right = 0.25 * np.sin(2 * np.pi * (1_500 * time_s - 60 * time_s**2))
    return np.stack([left, right], axis=1)


def test_integers_are_scaled_exactly(tmp_path):
    samples = (np.random.default_rng(3).integers(-32_768, 32_768, (RATE_HZ, 2)) / 32_768).astype(np.float32)
    path = encoded(tmp_path / "call.m4a", samples, "alac")
    sf.write(tmp_path / "call.wav", samples, RATE_HZ, subtype="PCM_16")
    lossless, wav = open_recording(path), open_recording(tmp_path / "call.wav")
    np.testing.assert_array_equal(lossless.samples(RATE_HZ), samples.T)
    assert lossless.sha256 == wav.sha256


def test_the_sound_of_a_file_is_read_twice_the_same(tmp_path):
    recording = open_recording(encoded(tmp_path / "call.m4a", tones(), "aac"))
    assert np.array_equal(recording.samples(RATE_HZ), recording.samples(RATE_HZ))


@pytest.mark.parametrize("name", ["call.m4a", "call.mka"])
def test_a_damaged_packet_is_silence_and_shifts_nothing(tmp_path, name):
    path = encoded(tmp_path / name, tones(), "aac" if name == "call.m4a" else "libopus", RATE_HZ)
    whole = open_recording(path).samples(RATE_HZ)[0]
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 900] = np.random.default_rng(4).integers(0, 256, 900, np.uint8).tobytes()
    path.write_bytes(content)
    after = open_recording(path).samples(RATE_HZ)[0]
    late = slice(round(5.0 * RATE_HZ), round(5.6 * RATE_HZ))
    assert late_s(whole[late], after[late])[0] == 0
    assert len(after) == pytest.approx(len(whole), abs=RATE_HZ / 10)


def test_damaged_flac_goes_on_with_the_other_decoder(tmp_path):
    path = tmp_path / "call.flac"
    sf.write(path, tones(12), RATE_HZ, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 3_000] = bytes(3_000)
    path.write_bytes(content)
    recording = open_recording(path)
    assert recording.read_by.startswith("PyAV")
    (lost,) = recording.lost
    assert 4 < lost.start_s < 8 and 0.2 < lost.duration_s < 2.5
    assert recording.duration_s == pytest.approx(12, abs=0.01)
    samples = recording.samples(RATE_HZ)
    assert not samples[:, round(lost.start_s * RATE_HZ) + 1 : round(lost.end_s * RATE_HZ) - 1].any()
    behind = slice(round((lost.end_s + 0.1) * RATE_HZ), None)
    np.testing.assert_allclose(samples[:, behind], tones(12).T[:, behind], atol=1e-4)


def test_a_protected_file_is_said_to_be_one(tmp_path):
    path = encoded(tmp_path / "call.m4a", tones(2), "aac")
    path.write_bytes(path.read_bytes().replace(b"mp4a", b"drms"))
    with pytest.raises(UnreadableRecording, match=r"call\.m4a: MP4 .*protected \(DRM\).*export it without protection"):
        open_recording(path)


def test_a_film_without_sound(tmp_path):
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as out:
        film = out.add_stream("mpeg4", rate=5)
        film.width, film.height, film.pix_fmt = 64, 64, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        for packet in (*film.encode(frame), *film.encode(None)):
            out.mux(packet)
    with pytest.raises(UnreadableRecording, match=r"film\.mp4: .*video without sound; name the file with the sound"):
        open_recording(path)


def test_an_mp4_whose_recorder_died_has_no_index(tmp_path):
    path = encoded(tmp_path / "call.m4a", tones(), "aac")
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"moov") - 10])
    with pytest.raises(UnreadableRecording, match=r"no index \(moov\): the recorder was stopped"):
        open_recording(path)


def test_a_cut_webm_is_cut_short_and_may_be_read_in_part(tmp_path):
    path = encoded(tmp_path / "call.mka", tones(), "libopus")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with pytest.raises(TruncatedRecording, match=r"promises 6\.0 s; 3\.. s can be read.*--partial"):
        open_recording(path)
    recording = open_recording(path, Config(partial=True))
    assert "is cut short" in recording.notes[-1]


def test_a_file_that_only_names_others_is_not_followed(tmp_path):
    """FFmpeg would open what a playlist names; only containers of sound are let in."""
    sf.write(tmp_path / "secret.wav", tones(1), RATE_HZ)
    playlist = tmp_path / "call.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{tmp_path}/secret.wav\n#EXT-X-ENDLIST\n")
    with pytest.raises(UnreadableRecording, match="not a recording"):
        open_recording(playlist)


def test_a_name_may_be_any_bytes(tmp_path):
    path = Path(str(tmp_path) + "/anruf-\udcfc.m4a")
    path.write_bytes((DATA / "call.m4a").read_bytes())
    assert open_recording(path).channels == 2


def test_an_amr_without_frames(tmp_path):
    path = tmp_path / "bare.amr"
    path.write_bytes(b"#!AMR\n")
    with pytest.raises((EmptyRecording, UnreadableRecording), match=r"bare\.amr: "):
        open_recording(path)


@pytest.mark.parametrize(
    ("name", "kind"), [("call.m4a", "MP4 (M4A)"), ("call.amr", "AMR"), ("g722.wav", "WAV with G.722")]
)
def test_without_the_extra_the_sentence_names_the_command(monkeypatch, name, kind):
    monkeypatch.setattr(codecs, "is_installed", lambda: False)
    with pytest.raises(UnreadableRecording) as why:
        open_recording(DATA / name)
    assert str(why.value) == (
        f"{DATA / name}: {kind} needs one more package; install it: pip install 'speechcoach[codecs]'"
    )


def test_what_no_extra_would_read_is_not_said_to_need_it(monkeypatch, tmp_path):
    monkeypatch.setattr(codecs, "is_installed", lambda: False)
    (tmp_path / "call.flac").write_bytes(b"fLaC" + bytes(300))
    with pytest.raises(UnreadableRecording, match=r"call\.flac: FLAC that cannot be read: .*export it again"):
        open_recording(tmp_path / "call.flac")
    assert "pip install" in decoding._sentence(tmp_path, None, "no audio")
