"""Calls for a store, made without audio: what was said decides what is found."""

from __future__ import annotations

from functools import cache

from speechcoach.pipeline import judge
from speechcoach.records import Facts, Result
from speechcoach.team.rows import Entry, Found, Meta
from speechcoach.team.store import Store
from tests.judgement.calls import spoken

SAID = ("My name is Ann, how may I help you?", "My router does not work.", "I am sorry to hear that.")


def kept(store: Store, letter: str, meta: Meta | None = None, *said: str, facts: Facts | None = None) -> str:
    """Keep a call in which agent and customer said this by turns; its id is the letter, 64 times."""
    call_id, name = letter * 64, f"{letter}.wav"
    found = Found(f"/calls/{name}", name, 10, "1")
    lines = [f"{'AC'[number % 2]}: {text}" for number, text in enumerate(said or SAID)]
    result = judge(facts) if facts else _judged(*lines)
    store.keep(Entry(call_id, "key", found, meta or Meta(), result))
    return call_id


@cache
def _judged(*lines: str) -> Result:
    return judge(spoken(*lines))
