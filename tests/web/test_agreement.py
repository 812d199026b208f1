"""People against the machine. Truths: closed forms and published tables, planted verdicts, and the scripted calls."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import numpy as np
import pytest

from speechcoach.settings import Norms
from speechcoach.team.review import opinions
from speechcoach.team.review.agreement import Dial, Judged, between, dial, norms_lines, precision, wilson
from speechcoach.team.rows import Entry, Meta
from speechcoach.team.sources import of_file
from speechcoach.team.store import Store

from .conftest import person


def judged(values, verdicts, calls=None) -> list[Judged]:
    names = calls or [f"call-{place}" for place in range(len(values))]
    return [Judged(name, float(v), {"ann": bool(yes)}) for name, v, yes in zip(names, values, verdicts, strict=True)]


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_the_published_one(count, of, low, high):
    assert wilson(count, of) == pytest.approx((low, high), abs=5e-5)


def test_precision_counts_majorities_and_leaves_out_what_people_are_divided_on():
    items = [*judged([1.0] * 8, [True] * 8), *judged([1.0] * 3, [False] * 3)]
    items += [Judged("a", 1.0, {"ann": True, "bob": False}), Judged("b", 1.0, {"ann": True, "bob": True, "cy": False})]
    found = precision(items)
    assert (found.looked_at, found.confirmed, found.disputed) == (13, 9, 3)
    assert found.share == pytest.approx(0.75) and found.interval == wilson(9, 12)


def test_nothing_is_concluded_from_nine_verdicts():
    nine = judged(range(9), [True] * 5 + [False] * 4)
    assert precision(nine).share is None and precision(nine).interval is None
    assert "9 of the 10" in dial(nine, 0.0, below=False)
    assert between(nine).alpha is None


@pytest.mark.parametrize("below", [False, True])
def test_a_planted_threshold_is_found(below):
    values = np.random.default_rng(1).uniform(3, 9, 80)
    agrees = values < 6 if below else values >= 6
    told = dial(judged(values, agrees), 9.5 if below else 3.0, below)
    assert isinstance(told, Dial) and told.supported
    edge = sorted(values[values < 6])[-1], sorted(values[values >= 6])[0]
    assert edge[0] < told.best < edge[1] and told.best_agree == 80
    assert told.agree == int(agrees.sum())


def test_of_verdicts_that_have_nothing_to_do_with_the_value_a_new_limit_is_rarely_supported():
    """Null data: people confirm nine, or six, of ten, wherever the value lies."""
    chance = np.random.default_rng(2)
    for confirmed in (0.9, 0.6):
        made = (judged(chance.uniform(3, 9, 40), chance.random(40) < confirmed) for _ in range(80))
        supported = [dial(items, 3.0, below=False).supported for items in made]
        assert sum(supported) <= 8  # of 5 % that many or more come by chance once in forty times


def test_one_call_with_many_findings_does_not_decide():
    values, verdicts = [3.1] * 20 + list(np.linspace(3, 9, 10)), [False] * 20 + [True] * 10
    alone = [f"call-{place}" for place in range(30)]
    together = ["one"] * 20 + alone[20:]
    apart, clustered = (dial(judged(values, verdicts, calls), 3.0, below=False) for calls in (alone, together))
    assert apart.supported and not clustered.supported


def test_values_that_are_all_alike_tell_no_threshold():
    assert "measured alike" in dial(judged([1.0] * 12, [True, False] * 6), 1.0, below=False)


def test_alpha_of_people_is_krippendorffs():
    """Two coders, ten units, nominal: 1 - (n - 1) * o01 / (n0 * n1), from the coincidences by hand."""
    ann = [1, 1, 1, 1, 1, 0, 0, 0, 0, 1]
    bob = [1, 1, 1, 1, 1, 0, 0, 0, 1, 0]
    items = [
        Judged(str(i), 1.0, {"ann": bool(a), "bob": bool(b)}) for i, (a, b) in enumerate(zip(ann, bob, strict=True))
    ]
    told = between(items)
    n, n1 = 20, sum(ann) + sum(bob)
    assert told.alpha == pytest.approx(1 - (n - 1) * 2 / ((n - n1) * n1))
    assert told.interval[0] <= told.alpha <= told.interval[1] and (told.findings, told.people) == (10, 2)


def test_people_who_say_the_same_of_everything_have_no_alpha():
    items = [Judged(str(i), 1.0, {"ann": True, "bob": True}) for i in range(12)]
    assert between(items).alpha is None and "everybody said the same" in between(items).why


def test_the_lines_are_a_norms_file_that_does_what_they_say(tmp_path):
    told = Dial(False, 3.0, 20, 12, 4.25, 18, (4.0, 5.0), 0.001)
    text = norms_lines("dead_air", "silence_s", told, 'as "we" heard it \\')
    assert tomllib.loads(text)["thresholds"]["dead_air"]["silence_s"]["value"] == 4.25
    (tmp_path / "ours.toml").write_text(text, "utf-8")
    assert Norms.load("en", tmp_path / "ours.toml").thresholds["dead_air"]["silence_s"].value == 4.25


@pytest.fixture
def calibrated(store: Store, team):
    """Twenty silences of 3 to 9 s in as many calls; ann confirms those from 5 s on, bob all, joe disputes one."""
    result = store.result(team.calls["joe-busy"])
    silence = next(item for item in result.findings if item.cue == "dead_air" and not item.strength)
    ann, bob, joe = (person(store, team, name) for name in ("ann", "bob", "joe"))
    found = of_file(team.folder / "joe-busy.wav")
    for number, value in enumerate(np.linspace(3.1, 8.9, 20)):
        call_id = f"{number:064x}"
        own = replace(silence, value=round(float(value), 2))
        store.keep(
            Entry(call_id, "made", replace(found, uri=f"{number}"), Meta("Joe"), replace(result, findings=(own,)))
        )
        opinions.judge(
            store, call_id, own, ann, bool(value >= 5), "" if value >= 5 else "They were waiting for a code."
        )
        if number % 2:
            opinions.judge(store, call_id, own, bob, True, "")
    opinions.judge(store, f"{0:064x}", silence, joe, False, "The customer asked for it.")
    opinions.add_note(store, team.calls["joe-busy"], ann, "dead_air", False, (1.0, 5.0), "A long silence.")
    return silence


def test_the_page_tells_what_the_verdicts_say(visit, calibrated, tmp_path):
    text = visit("ann").get("/agreement").text
    row = text[text.index("Dead air") :]
    row = row[: row.index("</tr>")]
    cells = [part.split("</td>")[0].split("<span")[0].strip() for part in row.split('<td class="n">')[1:]]
    looked_at, confirmed, disputed, added, agents = cells[1], cells[2], cells[3], cells[5], cells[6]
    # by ann and bob together: seven below 5 s, of which bob confirms those with odd numbers and so divides them
    assert (looked_at, confirmed, disputed, added, agents) == ("20", "13", "4", "1", "1")
    assert "silence_s" in text and "<svg" in text and "Krippendorff" in text


def test_the_page_gives_lines_where_a_new_limit_is_supported(visit, store, calibrated, team, tmp_path):
    bob = person(store, team, "bob")
    for number in range(20):
        opinions.withdraw(store, f"{number:064x}", calibrated.id, bob)
    from html import unescape

    text = unescape(visit("ann").get("/agreement").text)
    lines = text[text.index("<code>[thresholds") + 6 :].split("</code>")[0]
    file = tmp_path / "ours.toml"
    file.write_text(lines, "utf-8")
    assert 4.6 < Norms.load("en", file).thresholds["dead_air"]["silence_s"].value < 5.24


def test_the_page_without_verdicts_says_where_to_begin(visit):
    answer = visit("ann").get("/agreement")
    assert answer.status_code == 200 and "Nobody has judged a finding yet" in answer.text


@pytest.mark.parametrize("path", ["/team", "/queues", "/agreement", "/audit"])
def test_qas_pages_do_not_exist_for_agents(visit, path):
    assert visit("joe").get(path).status_code == 404
    assert f'href="{path}"' not in visit("joe").get("/calls").text
    answer = visit("ann").get(path)
    assert answer.status_code == 200 and f'href="{path}" aria-current="page"' in answer.text, path


def test_the_team_and_its_queues_stand_in_lines(visit, store):
    text = visit("ann").get("/team").text
    assert 'href="/calls?agent=Joe"' in text and 'href="/calls?agent=Mia"' in text
    assert 'href="/calls?cue=interruption&amp;language=en"' in text
    queues = visit("ann").get("/queues").text
    assert 'href="/calls?queue=Billing"' in queues and 'href="/calls?queue=Sales"' in queues


def test_calls_of_one_language_at_a_time(visit, store, team):
    result = store.result(team.calls["joe-busy"])
    spanish = replace(result, facts=replace(result.facts, call=replace(result.facts.call, language="es")))
    store.keep(Entry("e" * 64, "made", of_file(team.folder / "joe-busy.wav"), Meta("Eva", language="es"), spanish))
    english, other = visit("ann").get("/team").text, visit("ann").get("/team?language=es").text
    assert ">Eva<" not in english and ">Joe<" in english
    assert ">Eva<" in other and ">Joe<" not in other


def test_the_audit_page_filters_by_person_and_call(visit, team):
    ann, bob = visit("ann"), visit("bob")
    ann.get(f"/calls/{team.calls['joe-busy']}")
    bob.get(f"/calls/{team.calls['mia-busy']}/sound")
    rows = lambda answer: answer.text.count("<tr>") - 1  # noqa: E731
    assert rows(ann.get("/audit")) == 2
    assert rows(ann.get("/audit?person=bob")) == 1 and "listened" in ann.get("/audit?person=bob").text
    assert rows(ann.get(f"/audit?call={team.calls['joe-busy']}")) == 1
    assert rows(ann.get(f"/audit?person=bob&call={team.calls['joe-busy']}")) == -1
