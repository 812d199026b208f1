"""Plots of a call and of a turn, as figures of matplotlib (`pip install 'speechcoach[plot]'`).

    from speechcoach.views import plot

    plot.call(result).savefig("call.png")
    plot.turn(result, 3, frames).savefig("turn.pdf")

Figures are made without pyplot: nothing is opened, no global state is touched, and they are freed with the last name
that holds them. Colours can be told apart by the colour-blind, and in grey by shape or pattern (`palette`).
"""

from __future__ import annotations

from speechcoach.views.plot.one_turn import turn
from speechcoach.views.plot.whole_call import call

__all__ = ["call", "turn"]
