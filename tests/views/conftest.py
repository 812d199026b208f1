"""A small made call for the report's tests: 16 s, two channels, noise for speech, and clicks in known places.

Truth here is analytic: every time was chosen, none was measured.
"""

from __future__ import annotations

import numpy as np
import pytest

from speechcoach.records import (
    Abstention,
    Act,
    Call,
    Channel,
    Facts,
    Finding,
    Frames,
    Overlap,
    Pause,
    Result,
    Score,
    Settings,
    Span,
    Turn,
    Voice,
    Word,
)
from speechcoach.views import html

RATE_HZ = 8000
DURATION_S = 16.0
CLICKS_S = (1.25, 7.5, 14.875)
SAID = (
    ("agent", 0.5, 3.0, "Good morning, Harbour Bank, how can I help?"),
    ("customer", 3.5, 6.5, "My card was declined twice this morning."),
    ("agent", 4.6, 4.9, "Mm-hm."),
    ("agent", 10.5, 13.0, "I have removed the block for you,"),
    ("customer", 12.5, 14.5, "But I said all that last week!"),
)


def _words() -> list[Word]:
    words = []
    for speaker, start_s, end_s, text in SAID:
        tokens = text.split()
        step_s = (end_s - start_s) / len(tokens)
        for i, token in enumerate(tokens):
            sure = 0.3 if token == "declined" else 0.95
            words.append(Word(speaker, start_s + i * step_s, start_s + (i + 0.9) * step_s, token, sure))
    return sorted(words, key=lambda w: w.start_s)


def _turn(speaker: str, start_s: float, end_s: float, text: str) -> Turn:
    small = text == "Mm-hm."
    acts = (Act("backchannel", start_s, end_s, text),) if small else ()
    return Turn(
        speaker, start_s, end_s, text, len(text.split()), 180.0, 4.8, 120.0, 5.0, -24.0, -3.0, "fall", small, acts
    )


def _finding(
    id: str, cue: str, speaker: str, spans: list[tuple], variant: str, strength: bool = False, **more
) -> Finding:
    known = {"value": 4.0, "limit": 3.0, "unit": "s", "quote": "as it was said", "unless": "it had been shorter"}
    return Finding(
        id, cue, speaker, tuple(Span(*s) for s in spans), **(known | more), variant=variant, strength=strength,
        source="a made norm", threshold="silence_s",
    )  # fmt: skip


@pytest.fixture
def result() -> Result:
    turns = tuple(sorted((_turn(*said) for said in SAID), key=lambda t: t.start_s))
    voice = Voice(5.3, 0.55, 150.0, 4.8, 120.0, 2.5, 8.0, -24.0, 4.0, 0.4)
    facts = Facts(
        Call("ab" * 32, "call.wav", DURATION_S, RATE_HZ, 2, {"agent": 0, "customer": 1}, "speech", "a greeting", "en"),
        "conf",
        (Channel(0, 5.3, -24.0, 30.0, 0.0, -50.0, ()), Channel(1, 5.0, -25.0, 30.0, 0.0, -50.0, ("clipped",))),
        tuple(_words()),
        turns=turns,
        overlaps=(
            Overlap(4.6, 4.9, "agent", "backchannel", 0.9, "one word"),
            Overlap(12.5, 13.0, "customer", "interruption", 0.9, "the sentence was open"),
        ),
        pauses=(Pause(6.5, 10.5, "dead_air", "customer", "agent", announced=False),),
        speakers={"agent": voice, "customer": voice},
    )
    findings = (
        _finding("greet", "opening_and_closing", "agent", [(0.5, 3.0)], "good_opening", strength=True),
        _finding("dead", "dead_air", "agent", [(6.5, 10.5)], "flag"),
        _finding("cut", "interruption", "customer", [(12.5, 13.0)], "flag", value=0.9, limit=0.5, unit="probability"),
    )
    scores = (
        Score("response", 85.0, ("dead",)),
        Score("voice", None, (), ("monotone",)),
        Score("courtesy", 100.0, (), ("blame",)),
    )
    abstained = (Abstention("monotone", "too little voice"), Abstention("blame", "no phrases"))
    return Result(facts, Settings("conf", "en@norms", "default@rubric"), findings, abstained, scores)


@pytest.fixture(scope="session")
def samples() -> np.ndarray:
    rng = np.random.default_rng(7)
    n = int(DURATION_S * RATE_HZ)
    made = rng.normal(0, 1e-3, (2, n)).astype(np.float32)
    for speaker, start_s, end_s, _ in SAID:
        a, b = int(start_s * RATE_HZ), int(end_s * RATE_HZ)
        made[int(speaker == "customer"), a:b] += rng.normal(0, 0.02, b - a).astype(np.float32)
    click = 0.8 * np.sin(2 * np.pi * 1000 * np.arange(160) / RATE_HZ).astype(np.float32)
    for time_s in CLICKS_S:
        at = int(time_s * RATE_HZ)
        made[:, at : at + 160] = click
    return made


@pytest.fixture(scope="session")
def frames() -> Frames:
    time_s = np.arange(int(DURATION_S * 100)) * 0.01
    active = np.zeros((2, len(time_s)), bool)
    for speaker, start_s, end_s, _ in SAID:
        active[int(speaker == "customer"), int(start_s * 100) : int(end_s * 100)] = True
    f0_hz = np.where(active, 120 * 2 ** (np.sin(time_s) / 6), np.nan).astype(np.float32)
    level_db = np.where(active, -24 + 3 * np.sin(3 * time_s), -60).astype(np.float32)
    voicing = active.astype(np.float32)
    return Frames(0.01, time_s, f0_hz, voicing, level_db, np.full_like(level_db, -60), active, np.zeros_like(active))


@pytest.fixture
def report(result, frames, samples, tmp_path):
    path = tmp_path / "call report.html"
    path.write_text(html.render(result, frames, samples, RATE_HZ), "utf-8")
    return path


@pytest.fixture
def opened(chromium, report):
    """Opens a report; fails where the page asked for anything outside, or complained."""
    contexts, troubles, outside = [], [], []

    def page_of(path=report, width=1280, **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: troubles.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: troubles.append(str(e)))
        page.on("dialog", lambda d: (troubles.append(f"dialog {d.message}"), d.dismiss()))
        page.on(
            "request", lambda r: outside.append(r.url) if not r.url.startswith(("file:", "blob:", "data:")) else None
        )
        page.goto(path.as_uri())
        page.evaluate("SC.player.ready")
        page.wait_for_timeout(150)
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert outside == []
    assert troubles == []
