"""Made agents for `coaching.py`: calls whose scores come about as the product's do, with the truth known.

Conventions: a score is 100 less what behaviours cost, each so many times a call (Poisson around the agent's own rate),
up to its limit: bounded, discrete, skewed, many at 100. The costs are those of the default rubric; the rates are ours.
A call's difficulty moves all of an agent's behaviours together, differs between queues, and resembles that of the call
before where `resemblance` says so. Agents differ in each rate by a factor that is log-normal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from speechcoach.settings import Rubric
from speechcoach.team.coaching import Observation

_BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
_RATES = {  # of flags a call, for an agent in the middle
    "interruption": 0.8, "butting_in": 0.8, "talk_share": 0.15, "monologue": 0.2, "paraphrase": 0.35,
    "before_solution": 0.25, "grounding": 0.2, "re_asking": 0.2, "check_question": 0.4, "answered_own_question": 0.2,
    "question_order": 0.4, "slow_response": 0.6, "dead_air": 0.5, "unanswered_question": 0.3, "repair_requests": 0.1,
    "monotone": 0.2, "raised_voice": 0.2, "fast_speech": 0.5, "energy": 0.1, "empathy": 0.3, "blame": 0.2,
    "assertiveness": 0.4, "positive_framing": 0.2, "rapport": 0.1, "clarity": 0.4, "amount": 0.3, "phases": 0.15,
    "read_back": 0.3, "opening_and_closing": 0.5,
}  # fmt: skip
_DIFFICULTY, _QUEUES_APART = 0.5, 0.4  # standard deviations of the logarithm


@dataclass(frozen=True)
class Agent:
    """Rates of flags a call by cue, and how the calls come: their resemblance (0-1) and the shares of two queues."""

    rates: Mapping[str, float]
    resemblance: float = 0.0
    queue_apart: float = 0.0


def made_agent(chance: np.random.Generator, resemblance: float = 0.0, apart: float = 0.5) -> Agent:
    """An agent by chance."""
    rates = {cue: rate * float(np.exp(chance.normal(0, apart))) for cue, rate in _RATES.items()}
    return Agent(rates, resemblance, float(chance.normal(0, _QUEUES_APART)))


def scores(
    agent: Agent, calls: int, chance: np.random.Generator, second_queue: np.ndarray, factor: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Scores by name, `[calls]`. `second_queue` is the queue of each call, `factor` multiplies the rates of a score."""
    load = np.exp(_DIFFICULTY * _series(calls, agent.resemblance, chance) + agent.queue_apart * second_queue)
    made = {}
    for name, rule in Rubric.load(None).scores.items():
        lost = np.zeros(calls)
        for cue, cost in rule.costs.items():
            if cost > 0:
                often = agent.rates[cue] * load * factor.get(name, 1.0)
                lost += np.minimum(cost * chance.poisson(often), rule.at_most.get(cue, 100.0))
        made[name] = np.maximum(100.0 - lost, 0.0)
    return made


def observed(made: Mapping[str, np.ndarray], second_queue: Sequence[int]) -> dict[str, list[Observation]]:
    """A day's distance between the calls, in their order."""
    return {
        name: [
            Observation(
                f"{place:04}", "made", "en", _BEGAN + timedelta(days=place), f"queue {queue}", name, float(value)
            )
            for place, (value, queue) in enumerate(zip(values, second_queue, strict=True))
        ]
        for name, values in made.items()
    }


def _series(calls: int, resemblance: float, chance: np.random.Generator) -> np.ndarray:
    """Standard normal, each value correlated with the one before."""
    drawn = chance.normal(size=calls)
    for place in range(1, calls):
        drawn[place] = resemblance * drawn[place - 1] + np.sqrt(1 - resemblance**2) * drawn[place]
    return drawn
