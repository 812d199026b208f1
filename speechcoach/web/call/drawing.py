"""What a call's page draws of the signal, worked out from the recording and kept for the next reader."""

from __future__ import annotations

import numpy as np

from speechcoach.audio import open_recording
from speechcoach.conversation import Party, speech_only
from speechcoach.features import extract_blocks
from speechcoach.records import Facts, Span
from speechcoach.team.rows import Found
from speechcoach.team.sources import at_hand
from speechcoach.views import spectrogram
from speechcoach.views.report.living import Drawn, drawing

RATE_HZ = 8_000  # as a recording is analysed


def drawn(facts: Facts, found: Found) -> Drawn:
    """Contours of the speech, peaks and spectrogram of the recording. Raises RecordingError where it cannot be read."""
    with at_hand(found) as path:
        recording = open_recording(path)
        try:
            frames = extract_blocks(recording.analysis_blocks(), RATE_HZ)
            return drawing(facts, speech_only(frames, _parties(facts)), recording.analysis, RATE_HZ)
        finally:
            recording.release()


def warm() -> None:
    """Load what drawing needs: the first page that draws would wait seconds for it."""
    silence = np.zeros((2, RATE_HZ), np.float32)
    extract_blocks(iter([silence]), RATE_HZ)
    spectrogram.picture(silence[0], RATE_HZ)


def _parties(facts: Facts) -> list[Party]:
    """Who speaks where, as it was measured: their units are the speech that was found."""
    roles = facts.call.roles or {"mixed": 0}
    return [
        Party(name, channel, tuple(Span(u.start_s, u.end_s) for u in facts.units if u.speaker == name), ())
        for name, channel in roles.items()
    ]
