"""The coach: from the stored results of one agent's calls to what to keep, what to work on, and whether it helped.

Conventions: frozen records in, frozen records out; no function here but those of `reading` touches a store, none asks
for the time, and all chance is seeded. An `Observation` is one metric of one call; `None` is "not judged", never zero.
What cannot be told is a record too: `NotEnough` says how many calls there are, how many it takes, and why. What a
caller cannot mean raises `UsageError` in one sentence. Nothing is compared between agents or between languages.

Reading, from a `Store`:
    agents(store) -> {name: calls}
    history(store, agent, *, locale=None, edges=False) -> History      .calls .observations[metric] .moments .unjudged
    goals(store, agent) -> (KeptGoal, ...)                             .id .goal .events
    ratings(store, agent) -> (Rating, ...)

Telling, over `history.observations[name]`:
    metrics() -> {name: Metric}; metric(name)                          .title .unit .direction .sign .shown(value)
    baseline(observations) -> Baseline | NotEnough                     .centre .interval .calls .p75 ...
    changes({name: observations}, windows=None) -> {name: Change | NotEnough}
        all that a page shows, in one look: at most 5 % false celebrations for the page, not for each line
    change(observations, windows=None) -> Change | NotEnough           .verdict .difference .interval .detectable
    consistency(observations) -> Consistency | NotEnough               .spread .interval .said
    weakest(moments, call_ids, unjudged, rubric=None) -> Weakness | None
    best(moments, cues=(), count=3), worst(...) -> [Moment]            clips: .call_id .start_s .end_s .quote
    drills(language) -> Drills                                         .for_cue(cue) .for_score(score) -> Drill

Goals (the caller keeps `Goal` and `GoalEvent`; their fields are the columns of the tables `goal` and `goal_event`):
    newest(observations) -> observations                               where the agent stands now
    target_range(observations) -> Interval | NotEnough
    set_goal(observations, *, target=None, window_calls=None, minimum_effect=None, set_by, set_at) -> (Goal, GoalEvent)
    progress(goal, observations) -> Progress                           .calls .of .value
    assess(goal, observations, at) -> GoalEvent | None                 None: its calls are not all there yet
    withdraw(goal, at, why) -> GoalEvent
    advanced(goal, event) -> Goal                                      the goal in the event's state

Self, peer, machine:
    form(language) -> Form                                             .dimensions[].items[] .low .high
    Rating(call_id, rater, kind, item, value, at)                      kind "self" | "qa" | "peer"; value 1-7
    gaps(ratings, {call_id: {score: 0-100}}) -> (Gap, ...)             .one .other .difference .interval .is_supported
    agreement(ratings, dimension) -> Agreement                         .alpha .interval, or .why
"""

from speechcoach.team.coaching.aims import (
    Goal,
    GoalEvent,
    Progress,
    advanced,
    assess,
    newest,
    progress,
    set_goal,
    target_range,
    window_for,
    withdraw,
)
from speechcoach.team.coaching.baselines import LEAST_CALLS, Baseline, NotEnough, baseline
from speechcoach.team.coaching.comparing import Change, Verdict, Windows, change, changes, split
from speechcoach.team.coaching.edges import edge_voice
from speechcoach.team.coaching.estimates import Interval
from speechcoach.team.coaching.exercises import Drill, Drills, drill_languages, drills
from speechcoach.team.coaching.followed import Metric, Observation, metric, metrics
from speechcoach.team.coaching.forms import Dimension, Form, Item, form, form_languages
from speechcoach.team.coaching.moments import Moment, best, worst
from speechcoach.team.coaching.raters import Agreement, Gap, Rating, agreement, gaps
from speechcoach.team.coaching.reading import CoachedCall, History, KeptGoal, agents, goals, history, ratings
from speechcoach.team.coaching.spreads import Consistency, consistency
from speechcoach.team.coaching.weakness import Weakness, weakest

__all__ = [
    "LEAST_CALLS",
    "Agreement",
    "Baseline",
    "Change",
    "CoachedCall",
    "Consistency",
    "Dimension",
    "Drill",
    "Drills",
    "Form",
    "Gap",
    "Goal",
    "GoalEvent",
    "History",
    "Interval",
    "Item",
    "KeptGoal",
    "Metric",
    "Moment",
    "NotEnough",
    "Observation",
    "Progress",
    "Rating",
    "Verdict",
    "Weakness",
    "Windows",
    "advanced",
    "agents",
    "agreement",
    "assess",
    "baseline",
    "best",
    "change",
    "changes",
    "consistency",
    "drill_languages",
    "drills",
    "edge_voice",
    "form",
    "form_languages",
    "gaps",
    "goals",
    "history",
    "metric",
    "metrics",
    "newest",
    "progress",
    "ratings",
    "set_goal",
    "split",
    "target_range",
    "weakest",
    "window_for",
    "withdraw",
    "worst",
]
