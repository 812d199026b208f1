"""What two people do at the same moment, on both databases. The truth is what one after the other would leave."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from speechcoach.team.coaching import Goal, GoalEvent
from speechcoach.team.coaching import goals as kept_goals
from speechcoach.team.review import goals
from speechcoach.team.rows import now
from speechcoach.team.store import Store

AT_ONCE = 4


def test_of_goals_set_at_the_same_moment_one_is_kept(url: str) -> None:
    fresh = Goal("Mia", "attention", "en", 70.0, 80.0, 2.0, 20, "ann", now())
    together = Barrier(AT_ONCE)

    def keep(_: int) -> int | None:
        together.wait()
        return goals.keep(store, fresh, GoalEvent(now(), "open", None, "set"))

    with Store(url) as store:
        for _ in range(5):
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(keep, range(AT_ONCE)))
        assert [kept.goal.state for kept in kept_goals(store, "Mia")] == ["open"]
