"""What the benchmark of many calls found, as text for its page; the figures are those of `batch.json`."""

from __future__ import annotations

import statistics

import tables


def page(found: dict) -> str:
    said = {"speed": _speed_text, "resume": _resume_text, "again": _again_text, "growth": _growth_text}
    said |= {"long": _long_text, "equal": _equal_text}
    return "\n\n".join(text(found[part]) for part, text in said.items() if part in found)


def _speed_text(own: dict) -> str:
    middle = {name: statistics.median(own[name]) for name in ("bare", "1", "2")}
    names = {"bare": "bare analysis in one loop", "1": "batch, 1 process", "2": "batch, 2 processes"}
    rows = [
        [name, f"{took:.1f}", f"{own['calls'] * 3600 / took:,.0f}", f"{own['hours'] * 3600 / took:.0f} x"]
        for name, took in ((names[key], middle[key]) for key in names)
    ]
    scaling = [one / two for one, two in zip(own["1"], own["2"], strict=True)]
    over = [one / bare - 1 for one, bare in zip(own["1"], own["bare"], strict=True)]
    spread = [f"{min(values):.2f} to {max(values):.2f}" for values in (scaling, over)]
    cpu = {name: statistics.median(own[f"{name} cpu"]) for name in ("bare", "1")}
    return (
        f"{own['calls']} made calls of a minute, by voice alone; medians of {len(own['bare'])} rounds, load before "
        f"them {own['load']:.1f} on {own['cpus']} processors.\n\n"
        + tables.table(["way", "seconds", "calls an hour", "times real time"], rows)
        + f"\n\nTwo processes are **{statistics.median(scaling):.2f}** times as fast as one ({spread[0]}; goal 1.8). "
        f"The batch takes **{statistics.median(over):+.1%}** beside bare analysis ({spread[1]} as a share; goal 5 %): "
        "the start of its second process, the store, the pipes; of processor time, which a busy machine disturbs less, "
        f"**{cpu['1'] / cpu['bare'] - 1:+.1%}**."
    )


def _resume_text(own: dict) -> str:
    return (
        f"Started again on {own['calls']:,} finished calls (small files in one folder; store, names, sizes and stamps "
        f"as after a real batch; no file is opened): **{statistics.median(own['seconds']):.1f} s**, the program's "
        "start included."
    )


def _again_text(own: dict) -> str:
    total = own["read"] + own["judge"] + own["write"]
    shares = ", ".join(f"{stage} {own[stage] / total:.0%}" for stage in ("read", "judge", "write"))
    return (
        f"Judging {own['calls']:,} stored calls again ({own['words']:.0f} words each, one process, no audio): "
        f"**{own['calls'] / total:.0f} calls a second** of processor time ({shares}), {own['calls'] / own['wall']:.0f} "
        f"on the clock; 10,000 take {10_000 * total / own['calls']:.0f} s (goal 60)."
    )


def _growth_text(own: dict) -> str:
    peaks = ", ".join(f"{peak:.0f}" for peak in own["peaks"])
    return f"Peak memory of one worker after each pass over {own['calls']} calls of a minute: {peaks} MiB."


def _long_text(own: dict) -> str:
    rows = [
        [f"{hours} h", f"{row['before']:.0f}", f"{row['peak']:.0f}", f"{row['cpu_s']:.0f}"]
        for hours, row in own.items()
    ]
    return "One recording with two sides, by voice alone, the whole way (goal: 10 h in 1024 MiB):\n\n" + tables.table(
        ["length", "MiB before", "peak MiB", "processor seconds"], rows
    )


def _equal_text(own: dict) -> str:
    ways = own["ways"]
    names = list(next(iter(ways.values()))["rows"])
    rows = [
        [way, "yes" if held["killed"] else "no", f"{held['seconds']:.0f}", held["failed"]]
        + [f"{held['rows'][name]:,} `{held['prints'][name]}`" for name in names]
        for way, held in ways.items()
    ]
    same = all(held["prints"] == next(iter(ways.values()))["prints"] for held in ways.values())
    return (
        f"{own['calls']:,} made calls of {own['call_s']:g} s through three ways, a worker killed (SIGKILL) when half "
        f"of them were kept; rows and a fingerprint of each table without `analysed_at` and `uri`: "
        f"**{'all equal' if same else 'NOT EQUAL'}**.\n\n"
        + tables.table(["way", "killed", "seconds", "failed", *names], rows)
    )
