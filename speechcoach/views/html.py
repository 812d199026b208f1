"""A result as one HTML file that needs nothing else: no server, no network, no second file.

Conventions: all text of the call reaches the page through the template's escaping, or as JSON in a
block that the browser never runs. The page's own scripts are named by their sha256 in its
Content-Security-Policy, so that a script which slipped in would not run, and nothing could be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import quote

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from speechcoach.judgement import listen_first
from speechcoach.judgement.phrases import Audience, cue_title, explain, score_title, told_to
from speechcoach.records import Facts, Frames, Result
from speechcoach.settings import Rubric
from speechcoach.views import player
from speechcoach.views.report import conversation, living, story

HERE = Path(__file__).parent / "report"
STYLES = ("vendor/uPlot.min.css", "css/page.css", "css/timeline.css", "css/transcript.css")
SCRIPTS = (
    "vendor/wavesurfer.min.js",
    "vendor/uPlot.iife.min.js",
    "js/player.js",
    "js/timeline.js",
    "js/lanes.js",
    "js/spectrogram.js",
    "js/contours.js",
    "js/transcript.js",
    "js/controls.js",
)
NO_AUDIO = "This report was made without the call's audio. Times still move the line."
TOO_LONG = "The call is longer than ten minutes, so its audio is not in this file. Times still move the line."
BESIDE = "The audio is not in this file. It plays from {name}, which must lie in the same folder."


def render(
    result: Result,
    frames: Frames | None = None,
    samples: np.ndarray | None = None,
    rate_hz: int | None = None,
    *,
    audience: Audience = "qa",
    audio_src: str | None = None,
    around: living.Surroundings | None = None,
) -> str:
    """The whole report as one HTML document.

    Parameters
    ----------
    frames : Frames, columns [frames] or [channels, frames]
        Pitch and level for the lanes; the lanes are left out without it.
    samples : np.ndarray [shape=(channels, n) or (n,), float32]
        The call's audio at `rate_hz`; embedded up to ten minutes of call, drawn as spectrogram up to two hours.
    audience : "qa" or "agent"
        Whom the sentences address.
    audio_src : str
        Name of an audio file beside the report, played where the audio is not embedded. WAV or FLAC:
        a browser seeks in an MP3 only roughly.
    around : Surroundings
        What an application adds to the page, with the sound and what is drawn of it; `frames` and `samples` are not
        asked then. It must send `policy_around()` as a header.
    """
    if samples is not None and not rate_hz:
        raise ValueError("samples need their rate_hz")
    samples = None if samples is None or not np.size(samples) else np.atleast_2d(samples)
    result = told_to(result, audience)
    facts = result.facts
    found = [
        card | {"slot": around.slot(card["id"]) if around else ""} for card in story.cards(result, explain, audience)
    ]
    audio, mp3 = (around.audio, "") if around else _audio(facts, samples, rate_hz, audio_src)
    seen = (around and around.drawn) or living.drawing(facts, frames, samples, rate_hz)
    page = _environment().get_template("report.html.j2")
    html = page.render(
        head=story.header(facts),
        first=[c for item in listen_first(result.findings, Rubric.load()) for c in found if c["id"] == item.id],
        counts={kind: sum(c["kind"] == kind for c in found) for kind in ("flag", "strength")},
        scores=story.scores(result, found, score_title, cue_title),
        strengths=story.stacks([c for c in found if c["kind"] == "strength"], result),
        flags=story.stacks([c for c in found if c["kind"] == "flag"], result),
        context=story.stacks([c for c in found if c["kind"] == "context"], result),
        abstained=story.abstained(result, audience),
        audio=audio,
        mp3=mp3,
        lines=conversation.lines(facts),
        has_text=bool(facts.words) or any(t.text for t in facts.turns),
        no_text_why=facts.unfit.get("transcript", ""),
        overlap_kinds=[
            (kind, *conversation.OVERLAP_NAMES[kind])
            for kind in conversation.OVERLAP_NAMES
            if any(o.kind == kind for o in facts.overlaps)
        ],
        speakers=story.speakers(facts),
        settings=result.settings,
        call_id=facts.call.id,
        language=facts.call.language or "",
        version=_version(),
        licences=[(f"{p['name']} {p['version']}, {p['license']}", _licence(p)) for p in _vendored()],
        spectrogram_key=seen.spectrogram["key"] if seen.spectrogram else "",
        data=_json(_data(facts, found, seen, audio, around.pins if around else ())),
        styles=[Markup(_text(name)) for name in STYLES],
        scripts=[Markup(_text(name)) for name in SCRIPTS],
        policy=living.policy(_hashes(), "blob: 'self' file:" if audio["mode"] == "beside" else "blob:"),
        around=around,
    )
    return html.encode("utf-8", "replace").decode("utf-8")  # a file name may hold bytes that are no text


def _audio(facts: Facts, samples: np.ndarray | None, rate_hz: int | None, audio_src: str | None) -> tuple[dict, str]:
    """How the page gets its sound, and the MP3 in base64 where it is embedded."""
    if samples is not None and samples.shape[1] / rate_hz <= player.EMBED_LIMIT_S:
        mp3, mp3_rate_hz, n = player.mp3(samples[:2], rate_hz)  # an MP3 holds two channels at most
        sound = {"mode": "embedded", "rate_hz": mp3_rate_hz, "samples": n, "why": ""}
        return sound, base64.b64encode(mp3).decode("ascii")
    if audio_src:
        return {"mode": "beside", "src": quote(audio_src), "why": BESIDE.format(name=audio_src)}, ""
    return {"mode": "none", "why": NO_AUDIO if samples is None else TOO_LONG}, ""


def _data(facts: Facts, found: list[dict], seen: living.Drawn, audio: dict, pins: Sequence[dict]) -> dict:
    roles = dict(facts.call.roles) or {"mixed": 0}
    names = [s for s in ("agent", "customer", "mixed") if s in roles or any(t.speaker == s for t in facts.turns)]
    return {
        "duration_s": max(facts.call.duration_s, 0.01),
        "audio": audio,
        "channels": seen.channels,
        "roles": roles,
        "speakers": [[s, story.NAMES[s]] for s in names],
        "turns": [[t.speaker, t.start_s, t.end_s, t.text] for t in facts.turns],
        "overlaps": [[o.kind, o.start_s, o.end_s, o.by, o.why] for o in facts.overlaps],
        "overlap_names": conversation.OVERLAP_NAMES,
        "pauses": [[p.kind, p.start_s, p.end_s, p.announced, p.music] for p in facts.pauses],
        "findings": [
            {
                "id": c["id"],
                "kind": c["kind"],
                "title": c["title"],
                "spans": [[s["start_s"], s["end_s"]] for s in c["spans"]],
            }
            for c in found
            if c["spans"]
        ]
        + list(pins),
        "peaks": seen.peaks,
        "contours": seen.contours,
        "steps": {"pitch": player.PITCH_STEP_ST, "level": player.LEVEL_STEP_DB, "nothing": player.NOTHING},
        "spectrogram": seen.spectrogram,
    }


def _json(data: dict) -> Markup:
    """JSON that cannot end the block it stands in; ASCII, so U+2028 and U+2029 are escaped too."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def policy_around() -> str:
    """The Content-Security-Policy that an application sends with the page."""
    return living.policy_around(_hashes())


@cache
def _hashes() -> str:
    """What may run: the page's own scripts, by their sha256."""
    digests = (hashlib.sha256(_text(name).encode()).digest() for name in SCRIPTS)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


@cache
def _text(name: str) -> str:
    return (HERE / name).read_text("utf-8").strip().replace("\r\n", "\n")


@cache
def _vendored() -> list[dict]:
    return json.loads(_text("vendor/vendor.lock.json"))["packages"]


def _licence(package: dict) -> str:
    return _text("vendor/" + next(name for name in package["files"] if name.endswith("LICENSE.txt")))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["clock"] = story.clock
    return made


def _version() -> str:
    try:
        return version("speechcoach")
    except PackageNotFoundError:
        return "from source"
