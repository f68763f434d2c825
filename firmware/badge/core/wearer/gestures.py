"""What the wearer does with the two hidden buttons: a shape for every press, from dated edges.

Presses less than GAP_MS apart are one burst, whichever the button; a burst has exactly one shape,
known once both buttons have rested for GAP_MS. Only the SOS and a press that nobody lets go of
(LEAN) are known earlier. So no press is without a shape, and none has two.
"""

from badge.core import ticks
from badge.core.portable import const
from badge.core.wearer.sos import LATE_CREDIT_MS, SqueezeHold

LEFT = const(0)
RIGHT = const(1)
BUTTON_NAMES = ("left", "right")

# The SOS gesture; TAP, DOUBLE_TAP, TRIPLE_TAP of one button, each below CRISP_MS; PRESS is slower
# than a tap; HOLD lasts HOLD_MS and is let go before LEAN_MS, LEAN is not; SHORT_SQUEEZE has both
# buttons down at once; ROLL is a tap of one button and then of the other, ROLL_HOLD a tap of one
# and then a hold of the other, the first gives them their side; MUDDLE is anything else. STUCK is
# no shape: the button has not been let go.
SHAPES = (
    "SOS",
    "TAP",
    "DOUBLE_TAP",
    "TRIPLE_TAP",
    "PRESS",
    "HOLD",
    "LEAN",
    "SHORT_SQUEEZE",
    "ROLL",
    "ROLL_HOLD",
    "MUDDLE",
)
STUCK = "STUCK"
SOS_GESTURES = ("squeeze", "hold", "double", "triple")

GAP_MS = const(600)
CRISP_MS = const(700)
HOLD_MS = const(2_000)
LEAN_MS = const(5_000)
STUCK_MS = const(60_000)
# Nobody taps faster than this, from one press to the next: what bounces more often is bounce.
_TAP_TAKES_MS = const(200)
# Beyond doubt no finger: a blow that rattles a contact must not be a double tap.
_RATTLE_MS = const(100)
# Less than from one press of the fastest double tap to the next; whatever may be one is left one.
_BOUNCED_MS = const(140)
_COUNT_MASK = const(0xFFFF)
_TAPS = {1: "TAP", 2: "DOUBLE_TAP", 3: "TRIPLE_TAP"}
_TAPS_FOR_SOS = {"double": 2, "triple": 3}


class _Contact:
    """One button: `down_ms` dates its press until a release has lasted for the debounce."""

    def __init__(self):
        self.closed = False
        # The earliest moment of a press that a stall hid, in this burst.
        self.hidden_ms = None
        self.let_go()

    def let_go(self):
        self.down_ms = None
        self.up_ms = None
        # Counted in a burst; spent: its shape is known, and what follows does not change it.
        self.counted = False
        self.spent = False
        self.in_sos = False
        self.stuck = False

    def is_under_way(self):
        return self.down_ms is not None and not self.spent


class Gestures:
    """Feed every edge with `edge`; when `due_ms` is over, `poll` until it returns None.

    A squeeze of both buttons for `hold_ms` is an SOS whatever `sos_gesture` is, and so is the
    gesture itself, from the moment it is complete. `doubt_ms`: see SqueezeHold, which times holds.
    """

    def __init__(self, sos_gesture, hold_ms, debounce_ms, doubt_ms=0):
        self._debounce_ms = debounce_ms
        self._contacts = (_Contact(), _Contact())
        self._each = sos_gesture == "hold"
        holds = 2 if self._each else 1
        self._holds = [SqueezeHold(hold_ms, debounce_ms, doubt_ms) for _ in range(holds)]
        self._taps_for_sos = _TAPS_FOR_SOS.get(sos_gesture, 0)
        self._now_ms = None
        self._found = []
        self._is_burst = False
        self._is_sos = False
        self._is_overlap = False
        self._is_unclear = False
        self._presses = [0, 0]
        self._tried = [False, False]
        self._first = LEFT
        self._longest_ms = 0
        # Of the presses before the one that was let go last.
        self._longest_before_ms = 0
        self._pressed_ms = None
        self._quiet_from_ms = None
        # How often a button was let go in time, from 0 again after a while.
        self.releases = 0
        # For the shape that `poll` returned last, (left, right): the button was pressed for it and
        # let go, or is part of the SOS. One that is stuck or leaned on was not tried.
        self.tried = (False, False)

    def edge(self, button, closed, at_ms, earliest_ms=None, edges=1):
        """Take what was seen of `button` at `at_ms`, and may have happened since `earliest_ms`.

        `edges` is how many the chip has counted since the last look: more than the level tells
        are presses that a stall hid. Doubt is dated in favour of the alarm, as in SqueezeHold.
        """
        closed = bool(closed)
        contact = self._contacts[button]
        earliest_ms = at_ms if earliest_ms is None else earliest_ms
        doubt_ms = max(0, ticks.diff(at_ms, earliest_ms))
        pressed_ms = ticks.add(at_ms, -min(doubt_ms, LATE_CREDIT_MS))
        changed = closed != contact.closed
        released_ms = ticks.add(at_ms, -max(0, doubt_ms - LATE_CREDIT_MS))
        self._advance(released_ms if contact.closed else pressed_ms)
        hidden = self._hidden_presses(contact, changed, edges, doubt_ms, pressed_ms)
        for _ in range(hidden):
            self._count(button, pressed_ms, contact.closed)
        if hidden and not contact.closed:
            self._quiet_from_ms = at_ms
            self._note_length(0)
            self._let_go(button)
            contact.hidden_ms = pressed_ms
        if not changed:
            return
        contact.closed = closed
        self._time_holds(button, closed, at_ms, earliest_ms)
        if not closed:
            contact.up_ms = released_ms
        elif contact.up_ms is not None:
            contact.up_ms = None
        else:
            contact.down_ms = pressed_ms
            # Too soon for a second press: a stall has ended in the bounce of this one.
            contact.counted = self._bounced(contact)

    def found_closed(self, button, at_ms):
        """The button was closed at the first look: nobody knows since when.

        A press that began before a reset may still become the SOS, but nothing else. Doubt raises
        the alarm: it is dated as if a stall had hidden it.
        """
        contact = self._contacts[button]
        contact.closed = True
        contact.down_ms = at_ms
        contact.counted = True
        contact.spent = True
        self._now_ms = at_ms
        self._time_holds(button, True, at_ms, ticks.add(at_ms, -LATE_CREDIT_MS))

    def is_under_way(self):
        """Whether a press or a burst has not got its shape yet; stalls should wait for it."""
        for contact in self._contacts:
            # As is_under_way(): this is asked at every sleep.
            if contact.down_ms is not None and not contact.spent:
                return True
        return self._is_burst and not self._is_sos

    def stuck(self):
        """The names of the buttons that have not been let go for STUCK_MS."""
        return [BUTTON_NAMES[i] for i in (LEFT, RIGHT) if self._contacts[i].stuck]

    def due_ms(self, now_ms):
        """Return the time until `poll` has something to find out; None while nothing is due."""
        if self._found:
            return 0
        following = self._following()
        if following is None:
            return None
        in_ms, _, _ = following
        return max(0, in_ms - ticks.diff(now_ms, self._now_ms))

    def poll(self, now_ms):
        """Return the next (shape, button), or None; of SOS, SHORT_SQUEEZE, MUDDLE no button."""
        self._advance(now_ms)
        for contact in self._contacts:
            if contact.stuck:
                # Ticks wrap: a press of days ago must not become one of the future.
                contact.down_ms = ticks.add(now_ms, -STUCK_MS)
        if not self._found:
            return None
        shape, button, self.tried = self._found.pop(0)
        return shape, button

    def _hidden_presses(self, contact, changed, edges, doubt_ms, since_ms):
        # What is let go after an SOS bounces.
        if doubt_ms < self._debounce_ms or contact.in_sos:
            return 0
        known = 1 if changed else 0
        room = doubt_ms // _TAP_TAKES_MS
        if not contact.closed and not changed:
            room += 1
        elif contact.closed:
            if ticks.diff(since_ms, contact.down_ms) <= self._debounce_ms:
                # The contact may still have been settling when the stall began.
                return 0
            room = doubt_ms // (_TAP_TAKES_MS // 2)
        return max(0, min((edges - known) // 2, room))

    def _bounced(self, contact):
        if contact.hidden_ms is None:
            return False
        return ticks.diff(contact.down_ms, contact.hidden_ms) < _BOUNCED_MS

    def _time_holds(self, button, closed, at_ms, earliest_ms):
        if self._each:
            self._holds[button].edge(closed, at_ms, earliest_ms)
        else:
            both = closed and self._contacts[1 - button].closed
            self._holds[0].edge(both, at_ms, earliest_ms)

    def _advance(self, to_ms):
        if self._now_ms is None:
            self._now_ms = to_ms
        while True:
            following = self._following()
            if following is None:
                break
            in_ms, happens, argument = following
            if in_ms > ticks.diff(to_ms, self._now_ms):
                break
            self._now_ms = ticks.add(self._now_ms, in_ms)
            happens(argument)
        if ticks.diff(to_ms, self._now_ms) > 0:
            self._now_ms = to_ms

    def _following(self):
        """(ms from _now_ms, function, argument) of what happens next when no edge comes."""
        found = None
        for i in range(len(self._holds)):
            due_ms = self._holds[i].due_ms(self._now_ms)
            if due_ms is not None:
                found = self._sooner(found, due_ms, self._hold_over, i)
        for button in (LEFT, RIGHT):
            contact = self._contacts[button]
            if contact.down_ms is not None:
                found = self._following_of(contact, button, found)
        if self._is_burst and not any(contact.is_under_way() for contact in self._contacts):
            # After an SOS the fingers may stay where they are; a stuck button may not hold it up.
            is_held = self._is_sos and any(contact.in_sos for contact in self._contacts)
            due_ms = self._in_ms(self._quiet_from_ms, LEAN_MS if is_held else GAP_MS)
            found = self._sooner(found, due_ms, self._burst_over, None)
        return found

    def _following_of(self, contact, button, found):
        if contact.up_ms is None:
            if not contact.counted:
                due_ms = self._in_ms(contact.down_ms, self._debounce_ms)
                return self._sooner(found, due_ms, self._pressed, button)
            if not contact.spent:
                due_ms = self._in_ms(contact.down_ms, LEAN_MS)
                found = self._sooner(found, due_ms, self._leaned, button)
            if not contact.stuck:
                due_ms = self._in_ms(contact.down_ms, STUCK_MS)
                found = self._sooner(found, due_ms, self._stuck, button)
            return found
        if not contact.counted and self._length_ms(contact) >= self._debounce_ms:
            return self._sooner(found, 0, self._pressed, button)
        due_ms = self._in_ms(contact.up_ms, self._debounce_ms)
        return self._sooner(found, due_ms, self._released, button)

    def _in_ms(self, since_ms, length_ms):
        return max(0, length_ms - ticks.diff(self._now_ms, since_ms))

    def _sooner(self, found, due_ms, happens, argument):
        if found is not None:
            in_ms, _, _ = found
            if in_ms <= due_ms:
                return found
        return due_ms, happens, argument

    def _length_ms(self, contact):
        return ticks.diff(contact.up_ms, contact.down_ms)

    def _hold_over(self, i):
        # The second button of a squeeze that was an SOS completes no other one.
        is_told = self._each and self._contacts[i].in_sos
        if self._holds[i].poll(self._now_ms) and not is_told:
            # Whoever squeezes again means it again, however soon after the last one.
            self._is_sos = False
            self._sos()

    def _pressed(self, button):
        contact = self._contacts[button]
        contact.counted = True
        self._count(button, contact.down_ms, False)

    def _count(self, button, down_ms, is_again):
        if not self._is_burst:
            self._is_burst = True
            self._first = button
        elif ticks.diff(down_ms, self._pressed_ms) < _RATTLE_MS:
            self._is_unclear = True
        self._pressed_ms = down_ms
        self._presses[button] += 1
        self._quiet_from_ms = down_ms
        if self._contacts[1 - button].counted:
            self._is_overlap = True
        if is_again:
            # Two presses that a stall made one: how long each was is not known.
            self._is_unclear = True
        if self._taps_for_sos and self._presses[button] >= self._taps_for_sos:
            self._sos()

    def _released(self, button):
        contact = self._contacts[button]
        if contact.counted and not contact.spent:
            self._note_length(self._length_ms(contact))
            self._quiet_from_ms = contact.up_ms
            self._let_go(button)
        elif contact.in_sos and self._is_sos:
            self._quiet_from_ms = contact.up_ms
        contact.let_go()

    def _note_length(self, length_ms):
        self._longest_before_ms = self._longest_ms
        self._longest_ms = max(self._longest_ms, length_ms)

    def _let_go(self, button):
        self._tried[button] = True
        self.releases = (self.releases + 1) & _COUNT_MASK

    def _sos(self):
        for button in (LEFT, RIGHT):
            if self._contacts[button].is_under_way():
                self._tried[button] = True
        if not self._is_sos:
            self._tell("SOS", None)
        self._is_burst = True
        self._is_sos = True
        self._quiet_from_ms = self._now_ms
        for contact in self._contacts:
            if contact.down_ms is not None:
                contact.counted = True
                contact.spent = True
                contact.in_sos = True

    def _leaned(self, button):
        alone = sum(self._presses) == 1 and not self._is_overlap
        self._longest_ms = LEAN_MS
        if alone and not self._is_sos:
            self._tell("LEAN", button)
            self._end_burst()
        else:
            self._burst_over(None)
        for contact in self._contacts:
            if contact.down_ms is not None:
                contact.counted = True
                contact.spent = True

    def _stuck(self, button):
        self._contacts[button].stuck = True
        self._found.append((STUCK, button, (False, False)))

    def _burst_over(self, _):
        if not self._is_sos:
            self._tell(*self._shape())
        self._end_burst()

    def _tell(self, shape, button):
        self._found.append((shape, button, tuple(self._tried)))

    def _shape(self):
        left, right = self._presses
        crisp = self._longest_ms <= CRISP_MS and not self._is_unclear
        if self._is_overlap:
            return "SHORT_SQUEEZE", None
        if left and right:
            if left + right == 2 and crisp:
                return "ROLL", self._first
            is_held = HOLD_MS <= self._longest_ms < LEAN_MS and not self._is_unclear
            if left + right == 2 and is_held and self._longest_before_ms <= CRISP_MS:
                return "ROLL_HOLD", self._first
            return "MUDDLE", None
        presses = left + right
        if crisp and presses in _TAPS:
            return _TAPS[presses], self._first
        if presses == 1:
            return ("HOLD" if self._longest_ms >= HOLD_MS else "PRESS"), self._first
        return "MUDDLE", None

    def _end_burst(self):
        self._is_burst = False
        self._is_sos = False
        self._is_overlap = False
        self._is_unclear = False
        self._presses = [0, 0]
        self._tried = [False, False]
        self._first = LEFT
        self._longest_ms = 0
        self._longest_before_ms = 0
        for contact in self._contacts:
            contact.hidden_ms = None
