"""Truth: files written by hand as each format's documentation shows them, and the truths of the sample calls."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from speechcoach import channels, cli, features
from speechcoach.audio import open_recording
from speechcoach.errors import SettingsError, TranscriptError, UsageError
from speechcoach.pipeline import analyze
from speechcoach.records import Span
from speechcoach.settings import Config
from speechcoach.transcript import Imported, check_named, import_words, transcripts_of
from speechcoach.transcript.imports.document import checked
from speechcoach.transcript.imports.reading import read
from tests.transcript import exported

DATA = Path(__file__).parent / "data"
SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples"
CALLS = ["escalation", "good_listener", "poor_listener", "spanish"]
ALL = {**exported.WORD_TIMES, **exported.SEGMENT_TIMES}
GOOD = [("Good", 1.0, 1.4, 0.98), ("morning.", 1.4, 2.4, 0.91)]


@cache
def truth(call: str) -> dict:
    return json.loads((SAMPLES / f"{call}.truth.json").read_text("utf-8"))


@cache
def speech(call: str) -> tuple[tuple[tuple[Span, ...], ...], float]:
    """Spans of speech of each channel, and how long the call is."""
    recording = open_recording(SAMPLES / f"{call}.wav")
    frames = features.extract(recording.analysis, 8_000)
    return channels.find_activity(frames, recording.analysis).speech, recording.duration_s


def imported(call: str, *files: Path, **options) -> Imported:
    spans, duration_s = speech(call)
    return import_words(files, spans, duration_s, call=f"{call}.wav", speakers=("left", "right"), **options)


def true_words(call: str) -> list[list[dict]]:
    """The true words of each channel in order of time."""
    who = {of["channel"]: name for name, of in truth(call)["speakers"].items()}
    ordered = sorted(truth(call)["words"], key=lambda word: word["start_s"])
    return [[word for word in ordered if word["speaker"] == who[channel]] for channel in (0, 1)]


def onset_errors_s(call: str, found: Imported) -> np.ndarray:
    pairs = zip(true_words(call), found.transcript.words, strict=True)
    return np.array([abs(t["start_s"] - w.start_s) for of in pairs for t, w in zip(*of, strict=True)])


def texts(call: str) -> list[list[str]]:
    return [[word["text"] for word in of] for of in true_words(call)]


@pytest.fixture
def write(tmp_path):
    """(name, content) -> the file's path."""

    def _write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write


class TestFormats:
    @pytest.mark.parametrize(
        ("name", "kind", "language", "expected"),
        [
            ("whisper.json", "Whisper", "en", {None: [*GOOD, ("Hi.", 4.1, 4.6, 0.7)]}),
            ("faster_whisper.json", "faster-whisper", None, {None: GOOD}),
            ("verbose.json", "Whisper", "en", {None: [("Good", 1.0, 1.4, None), ("morning", 1.4, 2.4, None)]}),
            (
                "whisperx.json",
                "WhisperX",
                "en",
                {
                    "SPEAKER_01": [("Room", 1.0, 1.5, None), ("2014", 1.5, 2.3, None), ("please.", 2.3, 3.0, None)],
                    "SPEAKER_00": [("Sure.", 4.0, 4.5, None)],
                },
            ),
            (
                "transcribe_channels.json",
                "Amazon Transcribe",
                "en",
                {"ch_0": [("On", 4.86, 5.01, 1.0), ("hold.", 5.01, 5.16, 0.98)], "ch_1": [("Sorry", 8.5, 8.89, 1.0)]},
            ),
            (
                "transcribe_speakers.json",
                "Amazon Transcribe",
                None,
                {"spk_0": [("On", 4.86, 5.01, 1.0), ("hold.", 5.01, 5.16, 0.98)], "spk_1": [("Sorry", 8.5, 8.89, 1.0)]},
            ),
            (
                "call_analytics.json",
                "Amazon Transcribe Call Analytics",
                "en",
                {"AGENT": GOOD, "CUSTOMER": [("Hi", 4.0, 4.6, 0.7)]},
            ),
            (
                "contact_lens.json",
                "Amazon Contact Lens",
                "en",
                {
                    "AGENT": [(w, None, None, None) for w in ("I", "am", "[PII].")],
                    "CUSTOMER": [("Hi.", None, None, None)],
                },
            ),
            (
                "voices.vtt",
                "WebVTT",
                "en",
                {
                    "Agent": [("Good", 1.0, 1.4, None), ("morning", 1.4, 1.9, None), ("welcome", 1.9, 2.4, None)],
                    "Customer": [("Hi.", None, None, None)],
                },
            ),
            ("highlighted.vtt", "WebVTT", None, {None: [("Good", 1.0, 1.4, None), ("morning.", 1.4, 2.4, None)]}),
            (
                "speakers.srt",
                "SRT",
                None,
                {
                    "SPEAKER_01": [("Good", None, None, None), ("morning.", None, None, None)],
                    "SPEAKER_00": [("Hi.", None, None, None)],
                },
            ),
            (
                "channels.ctm",
                "CTM",
                None,
                {
                    "A": [("Good", 1.0, 1.4, 0.98), ("morning", 1.4, 2.4, 0.91), ("okay", 3.0, 3.3, None)],
                    "B": [("hi", 4.0, 4.6, 0.7)],
                },
            ),
        ],
    )
    def test_are_read_as_documented_whatever_the_file_is_called(self, write, name, kind, language, expected):
        document = read(write("anything.txt", (DATA / name).read_bytes()), "call.wav")
        assert (document.format, document.language) == (kind, language)
        found: dict[str | None, list] = {}
        for item in document.segments:
            found.setdefault(item.label, []).extend(item.words)
        assert list(found) == list(expected)
        for label, words in expected.items():
            assert [(w.text, w.probability) for w in found[label]] == [(text, sure) for text, _, _, sure in words]
            for word, (_, start_s, end_s, _) in zip(found[label], words, strict=True):
                assert (word.start_s, word.end_s) == (pytest.approx(start_s, abs=0.06), pytest.approx(end_s, abs=0.06))

    def test_every_file_of_the_folder_is_looked_at(self):
        assert len(list(DATA.iterdir())) == 12

    def test_channels_and_roles_are_told(self):
        assert read(DATA / "channels.ctm", "call").channel_of == {"A": 0, "B": 1}
        assert read(DATA / "transcribe_channels.json", "call").channel_of == {"ch_0": 0, "ch_1": 1}
        assert read(DATA / "contact_lens.json", "call").role_of == {"AGENT": "agent", "CUSTOMER": "customer"}

    def test_a_ctm_of_several_recordings_gives_the_calls_own(self, write):
        path = write("all.ctm", "one 1 1.0 0.5 yes\ntwo 1 2.0 0.5 no\n")
        assert [item.words[0].text for item in read(path, "two.wav").segments] == ["no"]
        with pytest.raises(TranscriptError, match=r"holds 2 recordings \(one, two"):
            read(path, "three.wav")

    def test_a_colon_in_speech_is_no_speaker(self, write):
        cues = "\n\n".join(
            f"00:0{n}.000 --> 00:0{n}.900\n{said}" for n, said in enumerate(["Look: it rains", "Yes", "No"])
        )
        document = read(write("a.vtt", f"WEBVTT\n\n{cues}"), "call")
        assert {item.label for item in document.segments} == {None}
        assert [word.text for word in document.segments[0].words] == ["Look:", "it", "rains"]


@pytest.mark.parametrize("call", CALLS)
class TestSampleCalls:
    @pytest.mark.parametrize("name", sorted(exported.WORD_TIMES))
    def test_words_with_times_come_back_as_they_were(self, write, call, name):
        found = imported(call, write(name, ALL[name](truth(call))))
        assert [[w.text for w in of] for of in found.transcript.words] == texts(call)
        errors_s = onset_errors_s(call, found)
        assert np.median(errors_s) <= 0.001 and errors_s.max() <= 0.1
        assert found.transcript.engine.startswith(f"imported from {name} (")

    @pytest.mark.parametrize("name", sorted(exported.SEGMENT_TIMES))
    def test_words_without_times_are_laid_over_the_speech(self, write, call, name):
        found = imported(call, write(name, ALL[name](truth(call))))
        assert [[w.text for w in of] for of in found.transcript.words] == texts(call)
        assert np.median(onset_errors_s(call, found)) <= 0.08
        assert np.percentile(onset_errors_s(call, found), 95) <= 0.5
        assert {w.probability for of in found.transcript.words for w in of} == {None}
        assert "without times of their own" in found.note

    @pytest.mark.parametrize("name", sorted(ALL))
    @pytest.mark.parametrize("late_s", [0.0, 0.4])
    def test_no_word_lies_outside_its_speakers_speech(self, write, call, name, late_s):
        found = imported(call, write(name, ALL[name](later(truth(call), late_s))))
        for words, spans in zip(found.transcript.words, speech(call)[0], strict=True):
            assert list(words) == sorted(words, key=lambda word: word.start_s)
            for word in words:
                assert any(s.start_s - 1e-9 <= word.start_s and word.end_s <= s.end_s + 1e-9 for s in spans), word

    @pytest.mark.parametrize("name", sorted(exported.ONE_SIDE))
    def test_two_files_are_the_two_sides_in_either_order(self, write, call, name):
        files = [
            write(f"{who}-{name}", exported.ONE_SIDE[name](exported.one_side(truth(call), who)))
            for who in ("agent", "customer")
        ]
        for order in (files, files[::-1]):
            found = imported(call, *order)
            assert [[w.text for w in of] for of in found.transcript.words] == texts(call)

    def test_without_labels_sides_are_told_by_who_speaks_when(self, write, call):
        found = imported(call, write("whisper.json", exported.whisper(truth(call))))
        right = sum(
            any(w.text == t["text"] and abs(w.start_s - t["start_s"]) <= 0.06 for w in words)
            for of, words in zip(true_words(call), found.transcript.words, strict=True)
            for t in of
        )
        assert right >= 0.97 * len(truth(call)["words"])
        assert "does not say who speaks" in found.note

    @pytest.mark.parametrize("further", [1, 2, 3])
    def test_another_calls_words_are_refused_in_every_format(self, write, call, further):
        other = CALLS[(CALLS.index(call) + further) % len(CALLS)]
        for name, writer in {**ALL, **exported.ONE_SIDE}.items():
            with pytest.raises(TranscriptError, match=rf"{name}: .*another call's") as why:
                imported(call, write(name, writer(truth(other))))
            assert "\n" not in str(why.value)


def later(of: dict, by_s: float) -> dict:
    """The truth with all times moved."""
    moved = {
        key: [{**item, "start_s": item["start_s"] + by_s, "end_s": item["end_s"] + by_s} for item in of[key]]
        for key in ("words", "turns")
    }
    return {**of, **moved}


class TestPlacing:
    SPANS = ((Span(1.0, 3.0), Span(6.0, 8.0)), (Span(4.0, 5.0),))

    def put(self, write, *rows: str, spans=SPANS) -> Imported:
        path = write("call.ctm", "\n".join(f"call {row}" for row in rows))
        return import_words([path], spans, 10.0, call="call.wav", speakers=("left", "right"))

    def test_near_words_are_moved_and_far_ones_kept_out_and_counted(self, write):
        rows = ("A 0.5 0.2 near", "A 1.2 0.3 in", "A 5.2 0.2 far", "A 6.5 .5 here", "B 4.2 .3 yes", "B 4.9 .5 over")
        found = self.put(write, *(row.replace(" .", " 0.") for row in rows))
        assert [(w.text, w.start_s, w.end_s) for w in found.transcript.words[0]] == [
            ("near", 1.0, pytest.approx(1.2)),
            ("in", 1.2, 1.5),
            ("here", 6.5, 7.0),
        ]
        assert [(w.text, w.end_s) for w in found.transcript.words[1]] == [("yes", 4.5), ("over", 5.0)]
        assert found.note.startswith(
            "1 word moved to the nearest speech; 1 word left out where their speaker is silent"
        )

    def test_words_moved_to_one_place_share_it(self, write):
        rows = ("A 3.1 0.2 one", "A 3.3 0.2 two", "A 2.0 0.5 before", "B 4.2 0.3 yes")
        words = self.put(write, rows[2], *rows[:2], rows[3]).transcript.words[0]
        assert [w.text for w in words] == ["before", "one", "two"]
        assert all(a.end_s <= b.start_s + 1e-9 for a, b in itertools.pairwise(words))
        assert all(w.end_s - w.start_s >= 0.05 for w in words)

    def test_one_channel_takes_all_speakers(self, write):
        found = import_words([DATA / "whisperx.json"], ((Span(0.5, 5.0),),), 6.0, call="call.wav", speakers=("mixed",))
        assert [w.text for w in found.transcript.words[0]] == ["Room", "2014", "please.", "Sure."]
        assert found.agent is None

    def test_the_users_language_overrules_the_files(self):
        for given, told in (("es", "es"), (None, "en")):
            found = import_words(
                [DATA / "whisperx.json"], ((Span(0.5, 5.0),),), 6.0, call="c", speakers=("m",), language=given
            )
            assert found.transcript.language == told

    def test_swapped_channels_are_said_and_not_repaired(self, write):
        with pytest.raises(
            TranscriptError, match="channel 'A' should be the left one, but its words are heard on the right"
        ):
            self.put(write, "A 4.1 0.4 yes", "A 4.5 0.4 no", "B 1.2 0.5 hello", "B 6.5 0.5 bye")

    def test_a_coin_toss_is_refused(self, write):
        turns = [
            {"start": 1.0, "end": 2.0, "text": "one", "speaker": "X"},
            {"start": 4.0, "end": 5.0, "text": "two", "speaker": "X"},
            {"start": 6.0, "end": 8.0, "text": "three", "speaker": "Y"},
        ]
        with pytest.raises(TranscriptError, match=r"side of the speaker 'X' cannot be told.*one file for each side"):
            import_words([write("a.json", json.dumps(turns))], self.SPANS, 10.0, call="c", speakers=("l", "r"))

    def test_shifted_times_are_said_with_the_shift(self, write):
        path = write("late.ctm", exported.ctm(later(truth("spanish"), 2.5)))
        with pytest.raises(TranscriptError, match=r"they would 2\.[456] s earlier: its times are shifted"):
            imported("spanish", path)


class TestBadFiles:
    @pytest.mark.parametrize(
        ("content", "cause"),
        [
            ("", "it is empty"),
            ("  \n", "it is empty"),
            (b"RIFF\0\0\0\0WAVE", "it is no text"),
            ("once upon a time", "in no known format; give JSON of Whisper"),
            ('{"segments": [', "begins like JSON and is none"),
            ("[" * 100_000, "begins like JSON and is none"),
            ('{"a": 1}', "JSON of no known format"),
            ('{"schema": 1, "speechcoach": "0.1.0"}', "result of speechcoach"),
            ('{"status": "FAILED"}', "transcription that failed"),
            ('{"segments": []}', "holds no words"),
            ('{"segments": [{"start": 1, "end": 2, "text": " [MUSIC] "}]}', "holds no words"),
            ('[{"start": 1, "end": NaN, "text": "x"}]', "a segment's end is no time: 'nan'"),
            ('[{"start": 1, "end": "x", "text": "x"}]', "a segment's end is no time: 'x'"),
            ('[{"start": 3, "end": 2, "text": "x"}]', "run backwards"),
            ('[{"start": -3, "end": 2, "text": "x"}]', "run backwards"),
            (
                '[{"start": 5, "end": 6, "text": "x"}, {"start": 1, "end": 2, "text": "x"}]',
                "run backwards.*back to 1.00",
            ),
            ('[{"start": 5, "end": 12.5, "text": "x"}]', r"reach to 12\.5 s, and the recording lasts 10\.0 s"),
            ('{"Transcript": [{"BeginOffsetMillis": 0, "EndOffsetMillis": 9, "Items": [1]}]}', "is damaged"),
            ('{"results": {"items": [{"start_time": "1", "end_time": "2"}]}}', "no content"),
            ("WEBVTT\n\n00:05.000 --> 00:02.000\nx", "run backwards"),
            ("call A one 1 x", "no known format"),
        ],
    )
    def test_are_told_in_one_sentence(self, write, content, cause):
        path = write("bad.json", content)
        with pytest.raises(TranscriptError, match=cause) as why:
            import_words([path], ((Span(0.0, 9.0),),), 10.0, call="call.wav", speakers=("mixed",))
        assert str(why.value).startswith(f"{path}: ")
        assert "\n" not in str(why.value) and len(str(why.value)) < 450

    def test_a_missing_file_is_told(self, tmp_path):
        with pytest.raises(TranscriptError, match="there is no such file"):
            import_words([tmp_path / "none.vtt"], ((Span(0.0, 9.0),),), 10.0, call="call.wav", speakers=("mixed",))

    def test_damage_of_any_kind_is_a_sentence(self, write):
        chance = random.Random(5)
        refused = 0
        for file in sorted(DATA.iterdir()):
            whole = file.read_bytes()
            for _ in range(60):
                raw = bytearray(whole)
                for _ in range(chance.randint(1, 4)):
                    at = chance.randrange(len(raw))
                    raw[at : at + chance.choice([1, 1, 12])] = chance.choice(
                        [b"", b"9", b"{", b"null", b"\xff", b'"x"']
                    )
                try:
                    checked(read(write("damaged", bytes(raw)), "call.wav"), 20.0)
                except TranscriptError:
                    refused += 1
        assert refused > 100  # else nothing was damaged


class TestChoosing:
    def folder(self, tmp_path: Path, *names: str) -> Path:
        folder = tmp_path / "words"
        folder.mkdir()
        for name in names:
            (folder / name).touch()
        return folder

    def chosen(self, call: str, *named: Path | str, alone: bool = False) -> list[str]:
        return [file.name for file in transcripts_of(call, named, alone)]

    def test_a_folder_gives_each_call_its_own_the_richest_first(self, tmp_path):
        folder = self.folder(tmp_path, "a.json", "a.srt", "a.vtt", "a.txt", "ab.json", "b.srt", "c.wav.json")
        assert self.chosen("calls/a.wav", folder) == ["a.json"]
        assert self.chosen("b.wav", folder) == ["b.srt"]
        assert self.chosen("c.wav", folder) == ["c.wav.json"]
        with pytest.raises(TranscriptError, match=r"d\.wav: there are no words for it in .*; name them d\.json"):
            self.chosen("d.wav", folder)

    def test_two_sides_are_taken_together(self, tmp_path):
        folder = self.folder(tmp_path, "a.agent.json", "a.customer.json", "b-left.vtt", "b-right.vtt")
        assert self.chosen("a.wav", folder) == ["a.agent.json", "a.customer.json"]
        assert self.chosen("b.wav", folder) == ["b-left.vtt", "b-right.vtt"]

    def test_contact_ids_match_as_amazon_names_files(self, tmp_path):
        contact = "75ddec1c-1a1b-4a7c-b34d-0c8f5f6d6a11"
        folder = self.folder(tmp_path, f"{contact}_analysis_2026-01-02T10_00_00Z.json", "other.json")
        assert self.chosen(f"{contact}_20260102T10_00_UTC.wav", folder) == [
            f"{contact}_analysis_2026-01-02T10_00_00Z.json"
        ]

    def test_patterns_and_single_files(self, tmp_path):
        folder = self.folder(tmp_path, "a.json", "b.json")
        assert self.chosen("a.wav", f"{folder}/*.json") == ["a.json"]
        assert self.chosen("x.wav", folder / "b.json", alone=True) == ["b.json"]
        with pytest.raises(TranscriptError, match="no words for it"):
            self.chosen("x.wav", folder / "b.json")  # several calls: a file is its namesake's

    def test_what_fits_twice_is_refused_and_what_is_missing_is_wrong_use(self, tmp_path):
        folder = self.folder(tmp_path, "a.json", "a.wav.json")
        with pytest.raises(TranscriptError, match=r"2 transcripts fit it \(a.json, a.wav.json\)"):
            self.chosen("a.wav", folder)
        with pytest.raises(UsageError, match="there is no such transcript or folder"):
            check_named([tmp_path / "none"])


class TestWholeWay:
    @pytest.mark.parametrize("call", ["good_listener", "poor_listener"])
    def test_every_format_with_word_times_is_judged_the_same(self, write, call):
        verdicts = {}
        for name, writer in exported.WORD_TIMES.items():
            result = analyze(
                SAMPLES / f"{call}.wav", words=write(name, writer(truth(call))), language="en", agent="left"
            )
            turns = [(t.speaker, t.start_s, t.end_s, plain(t.text)) for t in result.facts.turns]
            found = [(f.cue, f.speaker, f.variant) for f in result.findings]
            places_s = [span.start_s for f in result.findings for span in f.spans]
            scores = [(score.name, score.score) for score in result.scores]
            overlaps = [(o.by, o.kind) for o in result.facts.overlaps]
            verdicts[name] = ((turns, found, scores, overlaps), places_s)
            assert " ".join(w.text for w in result.facts.words if w.speaker == "agent") == " ".join(texts(call)[0])
        (wanted, wanted_s), *_ = verdicts.values()
        assert len(wanted[0]) == len(truth(call)["turns"])
        for name, (found, places_s) in verdicts.items():
            assert found == wanted, name
            assert places_s == pytest.approx(wanted_s, abs=0.01), name

    def test_roles_come_from_the_file_and_the_option_overrules_them(self, write):
        path = write("call.json", exported.contact_lens(truth("spanish")))
        call = analyze(SAMPLES / "spanish.wav", words=path).facts.call
        assert (call.roles, call.roles_from, call.language) == ({"agent": 0, "customer": 1}, "metadata", "es")
        assert call.transcribed_by.startswith("imported from call.json (Amazon Contact Lens); ")
        call = analyze(SAMPLES / "spanish.wav", words=path, agent="right").facts.call
        assert (call.roles["agent"], call.roles_from) == (1, "option")

    def test_a_mono_calls_words_go_to_the_voices_that_were_told_apart(self, write):
        path = write("call.json", exported.whisperx(truth("mono_mix")))
        facts = analyze(SAMPLES / "mono_mix.wav", words=path).facts
        wanted = truth("mono_mix")["words"]
        assert len(facts.words) >= 0.98 * len(wanted)
        for speaker in ("agent", "customer"):
            found = sum(word.speaker == speaker for word in facts.words)
            assert found == pytest.approx(sum(word["speaker"] == speaker for word in wanted), rel=0.03)

    def test_no_model_is_loaded(self, write):
        path = write("call.json", exported.call_analytics(truth("spanish")))
        code = (
            "import sys, speechcoach as sc\n"
            f"facts = sc.measure({str(SAMPLES / 'spanish.wav')!r}, words={str(path)!r})\n"
            "assert len(facts.words) > 150\n"
            "print([name for name in ('torch', 'whisper', 'faster_whisper', 'ctranslate2') if name in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"

    def test_settings_tell_words_from_no_words_and_not_their_names(self):
        assert Config(words="a.json").words == ("a.json",)
        assert Config(words=[Path("a.json")]).fingerprint == Config(words="b.json").fingerprint
        assert Config(words="a.json").fingerprint != Config().fingerprint
        with pytest.raises(SettingsError, match="leave one of the two out"):
            Config(words="a.json", transcript=False)

    def test_the_command_takes_a_folder_for_several_calls(self, tmp_path):
        folder = tmp_path / "words"
        folder.mkdir()
        (folder / "spanish.json").write_text(exported.call_analytics(truth("spanish")), "utf-8")
        (folder / "good_listener.srt").write_text("what is this", "utf-8")
        calls = [str(SAMPLES / f"{name}.wav") for name in ("spanish", "good_listener", "escalation")]
        out = tmp_path / "out"
        done = CliRunner().invoke(cli.main, ["analyze", *calls, "--words", str(folder), "--out", str(out)])
        assert done.exit_code == 1, done.output
        assert (out / "spanish.json").exists() and not (out / "escalation.json").exists()
        assert "good_listener.srt: it is in no known format" in done.stderr
        assert "escalation.wav: there are no words for it in" in done.stderr

    def test_words_that_are_not_there_are_wrong_use(self, tmp_path):
        call = str(SAMPLES / "spanish.wav")
        done = CliRunner().invoke(cli.main, ["analyze", call, "--words", str(tmp_path / "none.json")])
        assert done.exit_code == 2
        assert "there is no such transcript or folder" in done.stderr
        done = CliRunner().invoke(cli.main, ["analyze", call, "--words", call, "--no-transcript"])
        assert done.exit_code == 2


def plain(text: str) -> str:
    return " ".join("".join(c for c in text.lower() if c.isalnum() or c in " '").split())
