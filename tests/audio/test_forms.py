"""Headerless files, two files of one call, channels that are chosen, vendors' profiles. Truth: what we wrote."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from speechcoach.audio import Sides, known_side, open_recording, paired, profile, unsided
from speechcoach.audio.headerless import raw_by_ending, raw_of
from speechcoach.errors import ChannelCountError, EmptyRecording, MissingRecording, SettingsError
from speechcoach.settings import PROFILES, Config

RATE_HZ = 8_000


def noise(seconds: float, seed: int, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Noise in bursts of a second with pauses between, as two who talk; float32 `[n]`."""
    random = np.random.default_rng(seed)
    count = round(seconds * rate_hz)
    bursts = np.repeat(random.random(round(seconds) + 1) < 0.5, rate_hz)[:count]
    return (random.normal(0, 0.08, count) * bursts).astype(np.float32)


def wrote(path: Path, samples: np.ndarray, rate_hz: int = RATE_HZ, **how) -> Path:
    sf.write(path, samples, rate_hz, **how)
    return path


class TestHeaderless:
    @pytest.mark.parametrize(
        ("form", "subtype", "rate_hz", "channels"),
        [
            ("ulaw:8000:1", "ULAW", 8_000, 1),
            ("alaw", "ALAW", 8_000, 1),
            ("sln:8000:2", "PCM_16", 8_000, 2),
            ("slin16", "PCM_16", 16_000, 1),
            ("s16le:11025", "PCM_16", 11_025, 1),
            ("vox", "VOX_ADPCM", 8_000, 1),
        ],
    )
    def test_what_the_form_says_is_what_is_read(self, tmp_path, form, subtype, rate_hz, channels):
        samples = np.stack([noise(3, seed, rate_hz) for seed in range(channels)], axis=1)
        path = tmp_path / "call.bin"
        wrote(path, samples, rate_hz, format="RAW", subtype=subtype)
        recording = open_recording(path, Config(raw=form))
        assert (recording.rate_hz, recording.channels, recording.frames) == (rate_hz, channels, 3 * rate_hz)
        for side, truth in zip(recording.samples(rate_hz), samples.T, strict=True):
            assert np.corrcoef(side, truth)[0, 1] > 0.85  # VOX has 4 bits a sample

    @pytest.mark.parametrize(
        ("ending", "form"),
        [
            ("ulaw", "ulaw:8000:1"),
            ("pcm", "ulaw:8000:1"),
            ("AL", "alaw:8000:1"),
            ("sln", "sln:8000:1"),
            ("sln16", "sln:16000:1"),
            ("sln44", "sln:44100:1"),
            ("g722", "g722:16000:1"),
            ("gsm", "gsm:8000:1"),
        ],
    )
    def test_asterisks_endings_are_known(self, ending, form):
        assert str(raw_by_ending(Path(f"call.{ending}"))) == form

    def test_a_file_with_that_ending_is_read_and_it_is_told(self, tmp_path):
        path = tmp_path / "call.ulaw"
        wrote(path, noise(3, 1), format="RAW", subtype="ULAW")
        recording = open_recording(path)
        assert recording.notes == ("it has no header, and was read as ulaw:8000:1 by its ending",)
        assert recording.duration_s == 3

    def test_a_header_goes_before_the_ending(self, tmp_path):
        path = tmp_path / "call.gsm"
        wrote(path, noise(3, 1), 16_000, format="WAV")
        assert open_recording(path).rate_hz == 16_000

    @pytest.mark.parametrize(
        ("form", "why"),
        [
            ("mp3:8000:1", "no coding of that name; known are ulaw, alaw, sln"),
            ("ulaw:fast", "the rate is no whole number"),
            ("ulaw:1:1", "the rate must be from 4000 to 384000"),
            ("ulaw:8000:3", "a call has one or two channels"),
            ("gsm:8000:2", "gsm has one channel"),
            ("ulaw:8000:1:1", "the number of channels is no whole number"),
            ("", "no coding of that name"),
        ],
    )
    def test_a_form_that_cannot_be_meant(self, form, why):
        with pytest.raises(
            SettingsError, match=f"raw must be coding:rate:channels, such as ulaw:8000:1, not .*: {why}"
        ):
            raw_of(form)


class TestTwoFiles:
    @pytest.fixture
    def sides(self, tmp_path) -> Sides:
        return Sides(wrote(tmp_path / "17-out.wav", noise(60, 1)), wrote(tmp_path / "17-in.wav", noise(60, 2)))

    def test_they_become_the_two_channels(self, sides):
        recording = open_recording(sides)
        assert (recording.channels, recording.rate_hz, recording.duration_s) == (2, RATE_HZ, 60)
        for side, path in zip(recording.samples(RATE_HZ), (sides.left, sides.right), strict=True):
            np.testing.assert_array_equal(side, open_recording(path).samples(RATE_HZ)[0])
        assert recording.notes == ()
        assert (recording.name, sides.stem) == ("17-out.wav + 17-in.wav", "17")

    def test_each_is_resampled_and_the_shorter_one_ends_in_silence(self, tmp_path):
        time_s = np.arange(48_000) / 16_000
        left = wrote(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 440 * time_s), 16_000)
        right = wrote(tmp_path / "b.wav", 0.5 * np.sin(2 * np.pi * 440 * time_s[:8_000] * 2), 8_000)
        recording = open_recording(Sides(left, right))
        assert (recording.rate_hz, recording.frames) == (16_000, 48_000)
        one, other = recording.samples(16_000)
        np.testing.assert_allclose(other[2_000:14_000], one[2_000:14_000], atol=2e-3)
        assert not other[16_100:].any()
        assert "a.wav lasts 3.0 s and b.wav 1.0 s: both are taken to begin together" in recording.notes[0]

    @pytest.mark.parametrize(("delay_s", "silent", "begins_s"), [(1.5, 1, "17-in.wav"), (-0.25, 0, "17-out.wav")])
    def test_a_delay_is_silence_before_the_later_one(self, sides, delay_s, silent, begins_s):
        recording = open_recording(sides, Config(customer_delay_s=delay_s))
        samples, count = recording.samples(RATE_HZ), round(abs(delay_s) * RATE_HZ)
        assert not samples[silent, :count].any()
        later = open_recording((sides.left, sides.right)[silent]).samples(RATE_HZ)[0]
        np.testing.assert_array_equal(samples[silent, count:], later)
        assert f"{begins_s} begins {abs(delay_s):.2f} s later" in recording.notes[0]

    def test_the_id_is_of_both_and_of_the_delay(self, sides):
        one, swapped = open_recording(sides), open_recording(Sides(sides.right, sides.left))
        late = open_recording(sides, Config(customer_delay_s=0.5))
        assert len({one.sha256, swapped.sha256, late.sha256}) == 3
        assert one.sha256 == open_recording(sides).sha256

    @pytest.mark.parametrize("shift_s", [2.0, -3.5])
    def test_a_leak_that_comes_at_another_time_is_told(self, tmp_path, shift_s):
        """The agent's voice leaks into the customer's file at -26 dB; the files begin at different moments."""
        agent, customer = noise(60, 3), noise(60, 4)
        leak = 0.05 * np.roll(agent, round(shift_s * RATE_HZ))
        recording = open_recording(
            Sides(wrote(tmp_path / "a.wav", agent), wrote(tmp_path / "c.wav", customer + leak, subtype="FLOAT"))
        )
        (note,) = recording.notes
        assert f"{abs(shift_s):.2f} s too {'late' if shift_s > 0 else 'early'}" in note
        assert f"--customer-delay-s {-shift_s:.2f}" in note

    def test_an_echo_is_no_other_beginning(self, tmp_path):
        agent, customer = noise(60, 3), noise(60, 4)
        leak = 0.05 * np.roll(agent, round(0.12 * RATE_HZ))
        sides = Sides(wrote(tmp_path / "a.wav", agent), wrote(tmp_path / "c.wav", customer + leak, subtype="FLOAT"))
        assert open_recording(sides).notes == ()

    def test_one_of_them_alone_points_to_the_other(self, sides, tmp_path):
        (note,) = open_recording(sides.right).notes
        assert note == "17-out.wav lies beside it: with --profile asterisk both are analysed as one call"
        assert open_recording(wrote(tmp_path / "18-in.wav", noise(3, 1))).notes == ()

    def test_what_is_wrong_with_one_of_them_names_it(self, sides, tmp_path):
        with pytest.raises(MissingRecording, match=r"gone\.wav: there is no such file"):
            open_recording(Sides(sides.left, tmp_path / "gone.wav"))
        with pytest.raises(EmptyRecording, match=r"bare\.wav: an empty recording"):
            open_recording(Sides(sides.left, wrote(tmp_path / "bare.wav", np.zeros(0))))
        both = wrote(tmp_path / "both.wav", np.zeros((8_000, 2)))
        with pytest.raises(ChannelCountError, match=r"both\.wav: has 2 channels, and a file of one side has one"):
            open_recording(Sides(sides.left, both))


class TestChannels:
    @pytest.fixture
    def three(self, tmp_path) -> Path:
        return wrote(tmp_path / "three.wav", np.stack([noise(3, seed) for seed in range(3)], axis=1), subtype="FLOAT")

    def test_two_of_three_in_the_order_asked_for(self, three):
        recording = open_recording(three, Config(channels=(3, 1)))
        np.testing.assert_array_equal(recording.samples(RATE_HZ), np.stack([noise(3, 2), noise(3, 0)]))

    def test_one_that_is_not_there(self, three):
        with pytest.raises(ChannelCountError, match=r"has no channel 4, only 3; check --channels"):
            open_recording(three, Config(channels=(1, 4)))

    @pytest.mark.parametrize("channels", [(0, 1), (1, 1), (1, 2, 3), ()])
    def test_what_cannot_be_meant(self, channels):
        with pytest.raises(SettingsError, match="channels must be one or two numbers"):
            Config(channels=channels)


class TestProfiles:
    def test_the_names_are_those_of_the_file(self):
        tables = tomllib.loads((resources.files("speechcoach.audio") / "profiles.toml").read_text("utf-8"))
        assert tuple(tables) == PROFILES

    @pytest.mark.parametrize("name", PROFILES)
    def test_each_says_why_and_where_that_is_written(self, name):
        own = profile(name)
        assert own.why.startswith(own.title.split()[0]) and own.source.startswith("https://") and own.files
        assert own.agent in (None, "left", "right")

    def test_connect_has_the_agent_on_the_right(self, tmp_path):
        recording = open_recording(wrote(tmp_path / "c.wav", np.stack([noise(3, 1), noise(3, 2)], axis=1)))
        known = known_side(recording, Config(profile="connect"))
        assert known is not None
        assert (known.agent, known.source) == ("right", "metadata")
        assert known.why == "Amazon Connect records the agent on the right, and all who call on the left"

    def test_where_the_side_depends_on_the_call_the_profile_says_so(self, tmp_path):
        recording = open_recording(wrote(tmp_path / "c.wav", np.stack([noise(3, 1), noise(3, 2)], axis=1)))
        assert known_side(recording, Config(profile="twilio")) is None
        assert "depends on the direction" in unsided(Config(profile="twilio"))
        assert unsided(Config(profile="connect")) == unsided(Config()) == ""

    def test_asterisks_two_files_are_one_call(self, tmp_path):
        names = ["1-in.wav", "2-in.wav", "1-out.wav", "3.wav", "2-out.gsm"]
        paths = [tmp_path / name for name in names]
        found = paired(paths, "asterisk")
        assert found == [Sides(paths[0], paths[2], named=False), paths[1], paths[3], paths[4]]
        assert paired(paths, None) == paired(paths, "connect") == paths

    def test_an_unknown_one(self):
        with pytest.raises(SettingsError, match="profile must be one of connect, twilio"):
            Config(profile="acme")


def test_how_a_file_is_read_changes_the_fingerprint_only_where_it_is_unusual():
    assert Config().fingerprint == Config(customer_delay_s=None, partial=False).fingerprint
    unusual = [Config(raw="ulaw"), Config(profile="connect"), Config(channels=(2, 1)), Config(partial=True)]
    assert len({item.fingerprint for item in (Config(), *unusual)}) == 5
