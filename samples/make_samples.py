"""Make the sample calls and their truth files from the scripts beside this file."""

from pathlib import Path

import click
from maker.mixing import mix, write_recording
from maker.problems import SampleError
from maker.script import read_script
from maker.timeline import perform
from maker.truth import describe, write_truth

HERE = Path(__file__).parent
SCRIPTS = {path.stem: path for path in sorted((HERE / "scripts").glob("*.toml"))}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(SCRIPTS)), metavar="[NAME]...")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=HERE,
    help="Folder for the recordings; the samples folder by default.",
)
def main(names: tuple[str, ...], out: Path) -> None:
    """Make the calls NAME... (all by default): for each a NAME.wav and a NAME.truth.json."""
    out.mkdir(parents=True, exist_ok=True)
    for name in names or SCRIPTS:
        try:
            seconds = make(name, out)
        except SampleError as error:
            raise click.ClickException(f"{name}: {error}") from None
        click.echo(f"{out / name}.wav  {seconds:.1f} s")


def make(name: str, out: Path) -> float:
    """Make one call; return its length in seconds."""
    call = read_script(SCRIPTS[name])
    turns = perform(call)
    recording = mix(call, turns)
    truth = describe(call, turns, recording)
    write_recording(out / f"{name}.wav", recording)
    write_truth(out / f"{name}.truth.json", truth)
    return truth["duration_s"]


if __name__ == "__main__":
    main()
