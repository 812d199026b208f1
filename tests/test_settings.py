"""Settings files: layers, sources, and errors that name the known keys."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path

import pytest

import speechcoach
from speechcoach.conversation.wording import tokens
from speechcoach.errors import SettingsError
from speechcoach.settings import Config, Norms, Rubric, locales, with_options

LOCALES = Path(speechcoach.__file__).parent / "locales"


def written(tmp_path, text: str, name: str = "ours.toml"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_a_users_number_lies_over_the_shipped_one_and_names_the_file(tmp_path):
    norms = Norms.load("en", written(tmp_path, "[thresholds.dead_air]\nsilence_s = 5"))
    assert norms.thresholds["dead_air"]["silence_s"].value == 5
    assert "ours.toml" in norms.source("dead_air", "silence_s")
    assert norms.thresholds["monologue"] == Norms.load("en").thresholds["monologue"]


def test_a_users_number_may_bring_its_source(tmp_path):
    text = '[thresholds.dead_air]\nsilence_s = { value = 4, source = "our service level", mark = "v" }'
    assert Norms.load("en", written(tmp_path, text)).source("dead_air", "silence_s") == "our service level, source read"


def test_phrases_are_replaced_or_added(tmp_path):
    replaced = Norms.load("en", written(tmp_path, '[phrases]\ngreeting = ["Moin"]'))
    added = Norms.load("en", written(tmp_path, '[add]\ngreeting = ["Moin"]'))
    assert replaced.phrases["greeting"] == ("moin",)
    assert set(added.phrases["greeting"]) == {*Norms.load("en").phrases["greeting"], "moin"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[thresholds.dead_airs]\nsilence_s = 5", "unknown key 'dead_airs'; the known ones are .*dead_air"),
        ("[thresholds.dead_air]\nsilence = 5", "unknown key 'silence'; the known ones are .*silence_s"),
        ("[thresholds.dead_air]\nsilence_s = 'long'", "must be a number from 0 to 1,000,000, not 'long'"),
        ("[thresholds.dead_air]\nsilence_s = true", "must be a number from 0 to 1,000,000, not 'True'"),
        ("[thresholds.dead_air]\nsilence_s = nan", "must be a number from 0 to 1,000,000, not 'nan'"),
        ("[thresholds.dead_air]\nsilence_s = {value = 3, mark = 'x'}", "mark must be one of v, m, d"),
        ("thresholds = 3", "must be tables"),
        ("phrases = 3", "must be a table, not 3"),
        ("add = ''", "must be a table"),
        ("[thresholds.dead_air]\nsilence_s = -5", "from 0 to 1,000,000, not '-5'"),
        ("[thresholds.dead_air]\nsilence_s = {value = 3, mark = [1]}", "mark must be one of"),
        ("a = " + "[" * 5000, "not a readable TOML file"),
        ("[phrases]\ngreeting = [' ']", "must be a list of phrases"),
        ("[phrases]\ngreetings = ['hi']", "unknown key 'greetings'; the known ones are .*greeting"),
        ("[phrases]\ngreeting = 'hi'", "must be a list of phrases"),
        ("[add]\nshort_form = ['gonna']", "must be a list of pairs such as 'this = that'"),
        ("[add]\nbare_letter = ['é = e = e']", "must be a list of pairs"),
        ("nonsense", "not a readable TOML file"),
    ],
)
def test_a_file_that_cannot_be_meant_is_named_with_the_cure(tmp_path, text, message):
    path = written(tmp_path, text)
    with pytest.raises(SettingsError, match=f"{re.escape(str(path))}.*{message}"):
        Norms.load("en", path)


def test_a_missing_file_is_said():
    with pytest.raises(SettingsError, match="there is no such settings file"):
        Norms.load("en", "nowhere.toml")


def test_every_language_fills_every_group_or_says_why_not():
    """A group without phrases makes a cue blind: its line in the file must give the reason."""
    neutral = Norms.load(None)
    assert not neutral.has_phrases
    assert "en" in locales()
    for language in locales():
        norms, text = Norms.load(language), (LOCALES / f"{language}.toml").read_text("utf-8")
        assert norms.has_phrases
        assert tomllib.loads(text)["phrases"].keys() == norms.phrases.keys() == neutral.phrases.keys()
        for name, group in norms.phrases.items():
            assert group or re.search(rf"^{name} = \[\]  # \w", text, re.MULTILINE), (language, name)
            assert all(phrase == phrase.casefold() for phrase in group)


def test_a_phrase_is_written_in_tokens():
    """What is looked for among tokens must be made of them, or it is never found."""
    for language in locales():
        for name, group in Norms.load(language).phrases.items():
            if name not in ("short_form", "bare_letter", "ending"):
                for part in (part for phrase in group for part in phrase.split() if part not in ("*", "?")):
                    assert tokens(part) == (part,), (language, name, part)


def test_a_group_keeps_its_spelling_in_copies_and_sums():
    group, more = Norms.load("en").phrases["greeting"], ("moin",)
    for other in (copy.deepcopy(group), group + more):
        assert "can't = can not" in other.spelling.short_form


def test_a_language_without_a_file_keeps_its_name_and_has_no_phrases():
    norms = Norms.load("ja")
    assert (norms.language, norms.has_phrases) == ("ja", False)


def test_fingerprints_change_with_the_content_and_only_then(tmp_path):
    same = Norms.load("en", written(tmp_path, ""))
    other = Norms.load("en", written(tmp_path, "[thresholds.dead_air]\nsilence_s = 5", "other.toml"))
    assert Norms.load("en").fingerprint == same.fingerprint != other.fingerprint
    assert Config().fingerprint == Config(agent=None).fingerprint != Config(agent="left").fingerprint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[scores.a]\ncost = {}", "unknown key 'cost'; the known ones are at_most, costs, title"),
        ("[scores.a]\ncosts = 5", "costs must be a table of points by cue, not 5"),
        ("[scores.a]\nat_most = ['x']", "at_most must be a table"),
        ("[scores.a]\ncosts = { dead_air = -1 }", "must cost 0 to 100 points, not -1"),
        ("name = 'empty'", "needs at least one"),
        ("scores = 1", "needs at least one"),
        ("[scores]\na = 1", "must be a table"),
    ],
)
def test_a_rubric_that_cannot_be_meant_is_named_with_the_cure(tmp_path, text, message):
    with pytest.raises(SettingsError, match=message):
        Rubric.load(written(tmp_path, text))


def test_a_rubric_with_an_unknown_cue_lists_the_known(tmp_path):
    rubric = Rubric.load(written(tmp_path, "[scores.a]\ncosts = { yelling = 5 }"))
    with pytest.raises(SettingsError, match="unknown key 'yelling'; the known ones are dead_air, empathy"):
        rubric.check_cues(("empathy", "dead_air"))


def test_options_are_laid_over_a_config_and_checked():
    assert with_options(Config(), agent="right", model=None) == Config(agent="right")
    with pytest.raises(SettingsError, match="unknown key 'agents'"):
        with_options(Config(), agents="left")
    with pytest.raises(SettingsError, match="agent must be one of left, right, first, second, not 'middle'"):
        Config(agent="middle")


@pytest.mark.parametrize("language", ["EN", "english", "en-US", ""])
def test_a_language_is_a_code(language):
    with pytest.raises(SettingsError, match="language must be a two-letter code such as en or es"):
        Config(language=language)


def test_a_byte_order_mark_is_no_key(tmp_path):
    path = tmp_path / "bom.toml"
    path.write_text("[thresholds.dead_air]\nsilence_s = 5", "utf-8-sig")
    assert Norms.load("en", path).thresholds["dead_air"]["silence_s"].value == 5
