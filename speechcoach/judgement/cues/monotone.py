"""A voice that hardly moves.

What it sees: the share of the agent's stretches of speech (4 s each) in which pitch varies less than the limit, in
semitones, so that high and low voices are treated alike. Not judged on a noisy line, where the pitch is lost first in
the quiet ends of words that move most.
Why it matters: pitch carries what matters in a sentence and whether the speaker does; on the telephone there
is no face to make up for it.
Source: R-INFLECTION, R-PITCH; a standard deviation of 2-4 semitones is typical of conversation (textbook
convention). It is information about this call, no yardstick between people.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechcoach.judgement.cue import AGENT, Abstain, Need, finding, said_around, shortened, span_of
from speechcoach.judgement.own_voice import too_noisy
from speechcoach.records import Facts, Finding, Window

TITLE = "Monotone"
NEEDS = frozenset({Need.SPEAKERS})
_CLIPS = 3


@dataclass(frozen=True, slots=True)
class Norm:
    pitch_sd_st: float = 1.5
    share_of_windows: float = 0.6
    min_voiced_s: float = 1.5
    min_windows: float = 3
    min_snr_db: float = 10.0


EXPLAIN = {"flag": "{Own} pitch stayed within a narrow band in {why}."}
ADVICE = {"flag": "Pick the one word of each sentence that the customer needs, and let the voice rise on it."}


def detect(facts: Facts, norm: Norm) -> list[Finding]:
    windows = [
        window
        for window in facts.windows
        if window.speaker == AGENT and window.pitch_sd_st is not None and window.voiced_s >= norm.min_voiced_s
    ]
    if len(windows) < norm.min_windows:
        raise Abstain(f"fewer than {norm.min_windows:g} stretches of the agent's voice are long enough")
    if why := too_noisy(facts, AGENT, norm.min_snr_db):
        raise Abstain(why)
    flat = sorted((w for w in windows if w.pitch_sd_st < norm.pitch_sd_st), key=lambda window: window.pitch_sd_st)
    share = len(flat) / len(windows)
    return [_monotone(facts, flat, windows, share, norm)] if share >= norm.share_of_windows else []


def _monotone(facts: Facts, flat: list[Window], windows: list[Window], share: float, norm: Norm) -> Finding:
    clips = sorted(span_of(window) for window in flat[:_CLIPS])
    middle_st = sorted(window.pitch_sd_st for window in windows)[len(windows) // 2]
    return finding(
        "monotone",
        clips,
        value=share,
        norm=norm,
        threshold="share_of_windows",
        unit="share of stretches",
        quote=shortened(said_around(facts, AGENT, clips[0].start_s, clips[0].end_s)),
        why=f"{len(flat)} of the {len(windows)} stretches of speech that were measured (a spread of {middle_st:.1f} "
        f"semitones in the middle one; below {norm.pitch_sd_st:g} counts as flat)",
        unless=f"pitch had varied by {norm.pitch_sd_st:g} semitones or more in "
        f"{1 - norm.share_of_windows:.0%} of the stretches",
    )
