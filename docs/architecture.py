"""The architecture in one picture, drawn from the import contract, so that it cannot say what the code does not.

Conventions: SVG user units are pixels at full size; y grows downwards. The layers are those of `[tool.importlinter]` in
pyproject.toml, top first; what each says is the first sentence of its room's docstring.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Sequence
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIDTH, MARGIN, ROW, STEP = 1040, 24, 34, 6
NAME_X, SAID_X = 40, 190
LAYERS_TOP = 252
_UNSAID = {"views": "Readers of a result: the terminal, the report, other programs."}
_WAY = (("recording", "a file"), ("measure", "slow, once"), ("Facts", "stored"), ("judge", "pure, at will"))
_READERS = ("views", "store, team, coaching", "web")
_GIVEN = {"measure": "Config", "judge": "Norms, Rubric"}
_STYLE = """
text { font-family: system-ui, "DejaVu Sans", sans-serif; fill: #1d2730 }
.small { font-size: 13px } .name { font-size: 15px; font-weight: 600 } .head { font-size: 17px; font-weight: 600 }
.soft { fill: #46535e } .box { fill: #ffffff; stroke: #5b6b78; stroke-width: 1.2 }
.act { fill: #dcebf5; stroke: #23618c; stroke-width: 1.5 } .line { stroke: #46535e; stroke-width: 1.6; fill: none }
"""


def pages() -> dict[str, str]:
    """The one picture."""
    return {"pictures/architecture.svg": picture()}


def layers() -> list[str]:
    """Rooms of the contract, the highest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    return next(list(contract["layers"]) for contract in contracts if contract["type"] == "layers")


def said_of(room: str) -> str:
    """First sentence of a room's docstring, without its last full stop; nothing is imported."""
    own = ROOT / "speechcoach" / room
    source = own.with_suffix(".py") if own.with_suffix(".py").is_file() else own / "__init__.py"
    doc = ast.get_docstring(ast.parse(source.read_text("utf-8"))) or _UNSAID[room]
    first = " ".join(doc.split("\n\n")[0].split()).split(". ")[0].rstrip(".")
    return first.removeprefix(f"{room.capitalize()}: ").replace("`", "")


def picture() -> str:
    """The whole SVG."""
    rooms = layers()
    height = LAYERS_TOP + len(rooms) * (ROW + STEP) + MARGIN
    told = ", ".join(rooms)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d">\n'
        f'<title id="t">The way of a call, and the rooms of the code</title>\n'
        f'<desc id="d">A recording is measured once into facts; facts are judged at will into a result; views, store '
        f"and web read it. Rooms from the highest to the lowest, each importing only from those below: {told}.</desc>\n"
        f"<style>{_STYLE}</style>\n"
        f'<rect width="{WIDTH}" height="{height}" rx="10" fill="#f6f4ee"/>\n{_arrow_head()}'
    )
    return head + "\n".join([*_way(), *_stairs(rooms), "</svg>", ""])


def _arrow_head() -> str:
    return (
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#46535e"/></marker></defs>\n'
    )


def _way() -> list[str]:
    """From a recording to those who read the result."""
    made = [_text(MARGIN, 38, "The way of a call", "head")]
    x = MARGIN
    for name, said in _WAY:
        made += _box(x, 66, 134, 54, name, said, "act" if name in _GIVEN else "box")
        if name in _GIVEN:
            made += [_text(x + 67, 172, _GIVEN[name], "small", "middle"), _line(x + 67, 158, x + 67, 124)]
        made.append(_line(x + 134, 93, x + 166, 93))
        x += 170
    made += _box(x, 66, 100, 54, "Result", "JSON", "box")
    for place, reader in enumerate(_READERS):
        y = 48 + place * 45
        made += [_line(x + 100, 93, x + 132, y), *_box(x + 136, y - 16, 168, 32, reader, "", "box")]
    return made


def _stairs(rooms: Sequence[str]) -> list[str]:
    """One row a room; each may import only from rows below it."""
    made = [
        _text(MARGIN, LAYERS_TOP - 42, "The rooms of the code", "head"),
        _text(MARGIN, LAYERS_TOP - 20, "Each imports only from rooms below it; a check holds that.", "small soft"),
    ]
    for place, room in enumerate(rooms):
        y = LAYERS_TOP + place * (ROW + STEP)
        made.append(_rect(MARGIN, y, WIDTH - 2 * MARGIN - 30, ROW, "act" if room == "pipeline" else "box"))
        made += [_text(NAME_X, y + 22, room, "name"), _text(SAID_X, y + 22, said_of(room), "small soft")]
    bottom = LAYERS_TOP + len(rooms) * (ROW + STEP) - STEP
    return [*made, _line(WIDTH - MARGIN - 10, LAYERS_TOP, WIDTH - MARGIN - 10, bottom)]


def _box(x: float, y: float, width: float, height: float, name: str, said: str, kind: str) -> list[str]:
    middle = x + width / 2
    if not said:
        return [_rect(x, y, width, height, kind), _text(middle, y + height / 2 + 5, name, "small", "middle")]
    names = [_text(middle, y + 23, name, "name", "middle"), _text(middle, y + 42, said, "small soft", "middle")]
    return [_rect(x, y, width, height, kind), *names]


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="6"/>'


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path class="line" d="M{x1:g} {y1:g}L{x2:g} {y2:g}" marker-end="url(#a)"/>'
