"""What a user can cause, one class a cause. Each carries one sentence: what, why, and the cure.

SpeechcoachError
|-- UsageError           an option or a setting that cannot be meant (exit code 2)
|   |-- SettingsError    a norms, rubric or configuration file with an unknown key or a bad value
|   |-- StoreError       a store that cannot be opened or written, or that is none
|   `-- SourceError      nothing to analyse where a batch was told to look, or a manifest that cannot be meant
|-- RecordingError       a recording that cannot be analysed (exit code 1)
|   |-- MissingRecording     no file of that name, or a folder in its place
|   |-- UnreadableRecording  not audio, or audio in a coding that no decoder here reads
|   |-- EmptyRecording       a file, or a header, with nothing behind it
|   |-- TruncatedRecording   fewer samples than the header promises
|   `-- ChannelCountError    more than two channels and no word on which to take
|-- TranscriptError      a finished transcript that cannot be read, or is not of this call
|-- WeightsError         no speech-recognition weights, or weights that are not what they claim
|-- ResultError          a file that is not a speechcoach result, or one of an unknown version
`-- OutputError          a report that cannot be written
"""


class SpeechcoachError(Exception):
    """Root of everything that a user can cause; its text is shown as it is, without a traceback."""


class UsageError(SpeechcoachError):
    """An option or argument that cannot be meant."""


class SettingsError(UsageError):
    """A settings file with an unknown key or a value out of range; names the valid ones."""


class StoreError(UsageError):
    """A store that cannot be opened, read or written, or a database of something else."""


class SourceError(UsageError):
    """A folder, pattern, address or manifest that names no recordings, or names them wrongly."""


class RecordingError(SpeechcoachError):
    """A recording that cannot be analysed; the others of the same run are not touched by it."""


class MissingRecording(RecordingError):
    """There is no such file, or a folder stands in its place."""


class UnreadableRecording(RecordingError):
    """The file is not audio, or is audio in a coding that no installed decoder reads."""


class EmptyRecording(RecordingError):
    """The file or its audio has no content."""


class TruncatedRecording(RecordingError):
    """The file holds fewer samples than its header promises."""


class ChannelCountError(RecordingError):
    """The file has more than two channels and nothing says which two are the call."""


class TranscriptError(SpeechcoachError):
    """A finished transcript that cannot be read, or that is not of this call."""


class WeightsError(SpeechcoachError):
    """Speech-recognition weights are missing or are not what they claim to be."""


class OutputError(SpeechcoachError):
    """A report cannot be written where it should be."""


class ResultError(SpeechcoachError):
    """The file is not a speechcoach result, or is of a version that this release does not know."""
