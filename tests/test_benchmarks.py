"""The benchmarks' own measures: right on truths made by hand, and lines that are as bad as they say.

Truth in every test: analytic, computed by hand from the few numbers that stand in it. No peer is needed.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import conditions  # noqa: E402  (the scripts are no package)
import memory  # noqa: E402
import peers  # noqa: E402
import pitch  # noqa: E402
import resynthesis  # noqa: E402
import speed  # noqa: E402
import tables  # noqa: E402

NAN = np.nan
RATE_HZ = conditions.RATE_HZ


def cents(hz: float, by: float) -> float:
    return hz * 2 ** (by / 1200)


def measured(truth_hz: list[float], found_hz: list[float]) -> dict[str, np.ndarray]:
    return pitch.measures(pitch.counted(np.array(truth_hz), np.array(found_hz)))


def voice(seed: int, seconds: float = 6.0) -> np.ndarray:
    """Harmonics of 120 Hz in bursts of 0.6 s with pauses of 0.4 s and a trace of noise: has a level and pauses."""
    random = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    tone = sum(np.cos(2 * np.pi * 120 * (1 + 0.1 * seed) * k * time_s + random.uniform(0, 6)) / k for k in range(1, 20))
    made = 0.05 * tone * ((time_s + 0.1 * seed) % 1.0 < 0.6) + 1e-4 * random.standard_normal(len(time_s))
    return made.astype(np.float32)


def power_db(samples: np.ndarray) -> float:
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)))


# Measures of pitch


def test_every_measure_on_ten_frames() -> None:
    truth = [NAN, NAN, NAN, NAN, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0]
    found = [NAN, NAN, NAN, 90.0, NAN, 100.0, cents(100, 20), cents(100, 70), 130.0, 50.0]
    got = measured(truth, found)
    assert got["VDE"] == pytest.approx(20)  # one false, one missed
    assert got["FFE"] == pytest.approx(40)  # and two gross errors
    assert got["false"] == pytest.approx(25)  # of four unvoiced frames
    assert got["missed"] == pytest.approx(100 / 6)
    assert got["GPE"] == pytest.approx(40)  # two of five
    assert got["FPE mean"] == pytest.approx(30)  # of 0, 20 and 70 cents
    assert got["FPE sd"] == pytest.approx(np.std([0, 20, 70]))
    assert got["RPA50"] == pytest.approx(100 * 2 / 6)


@pytest.mark.parametrize(("hz", "gross"), [(81.0, 0), (79.0, 100), (119.0, 0), (121.0, 100)])
def test_a_gross_error_is_beyond_a_fifth_of_the_truth(hz: float, gross: float) -> None:
    assert measured([100.0], [hz])["GPE"] == gross


def test_a_shift_of_all_frames_is_a_mean_and_no_spread() -> None:
    truth = np.linspace(80, 300, 50)
    got = measured(list(truth), list(cents(truth, -35)))
    assert got["FPE mean"] == pytest.approx(-35)
    assert got["FPE sd"] == pytest.approx(0, abs=1e-3)
    assert got["RPA50"] == 100


def test_no_voice_at_all_is_no_number() -> None:
    got = measured([NAN, NAN], [NAN, NAN])
    assert got["FFE"] == 0
    assert np.isnan(got["GPE"])
    assert np.isnan(got["FPE mean"])


def test_counts_add_up() -> None:
    random = np.random.default_rng(3)
    truth = np.where(random.random(400) < 0.5, NAN, 150.0)
    found = np.where(random.random(400) < 0.5, NAN, random.uniform(100, 200, 400))
    halves = pitch.counted(truth[:150], found[:150]) + pitch.counted(truth[150:], found[150:])
    assert halves == pytest.approx(pitch.counted(truth, found))


def test_f0_between_frames_is_their_geometric_mean_and_voicing_that_of_the_nearest() -> None:
    frame_s, f0_hz = np.array([0.0, 0.01, 0.02, 0.03]), np.array([100.0, 110.0, NAN, 220.0])
    got = resynthesis.at_times(frame_s, f0_hz, np.array([0.005, 0.01, 0.013, 0.018, 0.029]))
    assert got[0] == pytest.approx(np.sqrt(100 * 110))
    assert got[1] == pytest.approx(110)
    assert got[2] == 110
    assert np.isnan(got[3])
    assert got[4] == pytest.approx(220)


# The bootstrap


def test_a_draw_holds_as_many_passages_as_its_speakers_have() -> None:
    speakers = np.array(["a"] * 3 + ["b"] * 3 + ["c"] * 3)
    times = pitch.draws(speakers, np.random.default_rng(0), 300)
    assert times.shape == (300, 9)
    assert (times.sum(axis=1) == 9).all()
    assert times.mean(axis=0) == pytest.approx(np.ones(9), abs=0.25)


def test_draws_differ_by_speaker_as_well_as_by_passage() -> None:
    """Each speaker has one value: only drawing speakers can spread the mean, by sd / sqrt(speakers)."""
    speakers = np.repeat(["a", "b", "c", "d"], 5)
    values = np.repeat([1.0, 2.0, 3.0, 4.0], 5)
    times = pitch.draws(speakers, np.random.default_rng(0), 2000)
    assert (times @ values / 20).std() == pytest.approx(np.std([1, 2, 3, 4]) / 2, rel=0.1)


def test_the_interval_holds_95_percent() -> None:
    low, high = pitch.interval(np.arange(1001.0))
    assert (low, high) == pytest.approx((25, 975))


# Lines


def test_level_of_speech_is_that_of_its_loud_part() -> None:
    tone = (0.5 * np.sin(2 * np.pi * 400 * np.arange(2 * RATE_HZ) / RATE_HZ)).astype(np.float32)
    paused = np.concatenate([tone, np.zeros(6 * RATE_HZ, np.float32)])
    assert conditions.active_level_db(tone) == pytest.approx(power_db(tone), abs=0.01)
    assert conditions.active_level_db(paused) == pytest.approx(power_db(tone), abs=0.5)  # the hangover counts along
    assert conditions.active_level_db(np.zeros(8000, np.float32)) == -np.inf


@pytest.mark.parametrize(("name", "snr_db"), conditions.NOISE_DB.items())
def test_noise_lies_as_far_under_the_voice_as_the_name_says(name: str, snr_db: float) -> None:
    clean = conditions.make("tel", voice(0), [], conditions.seeded("a"))
    added = conditions.make(name, voice(0), [], conditions.seeded("a")) - clean
    assert conditions.active_level_db(clean) - power_db(added) == pytest.approx(snr_db, abs=0.3)


def test_babble_lies_ten_db_under_the_voice() -> None:
    crowd = [voice(seed) for seed in range(1, 7)]
    clean = conditions.make("tel", voice(0), [], conditions.seeded("a"))
    added = conditions.make("bab10", voice(0), crowd, conditions.seeded("a")) - clean
    assert conditions.active_level_db(clean) - power_db(added) == pytest.approx(10, abs=0.3)


def test_the_leak_is_the_other_side_25_db_softer_and_20_ms_late() -> None:
    random = np.random.default_rng(5)
    other = random.standard_normal(48_000).astype(np.float32)
    both = conditions.make("xt25gate", voice(0), [other], conditions.seeded("a"))
    added = both[0] - conditions.make("tel", voice(0), [], conditions.seeded("a"))
    lag = np.correlate(added[1000:41_000], both[1][1000:40_000], "valid").argmax()
    assert lag == round(0.02 * RATE_HZ)
    assert power_db(added) - power_db(both[1]) == pytest.approx(-25, abs=0.5)


def test_crosstalk_is_the_first_channel_of_the_two_sided_call() -> None:
    crowd = [voice(seed) for seed in range(1, 4)]
    mono = conditions.make("xt25", voice(0), crowd, conditions.seeded("a"))
    assert np.array_equal(mono, conditions.make("xt25gate", voice(0), crowd, conditions.seeded("a"))[0])


def test_the_band_is_the_telephones() -> None:
    def gain_db(hz: float) -> float:
        tone = np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
        return power_db(conditions.in_band(tone)) - power_db(tone)

    assert gain_db(300) == pytest.approx(-3, abs=0.1)
    assert gain_db(3400) == pytest.approx(-3, abs=0.1)
    assert gain_db(1000) == pytest.approx(0, abs=0.1)
    assert gain_db(150) == pytest.approx(-24, abs=0.3)


@pytest.mark.parametrize("name", conditions.NAMES)
def test_a_line_is_the_same_each_time_and_does_not_delay(name: str) -> None:
    crowd = [voice(seed) for seed in range(1, 7)]
    once, again = (np.atleast_2d(conditions.make(name, voice(0), crowd, conditions.seeded("a"))) for _ in range(2))
    assert np.array_equal(once, again)
    assert once.shape == (2 if name == "xt25gate" else 1, len(voice(0)))
    noisy = 1e-2 * np.random.default_rng(2).standard_normal(24_000).astype(np.float32)
    heard = np.atleast_2d(conditions.make(name, noisy, crowd, conditions.seeded("a")))[0]
    assert np.correlate(heard[200:20_200], noisy[400:20_000], "valid").argmax() == 200


def test_wrong_conditions_are_told() -> None:
    with pytest.raises(ValueError, match=r"clean, tel, gsm.*'telephone'"):
        conditions.make("telephone", voice(0), [], conditions.seeded("a"))
    with pytest.raises(ValueError, match="bab10 needs 6 other voices, not 1"):
        conditions.make("bab10", voice(0), [voice(1)], conditions.seeded("a"))


# Resynthesis, clocks, tables


def test_a_warped_envelope_has_its_peak_where_the_ratio_says() -> None:
    bins = np.arange(513)
    envelope = np.exp(-0.5 * ((bins - 100) / 8) ** 2)[None] + 1e-6
    assert resynthesis._warped(envelope, 1.2)[0].argmax() == 120
    assert resynthesis._warped(envelope, 0.8)[0].argmax() == 80


def test_short_islands_of_voice_are_dropped() -> None:
    voiced = np.zeros(40, bool)
    voiced[3:6] = voiced[20:30] = True  # 15 ms and 50 ms
    assert np.flatnonzero(resynthesis._long_enough(voiced)).tolist() == list(range(20, 30))


def test_a_ratio_is_the_median_of_each_rounds_ratio() -> None:
    ours = [speed.Spent(1.0, 1.0), speed.Spent(10.0, 10.0), speed.Spent(2.0, 2.0)]
    theirs = [speed.Spent(3.0, 3.0), speed.Spent(30.0, 30.0), speed.Spent(2.0, 8.0)]
    assert speed.ratio(theirs, ours) == 3
    assert speed.ratio(theirs, ours, "wall_s") == 3
    assert speed.middle(ours) == 2


def test_every_product_of_a_module_is_recorded_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "_PRODUCTS", speed.Products())
    source = """
class Net:
    def layer(self, x, w):
        return np.matmul(x, w, out=np.empty((4, 2), np.float32))

def whole(x, w, v):
    return Net().layer(x, w) @ v
"""
    tree = speed._Recorded("net").visit(ast.parse(source))
    room = {"np": np, "__product__": speed._PRODUCTS}
    exec(compile(tree, "net", "exec"), room)
    x, w, v = (np.ones(shape, np.float32) for shape in ((4, 3), (3, 2), (2, 5)))
    np.testing.assert_array_equal(room["whole"](x, w, v), x @ w @ v)
    assert speed._PRODUCTS.seen == [("net.Net.layer", [4, 3], [3, 2], "<f4"), ("net.whole", [4, 2], [2, 5], "<f4")]


def test_the_floor_runs_the_products_of_an_extraction(samples_folder: Path) -> None:
    call = samples_folder / "escalation.wav"
    made = subprocess.run(
        [sys.executable, str(BENCHMARKS / "speed.py"), "--products", str(call)], check=True, stdout=subprocess.PIPE
    )
    products = json.loads(made.stdout)
    assert products
    assert all(left[-1] == right[max(len(right) - 2, 0)] for _, left, right, _ in products)
    floor = speed.floor(products)
    assert sum(map(len, floor.values())) == len(products)
    assert set(floor) <= {*speed.STAGES, "rest"}
    for runs in floor.values():
        runs[0]()


def test_a_product_belongs_to_the_listed_function_around_it_or_to_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "STAGES", {"one": ("a.first",), "two": ("a.second",), "three": ("b.third",)})
    assert speed.stage_of("a.first.inner") == "one"
    assert speed.stage_of("a.second") == "two"
    assert speed.stage_of("a.other") == "rest"
    assert speed.stage_of("b.other") == "three"


def test_time_in_an_inner_stage_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(speed, "_now_s", lambda: clock[0])
    stages = speed.Stages()

    def takes(seconds: float, then: Callable[[], None] = lambda: None) -> None:
        clock[0] += seconds
        then()

    inner = stages._timed("inner", takes)
    stages._timed("outer", takes)(6.0, lambda: inner(4.0))
    assert stages.spent_s == {"inner": 4.0, "outer": 6.0}


def test_a_function_is_watched_under_every_name_that_the_features_have_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from speechcoach import features
    from speechcoach.features import measures

    monkeypatch.setattr(speed, "STAGES", {"spans": ("measures.measure_span",)})
    plain, stages = measures.measure_span, speed.Stages()
    with stages.watching():
        assert measures.measure_span is features.measure_span
        assert measures.measure_span is not plain
    assert measures.measure_span is features.measure_span is plain


def test_watching_stages_leaves_the_features_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    from speechcoach.features import FeatureConfig

    monkeypatch.setattr(speed, "STAGES", {"config": ("config.FeatureConfig.__post_init__",), "none": ("level.gone",)})
    before, stages = FeatureConfig.__post_init__, speed.Stages()
    with stages.watching():
        FeatureConfig()
        assert FeatureConfig.__post_init__ is not before
    assert FeatureConfig.__post_init__ is before
    assert list(stages.spent_s) == ["config"]
    assert stages.absent == ["level.gone"]


def test_blocks_are_the_call_over_and_over() -> None:
    call = np.arange(2 * 60_000, dtype=np.float32).reshape(2, 60_000)
    joined = np.concatenate(list(memory.blocks(call, 30)), axis=1)
    assert joined.shape == (2, 240_000)
    assert np.array_equal(joined, np.tile(call, 4))


def test_text_goes_between_its_own_markers(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("a\n<!-- one -->\nold\n<!-- /one -->\nb\n<!-- two -->\n<!-- /two -->\n", "utf-8")
    tables.write("one", r"new \1", page)
    assert page.read_text("utf-8") == "a\n<!-- one -->\n\nnew \\1\n\n<!-- /one -->\nb\n<!-- two -->\n<!-- /two -->\n"
    with pytest.raises(ValueError, match="no markers <!-- three -->"):
        tables.write("three", "", page)


def test_the_page_has_a_place_for_every_script() -> None:
    page = (BENCHMARKS / "README.md").read_text("utf-8")
    for name in ("main_job", "pitch", "speed", "memory"):
        assert page.count(f"<!-- {name} -->") == page.count(f"<!-- /{name} -->") == 1


def test_every_peer_is_pinned() -> None:
    ours, theirs = peers.wanted()
    assert all("==" in line for line in ours + theirs)
    assert {"praat-parselmouth", "pysptk", "swift-f0", "opensmile", "librosa"} <= {x.split("==")[0] for x in theirs}


def test_a_peer_that_fails_is_named_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> peers.Tracker:
        raise ImportError("no such thing")

    monkeypatch.setitem(peers.TRACKERS, "RAPT", broken)
    working, missing = peers.make((peers.OURS, "RAPT"))
    assert list(working) == [peers.OURS]
    assert "no such thing" in missing["RAPT"]
    assert "RAPT did not run: ImportError" in peers.missing_line(missing)
