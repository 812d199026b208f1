"""The spectrogram's lanes in Debian's chromium."""

from __future__ import annotations

import pytest

from speechcoach.views import html

from .conftest import CLICKS_S, DURATION_S
from .test_html_browser import AXE, TAGS, now, wait_for

# Where the axis has second 0 and the call's end, drawn through two of the ruler's own ticks.
AXIS = """() => {
    const ticks = [...document.querySelectorAll(".ruler span")].map((tick) => {
        const [minutes, seconds] = tick.textContent.split(":");
        return [60 * minutes + +seconds, tick.getBoundingClientRect().left];
    });
    const [t0, x0] = ticks[0], [t1, x1] = ticks.at(-1), pps = (x1 - x0) / (t1 - t0);
    return [x0 - t0 * pps, x0 + (SC.player.duration - t0) * pps];
}"""
EDGES = """() => [...document.querySelectorAll(".lane-spectrogram img")].map((image) => {
    const box = image.getBoundingClientRect();
    return [box.left, box.right];
})"""


def shown(page) -> int:
    return page.locator(".lane-spectrogram:visible").count()


def test_the_button_shows_and_hides_it(opened):
    page = opened()
    button = page.get_by_role("button", name="Show spectrogram")
    assert shown(page) == 0
    button.focus()
    page.keyboard.press("Enter")
    assert shown(page) == 2
    assert button.get_attribute("aria-pressed") == "true"
    assert page.locator(".lane-spectrogram .row-label > span").all_inner_texts() == ["Agent", "Customer"]
    assert "levels do not compare" in page.inner_text("#spectrogram-key")
    wait_for(page, "[...document.querySelectorAll('.lane-spectrogram img')].every((i) => i.naturalHeight === 64)")
    page.keyboard.press("s")
    assert shown(page) == 0
    assert button.get_attribute("aria-pressed") == "false"
    page.keyboard.press("s")
    assert shown(page) == 2
    assert page.locator(".lane-spectrogram").count() == 2, "drawn once"
    assert "spectrogram" in page.inner_text("#keys")


@pytest.mark.parametrize("width", [1280, 390])
def test_it_lies_on_the_axis(opened, width):
    page = opened(width=width)
    page.click("#spectrogram-show")
    for act in ("0", "+", "+"):
        page.keyboard.press(act)
        page.wait_for_timeout(150)
        axis = page.evaluate(AXIS)
        for edges in page.evaluate(EDGES):
            assert edges == pytest.approx(axis, abs=2)
    page.evaluate("SC.player.seek(15); SC.view.reveal(15)")
    page.wait_for_timeout(150)
    assert page.evaluate(EDGES)[0] == pytest.approx(page.evaluate(AXIS), abs=2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_clicks_are_drawn_where_they_sound(opened):
    """The browser's own decoder finds each click's columns, darker than the noise above them."""
    page = opened()
    page.click("#spectrogram-show")
    wait_for(page, "document.querySelector('.lane-spectrogram img').naturalWidth > 0")
    peaks = page.evaluate(
        """(times) => {
            const image = document.querySelector(".lane-spectrogram img");
            const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: 64 });
            const context = canvas.getContext("2d", { willReadFrequently: true });
            context.drawImage(image, 0, 0);
            return times.map((time) => {
                const at = Math.round((time / SC.player.duration) * image.naturalWidth);
                const pixels = context.getImageData(at - 20, 0, 40, 64).data;
                const columns = [...Array(40).keys()].map((x) =>
                    Math.max(...[...Array(64).keys()].map((y) => pixels[4 * (40 * y + x) + 3])));
                const darkest = at - 20 + columns.indexOf(Math.max(...columns));
                return ((darkest + 0.5) / image.naturalWidth) * SC.player.duration;
            });
        }""",
        list(CLICKS_S),
    )
    assert peaks == pytest.approx([t + 0.01 for t in CLICKS_S], abs=0.02)


def test_it_plays_from_where_it_is_clicked(opened):
    page = opened()
    page.click("#spectrogram-show")
    lane = page.locator(".lane-spectrogram .row-plot").last
    lane.scroll_into_view_if_needed()
    box = lane.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + 40)
    wait_for(page, "SC.player.playing")
    assert DURATION_S / 4 - 0.05 < now(page) < DURATION_S / 4 + 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_with_it_open(opened, scheme, width):
    page = opened(width=width, color_scheme=scheme, reduced_motion="reduce")
    page.click("#spectrogram-show")
    page.wait_for_timeout(150)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("tags => axe.run({ runOnly: tags })", TAGS)
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20


def test_without_samples_the_key_does_nothing(opened, result, tmp_path):
    path = tmp_path / "silent.html"
    path.write_text(html.render(result), "utf-8")
    page = opened(path)
    page.keyboard.press("s")
    assert page.locator("#spectrogram-show, .lane-spectrogram").count() == 0
    assert "spectrogram" not in page.inner_text("#keys")
