"""A result as a terminal reads it: who, how well, what to listen to, what could not be judged.

Laid out by rich; without a terminal it is plain text. Nothing is computed here.
"""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from speechcoach.judgement.phrases import Audience, cue_title, explain, score_title
from speechcoach.records import Finding, Result, Score

_BAR = 20  # characters of a full score bar
_TIME_WIDTH = 8
_MINUTE_S = 60


def render(result: Result, audience: Audience = "qa", width: int = 100) -> str:
    """The summary as plain text, `width` characters wide."""
    console = Console(width=width, no_color=True, highlight=False)
    with console.capture() as captured:
        console.print(layout(result, audience))
    return captured.get()


def layout(result: Result, audience: Audience = "qa") -> RenderableType:
    """The summary for a rich console."""
    parts: list[RenderableType] = [_head(result)]
    if any(score.score is not None for score in result.scores):
        parts += ["", _scores(result)]
    if result.facts.speakers:
        parts += ["", _speakers(result)]
    strengths = [item for item in result.findings if item.strength and item.speaker != "customer"]
    flags = [item for item in result.findings if not item.strength]
    for title, items, style in (("What went well", strengths, "green"), ("Worth another listen", flags, "yellow")):
        if items:
            parts += ["", Text(title, style="bold"), *(_finding(item, audience, style) for item in items)]
    if result.abstained:
        parts += ["", Text("Not judged", style="bold"), _abstained(result)]
    return Group(*parts)


def clock(seconds: float) -> str:
    """Seconds of the call as m:ss.s."""
    minutes, rest = divmod(round(seconds, 1), _MINUTE_S)
    return f"{int(minutes)}:{rest:04.1f}"


def _head(result: Result) -> Text:
    call = result.facts.call
    shape = {1: "mono", 2: "stereo"}[call.channels]
    about = [clock(call.duration_s), f"{call.rate_hz / 1000:g} kHz {shape}"]
    about.append(f"language {call.language}" if call.language else "language unknown")
    head = Text(call.file, style="bold")
    head.append("  " + " · ".join(about), style="not bold dim")
    if "agent" in call.roles:
        side = ("left", "right")[call.roles["agent"]]
        head.append(f"\nagent {side}: {call.roles_why}", style="not bold dim")
    for why in result.facts.unfit.values():
        head.append(f"\n! {why}", style="not bold yellow")
    return head


def _scores(result: Result) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for score in result.scores:
        table.add_row(score_title(score.name), _bar(score), _number(score), _note(score))
    return table


def _bar(score: Score) -> Text:
    if score.score is None:
        return Text("·" * _BAR, style="dim")
    full = round(score.score / 100 * _BAR)
    style = "green" if score.score >= 80 else "yellow" if score.score >= 50 else "red"
    return Text("█" * full, style=style) + Text("░" * (_BAR - full), style="dim")


def _number(score: Score) -> Text:
    return Text("not judged" if score.score is None else f"{score.score:.0f}", justify="right")


def _note(score: Score) -> Text:
    notes = []
    if score.because:
        notes.append(f"{len(score.because)} flag{'s' if len(score.because) > 1 else ''}")
    if score.without and score.score is not None:
        notes.append("without " + ", ".join(cue_title(cue).lower() for cue in score.without))
    return Text("; ".join(notes), style="dim")


def _speakers(result: Result) -> Table:
    """The voice of each speaker over the call: information, no verdict."""
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for title in ("", "talk", "rate", "pitch", "level", "inflection", "replies after"):
        table.add_column(title)
    for name, voice in result.facts.speakers.items():
        share = "" if voice.talk_share is None else f" ({voice.talk_share:.0%})"
        table.add_row(
            "both sides" if name == "mixed" else name,
            f"{clock(voice.talk_s)}{share}",
            _joined(("{:.0f} wpm", voice.rate_wpm), ("{:.1f} syll/s", voice.articulation_sps)),
            _joined(("{:.0f} Hz", voice.pitch_hz), ("range {:.0f} st", voice.pitch_range_st)),
            _joined(("{:.0f} dB", voice.level_db), ("±{:.0f}", voice.level_sd_db)),
            _inflections(result, name),
            _joined(("{:.1f} s", voice.median_fto_s)),
        )
    return table


def _joined(*values: tuple[str, float | None]) -> str:
    return ", ".join(shape.format(value) for shape, value in values if value is not None) or "–"


def _inflections(result: Result, speaker: str) -> str:
    """How the speaker's turns end."""
    ends = [turn.inflection for turn in result.facts.turns if turn.speaker == speaker and not turn.inserted]
    return " ".join(f"{mark}{ends.count(name)}" for name, mark in (("rise", "↗"), ("level", "→"), ("fall", "↘")))


def _finding(item: Finding, audience: Audience, style: str) -> RenderableType:
    said = explain(item, audience)
    told = Text(said.title, style="bold").append(f"  {said.happened}", style="not bold")
    lines = [told]
    if item.quote:
        lines.append(Text(f"“{item.quote}”", style="italic"))
    if not item.strength:
        lines += [Text(f"{said.norm} {said.unless}", style="dim"), Text(f"Try: {said.advice}")]
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=_TIME_WIDTH, justify="right")
    row.add_row(Text(clock(item.spans[0].start_s) if item.spans else "call", style=style), Group(*lines))
    return row


def _abstained(result: Result) -> RenderableType:
    by_reason: dict[str, list[str]] = {}
    for item in result.abstained:
        by_reason.setdefault(item.why, []).append(cue_title(item.cue))
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=_TIME_WIDTH)
    for why, cues in by_reason.items():
        row.add_row("", Text(f"{', '.join(cues)}: {why}", style="dim"))
    return row
