"""The whole way of a call, on one screen: `measure` once, `judge` at will, `analyze` for both.

`measure` is slow and needs models; `judge` is pure and takes milliseconds, because it reads stored facts only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speechcoach import channels, features
from speechcoach.audio import Recording, open_recording
from speechcoach.conversation import Foreign, Party, Roles, assemble, given_roles, guess_roles, interpret, speech_only
from speechcoach.judgement import all_cues, judge_facts, score_call
from speechcoach.records import Call, Channel, Facts, Frames, Result, Settings, Span, Word
from speechcoach.settings import Config, Norms, Rubric, with_options

if TYPE_CHECKING:
    from speechcoach.transcript import Imported, Transcript

Progress = Callable[[str, float], None]
"""(what is being done, share done 0-1)"""


_READ, _VOICE = 0.03, 0.1  # shares of the work, for a progress line; the rest is transcription


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """Facts, and what only a report with sound needs: the recording, and the frames in which somebody speaks."""

    facts: Facts
    recording: Recording
    frames: Frames


def analyze(path: Path | str, *, norms: Any = None, rubric: Any = None, **options: Any) -> Result:
    """Measure and judge one recording. `options` are those of `Config`: agent, transcript, model, engine ...

    `norms` and `rubric` are records or paths of TOML files. Raises a SpeechcoachError whose text says what to do.
    """
    return judge(measure(path, **options), norms, rubric)


def measure(path: Path | str, config: Config | None = None, **options: Any) -> Facts:
    """Everything that can be measured in the recording `path`."""
    return measure_whole(path, with_options(config or Config(), **options)).facts


def judge(facts: Facts, norms: Any = None, rubric: Any = None) -> Result:
    """What the facts mean under these norms and this rubric; needs no audio and no model."""
    norms = norms if isinstance(norms, Norms) else Norms.load(facts.call.language, norms)
    rubric = rubric if isinstance(rubric, Rubric) else Rubric.load(rubric)
    rubric.check_cues(tuple(all_cues()))
    facts = interpret(facts, norms.phrases)
    findings, abstained = judge_facts(facts, norms)
    settings = Settings(facts.config, norms.fingerprint, rubric.fingerprint)
    return Result(facts, settings, findings, abstained, score_call(findings, abstained, rubric))


def measure_whole(path: Path | str, config: Config, progress: Progress | None = None) -> Measurement:
    """As `measure`, with the frames and the recording kept for a report."""
    say = progress or (lambda _what, _share: None)
    say("reading", 0.0)
    recording = open_recording(path)
    samples = recording.analysis
    say("listening to the voice", _READ)
    frames = features.extract_blocks(recording.analysis_blocks(), 8_000)
    activity = channels.find_activity(frames, samples)
    fitness, unfit = channels.assess_channels(frames, samples, activity, recording.clipped)
    recording.release()
    lanes = _lanes(fitness, unfit)
    said = _listen(recording, lanes, activity, config, say)
    heard = said.transcript
    if heard.why:
        unfit["transcript"] = heard.why
    norms = Norms.load(heard.language)
    roles = _roles(lanes, said, activity, config, norms)
    parties = [
        Party(name, channel, activity.speech[channel], activity.music[channel])
        for name, channel in roles.channel_of.items()
    ]
    names = {channel: name for name, channel in roles.channel_of.items()}
    words = [_named(word, names[lane]) for lane, said in zip(lanes, heard.words, strict=True) for word in said]
    call = _call(recording, roles, said)
    foreign = [
        Foreign(names[int(part.speaker)], Span(part.start_s, part.end_s), part.language) for part in heard.others
    ]
    facts = assemble(call, config.fingerprint, frames, parties, words, norms.phrases, foreign)
    facts = interpret(replace(facts, channels=fitness, unfit=unfit), norms.phrases)
    say("done", 1.0)
    return Measurement(facts, recording, speech_only(frames, parties))


def _named(word: Word, speaker: str) -> Word:
    """The word as it is stored: to the millisecond, by who said it."""
    chances = [None if chance is None else round(chance, 3) for chance in (word.probability, word.closes)]
    return Word(speaker, round(word.start_s, 3), round(word.end_s, 3), word.text, *chances)


def _lanes(fitness: Sequence[Channel], unfit: Mapping[str, str]) -> tuple[int, ...]:
    """The channels to read: both sides, or the one with most speech where the sides cannot be told apart."""
    if "speakers" not in unfit and len(fitness) > 1:
        return tuple(item.channel for item in fitness)
    return (max(fitness, key=lambda item: item.speech_s).channel,)


def _listen(
    recording: Recording, lanes: Sequence[int], activity: channels.Activity, config: Config, say: Progress
) -> Imported:
    """What was said: read where finished words were given, transcribed otherwise."""
    from speechcoach.transcript import Imported, import_words, transcripts_of  # a third of the import, for judging none

    spans = [activity.speech[lane] for lane in lanes]
    if not config.words or not any(spans):
        return Imported(_transcribe(recording, lanes, activity, config, say))
    say("reading the words", _VOICE)
    return import_words(
        transcripts_of(recording.path, config.words),
        spans,
        recording.duration_s,
        call=recording.path.name,
        speakers=[str(lane) for lane in lanes],
        language=config.language,
    )


def _transcribe(
    recording: Recording, lanes: Sequence[int], activity: channels.Activity, config: Config, say: Progress
) -> Transcript:
    from speechcoach.transcript import Transcript, cache, engine_for, transcribe

    nothing = tuple(() for _ in lanes)
    if not config.transcript:
        return Transcript(config.language, None, nothing, "", "the transcript was switched off")
    spans = [activity.speech[lane] for lane in lanes]
    if not any(spans):
        return Transcript(config.language, None, nothing, "", "nobody speaks in the recording")
    say("loading the speech model", _VOICE)
    engine = engine_for(config.model, config.engine)
    read = recording.reader(16_000)

    def heard() -> Transcript:
        return transcribe(
            lambda lane, span: read(lanes[lane], span),
            spans,
            engine,
            speakers=[str(lane) for lane in lanes],
            language=config.language,
            progress=lambda done_s, all_s: say("transcribing", _VOICE + (1 - _VOICE) * done_s / all_s),
        )

    return cache.transcript_of(
        cache.opened() if config.cache else None,
        lambda: cache.key_of(recording.sha256, lanes, spans, engine, config.language),
        heard,
    )


def _roles(lanes: Sequence[int], said: Imported, activity: channels.Activity, config: Config, norms: Norms) -> Roles:
    if len(lanes) == 1:
        return Roles({"mixed": lanes[0]}, "default", "one channel carries both sides", 0.0)
    if config.agent is not None:
        return given_roles(config.agent)
    if said.agent is not None:
        return Roles({"agent": said.agent, "customer": 1 - said.agent}, "metadata", "the transcript names them", 1.0)
    first_s = [spans[0].start_s if spans else float("inf") for spans in activity.speech]
    return guess_roles(said.transcript.words, first_s, norms.phrases)


def _call(recording: Recording, roles: Roles, said: Imported) -> Call:
    return Call(
        id=recording.sha256,
        file=os.fsencode(recording.path.name).decode("utf-8", "replace"),
        duration_s=round(recording.duration_s, 3),
        rate_hz=recording.rate_hz,
        channels=recording.channels,
        roles=dict(roles.channel_of),
        roles_from=roles.source,
        roles_why=roles.why,
        language=said.transcript.language,
        transcribed_by="; ".join(filter(None, (said.transcript.engine, said.note))) or None,
    )
