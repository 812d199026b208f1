"""The report inside an application: what stands around it there, and what it draws of the signal, made apart from it.

Conventions: what an application puts into the page is finished markup; whoever made it has escaped it. The page's own
scripts stay named by their sha256, so that nothing runs but them and the application's own files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from speechcoach.records import Facts, Frames
from speechcoach.views import player, spectrogram


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the page shows of the signal: columns for the lanes, and the spectrogram; see `views.player`."""

    channels: int
    peaks: list[str]
    contours: dict[str, dict]
    spectrogram: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an application adds to the page.

    `slot` gives what stands under a finding's card, by the finding's id; `moments` stands among the moments, `end`
    after everything, and `parts` names them in the list of the page's parts, as pairs of an id and a name. `pins` are
    further moments of the timeline, as the page's data holds findings. `audio_src` is where the sound comes from, None
    where there is none, and then `audio_why` says why.
    """

    head: Markup
    bar: Markup
    slot: Callable[[str], Markup]
    moments: Markup
    end: Markup
    parts: tuple[tuple[str, str], ...] = ()
    pins: tuple[dict[str, Any], ...] = ()
    audio_src: str | None = None
    audio_why: str = ""
    drawn: Drawn | None = None

    @property
    def audio(self) -> dict[str, str]:
        """How the page gets its sound."""
        if self.audio_src is None:
            return {"mode": "none", "why": self.audio_why}
        return {"mode": "beside", "src": self.audio_src, "why": self.audio_why}


def drawing(facts: Facts, frames: Frames | None, samples: np.ndarray | None, rate_hz: int | None) -> Drawn:
    """What can be drawn of the call; `samples` are `[channels, n]` at `rate_hz`."""
    medians = {speaker: voice.pitch_hz for speaker, voice in facts.speakers.items()}
    roles = dict(facts.call.roles) or {"mixed": 0}
    return Drawn(
        min(2, samples.shape[0] if samples is not None else facts.call.channels),
        player.peaks(samples, rate_hz) if samples is not None else [],
        player.contours(frames, roles, facts.units or facts.turns, medians) if frames is not None else {},
        spectrogram.strip(samples[:2], rate_hz) if samples is not None else None,
    )


def policy(scripts: str, media: str) -> str:
    """The Content-Security-Policy of the page in a file of its own; `scripts` are the hashes of what may run."""
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; "
        f"media-src {media}; base-uri 'none'; form-action 'none'"
    )


def policy_around(scripts: str) -> str:
    """The same in an application, which sends it as a header: its own files, forms and sound are let in too."""
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
