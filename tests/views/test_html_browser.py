"""The report in Debian's chromium, opened from disk as a reader would."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from speechcoach.pipeline import judge
from speechcoach.records import Score, Span
from speechcoach.views import html, player
from tests.judgement.calls import busy_call

from .conftest import CLICKS_S, RATE_HZ
from .test_html import hostile

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def wait_for(page, condition: str, limit_s: float = 8.0) -> None:
    """The page's own policy forbids playwright's `wait_for_function`, which compiles text in the page."""
    end = time.monotonic() + limit_s
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"never came true: {condition}"
        page.wait_for_timeout(20)


def now(page) -> float:
    return page.evaluate("SC.player.time")


def playing(page) -> bool:
    return page.evaluate("SC.player.playing")


def test_a_finding_plays_from_one_second_before(opened):
    page = opened()
    page.click("#f-dead .at")
    wait_for(page, "SC.player.playing && SC.player.time > 5.55")
    assert 5.5 < now(page) < 8.0
    assert "Dead air" in page.inner_text("#moment")
    assert "current" in page.get_attribute("#f-dead", "class")


def test_a_link_to_a_folded_moment_opens_its_fold(opened, tmp_path):
    call = judge(busy_call())
    cut = next(finding for finding in call.findings if finding.cue == "interruption")
    many = [replace(cut, id=f"more-{i}", spans=(Span(50.0 + i, 50.5 + i),)) for i in range(6)]
    cost = Score("attention", 25.0, tuple(item.id for item in (cut, *many)))
    path = tmp_path / "many.html"
    path.write_text(html.render(replace(call, findings=(cut, *many), scores=(cost,))), "utf-8")
    page = opened(path)
    assert not page.is_visible("#f-more-4")
    page.click(".because a[href='#f-more-4']")
    assert page.is_visible("#f-more-4")
    page.click("#f-more-4 .at")
    assert "current" in page.get_attribute("#f-more-4", "class")


def test_a_word_plays_and_is_marked_while_it_sounds(opened):
    page = opened()
    page.evaluate("SC.surfer.setPlaybackRate(0.1)")  # a word lasts 0.4 s, which a busy machine may miss
    page.click(".w:has-text('declined')")
    wait_for(page, "SC.player.playing")
    wait_for(page, "document.querySelector('.w.now')?.textContent === 'declined'")
    assert 4.7 < now(page) < 5.3


def test_the_timeline_plays_from_where_it_is_clicked(opened):
    page = opened()
    page.locator("#timeline").scroll_into_view_if_needed()
    box = page.locator(".lane-overlaps .row-plot").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 10)
    wait_for(page, "SC.player.playing")
    assert 7.95 < now(page) < 10
    page.locator(".lane-turns.customer .turn-box").last.click()
    wait_for(page, "Math.abs(SC.player.time - 12.9) < 0.6")
    page.locator(".lane-moments .pin.flag").click()
    wait_for(page, "SC.player.time < 7")
    assert page.evaluate("SC.surfer.getDuration()") == pytest.approx(16.0)


def test_keys(opened):
    page = opened()
    page.keyboard.press("n")
    wait_for(page, "SC.player.playing")
    page.keyboard.press(" ")
    assert not playing(page)
    page.keyboard.press("n")
    page.keyboard.press("p")
    page.keyboard.press("n")
    page.keyboard.press(" ")
    assert "Dead air" in page.inner_text("#moment")
    page.evaluate("SC.player.pause()")
    at = now(page)
    page.keyboard.press("ArrowRight")
    assert now(page) == pytest.approx(at + 2, abs=0.05)
    page.keyboard.press("ArrowLeft")
    assert now(page) == pytest.approx(at, abs=0.05)
    page.keyboard.press("+")
    assert page.evaluate(
        "document.querySelector('#spacer').offsetWidth > document.querySelector('#viewport').clientWidth"
    )
    page.keyboard.press("0")
    page.uncheck("#keys-on")
    page.keyboard.press(" ")
    assert not playing(page), "single keys can be switched off"
    assert "play or pause" in page.inner_text("#keys")


def test_keys_stay_out_of_the_search_box(opened):
    page = opened()
    page.fill("#find", "")
    page.type("#find", "removed the")
    assert not playing(page)
    assert page.locator(".line:visible").count() == 1
    assert page.locator(".w.hit").all_inner_texts() == ["removed", "the"]
    assert page.inner_text("#found") == "1 found"


def test_hearing_one_side_sends_its_channel_to_both_ears(opened):
    page = opened()
    page.click("#play")
    page.select_option("#side", "customer")
    assert page.evaluate("SC.gains()") == [[0, 0], [1, 1]]
    page.select_option("#side", "agent")
    assert page.evaluate("SC.gains()") == [[1, 1], [0, 0]]
    page.select_option("#side", "both")
    assert page.evaluate("SC.gains()") == [[1, 0], [0, 1]]
    wait_for(page, "SC.player.time > 0.2")


def test_what_is_played_keeps_the_calls_clock(opened):
    """The PCM that the audio element plays has each click where the samples had it."""
    page = opened(bypass_csp=True)
    found = page.evaluate(
        """async ([times, rate]) => {
            const wav = await (await fetch(SC.player.audio.src)).arrayBuffer();
            const left = new Int16Array(wav, 44).filter((_, i) => i % 2 === 0);
            return [left.length, times.map((t) => {
                const from = Math.round((t - 0.2) * rate);
                const click = left.subarray(from, from + 0.4 * rate).findIndex((v) => Math.abs(v) > 0.3 * 32767);
                return (from + click) / rate;
            })];
        }""",
        [list(CLICKS_S), RATE_HZ],
    )
    assert found[0] == 16 * RATE_HZ
    assert found[1] == pytest.approx(CLICKS_S, abs=0.002)


def test_a_seek_lands_where_it_should(opened):
    """Played from 0.4 s before a click, the click is heard when the clock says so (30 ms; best of four)."""
    page = opened()
    shifts = page.evaluate(
        """async (times) => {
            const audio = SC.player.audio, context = new AudioContext();
            const ear = new AnalyserNode(context, { fftSize: 256 });
            context.createMediaElementSource(audio).connect(ear).connect(context.destination);
            await context.resume();
            const heard = new Float32Array(256), shifts = [];
            for (const t of times) {
                audio.pause();
                await new Promise((done) => setTimeout(done, 120)); // or the last click would still be heard
                SC.player.seek(t - 0.4, true);
                let shift = null;
                for (const end = performance.now() + 3000; performance.now() < end && shift === null;) {
                    await new Promise((done) => setTimeout(done, 2));
                    ear.getFloatTimeDomainData(heard);
                    const click = heard.some((v) => Math.abs(v) > 0.3);
                    if (click && audio.currentTime > t - 0.35) shift = audio.currentTime - t;
                }
                shifts.push(shift);
            }
            return shifts;
        }""",
        [*CLICKS_S, CLICKS_S[1]],
    )
    known = sorted(abs(s) for s in shifts if s is not None)
    assert known, "no click was heard"
    assert known[0] < 0.03, shifts


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_sticks_out(opened, scheme, width):
    page = opened(width=width, color_scheme=scheme, reduced_motion="reduce")
    page.click("#f-dead .at")
    wait_for(page, "SC.player.playing")
    page.evaluate("SC.player.pause()")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("tags => axe.run({ runOnly: tags })", TAGS)
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20


def test_hostile_text_is_inert(opened, result, frames, samples, tmp_path):
    path = tmp_path / "hostile.html"
    path.write_text(html.render(hostile(result), frames, samples, RATE_HZ), "utf-8")
    page = opened(path)
    assert page.evaluate("SC.data.findings.length") == 3
    page.click(".moment-card.flag .at")
    wait_for(page, "SC.player.playing")
    assert page.locator("img").count() == 0


def test_a_script_that_slipped_in_does_not_run(chromium, report):
    text = report.read_text("utf-8").replace("</body>", "<script>window.slipped = 1</script></body>")
    report.write_text(text, "utf-8")
    page = chromium.new_page()
    page.goto(report.as_uri())
    assert page.evaluate("window.slipped") is None
    page.close()


def test_without_audio_times_move_the_line(opened, result, tmp_path):
    path = tmp_path / "silent.html"
    path.write_text(html.render(result), "utf-8")
    page = opened(path)
    page.click("#f-dead .at")
    assert now(page) == pytest.approx(5.5)
    assert page.inner_text("#now") == "0:05"
    assert page.locator("#play").is_hidden()


def test_audio_beside_the_report(opened, result, samples, tmp_path, monkeypatch):
    import soundfile as sf

    monkeypatch.setattr(player, "EMBED_LIMIT_S", 1.0)
    sf.write(tmp_path / "the call.wav", samples.T, RATE_HZ)
    path = tmp_path / "beside.html"
    path.write_text(html.render(result, None, samples, RATE_HZ, audio_src="the call.wav"), "utf-8")
    page = opened(path)
    page.click("#f-dead .at")
    wait_for(page, "SC.player.playing && SC.player.time > 5.5")
    assert page.locator("#trouble").is_hidden()
