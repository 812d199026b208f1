"""The whole way of a call, on one screen: `measure` once, `judge` at will, `analyze` for both.

`measure` is slow and needs models; `judge` is pure and takes milliseconds, because it reads stored facts only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from speechcoach import channels, features
from speechcoach.audio import Recording, Sides, known_side, open_recording, unsided, with_losses
from speechcoach.conversation import (
    CHANNELS,
    MIXED,
    Foreign,
    Party,
    Roles,
    assemble,
    deal_words,
    given_roles,
    guess_roles,
    how_told,
    interpret,
    speech_only,
    unfit_on_one_channel,
    voices_as_parties,
)
from speechcoach.errors import TranscriptError
from speechcoach.judgement import check_rubric, judge_facts, score_call
from speechcoach.records import Call, Channel, Facts, Frames, Result, Settings, Span, Word
from speechcoach.settings import Config, Norms, Rubric, with_options

if TYPE_CHECKING:
    from speechcoach.transcript import Imported, Transcript

Progress = Callable[[str, float], None]
"""(what is being done, share done 0-1)"""

NormsLike = Norms | Path | str | None
RubricLike = Rubric | Path | str | None
"""The record, the path of its TOML file, or what is shipped."""


_READ, _VOICE = 0.03, 0.1  # shares of the work, for a progress line; the rest is transcription


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """Facts, and what only a report with sound needs: the recording, and the frames in which somebody speaks."""

    facts: Facts
    recording: Recording
    frames: Frames


def analyze(path: Path | str | Sides, *, norms: NormsLike = None, rubric: RubricLike = None, **options: Any) -> Result:
    """Measure and judge one recording, or the two files of one (`Sides`).

    `options` are those of `Config`: agent, transcript, model, engine ...

    `norms` and `rubric` are records or paths of TOML files. Raises a SpeechcoachError whose text says what to do.
    """
    return judge(measure(path, **options), norms, rubric)


def measure(path: Path | str | Sides, config: Config | None = None, **options: Any) -> Facts:
    """Everything that can be measured in the recording `path`."""
    return measure_whole(path, with_options(config or Config(), **options)).facts


def judge(facts: Facts, norms: NormsLike = None, rubric: RubricLike = None) -> Result:
    """What the facts mean under these norms and this rubric; needs no audio and no model."""
    by = norms if isinstance(norms, Norms) else Norms.load(facts.call.language, norms)
    costs = rubric if isinstance(rubric, Rubric) else Rubric.load(rubric)
    check_rubric(costs)
    facts = interpret(facts, by.phrases)
    findings, abstained = judge_facts(facts, by)
    settings = Settings(facts.config, by.fingerprint, costs.fingerprint)
    return Result(facts, settings, findings, abstained, score_call(findings, abstained, costs))


def measure_whole(path: Path | str | Sides, config: Config, progress: Progress | None = None) -> Measurement:
    """As `measure`, with the frames and the recording kept for a report."""
    say = progress or (lambda _what, _share: None)
    say("reading", 0.0)
    recording = open_recording(path, config)
    samples = recording.analysis
    say("listening to the voice", _READ)
    frames = features.extract_blocks(recording.analysis_blocks(), 8_000)
    activity = channels.find_activity(frames, samples)
    fitness, unfit = channels.assess_channels(frames, samples, activity, recording.clipped)
    read = _to_read(fitness, unfit)
    told = _told_apart(frames, samples, activity, read)
    recording.release()
    if told is not None:
        unfit = unfit_on_one_channel(unfit, told, recording.channels)
    sides = _sides(read, activity, told)
    said = _listen(recording, read, sides, activity, config, say)
    heard = said.transcript
    if heard.why:
        unfit["transcript"] = heard.why
    norms = Norms.load(heard.language)
    words = _words_by_side(heard.words, sides)
    roles = _roles(recording, sides, words, said.agent, config, norms, told)
    names = {place: name for name, place in roles.side_of.items()}
    parties = [replace(side, name=names[place]) for place, side in enumerate(sides)]
    named = [_named(word, party.name) for party, own in zip(parties, words, strict=True) for word in own]
    call = _call(recording, roles, parties, said, told)
    facts = assemble(call, config.fingerprint, frames, parties, named, norms.phrases, _foreign(heard, read, parties))
    unjudged = channels.overlaps_unjudged(fitness)
    facts = interpret(
        replace(facts, channels=with_losses(fitness, recording), unfit=unfit, overlaps_unjudged=unjudged), norms.phrases
    )
    say("done", 1.0)
    return Measurement(facts, recording, speech_only(frames, parties))


def _named(word: Word, speaker: str) -> Word:
    """The word as it is stored: to the millisecond, by who said it."""
    chances = [None if chance is None else round(chance, 3) for chance in (word.probability, word.closes)]
    return Word(speaker, round(word.start_s, 3), round(word.end_s, 3), word.text, *chances)


def _to_read(fitness: Sequence[Channel], unfit: Mapping[str, str]) -> tuple[int, ...]:
    """The channels to read: both sides, or the one with most speech where the channels do not tell the sides."""
    if "speakers" not in unfit and len(fitness) > 1:
        return tuple(item.channel for item in fitness)
    return (max(fitness, key=lambda item: item.speech_s).channel,)


def _told_apart(
    frames: Frames, samples: np.ndarray, activity: channels.Activity, read: Sequence[int]
) -> channels.Speakers | None:
    """The voices on the only channel that is read, where anybody speaks on it."""
    if len(read) > 1 or not activity.speech[read[0]]:
        return None
    return channels.tell_apart(frames, np.atleast_2d(samples)[read[0]], activity.speech[read[0]], read[0])


def _sides(read: Sequence[int], activity: channels.Activity, told: channels.Speakers | None) -> list[Party]:
    """Who can be told apart, before it is known who they are: a channel each, or two voices on one, or all as one."""
    if told is not None and told.count == 2:
        return voices_as_parties(told, read[0], activity.music[read[0]])
    names = CHANNELS if len(read) > 1 else (MIXED,)
    return [
        Party(name, channel, activity.speech[channel], activity.music[channel])
        for name, channel in zip(names, read, strict=True)
    ]


def _words_by_side(words: Sequence[Sequence[Word]], sides: Sequence[Party]) -> list[Sequence[Word]]:
    """The words of each side, from those of each channel or, where a file told more, of each side."""
    return list(words) if len(words) == len(sides) else [*deal_words(words[0], sides)]


def _foreign(heard: Transcript, read: Sequence[int], parties: Sequence[Party]) -> list[Foreign]:
    """Stretches in another language, for everybody on their channel."""
    return [
        Foreign(party.name, Span(part.start_s, part.end_s), part.language)
        for part in heard.others
        for party in parties
        if party.channel == int(part.speaker)
    ]


def _listen(
    recording: Recording,
    read: Sequence[int],
    sides: Sequence[Party],
    activity: channels.Activity,
    config: Config,
    say: Progress,
) -> Imported:
    """What was said: read where finished words were given, transcribed otherwise."""
    from speechcoach.transcript import Imported, import_words, transcripts_of  # a third of the import, for judging none

    if not config.words or not any(side.speech for side in sides):
        return Imported(_transcribe(recording, read, activity, config, say))
    say("reading the words", _VOICE)
    files = transcripts_of(recording.path, config.words)

    def imported(spans: Sequence[Sequence[Span]], of: Sequence[int]) -> Imported:
        name, names = recording.path.name, [str(channel) for channel in of]
        return import_words(files, spans, recording.duration_s, call=name, speakers=names, language=config.language)

    try:
        return imported([side.speech for side in sides], [side.channel for side in sides])
    except TranscriptError:
        if len(sides) == len(read):
            raise
        return imported([activity.speech[channel] for channel in read], read)  # whose words, the voices alone tell


def _transcribe(
    recording: Recording, read: Sequence[int], activity: channels.Activity, config: Config, say: Progress
) -> Transcript:
    from speechcoach.transcript import Transcript, cache, engine_for, transcribe

    nothing = tuple(() for _ in read)
    if not config.transcript:
        return Transcript(config.language, None, nothing, "", "the transcript was switched off")
    spans = [activity.speech[channel] for channel in read]
    if not any(spans):
        return Transcript(config.language, None, nothing, "", "nobody speaks in the recording")
    say("loading the speech model", _VOICE)
    engine = engine_for(config.model, config.engine)
    sound = recording.reader(16_000)

    def heard() -> Transcript:
        return transcribe(
            lambda place, span: sound(read[place], span),
            spans,
            engine,
            speakers=[str(channel) for channel in read],
            language=config.language,
            progress=lambda done_s, all_s: say("transcribing", _VOICE + (1 - _VOICE) * done_s / all_s),
        )

    return cache.transcript_of(
        cache.opened() if config.cache else None,
        lambda: cache.key_of(recording.sha256, read, spans, engine, config.language),
        heard,
    )


def _roles(
    recording: Recording,
    sides: Sequence[Party],
    words: Sequence[Sequence[Word]],
    agent: int | None,
    config: Config,
    norms: Norms,
    told: channels.Speakers | None,
) -> Roles:
    """Who of the sides is who: as the user says, as the transcript (`agent`) or the vendor says, or as it sounds."""
    if len(sides) == 1:
        return Roles({MIXED: 0}, "default", "one channel carries both sides", 0.0)
    first_s = [side.speech[0].start_s if side.speech else float("inf") for side in sides]
    no_channel = told is not None and config.agent in ("left", "right")
    if config.agent is not None and not no_channel:
        return given_roles(config.agent, first_s)
    known = None if told is not None else known_side(recording, config)
    if known is not None and known.source == "option":
        return replace(given_roles(known.agent), why=known.why)
    if agent is not None:
        return Roles({"agent": agent, "customer": 1 - agent}, "metadata", "the transcript names them", 1.0)
    if known is not None:
        return replace(given_roles(known.agent), source=known.source, why=known.why)
    apart = 1.0 if told is None else told.probability
    roles = guess_roles(words, first_s, norms.phrases, [side.name for side in sides], apart)
    no_side = f"no channel is the {config.agent} one's alone" if no_channel else "" if told else unsided(config)
    return replace(roles, why="; ".join(filter(None, (roles.why, no_side))))


def _call(
    recording: Recording, roles: Roles, parties: Sequence[Party], said: Imported, told: channels.Speakers | None
) -> Call:
    return Call(
        id=recording.sha256,
        file=os.fsencode(recording.name).decode("utf-8", "replace"),
        duration_s=round(recording.duration_s, 3),
        rate_hz=recording.rate_hz,
        channels=recording.channels,
        roles={name: parties[place].channel for name, place in roles.side_of.items()},
        roles_from=roles.source,
        roles_why=roles.why,
        language=said.transcript.language,
        transcribed_by="; ".join(filter(None, (said.transcript.engine, said.note))) or None,
        speakers_why=how_told(told) if told is not None and told.count == 2 else "",
        speakers_probability=told.probability if told is not None and told.count == 2 else None,
        notes=tuple(os.fsencode(note).decode("utf-8", "replace") for note in recording.notes),
        lost=recording.lost,
    )
