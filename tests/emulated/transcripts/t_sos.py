"""Squeezes with bounce, late news and ticks that wrap."""

from common import Draw, begin, end, turns

from badge.core import ticks
from badge.core.wearer.sos import SqueezeHold

begin()
draw = Draw(9)
hold = SqueezeHold(1500, 30)
now_ms = ticks.PERIOD - 30000
closed = False
for _ in range(turns(60, 150)):
    now_ms = ticks.add(now_ms, (5, 25, 400, 900, 1600)[draw.below(5)] + draw.below(20))
    if draw.below(3):
        closed = not closed
        late_ms = draw.below(500) if draw.below(4) == 0 else 0
        hold.edge(closed, now_ms, ticks.add(now_ms, -late_ms) if late_ms else None)
    print(now_ms, closed, hold.due_ms(now_ms), hold.poll(now_ms))
end()
