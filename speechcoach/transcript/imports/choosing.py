"""Which of the files that the user named are a call's transcript.

Several calls are analysed at once, so files are found by name: `call.json`, `call.wav.json`, `call.agent.vtt` and
`call.customer.vtt` are transcripts of `call.wav`; so is a file that begins with the same contact id, as Amazon
Connect names recordings and analyses.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from pathlib import Path

from speechcoach.errors import UsageError
from speechcoach.transcript.imports.document import TranscriptError

# The order of preference where a folder holds several formats of one call, as Whisper writes them
ENDINGS = (".json", ".ctm", ".vtt", ".srt")
SIDES = {
    "agent": "agent", "customer": "customer", "left": 0, "right": 1, "ch0": 0, "ch1": 1, "ch_0": 0, "ch_1": 1,
}  # fmt: skip
_SIDE = re.compile(rf"(.*)[.\-_ ]({'|'.join(SIDES)})", re.IGNORECASE | re.DOTALL)
_CONTACT = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def side_of(path: Path) -> str | int | None:
    """ "agent", "customer" or a channel where the file's name ends in one."""
    match = _SIDE.fullmatch(path.stem)
    return SIDES[match[2].lower()] if match else None


def check_named(named: Sequence[Path | str]) -> None:
    """Raises UsageError where what the user named is not there."""
    for item in map(str, named):
        if not Path(item).exists() and not _expanded(item):
            raise UsageError(f"{item}: there is no such transcript or folder; check what --words names")


def transcripts_of(call: Path | str, named: Sequence[Path | str], alone: bool = True) -> tuple[Path, ...]:
    """The one file with the words of `call`, or the two of its sides.

    `named` are files, folders and patterns. Where `alone`, files that were named one by one are this call's whatever
    they are called. Raises TranscriptError where none fits, or more than one.
    """
    call = Path(call)
    check_named(named)
    direct = [Path(item) for item in named if Path(item).is_file()]
    if alone and direct and len(direct) == len(named) <= 2:
        return tuple(direct)
    listed = direct + [file for item in named if not Path(item).is_file() for file in _listed(str(item))]
    fitting = [file for file in dict.fromkeys(listed) if _fits(file, call)]
    for ending in ENDINGS:
        if same := [file for file in fitting if file.suffix.lower() == ending]:
            return _one_or_two(call, same)
    where = ", ".join(str(item) for item in named)
    raise TranscriptError(
        f"{call}: there are no words for it in {where[:200]}; name them {call.stem}.json (or .vtt, .srt, .ctm), or "
        "leave --words out to have it transcribed here"
    )


def _one_or_two(call: Path, files: list[Path]) -> tuple[Path, ...]:
    whole = [file for file in files if side_of(file) is None]
    if len(whole) == 1:
        return (whole[0],)
    sides = {side_of(file) for file in files}
    if not whole and len(files) == len(sides) <= 2:
        return tuple(sorted(files))
    names = ", ".join(file.name for file in files[:4])
    raise TranscriptError(f"{call}: {len(files)} transcripts fit it ({names}); name one, or two of one side each")


def _listed(item: str) -> list[Path]:
    if Path(item).is_dir():
        return sorted(file for file in Path(item).iterdir() if file.suffix.lower() in ENDINGS and file.is_file())
    return _expanded(item)


def _expanded(item: str) -> list[Path]:
    return sorted(Path(file) for file in glob.glob(item) if Path(file).is_file()) if glob.has_magic(item) else []


def _fits(file: Path, call: Path) -> bool:
    names = {call.stem, call.name}
    stem = file.stem
    if stem in names or ((match := _SIDE.fullmatch(stem)) and match[1] in names):
        return True
    contact = _CONTACT.match(call.stem)
    return bool(contact) and stem.lower().startswith(contact[0].lower())
