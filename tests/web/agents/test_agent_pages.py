"""An agent's own pages: rating before the reveal, goals, progress, each by the forms as a browser sends them.

Truth is analytic: the calls are scripted (`house`), so what the machine found in them, and their scores, are known.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from speechcoach.judgement.phrases import cue_title, explain, score_title
from speechcoach.team.coaching import Change, change, goals, history
from speechcoach.team.coaching.forms import form
from speechcoach.team.review import opinions, ratings
from speechcoach.team.review.goals import bring_up_to_date
from speechcoach.team.review.people import People
from speechcoach.team.review.tables import goal
from speechcoach.team.rows import now
from speechcoach.team.store import Store
from speechcoach.team.tables import call
from speechcoach.web.before import heard
from tests.web.house import BEGUN, CALLS

RATE_HZ = 8_000


def answered(value: int = 4) -> dict[str, str]:
    return {item: str(value) for item in form().items}


class TestBefore:
    def test_an_agent_is_led_to_the_form_and_finds_nothing_of_the_verdict_there(self, visit, store, team):
        visitor, call_id = visit("joe"), team.calls["Joe-00"]
        assert visitor.get(f"/calls/{call_id}").headers["Location"] == f"/calls/{call_id}/before"
        page = visitor.get(f"/calls/{call_id}/before").text
        result = store.result(call_id)
        assert len(result.findings) > 20
        for item in result.findings:
            said = explain(item, "agent")
            assert item.id not in page and item.cue not in page
            assert not any(text and text in page for text in (said.happened, said.advice, said.unless))
            assert cue_title(item.cue) not in page.replace(">What was said<", "")
        for score in result.scores:
            assert score_title(score.name) not in page
        assert "My router was declined" in page

    def test_the_form_asks_every_item_by_a_group_of_radio_buttons(self, visit, team):
        page = visit("joe").get(f"/calls/{team.calls['Joe-00']}/before").text
        for item in form().items:
            assert len(re.findall(f'type="radio" name="{item}" value="[1-7]" required', page)) == 7
        assert page.count("<fieldset") == page.count("<legend>") == len(form().items)

    def test_once_all_is_answered_the_machine_is_revealed(self, visit, store, team):
        visitor, call_id = visit("joe"), team.calls["Joe-00"]
        sent = visitor.post(f"/calls/{call_id}/before", **answered(5), otherwise="I would let her finish.")
        assert sent.headers["Location"] == f"/calls/{call_id}?said=rated#h-compared"
        assert {row["value"] for row in ratings.of_call(store, call_id)} == {5}
        assert {row["kind"] for row in ratings.of_call(store, call_id)} == {ratings.SELF}
        (said,) = opinions.of_call(store, call_id).replies
        assert (said.text, said.finding_id, said.by) == ("I would let her finish.", "", "joe")
        page = visitor.get(f"/calls/{call_id}").text
        assert "Who heard what" in page and "were changed after" not in page
        assert [line["action"] for line in People(store).log(call_id)] == ["opened", "rated"]

    @pytest.mark.parametrize("wrong", ["", "8", "0", "four", "1.5"])
    def test_what_is_missing_is_asked_for_and_what_was_given_stays(self, visit, store, team, wrong):
        visitor, call_id = visit("joe"), team.calls["Joe-00"]
        item = next(iter(form().items))
        sent = visitor.post(f"/calls/{call_id}/before", **{**answered(6), item: wrong})
        assert sent.status_code == 400
        assert "1 answer is missing" in sent.text and "not answered yet" in sent.text
        assert sent.text.count("required checked") == len(form().items) - 1
        assert ratings.of_call(store, call_id) == []
        assert visitor.get(f"/calls/{call_id}").status_code == 303

    def test_a_change_after_the_reveal_is_told(self, visit, store, team):
        visitor, call_id = visit("joe"), team.calls["Joe-00"]
        for value in (3, 6):
            visitor.post(f"/calls/{call_id}/before", **answered(value), otherwise="Slower.")
        page = visitor.get(f"/calls/{call_id}/before").text
        assert page.count("required checked") == len(form().items) and "Slower." in page
        assert len(opinions.of_call(store, call_id).replies) == 1, "what is said twice is kept once"
        assert "were changed after" in visitor.get(f"/calls/{call_id}").text
        visit("ann").post(f"/calls/{call_id}/listening", **answered())  # QA sees others' answers after giving their own
        assert "were changed after" in visit("ann").get(f"/calls/{call_id}").text

    def test_sides_are_compared_on_one_scale(self, store, team):
        """By hand: 1 + 6 x score / 100, the mean of a dimension's scores; items of one side are averaged."""
        first = form().dimensions[0]
        rows = [
            {"item": item.id, "kind": "self", "value": value}
            for item, value in zip(first.items, (2, 4, 6), strict=True)
        ]
        scores = dict.fromkeys(first.scores, 50.0)
        found = heard([*rows, {"item": first.items[0].id, "kind": "qa", "value": 3}], scores)[0]
        assert (found.own, found.qa, found.peers, found.machine) == (4.0, 3.0, None, 4.0)


class TestGoals:
    def test_where_one_stands_and_what_may_be_aimed_at_is_shown(self, visit, store):
        known = history(store, "Joe").observations["courtesy"]
        page = visit("joe").get("/goals?metric=courtesy").text
        scores = sorted(item.value for item in known)
        low, high = (float(re.search(rf'{end}="([\d.]+)"', page)[1]) for end in ("min", "max"))
        assert scores[len(scores) // 2] < low <= high <= scores[-1]
        assert "You stand at" in page and "points" in page

    def test_a_goal_is_set_shown_and_withdrawn_with_a_reason(self, visit, store):
        visitor = visit("joe")
        page = visitor.get("/goals?metric=courtesy").text
        target = re.search(r'name="target".*?value="([\d.]+)"', page, re.DOTALL)[1]
        assert visitor.post("/goals", metric="courtesy", target=target).headers["Location"] == "/goals?said=goal"
        (kept,) = goals(store, "Joe")
        assert (kept.goal.set_by, kept.goal.state) == ("joe", "open")
        assert kept.goal.target == pytest.approx(float(target), abs=0.5)
        assert f"0 of {kept.goal.window_calls} calls" in visitor.get("/progress").text
        assert visitor.post(f"/goals/withdraw/{kept.id}", why=" ").status_code == 400
        assert visitor.post(f"/goals/withdraw/{kept.id}", why="another matters more").status_code == 303
        (kept,) = goals(store, "Joe")
        assert kept.goal.state == kept.events[-1].state == "withdrawn"
        assert kept.events[-1].why == "joe: another matters more"
        assert "joe: another matters more" in visitor.get("/goals").text
        assert visitor.post(f"/goals/withdraw/{kept.id}", why="again").status_code == 400

    def test_a_target_out_of_reach_gets_a_sentence_that_names_the_range(self, visit, store):
        sent = visit("joe").post("/goals", metric="courtesy", target="20")
        assert sent.status_code == 400
        assert re.search(r"choose a target from \d+ points to \d+ points", sent.text)
        assert goals(store, "Joe") == ()

    @pytest.mark.parametrize(
        ("given", "said"),
        [({"metric": "no such"}, "no such metric"), ({"metric": "courtesy", "target": "much"}, "is no number"),
         ({"metric": "courtesy", "target": "nan"}, "is no number"), ({"metric": "rate_wpm"}, "no goal can be set")],
    )  # fmt: skip
    def test_what_cannot_be_meant_gets_a_sentence(self, visit, store, given, said):
        sent = visit("joe").post("/goals", **given)
        assert sent.status_code == 400 and said in sent.text
        assert goals(store, "Joe") == ()

    def test_one_metric_has_one_open_goal(self, visit, store):
        visitor = visit("joe")
        assert visitor.post("/goals", metric="courtesy").status_code == 303
        again = visitor.post("/goals", metric="courtesy")
        assert again.status_code == 400 and "there is an open goal already" in again.text
        assert len(goals(store, "Joe")) == 1

    def test_qa_sets_a_goal_and_the_history_names_them(self, visit, store):
        visitor = visit("ann")
        assert visitor.post("/goals/Joe", metric="courtesy").headers["Location"] == "/goals/Joe?said=goal"
        (kept,) = goals(store, "Joe")
        assert kept.goal.set_by == "ann"
        assert "set by ann" in visit("joe").get("/goals").text
        assert visitor.post(f"/goals/withdraw/{kept.id}", why="agreed with Joe").status_code == 303
        assert goals(store, "Joe")[0].events[-1].why == "ann: agreed with Joe"
        assert visitor.get("/goals").status_code == visitor.get("/goals/Nobody").status_code == 404

    def test_when_its_calls_are_there_a_goal_is_looked_at_once(self, visit, store):
        """A goal as if it had been set after the twelfth call: the twelve after it are its window."""
        visitor = visit("joe")
        visitor.post("/goals", metric="courtesy")
        (kept,) = goals(store, "Joe")
        known = history(store, "Joe")
        set_at = BEGUN + timedelta(days=2 * 12 - 1)
        move(store, kept.id, set_at=set_at, window_calls=CALLS - 12)
        assert bring_up_to_date(store, known, now()) == 1
        (kept,) = goals(store, "Joe")
        assert kept.goal.state in ("reached", "missed")
        seen = change(known.observations["courtesy"])
        assert isinstance(seen, Change)
        assert (kept.goal.state == "reached") == (seen.is_celebrated and seen.now >= kept.goal.target)
        assert bring_up_to_date(store, known, now()) == 0
        assert kept.events[-1].why in visitor.get("/goals").text.replace("&#39;", "'")

    def test_of_a_few_calls_no_centre_is_shown(self, visit, store):
        """Of one call the centre would be its score, which is not revealed before the agent rated it."""
        visitor = visit("joe")
        visitor.post("/goals", metric="courtesy")
        (kept,) = goals(store, "Joe")
        for since, shown in ((CALLS - 2, False), (CALLS - 6, True)):
            move(store, kept.id, set_at=BEGUN + timedelta(days=2 * since - 1))
            page = visitor.get("/goals").text
            assert f"{CALLS - since} of {kept.goal.window_calls} calls" in page
            assert ("so far at" in page) == shown


def move(store: Store, number: int, **values: object) -> None:
    """Another beginning or window for a goal, as if it had been set so."""
    with store.writing() as link:
        link.execute(update(goal).where(goal.c.id == number).values(**values))


class TestProgress:
    def test_it_is_home_to_agents_and_the_calls_are_to_qa(self, visit):
        assert visit("joe").get("/").headers["Location"] == "/progress"
        assert visit("ann").get("/").headers["Location"] == "/calls"

    def test_nothing_of_a_single_call_is_told_before_it_is_rated(self, visit, store, team):
        visitor = visit("joe")
        page = visitor.get("/progress").text
        assert page.count('class="call') == 0 and "data-seek" not in page
        assert "24 calls wait for your own ears" in page
        rows = re.findall(r"<tr><td>\d{4}-\d\d-\d\d</td><td>(.*?)</td>", page)
        assert len(rows) >= CALLS and set(rows) == {"rate it first"}
        assert "is better" in page, "over all calls together it is told what moved"

    def test_of_rated_calls_moments_can_be_played(self, visit, store, team):
        for name, call_id in team.calls.items():
            if name.startswith("Joe"):
                ratings.keep(store, call_id, "joe", ratings.SELF, dict.fromkeys(form().items, 4))
        page = visit("joe").get("/progress").text
        clips = re.findall(r'data-sound="/calls/(\w+)/sound" data-seek="([\d.]+)" data-until="([\d.]+)"', page)
        assert clips
        assert {call for call, _, _ in clips} <= {id for name, id in team.calls.items() if name.startswith("Joe")}
        assert all(float(start) < float(end) for _, start, end in clips)
        assert page.count('<circle class="call now"') > 0
        assert (
            page.index('id="h-well"')
            < page.index('id="h-work"')
            < page.index('id="h-goals"')
            < page.index('id="h-moved"')
        )

    def test_an_empty_drawing_is_not_shown(self, visit, store, team):
        """Of nine calls, none rated, there is neither a window nor a dot."""
        names = [call_id for name, call_id in team.calls.items() if name.startswith("Joe")]
        with store.writing() as link:
            link.execute(delete(call).where(call.c.id.in_(names[9:])))
        page = visit("joe").get("/progress").text
        assert "<svg" not in page and "Nothing can be drawn yet of attention, " in page
        ratings.keep(store, names[0], "joe", ratings.SELF, dict.fromkeys(form().items, 4))
        assert "<svg" in visit("joe").get("/progress").text

    def test_qa_reads_it_of_any_agent_and_finds_no_way_to_practice(self, visit):
        visitor = visit("ann")
        page = visitor.get("/progress/Joe").text
        assert "Progress of Joe" in page and "/practice" not in page and "data-seek" in page
        assert visitor.get("/progress").status_code == visitor.get("/progress/Nobody").status_code == 404

    def test_too_few_calls_are_said_kindly(self, visit, store, team):
        names = [call_id for name, call_id in team.calls.items() if name.startswith("Joe")]
        for left, said in ((3, "That is too few to say much"), (0, "Your calls are not here yet")):
            with store.writing() as link:
                link.execute(delete(call).where(call.c.id.in_(names[left:])))
            answer = visit("joe").get("/progress")
            assert answer.status_code == 200 and said in answer.text
            assert visit("joe").get("/goals").status_code == 200
