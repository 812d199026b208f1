"""The agent's page in Debian's chromium, and in a terminal; truth is the story, or what was kept for the test."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from speechcoach.cli.coach import coach
from speechcoach.judgement import all_cues
from speechcoach.team.coaching import Rating, Windows, form, goals, history, page, set_goal
from speechcoach.team.coaching.plots import progress_plot, svg
from speechcoach.team.coaching.reading import KeptGoal
from speechcoach.team.coaching.summary import coaching
from speechcoach.team.coaching.telling import render
from speechcoach.team.store import Store
from speechcoach.team.work import report_name
from tests.judgement.calls import busy_call
from tests.team.coaching.made import seen
from tests.team.coaching.story import LEARNT, keep

AXE = Path(__file__).parents[2] / "views" / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FEELINGS = (
    "angry",
    "anger",
    "upset",
    "nervous",
    "stress",
    "arousal",
    "happy",
    "sad",
    "frustrated",
    "anxious",
    "emotion",
)
HOSTILE = "Zoë <img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def full(told):
    """Ana's page with an open goal, one reached, and ratings."""
    known = history(told, "Ana Ruiz", edges=True)
    own = known.observations["attention"]
    made, event = set_goal(own[:20], window_calls=30, set_by="Ana Ruiz", set_at=LEARNT)
    kept = [KeptGoal(1, made, (event,)), KeptGoal(2, replace(made, metric="closing_parts", state="reached"), ())]
    answers = [
        Rating(call.id, who, kind, item, value)
        for call in known.calls[:12]
        for who, kind, value in (
            ("Ana Ruiz", "self", 6),
            ("Quinn", "qa", 4),
            ("Bo", "peer", 4 + int(call.name[4:6]) % 2),
        )
        for item in form().items
    ]
    return coaching(known, kept, answers)


@pytest.fixture
def written(full, tmp_path):
    path = tmp_path / "ana ruiz.html"
    page.write(full, path)
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_sticks_out(opened, written, scheme, width):
    shown = opened(written, width=width, color_scheme=scheme)
    shown.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    shown.evaluate(AXE.read_text("utf-8"))
    found = shown.evaluate("tags => axe.run({ runOnly: tags })", TAGS)
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20


def test_strengths_come_first_and_progress_is_told(opened, written):
    shown = opened(written)
    heads = shown.locator("h2").all_inner_texts()
    assert heads[:4] == ["What you do well", "One thing to work on", "Your goals", "How it goes"]
    assert "Attention is better. From 82 to 96 points." in shown.inner_text("main")
    assert shown.locator(".plotted.improved").count() == 1
    assert shown.locator("section:first-of-type .clip.again").count() == 0


def test_each_plot_says_in_words_and_numbers_what_it_draws(opened, written):
    shown = opened(written)
    plots = shown.get_by_role("img")
    assert plots.count() == shown.locator(".plotted").count() >= 8
    assert shown.get_by_role("img", name="Attention, call by call").count() == 1
    assert shown.locator("#d-attention").text_content().startswith("From 82 to 96 points.")
    shown.get_by_text("All 40 calls of Attention in numbers").press("Enter")
    assert shown.locator("figure", has_text="Attention").first.locator("tbody tr").count() == 40


def test_goals_and_listeners_stand_there(opened, written):
    shown = opened(written)
    listed = shown.locator(".goals > li")
    assert listed.count() == 2
    assert "Open" in listed.nth(0).inner_text() and "20 of 30 calls so far" in listed.nth(0).inner_text()
    assert shown.get_by_role("progressbar").get_attribute("value") == "20"
    assert shown.locator(".target").count() == 1, "an open goal's target is drawn"
    text = shown.inner_text("main")
    assert re.search(r"You rated \d\.\d points higher than others \(between \+\d\.\d and \+\d\.\d; 12 calls\)", text)
    assert "How well the 2 others agree: " in text


def test_no_feeling_is_named_and_nothing_that_is_the_agents_alone(full, tmp_path):
    """The words of customers may name one; ours never do."""
    with Store(str(tmp_path / "busy.db")) as store:
        for number in range(20):
            keep(store, busy_call(), "Ana Ruiz", number)
        busy = coaching(history(store, "Ana Ruiz", edges=True))
    for it in (full, busy):
        text = page.render(it, tmp_path / "a.html")
        own = re.sub(r"<blockquote>.*?</blockquote>|<style>.*?</style>", "", text, flags=re.DOTALL).lower()
        assert not [word for word in FEELINGS if re.search(rf"\b{word}", own)]
        private = [cue.TITLE for cue in all_cues().values() if hasattr(cue, "AUDIENCES")]
        assert private and not [title for title in private if title in text or title in render(it)]


def test_names_with_markup_are_text(opened, tmp_path):
    with Store(str(tmp_path / "one.db")) as store:
        for number in range(3):
            keep(store, busy_call(), HOSTILE, number)
        it = coaching(history(store, HOSTILE))
    page.write(it, tmp_path / "page.html")
    shown = opened(tmp_path / "page.html")
    assert shown.inner_text("h1") == HOSTILE
    assert shown.locator("img").count() == shown.locator("script").count() == 0


def test_few_calls_are_a_page_too(opened, tmp_path):
    with Store(str(tmp_path / "one.db")) as store:
        keep(store, busy_call(), "Ana Ruiz", 0)
        it = coaching(history(store, "Ana Ruiz", edges=True))
    page.write(it, tmp_path / "page.html")
    text = opened(tmp_path / "page.html").inner_text("body")
    assert "1 call in English" in text
    assert "After 10 calls one thing is named here" in text
    assert "Not enough calls" in text
    assert it.strengths and it.strengths[0].quote.split(" | ")[0] in text, "what is known is said all the same"


def test_moments_lead_to_the_calls_own_pages(full, tmp_path):
    reports = tmp_path / "the pages"
    reports.mkdir()
    moment = full.strengths[0]
    (reports / report_name(moment.call, moment.call_id)).write_text("<title>the call</title>", "utf-8")
    text = page.render(full, tmp_path / "page.html", reports)
    name = report_name(moment.call, moment.call_id)
    assert f'href="the%20pages/{name}#f-{moment.finding_id}"' in text
    other = next(m for m in full.strengths if m.call_id != moment.call_id)
    assert report_name(other.call, other.call_id) not in text


def test_a_plot_has_a_mark_for_each_judged_call_and_none_for_the_others():
    values = [80.0, None, 90.0] * 10
    plot = progress_plot(metric_of("attention"), seen(values), None, None, 15, said="as it is")
    assert len(plot.dots) == 20
    assert [value for _, value in plot.rows].count("not judged") == 10
    drawing = str(svg(plot))
    assert drawing.count('class="call now"') == sum(dot.is_now for dot in plot.dots) == 10
    assert plot.dots[0].y > plot.dots[1].y, "more points stand higher"
    assert progress_plot(metric_of("attention"), seen([None] * 5), None, None, 2, said="") is None


def metric_of(name):
    from speechcoach.team.coaching import metric

    return metric(name)


def test_the_same_store_gives_the_same_page(full, told, tmp_path):
    path = tmp_path / "a.html"
    again = [coaching(history(told, "Ana Ruiz", edges=True)) for _ in range(2)]
    assert page.render(again[0], path) == page.render(again[1], path)


def test_the_command_tells_writes_and_prints_json(story_file, tmp_path):
    target = tmp_path / "ana.html"
    said = CliRunner().invoke(coach, ["Ana Ruiz", "--store", story_file, "--html", str(target)])
    assert said.exit_code == 0, said.output
    assert said.output.index("What you do well") < said.output.index("One thing to work on")
    assert "Attention is better." in said.output
    assert target.read_text("utf-8").startswith("<!doctype html>")
    out = CliRunner().invoke(coach, ["Ana Ruiz", "--store", story_file, "--json"]).output
    parsed = json.loads(out)
    lines = {line["metric"]["name"]: line["change"] for line in parsed["lines"]}
    assert lines["attention"]["verdict"] == "improved"
    assert parsed["agent"] == "Ana Ruiz" and len(parsed["calls"]) == 40


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["Anna Ruis"], "near ones are Ana Ruiz"),
        (["Ana Ruiz", "--language", "es"], "no calls in 'es'"),
        (["Ana Ruiz", "--html", "/no/such/folder/a.html"], "cannot be written"),
    ],
)
def test_a_users_mistake_is_one_sentence(story_file, options, said):
    found = CliRunner().invoke(coach, [*options, "--store", story_file])
    assert found.exit_code == 2
    assert said in found.output and found.output.count("\n") == 1
    assert "Traceback" not in found.output


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    found = CliRunner().invoke(coach, ["Ana", "--store", str(tmp_path / "no.db")])
    assert found.exit_code == 2 and not (tmp_path / "no.db").exists()


def test_a_day_divides_the_windows(told):
    known = history(told, "Ana Ruiz")
    it = coaching(known, windows=Windows(since=LEARNT))
    line = next(line for line in it.lines if line.metric.name == "attention")
    assert (line.change.before_calls, line.change.now_calls) == (20, 20)


def test_a_goal_that_is_kept_is_on_the_page(tmp_path):
    from speechcoach.team.review.tables import goal

    with Store(str(tmp_path / "g.db")) as store:
        for number in range(12):
            keep(store, busy_call(), "Ana Ruiz", number)
        own = [replace(item, value=60.0 + 3 * (n % 7)) for n, item in enumerate(_attention(store))]
        made, _ = set_goal(own, set_by="Ana Ruiz", set_at=LEARNT)
        with store.writing() as link:
            link.execute(goal.insert().values(**asdict(made)))
        it = coaching(history(store, "Ana Ruiz"), goals(store, "Ana Ruiz"))
    assert [line.goal for line in it.goals] == [made]
    assert it.suggestion is None
    assert "None of these calls has been made yet" in render(it)


def _attention(store):
    return history(store, "Ana Ruiz").observations["attention"]


def test_of_many_calls_the_newest_are_looked_at(told):
    known = history(told, "Ana Ruiz", edges=True)
    it = coaching(known, windows=Windows(now_calls=10, before_calls=15))
    assert (len(it.calls), it.looked_at) == (40, 25)
    assert {len(line.observations) for line in it.lines + it.habits} == {25}
    assert "The numbers are of the newest 25." in page.render(it, Path("a.html"), windows=Windows(10, 15))
