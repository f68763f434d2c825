"""On which SIM and to which number a test by SMS was passed: any other has to pass its own."""

from badge.storage import files


class SmsFile:
    """(number of the SIM, UTC in seconds or None, receiver's number) in a small file.

    OSError when flash fails.
    """

    def __init__(self, path):
        self._path = path

    def load(self):
        """What was stored last; None when nothing was, or nothing that can be read."""
        try:
            card, at, to = (files.read(self._path) or b"").decode().split(" ")
            passed_s = int(at)
        except ValueError:
            return None
        return (card, passed_s or None, to) if card.isdigit() else None

    def store(self, card, passed_s, to):
        """Durable when this returns."""
        files.replace(self._path, ("%s %d %s" % (card, passed_s or 0, to)).encode())

    def forget(self):
        """The test was not passed again."""
        files.remove(self._path)
