"""An agent's way through the application in Debian's chromium: rate, see, aim, practise; and its pages for everybody.

Truth: what was clicked and typed here, and the scripted calls of `house`. The microphone is chromium's, which beeps.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from speechcoach.pipeline import judge
from speechcoach.team.coaching import goals
from speechcoach.team.coaching.forms import form
from speechcoach.team.review import opinions, practice, ratings

from .conftest import person
from .house import CALLS, built, hard_call

AXE = Path(__file__).resolve().parents[1] / "views" / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ANALYSED_MS = 90_000  # a process starts, loads what it needs and listens: seconds, and minutes on a busy machine


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Joe has rated all calls but the first and the last."""
    made = built(tmp_path_factory.mktemp("house"))
    with made.open() as store:
        for number in range(1, CALLS - 1):
            answers = dict.fromkeys(form().items, 1 + number % 7)
            ratings.keep(store, made.calls[f"Joe-{number:02}"], "joe", ratings.SELF, answers)
    return made


@pytest.fixture
def team(house, tmp_path):
    copy = tmp_path / "calls.db"
    shutil.copyfile(house.url, copy)
    return replace(house, url=str(copy))


@pytest.fixture(autouse=True)
def quiet_afterwards(app):
    """What is still being analysed ends with its test."""
    yield
    app.state.listener.close()


def test_an_agent_listens_rates_and_sees_what_others_heard(browse, team, store):
    page, call_id = browse("joe"), team.calls["Joe-00"]
    assert page.url.endswith("/progress")
    page.click("nav a:has-text('Calls')")
    page.goto(f"/calls/{call_id}")
    assert page.url.endswith("/before")
    page.select_option("[data-speed-of=sound]", "1.5")
    assert page.evaluate("document.getElementById('sound').playbackRate") == 1.5
    page.click(".said a >> nth=0")
    wait_until(page, "!document.getElementById('sound').paused && document.getElementById('sound').currentTime > 0.9")
    page.evaluate("document.getElementById('sound').pause()")
    by_keyboard(page)
    page.fill("[name=otherwise]", "I would let her finish.")
    page.click("text=Keep my answers")
    page.wait_for_url(f"**/calls/{call_id}?said=rated#h-compared")
    assert {row["value"] for row in ratings.of_call(store, call_id)} == {3}
    assert opinions.of_call(store, call_id).replies[0].text == "I would let her finish."
    row = page.locator("section.compared tbody tr").first
    assert row.locator("td").first.inner_text().strip() == "3.0"
    assert "I would let her finish." in page.inner_text("#review")


def by_keyboard(page) -> None:
    """Every group with keys alone: Tab enters it, the arrows choose."""
    page.focus("fieldset.scale >> nth=0 >> input >> nth=0")
    for _ in form().items:
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")


def wait_until(page, condition: str, limit_ms: int = 8_000) -> None:
    """The pages' policy forbids playwright's own way, which compiles text in the page."""
    for _ in range(limit_ms // 20):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"never came true: {condition}")


def test_an_agent_hears_a_moment_of_their_own_on_the_progress_page(browse):
    page = browse("joe")
    page.click(".clip .play >> nth=0")
    wait_until(page, "document.getElementById('clip').getAttribute('src') !== null")
    assert page.is_visible("#clip")
    assert page.get_attribute(".clip .play >> nth=0", "aria-current") == "true"
    link = page.locator(".clip .where a:not(.play)").first
    assert "/calls/" in link.get_attribute("href")


def test_an_agent_sets_a_goal_and_sees_it_on_the_progress_page(browse, store):
    page = browse("joe")
    page.click("nav a:has-text('Goals')")
    page.select_option("[name=metric]", "courtesy")
    page.click("text=Show where I stand")
    page.click("text=Set this goal")
    page.wait_for_url("**/goals?said=goal")
    assert "Your goal is set" in page.inner_text(".notice")
    (kept,) = goals(store, "Joe")
    page.click("nav a:has-text('Your progress')")
    assert f"0 of {kept.goal.window_calls} calls" in page.inner_text(".goals")
    assert page.locator("svg.progress .target").count() == 1


def test_an_agent_records_listens_and_deletes(browse, team, store):
    page, joe = browse("joe"), person(store, team, "joe")
    page.click("nav a:has-text('Practice')")
    page.fill("[name=name]", "My opening")
    page.click("[data-record]")
    page.wait_for_timeout(1500)
    page.click("[data-stop]")
    page.wait_for_selector("[data-heard]:not([hidden])")
    page.click("text=Keep and analyse")
    page.wait_for_url("**/practice?said=kept")
    (take,) = practice.takes(store, joe.id)
    sound = practice.sound(store, joe.id, take.id)
    assert sound.startswith(b"RIFF") and 1.0 < take.duration_s < 5.0
    page.wait_for_selector(".take .done", timeout=ANALYSED_MS)
    page.click(".take a")
    assert "Nobody was heard to speak" in page.inner_text("main")
    page.click("text=Delete this recording")
    page.wait_for_url("**/practice?said=deleted")
    assert practice.takes(store, joe.id) == []


def test_without_a_microphone_it_says_so_and_a_file_is_taken(browse, team, tmp_path):
    page = browse("joe", permissions=[])
    page.add_init_script("navigator.mediaDevices.getUserMedia = () => Promise.reject({ name: 'NotFoundError' })")
    page.goto("/practice")
    page.click("[data-record]")
    page.wait_for_selector("text=No microphone was found")
    page.fill("[name=name]", "From a file")
    page.set_input_files("[name=sound]", str(team.folder / "Joe-00.wav"))
    page.click("text=Keep and analyse")
    page.wait_for_selector(".take")


def test_without_a_script_every_form_works(browse, team, store):
    page = browse("joe", java_script_enabled=False)
    page.goto("/practice")
    assert not page.is_visible("[data-recorder]")
    page.fill("[name=name]", "Without a script")
    page.set_input_files("[name=sound]", str(team.folder / "Joe-00.wav"))
    page.click("text=Keep and analyse")
    assert page.locator(".take").count() == 1
    page.goto("/goals?metric=courtesy")
    page.click("text=Set this goal")
    assert len(goals(store, "Joe")) == 1


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_sticks_out(browse, team, store, width):
    """In light by every rule, in dark by that of contrast: nothing else changes with the colours."""
    joe = person(store, team, "joe")
    for _ in range(2):
        number = practice.keep(store, joe.id, "My opening", (team.folder / "Joe-00.wav").read_bytes(), 2.0)
        practice.done(store, number, judge(hard_call()))
    failed = practice.keep(store, joe.id, "My opening", b"x", 1.0)
    practice.failed(store, failed, "My opening: the recording is cut short; record it once more")
    page = browse("joe", width, reduced_motion="reduce")
    page.goto("/goals?metric=courtesy")
    page.click("text=Set this goal")
    paths = [
        "/progress",
        f"/calls/{team.calls['Joe-00']}/before",
        f"/calls/{team.calls['Joe-01']}/before",
        "/goals?metric=attention",
        "/practice",
        f"/practice/{number}",
        f"/practice/{number}/report",
        f"/practice/{failed}",
        "/account",
    ]
    for path in paths:
        page.goto(path)
        look(page, width)
    page.goto(f"/calls/{team.calls[f'Joe-{CALLS - 2:02}']}")
    look(page, width, "section.compared")


def look(page, width: int, part: str = "html") -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    page.evaluate(AXE.read_text("utf-8"))
    for scheme, rules in (("light", TAGS), ("dark", ["cat.color"])):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("([part, tags]) => axe.run(part, { runOnly: tags })", [part, rules])
        assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]] == [], page.url
        assert found["passes"]
    page.emulate_media(color_scheme="light")
