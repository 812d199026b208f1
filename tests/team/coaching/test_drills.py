"""Drills and forms are data: complete, alike in every language, and refused where they are not."""

from __future__ import annotations

from collections import Counter

import pytest

from speechcoach.errors import SettingsError
from speechcoach.judgement import all_cues
from speechcoach.settings import Rubric
from speechcoach.team.coaching import drill_languages, drills, form, form_languages
from speechcoach.team.coaching.exercises import parsed
from speechcoach.team.coaching.moments import shown_to_all

LANGUAGES = drill_languages()
HEADS = '[heads]\ndo=""\nwhy=""\nfriend=""\nrecorder=""\nprogress=""\nminutes=""\n'
ONE = (
    HEADS
    + '[drill.a]\ntitle="t"\nskill="voice"\ncues=["monotone"]\nshows=[]\ndo="d"\nwhy="w"\nfriend="f"\nrecorder="r"\n'
)


def test_there_are_drills_in_english_and_spanish():
    assert {"en", "es"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_can_be_weakest_has_one_drill(language):
    rules, own = Rubric.load(None).scores, drills(language)
    counted = Counter(cue for drill in own.listed.values() for cue in drill.cues)
    told = {cue for cue in all_cues() if shown_to_all(cue)}
    assert set(counted) == told & {cue for rule in rules.values() for cue in rule.costs}
    assert set(counted.values()) == {1}
    for name, rule in rules.items():
        assert own.for_score(name) is not None
        for cue, cost in rule.costs.items():
            if cost:
                assert own.for_cue(cue).skill == name, cue


@pytest.mark.parametrize("language", LANGUAGES)
def test_drills_are_alike_in_every_language_and_name_no_emotion(language):
    english, own = drills("en").listed, drills(language).listed
    assert list(own) == list(english)
    for name, drill in own.items():
        same = ("skill", "cues", "shows", "minutes", "source")
        differ = [item for item in same if getattr(drill, item) != getattr(english[name], item)]
        assert differ in ([], ["source"]), name
        assert set(drill.shows) <= set(all_cues())
        said = " ".join((drill.title, drill.do, drill.why, drill.friend, drill.recorder, drill.progress)).lower()
        assert not [word for word in ("angry", "stress", "nervous", "enfadad", "estrés", "nervios") if word in said]
        assert 3 <= drill.minutes <= 15


def test_a_language_without_drills_gets_the_english_ones():
    assert drills("de").language == "en"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ONE + 'minutes=5\nprogress="p"\nlevel=2', r"\[drill.a\]: unknown key 'level'; the known ones are cues, do"),
        (ONE + 'progress="p"', "minutes is missing"),
        (ONE + 'minutes=5\nprogress=""', "progress must be a str with something in it"),
        (ONE + 'minutes="5"\nprogress="p"', "minutes must be a int"),
        ("[other]", "unknown key 'other'; the known ones are drill, heads"),
        ("[drill", "not a readable TOML file"),
    ],
)
def test_a_bad_file_is_refused_by_name(text, said):
    with pytest.raises(SettingsError, match=said):
        parsed("en", "drills/en.toml", text)


@pytest.mark.parametrize("language", form_languages())
def test_forms_are_alike_in_every_language(language):
    own, english = form(language), form("en")
    assert own.items == english.items
    assert [d.name for d in own.dimensions] == [
        "attending",
        "responding_appropriately",
        "sensing",
        "processing",
        "responding",
    ]
    for dimension in own.dimensions:
        assert 2 <= len(dimension.items) <= 3
        assert set(dimension.scores) <= set(Rubric.load(None).scores) and dimension.scores and dimension.why
        assert all(item.self != item.other and len(item.id) <= 64 for item in dimension.items)


def test_the_form_falls_back_to_english():
    assert form("de").language == "en"
