"""What of the log is shown on the cable as it happens: nothing that could betray a silent alarm.

Whoever threatens the wearer may plug in a cable. So under `discreet` the lines are for who has
shown the service key, and for a badge without an identity; others get one line, always the same.
"""

from badge.core.portable import const

LOCKED = "The badge runs. What it does is told to who has its service key: nabij log --state."
_WAITING_MAX = const(64)


class LiveLog:
    """Gives lines to `write(line)`; until `decide` they wait, the oldest are dropped."""

    def __init__(self, write):
        self._write = write
        self._waiting = []
        self._is_open = None

    def line(self, text):
        """Take one line of the log."""
        if self._is_open is None:
            if len(self._waiting) >= _WAITING_MAX:
                self._waiting.pop(0)
            self._waiting.append(text)
        elif self._is_open():
            self._write(text)

    def decide(self, is_open):
        """`is_open()`: whether the lines may be shown now; it is asked for each."""
        self._is_open = is_open
        waiting, self._waiting = self._waiting, []
        if not is_open():
            self._write(LOCKED)
            return
        for text in waiting:
            self._write(text)
