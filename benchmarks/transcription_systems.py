"""The recognisers that are compared: ours, whole, and the peers as their manuals call them.

Conventions: a system takes float32 `[channels, n]` at 8 kHz and gives the words of each channel; every model is loaded
before anything is timed, and runs in one thread.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import soxr
from transcription_material import Said

from speechcoach import channels, features
from speechcoach.transcript import engine_for, resolve, transcribe

RATE_HZ = 16_000
OURS, OPENAI = "speechcoach", "plain openai-whisper"
FASTER, USUAL, BATCHED = (
    "plain faster-whisper, int8",
    "plain faster-whisper, float32",
    "the same, int8, gated, batches of 8",
)

System = Callable[[np.ndarray], list[list[Said]]]
"""Float32 `[channels, n]` at 8 kHz -> the words of each channel."""


def ours() -> System:
    engine = engine_for("auto")
    engine.model  # noqa: B018  (loaded now: loading is not what is timed)

    def read(samples: np.ndarray) -> list[list[Said]]:
        frames = features.extract(samples, 8000)
        spans = channels.find_activity(frames, samples).speech
        speakers = [str(channel) for channel in range(len(samples))]
        found = transcribe(at_16_khz(samples), spans, engine, speakers=speakers)
        return [[Said(word.text, word.start_s, word.end_s) for word in words] for words in found.words]

    return read


def openai() -> System:
    from speechcoach.transcript import WhisperEngine

    model = WhisperEngine().model

    def read(samples: np.ndarray) -> list[list[Said]]:
        made = (model.transcribe(own, word_timestamps=True, fp16=False) for own in at_16_khz(samples))
        return [
            [Said(w["word"], w["start"], w["end"]) for part in one["segments"] for w in part["words"]] for one in made
        ]

    return read


def faster(compute_type: str = "int8", gated: bool = False) -> System:
    """Whole channels at its defaults; `gated` is silero's voice activity and eight windows at once, WhisperX's way."""
    import faster_whisper

    weights = str(resolve("auto", ("ctranslate2",)).path)
    model = faster_whisper.WhisperModel(weights, device="cpu", compute_type=compute_type, cpu_threads=1)
    if gated:
        model = faster_whisper.BatchedInferencePipeline(model)
    options = {"batch_size": 8} if gated else {}

    def read(samples: np.ndarray) -> list[list[Said]]:
        made = (model.transcribe(own, word_timestamps=True, **options)[0] for own in at_16_khz(samples))
        return [[Said(w.word, w.start, w.end) for part in one for w in part.words] for one in made]

    return read


def at_16_khz(samples: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(soxr.resample(samples.T, 8000, RATE_HZ).T, np.float32)


SYSTEMS: dict[str, Callable[[], System]] = {
    OURS: ours,
    OPENAI: openai,
    FASTER: faster,
    USUAL: lambda: faster("float32"),
    BATCHED: lambda: faster(gated=True),
}
