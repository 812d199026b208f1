"""What is read from a store of scripted calls; truth is the script, and the rows that a cue's own judgement left."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from speechcoach.errors import UsageError
from speechcoach.settings import Rubric
from speechcoach.team import tables
from speechcoach.team.coaching import (
    NotEnough,
    agents,
    baseline,
    best,
    changes,
    drills,
    goals,
    history,
    metrics,
    ratings,
    set_goal,
    weakest,
    worst,
)
from speechcoach.team.review.tables import goal, goal_event, rating
from speechcoach.team.store import Store
from tests.judgement.calls import busy_call
from tests.team.coaching.story import CALLS, keep
from tests.team.conftest import fresh_database

SCORES = [name for name, what in metrics().items() if what.kind == "score"]


@pytest.fixture(scope="module")
def ana(told):
    return history(told, "Ana Ruiz", edges=True)


@pytest.fixture(scope="module")
def ben(told):
    return history(told, "Ben O'Neill")


def test_who_is_there(told):
    assert agents(told) == {"Ana Ruiz": CALLS, "Ben O'Neill": CALLS}


def test_calls_come_in_order_with_an_observation_of_each_metric(ana):
    assert len(ana.calls) == CALLS
    assert [call.recorded_at for call in ana.calls] == sorted(call.recorded_at for call in ana.calls)
    assert set(ana.observations) == set(metrics())
    for listed in ana.observations.values():
        assert [item.call_id for item in listed] == [call.id for call in ana.calls]
    assert ana.notes == ()


def test_values_are_what_the_tables_hold(told, ana):
    scores = {(row["call_id"], row["name"]): row["score"] for row in told.rows("score")}
    flags: dict[str, int] = {}
    for row in told.rows("finding"):
        if row["cue"] in ("interruption", "butting_in") and row["speaker"] == "agent" and not row["strength"]:
            flags[row["call_id"]] = flags.get(row["call_id"], 0) + 1
    for name in SCORES:
        assert [item.value for item in ana.observations[name]] == [scores[call.id, name] for call in ana.calls]
    rates = {item.call_id: item.value for item in ana.observations["interruption_per_10_min"]}
    for call in ana.calls:
        assert rates[call.id] == pytest.approx(flags.get(call.id, 0) * 600 / call.duration_s)
    assert {item.value for item in ana.observations["opening_parts"]} <= {1.0, 2.0, 3.0}


def test_what_was_not_judged_is_none(ana):
    assert all(item.value is None for item in ana.observations["slow_response_per_10_min"])
    assert isinstance(baseline(ana.observations["slow_response_per_10_min"]), NotEnough)


def test_one_improves_and_one_does_not(ana, ben):
    """Planted: Ana cuts in at a quarter of her rate from call 20 on."""
    of_ana, of_ben = (changes({name: own.observations[name] for name in SCORES}) for own in (ana, ben))
    assert [name for name, found in of_ana.items() if getattr(found, "is_celebrated", False)] == ["attention"]
    assert not [name for name, found in of_ben.items() if getattr(found, "is_celebrated", False)]


def test_the_weakest_skill_gets_its_drill_and_clips(ben):
    found = weakest(ben.moments, [call.id for call in ben.calls], ben.unjudged)
    assert (found.score, found.cue) == ("attention", "interruption")
    assert found.flagged > CALLS / 2 and found.points > 10 and 0.5 < found.sure <= 1
    assert drills("en").for_cue(found.cue).name == "let_them_finish"
    clips = worst(ben.moments, [found.cue])
    assert len({clip.call_id for clip in clips}) == 3
    for clip in clips:
        assert not clip.strength and 0 < clip.end_s - clip.start_s <= 90
        assert "You: " in clip.quote and "You cut in" in clip.said
    assert {moment.strength for moment in best(ben.moments)} == {True}


def test_nothing_is_weakest_where_too_little_is_known(ben):
    assert weakest(ben.moments, [call.id for call in ben.calls[:9]], ben.unjudged) is None
    everywhere = {
        cue: {call.id for call in ben.calls} for rule in Rubric.load(None).scores.values() for cue in rule.costs
    }
    assert weakest(ben.moments, [call.id for call in ben.calls], everywhere) is None


def test_what_is_the_agents_alone_is_no_moment(tmp_path):
    """A call in which everything happens, the store's own rows included."""
    with Store(str(tmp_path / "one.db")) as store:
        for number in range(12):
            keep(store, busy_call(), "Ana Ruiz", number)
        known = history(store, "Ana Ruiz")
    assert {moment.cue for moment in known.moments} > {"interruption", "raised_voice"}
    assert "arousal" not in {moment.cue for moment in known.moments}


def test_an_unknown_name_offers_near_ones(told):
    with pytest.raises(UsageError, match="near ones are Ana Ruiz"):
        history(told, "anna ruis")
    with pytest.raises(UsageError, match="the store knows Ana Ruiz, Ben O'Neill"):
        history(told, "Zygmunt")
    with pytest.raises(UsageError, match="no calls in 'es'; there are some in en"):
        history(told, "Ana Ruiz", locale="es")


def test_languages_are_kept_apart_and_failed_calls_out(tmp_path):
    with Store(str(tmp_path / "two.db")) as store:
        for number in range(3):
            keep(store, busy_call(), "Ana Ruiz", number)
        keep(store, busy_call(), "Ana Ruiz", 9, "es")
        english, spanish = history(store, "Ana Ruiz"), history(store, "Ana Ruiz", locale="es")
    assert (english.locale, len(english.calls), len(spanish.calls)) == ("en", 3, 1)
    assert dict(english.locales) == {"en": 3, "es": 1}
    assert {item.locale for item in spanish.observations["voice"]} == {"es"}


def test_calls_judged_by_two_rules_are_told(tmp_path):
    from sqlalchemy import update

    from speechcoach.team import tables

    with Store(str(tmp_path / "rules.db")) as store:
        first = keep(store, busy_call(), "Ana Ruiz", 0)
        keep(store, busy_call(), "Ana Ruiz", 1)
        with store.writing() as link:
            link.execute(update(tables.call).where(tables.call.c.id == first).values(norms="en@other"))
        assert "under different norms" in history(store, "Ana Ruiz").notes[0]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_goals_and_ratings_come_back_as_they_were_kept(kind, tmp_path, request):
    where = str(tmp_path / "g.db") if kind == "sqlite" else fresh_database(request.getfixturevalue("server"))
    with Store(where) as store:
        ids = [keep(store, busy_call(), "Ana Ruiz", number) for number in range(12)]
        known = history(store, "Ana Ruiz")
        own = [replaced(item, place) for place, item in enumerate(known.observations["attention"])]
        made, event = set_goal(own, set_by="Ana Ruiz", set_at=known.calls[-1].recorded_at)
        with store.writing() as link:
            from dataclasses import asdict

            key = link.execute(goal.insert().values(**asdict(made))).inserted_primary_key[0]
            link.execute(goal_event.insert().values(goal_id=key, **asdict(event)))
            for rater, answer in (("Ana Ruiz", "self"), ("Quinn", "qa")):
                row = {"call_id": ids[0], "rater": rater, "kind": answer, "item": "sensing_matter", "value": 5}
                link.execute(rating.insert().values(**row, at=event.at))
        (kept,), answers = goals(store, "Ana Ruiz"), ratings(store, "Ana Ruiz")
        assert (kept.id, kept.goal, kept.events) == (key, made, (event,))
        assert {(item.rater, item.kind, item.value) for item in answers} == {
            ("Ana Ruiz", "self", 5),
            ("Quinn", "qa", 5),
        }
        assert goals(store, "Ben") == () == ratings(store, "Ben")


def replaced(item, place):
    from dataclasses import replace

    return replace(item, value=60.0 + 3 * (place % 7))


def test_a_damaged_document_hides_its_edges_and_nothing_else(tmp_path):
    with Store(str(tmp_path / "calls.db")) as store:
        keep(store, busy_call(), "Ana Ruiz", 0)
        with store.writing() as link:
            link.execute(update(tables.document).values(facts=b"x"))
        known = history(store, "Ana Ruiz", edges=True)
    assert len(known.calls) == 1
    edges = [item.name for item in metrics().values() if item.kind == "edge" and "voice" in item.name]
    assert all(known.observations[name][0].value is None for name in edges)
    assert known.observations["attention"][0].value is not None
