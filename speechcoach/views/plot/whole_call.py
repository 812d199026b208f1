"""A call at a glance: who speaks when, overlaps by kind, findings by cue, and how rate and level went.

The data of every artist is that of the result: bars are turns, points are overlaps, findings and the 30-s measures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from speechcoach.judgement.phrases import cue_title
from speechcoach.records import Facts, Finding, Result, TrajectoryPoint
from speechcoach.views.formats.timeline import clamped, one_line, speakers
from speechcoach.views.plot.axes import clock, empty, figure, lanes, legend, marked, spread, titled
from speechcoach.views.plot.palette import CUSTOMERS, FLAG, OVERLAPS, STRENGTH, VOICES, WASH, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH_IN = 12.0
_LANE_IN, _ROW_IN, _LINE_IN = 0.45, 0.24, 1.4
_BAND = 0.7  # of a row, over which the kinds of overlaps are spread
_SILENCES = {"hold": "xxxx", "dead_air": "||||"}


def call(result: Result) -> Figure:
    """The call as a figure of five panels over one clock, about 12 in wide; higher with more kinds of findings.

    Raises UsageError where matplotlib is not installed.
    """
    result = clamped(result)
    facts = result.facts
    who = speakers(facts) or ["agent", "customer"]
    cues = list(dict.fromkeys(item.cue for item in sorted(result.findings, key=_first)))
    heights = [max(0.9, _LANE_IN * len(who)), max(1.7, _LANE_IN * len(who)), max(0.9, _ROW_IN * len(cues))]
    made, panels = figure(_WIDTH_IN, [*heights, _LINE_IN, _LINE_IN])
    _turns(panels[0], facts, who)
    _overlaps(panels[1], facts, who)
    _findings(panels[2], result, cues)
    _rate(panels[3], facts)
    _trajectory(panels[4], facts, "level_db", "Level, dB re full scale", 6.0)
    clock(panels[4], 0.0, facts.call.duration_s)
    made.suptitle(one_line(facts.call.file), fontsize=12, x=0.01, ha="left", parse_math=False)
    return made


def _first(finding: Finding) -> float:
    return min((span.start_s for span in finding.spans), default=-1.0)


def _turns(panel: Axes, facts: Facts, who: list[str]) -> None:
    """A bar a turn, half as high where it did not take the floor; hold and dead air behind them."""
    for kind, hatch in _SILENCES.items():
        silent = [(p.start_s, p.end_s - p.start_s) for p in facts.pauses if p.kind == kind]
        if silent:
            label = kind.replace("_", " ")
            panel.broken_barh(silent, (-0.5, len(who)), facecolor=WASH, edgecolor="#B9B5AE", hatch=hatch, label=label)
    for row, speaker in enumerate(who):
        voice = VOICES.get(speaker, VOICES["mixed"])
        for high, inserted in ((0.35, False), (0.18, True)):
            bars = [
                (turn.start_s, turn.end_s - turn.start_s)
                for turn in facts.turns
                if turn.speaker == speaker and turn.inserted is inserted
            ]
            if bars:
                panel.broken_barh(
                    bars, (row - high, 2 * high), facecolor=voice.colour, hatch=voice.hatch, edgecolor="white", lw=0.5
                )
    lanes(panel, [VOICES.get(speaker, VOICES["mixed"]).name for speaker in who])
    titled(panel, "Who speaks")
    legend(panel)


def _overlaps(panel: Axes, facts: Facts, who: list[str]) -> None:
    """A mark an overlap, at its start, in the row of who came in; each kind at a height of its own."""
    heard = [overlap for overlap in facts.overlaps if overlap.by in who]
    kinds = [kind for kind in OVERLAPS if any(overlap.kind == kind for overlap in heard)]
    for place, kind in enumerate(kinds):
        own = [overlap for overlap in heard if overlap.kind == kind]
        height = _BAND * ((place + 0.5) / len(kinds) - 0.5)
        rows = [who.index(overlap.by) + height for overlap in own]
        marked(panel, OVERLAPS[kind], [overlap.start_s for overlap in own], rows)
    lanes(panel, [f"{VOICES.get(speaker, VOICES['mixed']).name} comes in" for speaker in who])
    titled(panel, "Overlaps")
    if not heard:
        empty(panel, facts.unfit.get("overlaps", facts.unfit.get("speakers", "none")))
    legend(panel)


def _findings(panel: Axes, result: Result, cues: list[str]) -> None:
    """A mark a place of a finding with a line as long as it lasts, in the row of its cue; what is about the whole call
    stands at its start."""
    for mark in (FLAG, STRENGTH, CUSTOMERS):
        places = [
            (start_s, cues.index(item.cue))
            for item in result.findings
            if _mark(item) is mark
            for start_s in ([span.start_s for span in item.spans] or [0.0])
        ]
        if places:
            marked(panel, mark, [time_s for time_s, _ in places], [row for _, row in places])
        lasting = [(cues.index(i.cue), span) for i in result.findings if _mark(i) is mark for span in i.spans]
        if lasting:
            starts, ends = [span.start_s for _, span in lasting], [span.end_s for _, span in lasting]
            panel.hlines([row for row, _ in lasting], starts, ends, colors=mark.colour, linewidth=2.5, alpha=0.45)
    lanes(panel, [cue_title(cue) for cue in cues])
    panel.grid(axis="y", color=WASH, linewidth=0.6)
    titled(panel, "Findings")
    if not cues:
        empty(panel, "none")
    legend(panel)


def _mark(finding: Finding) -> Mark:
    if finding.speaker == "customer":
        return CUSTOMERS
    return STRENGTH if finding.strength else FLAG


def _rate(panel: Axes, facts: Facts) -> None:
    """Words a minute where there are words, else syllables a second."""
    has_words = any(point.rate_wpm is not None for voice in facts.speakers.values() for point in voice.trajectory)
    if has_words:
        _trajectory(panel, facts, "rate_wpm", "Rate, words a minute", 60.0)
    else:
        _trajectory(panel, facts, "articulation_sps", "Articulation, syllables a second", 2.0)


def _trajectory(panel: Axes, facts: Facts, measure: str, title: str, least: float) -> None:
    """A point for each 30 s of the call, at their middle; the line breaks where there was too little speech."""
    drawn = 0
    for speaker, spoken in facts.speakers.items():
        voice = VOICES.get(speaker, VOICES["mixed"])
        known = [getattr(point, measure) for point in spoken.trajectory]
        if any(value is not None for value in known):
            values = [float("nan") if value is None else value for value in known]
            panel.plot(
                [_middle(point) for point in spoken.trajectory],
                values,
                label=voice.name,
                color=voice.colour,
                marker=voice.marker,
                linestyle=voice.line,
                markersize=5,
            )
            drawn += 1
    titled(panel, title)
    if not drawn:
        empty(panel, "too little speech")
    else:
        spread(panel, least)
    legend(panel)


def _middle(point: TrajectoryPoint) -> float:
    return (point.start_s + point.end_s) / 2
