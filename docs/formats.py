"""The page of formats: what comes in is told by hand, vendors and exports by the code that knows them."""

from __future__ import annotations

from speechcoach.audio.decoding import MORE, SUPPORTED
from speechcoach.audio.headerless import EXAMPLE
from speechcoach.audio.profiles import Profile, profiles
from speechcoach.views.formats import FORMATS

_PAGE = """# Formats, in and out

*For engineers who connect recorders, recognisers and other programs.*

## Recordings

| what | needs |
|---|---|
| {supported} | - |
| {more}; the sound of a video | extra `codecs` |
| files without a header: mu-law, A-law, signed linear, GSM, VOX; G.722 with `codecs` | `--raw {example}`, or an \
ending as Asterisk writes it (`.ulaw`, `.alaw`, `.sln16`, ...) |
| recordings in an object store, `s3://bucket/...` | extra `s3` |

Any rate, any length. Where an extra is missing, the error names the command that installs it.

**Channels.** Two with one side each are judged whole. One, or the same mix on both, is split by voice as far as
that can be done: see [what it will not claim](../limits.md#one-channel). Of more than two, say which: `--channels
0,2`.

**A call in two files**, one a side:

```console
$ speechcoach analyze --agent-file 17-out.wav --customer-file 17-in.wav
```

In a [manifest](../start/qa.md#a-folder-of-calls-into-a-store) these are the columns `agent_file` and
`customer_file`. Where one began later, say so: `--customer-delay-s 1.5`.

**Damaged files.** One that is cut short is refused, with the cause and the cure in one sentence: a clock that
shifts in the middle of a call would be worse than no result. `--partial` analyses what is left. Stretches that are
lost inside become silence of the same length, and the report says where. The WAV of a recorder that was stopped (a
length of 0 in its header) is read to its end.

## Recorders

`--profile NAME` says whose recorder wrote the files: which side is whose, where the vendor says it for every call,
and which two files are one call. Where it depends on the call, roles are guessed by what is said, unless `--agent`
names them.

| profile | agent | files | what is known |
|---|---|---|---|
{profiles}

## Transcripts that you already have

`speechcoach analyze call.wav --words FILE`: no speech model is loaded. What a file is, its content tells.

| format | speakers | times of words |
|---|---|---|
| JSON of openai-whisper, WhisperX, faster-whisper, OpenAI's service | where named | yes, or laid over the segment's \
speech |
| Amazon Transcribe, Call Analytics, Contact Lens | yes | yes |
| WebVTT | voice tags | laid over the cue's speech |
| SRT | - | laid over the cue's speech; add `--language` |
| CTM | channel | yes; add `--language` |

A file for each side is better than one without speakers. A transcript of another call, or one whose times are
shifted, is refused.

## What an analysis writes

| file | for |
|---|---|
| `NAME.html` | people: one file, no network, with the sound of calls of up to ten minutes |
| `NAME.json` | programs: [the result](result.md) |
| standard output | a summary; with `--json` the result alone |

## Export

```console
$ speechcoach export out/call.json --format textgrid --out call.TextGrid
$ speechcoach export --store calls.db --call call.wav --format eaf --out call.eaf
$ speechcoach export out/*.json --table words --format parquet --out words.parquet
```

A call, for annotation editors, players and scoring tools:

| format | for | file | needs |
|---|---|---|---|
{exports}

Tables, of results (`turns`, `words`, `findings`, `overlaps`, `scores`, `speakers`) or of a whole store (`call`,
`finding`, `score`, `speaker`, `abstention`): `csv`, `jsonl`, and `parquet` with the extra of that name. `--frames
call.wav` alone writes pitch, level and voicing of the recording every 10 ms, as Parquet; beside a result it adds
them where the format can carry them. In Python, `sc.to_pandas(result, "turns")` gives the same tables as data
frames.
"""
_FOR = {
    "textgrid": "Praat: tiers of turns, words, voice, overlaps, pauses, findings; with `--frames` pitch and level",
    "eaf": "ELAN: the same tiers, linked to the recording",
    "rttm": "NIST: who speaks when",
    "ctm": "NIST: the words with their times",
    "vtt": "players: captions, `<v Agent>`",
    "srt": "players: captions, `Agent:`",
    "contact-lens": "Amazon Connect Contact Lens 1.1.0, without what is not measured here, such as sentiment; with "
    "`--frames` the loudness of every second",
}
_EXTRA_OF = {
    None: "-",
    "webvtt": "-",
    "praatio": "extra `formats`",
    "pympi": "extra `formats`",
    "srt": "extra `formats`",
}


def pages() -> dict[str, str]:
    """The one page."""
    told = {"profiles": "\n".join(map(_profile, profiles())), "exports": "\n".join(map(_export, FORMATS))}
    return {"reference/formats.md": _PAGE.format(supported=SUPPORTED, more=MORE, example=EXAMPLE, **told)}


def _profile(one: Profile) -> str:
    address, _, rest = one.source.partition(" ")
    source = f"[source]({address}), read {one.read}" + (f" {rest}" if rest else "")
    return f"| `{one.name}` | {one.agent or 'depends'} | {one.files} | {one.why} ({source}) |"


def _export(name: str) -> str:
    form = FORMATS[name]
    return f"| `{name}` | {_FOR[name]} | `NAME{form.suffix}` | {_EXTRA_OF[form.library]} |"
