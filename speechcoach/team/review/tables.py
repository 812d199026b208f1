"""The tables of what people add to a store; they lie beside those of `team.tables` and are made by the same steps.

Conventions: as there. Who signs in is a `person`; what names an agent is the name under which calls are kept.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from speechcoach.team.tables import Line, Moment, metadata

QA, AGENT = "qa", "agent"


def _person(**rest: bool) -> Column:
    return Column("person_id", Integer, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, **rest)


def _call(**rest: bool) -> Column:
    return Column("call_id", String(64), ForeignKey("call.id", ondelete="CASCADE"), nullable=False, **rest)


person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Line, nullable=False, unique=True),
    Column("role", String(8), nullable=False),  # qa | agent
    Column("agent", Line),  # whose calls are theirs; null for qa
    Column("password", Text, nullable=False),  # an argon2id hash
    Column("private_cues", Boolean, nullable=False),  # the agent asked for what only they may see
    Column("made_at", Moment, nullable=False),
)

session = Table(  # the browser holds the token, the store its sha256
    "session",
    metadata,
    Column("token", String(64), primary_key=True),
    _person(index=True),
    Column("form_token", String(64), nullable=False),  # what every form must bring back
    Column("made_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

audit = Table(  # stays when a call or a person goes
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("person", Line, nullable=False),
    Column("action", String(32), nullable=False),
    Column("call_id", String(64), index=True),
    Column("detail", Line),
)

transcript = Table(  # for full-text search: the words alone, as `searching.folded` writes them
    "transcript",
    metadata,
    _call(primary_key=True),
    Column("words", Text, nullable=False),
)

verdict = Table(  # what a person thinks of a machine's finding
    "verdict",
    metadata,
    _call(primary_key=True),
    Column("finding_id", String(128), primary_key=True),
    _person(primary_key=True),
    Column("cue", String(64), nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("reason", Line, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_verdict_cue", "cue"),
)

note = Table(  # a finding by hand
    "note",
    metadata,
    Column("id", Integer, primary_key=True),
    _call(index=True),
    _person(),
    Column("cue", String(64), nullable=False),  # the machine's name for such a thing, or "other"
    Column("strength", Boolean, nullable=False),
    Column("start_s", Float, nullable=False),
    Column("end_s", Float, nullable=False),
    Column("text", Line, nullable=False),
    Column("at", Moment, nullable=False),
)

reply = Table(  # what is said about a finding, or about the call where `finding_id` is empty
    "reply",
    metadata,
    Column("id", Integer, primary_key=True),
    _call(index=True),
    Column("finding_id", String(128), nullable=False),
    _person(),
    Column("text", Line, nullable=False),
    Column("at", Moment, nullable=False),
)

scorecard = Table(  # a score by hand beside the machine's
    "scorecard",
    metadata,
    _call(primary_key=True),
    _person(primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("score", Float, nullable=False),  # 0-100
    Column("at", Moment, nullable=False),
)

rating = Table(  # an answer to an item of a form about listening
    "rating",
    metadata,
    Column("id", Integer, primary_key=True),
    _call(index=True),
    Column("rater", Line, nullable=False),  # the name of who answers, which need be no person here
    Column("kind", String(8), nullable=False),  # self | qa | peer
    Column("item", String(64), nullable=False),
    Column("value", Integer, nullable=False),  # 1-7
    Column("at", Moment, nullable=False),
    UniqueConstraint("call_id", "rater", "item", name="uq_rating_answer"),
)

goal = Table(
    "goal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("agent", Line, nullable=False, index=True),
    Column("metric", String(64), nullable=False),
    Column("locale", String(16), nullable=False),
    Column("baseline", Float, nullable=False),
    Column("target", Float, nullable=False),
    Column("minimum_effect", Float, nullable=False),
    Column("window_calls", Integer, nullable=False),
    Column("set_by", Line, nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),  # open | reached | missed | withdrawn
)

goal_event = Table(  # a goal's history, in order of its ids
    "goal_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("goal_id", Integer, ForeignKey("goal.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("value", Float),
    Column("why", Text, nullable=False),
)

practice = Table(  # a recording that an agent made to practise: nobody else sees that it is there
    "practice",
    metadata,
    Column("id", Integer, primary_key=True),
    _person(index=True),
    Column("name", Line, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("state", String(8), nullable=False),  # waiting | done | failed
    Column("error", Line),
    Column("duration_s", Float),
    Column("audio", LargeBinary, nullable=False),  # the file as it was given
    Column("facts", LargeBinary),  # as in `document`
    Column("judged", LargeBinary),
)
