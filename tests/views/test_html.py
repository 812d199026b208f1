"""What stands in the report's HTML, without a browser."""

from __future__ import annotations

import base64
import hashlib
import html as htmllib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from speechcoach.pipeline import judge
from speechcoach.records import Score, Span, Word
from speechcoach.views import html, player
from tests.judgement.calls import busy_call

HOSTILE = "<script>alert(1)</script>\"'></script><img src=x onerror=alert(2)>&amp;\u2028{{ 7*7 }} \U0001f600"
VENDORED = (
    html.HERE / "vendor",
    html.HERE.parents[1] / "web" / "static" / "vendor",
    Path(__file__).parent / "vendor",
)


class Page(HTMLParser):
    """Elements with their attributes, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.inside = False
        self.scripts: list[tuple[dict, str]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            attrs, text = self.scripts[-1]
            self.scripts[-1] = (attrs, text + data)


def hostile(result):
    facts = result.facts
    words = tuple(replace(w, text=HOSTILE) if i % 3 == 0 else w for i, w in enumerate(facts.words))
    facts = replace(
        facts,
        call=replace(facts.call, file=HOSTILE, roles_why=HOSTILE, language="en", transcribed_by=HOSTILE),
        words=words,
        turns=tuple(replace(t, text=HOSTILE) for t in facts.turns),
        overlaps=tuple(replace(o, why=HOSTILE) for o in facts.overlaps),
        unfit={"transcript": HOSTILE},
    )
    findings = tuple(
        replace(f, id=f"{f.id}{HOSTILE}", quote=HOSTILE, unless=HOSTILE, why=HOSTILE, source=HOSTILE)
        for f in result.findings
    )
    return replace(result, facts=facts, findings=findings)


def data_of(page: Page) -> dict:
    return json.loads(next(text for attrs, text in page.scripts if attrs.get("id") == "data"))


def test_says_what_was_found_and_why(result):
    text = htmllib.unescape(html.render(result))
    for part in (
        "call.wav",
        "Worked out from the speech",
        "a greeting",
        "Customer channel: clipped",
        "85",
        "Dead air",
    ):
        assert part in text
    for part in (
        "What went well",
        "Worth another listen",
        "Context from the customer's side",
        "Not judged",
        "Too little voice.",
    ):
        assert part in text
    assert "4 s, flagged from 3" in text
    assert "90% sure" in text
    assert "a made norm" in text
    assert "if it had been shorter" in text


def test_the_agent_is_addressed_as_you(result):
    assert "Your voice" not in html.render(result)
    raised = replace(result.findings[1], id="r", cue="raised_voice", why="up", value=8.0)
    assert "Your voice rose 8 dB" in html.render(replace(result, findings=(raised,)), audience="agent")


def test_a_score_that_was_not_judged_gives_the_reason_and_no_number(result):
    text = html.render(replace(result, scores=(Score("voice", None, (), ("monotone",)),)))
    card = text[text.index('class="scores"') : text.index('id="moments"')]
    assert "Not judged" in card
    assert "Too little voice." in card
    assert "of 100" not in card


def test_names_no_better_voice_and_no_emotion(result):
    table = html.render(result).split('id="speakers"')[1].split("</section>")[0]
    assert "Information, not a verdict" in table
    assert not [word for word in ("better", "faster", "slower", "angry", "nervous") if word in table]


def test_final_rises_are_told_and_no_fault():
    result = judge(busy_call())
    table = htmllib.unescape(html.render(result)).split('id="speakers"')[1].split("</section>")[0]
    assert re.search(r"Ends of statements.*no fault.*\d+ falling, \d+ level, \d+ rising", table, re.DOTALL)
    assert not [finding for finding in result.findings if "rise" in finding.unit]


def test_many_moments_of_one_kind_are_one_card_with_a_place_for_each():
    result = judge(busy_call())
    cut = next(finding for finding in result.findings if finding.cue == "interruption")
    more = [replace(cut, id=f"more-{i}", value=0.6 + i / 100, spans=(Span(50.0 + i, 50.5 + i),)) for i in range(13)]
    text = html.render(replace(result, findings=(*result.findings, *more)))
    flags = text.split('id="again-title"')[1].split("</section>")[0]
    assert flags.count("<h3>Interruption</h3>") == flags.count("breathe out once") == 1
    assert "14 times" in flags
    assert "Show 11 more" in flags
    assert all(f'id="f-{item.id}"' in flags for item in (cut, *more))
    assert f"{sum(not f.strength and f.speaker == 'agent' for f in result.findings) + 13} flags" in text


def test_hostile_text_makes_no_element(result, frames, samples):
    clean = Page(html.render(result, frames, samples, 8000))
    page = Page(html.render(hostile(result), frames, samples, 8000))
    assert [tag for tag, _ in page.elements if tag in ("script", "img", "iframe")] == [
        tag for tag, _ in clean.elements if tag in ("script", "img", "iframe")
    ]
    assert not [(tag, attrs) for tag, attrs in page.elements if any(name.startswith("on") for name in attrs)]
    assert data_of(page)["turns"][0][3] == HOSTILE, "the text survives, as text"
    raw = html.render(hostile(result))
    assert "\u2028" not in raw[raw.index('id="data"') :].split("</script>")[0]


def test_a_file_name_that_is_no_text_still_renders(result):
    named = replace(result, facts=replace(result.facts, call=replace(result.facts.call, file="caf\udce9.wav")))
    html.render(named).encode("utf-8")


def test_every_script_is_named_by_its_hash(result):
    page = Page(html.render(result))
    policy = next(a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    ours = [text for attrs, text in page.scripts if "type" not in attrs]
    assert len(ours) == len(html.SCRIPTS)
    for text in ours:
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]


def test_refers_to_nothing_outside(result, frames, samples):
    page = Page(html.render(result, frames, samples, 8000))
    for tag, attrs in page.elements:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert not re.match(r"(https?:)?//", attrs.get(name) or ""), (tag, attrs)
    styles = "".join(html._text(name) for name in html.STYLES)
    assert "url(" not in styles
    assert "@import" not in styles


@pytest.mark.parametrize("folder", VENDORED, ids=lambda f: f.parent.name)
def test_vendored_files_are_what_the_lock_says(folder):
    packages = json.loads((folder / "vendor.lock.json").read_text("utf-8"))["packages"]
    listed = {name: entry["sha256"] for package in packages for name, entry in package["files"].items()}
    there = {p.name for p in folder.iterdir()} - {"vendor.lock.json"}
    assert there == set(listed)
    for name, sha256 in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256, name
    for package in packages:
        assert package["version"]
        assert package["license"]
        assert any(name.endswith("LICENSE.txt") for name in package["files"])


def test_licences_travel_with_the_report(result):
    text = htmllib.unescape(html.render(result))
    assert "Copyright (c) 2012-2023, katspaugh and contributors" in text
    assert "Copyright (c) 2022 Leon Sorokin" in text


def test_says_when_the_audio_is_not_in_it(result, samples, monkeypatch):
    assert "made without the call's audio" in htmllib.unescape(html.render(result))
    monkeypatch.setattr(player, "EMBED_LIMIT_S", 10.0)
    long = html.render(result, samples=samples, rate_hz=8000)
    assert "longer than ten minutes" in long
    assert 'id="mp3"' not in long
    beside = html.render(result, samples=samples, rate_hz=8000, audio_src="a call.flac")
    assert 'src="a%20call.flac"' in beside
    assert "'self' file:" in htmllib.unescape(beside)


def test_no_word_is_dropped_and_backchannels_stand_inside(result):
    stray = Word("customer", 15.5, 15.8, "stray", 0.9)
    late = replace(result, facts=replace(result.facts, words=(*result.facts.words, stray)))
    text = html.render(late)
    shown = re.findall(r'class="w(?: [^"]*)?"[^>]*>([^<]*)<', text)
    assert sorted(map(htmllib.unescape, shown)) == sorted(w.text for w in late.facts.words)
    host = text[text.index("declined") - 400 : text.index("morning.<")]
    assert '<span class="aside agent">' in host
    assert 'title="30 % sure"' in text


def test_without_a_transcript_turns_show_how_they_sounded(result):
    bare = replace(result.facts, words=(), turns=tuple(replace(t, text="", acts=()) for t in result.facts.turns))
    text = html.render(replace(result, facts=replace(bare, unfit={"transcript": "no model is installed"})))
    assert "There is no transcript: no model is installed" in text
    assert "pitch range 5 st" in text
    assert "ends falling" in text


def test_an_empty_call_renders(result):
    facts = replace(
        result.facts, words=(), turns=(), overlaps=(), pauses=(), speakers={}, channels=(),
        call=replace(result.facts.call, duration_s=0.0, roles={}, channels=1, language=None),
    )  # fmt: skip
    text = html.render(replace(result, facts=facts, findings=(), scores=(), abstained=()))
    assert "No speech was found." in text


def test_peaks_and_contours_hold_what_went_in(result, frames, samples):
    data = data_of(Page(html.render(result, frames, samples, 8000)))
    peaks = np.frombuffer(base64.b64decode(data["peaks"][0]), np.int8)
    assert len(peaks) == 1600
    assert peaks.max() == 127
    assert 125 in np.flatnonzero(peaks > 110), "the click at 1.25 s"
    pitch = np.frombuffer(base64.b64decode(data["contours"]["agent"]["pitch"]), np.int8)
    level = np.frombuffer(base64.b64decode(data["contours"]["agent"]["level"]), np.int8)
    expected = 12 * np.log2(frames.f0_hz[0, 120] / 120.0)
    assert pitch[120] * data["steps"]["pitch"] == pytest.approx(expected, abs=0.11)
    assert abs(np.median(level[level != player.NOTHING])) <= 1
    assert pitch[800] == level[800] == player.NOTHING, "nobody speaks at 8 s"


def test_two_speakers_on_one_channel_are_told_apart_by_their_turns(frames, result):
    made = player.contours(frames, {"agent": 0, "customer": 0}, result.facts.turns, {})
    customer = np.frombuffer(base64.b64decode(made["customer"]["level"]), np.int8)
    assert customer[100] == player.NOTHING, "the agent speaks at 1 s"


@pytest.mark.parametrize("rate_hz", [8000, 16000, 44100])
def test_mp3_of_any_rate_keeps_the_length(rate_hz):
    rng = np.random.default_rng(3)
    encoded, kept_hz, n = player.mp3(rng.normal(0, 0.1, (2, 3 * rate_hz)).astype(np.float32), rate_hz)
    assert kept_hz in player.MP3_RATES_HZ
    assert n == pytest.approx(3 * kept_hz, abs=2)
    assert len(encoded) > 1000


def test_samples_without_a_rate_are_refused(result, samples):
    with pytest.raises(ValueError, match="rate_hz"):
        html.render(result, samples=samples)
