"""A result as a terminal reads it: who, how well, what to listen to, what could not be judged.

Laid out by rich; without a terminal it is plain text. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from speechcoach.judgement import listen_first
from speechcoach.judgement.doubts import unjudged
from speechcoach.judgement.phrases import (
    Audience,
    Sentence,
    cue_title,
    explain,
    held_against,
    measure,
    score_title,
    stacked,
    told_to,
    why_not,
)
from speechcoach.records import Finding, Result, Score
from speechcoach.settings import Rubric

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
    result = told_to(result, audience)
    parts: list[RenderableType] = [_head(result)]
    if result.findings:
        parts += ["", _gist(result)]
    if any(score.score is not None for score in result.scores):
        parts += ["", _scores(result)]
    if result.facts.speakers:
        parts += ["", _speakers(result)]
    own = [item for item in result.findings if item.speaker != "customer"]
    for title, items, style in (
        ("What went well", [item for item in own if item.strength], "green"),
        ("Worth another listen", [item for item in own if not item.strength], "yellow"),
        ("From the customer's side", [item for item in result.findings if item.speaker == "customer"], "blue"),
    ):
        if items:
            parts += ["", Text(title, style="bold"), *_findings(items, audience, style)]
    if result.abstained:
        parts += ["", Text("Not judged", style="bold"), _abstained(result, audience)]
    return Group(*parts)


def plain(text: str) -> str:
    """The text without control characters, which a terminal would obey."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def clock(seconds: float) -> str:
    """Seconds of the call as m:ss.s."""
    minutes, rest = divmod(round(seconds, 1), _MINUTE_S)
    return f"{int(minutes)}:{rest:04.1f}"


def _head(result: Result) -> Text:
    call = result.facts.call
    shape = {1: "mono", 2: "stereo"}[call.channels]
    about = [clock(call.duration_s), f"{call.rate_hz / 1000:g} kHz {shape}"]
    about.append(f"language {call.language}" if call.language else "language unknown")
    head = Text(plain(call.file), style="bold")
    head.append("  " + " · ".join(about), style="not bold dim")
    if call.speakers_why:
        head.append(f"\n{call.speakers_why}", style="not bold dim")
    if "agent" in call.roles:
        side = "" if call.speakers_why else " " + ("left", "right")[call.roles["agent"]]
        head.append(f"\nagent{side}: {call.roles_why}", style="not bold dim")
    part = unjudged(result.facts)
    for note in call.notes:
        head.append(f"\n! {plain(note[:1].upper() + note[1:])}.", style="not bold yellow")
    for why in [*result.facts.unfit.values(), *([f"{part[:1].upper()}{part[1:]}."] if part else [])]:
        head.append(f"\n! {why}", style="not bold yellow")
    return head


def _gist(result: Result) -> Text:
    """How much there is, and where to begin."""
    own = [item for item in result.findings if item.speaker != "customer"]
    flags, strengths = (sum(item.strength == wanted for item in own) for wanted in (False, True))
    line = Text(f"{flags} flag{'s' * (flags != 1)}, {strengths} strength{'s' * (strengths != 1)}.")
    first = listen_first(result.findings, Rubric.load())
    if first:
        places = [f"{clock(item.spans[0].start_s)} {cue_title(item.cue).lower()}" for item in first if item.spans]
        line.append(f" Listen first: {', '.join(places)}.", style="bold")
    return line


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
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("", "talk", "wpm", "syll/s", "pitch", "range", "level", "ends", "reply"):
        table.add_column(title, no_wrap=True)
    for name, voice in result.facts.speakers.items():
        table.add_row(
            "both" if name == "mixed" else name,
            _shown("{:.0f} s", voice.talk_s) + _shown(" {:.0%}", voice.talk_share, ""),
            "–" if name == "mixed" else _shown("{:.0f}", voice.rate_wpm),
            _shown("{:.1f}", voice.articulation_sps),
            "–" if name == "mixed" else _shown("{:.0f} Hz", voice.pitch_hz),
            "–" if name == "mixed" else _shown("{:.0f} st", voice.pitch_range_st),
            _shown("±{:.0f} dB", voice.level_sd_db),
            _inflections(result, name),
            _shown("{:.1f} s", voice.median_fto_s),
        )
    return table


def _shown(shape: str, value: float | None, unknown: str = "–") -> str:
    return unknown if value is None else shape.format(value)


def _inflections(result: Result, speaker: str) -> str:
    """How the speaker's turns end."""
    ends: list[str | None] = [
        turn.inflection for turn in result.facts.turns if turn.speaker == speaker and not turn.inserted
    ]
    return " ".join(f"{mark}{ends.count(name)}" for name, mark in (("rise", "↗"), ("level", "→"), ("fall", "↘")))


def _findings(items: Sequence[Finding], audience: Audience, style: str) -> list[RenderableType]:
    """Each finding; what holds for a whole cue (its norm, its advice) is said once, and many of one kind together."""
    told: set[tuple[str, str]] = set()
    shown: list[RenderableType] = []
    for pile in stacked(items):
        kind = (pile[0].cue, pile[0].variant)
        if len(pile) == 1:
            shown.append(_finding(pile[0], audience, style, whole=kind not in told))
        else:
            shown += _pile(pile, audience, style)
        told.add(kind)
    return shown


def _finding(item: Finding, audience: Audience, style: str, whole: bool) -> RenderableType:
    said = explain(item, audience)
    lines = [Text(said.title, style="bold").append(f"  {plain(said.happened)}", style="not bold"), *_quoted(said)]
    if _is_flag(item):
        lines += _whole(said, said.norm) if whole else [Text(f"Measured {measure(item)}.", style="dim")]
    return _row(_when(item), lines, style)


def _pile(pile: Sequence[Finding], audience: Audience, style: str) -> list[RenderableType]:
    """Many moments of one kind: its name, norm and advice once, then each moment."""
    first = explain(pile[0], audience)
    title = Text(first.title, style="bold").append(f"  {len(pile)} times", style="not bold")
    rows: list[RenderableType] = [
        _row("", [title, *(_whole(first, held_against(pile[0])) if _is_flag(pile[0]) else [])], style)
    ]
    for item in pile:
        said = explain(item, audience)
        measured = f" Measured {measure(item)}." if _is_flag(item) else ""
        rows.append(
            _row(_when(item), [Text(plain(said.happened)).append(measured, style="dim"), *_quoted(said)], style)
        )
    return rows


def _is_flag(item: Finding) -> bool:
    return not item.strength and item.speaker != "customer"


def _whole(said: Sentence, norm: str) -> list[Text]:
    return [Text(f"{norm} {said.unless}", style="dim"), Text(f"Try: {said.advice}")]


def _quoted(said: Sentence) -> list[Text]:
    return [Text(f"“{plain(part)}”", style="italic") for part in said.quote.split(" | ") if part]


def _when(item: Finding) -> str:
    return clock(item.spans[0].start_s) if item.spans else "call"


def _row(when: str, lines: Sequence[Text], style: str) -> Table:
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=_TIME_WIDTH, justify="right")
    row.add_row(Text(when, style=style), Group(*lines))
    return row


def _abstained(result: Result, audience: Audience) -> RenderableType:
    by_reason: dict[str, list[str]] = {}
    for item in result.abstained:
        by_reason.setdefault(why_not(item, audience), []).append(cue_title(item.cue))
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=_TIME_WIDTH)
    for why, cues in by_reason.items():
        row.add_row("", Text(f"{', '.join(cues)}: {why}", style="dim"))
    return row
