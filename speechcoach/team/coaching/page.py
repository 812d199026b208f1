"""The agent's page: one HTML file that needs nothing else, and that may be passed on.

Conventions: all text goes through the template's escaping; there is no script. What a cue tells the agent alone is not
here. Links lead to the calls' own pages where a folder of them is named, and open at the moment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from speechcoach.team.coaching import wording
from speechcoach.team.coaching.baselines import NotEnough
from speechcoach.team.coaching.comparing import Windows, split
from speechcoach.team.coaching.exercises import drills
from speechcoach.team.coaching.moments import Moment
from speechcoach.team.coaching.plots import TEMPLATES, Plot, progress_plot, svg
from speechcoach.team.coaching.summary import Coaching, Line
from speechcoach.team.work import report_name
from speechcoach.views.whole import write_whole


def write(it: Coaching, target: Path, reports: Path | None = None, windows: Windows | None = None) -> None:
    """Write the page. Raises OutputError where it cannot be written."""
    text = render(it, target, reports, windows)
    write_whole(target, text, "name another file with --html")


def render(it: Coaching, target: Path, reports: Path | None = None, windows: Windows | None = None) -> str:
    """The page as one HTML document; `windows` are those of the coaching."""
    by_id = {call.id: call.name for call in it.calls}

    def page_of(call_id: str) -> str | None:
        return _page(call_id, by_id[call_id], target, reports)

    drawn = [(line, plot) for line in it.lines if (plot := plotted(line, windows))]
    return (
        environment()
        .get_template("coach.html.j2")
        .render(
            it=it,
            plots=[(line, plot, svg(plot)) for line, plot in drawn],
            links=_to_moment(page_of),
            call_links=lambda call: page_of(call.id),
            drill_language=drills(it.locale).language,
            style=Markup((TEMPLATES / "coach.css").read_text("utf-8").strip()),
        )
    )


def plotted(line: Line, windows: Windows | None = None) -> Plot | None:
    """A line as a plot with its windows and what became of it; None where no call was judged."""
    _, now = split(line.observations, windows)
    return progress_plot(
        line.metric, line.observations, line.before, line.now, len(now), said=wording.moved(line), target=line.target
    )


def _to_moment(page_of: Callable[[str], str | None]) -> Callable[[Moment], str | None]:
    def link(moment: Moment) -> str | None:
        page = page_of(moment.call_id)
        return f"{page}#f-{quote(moment.finding_id)}" if page else None

    return link


def _page(call_id: str, name: str, target: Path, reports: Path | None) -> str | None:
    """The way from this page to the call's, where there is one."""
    if reports is None:
        return None
    page = reports / report_name(name, call_id)
    return quote(os.path.relpath(page, target.parent).replace(os.sep, "/")) if page.is_file() else None


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _clock(seconds: float | None) -> str:
    return str(timedelta(seconds=int(seconds or 0))).removeprefix("0:")


def _code(text: str) -> Markup:
    """What stands between backquotes as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


@cache
def environment() -> Environment:
    """Templates and filters of the coach's page, for pages that show parts of it."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= filters()
    return made


def filters() -> dict[str, Callable[..., Any]]:
    """The filters that the templates use, by name."""
    return {
        "day": _day,
        "clock": _clock,
        "code": _code,
        "language": wording.language,
        "state": lambda state: wording.STATES[state],
        "stands": wording.stands,
        "no_work": wording.no_work,
        "is_known": lambda line, part: not isinstance(getattr(line, part), NotEnough),
        "moved": wording.moved,
        "alike": wording.alike,
        "verdict": wording.verdict,
        "why_this": wording.why_this,
        "goal_said": wording.goal_said,
        "aim": wording.aim,
        "upper_first": lambda text: text[:1].upper() + text[1:],
        "lower_first": lambda text: text[:1].lower() + text[1:],
        "gap_said": wording.gap_said,
        "agreement_said": wording.agreement_said,
    }
