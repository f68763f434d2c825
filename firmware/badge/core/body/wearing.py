"""Whether somebody wears the badge, as far as its motion can tell.

Stillness alone cannot: after one recorded fall in seven the badge of a person on the floor lay as
flat and as still as on a table (docs/man_down.md). So only a badge that was put down softly, or
that hung in a hand before the blow, is taken for one on a table, and one that was turned over just
before for one on a hook.
"""

from badge.core.detector import second
from badge.core.portable import const

UNSEEN, WORN, NOT_WORN = range(3)
NAMES = ("unseen", "worn", "not_worn")

# The chip's own noise stays below it; a chest that breathes, or only its heartbeat, does not.
_LIFE_MG = const(4)
# A knock against the table takes away some of the evidence, not all of it.
_KNOCK_S = const(10)
_SETTLED_S = const(10)
_FLAT_DEG = const(8)
_WORN_S = const(3)
# A badge that lies flat so soon after a blow landed there with it: a fall, or it was thrown.
_LANDING_S = const(3)
_LANDED_FLAT_S = const(2)
# Who lay for longer before a blow was in bed; a badge that is taken off is put down sooner.
_LAY_S = const(5)
# Turned away from upright for this long, so shortly before it hung still: off a neck, on a hook.
_TURNED_S = const(8)
_SWINGS_S = const(30)
# Seconds of movement, not lying, after which the wearer is up again. Not of posture alone: a
# badge that hangs askew may be near upright when its wearer lies.
_UP_S = const(10)
_LONG_S = const(1000)


class Wearing:
    """Fed with each second and with what became of each impact."""

    def __init__(self, rest_mg, impact_q):
        self.state = UNSEEN
        self._rest_mg = rest_mg
        self._impact_q = impact_q
        self._moving_s = 0
        self._still_s = 0
        self._since_blow_s = _LONG_S
        self._landed = False
        self._was_in_hand = None
        self._lay_before = False
        self._down_s = 0
        self._last_down_s = 0
        self._since_down_s = _LONG_S
        self._up_s = 0
        self._flat_s = 0
        self._hung_up = False

    def second(self, now, is_down, is_shaken):
        """Take a Second; True when the badge is worn from here on.

        `is_down`: lying (True), upright (False) or not known; `is_shaken`: the motor ran.
        """
        if is_shaken:
            return False
        self._count_turns(is_down)
        self._flat_s = min(self._flat_s + 1, _LONG_S) if _is_flat(now) else 0
        self._count_blow(now, is_down)
        self._count_stillness(now.moved_mg, is_down)
        if now.moved_mg >= self._rest_mg:
            self._moving_s = min(self._moving_s + 1, _WORN_S)
        elif self._moving_s:
            self._moving_s -= 1
        if self.state == WORN or self._moving_s < _WORN_S:
            return False
        self.state = WORN
        return True

    def impact_judged(self, was_in_hand, is_fall):
        """An impact was judged: say whether the badge hung in a hand before it."""
        if is_fall:
            self._land()
        if self._landed and (self._was_in_hand is None or not was_in_hand):
            # Of several the first counts for a table: who lies there looks turned away too.
            self._was_in_hand = was_in_hand and not self._lay_before

    def hurt(self):
        """An alarm was raised for who wears this: no table before the wearer is up again."""
        self._land()
        self._was_in_hand = False

    def forget_blow(self):
        """The shift is over: whoever begins another is well."""
        self._landed = False

    def was_in_hand(self):
        """True when the badge was in a hand before the blow that was judged."""
        return self._was_in_hand is True

    def lies_as_on_table(self, settled_s=_SETTLED_S):
        """True when nothing speaks for a wearer, and the way it got there for a table."""
        return (
            self._still_s >= settled_s
            and (self._flat_s > 0 or self._hung_up)
            and (not self._landed or self.was_in_hand())
        )

    def put_down(self):
        """The badge is on a table: nobody wears it until it moves again."""
        self.state = NOT_WORN
        self._moving_s = 0

    def recall(self, *, was_worn, is_new_use):
        """At a start; True when it was worn when power went, so that its wearer may lie there.

        `is_new_use`: a shift begins, in place of going on with the one before a reset. `was_worn`
        is None when flash does not say.
        """
        if was_worn or (was_worn is None and not is_new_use):
            # Nobody switches it off at work, and a blow may reset it.
            self.assume_worn()
            self.hurt()
        elif not is_new_use:
            self.assume_worn()
        return is_new_use and self.state == WORN

    def assume_worn(self):
        """After a reset in the middle of a shift a wearer may be lying there already."""
        if self.state == UNSEEN:
            self.state = WORN

    def _count_blow(self, now, is_down):
        self._since_blow_s = min(self._since_blow_s + 1, _LONG_S)
        if now.peak_q >= self._impact_q:
            self._since_blow_s = 0
            if not self._landed:
                self._lay_before = self._down_s > _LAY_S
        if 0 < self._flat_s <= _LANDED_FLAT_S and self._since_blow_s <= _LANDING_S:
            self._land()
        if is_down:
            self._up_s = 0
        elif now.moved_mg >= self._rest_mg:
            self._up_s += 1
            if self._up_s >= _UP_S:
                self._landed = False

    def _land(self):
        self._up_s = 0
        if not self._landed:
            self._landed = True
            self._was_in_hand = None

    def _count_turns(self, is_down):
        if is_down:
            self._down_s = min(self._down_s + 1, _LONG_S)
            self._last_down_s = self._down_s
            self._since_down_s = 0
        else:
            self._down_s = 0
            self._since_down_s = min(self._since_down_s + 1, _LONG_S)

    def _count_stillness(self, moved_mg, is_down):
        if moved_mg >= self._rest_mg:
            self._still_s = 0
        elif moved_mg >= _LIFE_MG:
            self._still_s = max(0, self._still_s - _KNOCK_S)
        else:
            if self._still_s == 0:
                turned = 0 < self._last_down_s <= _TURNED_S and self._since_down_s <= _SWINGS_S
                self._hung_up = turned and is_down is False
            self._still_s = min(self._still_s + 1, _LONG_S)


def _is_flat(now):
    # The chip is soldered flat onto a flat badge, so its z axis is that of the badge's face.
    up = second.angle_deg(now.x, now.y, now.z, 0, 0, 500)
    return up <= _FLAT_DEG or up >= 180 - _FLAT_DEG
