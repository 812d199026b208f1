"""What a person at a terminal reads of an agent's calls; the page holds the same with drawings and clips.

Laid out by rich; without a terminal it is plain text. Nothing is computed here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from speechcoach.team.coaching import wording
from speechcoach.team.coaching.baselines import Baseline, NotEnough
from speechcoach.team.coaching.moments import Moment
from speechcoach.team.coaching.summary import Coaching, Line, Work
from speechcoach.views.text import clock, plain

_STYLES = {"improved": "green", "worsened": "yellow"}


def render(it: Coaching, width: int = 100) -> str:
    """The summary as plain text, `width` characters wide."""
    console = Console(width=width, no_color=True, highlight=False)
    with console.capture() as captured:
        console.print(layout(it))
    return captured.get()


def layout(it: Coaching) -> RenderableType:
    """The summary for a rich console."""
    parts: list[RenderableType] = [_head(it), "", _title("What you do well")]
    parts += [_said(f"{line.metric.title} is better. {wording.moved(line)}", "green") for line in it.celebrated]
    parts += _moments(it.strengths, "green") or (
        [] if it.celebrated else [_said("No moment could be singled out yet.")]
    )
    parts += ["", _title("One thing to work on"), *_work(it)]
    parts += ["", _title("Your goals"), *_goals(it)]
    parts += ["", _title("How it goes"), _lines(it.lines)]
    if it.edges:
        parts += ["", _title("The first and the last half-minute"), *_stands(it.edges)]
    parts += ["", _title("The same every time"), *_alike(it.lines + it.habits)]
    for ear in it.listeners:
        said = [*map(wording.gap_said, ear.gaps), wording.agreement_said(ear.agreement)]
        parts += ["", _title(f"{ear.title}: you, others and the machine"), *map(_said, said)]
    return Group(*parts)


def _head(it: Coaching) -> Text:
    count = f"{len(it.calls)} call{'s' * (len(it.calls) != 1)} in {wording.language(it.locale)}"
    days = f", {it.first_at:%Y-%m-%d} to {it.last_at:%Y-%m-%d}" if it.first_at and it.last_at else ""
    head = Text(plain(it.agent), style="bold").append(f"  {count}{days}", style="not bold dim")
    for code, number in it.others:
        head.append(f"\n{number} more in {wording.language(code)}: ask for them with --language {code}", "not bold dim")
    for note in it.notes:
        head.append(f"\n! {note}", style="not bold yellow")
    return head


def _work(it: Coaching) -> list[RenderableType]:
    work: Work | None = it.work
    if work is None:
        return [_said(wording.no_work(it))]
    parts: list[RenderableType] = [
        Text(work.title, style="bold").append(f"  {wording.why_this(work)}", style="not bold")
    ]
    if work.drill:
        drill = work.drill
        parts.append(Text(f"{drill.title} ({drill.minutes} {drill.heads['minutes']})", style="bold cyan"))
        parts += [
            _said(drill.do),
            *(_said(f"{drill.heads[part]}: {getattr(drill, part)}") for part in ("friend", "recorder")),
        ]
    for title, moments, style in (
        ("When it works", work.best, "green"),
        ("Worth another listen", work.worst, "yellow"),
    ):
        if moments:
            parts += [Text(title, style="dim"), *_moments(moments, style)]
    if work.model:
        parts.append(_said(f"Your best call in this: {plain(work.model.name)}"))
    return parts


def _goals(it: Coaching) -> list[RenderableType]:
    told = [
        _said(f"{line.metric.title}, {wording.STATES[line.goal.state].lower()}: {wording.goal_said(line)}")
        for line in it.goals
    ]
    if it.suggestion:
        told.append(
            _said(f"None is open. It could be {it.suggestion.metric.title.lower()}: {wording.aim(it.suggestion)}")
        )
    return told or [_said("You have set none yet.")]


def _lines(lines: Sequence[Line]) -> RenderableType:
    if all(isinstance(line.change, NotEnough) and isinstance(line.stands, NotEnough) for line in lines):
        return _said(wording.moved(lines[0]))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for line in lines:
        style = "" if isinstance(line.change, NotEnough) else _STYLES.get(line.change.verdict, "")
        middle = line.metric.number(line.stands.centre) if isinstance(line.stands, Baseline) else "–"
        table.add_row(
            line.metric.title, Text(middle, justify="right"), Text(wording.verdict(line), style), wording.moved(line)
        )
    return table


def _stands(lines: Sequence[Line]) -> list[RenderableType]:
    known = [line for line in lines if isinstance(line.stands, Baseline)]
    return [_said(f"{line.metric.title}: {wording.stands(line)}") for line in known] or [
        _said(wording.stands(lines[0]))
    ]


def _alike(lines: Sequence[Line]) -> list[RenderableType]:
    known = [line for line in lines if not isinstance(line.alike, NotEnough)]
    told = [_said(f"{line.metric.title}: {wording.alike(line)}") for line in known]
    return told or [_said(wording.alike(lines[0]))]


def _moments(moments: Sequence[Moment], style: str) -> list[RenderableType]:
    rows = Table.grid(padding=(0, 2, 0, 2))
    for moment in moments:
        quote = textwrap.shorten(plain(moment.quote.replace(" | ", " / ")), 140, placeholder=" ...")
        said = Text(f"{moment.title}. {plain(moment.said)}").append(f"\n“{quote}”" if quote else "", style="italic")
        rows.add_row(Text(f"{plain(moment.call)} {clock(moment.start_s or 0.0)}", style=style), said)
    return [rows] if moments else []


def _title(text: str) -> Text:
    return Text(text, style="bold")


def _said(text: str, style: str = "") -> Text:
    return Text(plain(text), style=style)
