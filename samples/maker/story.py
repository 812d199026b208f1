"""The story of a team: who called whom and when, and what the agent did in each call, read from TOML.

Calls of an agent are counted from 0 in the order of their dates. What looks like chance (minutes, wording) is drawn
from a checksum of the call's name, so the same files always tell the same story.
"""

import tomllib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from maker.problems import SampleError
from maker.script import record

QUEUES = ("support", "orders")
CUT_HERE = "/"
WEEKDAYS = {2: (1, 3), 3: (0, 2, 4)}  # of so many calls in a week; 0 is Monday
HOURS = {"Good morning": (8, 11), "Good afternoon": (13, 16), "Good evening": (18, 19)}
WORKING_HOURS = (9, 16)
DEEDS = ("cut_ins", "opens", "understands", "empathises", "checks", "closes")
Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Customer:
    """What one customer says in the course of a call, and what an agent may say to it; see samples/README.md."""

    id: str
    title: str
    queue: str
    problem: str
    told: str
    early: str
    resume: str
    empathy: str
    paraphrase: str
    ask: str
    detail: str
    more: str
    again: str
    solution: str
    rest: str
    question: str
    answer: str


@dataclass(frozen=True)
class Plan:
    """What the agent does in one call. `cut_ins`: 0 to 2, how often a customer is cut off; the others 0 or 1."""

    cut_ins: int
    opens: int
    understands: int
    empathises: int
    checks: int
    closes: int


@dataclass(frozen=True)
class Special:
    """What is out of the ordinary in one call.

    silence_s, hold_s : length of a silence before the solution, unannounced or announced and with music; 0 is none
    leak_db : each channel leaks into the other; None is not
    mono : both sides on one channel
    angry : the customer is loud, fast and high from beginning to end
    """

    silence_s: float = 0.0
    hold_s: float = 0.0
    leak_db: float | None = None
    mono: bool = False
    angry: bool = False


@dataclass(frozen=True)
class Agent:
    """One agent: voice, usual lines, and a plan for each call."""

    name: str
    voice: str
    rate: float
    reply_s: tuple[float, float]
    customer_voices: tuple[str, ...]
    calls: tuple[str, ...]
    plans: tuple[Plan, ...]
    specials: dict[int, Special]
    open_lines: tuple[str, ...]
    short_lines: tuple[str, ...]
    close_lines: tuple[str, ...]
    abrupt_lines: tuple[str, ...]


@dataclass(frozen=True)
class Scene:
    """One call before it is written out: everything that decides what will be said."""

    name: str
    agent: Agent
    number: int
    customer: Customer
    customer_voice: str
    recorded_at: datetime
    team: str
    language: str
    lines: dict[str, tuple[str, ...]]

    @property
    def plan(self) -> Plan:
        """What the agent does."""
        return self.agent.plans[self.number]

    @property
    def special(self) -> Special:
        """What is out of the ordinary."""
        return self.agent.specials.get(self.number, Special())

    def pick(self, options: Sequence[Choice], what: str) -> Choice:
        """One of the options, always the same one for the same call and purpose."""
        return options[drawn(self.name, what) % len(options)]

    def between(self, low: float, high: float, what: str) -> float:
        """A number from `low` to `high`, always the same one for the same call and purpose."""
        return round(low + (high - low) * (drawn(self.name, what) % 1000) / 999, 3)


def drawn(*seed: object) -> int:
    """A whole number that looks random, always the same one for the same seed."""
    return zlib.crc32("/".join(map(str, seed)).encode()) >> 3


def read_story(folder: Path) -> list[Scene]:
    """All calls in the order of their dates.

    Raises
    ------
    SampleError
        where an agent's rows do not have one figure a call, or a call names an unknown customer.
    """
    told = tomllib.loads((folder / "story.toml").read_text("utf-8"))
    customers = {customer.id: customer for queue in QUEUES for customer in _customers(folder, queue)}
    weeks = [week for week, calls in enumerate(told["calls_a_week"]) for _ in range(calls)]
    agents = [_agent(name, entry, len(weeks)) for name, entry in told["agents"].items()]
    scenes = [_scene(told, agent, number, customers, weeks) for agent in agents for number in range(len(agent.calls))]
    return sorted(scenes, key=lambda scene: scene.recorded_at)


def _scene(told: dict[str, Any], agent: Agent, number: int, customers: dict[str, Customer], weeks: list[int]) -> Scene:
    if agent.calls[number] not in customers:
        raise SampleError(f"{agent.name}, call {number + 1}: customer {agent.calls[number]!r} is unknown")
    customer = customers[agent.calls[number]]
    recorded_at = _moment(told["first_day"], weeks, number, agent.name, customer)
    return Scene(
        name=f"{recorded_at:%Y-%m-%d}_{agent.name}_{customer.id}",
        agent=agent,
        number=number,
        customer=customer,
        customer_voice=agent.customer_voices[number % len(agent.customer_voices)],
        recorded_at=recorded_at,
        team=told["team"],
        language=told["language"],
        lines={name: tuple(options) for name, options in told["lines"].items()},
    )


def _customers(folder: Path, queue: str) -> list[Customer]:
    entries = tomllib.loads((folder / f"{queue}.toml").read_text("utf-8"))["customers"]
    return [record(Customer, {**entry, "queue": queue}, f"{queue}, {entry.get('id')}") for entry in entries]


def _agent(name: str, entry: dict[str, Any], calls: int) -> Agent:
    rows = {deed: [int(figure) for figure in "".join(entry.pop(deed).split())] for deed in DEEDS}
    specials = {int(number) - 1: record(Special, of, name) for number, of in entry.pop("special", {}).items()}
    customers = tuple(entry.pop("calls").split())
    for what, row in {**rows, "calls": customers}.items():
        if len(row) != calls:
            raise SampleError(f"{name}: {what} has {len(row)} entries; there are {calls} calls")
    plans = tuple(Plan(*figures) for figures in zip(*rows.values(), strict=True))
    listed = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return record(Agent, {**listed, "name": name, "calls": customers, "plans": plans, "specials": specials}, name)


def _moment(first: date, weeks: list[int], number: int, agent: str, customer: Customer) -> datetime:
    """Some time on one of the week's days that fits the customer's greeting."""
    week = weeks[number]
    weekday = WEEKDAYS[weeks.count(week)][weeks[:number].count(week)] + drawn(agent, week) % 2
    earliest, latest = next((span for words, span in HOURS.items() if words in customer.problem), WORKING_HOURS)
    hour = earliest + drawn(agent, number, "hour") % (latest - earliest + 1)
    day = datetime.combine(first, datetime.min.time()) + timedelta(weeks=week, days=weekday)
    return day.replace(hour=hour, minute=drawn(agent, number, "minute") % 60)
