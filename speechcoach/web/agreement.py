"""People against the machine, as a page: where a team sees what its verdicts say of each cue, and of its threshold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from speechcoach.judgement import all_cues
from speechcoach.judgement.phrases import cue_title
from speechcoach.settings import Norms
from speechcoach.team.review import opinions
from speechcoach.team.review.agreement import (
    LEAST,
    Between,
    Dial,
    Judged,
    Precision,
    between,
    dial,
    norms_lines,
    precision,
)
from speechcoach.team.review.opinions import Line
from speechcoach.team.review.tables import QA
from speechcoach.team.rows import now
from speechcoach.web.doors import only
from speechcoach.web.pages import page, shop
from speechcoach.web.team import language_of


@dataclass(frozen=True, slots=True)
class Plot:
    """Verdicts against the measured value: places from 0 to 100 of the plot's width, and the values at its ends."""

    low: float
    high: float
    points: tuple[tuple[float, float, bool], ...]  # place, value, whether it was confirmed
    limit: float
    best: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """One threshold of a cue: what verdicts say of it, or why they say nothing yet."""

    threshold: str
    variant: str
    unit: str
    limit: float
    dial: Dial | None
    why: str
    lines: str
    plot: Plot


@dataclass(frozen=True, slots=True)
class CueRow:
    """A cue in the table; `agents` is how many of its findings an agent disputes."""

    cue: str
    strength: bool
    title: str
    found: int
    precision: Precision
    between: Between
    missed: int
    agents: int
    calibrations: tuple[Calibration, ...]


@only("qa")
def show_agreement(request: Request) -> Response:
    """The page, for calls of one language: a threshold is a language's own."""
    store = shop(request).store
    languages, language = language_of(request, opinions.languages(store))
    lines = opinions.of_team(store, language)
    counts, missed = opinions.found(store, language), opinions.missed(store, language)
    by_kind: dict[tuple[str, bool], list[Line]] = defaultdict(list)
    for line in lines:
        by_kind[line.cue, line.strength].append(line)
    kinds = {*by_kind, *(kind for kind in missed if kind[0] in all_cues())}
    rows = [
        _row(request, kind, counts.get(kind, 0), by_kind[kind], missed.get(kind, 0), language)
        for kind in sorted(kinds, key=lambda kind: (kind[1], cue_title(kind[0])))
    ]
    everything = between(_judged(lines))
    return page(
        request,
        "agreement.html.j2",
        languages=languages,
        language=language,
        rows=rows,
        untold=_untold(rows),
        everything=everything,
        least=LEAST,
        judges=sorted({line.by for line in lines if line.role == QA}),
    )


def _row(
    request: Request, kind: tuple[str, bool], found: int, lines: Sequence[Line], missed: int, language: str | None
) -> CueRow:
    cue, strength = kind
    judged = _judged(lines)
    return CueRow(
        cue,
        strength,
        cue_title(cue),
        found,
        precision(judged),
        between(judged),
        missed,
        len({(line.call_id, line.finding_id) for line in lines if line.role != QA and not line.confirmed}),
        tuple(_calibrations(request, lines, language)) if len(judged) >= LEAST else (),
    )


def _untold(rows: Sequence[CueRow]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Why no limit can be proposed, and for which cues and thresholds."""
    by_why: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        for own in row.calibrations:
            if own.dial is None:
                by_why[own.why[:1].upper() + own.why[1:]].append((row.title, own.threshold))
    return list(by_why.items())


def _judged(lines: Iterable[Line]) -> list[Judged]:
    """The findings that QA judged; an agent's dispute is no measure of the machine, for it is about their own work."""
    by_qa = sorted((line for line in lines if line.role == QA), key=_place)
    groups = (list(group) for _, group in groupby(by_qa, key=_place))
    return [Judged(own[0].call_id, own[0].value, {line.by: line.confirmed for line in own}) for own in groups]


def _place(line: Line) -> tuple[str, str]:
    return line.call_id, line.finding_id


def _calibrations(request: Request, lines: Sequence[Line], language: str | None) -> Iterable[Calibration]:
    """One for each way in which the cue measures: another unit or another side is another threshold."""
    ways: dict[tuple[str, str, bool], list[Line]] = defaultdict(list)
    for line in lines:
        ways[line.variant, line.unit, line.value < line.limit].append(line)
    norms = Norms.load(language, shop(request).norms)
    for (variant, unit, below), own in sorted(ways.items()):
        judged = _judged(own)
        name = _threshold(request, own[-1])
        if not judged or not name:
            continue
        entry = norms.thresholds.get(own[0].cue, {}).get(name)
        limit = entry.value if entry else own[-1].limit
        told = dial(judged, limit, below)
        given = told if isinstance(told, Dial) else None
        yield Calibration(
            name,
            variant,
            unit,
            limit,
            given,
            "" if given else str(told),
            norms_lines(own[0].cue, name, given, _source(judged)) if given and given.supported else "",
            _plot(judged, limit, given),
        )


def _threshold(request: Request, line: Line) -> str:
    """The name of the norm that a finding was held against; only the whole result tells it."""
    result = shop(request).store.result(line.call_id)
    found = result.findings if result else ()
    return next((item.threshold for item in found if item.id == line.finding_id), "")


def _source(judged: Sequence[Judged]) -> str:
    people = len({name for item in judged for name in item.verdicts})
    return f"agrees best with {len(judged)} findings judged by {people} of us, {now():%Y-%m-%d}"


def _plot(judged: Sequence[Judged], limit: float, told: Dial | None) -> Plot:
    sure = [(item.value, item.confirmed) for item in judged if item.confirmed is not None]
    best = told.best if told and told.supported else None
    values = [limit, *(value for value, _ in sure), *([best] if best is not None else [])]
    low, high = min(values), max(values)
    width = (high - low) or 1.0

    def place(value: float) -> float:
        return round(3 + 94 * (value - low) / width, 2)

    points = tuple((place(value), value, bool(confirmed)) for value, confirmed in sorted(sure))
    return Plot(low, high, points, place(limit), None if best is None else place(best))


ROUTES = (Route("/agreement", show_agreement),)
