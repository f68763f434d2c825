"""Presses of two buttons with bounce, late news and ticks that wrap, under every SOS gesture."""

from common import Draw, begin, end, turns

from badge.core import ticks
from badge.core.wearer import gesture_map
from badge.core.wearer.gestures import SOS_GESTURES, Gestures

begin()
draw = Draw(11)
for sos_gesture in SOS_GESTURES:
    gestures = Gestures(sos_gesture, 1500, 30, 80)
    now_ms = ticks.PERIOD - 20000
    closed = [False, False]
    for _ in range(turns(20, 60)):
        now_ms = ticks.add(now_ms, (5, 40, 150, 650, 1600)[draw.below(5)] + draw.below(20))
        button = draw.below(2)
        edges = 1 + draw.below(3) * draw.below(2)
        late_ms = draw.below(400) if draw.below(4) == 0 else 0
        closed[button] = closed[button] != (edges % 2 == 1)
        earliest_ms = ticks.add(now_ms, -late_ms)
        gestures.edge(button, closed[button], now_ms, earliest_ms, edges)
        found = gestures.poll(now_ms)
        print(now_ms, closed, gestures.due_ms(now_ms), gestures.is_under_way(), found)
        while found is not None:
            context = gesture_map.CONTEXTS[draw.below(6)]
            print(context, gesture_map.meaning(sos_gesture, context, *found))
            found = gestures.poll(now_ms)
end()
