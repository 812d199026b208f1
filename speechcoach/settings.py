"""What is measured (`Config`), what is flagged (`Norms`) and what a flag costs (`Rubric`).

Three records because three sorts of people own them: the engineer, the linguist or QA lead, and the
manager. Each has a fingerprint that a result carries, so that two results can be told comparable.

A norms file is TOML. `und.toml` holds what no language changes, and every key that exists; a language
adds phrases and overrides values; a user's file overrides again. An unknown key is an error.

    [thresholds.dead_air]
    silence_s = { value = 3.0, source = "Kendrick & Torreira 2015", mark = "m" }

`mark` says how far to trust a source: v = the source was read, m = quoted from memory, d = our default.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from speechcoach.errors import SettingsError
from speechcoach.spelling import PhraseGroup, Spelling, spelling_of

Side = Literal["left", "right", "first", "second"]  # a channel, or in which order the sides begin to speak
SIDES: tuple[Side, ...] = ("left", "right", "first", "second")
EngineName = Literal["auto", "openai-whisper", "faster-whisper"]
ENGINES: tuple[EngineName, ...] = ("auto", "openai-whisper", "faster-whisper")
ProfileName = Literal["connect", "twilio", "twilio-flex", "asterisk", "freeswitch", "genesys", "zoom"]
PROFILES: tuple[ProfileName, ...] = ("connect", "twilio", "twilio-flex", "asterisk", "freeswitch", "genesys", "zoom")
MARKS = {"v": "source read", "m": "from memory", "d": "our default"}
LANGUAGE_NEUTRAL = "und"  # ISO 639-2: undetermined

_LANGUAGE_CODE = re.compile("[a-z]{2,3}")  # as Whisper names its languages: ISO 639-1, and 639-3 where there is none
_LONGEST_DELAY_S = 3_600.0
# How a file is read, and what is usual: only what is unusual is in a fingerprint, for most results were made without.
_READING = {"profile": None, "raw": None, "channels": None, "partial": False, "customer_delay_s": None}
_MOST = 1e6  # a threshold beyond this is a slip of the finger
N = TypeVar("N")


def fingerprint(content: Any) -> str:
    """Twelve hexadecimal digits that change when the JSON-able `content` does."""
    canonical = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Config:
    """What is measured, and with which models."""

    agent: Side | None = None  # None: guess from the speech, and say how sure
    transcript: bool = True  # False: voice and timing alone
    model: str = "auto"  # a Whisper name, a .pt file, a CTranslate2 folder; "auto": what is installed
    language: str | None = None  # None: detected once a call
    engine: EngineName = "auto"  # which program reads the model; "auto": faster-whisper where it is installed
    cache: bool = True  # finished transcripts are kept, and found again; changes no result, so not in the fingerprint
    words: tuple[str, ...] = ()  # finished transcripts in place of a recogniser: files, folders, patterns
    profile: ProfileName | None = None  # whose recorder wrote the file: which side is whose, where its vendor says it
    raw: str | None = None  # coding:rate:channels of a file without a header, such as ulaw:8000:1
    channels: tuple[int, ...] | None = None  # of more than two, or in another order: the left one first, counted from 1
    partial: bool = False  # analyse what is left of a recording that is cut short
    customer_delay_s: float | None = None  # of two files: how much later the second one begins; None: together

    def __post_init__(self) -> None:
        if self.agent not in (None, *SIDES):
            raise SettingsError(f"agent must be one of {', '.join(SIDES)}, not {self.agent!r}")
        if self.engine not in ENGINES:
            raise SettingsError(f"engine must be one of {', '.join(ENGINES)}, not {self.engine!r}")
        if self.language is not None and not _LANGUAGE_CODE.fullmatch(str(self.language)):
            raise SettingsError(f"language must be a two-letter code such as en or es, not {self.language!r}")
        named = (self.words,) if isinstance(self.words, str | Path) else tuple(self.words)
        object.__setattr__(self, "words", tuple(map(str, named)))
        if self.words and not self.transcript:
            raise SettingsError("words were given and the transcript was switched off; leave one of the two out")
        self._check_reading()

    def _check_reading(self) -> None:
        """How the file is read: a form of `raw` is checked by who reads it."""
        if self.profile not in (None, *PROFILES):
            raise SettingsError(f"profile must be one of {', '.join(PROFILES)}, not {self.profile!r}")
        if self.channels is not None:
            object.__setattr__(self, "channels", tuple(self.channels))
            whole = all(isinstance(channel, int) and channel >= 1 for channel in self.channels)
            if not whole or len(self.channels) not in (1, 2) or len(set(self.channels)) < len(self.channels):
                raise SettingsError(
                    f"channels must be one or two numbers from 1 on, such as 1,2, not {self.channels!r}"
                )
        delay = self.customer_delay_s
        if delay is not None and not abs(delay) <= _LONGEST_DELAY_S:
            raise SettingsError(
                f"customer_delay_s must be a number of seconds up to {_LONGEST_DELAY_S:.0f}, not {delay!r}"
            )

    @property
    def fingerprint(self) -> str:
        content = {name: value for name, value in asdict(self).items() if name not in ("cache", "words", *_READING)}
        content |= {name: getattr(self, name) for name in _READING if getattr(self, name) != _READING[name]}
        # each call has its own words: that they were given is a setting, their name is none
        return fingerprint(content | ({"words": "given"} if self.words else {}))


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number, where it comes from, and how far to trust that."""

    value: float
    source: str
    mark: str

    @property
    def cited(self) -> str:
        return f"{self.source}, {MARKS[self.mark]}"


def _freeze(tables: dict[str, dict[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    return MappingProxyType({name: MappingProxyType(table) for name, table in tables.items()})


_PAIRS = ("short_form", "bare_letter")  # groups of "this = that"


@dataclass(frozen=True, slots=True)
class Norms:
    """Thresholds by cue, and phrases by what they do, for one language.

    `has_phrases` is False where the language has no file: then only the voice and the timing are judged.
    """

    language: str
    thresholds: Mapping[str, Mapping[str, Threshold]]
    phrases: Mapping[str, tuple[str, ...]]
    has_phrases: bool
    _print: list[str] = field(default_factory=list, init=False, repr=False, compare=False)  # the fingerprint, once made

    @classmethod
    def load(cls, language: str | None = None, override: Path | str | None = None) -> Norms:
        """Norms for `language` (ISO 639-1), with the user's file laid over them.

        The same norms are made once: a batch judges thousands of calls by them.
        Raises SettingsError where the file is missing, malformed, or names an unknown key.
        """
        return _norms(language, None if override is None else (str(override), _text(Path(override))))

    @classmethod
    def _laid(cls, language: str | None, override: tuple[str, str] | None) -> Norms:
        base = _read_locale(LANGUAGE_NEUTRAL)
        found = language if language in locales() else None
        layers = [(f"{found}.toml", _read_locale(found))] if found else []
        if override is not None:
            layers.append((override[0], _table(*override)))
        merged = _parse_thresholds("und.toml", base.get("thresholds", {}), known=None)
        phrases = {name: tuple(listed) for name, listed in base.get("phrases", {}).items()}
        for name, layer in layers:
            _only_known(name, layer, ("language", "thresholds", "phrases", "add"))
            for cue, table in _parse_thresholds(name, layer.get("thresholds", {}), known=merged).items():
                merged[cue] = {**merged[cue], **table}
            phrases = _lay_phrases(name, phrases, layer)
        spelling = spelling_of(*(phrases[item.name] for item in fields(Spelling)))
        groups = {name: PhraseGroup(listed, spelling) for name, listed in phrases.items()}
        return cls(language or LANGUAGE_NEUTRAL, _freeze(merged), MappingProxyType(groups), found is not None)

    def of(self, cue: str, norm: type[N]) -> N:
        """The `Norm` record of a cue: its fields filled from thresholds and phrases of the same name."""
        table = self.thresholds.get(cue, {})
        values: dict[str, Any] = {name: entry.value for name, entry in table.items()}
        names = {item.name for item in fields(norm)}  # type: ignore[arg-type]
        values |= {name: listed for name, listed in self.phrases.items() if name in names}
        return norm(**{name: value for name, value in values.items() if name in names})

    def source(self, cue: str, key: str) -> str:
        """Where a threshold comes from, in words."""
        return self.thresholds[cue][key].cited

    @property
    def fingerprint(self) -> str:
        if not self._print:
            content = {
                cue: {key: asdict(entry) for key, entry in table.items()} for cue, table in self.thresholds.items()
            }
            self._print.append(f"{self.language}@{fingerprint([content, dict(self.phrases)])}")
        return self._print[0]


@lru_cache(maxsize=128)
def _norms(language: str | None, override: tuple[str, str] | None) -> Norms:
    return Norms._laid(language, override)


def locales() -> tuple[str, ...]:
    """Languages that have a norms file, as ISO 639-1 codes."""
    folder = resources.files("speechcoach") / "locales"
    names = (entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(sorted(name.removesuffix(".toml") for name in names if name != f"{LANGUAGE_NEUTRAL}.toml"))


def _read_locale(language: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("speechcoach") / "locales" / f"{language}.toml").read_text("utf-8"))


def read_toml(path: Path) -> dict[str, Any]:
    """A settings file as a table, or a SettingsError that names the file and the line."""
    return _table(str(path), _text(path))


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise SettingsError(f"{path}: not a settings file; name a TOML file")
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(f"{path}: there is no such settings file; check the path") from None
    except (OSError, ValueError) as why:
        raise SettingsError(f"{path}: not a readable TOML file ({why}); mend it or leave the option out") from None


def _table(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as why:
        raise SettingsError(f"{name}: not a readable TOML file ({why}); mend it or leave the option out") from None


def _only_known(where: str, given: Any, known: Any) -> None:
    if not isinstance(given, Mapping):
        raise SettingsError(f"{where}: must be a table, not {given!r}")
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise SettingsError(f"{where}: unknown key {unknown[0]!r}; the known ones are {', '.join(sorted(known))}")


def _parse_thresholds(where: str, tables: Any, known: Mapping[str, Any] | None) -> dict[str, dict[str, Threshold]]:
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise SettingsError(f"{where}: [thresholds.<cue>] must be tables of numbers")
    if known is not None:
        _only_known(f"{where}: [thresholds]", tables, known)
        for cue, table in tables.items():
            _only_known(f"{where}: [thresholds.{cue}]", table, known[cue])
    return {
        cue: {key: _threshold(f"{where}: thresholds.{cue}.{key}", entry, where) for key, entry in table.items()}
        for cue, table in tables.items()
    }


def _threshold(where: str, entry: Any, file: str) -> Threshold:
    table = entry if isinstance(entry, dict) else {"value": entry}
    _only_known(where, table, ("value", "source", "mark"))
    value, mark = table.get("value"), table.get("mark", "d")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        raise SettingsError(f"{where}: the value must be a number from 0 to {_MOST:,.0f}, not {str(value)[:40]!r}")
    if not isinstance(mark, str) or mark not in MARKS:
        raise SettingsError(f"{where}: mark must be one of {', '.join(MARKS)}, not {mark!r}")
    return Threshold(float(value), str(table.get("source", f"set in {Path(file).name}")), mark)


def _lay_phrases(where: str, below: dict[str, tuple[str, ...]], layer: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    laid = dict(below)
    for table, extend in (("phrases", False), ("add", True)):
        given = layer.get(table, {})
        _only_known(f"{where}: [{table}]", given, below)
        for name, listed in given.items():
            if not isinstance(listed, list) or not all(isinstance(phrase, str) and phrase.strip() for phrase in listed):
                raise SettingsError(f"{where}: {table}.{name} must be a list of phrases")
            if name in _PAIRS and not all(len(phrase.split(" = ")) == 2 for phrase in listed):
                raise SettingsError(f"{where}: {table}.{name} must be a list of pairs such as 'this = that'")
            laid[name] = (laid[name] if extend else ()) + tuple(phrase.casefold() for phrase in listed)
    return laid


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """How one score is made: what a flag of each cue costs, and how much that cue can cost at most."""

    title: str
    costs: Mapping[str, float]
    at_most: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Screening:
    """Which calls deserve a transcript where not all get one: those that lost so many points by voice, and a share."""

    points: float = 30.0
    sample_share: float = 0.05


@dataclass(frozen=True, slots=True)
class Rubric:
    """Scores by name, and what screening asks for. A score starts at 100 and loses what the agent's flags cost."""

    name: str
    scores: Mapping[str, ScoreRule]
    screening: Screening = field(default_factory=Screening)

    @classmethod
    def load(cls, path: Path | str | None = None) -> Rubric:
        """The shipped rubric, or the user's own in its place; the same one is made once."""
        return _shipped_rubric() if path is None else _rubric(str(path), _text(Path(path)))

    @classmethod
    def _parse(cls, where: str, table: Mapping[str, Any]) -> Rubric:
        _only_known(where, table, ("name", "scores", "screening"))
        scores = table.get("scores", {})
        if not isinstance(scores, dict) or not scores:
            raise SettingsError(f"{where}: a rubric needs at least one [scores.<name>] table")
        name = str(table.get("name", Path(where).stem))
        rules = {key: _score_rule(f"{where}: scores.{key}", rule) for key, rule in scores.items()}
        return cls(name, MappingProxyType(rules), _screening(f"{where}: screening", table.get("screening", {})))

    def check_cues(self, known: tuple[str, ...]) -> None:
        """Raise SettingsError where the rubric names a cue that does not exist."""
        for name, rule in self.scores.items():
            _only_known(f"rubric {self.name}: scores.{name}", {**rule.costs, **rule.at_most}, known)

    @property
    def fingerprint(self) -> str:
        content = {key: [rule.title, dict(rule.costs), dict(rule.at_most)] for key, rule in self.scores.items()}
        return f"{self.name}@{fingerprint(content)}"


@lru_cache(maxsize=1)
def _shipped_rubric() -> Rubric:
    return _rubric("default.toml", (resources.files("speechcoach") / "rubrics" / "default.toml").read_text("utf-8"))


@lru_cache(maxsize=16)
def _rubric(name: str, text: str) -> Rubric:
    return Rubric._parse(name, _table(name, text))


def _score_rule(where: str, table: Any) -> ScoreRule:
    if not isinstance(table, dict):
        raise SettingsError(f"{where}: must be a table with 'title' and 'costs'")
    _only_known(where, table, ("title", "costs", "at_most"))
    costs, at_most = table.get("costs", {}), table.get("at_most", {})
    for name, prices in (("costs", costs), ("at_most", at_most)):
        if not isinstance(prices, dict):
            raise SettingsError(f"{where}: {name} must be a table of points by cue, not {prices!r}")
    for key, value in [*costs.items(), *at_most.items()]:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
            raise SettingsError(f"{where}: {key} must cost 0 to 100 points, not {value!r}")
    title = str(table.get("title", where.rpartition(".")[2].replace("_", " ").capitalize()))
    return ScoreRule(title, MappingProxyType(dict(costs)), MappingProxyType(dict(at_most)))


def _screening(where: str, table: Any) -> Screening:
    _only_known(where, table, ("points", "sample_share"))
    for key, most in (("points", _MOST), ("sample_share", 1.0)):
        value = table.get(key, 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise SettingsError(f"{where}: {key} must be a number from 0 to {most:,.0f}, not {value!r}")
    return Screening(**{key: float(value) for key, value in table.items()})


def with_options(config: Config, **options: Any) -> Config:
    """`config` with the options that are not None laid over it; an unknown name is a SettingsError."""
    _only_known("options", options, {item.name for item in fields(Config)})
    return replace(config, **{name: value for name, value in options.items() if value is not None})
