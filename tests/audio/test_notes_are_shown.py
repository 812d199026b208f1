"""What was wrong with a file is read by whoever reads the report. Truth: the notes that were put into the facts."""

from __future__ import annotations

from dataclasses import replace

from speechcoach.pipeline import judge
from speechcoach.records import Span
from speechcoach.schema import from_json, to_json
from speechcoach.views import html, text
from tests.judgement.calls import busy_call

NOTE = "1.0 s of the audio are lost at 12.3-13.3 s: silence stands there"


def noted(note: str):
    facts = busy_call()
    return judge(replace(facts, call=replace(facts.call, notes=(note,), lost=(Span(12.3, 13.3),))))


def test_the_summary_and_the_report_tell_it():
    assert f"! {NOTE}." in text.render(noted(NOTE)).replace("\n", " ")
    assert f"<li>{NOTE}.</li>" in html.render(noted(NOTE), None)


def test_a_file_s_name_in_a_note_is_no_markup():
    shown = html.render(noted("<b>.wav lasts longer"), None)
    assert "&lt;b&gt;.wav lasts longer." in shown and "<b>.wav" not in shown


def test_a_result_keeps_it():
    call = from_json(to_json(noted(NOTE))).facts.call
    assert (call.notes, call.lost) == ((NOTE,), (Span(12.3, 13.3),))
