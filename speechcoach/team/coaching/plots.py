"""A metric over the calls as a small drawing in SVG, with the same numbers in a table: for pages of any kind.

Conventions: calls stand in their order, evenly, for days without calls say nothing; values run upwards. Each call is a
dot, a window's centre a line with a band for its interval of 95 %, a goal's target a dashed line. What colour says is
also said by shape and by words, and colours come from the page's CSS variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from speechcoach.team.coaching.baselines import Baseline, NotEnough
from speechcoach.team.coaching.followed import Metric, Observation

TEMPLATES = Path(__file__).parent / "report"
"""Templates of the coach: `parts.html.j2` holds macros for other pages, `coach.css` what they look like."""
WIDTH, HEIGHT = 340, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 8, 14, 24


@dataclass(frozen=True, slots=True)
class Dot:
    """A call: place in the drawing, and its value for people."""

    x: float
    y: float
    is_now: bool


@dataclass(frozen=True, slots=True)
class Band:
    """A window: from `x1` to `x2`, its centre at `y`, its interval from `top` to `bottom`."""

    name: str
    x1: float
    x2: float
    y: float
    top: float
    bottom: float
    shown: str


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn; `ticks` are (y, text), `dates` (x, anchor, text), `rows` the same as a table."""

    id: str
    title: str
    said: str
    dots: tuple[Dot, ...]
    bands: tuple[Band, ...]
    target: tuple[float, str] | None
    ticks: tuple[tuple[float, str], ...]
    dates: tuple[tuple[float, str, str], ...]
    rows: tuple[tuple[str, str], ...]


def progress_plot(
    what: Metric,
    observations: Sequence[Observation],
    before: Baseline | NotEnough | None,
    now: Baseline | NotEnough | None,
    now_calls: int,
    *,
    said: str,
    target: float | None = None,
    id: str | None = None,
) -> Plot | None:
    """The plot of one metric, its observations in order of time; None where no call was judged.

    The last `now_calls` observations are the current window. `said` is the sentence that tells what the drawing shows.
    """
    dated = [item for item in observations if item.recorded_at]
    judged = [item for item in dated if item.value is not None]
    if not judged:
        return None
    scale = _Scale.of(what, [item.value for item in judged] + ([] if target is None else [target]), len(dated))
    edge = len(dated) - now_calls
    return Plot(
        id or what.name,
        what.title,
        said,
        tuple(
            Dot(scale.x(place), scale.y(item.value), place >= edge)
            for place, item in enumerate(dated)
            if item.value is not None
        ),
        tuple(
            scale.band(name, window, first, last, what)
            for name, window, first, last in (("before", before, 0, edge - 1), ("now", now, edge, len(dated) - 1))
            if isinstance(window, Baseline)
        ),
        None if target is None else (scale.y(target), f"goal {what.number(target)}"),
        tuple((scale.y(value), f"{value:g}") for value in scale.ticks()),
        (
            (_LEFT, "start", _day(dated[0].recorded_at)),
            (WIDTH - _RIGHT, "end", _day(dated[-1].recorded_at)),
        ),
        tuple(
            (f"{item.recorded_at:%Y-%m-%d}", "not judged" if item.value is None else what.shown(item.value))
            for item in dated
        ),
    )


def svg(plot: Plot) -> Markup:
    """The drawing, with a title and a description for those who do not see it."""
    return Markup(_environment().get_template("plot.svg.j2").render(plot=plot, width=WIDTH, height=HEIGHT))


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    calls: int

    @classmethod
    def of(cls, what: Metric, values: Sequence[float], calls: int) -> _Scale:
        if what.bounds is not None:
            return cls(*what.bounds, calls)
        low, high = min(values), max(values)
        room = (high - low or abs(high) or 1.0) * 0.1
        floor = 0.0 if what.kind == "rate" or low >= 0 > low - room else low - room
        return cls(floor, high + room, calls)

    def x(self, place: float) -> float:
        step = (WIDTH - _LEFT - _RIGHT) / max(self.calls, 1)
        return round(_LEFT + step * (place + 0.5), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)

    def ticks(self) -> tuple[float, ...]:
        middle = (self.low + self.high) / 2
        return tuple(float(f"{value:.3g}") for value in (self.low, middle, self.high))

    def band(self, name: str, window: Baseline, first: int, last: int, what: Metric) -> Band:
        shown = f"{name} {what.number(window.centre)}"
        top, bottom = self.y(min(window.interval.high, self.high)), self.y(max(window.interval.low, self.low))
        return Band(name, self.x(first - 0.4), self.x(last + 0.4), self.y(window.centre), top, bottom, shown)


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
