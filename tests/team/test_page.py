"""A team's page in Debian's chromium, opened from disk as a reader would; truth is what the made rows hold."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from speechcoach.pipeline import judge
from speechcoach.settings import Rubric
from speechcoach.team import page as team_page
from speechcoach.team.rows import DONE, FAILED, Entry, Found, Meta
from speechcoach.team.store import Store
from speechcoach.team.work import report_name
from tests.judgement.calls import busy_call

AXE = Path(__file__).parents[1] / "views" / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HOSTILE = """<img src=x onerror=alert(1)>"'</script><script>alert(2)</script>.wav"""
LONG = "2026-03-14T09-30-00_queue-billing-and-contracts_agent-0042_" + "0123456789abcdef" * 6 + ".wav"
AGENTS = ("Ana Müller", "Ben O'Neill", "山田花子", "Dee")
TEAMS, QUEUES = ("Red", "Blue"), ("Billing", "Contracts & moves", None)


class Rows:
    """A store of made rows."""

    def __init__(self, count: int, failed: int = 0) -> None:
        chance = np.random.default_rng(3)
        self.calls = [_call(number, chance) for number in range(count)]
        self.calls += [
            _call(count + n, chance) | {"state": FAILED, "error": "bad.wav: is empty; record it again"}
            for n in range(failed)
        ]
        done = self.calls[:count]
        names = list(Rubric.load(None).scores)
        self.scores = [
            {"call_id": call["id"], "name": name, "score": None if chance.random() < 0.1 else float(points)}
            for call in done
            for name, points in zip(names, np.clip(chance.normal(82, 14, len(names)), 0, 100).round(), strict=True)
        ]
        self.findings = [
            {"call_id": call["id"], "cue": cue, "speaker": "agent", "strength": False}
            for call in done
            for cue in chance.choice(["dead_air", "interruption", "monotone"], call["flags"])
        ]

    def rows(self, table: str):
        yield from {"call": self.calls, "score": self.scores, "finding": self.findings}[table]


def _call(number: int, chance: np.random.Generator) -> dict:
    odd = {0: LONG, 1: HOSTILE}
    return {
        "id": hashlib.sha256(str(number).encode()).hexdigest(),
        "name": odd.get(number, f"call-{number}.wav"),
        "state": DONE,
        "error": None,
        "agent": AGENTS[number % 4],
        "team": TEAMS[number % 2],
        "queue": QUEUES[number % 3],
        "recorded_at": datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=7 * number),
        "duration_s": float(chance.uniform(30, 5000)),
        "flags": int(chance.integers(0, 9)),
        "strengths": int(chance.integers(0, 5)),
        "screening": None,
        "transcribed_by": "whisper" if number % 5 else None,
    }


@pytest.fixture
def made(tmp_path: Path):
    """Writes a page of so many calls."""

    def write(count: int = 40, failed: int = 2) -> Path:
        path = tmp_path / "our team.html"
        path.write_text(team_page.render(Rows(count, failed), path), "utf-8")
        return path

    return write


def column(page, title: str) -> list[str]:
    """The cells of a column of the rows that are shown."""
    return page.evaluate(
        """(title) => {
            const heads = [...document.querySelectorAll('#table thead th')].map((head) => head.innerText.trim());
            return [...document.querySelectorAll('#table tbody tr')].filter((row) => row.checkVisibility())
                .map((row) => row.cells[heads.indexOf(title)].textContent.trim());
        }""",
        title,
    )


def sorting(page, title: str) -> str | None:
    return page.locator("#table thead th", has_text=re.compile(f"^{title}$")).get_attribute("aria-sort")


def press(page, title: str) -> None:
    page.get_by_role("button", name=title, exact=True).focus()
    page.keyboard.press("Enter")


def test_a_column_is_sorted_by_keyboard(opened, made):
    page = opened(made())
    press(page, "Flags")
    first = [int(cell) for cell in column(page, "Flags")]
    assert first == sorted(first, reverse=True), "the most flags are what one looks for"
    assert sorting(page, "Flags") == "descending"
    press(page, "Flags")
    assert [int(cell) for cell in column(page, "Flags")] == sorted(first)
    assert sorting(page, "Flags") == "ascending"
    assert page.evaluate("document.activeElement.textContent.trim()") == "Flags", "the focus stays where it was"
    press(page, "Agent")
    assert column(page, "Agent")[0] == "Ana Müller"
    assert (sorting(page, "Agent"), sorting(page, "Flags")) == ("ascending", None)
    press(page, "Length")
    seconds = [_seconds(cell) for cell in column(page, "Length")]
    assert seconds == sorted(seconds, reverse=True), "by seconds, not by their text"


def _seconds(clock: str) -> int:
    hours, minutes, seconds = map(int, f"0:{clock}".split(":")[-3:])
    return (hours * 60 + minutes) * 60 + seconds


def test_what_is_not_known_stays_below_either_way(opened, made):
    page = opened(made())
    for _ in range(2):
        press(page, "Voice")
        cells = column(page, "Voice")
        known = [cell for cell in cells if cell != "–"]
        assert 0 < len(known) < len(cells)
        assert cells == [*known, *["–"] * (len(cells) - len(known))]


def test_it_opens_with_the_worst_first(opened, made):
    page = opened(made())
    lost = [int(cell) for cell in column(page, "Points lost")]
    assert lost == sorted(lost, reverse=True)
    assert sorting(page, "Points lost") == "descending"


def test_filters_by_team_and_text_and_says_how_many(opened, made):
    page = opened(made())
    count = page.locator("#shown")
    assert count.inner_text() == "40 of 40 calls"
    assert count.get_attribute("aria-live") == "polite" or count.evaluate("e => e.tagName") == "OUTPUT"
    page.get_by_label("Team").select_option("Red")
    assert set(column(page, "Team")) == {"Red"}
    assert count.inner_text() == "20 of 40 calls"
    page.get_by_label("Find").press_sequentially("call-1 MÜLLER")
    assert set(column(page, "Call")) == {"call-12.wav", "call-16.wav"}, "every word somewhere in the row"
    assert count.inner_text() == "2 of 40 calls"
    press(page, "Call")
    assert len(column(page, "Call")) == 2, "sorting keeps the filter"
    page.get_by_label("Find").fill("nobody")
    assert count.inner_text() == "0 of 40 calls"
    page.get_by_label("Find").press("Enter")
    assert page.url.endswith(".html"), "nothing is sent"
    page.get_by_label("Find").fill("")
    page.get_by_label("Team").select_option("")
    assert len(column(page, "Call")) == 40


def test_names_with_markup_are_text(opened, made):
    page = opened(made())
    assert HOSTILE in column(page, "Call")
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1


def test_a_script_that_slipped_in_does_not_run(chromium, made):
    path = made()
    path.write_text(path.read_text("utf-8").replace("</body>", "<script>window.slipped = 1</script></body>"), "utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    assert page.evaluate("window.slipped") is None
    page.close()


def test_calls_link_to_their_pages(opened, tmp_path):
    """Names that a URL must quote, too; a call without a page has no link."""
    name, reports = "a call #1 50%?.wav", tmp_path / "the reports"
    reports.mkdir()
    with Store(str(tmp_path / "calls.db")) as store:
        for number, own in enumerate((name, "other.wav")):
            found = Found(f"/calls/{own}", own, 1, "1")
            store.keep(Entry(str(number) * 64, "key", found, Meta(team="Red"), judge(busy_call())))
        (reports / report_name(name, "0" * 64)).write_text("<title>the call</title>", "utf-8")
        team_page.write(store, tmp_path / "team.html", reports)
    text = (tmp_path / "team.html").read_text("utf-8")
    assert text.count('href="the%20reports/') == 2, "in the table, and among the first to listen to"
    (href,) = set(re.findall(r'href="(the%20reports/[^"]+)"', text))
    page = opened(tmp_path / "team.html")
    assert page.locator("#table a").all_inner_texts() == [name]
    assert page.evaluate("document.querySelector('#table a').href").endswith(href)
    assert (tmp_path / href.replace("%20", " ")).is_file()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_sticks_out(opened, made, scheme, width):
    page = opened(made(), width=width, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("tags => axe.run({ runOnly: tags })", TAGS)
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20


def test_thousands_of_calls_are_laid_out_some_at_a_time(opened, made):
    """All are found and sorted, though only the first of them are shown until one asks for all."""
    page = opened(made(5000, failed=0))
    assert len(column(page, "Call")) == 300
    assert page.locator("#shown").inner_text() == "5000 of 5000 calls, the first 300 shown"
    page.get_by_label("Find").fill("call-4999")
    assert column(page, "Call") == ["call-4999.wav"]
    assert not page.locator("#more").is_visible()
    page.get_by_label("Find").fill("")
    press(page, "Length")
    longest = max(call["duration_s"] for call in Rows(5000).calls)
    assert _seconds(column(page, "Length")[0]) == int(longest)
    page.locator("#more").press("Enter")
    assert len(column(page, "Call")) == 5000
    assert page.locator("#shown").inner_text() == "5000 of 5000 calls"
    assert page.evaluate("document.activeElement.id") == "shown"


def test_no_calls_and_a_few_are_a_page_too(opened, tmp_path):
    for count in (0, 1, 3):
        path = tmp_path / f"{count}.html"
        path.write_text(team_page.render(Rows(count), path), "utf-8")
        page = opened(path)
        assert page.locator("#table tbody tr").count() == count
    assert "too few calls for an interval" in page.inner_text("main")


def test_the_interval_holds_the_median_and_narrows_with_calls():
    """Truth: 95 % of such intervals hold the median of what the values were drawn from, 50."""
    chance = np.random.default_rng(5)
    few, many = (team_page.interval(chance.normal(50, 10, count)) for count in (20, 2000))
    assert many[0] < 50.5 and many[1] > 49.5
    assert many[1] - many[0] < (few[1] - few[0]) / 4
    assert team_page.interval(chance.normal(50, 10, 4)) is None


def test_the_same_store_gives_the_same_page(tmp_path):
    path = tmp_path / "team.html"
    assert team_page.render(Rows(8), path) == team_page.render(Rows(8), path)
