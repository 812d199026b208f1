"""WebVTT: what was said as captions, each in the voice of who says it.

    00:00:01.000 --> 00:00:03.500
    <v Agent>Good morning, how can I help?</v>

A turn that was heard without a transcript reads "(speech)". "&", "<" and ">" are escaped, so text is never a tag.

Source: W3C, "WebVTT: The Web Video Text Tracks Format", sections 4.1 and 4.2.2. Written by webvtt-py.
"""

from __future__ import annotations

from html import escape

from speechcoach.records import Result
from speechcoach.views.formats.captions import captions
from speechcoach.views.formats.libraries import library


def render(result: Result) -> str:
    """The captions as text; times to a millisecond."""
    webvtt = library("webvtt")
    document = webvtt.WebVTT()
    for caption in captions(result):
        text = f"<v {caption.name}>{escape(caption.text, quote=False)}</v>"
        document.captions.append(webvtt.Caption(_stamp(caption.start_ms), _stamp(caption.end_ms), text))
    return f"{document.content.rstrip()}\n"


def _stamp(time_ms: int) -> str:
    seconds, rest = divmod(time_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
