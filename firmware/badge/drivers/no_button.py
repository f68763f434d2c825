"""A button that the board has not got."""


class NoButton:
    """In the place of a button that the board has not got: never pressed."""

    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, active_level):
        self._level = 1 - active_level

    def value(self):
        """Open."""
        return self._level

    def irq(self, handler, trigger):
        """It has none."""
