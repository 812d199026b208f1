"""A call's page: who may see it, what it shows, and what people say there. Truth: the scripted calls."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from speechcoach.pipeline import judge
from speechcoach.records import Finding, Span
from speechcoach.team.review import opinions
from speechcoach.team.review.people import People
from speechcoach.team.rows import Entry, Meta
from speechcoach.team.sources import of_file
from speechcoach.views import html
from speechcoach.web.call.saying import seconds
from speechcoach.web.keeping import Kept
from tests.judgement.calls import busy_call

from .conftest import person

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"


@pytest.fixture
def flag(store, team) -> Finding:
    """A flag of joe's busy call."""
    result = store.result(team.calls["joe-busy"])
    return next(item for item in result.findings if item.cue == "interruption" and not item.strength)


def verdict_path(team, flag: Finding, call: str = "joe-busy") -> str:
    return f"/calls/{team.calls[call]}/findings/{flag.id}/verdict"


def audited(store, action: str) -> list[tuple[str, str]]:
    return [(row["person"], row["call_id"]) for row in People(store).log() if row["action"] == action]


def test_the_page_is_the_report_with_the_application_around_it(visit, team, store):
    answer = visit("ann").get(f"/calls/{team.calls['joe-busy']}")
    assert answer.status_code == 200
    assert "joe-busy.wav" in answer.text and 'class="app-bar"' in answer.text
    assert 'http-equiv="Content-Security-Policy"' not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "form-action 'self'" in policy and "connect-src 'self'" in policy and "sha256-" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert answer.text.count('class="slot"') >= len(store.result(team.calls["joe-busy"]).findings)
    assert audited(store, "opened") == [("ann", team.calls["joe-busy"])]


def test_the_scripts_that_the_policy_names_are_those_of_the_page(visit, team):
    answer = visit("ann").get(f"/calls/{team.calls['joe-busy']}")
    scripts = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    assert len(scripts) == len(html.SCRIPTS)
    assert all(unescape(text) for text in scripts)


def test_the_sound_comes_from_the_server_and_the_lanes_from_the_recording(visit, team):
    answer = visit("ann").get(f"/calls/{team.calls['joe-quiet']}")
    data = json.loads(re.search(r'id="data">(.*?)</script>', answer.text, re.DOTALL)[1])
    assert data["audio"]["src"] == f"/calls/{team.calls['joe-quiet']}/sound"
    assert len(data["peaks"]) == 2 and set(data["contours"]) == {"agent", "customer"}
    assert 'id="mp3"' not in answer.text


def test_what_is_drawn_is_worked_out_once(visit, team, app, monkeypatch):
    from speechcoach.web.call import showing

    made, worked_out = [], showing.drawn
    app.state.drawings = Kept(32)
    monkeypatch.setattr(showing, "drawn", lambda *given: made.append(1) or worked_out(*given))
    ann = visit("ann")
    pages = [ann.get(f"/calls/{team.calls['joe-quiet']}").text for _ in range(2)]
    assert made == [1]
    assert re.search(r'"peaks":\[.*?\]', pages[0])[0] == re.search(r'"peaks":\[.*?\]', pages[1])[0]


def test_a_long_call_comes_without_its_lanes_and_has_them_later(visit, team, app, monkeypatch):
    from threading import Event

    from speechcoach.web.call import showing

    go_on, worked_out = Event(), showing.drawn
    monkeypatch.setattr(showing, "drawn", lambda *given: go_on.wait(600) and worked_out(*given))
    monkeypatch.setattr(showing, "WAIT_S", 0.01)
    app.state.drawings = Kept(32)
    ann, path = visit("ann"), f"/calls/{team.calls['joe-quiet']}"
    early = ann.get(path).text
    go_on.set()
    monkeypatch.setattr(showing, "WAIT_S", 600.0)
    late = ann.get(path).text
    assert "still being worked out" in early and f'src="{path}/sound"' in early and '"peaks":[]' in early
    assert "still being worked out" not in late and '"peaks":[]' not in late


def test_qa_answers_the_form_about_listening(visit, team, store):
    from speechcoach.team.coaching.forms import form
    from speechcoach.team.review import ratings

    ann, call = visit("ann"), f"/calls/{team.calls['joe-busy']}"
    answers = {item: str(1 + place % 7) for place, item in enumerate(form().items)}
    some = dict(list(answers.items())[1:])
    assert ann.post(f"{call}/listening", htmx=True, **some).status_code == 400
    assert ann.post(f"{call}/listening", htmx=True, **(answers | {next(iter(answers)): "8"})).status_code == 400
    assert visit("joe").post(f"{call}/listening", **answers).status_code == 404
    assert ann.post(f"{call}/listening", **answers).status_code == 303
    kept = [row for row in ratings.of_call(store, team.calls["joe-busy"]) if row["kind"] == ratings.BY_QA]
    assert {row["item"]: str(row["value"]) for row in kept} == answers and {row["rater"] for row in kept} == {"ann"}
    page, other = ann.get(call).text, visit("bob").get(call).text
    assert "Who heard what" in page and "Who heard what" not in other
    assert page.count('type="radio"') - other.count('type="radio"') == 0 and "Answered by ann too" in other
    listening = [text[text.index('id="listening"') :].split("</form>")[0] for text in (page, other)]
    assert (listening[0].count(" checked"), listening[1].count(" checked")) == (len(answers), 0)


def test_a_recording_that_is_gone_or_was_changed_is_said_in_a_sentence(visit, team, store, tmp_path):
    moved = tmp_path / "moved.wav"
    moved.write_bytes((team.folder / "joe-busy.wav").read_bytes())
    store.remember(of_file(moved), team.calls["joe-busy"])
    with store.writing() as link:
        from speechcoach.team.tables import source

        link.execute(source.delete().where(source.c.uri != str(moved)))
    path = f"/calls/{team.calls['joe-busy']}"
    ann = visit("ann")
    moved.write_bytes(moved.read_bytes()[:-2] + b"zz")
    changed = ann.get(path)
    moved.unlink()
    gone = ann.get(path)
    assert "was changed since it was analysed" in changed.text
    assert "is no longer where it lay" in gone.text
    for answer in (changed, gone):
        assert answer.status_code == 200 and "Interruption" in answer.text and "audio&#34;" not in answer.text
        assert str(tmp_path) not in answer.text


def test_a_recording_that_was_only_touched_still_plays(visit, team, store, tmp_path):
    from speechcoach.team.tables import source

    moved = tmp_path / "moved.wav"
    moved.write_bytes((team.folder / "joe-busy.wav").read_bytes())
    store.remember(replace(of_file(moved), stamp="long ago"), team.calls["joe-busy"])
    with store.writing() as link:
        link.execute(source.delete().where(source.c.uri != str(moved)))
    assert visit("ann").get(f"/calls/{team.calls['joe-busy']}/sound").status_code == 200
    assert store.contents()[of_file(moved).uri, of_file(moved).size, of_file(moved).stamp] == team.calls["joe-busy"]


@pytest.mark.parametrize("what", ["", ".json", "/sound"])
def test_another_agents_call_does_not_exist(visit, team, what):
    missing = visit("joe").get(f"/calls/{'0' * 64}{what}")
    others = visit("joe").get(f"/calls/{team.calls['mia-busy']}{what}")
    plain = [re.sub(r'(value|hx-headers)=["\'].*?["\']', "", answer.text) for answer in (others, missing)]
    assert plain[0] == plain[1]
    assert others.status_code == 404


@pytest.mark.parametrize("what", ["", ".json"])
def test_an_agent_rates_a_call_before_they_see_what_the_machine_heard(visit, team, what):
    answer = visit("mia").get(f"/calls/{team.calls['mia-busy']}{what}")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/calls/{team.calls['mia-busy']}/before"


def test_an_agent_is_addressed_as_you(visit, team):
    own = visit("joe").get(f"/calls/{team.calls['joe-busy']}").text
    assert "You cut in" in unescape(own) or "You " in unescape(own)
    assert own != visit("ann").get(f"/calls/{team.calls['joe-busy']}").text


def test_qa_confirms_and_withdraws(visit, team, store, flag):
    ann = visit("ann")
    answer = ann.post(verdict_path(team, flag), verdict="confirm")
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/calls/{team.calls['joe-busy']}#f-{flag.id}",
    )
    (given,) = opinions.of_call(store, team.calls["joe-busy"]).verdicts
    assert (given.by, given.confirmed, given.finding_id) == ("ann", True, flag.id)
    assert "confirmed this" in ann.get(f"/calls/{team.calls['joe-busy']}").text
    ann.post(verdict_path(team, flag), verdict="withdraw")
    assert opinions.of_call(store, team.calls["joe-busy"]).verdicts == ()


def test_a_dispute_needs_a_reason_and_htmx_gets_the_slot_alone(visit, team, store, flag):
    ann = visit("ann")
    refused = ann.post(verdict_path(team, flag), htmx=True, verdict="dispute", reason="  ")
    assert refused.status_code == 400 and "Say why" in refused.text and "<" not in refused.text
    answer = ann.post(verdict_path(team, flag), htmx=True, verdict="dispute", reason="They spoke together.")
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div class="slot"') and "<html" not in answer.text
    assert "They spoke together." in answer.text
    again = ann.post(verdict_path(team, flag), htmx=True, verdict="confirm")
    assert "confirmed this" in again.text and "They spoke together." not in again.text


def test_an_agents_dispute_is_marked_as_theirs_and_they_cannot_confirm(visit, team, flag):
    joe = visit("joe")
    assert joe.post(verdict_path(team, flag), verdict="confirm").status_code == 400
    assert joe.post(verdict_path(team, flag), verdict="dispute", reason="I was asked to.").status_code == 303
    seen = " ".join(re.sub(r"<[^>]+>", "", visit("ann").get(f"/calls/{team.calls['joe-busy']}").text).split())
    assert "joe (the agent) disputed this: I was asked to." in seen


def test_what_is_not_in_the_call_cannot_be_spoken_of(visit, team, flag):
    ann, joe = visit("ann"), visit("joe")
    assert ann.post(f"/calls/{team.calls['joe-busy']}/findings/nothing/verdict", verdict="confirm").status_code == 404
    assert ann.post(verdict_path(team, flag, "joe-quiet"), verdict="confirm").status_code == 404
    assert joe.post(verdict_path(team, flag, "mia-busy"), verdict="dispute", reason="x").status_code == 404
    assert ann.post(f"/calls/{team.calls['joe-busy']}/replies", about="nothing", text="x").status_code == 404
    assert joe.post(f"/calls/{team.calls['mia-busy']}/replies", about="", text="x").status_code == 404


def test_a_form_without_its_token_changes_nothing(visit, team, store, flag):
    ann = visit("ann")
    ann.token = "wrong"
    assert ann.post(verdict_path(team, flag), verdict="confirm").status_code == 403
    assert opinions.of_call(store, team.calls["joe-busy"]).verdicts == ()


def test_replies_of_both_stand_under_the_finding_and_are_removed_by_their_authors_alone(visit, team, store, flag):
    ann, joe, call = visit("ann"), visit("joe"), f"/calls/{team.calls['joe-busy']}"
    ann.post(f"{call}/replies", about=flag.id, text="Please listen to this one.")
    joe.post(f"{call}/replies", about=flag.id, text="I see it now.")
    first, second = opinions.of_call(store, team.calls["joe-busy"]).replies
    assert [(r.by, r.role) for r in (first, second)] == [("ann", "qa"), ("joe", "agent")]
    joe.post(f"{call}/replies/{first.id}/remove", about=flag.id)
    assert len(opinions.of_call(store, team.calls["joe-busy"]).replies) == 2
    joe.post(f"{call}/replies/{second.id}/remove", about=flag.id)
    assert opinions.of_call(store, team.calls["joe-busy"]).replies == (first,)


def test_qa_adds_what_the_machine_missed_and_removes_it(visit, team, store):
    ann, bob, call = visit("ann"), visit("bob"), f"/calls/{team.calls['joe-busy']}"
    fields = {"cue": "interruption", "kind": "flag", "from_": "1:05.5", "to": "1:08", "text": "Cut her off."}
    answer = ann.post(f"{call}/notes", htmx=True, **fields)
    assert answer.text.lstrip().startswith('<section id="by-hand"') and "Cut her off." in answer.text
    ann.post(f"{call}/replies", about="note-1", text="See also the end.")
    (note,) = opinions.of_call(store, team.calls["joe-busy"]).notes
    assert (note.start_s, note.end_s, note.cue, note.strength, note.by) == (65.5, 68.0, "interruption", False, "ann")
    page = ann.get(call).text
    assert 'data-play="65.5"' in page and '"id":"note-1"' in page
    bob.post(f"{call}/notes/{note.id}/remove")
    assert opinions.of_call(store, team.calls["joe-busy"]).notes == (note,)
    ann.post(f"{call}/notes/{note.id}/remove")
    left = opinions.of_call(store, team.calls["joe-busy"])
    assert (left.notes, left.replies) == ((), ())


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("from_", "now", "no time"),
        ("from_", "9:59:59", "begins inside the call"),
        ("to", "0:01", "ends no earlier"),
        ("text", "", "few words"),
        ("cue", "arousal", "what it is"),
        ("kind", "praise", "what it is"),
    ],
)
def test_what_cannot_be_a_moment_is_refused_with_a_sentence(visit, team, store, field, value, said):
    fields = {"cue": "interruption", "kind": "flag", "from_": "0:10", "to": "0:12", "text": "Cut in."} | {field: value}
    answer = visit("ann").post(f"/calls/{team.calls['joe-busy']}/notes", htmx=True, **fields)
    assert answer.status_code == 400 and said in answer.text
    assert opinions.of_call(store, team.calls["joe-busy"]).notes == ()


def test_agents_neither_add_nor_score(visit, team):
    joe, call = visit("joe"), f"/calls/{team.calls['joe-busy']}"
    fields = {"cue": "interruption", "kind": "flag", "from_": "0:10", "to": "0:12", "text": "Cut in."}
    assert joe.post(f"{call}/notes", **fields).status_code == 404
    assert joe.post(f"{call}/scorecard", **{"score-attention": "100"}).status_code == 404
    assert 'name="score-' not in joe.get(call).text


def test_scores_by_hand_stand_beside_the_machines(visit, team, store):
    ann, call = visit("ann"), f"/calls/{team.calls['joe-busy']}"
    assert ann.post(f"{call}/scorecard", **{"score-attention": "72", "score-voice": ""}).status_code == 303
    (given,) = opinions.of_call(store, team.calls["joe-busy"]).scores
    assert (given.name, given.score, given.by) == ("attention", 72.0, "ann")
    assert 'value="72"' in ann.get(call).text
    assert re.search(r'<td class="n">72</td>', visit("bob").get(call).text)
    assert re.search(r'<td class="n">72</td>', visit("joe").get(call).text)
    assert ann.post(f"{call}/scorecard", htmx=True, **{"score-attention": "101"}).status_code == 400
    ann.post(f"{call}/scorecard", **{"score-attention": ""})
    assert opinions.of_call(store, team.calls["joe-busy"]).scores == ()


def test_what_people_write_is_text(visit, team, flag):
    ann, call = visit("ann"), f"/calls/{team.calls['joe-busy']}"
    ann.post(verdict_path(team, flag), verdict="dispute", reason=HOSTILE)
    ann.post(f"{call}/replies", about="", text=HOSTILE)
    fields = {"cue": "other", "kind": "strength", "from_": "0:10", "to": "0:12", "text": HOSTILE}
    ann.post(f"{call}/notes", **fields)
    page = ann.get(call).text
    assert "<script>alert" not in page and "<img src=x" not in page
    assert unescape(page).count(HOSTILE) == 3


def test_the_json_is_the_readers_own(visit, team, store):
    answer = visit("ann").get(f"/calls/{team.calls['joe-busy']}.json")
    told = json.loads(answer.text)
    assert told["schema"] == 1 and told["findings"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert audited(store, "exported") == [("ann", team.calls["joe-busy"])]


@pytest.fixture
def stirred(store, team):
    """Joe's busy call with a finding that is the agent's own."""
    result = store.result(team.calls["joe-busy"])
    own = Finding("arousal-flag-agent-30.00", "arousal", "agent", (Span(30.0, 40.0),), 2.5, 2.0, "z", "", "it fell",
                  threshold="rise_z", source="own norm", variant="flag")  # fmt: skip
    path = team.folder / "joe-busy.wav"
    meta = Meta("Joe", "Red", "Billing")
    store.keep(
        Entry(team.calls["joe-busy"], "made", of_file(path), meta, replace(result, findings=(own, *result.findings)))
    )
    return own


def test_what_is_the_agents_own_reaches_qa_by_no_way(visit, team, stirred):
    ann, call = visit("ann"), f"/calls/{team.calls['joe-busy']}"
    for path in (call, f"{call}.json", "/team", "/queues", "/agreement", "/audit", "/calls?cue=arousal"):
        answer = ann.get(path)
        assert answer.status_code == 200
        assert "arousal" not in answer.text.replace("cue=arousal", "").casefold(), path
    assert ann.post(verdict_path(team, stirred), verdict="confirm").status_code == 404
    assert ann.post(f"{call}/replies", about=stirred.id, text="x").status_code == 404


def test_to_the_agent_it_is_judged_from_the_facts_whatever_was_stored(visit, team, store, stirred):
    """Nothing in the scripted call bears the finding out; `test_private_cues` has one that does."""
    joe, call = visit("joe"), f"/calls/{team.calls['joe-busy']}"
    assert stirred.id not in joe.get(call).text and stirred.id not in joe.get(f"{call}.json").text
    People(store).set_private_cues(person(store, team, "joe"), True)
    assert stirred.id not in joe.get(call).text and stirred.id not in joe.get(f"{call}.json").text
    assert joe.post(verdict_path(team, stirred), verdict="dispute", reason="x").status_code == 404
    assert joe.post(f"{call}/replies", about=stirred.id, text="x").status_code == 404


def test_the_file_on_its_own_is_untouched_by_what_an_application_adds(monkeypatch):
    """The template with all that is said of surroundings taken out writes the same bytes."""
    from jinja2 import DictLoader

    result = judge(busy_call())
    ours = html.render(result, audio_src="call.wav")
    folder = html.HERE / "templates"
    sources = {path.name: path.read_text("utf-8") for path in folder.glob("*.j2")}
    added = re.compile(r"{% if (?:around|card\.slot) %}.*?{% endif %}(?:<a[^\n]*{% endif %})?", re.DOTALL)
    plain = {
        name: added.sub("", re.sub(r"{% if not around %}\n(.*?){% endif %}\n", r"\1", text, flags=re.DOTALL))
        for name, text in sources.items()
    }
    assert "around" not in plain["parts.html.j2"] and "slot" not in plain["parts.html.j2"]
    html._environment.cache_clear()
    environment = html._environment()
    monkeypatch.setattr(environment, "loader", DictLoader(plain))
    theirs = html.render(result, audio_src="call.wav")
    html._environment.cache_clear()
    assert [line.strip() for line in theirs.splitlines() if line.strip()] == [
        line.strip() for line in ours.splitlines() if line.strip()
    ]
    assert not re.search('/static/|<form|hx-|class="slot', re.sub(r"<script.*?</script>", "", ours, flags=re.DOTALL))


@pytest.mark.parametrize(
    ("given", "expected"), [("1:05", 65.0), ("65.5", 65.5), ("1:02:03,5", 3723.5), (" 0:07 ", 7.0)]
)
def test_times_as_people_write_them(given, expected):
    assert seconds(given) == expected


def test_the_folder_of_static_files_holds_what_the_page_asks_for(visit, team):
    page = visit("ann").get(f"/calls/{team.calls['joe-busy']}").text
    folder = Path(html.__file__).parents[1] / "web"
    wanted = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(wanted) == 5 and all((folder / name.lstrip("/")).is_file() for name in wanted)
