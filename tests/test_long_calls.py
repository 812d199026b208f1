"""Calls of any length: read span by span, watched while they are analysed, and stopped without a half file.

Truth: one-shot resampling of the whole file by soxr itself; memory as Python's allocator counts it; a terminal.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
import soundfile as sf
import soxr

from speechcoach.audio import open_recording, reading, resample_blocks
from speechcoach.audio.reading import SpanReader
from speechcoach.errors import UnreadableRecording
from speechcoach.records import Span
from speechcoach.schema import load
from speechcoach.transcript import Heard, Passage, transcribe
from speechcoach.views import progress

RATE_HZ = 16_000
SECONDS = 40


def noise(rate_hz: int, channels: int = 2) -> np.ndarray:
    samples = np.random.default_rng(8).normal(0, 0.1, (SECONDS * rate_hz + 321, channels))
    return samples.astype(np.float32)


def wrote(path, samples, rate_hz, **how):
    with sf.SoundFile(path, "w", rate_hz, samples.shape[1], **how) as file:
        for start in range(0, len(samples), rate_hz):
            file.write(samples[start : start + rate_hz])
    return path


def spans_of(seed: int, count: int, jitter_s: float) -> list[Span]:
    """Rising, give or take `jitter_s`."""
    rng = np.random.default_rng(seed)
    starts = np.clip(np.linspace(0, SECONDS, count) + rng.uniform(-jitter_s, jitter_s, count), 0, None)
    return [Span(float(start), float(start + rng.uniform(0, 5))) for start in starts]


@pytest.mark.parametrize(
    ("name", "rate_hz", "coding"),
    [
        ("a.wav", 8_000, "ULAW"), ("a.wav", 16_000, "PCM_16"), ("a.wav", 44_100, "FLOAT"), ("a.flac", 11_025, "PCM_16"),
        ("a.wav", 8_000, "IMA_ADPCM"), ("a.wav", 8_012, "PCM_16"), ("a.mp3", 44_100, "MPEG_LAYER_III"),
        ("a.ogg", 48_000, "VORBIS"), ("a.ogg", 8_000, "OPUS"),
    ],
)  # fmt: skip
def test_a_span_reads_as_in_the_whole_call(tmp_path, name, rate_hz, coding, monkeypatch):
    monkeypatch.setattr(reading, "KEEP_S", 6.0)
    path = wrote(tmp_path / name, noise(rate_hz), rate_hz, subtype=coding)
    decoded, _ = sf.read(path, dtype="float32")
    whole = soxr.resample(decoded, rate_hz, RATE_HZ)
    read = open_recording(path).reader(RATE_HZ)
    for count, jitter_s in ((40, 2.0), (8, 40.0)):  # within what is kept, and far beyond
        for span in spans_of(rate_hz, count, jitter_s):
            for channel in (0, 1):
                truth = whole[round(span.start_s * RATE_HZ) : round(span.end_s * RATE_HZ), channel]
                found = read(channel, span)
                assert found.dtype == np.float32 and found.shape == truth.shape
                np.testing.assert_allclose(found, truth, atol=1e-3)


def test_one_channel_and_the_end_of_the_call(tmp_path):
    path = wrote(tmp_path / "mono.wav", noise(8_000, channels=1), 8_000)
    recording = open_recording(path)
    read, whole = recording.reader(RATE_HZ), recording.samples(RATE_HZ)[0]
    assert np.array_equal(read(0, Span(SECONDS - 1, SECONDS + 9)), whole[(SECONDS - 1) * RATE_HZ :])
    assert len(read(0, Span(SECONDS + 5, SECONDS + 6))) == 0
    assert np.array_equal(read(0, Span(0, 1)), whole[:RATE_HZ])


def counted(seconds: int, rate_hz: int = 8_000):
    """Blocks of a second each, two channels, and how many were opened and given."""
    count = {"opened": 0, "blocks": 0}

    def blocks():
        count["opened"] += 1
        for second in range(seconds):
            count["blocks"] += 1
            yield np.full((rate_hz, 2), second / 1e4, np.float32)

    return blocks, count


def test_what_is_asked_in_rising_time_is_decoded_once_a_channel(monkeypatch):
    monkeypatch.setattr(reading, "KEEP_S", 120.0)
    blocks, count = counted(600)
    read = SpanReader(blocks, 2, 8_000, 8_000)
    for start_s in range(0, 590, 10):
        for back_s in (0, 110):
            for channel in (0, 1):
                at_s = max(start_s - back_s, 0)
                assert read(channel, Span(at_s, at_s + 2)).mean() == pytest.approx((at_s + 0.5) / 1e4, abs=1e-6)
    assert count["opened"] == 2 and count["blocks"] <= 2 * 600
    read(0, Span(0, 1))
    assert count["opened"] == 3


def peak_bytes(work) -> int:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_call(monkeypatch):
    monkeypatch.setattr(reading, "KEEP_S", 30.0)

    def heard(seconds):
        blocks, _ = counted(seconds)
        read = SpanReader(blocks, 2, 8_000, RATE_HZ)
        for start_s in range(0, seconds - 20, 20):
            read(0, Span(start_s, start_s + 20)), read(1, Span(start_s, start_s + 20))

    heard(40)  # what is imported and built once
    short, long = peak_bytes(lambda: heard(120)), peak_bytes(lambda: heard(1200))
    assert long < 1.1 * short
    assert long < 2 * 1200 * RATE_HZ * 4 / 4, "a quarter of the call"


def test_a_call_is_held_once_where_its_length_is_known():
    samples = np.zeros((60 * RATE_HZ, 2), np.float32)
    blocks = [samples[start : start + RATE_HZ] for start in range(0, len(samples), RATE_HZ)]
    resample_blocks(blocks[:1], 2, RATE_HZ, 8_000)
    peak = peak_bytes(lambda: resample_blocks(blocks, 2, RATE_HZ, 8_000, len(samples)))
    assert peak < 1.2 * samples.nbytes / 2


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100])
def test_the_length_that_is_known_changes_no_sample(rate_hz):
    samples = noise(rate_hz)
    blocks = [samples[start : start + 5_000] for start in range(0, len(samples), 5_000)]
    known = resample_blocks(blocks, 2, rate_hz, 8_000, len(samples))
    assert np.array_equal(known, resample_blocks(blocks, 2, rate_hz, 8_000))
    assert np.array_equal(known, resample_blocks(blocks, 2, rate_hz, 8_000, count=100)), "a wrong length only costs"


def test_a_file_that_goes_meanwhile_is_said(tmp_path):
    path = wrote(tmp_path / "call.wav", noise(8_000), 8_000)
    recording = open_recording(path)
    path.unlink()
    with pytest.raises(UnreadableRecording, match=r"call\.wav: could be read before and no longer can; keep the file"):
        recording.reader(RATE_HZ)(0, Span(0, 1))


class Summing:
    """Hears one word a window, the sum of its samples, so that another sample would be another word."""

    name = "summing"

    def encode(self, windows):
        return windows

    def languages(self, encoded):
        return [{"en": 1.0} for _ in encoded]

    def decode(self, encoded, language, most=None, thoroughly=False):
        return [Passage((Heard(f"{np.abs(window).sum():.2f}.", 0.0, 0.4, 0.2, 0.9),), -0.2, 0.0) for window in encoded]


def test_a_transcript_is_the_same_from_a_reader_and_from_the_whole_call(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "KEEP_S", 5.0)
    recording = open_recording(wrote(tmp_path / "call.wav", noise(8_000), 8_000))
    edges = np.arange(0.5, SECONDS, 1.7)
    spans = [[Span(float(a), float(b) - 0.3) for a, b in pairwise(edges[side::3])] for side in (0, 1)]
    found = [
        transcribe(audio, spans, Summing(), speakers=("agent", "customer"))
        for audio in (recording.samples(RATE_HZ), recording.reader(RATE_HZ))
    ]
    assert found[0] == found[1] and any(found[0].words)


def test_the_end_is_told_by_the_pace_of_the_present_step(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    pace = progress.Pace([300, 100])
    pace.begin(300)
    assert pace.call_ends_s() is None and pace.ends_s() is None
    for now_s, doing, share in [(100, "reading", 0.0), (101, "voice", 0.03), (102, "model", 0.1), (120, "words", 0.4)]:
        clock[0] = now_s
        pace.tell(doing, share)
    assert pace.call_ends_s() == pytest.approx(120 + 18 * 0.6 / 0.3)
    assert pace.share == pytest.approx(0.3)
    assert pace.ends_s() == pytest.approx(120 + 20 * 0.7 / 0.3)
    pace.begin(100)
    assert pace.share == pytest.approx(0.75) and pace.call_ends_s() is None
    pace.tell("done", 1.0)
    assert pace.share == pytest.approx(1.0) and pace.ends_s() == pytest.approx(120)


def excerpt(samples_folder, path, *calls, seconds=None):
    parts = [sf.read(samples_folder / f"{call}.wav", dtype="float32")[0] for call in calls]
    sf.write(path, np.concatenate(parts)[: seconds * 8_000 if seconds else None], 8_000, subtype="ULAW")
    return path


def until(terminal: int, sign: bytes | None) -> bytes:
    """What the terminal shows until `sign` comes, or until the process has gone."""
    shown = b""
    while sign is None or sign not in shown:
        try:
            block = os.read(terminal, 4096)
        except OSError:  # Linux says so when nobody holds the other end
            break
        if not block:
            break
        shown += block
    return shown


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_stopped_amid_a_transcription_there_is_no_half_file(tmp_path, samples_folder):
    """Real weights, a real process, a real Ctrl-C: the first call is finished, the second one half way."""
    import pty

    from speechcoach.errors import WeightsError
    from speechcoach.transcript import resolve

    try:
        resolve()
    except WeightsError as why:
        pytest.skip(str(why))
    first = excerpt(samples_folder, tmp_path / "first.wav", "good_listener", seconds=8)
    second = excerpt(samples_folder, tmp_path / "second.wav", "escalation", "poor_listener")
    out, kept = tmp_path / "out", tmp_path / "kept"
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "speechcoach.cli", "analyze", first, second, "--out", out, "--language", "en"]
    environment = {**os.environ, "SPEECHCOACH_CACHE": str(kept), "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(
        list(map(str, command)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=end,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    ) as run:
        os.close(end)
        shown = until(terminal, b"second.wav")
        shown += until(terminal, b"transcribing")
        run.send_signal(signal.SIGINT)
        after = until(terminal, None)
        printed = run.stdout.read().decode()
    os.close(terminal)
    assert run.returncode == 130
    assert b"all calls" in shown and b"first.wav" in shown
    assert b"stopped; what was finished is written" in after and b"Traceback" not in shown + after
    assert "first.wav" in printed and "second.wav" not in printed
    assert sorted(path.name for path in out.iterdir()) == ["first.html", "first.json"]
    assert load(out / "first.json").facts.words
    assert [path.suffix for path in (kept / "transcripts").iterdir()] == [".json"], "the first call's, and no part"
