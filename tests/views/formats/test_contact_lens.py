"""A consumer written from Amazon's published file reads ours: unknown keys are errors, and so are other types.

Truth: the field list of "Example Contact Lens conversational analytics output files for a call" (Amazon Connect
Administrator Guide), written down here as types; and the result.
"""

from __future__ import annotations

import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings

from speechcoach.pipeline import judge
from speechcoach.records import Frames, Result
from speechcoach.transcript.imports import amazon
from speechcoach.views import formats
from speechcoach.views.formats.timeline import clamped
from tests.judgement.calls import busy_call
from tests.views.formats.results import results


class Published(msgspec.Struct, forbid_unknown_fields=True, rename="pascal"):
    """Keys that Amazon does not publish are refused."""


class Offsets(Published):
    begin_offset_millis: int
    end_offset_millis: int


class Instance(Offsets):
    duration_millis: int


class Participant(Published):
    participant_id: str
    participant_role: str


class Details(Published):
    points_of_interest: list[Offsets]


class Categories(Published):
    matched_categories: list[str]
    matched_details: dict[str, Details]


class Time(Published):
    total_time_millis: int


class TalkTime(Time):
    details_by_participant: dict[str, Time]


class Speed(Published):
    average_words_per_minute: int


class TalkSpeed(Published):
    details_by_participant: dict[str, Speed]


class NonTalkTime(Time):
    instances: list[Instance]


class Interruptions(Time):
    interruptions_by_interrupter: dict[str, list[Instance]]
    total_count: int


class Characteristics(Published):
    total_conversation_duration_millis: int
    non_talk_time: NonTalkTime
    talk_speed: TalkSpeed
    talk_time: TalkTime
    interruptions: Interruptions | None = None
    sentiment: dict | None = None
    contact_summary: dict | None = None


class Spoken(Offsets):
    content: str
    id: str
    participant_id: str
    sentiment: str | None = None
    loudness_score: list[float] | None = None
    redaction: dict | None = None
    issues_detected: list[dict] | None = None


class Customer(Published):
    contact_id: str
    instance_id: str | None = None


class Output(Published):
    output: str


class Document(Published):
    version: str
    channel: str
    content_metadata: Output
    job_status: str
    participants: list[Participant]
    categories: Categories
    conversation_characteristics: Characteristics
    transcript: list[Spoken]
    customer_metadata: Customer
    language_code: str | None = None
    account_id: str | None = None
    custom_models: list[dict] | None = None
    job_details: dict | None = None


def consumed(result: Result, frames: Frames | None = None) -> Document:
    return msgspec.json.decode(formats.render(result, "contact-lens", frames), type=Document, strict=True)


@settings(max_examples=60, deadline=None)
@given(result=results())
def test_a_strict_consumer_reads_it(result: Result) -> None:
    read, facts = consumed(result), clamped(result).facts
    last = round(facts.call.duration_s * 1000)
    assert [(t.begin_offset_millis, t.end_offset_millis) for t in read.transcript] == [
        (round(turn.start_s * 1000), round(turn.end_s * 1000)) for turn in facts.turns
    ]
    kept = [turn.text.encode("utf-8", "replace").decode().replace("\0", "") for turn in facts.turns]
    assert [t.content for t in read.transcript] == kept
    assert all(t.end_offset_millis <= last for t in read.transcript)
    ids = [t.id for t in read.transcript]
    assert len(set(ids)) == len(ids)
    assert {t.participant_id for t in read.transcript} <= {p.participant_id for p in read.participants}
    assert all(t.sentiment is None for t in read.transcript), "none is invented"
    told = read.conversation_characteristics
    assert told.sentiment is None and told.contact_summary is None
    assert told.interruptions.total_count == sum(
        o.kind in ("interruption", "silent_interruption") for o in facts.overlaps
    )
    for silence in told.non_talk_time.instances:
        assert silence.duration_millis == silence.end_offset_millis - silence.begin_offset_millis > 3000
    points = sum(len(d.points_of_interest) for d in read.categories.matched_details.values())
    assert points == sum(len(item.spans) for item in result.findings)
    assert set(read.categories.matched_categories) == set(read.categories.matched_details)


def test_every_number_is_the_result(result: Result) -> None:
    """The made call: one interruption by the customer, a silence of 4 s, 5.3 s of talk and 150 words a minute each."""
    told = consumed(result).conversation_characteristics
    assert told.total_conversation_duration_millis == 16_000
    assert msgspec.to_builtins(told.interruptions) == {
        "InterruptionsByInterrupter": {
            "CUSTOMER": [{"BeginOffsetMillis": 12_500, "DurationMillis": 500, "EndOffsetMillis": 13_000}]
        },
        "TotalCount": 1,
        "TotalTimeMillis": 500,
    }
    assert [(s.begin_offset_millis, s.duration_millis) for s in told.non_talk_time.instances] == [(6500, 4000)]
    assert told.talk_time.total_time_millis == 10_600
    assert told.talk_speed.details_by_participant["AGENT"].average_words_per_minute == 150
    categories = consumed(result).categories
    assert categories.matched_categories == ["strength.opening_and_closing", "dead_air", "customer.interruption"]
    (point,) = categories.matched_details["dead_air"].points_of_interest
    assert (point.begin_offset_millis, point.end_offset_millis) == (6500, 10_500)


def test_what_could_not_be_judged_is_left_out(result: Result) -> None:
    voices = {name: replace(voice, rate_wpm=None) for name, voice in result.facts.speakers.items()}
    unfit = {"overlaps": "the channels leak"}
    facts = replace(
        result.facts, speakers=voices, unfit=unfit, overlaps=(), call=replace(result.facts.call, language=None)
    )
    read = consumed(replace(result, facts=facts))
    assert read.conversation_characteristics.interruptions is None
    assert read.conversation_characteristics.talk_speed.details_by_participant == {}
    assert read.language_code is None


def test_loudness_is_a_score_of_0_to_100_for_each_second(result: Result, frames: Frames) -> None:
    """Truth: the made frames, 100 over whose mean power in a second is the score."""
    assert all(turn.loudness_score is None for turn in consumed(result).transcript)
    read = consumed(result, frames).transcript
    assert [len(turn.loudness_score) for turn in read] == [3, 3, 1, 3, 2]
    level_db = np.asarray(frames.level_db[0], float)
    second = (frames.time_s >= 0.5) & (frames.time_s < 1.5)
    wanted = 100 + 10 * np.log10(np.mean(10 ** (level_db[second] / 10)))
    assert read[0].loudness_score[0] == pytest.approx(wanted, abs=0.01)
    silent = replace(frames, level_db=np.full_like(frames.level_db, -120))
    assert all(score == 0 for turn in consumed(result, silent).transcript for score in turn.loudness_score)


def test_this_packages_own_reader_of_amazon_takes_it() -> None:
    result = judge(busy_call())
    content = json.loads(formats.render(result, "contact-lens"))
    assert amazon.fits_turns(content)
    document = amazon.read_turns(content)
    turns = result.facts.turns
    assert document.format == "Amazon Contact Lens"
    assert [(p.start_s, p.end_s) for p in document.segments] == [(t.start_s, t.end_s) for t in turns]
    assert [" ".join(w.text for w in p.words) for p in document.segments] == [t.text for t in turns]
    assert [document.role_of[p.label] for p in document.segments] == [t.speaker for t in turns]
