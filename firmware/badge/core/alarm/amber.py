"""Amber: "I am going in; raise the alarm unless I end this in time"."""


class Amber:
    """How long an amber runs, and when its wearer is to be warned that it ends."""

    def __init__(self, config):
        self.length_s = config.amber_min * 60
        self._warn_ms = config.amber_warn_s * 1000
        self._warned = False

    def begins(self):
        """A new amber, or one that was given its full time again."""
        self._warned = False

    def warns(self, left_ms):
        """True once, when only amber_warn_s are left; what comes after is the alarm's life."""
        if left_ms is None or left_ms > self._warn_ms or self._warned:
            return False
        self._warned = True
        return True
