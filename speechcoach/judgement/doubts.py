"""What of a call was not judged for a part of it, and what was heard there, in words.

Conventions: times are seconds of the call, levels of a leak dB re the side that leaks.
"""

from __future__ import annotations

from collections.abc import Sequence

from speechcoach.records import Channel, Facts, Leakage, Span


def heard_in(channel: Channel) -> str:
    """Where and how loud the other side is heard in the channel: "heard -14 dB from 120.0 to 180.0 s"."""
    return _heard(channel.leaks)


def unjudged(facts: Facts) -> str:
    """Which seconds no overlap was judged in, and why; "" where all were, or where none was and the call says so."""
    spans = facts.overlaps_unjudged
    if not spans or "overlaps" in facts.unfit:
        return ""
    places = _joined([f"{span.start_s:.1f} to {span.end_s:.1f} s" for span in spans])
    loud = [(channel, _there(channel.leaks, spans)) for channel in facts.channels]
    why = "; ".join(
        f"in channel {channel.channel} the other side is {_heard(leaks)}" for channel, leaks in loud if leaks
    )
    seconds = sum(span.duration_s for span in spans)
    return f"overlaps were not judged from {places}, {seconds:.0f} s in all" + (f": {why}" if why else "")


def _there(leaks: Sequence[Leakage], spans: Sequence[Span]) -> list[Leakage]:
    return [leak for leak in leaks if any(leak.start_s < span.end_s and leak.end_s > span.start_s for span in spans)]


def _heard(leaks: Sequence[Leakage]) -> str:
    return "heard " + _joined(
        [f"{leak.level_db:.0f} dB from {leak.start_s:.1f} to {leak.end_s:.1f} s" for leak in leaks]
    )


def _joined(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
