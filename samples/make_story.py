"""Put together the forty calls of the story from its bank of phrases: a WAV and a truth file each, and a manifest."""

import csv
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from maker.bank import Bank, read_bank
from maker.mixing import mix, write_recording
from maker.plot import script_of
from maker.problems import SampleError
from maker.story import Scene, read_story
from maker.timeline import perform
from maker.truth import describe, write_truth

STORY = Path(__file__).parent / "story"
COLUMNS = ("file", "agent", "team", "queue", "recorded_at", "language")


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the recordings, their truth files and manifest.csv.",
)
def main(out: Path) -> None:
    """Make the story's calls: two agents, eight weeks."""
    try:
        seconds = make(out)
    except SampleError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{out}: {len(seconds)} calls, {sum(seconds) / 60:.0f} minutes, manifest.csv")


def make(out: Path) -> list[float]:
    """Make all calls and the manifest; return the calls' lengths in seconds."""
    out.mkdir(parents=True, exist_ok=True)
    scenes, bank = read_story(STORY), read_bank(STORY)
    seconds = [make_call(scene, bank, out) for scene in scenes]
    write_manifest(out / "manifest.csv", scenes)
    return seconds


def make_call(scene: Scene, bank: Bank, out: Path) -> float:
    """Make one call; return its length in seconds."""
    call = script_of(scene)
    turns = perform(call, bank.say)
    recording = mix(call, turns)
    truth = describe(call, turns, recording)
    del truth["f0"]  # the voices' own, which nobody imposed
    write_recording(out / f"{scene.name}.wav", recording)
    write_truth(out / f"{scene.name}.truth.json", {**truth, "story": told(scene)})
    return truth["duration_s"]


def told(scene: Scene) -> dict[str, Any]:
    """What the story says of a call."""
    return {**row(scene), "customer": scene.customer.id, "plan": asdict(scene.plan)}


def row(scene: Scene) -> dict[str, str]:
    """A call's line of the manifest."""
    when = f"{scene.recorded_at.isoformat()}Z"
    values = (f"{scene.name}.wav", scene.agent.name.title(), scene.team, scene.customer.queue, when, scene.language)
    return dict(zip(COLUMNS, values, strict=True))


def write_manifest(path: Path, scenes: list[Scene]) -> None:
    """Write the manifest that `speechcoach batch --manifest` reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(map(row, scenes))


if __name__ == "__main__":
    main()
