"""Practice: what an agent records is theirs alone, is analysed beside the server, and is gone once deleted.

Truth: the bytes that were sent, the scripted calls of `house`, and for one voice alone a shipped sample's own truth.
"""

from __future__ import annotations

import io
import queue
import re
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf

from speechcoach.pipeline import judge
from speechcoach.team.review import practice
from speechcoach.team.review.listening import ALONE, Job, Listener, analysed
from speechcoach.team.review.people import People
from tests.judgement.calls import busy_call
from tests.web.conftest import person

RATE_HZ = 8_000


def wave(seconds: float = 1.0, subtype: str = "PCM_16", channels: int = 1) -> bytes:
    """A recording as a browser would send it: nobody speaks in it."""
    noise = 0.01 * np.random.default_rng(1).standard_normal((round(seconds * RATE_HZ), channels))
    paper = io.BytesIO()
    sf.write(paper, noise, RATE_HZ, subtype=subtype, format="WAV")
    return paper.getvalue()


class TestPractice:
    def test_it_is_kept_as_given_and_heard_in_ranges_by_its_owner(self, visit, store, team, app):
        visitor, sound = visit("joe"), wave()
        sent = upload(visitor, sound)
        assert sent.headers["Location"] == "/practice?said=kept"
        app.state.listener.close()
        (take,) = practice.takes(store, person(store, team, "joe").id)
        assert (take.name, take.duration_s) == ("My opening", 1.0)
        played = visitor.get(f"/practice/{take.id}/sound")
        assert (played.content, played.headers["Content-Type"]) == (sound, "audio/wav")
        part = visitor.get(f"/practice/{take.id}/sound", headers={"Range": "bytes=44-143"})
        assert (part.status_code, part.content) == (206, sound[44:144])
        assert part.headers["Content-Range"] == f"bytes 44-143/{len(sound)}"
        assert visitor.get(f"/practice/{take.id}/sound", headers={"Range": "bytes=-100"}).content == sound[-100:]
        assert visitor.get(f"/practice/{take.id}/sound", headers={"Range": f"bytes={len(sound)}-"}).status_code == 416

    def test_what_is_no_recording_gets_a_sentence_and_is_not_kept(self, visit, store, team):
        visitor = visit("joe")
        for sound, said in (
            (b"", "Choose a file"),
            (b"<html>no sound</html>", "holiday.mp3: not a recording"),
            (wave()[:2000], "holiday.mp3: the recording is cut short"),
            (wave(16 * 60, "PCM_U8"), "It lasts 16 min"),
        ):
            sent = upload(visitor, sound, file="../../holiday.mp3")
            assert sent.status_code == 400 and said in sent.text and "/tmp" not in sent.text
        assert "Say what you practised" in upload(visitor, wave(), name=" ").text
        assert practice.takes(store, person(store, team, "joe").id) == []

    def test_without_the_forms_token_nothing_is_kept(self, visit, store, team):
        visitor = visit("joe")
        assert upload(replace(visitor, token="another"), wave()).status_code == 403
        assert practice.takes(store, person(store, team, "joe").id) == []

    def test_nobody_else_reaches_it(self, visit, store, team, app):
        upload(visit("joe"), wave())
        app.state.listener.close()
        (take,) = practice.takes(store, person(store, team, "joe").id)
        for name in ("mia", "ann"):
            other = visit(name)
            for path in ("", "/sound", "/report", "/status"):
                assert other.get(f"/practice/{take.id}{path}").status_code == 404
            assert other.post(f"/practice/{take.id}/delete").status_code == 404
        assert "Nothing yet" in visit("mia").get("/practice").text
        assert practice.take(store, person(store, team, "joe").id, take.id) is not None

    def test_the_audit_log_and_the_calls_know_nothing_of_it(self, visit, store, team, app):
        before = People(store).log(), list(store.rows("call"))
        upload(visit("joe"), wave())
        app.state.listener.close()
        assert (People(store).log(), list(store.rows("call"))) == before

    def test_deleted_it_is_gone_from_the_files_too(self, visit, store, team, app):
        visitor, sound = visit("joe"), wave()
        upload(visitor, sound)
        app.state.listener.close()
        (take,) = practice.takes(store, person(store, team, "joe").id)
        needle = sound[2000:2064]
        files = [
            path for path in (team.folder, *map(type(team.folder), [team.url, f"{team.url}-wal"])) if path.is_file()
        ]
        assert any(needle in path.read_bytes() for path in files), "it was there"
        assert visitor.post(f"/practice/{take.id}/delete").headers["Location"] == "/practice?said=deleted"
        assert not any(needle in path.read_bytes() for path in files if path.exists())
        assert visitor.get(f"/practice/{take.id}").status_code == 404

    def test_a_report_and_a_comparison_with_ones_own_calls(self, visit, store, team):
        """The speech rates of the scripted calls are 150 to 156; the take has 190."""
        joe = person(store, team, "joe")
        result = judge(busy_call())
        voice = replace(result.facts.speakers["agent"], rate_wpm=190.0)
        facts = replace(result.facts, speakers={**result.facts.speakers, "agent": voice})
        for _ in range(2):
            number = practice.keep(store, joe.id, "My opening", wave(channels=2), 1.0)
            practice.done(store, number, replace(result, facts=facts))
        visitor = visit("joe")
        page = visitor.get(f"/practice/{number}").text
        row = re.search(r"Speech rate.*?</tr>", page, re.DOTALL)[0]
        assert "190" in row and "150 to 156" in row and "more than in nearly all of your calls" in row
        listed = visitor.get("/practice").text
        assert listed.count("190</td>") == 2, "takes of one exercise stand side by side"
        report = visitor.get(f"/practice/{number}/report")
        assert report.status_code == 200 and f'src="/practice/{number}/sound"' in report.text
        assert "frame-ancestors 'none'" in report.headers["Content-Security-Policy"]

    def test_a_failure_is_a_sentence_and_can_be_tried_again(self, visit, store, team, app):
        joe = person(store, team, "joe")
        number = practice.keep(store, joe.id, "My opening", wave(), 1.0)
        visitor = visit("joe")
        assert "was interrupted" in visitor.get("/practice").text, "nobody works at it any more"
        practice.failed(store, number, "My opening: nobody speaks in it")
        page = visitor.get(f"/practice/{number}").text
        assert "My opening: nobody speaks in it" in page and f"/practice/{number}/again" in page

    def test_there_is_room_for_some_tens_only(self, store, team, monkeypatch):
        from speechcoach.errors import UsageError

        monkeypatch.setattr(practice, "MOST_TAKES", 2)
        joe = person(store, team, "joe")
        for _ in range(2):
            practice.keep(store, joe.id, "My opening", b"x", 1.0)
        with pytest.raises(UsageError, match="delete one"):
            practice.keep(store, joe.id, "My opening", b"x", 1.0)
        practice.keep(store, person(store, team, "mia").id, "My opening", b"x", 1.0)


class TestListener:
    """The queue of recordings, with its real processes."""

    @pytest.fixture
    def listener(self):
        made = Listener()
        yield made
        made.close()

    @pytest.fixture
    def told(self):
        return queue.Queue()

    def job(self, number: int, sound: bytes | None, told: queue.Queue) -> Job:
        return Job(number, lambda: sound, ALONE, "My opening", told.put, told.put)

    def test_what_is_no_recording_ends_as_a_sentence_and_the_next_has_its_turn(self, listener, told):
        listener.add(self.job(1, b"no sound at all", told))
        listener.add(self.job(2, wave(), told))
        assert listener.place(2) in (0, 1) and listener.place(3) is None
        assert told.get(timeout=120).startswith("My opening: not a recording")
        assert told.get(timeout=120).facts.call.file == "My opening"
        listener.close()
        assert listener.place(2) is None

    def test_a_fault_of_ours_ends_as_a_sentence_and_the_next_has_its_turn(self, listener, told, caplog):
        def lost() -> bytes:
            raise ValueError("nobody thought of that")

        listener.add(replace(self.job(1, b"", told), audio=lost))
        listener.add(self.job(2, b"", told))
        assert told.get(timeout=120).startswith("a fault in speechcoach")
        assert told.get(timeout=120).startswith("My opening: the file is empty")
        assert "nobody thought of that" in caplog.text

    def test_what_is_dropped_is_never_spoken_of(self, listener, told):
        for number in (1, 2):
            listener.add(self.job(number, wave(60.0), told))
        for number in (2, 1):
            listener.drop(number)
            assert listener.place(number) is None
        listener.add(self.job(3, b"", told))
        assert told.get(timeout=120).startswith("My opening: the file is empty")
        assert told.empty()


def upload(visitor, sound: bytes, name: str = "My opening", file: str = "recording.wav"):
    """The form as a browser sends it."""
    return visitor.client.post(
        "/practice",
        data={"form_token": visitor.token, "name": name, "who": ALONE},
        files={"sound": (file, sound, "audio/wav")},
        headers={"Origin": "http://localhost"},
        follow_redirects=False,
    )


def test_one_voice_alone_is_the_agents_and_nobody_waits(samples_folder, tmp_path):
    """The agent's side of a sample, whose truth has her greeting and name in the first seconds."""
    sound, rate_hz = sf.read(samples_folder / "good_listener.wav", stop=40 * 8000)
    sf.write(tmp_path / "take", sound[:, 0], rate_hz, format="WAV")
    result = analysed(tmp_path / "take", ALONE, "My opening")
    assert result.facts.call.file == "My opening"
    assert set(result.facts.speakers) == {"agent"} == {turn.speaker for turn in result.facts.turns}
    assert not [item for item in result.findings if item.cue == "dead_air"]
    assert [item.variant for item in result.findings if item.strength] == ["good_opening"]
