"""A cause that must last before it is a condition, and stay away before the condition is over."""


class Hold:
    """Counts one cause. Time that was not observed counts for the cause and never for its end."""

    def __init__(self, clear_ms):
        self._clear_ms = clear_ms
        self.met = False
        self.held_ms = 0
        self._away_ms = None

    def step(self, cause, elapsed_ms, hold_ms, forgives_ms=0):
        """Take one look: `cause` is True, False or None (cannot tell); return True when it is met.

        An interruption below `forgives_ms` does not start the hold again. `cleared` is then
        asked for a condition that was met.
        """
        self._count_away(cause, elapsed_ms)
        if self.met:
            return False
        if cause is False and self._away_ms >= forgives_ms:
            self.held_ms = 0
            return False
        if self.held_ms:
            self.held_ms = min(self.held_ms + elapsed_ms, 1 << 28)
        elif cause:
            # Of what lay before the first look only its own second is known.
            self.held_ms = min(elapsed_ms, 1000)
        if cause and self.held_ms >= hold_ms:
            self.met = True
            return True
        return False

    def cleared(self):
        """True once, when a condition that was met has stayed away for the clear-hold."""
        if not self.met or self._away_ms is None or self._away_ms < self._clear_ms:
            return False
        self.restart()
        return True

    def restart(self):
        """Count from nothing."""
        self.met = False
        self.held_ms = 0
        self._away_ms = None

    def _count_away(self, cause, elapsed_ms):
        if cause:
            self._away_ms = None
        elif cause is False:
            # The first look may have caught the change in its middle; and what lay between two
            # looks was not seen to be good for longer than the second that a look sees.
            before_ms = self._away_ms
            self._away_ms = 0 if before_ms is None else before_ms + min(elapsed_ms, 1000)
