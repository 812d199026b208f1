"""What can go wrong for someone who remakes the samples, said in one sentence each."""

import importlib
from types import ModuleType


class SampleError(Exception):
    """A script, or this installation, cannot make the call; the message says what to change."""


def import_voice(module: str) -> ModuleType:
    """Import an optional voice package.

    Raises
    ------
    SampleError
        where it is missing, with the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = error.name or module
        raise SampleError(f"the sample voices need {missing!r}: run  pip install 'speechcoach[samples]'") from error
