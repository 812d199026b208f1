"""QA's and an agent's way through the application, in Debian's chromium. Truth: the scripted calls."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from speechcoach.team.review import opinions

from .conftest import person

AXE = Path(__file__).parents[1] / "views" / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def wait_for(page, condition: str, limit_s: float = 15.0) -> None:
    """The page's own policy forbids playwright's `wait_for_function`, which compiles text in the page."""
    end = time.monotonic() + limit_s
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"never came true: {condition}"
        page.wait_for_timeout(20)


def a_flag(store, team, call: str = "joe-busy"):
    return next(
        item
        for item in store.result(team.calls[call]).findings
        if item.cue == "slow_response" and not item.strength and item.speaker == "agent"
    )


def card(finding) -> str:
    return f"[id='f-{finding.id}']"


def test_from_signing_in_to_a_disputed_moment_while_the_sound_goes_on(browse, store, team):
    flag = a_flag(store, team)
    page = browse("ann")
    page.select_option("[name=agent]", "Joe")
    page.fill("[name=said_in]", "router")
    page.click(".filters button.main")
    assert page.locator(".calls > li").count() == 1
    page.click(".calls h2 a")
    page.wait_for_url(f"**/calls/{team.calls['joe-busy']}")
    page.click(f"{card(flag)} .at >> nth=0")
    start_s = max(0.0, flag.spans[0].start_s - 1)
    wait_for(page, f"SC.player.playing && SC.player.time > {start_s + 0.1}")
    page.evaluate("window.stayed = true")
    page.click(f"{card(flag)} summary:has-text('Dispute')")
    page.fill(f"{card(flag)} textarea[name=reason]", "The line was slow, not Joe.")
    page.click(f"{card(flag)} button:has-text('Dispute it')")
    wait_for(page, f'document.querySelector("{card(flag)} .verdict") !== null')
    assert "ann (you) disputed this: The line was slow, not Joe." in page.inner_text(f"{card(flag)} .verdict")
    assert page.evaluate("window.stayed === true && SC.player.playing")
    (given,) = opinions.of_call(store, team.calls["joe-busy"]).verdicts
    assert (given.finding_id, given.confirmed, given.reason) == (flag.id, False, "The line was slow, not Joe.")
    assert "disputed this" in page.text_content("#said")
    page.click(f"{card(flag)} button:has-text('Withdraw')")
    wait_for(page, f'document.querySelector("{card(flag)} .verdict") === null')


def test_a_moment_by_hand_takes_its_times_from_the_player(browse, store, team):
    page = browse("ann")
    page.goto(f"/calls/{team.calls['joe-busy']}#t=65.5")
    wait_for(page, "Math.abs(SC.player.time - 65.5) < 0.01")
    page.click("#by-hand summary:has-text('Add what')")
    page.select_option("#by-hand [name=cue]", "interruption")
    page.click("[data-take=from]")
    assert page.input_value("#by-hand [name=from]") == "1:05.5"
    page.evaluate("SC.player.seek(68)")
    page.click("[data-take=to]")
    page.fill("#by-hand [name=text]", "Talks over her.")
    page.click("#by-hand button:has-text('Add it')")
    wait_for(page, "document.querySelector('#by-hand .moment-card') !== null")
    (note,) = opinions.of_call(store, team.calls["joe-busy"]).notes
    assert (note.start_s, note.end_s, note.text) == (65.5, 68.0, "Talks over her.")
    page.click("#by-hand .at")
    wait_for(page, "SC.player.playing && SC.player.time > 64.6")
    assert page.evaluate("SC.player.time") < 70


def test_scores_by_hand_are_kept_in_place(browse, store, team):
    page = browse("ann")
    page.goto(f"/calls/{team.calls['joe-busy']}")
    page.fill("[name=score-attention]", "64")
    page.click("#scorecard button:has-text('Keep my scores')")
    wait_for(page, "document.getElementById('said').textContent.startsWith('Kept')")
    assert [(s.name, s.score) for s in opinions.of_call(store, team.calls["joe-busy"]).scores] == [("attention", 64.0)]
    assert page.input_value("[name=score-attention]") == "64"


def test_what_the_server_refuses_stands_beside_the_form(browse, store, team):
    page = browse("ann")
    page.goto(f"/calls/{team.calls['joe-busy']}")
    page.click("#by-hand summary:has-text('Add what')")
    page.select_option("#by-hand [name=cue]", "interruption")
    page.fill("#by-hand [name=from]", "0:10")
    page.fill("#by-hand [name=to]", "0:05")
    page.fill("#by-hand [name=text]", "Backwards.")
    page.click("#by-hand button:has-text('Add it')")
    wait_for(page, "!document.querySelector('#by-hand > .wrong').hidden")
    assert "ends no earlier than it begins" in page.inner_text("#by-hand > .wrong")
    assert page.input_value("#by-hand [name=text]") == "Backwards."
    assert opinions.of_call(store, team.calls["joe-busy"]).notes == ()
    assert [text for text in browse.troubles if "400" in text] == browse.troubles  # the browser tells of the answer
    browse.troubles.clear()


def test_forms_work_without_a_script(browse, store, team):
    flag = a_flag(store, team)
    page = browse("ann", java_script_enabled=False)
    page.goto(f"/calls/{team.calls['joe-busy']}")
    page.click(f"{card(flag)} summary:has-text('Dispute')")
    page.fill(f"{card(flag)} textarea[name=reason]", "Not slow.")
    page.click(f"{card(flag)} button:has-text('Dispute it')")
    page.wait_for_url(f"**#f-{flag.id}")
    assert "disputed this" in page.inner_text(f"{card(flag)} .verdict")


def test_a_folded_moment_is_opened_by_its_address_and_by_keyboard_alone_one_can_reply(browse, store, team):
    flag = a_flag(store, team)
    page = browse("joe")
    page.goto(f"/calls/{team.calls['joe-busy']}#f-{flag.id}")
    wait_for(page, f'document.querySelector("{card(flag)} .ask").getBoundingClientRect().height > 0')
    page.focus(f"{card(flag)} summary:has-text('Reply')")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("I hear it now.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for(page, f'document.querySelector("{card(flag)} .reply") !== null')
    (given,) = opinions.of_call(store, team.calls["joe-busy"]).replies
    assert (given.by, given.role, given.text) == ("joe", "agent", "I hear it now.")
    assert page.locator(f"{card(flag)} button:has-text('Confirm')").count() == 0


@pytest.fixture
def reviewed(store, team):
    """Joe's busy call with all that people can say of it."""
    call, flag = team.calls["joe-busy"], a_flag(store, team)
    ann, joe = person(store, team, "ann"), person(store, team, "joe")
    opinions.judge(store, call, flag, ann, True, "")
    opinions.judge(store, call, flag, joe, False, "The line was slow.")
    opinions.answer(store, call, flag.id, joe, "Please listen again.")
    opinions.add_note(store, call, ann, "interruption", False, (65.5, 68.0), "Talks over her.")
    opinions.score(store, call, ann, {"attention": 64.0})
    return call


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390), ("light", 390), ("dark", 1280)])
def test_axe_finds_nothing_serious_and_nothing_runs_out_of_the_page(browse, reviewed, scheme, width):
    """Truth: axe-core's rules for WCAG 2.2 AA; it is evaluated, for the pages' own policy lets no script be added."""
    page = browse("ann", width, color_scheme=scheme)
    for path in (f"/calls/{reviewed}", "/team", "/queues", "/agreement", "/audit"):
        page.goto(path)
        for fold in page.locator("details").all():
            fold.evaluate("(fold) => { fold.open = true; }")
        page.evaluate(AXE.read_text("utf-8") + "; 0")
        found = page.evaluate("(tags) => axe.run(document, {runOnly: tags})", TAGS)
        serious = [
            (rule["id"], [node["html"][:120] for node in rule["nodes"]][:3])
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical")
        ]
        assert serious == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
