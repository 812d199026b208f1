"""What is the agent's alone reaches nobody else, by any address, export or file; and what is Mia's does not reach Joe.

Truth is analytic: in `hard_call` the agent's voice climbs after the customer's, so the private cue finds it wherever it
is judged. The store is judged by norms that switch the cue on for every call, the worst that a team could do.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner
from starlette.routing import Mount, Route

from speechcoach import schema
from speechcoach.cli import main
from speechcoach.errors import SettingsError
from speechcoach.judgement import all_cues
from speechcoach.judgement.phrases import explain
from speechcoach.pipeline import judge
from speechcoach.team import page as pages
from speechcoach.team.coaching import goals, history, set_goal
from speechcoach.team.coaching import page as coached
from speechcoach.team.coaching import ratings as ratings_of
from speechcoach.team.coaching.forms import form
from speechcoach.team.coaching.summary import coaching
from speechcoach.team.exports import TABLES
from speechcoach.team.review import opinions, practice, ratings
from speechcoach.team.review.goals import keep as keep_goal
from speechcoach.team.review.people import People
from speechcoach.team.rows import now
from speechcoach.web.application import Shop, application
from speechcoach.web.private import private_cues

from .conftest import person
from .house import ALL_ON, CALLS, built, hard_call

HARD = f"Joe-{CALLS - 1:02}"
SECRETS = ("a take of Mia alone", "what Mia says of herself", "Mia wants this")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Judged with the private cue on; both agents have asked to see it, rated a call, and practised."""
    made = built(tmp_path_factory.mktemp("house"), ALL_ON)
    with made.open() as store:
        for name, agent in (("joe", "Joe"), ("mia", "Mia")):
            who = person(store, made, name)
            People(store).set_private_cues(who, True)
            for number in (0, CALLS - 1):
                answers = dict.fromkeys(form().items, 4)
                ratings.keep(store, made.calls[f"{agent}-{number:02}"], name, ratings.SELF, answers)
            known = history(store, agent)
            goal, event = set_goal(known.observations["courtesy"], set_by=name, set_at=now())
            keep_goal(store, goal, replace(event, why=f"{agent} wants this"))
        mia = person(store, made, "mia")
        opinions.answer(store, made.calls["Mia-00"], "", mia, SECRETS[1])
        number = practice.keep(store, mia.id, SECRETS[0], b"no sound that matters here", 1.0)
        practice.done(store, number, judge(hard_call(), ALL_ON))
    return made


@pytest.fixture
def team(house, tmp_path):
    copy = tmp_path / "calls.db"
    shutil.copyfile(house.url, copy)
    return replace(house, url=str(copy))


@pytest.fixture
def app(store, drawings):
    made = application(Shop(store, People(store), ALL_ON))
    made.state.drawings = drawings
    return made


def said_privately() -> list[str]:
    """The sentences, titles and words by which the private cues would be known."""
    found = [item for item in judge(hard_call(), ALL_ON).findings if item.cue in private_cues()]
    assert found, "the script holds a hard moment"
    told = [explain(item, audience) for item in found for audience in ("qa", "agent")]
    advice = [text for name in private_cues() for text in all_cues()[name].ADVICE.values()]
    titles = [all_cues()[name].TITLE for name in private_cues()] + [all_cues()[name].PRAISE for name in private_cues()]
    pieces = [sentence.happened for sentence in told] + [item.why for item in found] + [item.id for item in found]
    return [*private_cues(), *titles, *advice, *pieces]


def addresses(app, values: dict[str, list[str]]) -> list[str]:
    """Every address that can be asked for, with every known value in its place."""
    found = []
    for route in app.routes:
        if isinstance(route, Mount):
            continue
        assert isinstance(route, Route)
        if "GET" not in (route.methods or ()):
            continue
        paths = [route.path]
        while any("{" in path for path in paths):
            paths = [filled for path in paths for filled in _filled(path, values)]
        found += paths
    return found


def _filled(path: str, values: dict[str, list[str]]) -> list[str]:
    named = re.search(r"\{(\w+)(:\w+)?\}", path)
    if named is None:
        return [path]
    return [path.replace(named[0], str(value), 1) for value in values[named[1]]]


def texts(visitor, paths: list[str]) -> dict[str, tuple[int, str]]:
    """Every answer: its status and its text."""
    answers = {}
    for path in paths:
        answer = visitor.get(path)
        answers[path] = (answer.status_code, answer.content.decode("utf-8", "replace"))
    return answers


def holds(text: str, said: list[str]) -> list[str]:
    """What of it stands in the text, also where it was escaped for HTML."""
    plain = text.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&").lower()
    return [piece for piece in said if piece.lower() in plain]


def test_the_private_cue_is_found_in_the_stored_calls_and_kept_nowhere(store, team):
    """Without the first everything below would pass for nothing."""
    result = store.result(team.calls[HARD])
    assert [item.cue for item in judge(result.facts, ALL_ON).findings if item.cue in private_cues()]
    assert [item.cue for item in result.findings if item.cue in private_cues()] == []
    assert result.settings.norms == judge(result.facts, ALL_ON).settings.norms, "it was judged with the cue on"


def test_qa_gets_nothing_of_it_by_any_address(visit, app, team):
    visitor = visit("ann")
    ids = [team.calls[HARD], team.calls[f"Mia-{CALLS - 1:02}"]]
    values = {"call_id": ids, "agent": ["Joe", "Mia"], "number": ["1"], "finding_id": ["x"], "reply_id": ["1"]}
    paths = addresses(app, values) + [f"/calls?{query}" for query in ("cue=arousal", "said_in=breath", "sort=ear")]
    answers = texts(visitor, paths)
    assert sum(status == 200 for status, _ in answers.values()) >= 15
    said = said_privately()
    leaks = {path: holds(_without_asking(text), said) for path, (_, text) in answers.items()}
    assert {path: found for path, found in leaks.items() if found} == {}


def _without_asking(text: str) -> str:
    """The page without what QA asked for: a filter by an unknown cue is written back into its field."""
    return text.replace('value="arousal"', "")


def test_qa_gets_nothing_of_it_by_a_form(visit, team):
    visitor, call_id = visit("ann"), team.calls[HARD]
    (own,) = [item.id for item in judge(hard_call(), ALL_ON).findings if item.cue in private_cues()]
    assert visitor.post(f"/calls/{call_id}/findings/{own}/verdict", verdict="confirm").status_code == 404
    assert visitor.post(f"/calls/{call_id}/replies", about=own, text="?").status_code == 404
    assert visitor.post("/account/private", private_cues="yes").status_code == 404


def test_no_export_holds_it(team, tmp_path, capsys):
    said = said_privately()
    for table in TABLES:
        for kind in ("csv", "jsonl"):
            out = tmp_path / f"{table}.{kind}"
            run("export", "--store", team.url, "--table", table, "--format", kind, "--out", str(out))
            text = out.read_text("utf-8")
            assert text
            assert holds(text, said) == [], (table, kind)
            assert holds(text, list(SECRETS)) == []
    assert "person" not in TABLES and "practice" not in TABLES


def test_neither_the_teams_page_nor_the_coachs_holds_it(store, team, tmp_path):
    said = said_privately()
    pages.write(store, tmp_path / "team.html")
    coached.write(
        coaching(history(store, "Joe"), goals(store, "Joe"), ratings_of(store, "Joe")), tmp_path / "coach.html"
    )
    for name in ("team.html", "coach.html"):
        text = (tmp_path / name).read_text("utf-8")
        assert "Joe" in text
        assert holds(text, [*said, *SECRETS]) == [], name


def run(*arguments: str) -> None:
    """A command of the program, which must succeed."""
    done = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_no_score_can_tell_of_it(tmp_path):
    """A price would lower a score that everybody reads."""
    rubric = tmp_path / "prices.toml"
    rubric.write_text("[scores.voice]\ncosts = { monotone = 10, arousal = 10 }", "utf-8")
    with pytest.raises(SettingsError, match=r"scores.voice: arousal is told to the agent alone.*make it 0"):
        judge(hard_call(), ALL_ON, rubric)


def test_the_agent_who_asked_sees_it_and_nobody_keeps_it(visit, store, team):
    visitor, call_id = visit("joe"), team.calls[HARD]
    (rise,) = [item for item in judge(hard_call(), ALL_ON).findings if item.cue in private_cues()]
    page = visitor.get(f"/calls/{call_id}").text
    assert "For you alone" in page
    assert explain(rise, "agent").happened in page.replace("&#39;", "'")
    assert "arousal" in visitor.get(f"/calls/{call_id}.json").text
    assert not [row for row in store.rows("finding") if row["cue"] in private_cues()]


def test_the_agent_who_does_not_ask_sees_nothing_of_it(visit, team):
    visitor, call_id = visit("joe"), team.calls[HARD]
    assert visitor.post("/account/private").headers["Location"] == "/account?said=private-off"
    for path in (f"/calls/{call_id}", f"/calls/{call_id}.json"):
        assert holds(visitor.get(path).text, said_privately()) == []
    assert visitor.post("/account/private", private_cues="yes").status_code == 303
    assert "For you alone" in visitor.get(f"/calls/{call_id}").text


def test_the_audit_log_does_not_tell_who_asked(visit, store):
    before = len(People(store).log())
    visitor = visit("joe")
    visitor.post("/account/private", private_cues="yes")
    visitor.get("/practice")
    assert len(People(store).log()) == before


def test_it_is_judged_on_the_fly_where_the_stored_judgement_has_none(visit, store, team):
    call_id = team.calls[HARD]
    store.judged([(call_id, judge(store.result(call_id).facts))])
    assert not [item for item in store.result(call_id).findings if item.cue in private_cues()]
    assert "For you alone" in visit("joe").get(f"/calls/{call_id}").text


def test_nothing_of_mias_reaches_joe(visit, app, team):
    visitor = visit("joe")
    hers = [team.calls["Mia-00"], team.calls[f"Mia-{CALLS - 1:02}"]]
    values = {"call_id": hers, "agent": ["Mia"], "number": ["1", "2"], "finding_id": ["x"], "reply_id": ["1"]}
    with_hers = [path for path in addresses(app, values) if any(v in path for v in (*hers, "Mia", "/practice/"))]
    assert len(with_hers) >= 8
    assert {path: visitor.get(path).status_code for path in with_hers} == dict.fromkeys(with_hers, 404)
    his = [path for path in addresses(app, values) if path not in with_hers]
    everything = texts(visitor, [*his, "/calls?agent=Mia"])
    assert any(status == 200 for status, _ in everything.values())
    for path, (_, text) in everything.items():
        assert holds(text, [*hers, "Mia-", *SECRETS]) == [], path


def test_joe_changes_nothing_of_mias(visit, store, team):
    visitor, hers = visit("joe"), team.calls["Mia-00"]
    before = [list(store.rows(table)) for table in ("rating", "goal", "practice", "reply", "verdict")]
    for path in (
        f"/calls/{hers}/before",
        f"/calls/{hers}/replies",
        "/goals/Mia",
        "/goals/withdraw/2",
        "/practice/1/delete",
        "/practice/1/again",
    ):
        answer = visitor.post(path, why="mine now", text="mine now", who="alone")
        assert answer.status_code == 404, path
    assert [list(store.rows(table)) for table in ("rating", "goal", "practice", "reply", "verdict")] == before


def test_a_result_as_json_is_that_of_its_reader(visit, store, team):
    call_id = team.calls[HARD]
    joes, anns = (schema.from_json(visit(name).get(f"/calls/{call_id}.json").text) for name in ("joe", "ann"))
    assert {item.cue for item in joes.findings} - {item.cue for item in anns.findings} == set(private_cues())
    assert joes.scores == anns.scores
