"""The two hidden buttons: edges in, meanings out. Nothing else may delay this task."""

from collections import namedtuple
from time import ticks_diff, ticks_ms

from badge.core.portable import const
from badge.core.wearer import gesture_map
from badge.core.wearer.gestures import BUTTON_NAMES, LEFT, RIGHT, STUCK
from badge.tasks.bell import IrqBell

# The chip drops interrupts when its queue of 8 is full, so the levels are read again anyway.
_IDLE_POLL_MS = const(250)
_COUNT_MASK = const(0xFFFF)

# The two pins, left and right, and the level that they have while pressed. key: the PmuKey among
# them, at the left, or None.
Buttons = namedtuple("Buttons", ("pins", "active_level", "key"))
# context(now_ms): what a gesture is about. on_meaning(meaning, now_ms): once a burst.
# on_release(now_ms): at once when a button is let go. on_tried((left, right)): those that a shape
# shows to work.
Hearers = namedtuple("Hearers", ("context", "on_meaning", "on_release", "on_tried"))


class ButtonsTask:
    """Feeds the recogniser with dated edges and tells `hearers` what comes of them."""

    def __init__(self, buttons, gestures, sos_gesture, hearers, gate, log):
        self._pins = buttons.pins
        self._active_level = buttons.active_level
        self._key = buttons.key
        self._gestures = gestures
        self._sos_gesture = sos_gesture
        self._hearers = hearers
        self._gate = gate
        self._log = log
        # An edge is seen and dated although the task may be dead.
        self._edge_seen = IrqBell(lambda: self.look(ticks_ms()))
        # Counted, because two edges that one stall hides leave the level as it was.
        self._counts = [0, 0]
        self._seen = [0, 0]
        self._closed = [False, False]
        self._was_under_way = False
        self._releases = 0
        self._began_in = None
        now_ms = ticks_ms()
        self._last_look_ms = now_ms
        for button in (LEFT, RIGHT):
            if self._is_closed(button):
                self._closed[button] = True
                gestures.found_closed(button, now_ms)

    def fault(self):
        """The reason that a stuck or dead button is to protection; "" when all work."""
        is_dead = self._key is not None and self._key.is_dead()
        return "button" if is_dead or self._gestures.stuck() else ""

    def is_held(self):
        """Whether one is closed now."""
        self.look(ticks_ms())
        return any(self._closed)

    def is_pressed(self):
        """Whether a press or its pause is under way, so that its meaning is still to come."""
        return self._gestures.is_under_way()

    async def run(self, feed):
        """Watch the buttons for ever."""
        left, right = self._pins
        left.irq(self._on_left, left.IRQ_RISING | left.IRQ_FALLING)
        right.irq(self._on_right, right.IRQ_RISING | right.IRQ_FALLING)
        self.look(ticks_ms())
        while True:
            feed()
            due_ms = self._gestures.due_ms(ticks_ms())
            # Whoever ends a sleep looks too (the gate's `look`): no wake-up for this look alone.
            idle_ms = _IDLE_POLL_MS - ticks_diff(ticks_ms(), self._last_look_ms)
            wait_ms = idle_ms if due_ms is None else min(due_ms, idle_ms)
            is_rung = await self._edge_seen.wait_ms(max(wait_ms, 1))
            now_ms = ticks_ms()
            is_old = ticks_diff(now_ms, self._last_look_ms) >= _IDLE_POLL_MS
            if is_rung or is_old or self._gestures.due_ms(now_ms) is not None:
                self.look(now_ms)

    def look(self, now_ms):
        """Read both levels once, date their edges, and carry out what is complete."""
        gestures = self._gestures
        earliest_ms = self._earliest_ms(now_ms)
        for button in (LEFT, RIGHT):
            self._look_at(button, now_ms, earliest_ms)
        self._last_look_ms = now_ms
        if not self._was_under_way and gestures.is_under_way():
            self._began_in = self._hearers.context(now_ms)
        found = gestures.poll(now_ms)
        while found is not None:
            shape, button = found
            self._tell(shape, button, now_ms)
            found = gestures.poll(now_ms)
        if gestures.releases != self._releases:
            self._releases = gestures.releases
            self._hearers.on_release(now_ms)
        self._was_under_way = gestures.is_under_way()

    def _look_at(self, button, now_ms, earliest_ms):
        if self._key is not None and button == LEFT:
            # An interrupt of its chip is no edge of the key.
            edges = self._key.edges()
        else:
            count = self._counts[button]
            edges = (count - self._seen[button]) & _COUNT_MASK
            self._seen[button] = count
        closed = self._pins[button].value() == self._active_level
        if edges or closed != self._closed[button]:
            self._closed[button] = closed
            self._gestures.edge(button, closed, now_ms, earliest_ms, edges)
            # Seen by somebody else's look, as after a sleep: what is due now is due sooner than
            # the task waits for.
            self._edge_seen.set()

    def _tell(self, shape, button, now_ms):
        if shape == STUCK:
            self._log.event("button.stuck", button=BUTTON_NAMES[button])
            return
        context = self._hearers.context(now_ms)
        means = gesture_map.meaning(self._sos_gesture, context, shape, button, self._began_in)
        tried = self._gestures.tried
        if means == gesture_map.SOS:
            self._hearers.on_meaning(means, now_ms)
            self._gate.squeeze_served()
            self._hearers.on_tried(tried)
        else:
            # First what was tried, which the answer may be about.
            if not self._tells_sides_apart(context, shape):
                self._hearers.on_tried(tried)
            self._hearers.on_meaning(means, now_ms)
        # Neither the side nor the meaning, which would give away a cancel under duress.
        self._log.event("gesture", shape=shape, means=gesture_map.LOOKS_LIKE.get(means, means))

    def _tells_sides_apart(self, context, shape):
        # What the badge asks for later must not show which button it was.
        return any(
            gesture_map.tells_sides_apart(self._sos_gesture, one, shape)
            for one in (context, self._began_in or context)
        )

    def _is_closed(self, button):
        return self._pins[button].value() == self._active_level

    def _earliest_ms(self, now_ms):
        earliest_ms = self._gate.earliest_edge_ms(now_ms)
        if ticks_diff(earliest_ms, self._last_look_ms) < 0:
            return self._last_look_ms
        return earliest_ms

    def _on_left(self, _pin):
        self._counts[LEFT] = (self._counts[LEFT] + 1) & _COUNT_MASK
        self._edge_seen.set()

    def _on_right(self, _pin):
        self._counts[RIGHT] = (self._counts[RIGHT] + 1) & _COUNT_MASK
        self._edge_seen.set()
