"""A team with calls over some weeks, for the agents' own pages: scripted calls of Joe and of Mia, and their people.

What is known of a call stands in its script: the first twelve of each agent are `busy_call`, in which much goes wrong;
later ones are mostly `hard_call`, in which little does, and in which the agent's voice climbs after the customer's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import soundfile as sf

from speechcoach.pipeline import judge
from speechcoach.records import Facts, Result
from speechcoach.team.review.people import People
from speechcoach.team.rows import Entry, Meta
from speechcoach.team.sources import content_id, of_file
from speechcoach.team.store import Store
from tests.judgement.calls import busy_call
from tests.judgement.voiced import climbing
from tests.talk import talk

from .conftest import PASSWORD, PEOPLE, Team

RATE_HZ = 8_000
CALLS = 24  # of each agent
RISEN = {"level_db": -19, "pitch_hz": 180, "syllables_per_s": 6.0}
BEGUN = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALL_ON = Path(__file__).resolve().parents[1] / "judgement" / "all_on.toml"
"""Norms in which the private cue is switched on for every call of a batch."""


@cache
def hard_call() -> Facts:
    """A customer who climbs, and an agent whose voice climbs too: what is told to the agent alone."""
    return talk(*climbing(**RISEN))


def built(folder: Path, norms: Path | None = None) -> Team:
    """The team in the folder; its calls were judged by the norms. Calls are named "Joe-00" and so on."""
    url = str(folder / "calls.db")
    with Store(url) as store:
        calls = {
            f"{agent}-{number:02}": _kept(store, folder, agent, number, norms)
            for agent in ("Joe", "Mia")
            for number in range(CALLS)
        }
        people = People(store)
        for name, (role, agent) in PEOPLE.items():
            people.add(name, role, PASSWORD, agent)
        sessions = {name: people.signed_in(name, PASSWORD) for name in PEOPLE}
    return Team(url, calls, folder, sessions)


def _kept(store: Store, folder: Path, agent: str, number: int, norms: Path | None) -> str:
    path = folder / f"{agent}-{number:02}.wav"
    tone = 0.1 * np.sin(np.arange(RATE_HZ * 2) * (0.1 + number / 100))
    sf.write(path, np.stack([tone, tone * (0.5 if agent == "Joe" else 0.6)], axis=1), RATE_HZ)
    call_id = content_id(path)
    meta = Meta(agent, "Red", "Billing", BEGUN + timedelta(days=2 * number), "en")
    store.keep(Entry(call_id, "made", of_file(path), meta, _result(number, path.name, norms)))
    return call_id


def _result(number: int, name: str, norms: Path | None) -> Result:
    """Each with a speech rate of its own, so that there is something to compare."""
    result = _judged(number < 12 or number % 5 == 0, norms)
    facts, voice = result.facts, result.facts.speakers["agent"]
    own = replace(voice, rate_wpm=150.0 + number % 7)
    facts = replace(facts, call=replace(facts.call, file=name), speakers={**facts.speakers, "agent": own})
    return replace(result, facts=facts)


@cache
def _judged(busy: bool, norms: Path | None) -> Result:
    return judge(busy_call() if busy else hard_call(), norms)
