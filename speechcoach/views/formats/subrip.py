"""SRT (SubRip): what was said as subtitles that every player reads, "Agent: Good morning".

The format has no standard and no escaping; players agree on numbered blocks, and on times with a comma. A turn that
was heard without a transcript reads "(speech)". Written by srt.
"""

from __future__ import annotations

from datetime import timedelta

from speechcoach.records import Result
from speechcoach.views.formats.captions import captions
from speechcoach.views.formats.libraries import library


def render(result: Result) -> str:
    """The subtitles as text; times to a millisecond."""
    srt = library("srt")
    subtitles = [
        srt.Subtitle(
            number,
            timedelta(milliseconds=caption.start_ms),
            timedelta(milliseconds=caption.end_ms),
            f"{caption.name}: {caption.text}",
        )
        for number, caption in enumerate(captions(result), 1)
    ]
    return str(srt.compose(subtitles, reindex=False))
