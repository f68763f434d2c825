"""The one key of a board where it hangs on the power chip, whose interrupt tells of its edges."""

from badge.drivers.axp2101 import IRQ_KEY_DOWN, IRQ_KEY_LONG, IRQ_KEY_UP
from badge.drivers.chip_errors import PmuError


class PmuKey:
    """In the place of a button's pin: `value()` is 1 while it is held.

    The chip has no register for the level, so it follows from the edges. Where two of a kind fell
    into one, the doubt is in favour of a press: one that is held for a second is told once more.
    """

    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, pmu, line):
        self._pmu = pmu
        self._line = line
        self._is_down = False
        self.edges()

    def value(self):
        """Whether it is held, as of the last look at its edges."""
        return int(self._is_down)

    def irq(self, handler, trigger):
        """`handler(pin)` when the chip has news; which is seen when edges() asks for them."""
        self._line.irq(handler, self._line.IRQ_FALLING)

    def is_dead(self):
        """Whether nobody would hear of it."""
        return self._pmu.fails

    def edges(self):
        """How many there were since the last call, in which the level may have changed."""
        # The chip holds it low until it has been asked.
        if self._line.value() == 0:
            try:
                self._pmu.take_irq()
            except PmuError:
                # It is asked again at the next look, and by its task.
                return 0
        return self._follow(self._pmu.take_key())

    def _follow(self, bits):
        was_down = self._is_down
        pressed, let_go = bits & IRQ_KEY_DOWN, bits & IRQ_KEY_UP
        if pressed and let_go:
            # Down and up again, or up and down.
            return 2
        if pressed or (bits & IRQ_KEY_LONG and not let_go):
            self._is_down = True
            return 2 if was_down and pressed else int(not was_down)
        if let_go:
            self._is_down = False
            return 1 if was_down else 2
        return 0
