"""What the panels of a plot share: the clock, lanes, marks, and text that is drawn as it is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from textwrap import fill
from typing import TYPE_CHECKING, Any

from speechcoach.views.formats.libraries import library
from speechcoach.views.formats.timeline import one_line
from speechcoach.views.plot.palette import GREY, INK, RULE, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SMALL = 9  # points
_COLUMNS = 100  # of a sentence in a panel
_OTHER_SCRIPTS = (
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans Arabic", "Noto Sans Devanagari", "Noto Sans Thai",
    "Noto Sans Hebrew", "Hiragino Sans", "PingFang SC", "Yu Gothic", "Microsoft YaHei", "Arial Unicode MS",
)  # fmt: skip


def figure(width_in: float, heights_in: Sequence[float]) -> tuple[Figure, list[Axes]]:
    """A figure of panels one above the other, which share the clock. Raises UsageError without matplotlib."""
    made: Figure = library("matplotlib.figure").Figure(figsize=(width_in, sum(heights_in) + 1.0), layout="constrained")
    panels = made.subplots(len(heights_in), 1, sharex=True, squeeze=False, height_ratios=list(heights_in))
    for panel in panels[:, 0]:
        _quiet(panel)
    return made, list(panels[:, 0])


def _quiet(panel: Axes) -> None:
    panel.spines[["top", "right"]].set_visible(False)
    panel.spines[["left", "bottom"]].set_color(GREY)
    panel.tick_params(labelsize=_SMALL, color=GREY, labelcolor=INK)
    panel.set_axisbelow(True)
    panel.grid(axis="x", color=RULE, linewidth=0.6)


def clock(panel: Axes, start_s: float, end_s: float, digits: int = 0) -> None:
    """The time axis, as m:ss; with digits of a second where a turn is looked at."""

    def shown(time_s: float, _: Any = None) -> str:
        minutes, rest = divmod(round(time_s, digits), 60)
        return f"{int(minutes)}:{rest:0{3 + digits if digits else 2}.{digits}f}"

    ticker = library("matplotlib.ticker")
    steps = [1, 2, 5, 10] if end_s - start_s < 30 else [1, 1.5, 3, 6, 10]
    panel.set_xlim(start_s, end_s)
    panel.xaxis.set_major_locator(ticker.MaxNLocator(nbins=10, steps=steps))
    panel.xaxis.set_major_formatter(ticker.FuncFormatter(shown))
    panel.set_xlabel("time in the call, min:s", fontsize=_SMALL, color=INK)


def titled(panel: Axes, text: str) -> None:
    """The panel's title, at its left; text of a call is no formula, whatever signs it holds."""
    panel.set_title(one_line(text), loc="left", fontsize=11, fontweight="bold", color=INK, parse_math=False)


def lanes(panel: Axes, names: Sequence[str]) -> None:
    """A row for each name, the first on top."""
    panel.set_yticks(range(len(names)), [one_line(name) for name in names])
    panel.set_ylim(max(1, len(names)) - 0.4, -0.6)
    panel.tick_params(axis="y", length=0)


def marked(panel: Axes, mark: Mark, times_s: Sequence[float], rows: Sequence[float]) -> None:
    """Events of one kind, at their rows; the label is the kind's, once, for the legend."""
    panel.plot(
        list(times_s),
        list(rows),
        linestyle="none",
        marker=mark.marker,
        markersize=11 if mark.marker == "*" else 8,
        markerfacecolor=mark.colour if mark.filled else "white",
        markeredgecolor=mark.colour if not mark.filled else "white",
        markeredgewidth=1.4 if not mark.filled else 0.6,
        label=mark.name,
        clip_on=False,
        zorder=3,
    )


def spread(panel: Axes, least: float) -> None:
    """The panel shows `least` units at least: what hardly moves looks as if it hardly moves."""
    low, high = panel.get_ylim()
    if high - low < least:
        middle = (low + high) / 2
        panel.set_ylim(middle - least / 2, middle + least / 2)


@cache
def families() -> list[str]:
    """Fonts for what people said: matplotlib's own, then those that are installed for other scripts."""
    manager = library("matplotlib.font_manager").fontManager
    there = {font.name for font in manager.ttflist}
    return ["DejaVu Sans", *(name for name in _OTHER_SCRIPTS if name in there)]


def legend(panel: Axes) -> None:
    """What is what, beside the panel, where it hides nothing."""
    if panel.get_legend_handles_labels()[1]:
        panel.legend(
            loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=_SMALL, labelcolor=INK, borderaxespad=0
        )


def empty(panel: Axes, why: str) -> None:
    """A panel that has nothing to show says so."""
    look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": _SMALL, "color": INK}
    panel.text(0.5, 0.5, fill(one_line(why), _COLUMNS), transform=panel.transAxes, parse_math=False, **look)
    panel.set_yticks([])
