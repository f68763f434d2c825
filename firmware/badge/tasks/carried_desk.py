"""What goes up for a colleague and what comes back, between their visitor and the link: in RAM."""

from badge.core.codec.carried import TYPE_BROUGHT

# Each answers one call; the newest ones, should they come faster than they are written.
_MOST = 4


class CarriedDesk:
    """`heard()` is called when an answer has come."""

    def __init__(self):
        self._frame = None
        self._brought = []
        self._heard = None

    def open(self, heard):
        """A visit begins: nothing of one before is left."""
        self.close()
        self._heard = heard

    def close(self):
        """It is over: what was not sent is not sent any more, and who answers answers nobody."""
        self._frame = self._heard = None
        self._brought.clear()

    def put(self, frame):
        """Have this go up once the link has nothing of the badge's own to send."""
        self._frame = frame

    def frame(self):
        """What is to go up, once; or None."""
        frame, self._frame = self._frame, None
        return frame

    def takes(self, payload, kind):
        """Whether a message from the receiver, of this type, is one for here."""
        if kind != TYPE_BROUGHT:
            return False
        if self._heard is not None:
            if len(self._brought) >= _MOST:
                self._brought.pop(0)
            self._brought.append(payload)
            self._heard()
        return True

    def brought(self):
        """The next answer, as it came, or None."""
        return self._brought.pop(0) if self._brought else None
